"""Translations (French, English) and the one formatter of numbers, units and dates."""

from evalkit.text.messages import LANGUAGES, Message, Renderable, msg, nmsg, translate
from evalkit.text.numbers import NO_VALUE, Day, Interval, Quantity, date, interval, number, period, quantity
from evalkit.text.units import UNITS, Unit, change_unit

__all__ = [
    "LANGUAGES",
    "NO_VALUE",
    "UNITS",
    "Day",
    "Interval",
    "Message",
    "Quantity",
    "Renderable",
    "Unit",
    "change_unit",
    "date",
    "interval",
    "msg",
    "nmsg",
    "number",
    "period",
    "quantity",
    "translate",
]

"""The Jinja environment of pages: everything is escaped, an unknown name is an error, texts are translated, numbers formatted."""

from __future__ import annotations

import datetime
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, pass_context
from markupsafe import Markup, escape

from evalkit.report import labels
from evalkit.text import UNITS, Message, Quantity, Renderable, date, quantity

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

    from evalkit.model.figure import DataTable
    from evalkit.report.theme import PageTheme

TEMPLATES = Path(__file__).parent / "nbconvert"
TEMPLATE_NAME = "evalkit"
_ENDS = ".!?…:;"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_])")

CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'"
"""What a page may load: the style sheets and scripts beside it, nothing else; nothing inline is ever run."""


def prepare(environment: Environment) -> Environment:
    """Set up an environment for the pages of evalkit."""
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        _=_translate, _n=_count, say=_say, csp=CSP, labels=labels, language_names=labels.LANGUAGE_NAMES
    )
    environment.globals.update(lead=lead, number_class=_number_class, unit_name=_unit_name, fragment=_fragment)
    environment.filters.update(sentence=sentence, quantity=_quantity, day=_day, fold=fold)
    return environment


def fold(text: str) -> str:
    """Return a text for searching and sorting: lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital first, a full stop last."""
    shown = text.strip()
    return shown if not shown else shown[0].upper() + shown[1:] + ("" if shown[-1] in _ENDS else ".")


def lead(headline: str, text: str) -> Markup:
    """Return a message with its short form in bold: the headline that begins it or stands before it, else its first sentence."""
    if headline and text.startswith(headline) and len(text) > len(headline):
        return Markup("<b>{}</b>{}").format(headline, sentence("x" + text[len(headline) :])[1:])
    if headline and headline != text:
        return Markup("<b>{}</b> {}").format(sentence(headline), sentence(text))
    first, *rest = _SENTENCE_END.split(sentence(text), maxsplit=1)
    return Markup("<b>{}</b> {}").format(first, rest[0]) if rest else escape(first)


@pass_context
def _translate(context: Context, text: str, **values: Any) -> str:
    return Message(text, values).render(context["lang"])


@pass_context
def _count(context: Context, one: str, many: str, n: float, **values: Any) -> str:
    return Message(one, {"n": Quantity(n), **values}, many, n).render(context["lang"])


@pass_context
def _say(context: Context, value: Any) -> str:
    return value.render(context["lang"]) if isinstance(value, Renderable) else str(value)


@pass_context
def _quantity(context: Context, value: float, unit: str, decimals: int | None = None) -> str:
    return quantity(value, unit, context["lang"], decimals)


@pass_context
def _day(context: Context, value: str | datetime.date) -> str:
    day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
    return date(day, context["lang"])


@pass_context
def _unit_name(context: Context, unit: str) -> str:
    return UNITS[unit].name[context["lang"]] if unit in UNITS else unit


def _fragment(theme: PageTheme, text: str, assets: str) -> Markup:
    """Return a header or a footer of a theme, which was checked when the theme was read."""
    return Markup(theme.filled(text, assets))  # noqa: S704


def _number_class(table: DataTable, column: int) -> Markup:
    numeric = column < len(table.numeric) and table.numeric[column]
    return Markup(' class="num"') if numeric else Markup("")

"""A message waits for the reader's language, and renders its values in it."""

from __future__ import annotations

import datetime
import pickle

import pytest

from evalkit.text import Day, Message, Quantity, Renderable, msg, nmsg, translate
from evalkit.text.messages import is_plural


def test_a_message_renders_its_values_in_the_same_language():
    message = Message(
        "{label}: {value} in {period}", {"label": "x", "value": Quantity(57.84, "percent"), "period": "2020"}
    )
    assert message.render("en") == "x: 57.8% in 2020"
    assert message.render("fr") == "x\u00a0: 57,8\u00a0% en 2020"
    assert str(message) == "x: 57.8% in 2020"


def test_a_message_can_hold_another():
    inner = msg("{day}", day=Day(datetime.date(2026, 3, 1)))
    assert msg("{text}", text=inner).render("fr") == "1er\u00a0mars 2026"
    assert isinstance(inner, Renderable)


def test_a_list_is_joined():
    assert msg("{names}", names=["a", Quantity(1.5, "percent")]).render("fr") == "a, 1,5\u00a0%"


def test_a_text_without_a_translation_stays_english():
    assert translate("no such text in any catalogue", "fr") == "no such text in any catalogue"


@pytest.mark.parametrize(
    ("n", "french", "english"), [(0, False, True), (1, False, False), (1.5, False, True), (2, True, True)]
)
def test_plurals_follow_each_language(n, french, english):
    assert is_plural(n, "fr") is french
    assert is_plural(n, "en") is english


def test_a_count_chooses_its_form():
    def say(n, lang):
        return Message("{n} problem to solve", {"n": Quantity(n)}, "{n} problems to solve", n).render(lang)

    assert [say(n, "fr") for n in (0, 1, 2)] == [
        "0 problème à résoudre",
        "1 problème à résoudre",
        "2 problèmes à résoudre",
    ]
    assert [say(n, "en") for n in (0, 1, 2)] == ["0 problems to solve", "1 problem to solve", "2 problems to solve"]


def test_a_count_is_formatted():
    assert nmsg("{n} x", "{n} xs", 12345).render("fr") == "12\u202f345 xs"


def test_a_value_that_is_lacking_is_an_error():
    with pytest.raises(KeyError):
        msg("{here}").render("en")


def test_a_message_travels_between_processes():
    message = msg("{value}", value=Quantity(1.0, "percent"))
    assert pickle.loads(pickle.dumps(message)) == message  # noqa: S301 - our own bytes

"""Every text for readers has its French, with the same values in it and French typography."""

from __future__ import annotations

import re
from collections import defaultdict

import message_sources
import pytest

from evalkit.text import Message

EVERY = message_sources.scan().sources
SOURCES = tuple(source for source in EVERY if message_sources.needs_french(source.text))
FRENCH = tuple(message_sources.french())
KNOWN = {entry.text: entry for entry in FRENCH}
ROOMS = sorted({source.room for source in SOURCES})


def test_the_search_finds_texts_of_code_and_of_pages():
    texts = {source.text for source in SOURCES}
    assert len(texts) > 500
    assert any(source.place.partition(":")[0].endswith(".j2") for source in SOURCES)
    assert {"batch", "catalogue", "charts", "cli", "data", "notebook", "plan", "report", "runs", "stats"} <= set(ROOMS)


def test_every_text_is_written_out_where_it_is_used():
    assert message_sources.scan().not_literal == ()


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_its_french(room):
    missing = sorted({(s.place, s.text) for s in SOURCES if s.room == room and s.text not in KNOWN})
    assert missing == [], f"{len(missing)} texts of the room {room} have no French"


def test_no_french_is_left_over():
    used = {source.text for source in EVERY}
    assert sorted((entry.file, entry.text) for entry in FRENCH if entry.text not in used) == []
    assert [name for name, catalogue in message_sources.catalogues().items() if catalogue.obsolete] == []


def test_the_french_holds_the_same_values():
    wrong = [
        (entry.file, form)
        for entry in FRENCH
        for source, form in zip((entry.text, entry.plural or entry.text), entry.forms, strict=False)
        if message_sources.placeholders(form) != message_sources.placeholders(source)
    ]
    assert wrong == []


def test_no_french_is_empty_or_unsure():
    assert [(entry.file, entry.text) for entry in FRENCH if entry.fuzzy or not all(map(str.strip, entry.forms))] == []


def test_a_text_with_a_plural_has_two_french_forms():
    plurals = {source.text: source.plural for source in SOURCES if source.plural is not None}
    assert [entry.text for entry in FRENCH if entry.plural != plurals.get(entry.text)] == []
    assert [entry.text for entry in FRENCH if len(entry.forms) != (1 if entry.plural is None else 2)] == []


def test_a_text_is_said_in_one_way_only():
    said = defaultdict(set)
    for entry in FRENCH:
        said[entry.text].add(entry.forms)
    assert {text: forms for text, forms in said.items() if len(forms) > 1} == {}


def test_every_catalogue_says_what_it_is():
    for name, catalogue in message_sources.catalogues().items():
        assert catalogue.locale_identifier == "fr", name
        assert catalogue.num_plurals == 2, name
        assert catalogue.charset.lower() == "utf-8", name


_KEYS = "across_breaks|base|constant|control|deflator|evaluation|level|met_if|prices|source"
_CODE = re.compile(rf"`[^`]*`|\b(?:{_KEYS}):")
"""What is not French: code between backquotes, and a key of a plan as it is written there."""

_BAD_SPACING = re.compile(
    r"""
    [ ][:;!?»%]            # a plain space before a sign that wants an unbreakable one
    | «[^\u00a0\u202f]     # nothing, or a plain space, after an opening guillemet
    | [^\s\u00a0\u202f]»   # nothing before a closing guillemet
    | [\w}»)\]][;!?]       # nothing before a semicolon, an exclamation or a question mark
    | [\w}»)\]]:\s         # nothing before a colon that is followed by a text
    """,
    re.VERBOSE,
)


def test_french_signs_have_their_spaces():
    wrong = [
        (entry.file, form) for entry in FRENCH for form in entry.forms if _BAD_SPACING.search(_CODE.sub("x", form))
    ]
    assert wrong == []


def test_french_uses_the_typographic_apostrophe():
    straight = re.compile(r"\w'[\w«{]")
    wrong = [(entry.file, form) for entry in FRENCH for form in entry.forms if straight.search(_CODE.sub("", form))]
    assert wrong == []


def test_french_quotes_with_guillemets():
    wrong = [(entry.file, form) for entry in FRENCH for form in entry.forms if re.search("[“”]|'{|}'", form)]
    assert wrong == []


def test_every_french_text_can_be_filled():
    for entry in FRENCH:
        names = message_sources.placeholders(entry.text) | message_sources.placeholders(entry.plural or "")
        for n in (0, 1, 2):
            Message(entry.text, dict.fromkeys(names, "x"), entry.plural, n).render("fr")


class TestTheSearchItself:
    def test_it_sees_a_text_that_is_not_written_out(self):
        found, odd = message_sources._in_code("msg(name)\nmsg('a word')\nnmsg('one', many, n)", "evalkit/x/y.py")
        assert [source.text for source in found] == ["a word"]
        assert odd == ["evalkit/x/y.py:1", "evalkit/x/y.py:3"]

    def test_it_sees_codes_given_by_keyword(self):
        found, _ = message_sources._in_code("declare('X', 'wrong', way_out='right')", "evalkit/x/y.py")
        assert [source.text for source in found] == ["wrong", "right"]

    def test_it_sees_texts_of_pages(self):
        text = '{{ _("Source:") }}{% trans %}Note{% endtrans %}{{ _n("{n} check", "{n} checks", n) }}{{ _(word) }}'
        found, odd = message_sources._in_page(text, "evalkit/report/page.j2")
        assert [(source.text, source.plural) for source in found] == [
            ("Source:", None),
            ("Note", None),
            ("{n} check", "{n} checks"),
        ]
        assert odd == ["evalkit/report/page.j2:1"]

    @pytest.mark.parametrize(
        ("text", "needed"), [("{text}", False), ("{a}, {b}.", False), ("{a}: {b}", True), ("women", True)]
    )
    def test_a_text_without_words_needs_no_french(self, text, needed):
        assert message_sources.needs_french(text) is needed

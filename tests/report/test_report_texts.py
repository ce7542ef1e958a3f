from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalkit import report
from evalkit.report.markup import TextRenderer
from evalkit.report.templating import fold, lead, sentence
from evalkit.text.messages import _catalogue

ROOM = Path(report.__file__).parent


def sources() -> Iterator[str]:
    for file in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                arguments = {"msg": node.args[:1], "nmsg": node.args[:2], "declare": node.args[1:3]}
                for argument in arguments.get(node.func.id, []):
                    assert isinstance(argument, ast.Constant), f"{file.name}:{node.lineno}"
                    yield argument.value
    for file in sorted(ROOM.glob("nbconvert/evalkit/*.j2")):
        yield from re.findall(r'\b_\(\s*"([^"]*)"', file.read_text(encoding="utf-8"))
        for pair in re.findall(r'\b_n\(\s*"([^"]*)",\s*"([^"]*)"', file.read_text(encoding="utf-8")):
            yield from pair


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_its_french_with_the_same_placeholders() -> None:
    known = _catalogue("fr")
    plurals = {one: forms for one, forms in known.items() if len(forms) == 2}
    for source in sources():
        if source not in known:  # the plural form of a message known by its singular
            assert any(names(source) == names(forms[1]) for forms in plurals.values()), source
            continue
        for form in known[source]:
            assert names(form) == names(source), source


def test_french_typography() -> None:
    texts = (ROOM.parent / "text/locale/fr/report.po").read_text(encoding="utf-8")
    for line in texts.splitlines():
        if line.startswith("msgstr"):
            assert not re.search(r" [:;!?»]|« ", line), line
            assert "'" not in re.sub(r"`[^`]*`", "", line), line


def render(source: str, **values: str) -> str:
    return TextRenderer({"territory": "Mosson", **values}).html(source)


def test_placeholders_are_filled_as_text_never_as_markdown() -> None:
    shown = render("## {{territory}} et **{{ territory }}**", territory="*a* [x](http://e) <b>")
    assert shown == (
        '<h2 id="section-1">*a* [x](http://e) &lt;b&gt; et <strong>*a* [x](http://e) &lt;b&gt;</strong></h2>\n'
    )


def test_a_placeholder_does_not_reach_into_a_link() -> None:
    assert 'href="%7B%7Bterritory%7D%7D"' in render("[x]({{territory}})", territory="javascript:alert(1)")


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "a <b onclick='x'>b</b>",
        "[x](javascript:alert(1))",
        "[x](  JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>)",
        "<javascript:alert(1)>",
        "```mermaid\n<script>\n```",
        "<!-- --><img src=x onerror=alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
    ],
)
def test_raw_html_and_harmful_links_are_disarmed(source: str) -> None:
    shown = render(source)
    assert not re.search(r"<(script|img|b)\b", shown)
    assert not re.search(r'href="\s*(javascript|data):', shown, re.IGNORECASE)


def test_headings_keep_their_order() -> None:
    texts = TextRenderer({})
    assert texts.html("# Titre **fort**") == ""
    assert texts.title == "Titre <strong>fort</strong>"
    assert texts.html("#### trop bas\n\n# second titre\n\n### ici") == (
        '<h3>trop bas</h3>\n<h2 id="section-1">second titre</h2>\n<h3>ici</h3>\n'
    )
    texts.after_figure()
    assert texts.html("#### sous la figure") == "<h4>sous la figure</h4>\n"


def test_tables_scroll_and_align_without_inline_style() -> None:
    shown = render("|a|b|\n|-|-:|\n|1|2|")
    assert '<div class="scroll" tabindex="0"><table>' in shown
    assert '<th scope="col" class="num">b</th>' in shown
    assert "style" not in shown


def test_a_sentence_has_a_capital_and_a_stop() -> None:
    assert sentence(" la pauvreté baisse ") == "La pauvreté baisse."
    assert sentence("Vraiment ?") == "Vraiment ?"
    assert sentence("") == ""


def test_lead_escapes_both_parts() -> None:
    assert lead("<b>", "<b> et <i>") == "<b>&lt;b&gt;</b> et &lt;i&gt;."
    assert lead("", "Une phrase") == "Une phrase."


def test_fold() -> None:
    assert fold("Près Saint-Jean ÉŒ") == "pres saint-jean eœ"

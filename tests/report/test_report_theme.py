"""A theme changes the look of every page, and nothing of it can act, call out or be unreadable."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_samples as samples

from evalkit.errors import RunError
from evalkit.report import ReportRenderer, load_theme, render_accessibility, render_portfolio
from evalkit.report.theme import contrast

WHOLE = """\
name: Ville
tokens:
  mine: {light: "#5b1a8b", dark: "#d0a8f5"}
stylesheet: own.css
header: {fr: header.html}
footer: {fr: footer.html}
files: [logo.svg]
"""


def theme_folder(folder: Path, text: str = WHOLE, **files: str) -> Path:
    """Write a theme; `files` replace those of a sound one, `_` for the dot of their name."""
    sound = {
        "own_css": "header.top{background:url(logo.svg)}",
        "header_html": '<p><img src="{{ files }}/logo.svg" alt="Ville"> Ville</p>',
        "footer_html": '<p><a href="https://example.org/legal">Mentions</a></p>',
        "logo_svg": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>',
        "theme_yaml": text,
    }
    folder.mkdir(exist_ok=True)
    for name, content in (sound | files).items():
        (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(RunError) as caught:
        load_theme(folder)
    return [f"{problem.line} {problem.code.id}" for problem in caught.value.problems]


def test_every_page_wears_it(tmp_path: Path) -> None:
    theme = load_theme(theme_folder(tmp_path))
    theme.write(tmp_path / "assets")
    assert (
        (tmp_path / "assets" / theme.page("fr").stylesheet)
        .read_text(encoding="utf-8")
        .startswith(":root{--mine:#5b1a8b;}")
    )
    assert (tmp_path / "assets" / theme.folder / "logo.svg").is_file()
    shown = theme.page("fr")
    report = ReportRenderer().render(samples.full_notebook(), samples.report_context(theme=shown)).html
    portfolio = render_portfolio(samples.portfolio_model(theme=shown))
    statement = render_accessibility(samples.portfolio_model(theme=shown), "x@example.org")
    for page, assets in ((report, "../../../assets/"), (portfolio, "assets/"), (statement, "assets/")):
        assert f'href="{assets}{shown.stylesheet}"' in page
        assert f'<img src="{assets}{shown.folder}/logo.svg" alt="Ville">' in page
        assert "Mentions</a>" in page
    other = (
        ReportRenderer()
        .render(samples.full_notebook(lang="en"), samples.report_context(lang="en", theme=theme.page("en")))
        .html
    )
    assert "logo.svg" not in other


def test_the_hash_follows_what_is_shown_and_nothing_else(tmp_path: Path) -> None:
    first = load_theme(theme_folder(tmp_path / "a"))
    assert first.sha256 == load_theme(theme_folder(tmp_path / "b")).sha256
    assert first.sha256 != load_theme(theme_folder(tmp_path / "c", footer_html="<p>x</p>")).sha256
    assert first.sha256 != load_theme(theme_folder(tmp_path / "d", logo_svg="<svg/>")).sha256


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"header_html": "<script>1</script>"}, ["5 EVK-RUN-147"]),
        ({"header_html": '<p style="color:red">x</p>'}, ["5 EVK-RUN-147"]),
        ({"header_html": '<p onclick="x()">x</p>'}, ["5 EVK-RUN-147"]),
        ({"header_html": '<img src="https://example.org/x.png" alt="x">'}, ["5 EVK-RUN-147"]),
        ({"header_html": '<img src="{{ files }}/logo.svg">'}, ["5 EVK-RUN-147"]),
        ({"footer_html": '<a href="javascript:alert(1)">x</a>'}, ["6 EVK-RUN-147"]),
        ({"own_css": "@import 'x.css';"}, ["4 EVK-RUN-147"]),
        ({"own_css": "p{background:url(https://example.org/x.png)}"}, ["4 EVK-RUN-147"]),
        ({"logo_svg": "<svg><script>1</script></svg>"}, ["4 EVK-RUN-147", "5 EVK-RUN-147", "7 EVK-RUN-147"]),
    ],
)
def test_what_acts_or_calls_out_is_refused(tmp_path: Path, changed: dict[str, str], expected: list[str]) -> None:
    assert refused(theme_folder(tmp_path, **changed)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tokens:\n  quiet: {light: '#cccccc', dark: '#a5b0bf'}\n", ["2 EVK-RUN-144"] * 2),
        ("tokens:\n  ink: {light: '#1a2029', dark: '#222222'}\n", ["2 EVK-RUN-144"] * 2),
        ("tokens:\n  mine: blue\n", ["2 EVK-RUN-143"]),
        ("tokens:\n  mien: {light: '#174a8b', dark: '#8ab8f5'}\n", ["2 EVK-RUN-142"]),
        ("colours: {}\nname: x\n", ["1 EVK-RUN-141"]),
        ("files: [../secret.svg, gone.svg]\n", ["1 EVK-RUN-145", "1 EVK-RUN-146"]),
        ("header: {de: header.html}\n", ["1 EVK-RUN-141"]),
        ("tokens: [\n", ["2 EVK-RUN-140"]),
    ],
)
def test_a_theme_that_does_not_hold_is_refused_with_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert refused(theme_folder(tmp_path, text)) == expected


def test_a_folder_without_a_theme_says_so(tmp_path: Path) -> None:
    assert refused(tmp_path) == ["None EVK-RUN-140"]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_accessibility_statement_says_not_compliant_and_whom_to_ask() -> None:
    page = render_accessibility(samples.portfolio_model(), None)
    assert "ne sont pas conformes" in page
    assert "Défenseur des droits" in page
    assert "n’a pas indiqué de contact" in page
    assert "<b>a@example.org</b>" in render_accessibility(samples.portfolio_model(), "a@example.org")

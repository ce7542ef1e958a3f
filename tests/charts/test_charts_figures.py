"""What every figure must keep: same bytes, no outside request, own ids, harmless texts, an alternative, a small size."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chart_samples import CAPTIONS, HOSTILE, drawn, every_figure, parse

from evalkit import charts
from evalkit.charts.style import TOKENS

ROOT = Path(__file__).resolve().parents[2]
DIGEST = (
    "import hashlib, sys; sys.path.insert(0, sys.argv[1]); from chart_samples import every_figure; "
    "print(hashlib.sha256(repr([(f.svg, f.html, f.alt, f.data) for f in every_figure()]).encode()).hexdigest())"
)


def picture(figure: object) -> str:
    return getattr(figure, "svg") or getattr(figure, "html")  # noqa: B009 either kind of figure


def test_same_bytes_in_this_process_and_in_another() -> None:
    here = hashlib.sha256(repr([(f.svg, f.html, f.alt, f.data) for f in every_figure()]).encode()).hexdigest()
    again = hashlib.sha256(repr([(f.svg, f.html, f.alt, f.data) for f in every_figure()]).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-W", "error", "-c", DIGEST, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "17"},
    ).stdout.strip()
    assert here == again == other


def test_the_users_matplotlib_settings_change_nothing_and_are_left_alone() -> None:
    import matplotlib

    before = [figure.svg for figure in every_figure()]
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path", "text.color": "red"}):
        assert [figure.svg for figure in every_figure()] == before
        assert matplotlib.rcParams["svg.fonttype"] == "path"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pictures_carry_no_style_no_script_and_no_outside_reference(lang: str) -> None:
    for figure in drawn(lang):
        text = picture(figure).replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(
            r"<style|style=|<script|xlink|href=\"(?!#)|url\(|http|<metadata|<!DOCTYPE|<\?xml|clip-path", text
        )
        assert "matplotlib" not in text.lower()


def test_ids_are_unique_over_a_page_of_figures() -> None:
    page = "".join(
        picture(figure) for prefix in ("f", "g") for figure in every_figure(prefix=prefix) if figure.kind == "chart"
    )
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 30
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page)) == set(ids)


def test_hostile_names_are_text_and_nothing_else() -> None:
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: set[str] = set()
            self.attributes: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.add(tag)
            self.attributes |= {name for name, _ in attrs}

    for figure in drawn(name=HOSTILE):
        parser = Tags()
        parser.feed(picture(figure))
        assert "script" not in parser.found
        assert not {name for name in parser.attributes if name.startswith("on")}
        parse(picture(figure))
        assert "\x07" not in picture(figure) + figure.alt + repr(figure.data.rows).replace("\\x07", "\x07")


def test_text_stays_text_and_the_title_is_the_alternative() -> None:
    for figure in drawn():
        if figure.kind == "table":
            continue
        root = parse(figure.svg)
        assert root.find("{http://www.w3.org/2000/svg}title").text == figure.alt
        assert root.get("role") == "img"
        assert root.get("width") is None
        assert root.get("viewBox")
        assert root.findall(".//{http://www.w3.org/2000/svg}text") or figure.id.endswith("map")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_alternatives_are_long_enough_and_are_not_the_title(lang: str) -> None:
    alternatives = [figure.alt for figure in drawn(lang)]
    assert min(map(len, alternatives)) >= 40
    assert len(set(alternatives)) == len(alternatives)
    assert CAPTIONS.title not in alternatives


def test_another_alternative_replaces_the_one_in_the_picture() -> None:
    figure = charts.with_alt(drawn()[0], 'Une autre phrase, écrite à la main, avec <b> & "guillemets".')
    assert parse(figure.svg)[0].text == figure.alt
    with pytest.raises(ValueError, match="empty"):
        charts.with_alt(figure, "  ")


def test_sizes_stay_within_the_budget() -> None:
    assert max(len(picture(figure).encode()) for figure in drawn()) < 20_000
    assert len(charts.CHART_CSS.encode()) < 8_000


def test_colours_are_those_of_the_house_with_a_class_each() -> None:
    lights = {token.light for token in TOKENS.values()}
    for figure in drawn():
        for node in parse(picture(figure)).iter():
            for attribute, suffix in (("fill", "fill"), ("stroke", "line")):
                colour = node.get(attribute, "none")
                assert colour == "none" or (colour in lights and f"-{suffix}" in node.get("class", ""))


def test_tokens_have_a_dark_side_and_enough_contrast() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name in ("ink", "quiet", "mine", "ref", "better", "worse", "same", "none"):
        for side in (0, 1):
            pair = sorted((luminance(TOKENS[name][side]), luminance(TOKENS["wash"][side])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, name
    assert "prefers-color-scheme:dark" in charts.CHART_CSS


def test_data_tables_are_rectangular_and_their_records_are_json() -> None:
    for figure in drawn():
        assert figure.data.rows
        assert all(len(row) == len(figure.data.columns) for row in figure.data.rows)
        assert len(figure.data.numeric) in (0, len(figure.data.columns))
        json.dumps(figure.data.raw, allow_nan=False)


def test_importing_the_room_stays_light() -> None:
    code = "import sys, evalkit.charts; print([m for m in ('matplotlib', 'shapely', 'pandas', 'numpy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert found.strip() == "[]"

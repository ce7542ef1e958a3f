"""The indicator table, its small pictures and its readings."""

from __future__ import annotations

import re

import pytest
from chart_samples import CAPTIONS, indicator_rows, parse, series

from evalkit import charts

OTHERS = tuple(float(value) for value in range(40, 61))


def html(lang: str = "fr") -> str:
    return charts.indicator_table(
        indicator_rows(), lang=lang, figure_id="t", territory="Mosson", comparator_label="20 autres", captions=CAPTIONS
    ).html


def rows() -> dict[str, str]:
    return dict(re.findall(r'<tr id="([^"]+)">(.*?)</tr>', html()))


def test_the_table_is_a_table_for_everyone() -> None:
    root = parse(html())
    table = root.find("table")
    assert table.find("caption").text == CAPTIONS.title
    assert [head.get("scope") for head in table.find("thead").iter("th")] == ["col"] * 7
    assert [head.get("scope") for body in table.findall("tbody") for head in body.iter("th")].count("rowgroup") == 4
    assert set(rows()) == {"ind-in_tp60", "ind-in_med", "ind-ig_etr", "ind-ho_vac", "ind-em_emploi-sex-female"}


def test_readings_are_symbol_word_and_colour() -> None:
    found = rows()
    assert 'class="reading worse"><span aria-hidden="true">▼</span> moins favorable' in found["ind-in_tp60"]
    assert 'class="reading better"><span aria-hidden="true">▲</span> plus favorable' in found["ind-in_med"]
    assert (
        'class="reading same"><span aria-hidden="true">●</span> pas de différence établie'
        in found["ind-em_emploi-sex-female"]
    )


def test_a_neutral_indicator_is_never_judged_whatever_was_asked() -> None:
    row = rows()["ind-ig_etr"]
    assert "◆</span> sans jugement" in row
    assert not re.search(r"c-(better|worse)|reading (better|worse)", row)
    assert "c-worse" not in charts.spine_cell(99.0, None, None, OTHERS, 0, "worse", lang="fr", unit="percent")


def test_a_secret_value_has_a_word_and_no_number_anywhere() -> None:
    row = rows()["ind-ho_vac"]
    assert row.count("secret") == 2
    assert "<b>" not in row
    assert "circle" not in row
    figure = charts.indicator_table(
        indicator_rows(), lang="fr", figure_id="t", territory="M", comparator_label="x", captions=CAPTIONS
    )
    record = next(one for one in figure.data.raw if one["indicator"] == "ho_vac")
    assert (record["value"], record["status"], record["reading"]) == (None, "secret", "secret")


def test_the_spine_turns_so_that_right_is_better() -> None:
    def place(sign: int) -> float:
        cell = charts.spine_cell(55.0, None, None, OTHERS, sign, "close", lang="fr", unit="percent")
        return float(re.search(r'cx="([\d.]+)"', cell)[1])

    assert place(1) > 95 > place(-1)
    assert place(0) == place(1)


def test_the_spine_clips_and_says_so_by_an_arrow() -> None:
    beyond = charts.spine_cell(900.0, None, None, OTHERS, -1, "worse", lang="fr", unit="percent")
    assert "circle" not in beyond
    assert "<path" in beyond
    skewed = charts.spine_cell(50.0, None, None, [*OTHERS, 10_000.0], 1, "close", lang="fr", unit="percent")
    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', skewed)]
    assert widths[1] > 60


def test_the_spine_needs_four_others_for_a_bar() -> None:
    cell = charts.spine_cell(5.0, None, None, [1.0, 2.0, 3.0], 1, "untested", lang="fr", unit="percent")
    assert "<rect" not in cell
    assert 'class="c-paper-fill c-quiet-line"' in cell
    assert "<svg" not in charts.spine_cell(5.0, None, None, [], 1, "untested", lang="fr", unit="percent")
    same = charts.spine_cell(5.0, 4.0, 6.0, [5.0] * 8, 1, "close", lang="fr", unit="percent")
    assert 'cx="95.0"' in same


def test_a_neutral_position_is_a_diamond_and_a_judged_one_a_dot() -> None:
    others = [float(one) for one in range(20)]
    neutral = charts.spine_cell(12.0, None, None, others, 0, "neutral", lang="fr", unit="percent")
    judged = charts.spine_cell(12.0, None, None, others, 1, "close", lang="fr", unit="percent")
    assert ("<path" in neutral, "<circle" in neutral) == (True, False)
    assert ("<path" in judged, "<circle" in judged) == (False, True)


def test_the_sparkline_has_gaps_and_says_its_ends() -> None:
    cell = charts.sparkline_cell(series(), lang="fr", unit="percent", breaks=("2016",))
    assert cell.count("<polyline") == 2
    assert "De 50,0\u00a0% en 2012 à 53,0\u00a0% en 2021" in cell
    assert cell.count("stroke-dasharray") == 1
    assert "1 période sans valeur" in cell
    assert "<svg" not in charts.sparkline_cell(series()[:1], lang="fr", unit="percent")


@pytest.mark.parametrize(
    ("value", "lower", "upper", "sign", "status", "reading"),
    [
        (58.0, None, None, -1, "published", "worse"),
        (58.0, None, None, 1, "published", "better"),
        (50.0, None, None, 1, "published", "close"),
        (58.0, 49.0, 67.0, -1, "published", "not_established"),
        (58.0, 51.0, 65.0, -1, "published", "worse"),
        (42.0, 41.0, 43.0, -1, "estimated", "better"),
        (58.0, None, None, 0, "published", "neutral"),
        (None, None, None, 1, "secret", "secret"),
        (None, None, None, 0, "missing", "missing"),
        (None, None, None, 1, "not_applicable", "not_applicable"),
    ],
)
def test_positions_are_read_from_the_interval_else_from_the_middle_half(
    value: float | None, lower: float | None, upper: float | None, sign: int, status: str, reading: str
) -> None:
    assert charts.read_position(value, lower, upper, OTHERS, sign, status) == reading
    if value is not None and sign:
        assert charts.read_position(value, lower, upper, OTHERS[:3], sign, status) == "untested"

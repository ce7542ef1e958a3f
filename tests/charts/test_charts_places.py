"""The charts of many territories and of money: funnel, strip, choropleth, waterfall."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from chart_samples import CAPTIONS, parse
from design_samples import funnel_data, map_data, strip_data, waterfall_data, wobble
from shapely import Point as Place
from shapely import box

from evalkit import charts, stats
from evalkit.charts.classes import class_breaks, class_of
from evalkit.charts.limits import levels, place_of
from evalkit.charts.plane import clipped, log_marks
from evalkit.charts.shortpath import shorten
from evalkit.charts.waterfall import bars
from evalkit.charts.withholding import shown

SVG = "{http://www.w3.org/2000/svg}"


def texts(figure: object) -> str:
    return " | ".join(node.text or "" for node in parse(getattr(figure, "svg")).iter(f"{SVG}text"))  # noqa: B009


def test_a_funnel_places_territories_as_the_statistics_do() -> None:
    sizes = [200.0 + 90 * place for place in range(60)]
    values = [0.3 + 0.09 * wobble(place) for place in range(60)]
    found = stats.funnel_limits(sizes, 0.3, observed=values)
    points = [
        charts.FunnelPoint(str(place), size, 100 * value)
        for place, (size, value) in enumerate(zip(sizes, values, strict=True))
    ]
    data = charts.FunnelData.of(found, points, measure="Taux", unit="percent", size_label="n", times=100)
    assert found.table is not None
    for level, limits in levels(data):
        expected = found.table.loc[found.table["confidence"] == level, "place"].tolist()
        assert [place_of(point, limits) for point in data.points] == expected
        assert len(set(expected)) > 1
    assert data.target == pytest.approx(30)


def test_a_funnel_counts_and_hides_what_is_secret() -> None:
    figure = charts.funnel("f", funnel_data(), CAPTIONS, lang="fr")
    assert "non placés (secret\u00a0: 1)" in texts(figure)
    assert "Sans valeur (secret\u00a0: 1)." in figure.alt
    hidden = next(row for row in figure.data.raw if row["label"] == "Caché")
    assert (hidden["size"], hidden["value"], hidden["place_0.95"]) == (None, None, "unknown")
    assert "Mosson 5" in texts(figure)
    with pytest.raises(ValueError, match="needs a size"):
        charts.FunnelPoint("x", None, 3.0)
    with pytest.raises(ValueError, match="goes with published"):
        charts.FunnelPoint("x", 100.0, 3.0, "secret")
    with pytest.raises(ValueError, match="needs limits"):
        charts.funnel("f", replace(funnel_data(), limits=()), CAPTIONS, lang="fr")


def test_a_funnel_of_hundreds_stays_light() -> None:
    assert len(charts.funnel("f", funnel_data(count=1300), CAPTIONS, lang="fr").svg.encode()) < 20_000


def test_a_strip_has_a_lane_and_a_shape_for_each_reading_and_no_rank() -> None:
    figure = charts.strip("f", strip_data(), CAPTIONS, lang="fr")
    found = texts(figure)
    assert "▲ plus favorable" in found
    assert "▼ moins favorable" in found
    assert "non placés (secret\u00a0: 1)" in found
    assert [row[0] for row in figure.data.rows[:3]] == ["Mosson 0", "Mosson 1", "Mosson 2"]
    neutral = charts.strip("f", strip_data(sign=0), CAPTIONS, lang="fr")
    assert "favorable" not in neutral.svg
    assert "c-better" not in neutral.svg
    assert "c-worse" not in neutral.svg
    with pytest.raises(ValueError, match="at least one value"):
        charts.strip("f", replace(strip_data(), rows=strip_data().rows[-1:]), CAPTIONS, lang="fr")


def test_a_strip_of_hundreds_is_made_of_columns() -> None:
    figure = charts.strip("f", strip_data(count=1300), CAPTIONS, lang="fr")
    assert len(figure.svg.encode()) < 12_000
    assert "Mosson 4" in texts(figure)
    assert len(figure.data.rows) == 1301


def test_classes_hold_about_as_many_and_agree_with_what_is_written() -> None:
    areas = tuple(charts.Area(str(place), Place(3, 43), 40 + place / 100) for place in range(500))
    data = charts.MapData("Taux", "percent", "2021", areas, decimals=1)
    breaks = class_breaks(data)
    counts = [sum(class_of(area.value or 0, breaks, data) == place for area in areas) for place in range(5)]
    assert len(breaks) == 4
    assert max(counts) - min(counts) <= 10
    assert class_of(breaks[0] - 0.04, breaks, data) == class_of(breaks[0], breaks, data) == 1
    assert class_breaks(replace(data, breaks=(42.0, 41.0))) == (41.0, 42.0)
    same = replace(data, areas=tuple(charts.Area(str(place), Place(3, 43), 40.0) for place in range(20)))
    assert class_breaks(same) == ()
    assert "toutes les valeurs (20)" in texts(charts.choropleth("f", same, CAPTIONS, lang="fr"))


def test_a_map_hatches_what_is_secret_and_draws_crowds_again() -> None:
    figure = charts.choropleth("f", map_data(), CAPTIONS, lang="fr")
    found = texts(figure)
    assert "secret (2)" in found
    assert found.count("| 1") == 2
    assert "Mosson 4" in found
    hidden = [row for row in figure.data.raw if row["status"] == "secret"]
    assert [(row["value"], row["class"]) for row in hidden] == [(None, None)] * 2
    bare = replace(map_data(), areas=map_data().areas[:30])
    assert "secret" not in charts.choropleth("f", bare, CAPTIONS, lang="fr").svg
    with pytest.raises(ValueError, match="with a geometry"):
        charts.choropleth("f", replace(map_data(), areas=(charts.Area("x", None, 1.0),)), CAPTIONS, lang="fr")


def test_a_map_of_a_whole_country_stays_light() -> None:
    areas = tuple(
        charts.Area(str(place), box(x, y, x + 0.008, y + 0.006), 40 + 9 * wobble(place))
        for place in range(1600)
        for x, y in [
            (2.4 + wobble(place) / 4, 48.9 + wobble(7 * place) / 6)
            if place % 3
            else (wobble(place) * 4 + 2, 46 + 3 * wobble(5 * place))
        ]
    )
    data = charts.MapData("Taux", "percent", "2021", areas, decimals=1)
    assert len(charts.choropleth("f", data, CAPTIONS, lang="fr").svg.encode()) < 40_000


def test_bars_of_a_waterfall_follow_one_another() -> None:
    steps = bars(waterfall_data())
    assert [(bar.start, bar.end) for bar in steps[:4]] == [(0.0, 12e6), (12e6, 20e6), (20e6, 25e6), (0.0, 25e6)]
    assert steps[4].end == steps[5].end == 20e6
    figure = charts.waterfall("f", waterfall_data(), CAPTIONS, lang="fr")
    assert "25,0\u00a0M€" in texts(figure)
    assert "−5,0\u00a0M€" in figure.alt
    assert figure.data.rows[3] == ("Programmé", "25\u202f000\u202f000\u00a0€", "25\u202f000\u202f000\u00a0€")
    small = charts.WaterfallData("x", "Opérations", "count", (charts.WaterfallStep("a", -3.0),))
    assert "−3" in texts(charts.waterfall("f", small, CAPTIONS, lang="fr"))


def test_a_single_secret_step_cannot_be_had_back_by_subtraction() -> None:
    figure = charts.waterfall("f", waterfall_data("Mosson", 1), CAPTIONS, lang="fr")
    everything = figure.svg + figure.alt + repr(figure.data.rows) + repr(figure.data.raw)
    for told in ("8,0", "8000000", "8\u202f000", "25,0", "25000000", "20,0", "20000000"):
        assert told not in everything
    assert [row["status"] for row in figure.data.raw] == [
        "published",
        "secret",
        "published",
        "secret",
        "published",
        "secret",
    ]
    assert [row["level"] for row in figure.data.raw][1:] == [None] * 5


@pytest.mark.parametrize("hidden", [hidden for size in (1, 2, 3) for hidden in itertools.combinations(range(6), size)])
def test_no_secret_step_follows_from_what_is_shown(hidden: tuple[int, ...]) -> None:
    """A secret step that could be computed would lie in the space spanned by the sums and the steps that are shown."""
    sums = [[1, 1, 1, -1, 0, 0], [0, 0, 0, 1, 1, -1]]
    steps = shown(waterfall_data("Mosson", *hidden))
    told = [[int(one == place) for one in range(6)] for place, step in enumerate(steps) if step.value is not None]
    known = np.array([*sums, *told])
    for place in hidden:
        asked = np.array([[int(one == place) for one in range(6)]])
        assert np.linalg.matrix_rank(np.vstack([known, asked])) == np.linalg.matrix_rank(known) + 1


def test_a_line_is_cut_where_it_leaves_the_frame() -> None:
    assert clipped([(0, 5), (10, 25)], 0, 15) == [[(0, 5), (5, 15)]]
    assert clipped([(0, 5), (10, 25), (20, 5)], 0, 15) == [[(0, 5), (5, 15)], [(15, 15), (20, 5)]]
    assert clipped([(0, 30), (10, 25)], 0, 15) == []
    assert clipped([(0, 1), (1, 2), (2, 3)], 0, 15) == [[(0, 1), (1, 2), (2, 3)]]
    assert log_marks(800, 30000) == [500, 1000, 2000, 5000, 10000, 20000, 50000]


def test_a_dot_takes_a_few_bytes() -> None:
    svg = charts.funnel("f", funnel_data(), CAPTIONS, lang="fr").svg
    assert re.search(r'd="M[\d.]+ [\d.]+h0(m-?[\d.]+[ -][\d.]+h0)+"[^>]*stroke-linecap="round"', svg)


@pytest.mark.parametrize(
    ("outline", "short"),
    [
        ("M1 2L3 4", "M1 2L3 4"),
        ("M0 0C1 1 2 2 3 3M1 1L2 2M5 5L6 6", "M0 0C1 1 2 2 3 3M1 1L2 2M5 5L6 6"),
        ("M10 10L10 10M12.3 8L12.3 8M12 9L12 9", "M10 10h0m2.3-2h0m-.3 1h0"),
        ("M0 0L5 0L5 5zM10 10L11 12L13 11zM1 1L1 3L.5 2z", "M0 0h5v5zm10 10l1 2 2-1zm-9-9v2l-.5-1z"),
    ],
)
def test_an_outline_in_steps_comes_to_the_same_places(outline: str, short: str) -> None:
    assert shorten(outline) == short

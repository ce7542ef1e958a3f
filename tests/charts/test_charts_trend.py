"""The trend chart and the records it is drawn from."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from chart_samples import CAPTIONS, HIDDEN_YEAR, parse, trend_data

from evalkit import charts
from evalkit.charts.axes import labelled
from evalkit.charts.inputs import quantile
from evalkit.charts.layout import fit, line_ticks, spread_apart, text_width, ticks, wrap_text

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in parse(svg).iter(f"{SVG}text")]


def test_a_secret_period_is_a_gap_with_its_word_and_never_a_number() -> None:
    figure = charts.trend("f", trend_data(), CAPTIONS, lang="fr")
    assert "secret" in texts(figure.svg)
    record = next(one for one in figure.data.raw if one["period"] == HIDDEN_YEAR)
    assert (record["value"], record["status"]) == (None, "secret")
    row = next(one for one in figure.data.rows if one[0] == HIDDEN_YEAR)
    assert row[1] == "secret"
    assert f"Valeurs secrètes\u00a0: {HIDDEN_YEAR}" in figure.alt
    root = parse(figure.svg)
    lines = [node for node in root.iter(f"{SVG}path") if node.get("stroke-width") == "2.6"]
    assert [node.get("d", "").count("L") + 1 for node in lines] == [7, 2]


@pytest.mark.parametrize("status", ["secret", "missing", "not_applicable"])
def test_a_value_without_the_right_to_be_shown_is_refused(status: str) -> None:
    with pytest.raises(ValueError, match="goes with published"):
        charts.Point("2020", 3.0, status)
    with pytest.raises(ValueError, match="goes with published"):
        charts.Point("2020", None)
    with pytest.raises(ValueError, match="finite"):
        charts.Point("2020", float("nan"))


def test_french_texts_numbers_breaks_and_targets() -> None:
    found = " | ".join(texts(charts.trend("f", trend_data(), CAPTIONS, lang="fr").svg))
    assert "Mosson 53,0\u00a0%" in found
    assert "ruptures de série\u00a0: 2016, 2018" in found
    assert "cible 2023 45,0\u00a0%" in found
    assert "T0 51,0\u00a0%" in found


def test_the_alternative_says_direction_gap_and_breaks() -> None:
    across = charts.alt.trend(trend_data(), "fr")
    assert "50,0\u00a0% en 2012, 53,0\u00a0% en 2021, valeurs non comparables" in across
    assert "hausse" not in across
    said = charts.alt.trend(replace(trend_data(), breaks=()), "fr")
    assert "50,0\u00a0% en 2012, 53,0\u00a0% en 2021, en hausse de 3,0\u00a0pt" in said
    assert "7,2\u00a0pt au-dessus" in said
    falling = replace(trend_data(), points=(charts.Point("2012", 50.0), charts.Point("2013", 49.0)), comparator=None)
    assert "down by 1.0\u00a0pp" in charts.alt.trend(falling, "en")
    flat = replace(falling, points=(charts.Point("2012", 50.0), charts.Point("2013", 50.01)))
    assert "the same value in 2013" in charts.alt.trend(flat, "en")
    hidden = replace(falling, points=(charts.Point("2012", None, "secret"),))
    assert "no published value" in charts.alt.trend(hidden, "en")


def test_a_hidden_territory_still_shows_its_comparators_and_nothing_at_all_is_refused() -> None:
    hidden = replace(trend_data(), points=tuple(charts.Point(str(year), None, "secret") for year in range(2012, 2022)))
    figure = charts.trend("f", hidden, CAPTIONS, lang="fr")
    assert not any(text.startswith("Mosson") and "%" in text and "60" not in text for text in texts(figure.svg))
    bare = charts.TrendData("x", "y", (charts.Point("2012", None, "secret"),), "percent")
    with pytest.raises(ValueError, match="at least one value"):
        charts.trend("f", bare, CAPTIONS, lang="fr")


def test_one_period_and_other_periods_than_years_are_drawn() -> None:
    one = charts.TrendData("x", "Mesure", (charts.Point("2012", 3.0),), "euro_per_m2")
    assert "€/m²" in texts(charts.trend("f", one, CAPTIONS, lang="fr").svg)
    spans = tuple(charts.Point(f"{year}/{year + 2}", float(year)) for year in (2012, 2015, 2018))
    drawn = charts.trend(
        "f", charts.TrendData("x", "Mesure", spans, "count", breaks=("2015/2017",)), CAPTIONS, lang="fr"
    )
    assert "2012-2014" in texts(drawn.svg)


def test_labels_do_not_cover_one_another() -> None:
    placed = spread_apart([100, 101, 102, 290], [17, 17, 17, 17], 20, 300)
    assert all(after - before >= 16.99 for before, after in itertools.pairwise(placed))
    assert placed[-1] <= 300 - 8.5
    kept = labelled([float(place * 20) for place in range(30)], [30.0] * 30)
    assert kept[0] == 0
    assert kept[-1] == 29
    assert all((after - before) * 20 >= 36 for before, after in itertools.pairwise(kept))


def test_long_names_are_cut_and_wrapped() -> None:
    name = "Près Saint Jean - Cévennes - Tamaris - Cauvel-la Royale - Rochebelle - Centre ville"
    assert text_width(fit(name, 120)) <= 120
    lines = wrap_text(name, 190)
    assert len(lines) == 2
    assert all(text_width(line) <= 190 for line in lines)


def test_the_axis_does_not_blow_up_a_wobble_and_stays_possible() -> None:
    marks = line_ticks([50.0, 50.1], bounded=True)
    assert marks[-1] - marks[0] >= 10
    assert line_ticks([0.2, 0.4], bounded=True)[0] == 0
    assert line_ticks([98.0, 99.5], bounded=True)[-1] == 100
    assert ticks(0, 0)[0] == 0


def test_quantiles_are_those_of_numpy() -> None:
    import numpy as np

    values = sorted([3.2, 1.0, 9.7, 4.4, 4.5, 8.8, 0.1])
    for share in (0.025, 0.25, 0.5, 0.75, 0.95):
        assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-12)
    assert charts.Spread.of("2020", [None, 1.0, 2.0, 3.0]).q1 is None
    assert charts.Spread.of("2020", [None]).n == 0

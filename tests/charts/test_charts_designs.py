"""The charts of designs: event study, gap, forest, discontinuity, from plain data and from real estimates."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from chart_samples import CAPTIONS, parse
from design_samples import PERIODS, discontinuity_data, event_data, forest_data, gap_data, wobble

from evalkit import charts, stats
from evalkit.charts.binning import equal_bins, local_line

SVG = "{http://www.w3.org/2000/svg}"


def texts(figure: object) -> str:
    return " | ".join(node.text or "" for node in parse(getattr(figure, "svg")).iter(f"{SVG}text"))  # noqa: B009


def heights_of(outline: str) -> list[float]:
    """Return the heights that an outline of straight lines comes to, steps added up."""
    y, found = 0.0, []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", outline):
        values = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        steps = values if command in "vV" else [] if command in "hHzZ" else values[1::2]
        for step in steps:
            y = step if command.isupper() else y + step
            found.append(y)
    return found


def panel(effect: float = -3.0) -> pd.DataFrame:
    rows = [
        (
            f"q{place}",
            year,
            2015 if place < 4 else None,
            place / 2 + wobble(3 * place + year) + effect * (place < 4 and year >= 2015),
        )
        for place in range(24)
        for year in range(2011, 2020)
    ]
    return pd.DataFrame(rows, columns=["place", "year", "start", "rate"])


def test_steps_before_are_hollow_and_grey_those_after_full_and_blue() -> None:
    figure = charts.event_study("f", event_data(), CAPTIONS, lang="fr")
    circles = list(parse(figure.svg).iter(f"{SVG}circle"))
    groups = {child: group for group in parse(figure.svg).iter() for child in group}
    assert circles
    assert groups
    assert figure.svg.count('class="c-paper-fill c-quiet-line"') >= 1
    assert "c-mine-fill c-mine-line" in figure.svg
    found = texts(figure)
    assert "effet moyen" in found
    assert "−3,3\u00a0pt | [−4,0\u00a0pt\u00a0; −2,6\u00a0pt]" in found
    assert "avant | depuis le début" in found
    assert "base" in found


def test_an_event_study_says_in_words_what_moved_before_and_after() -> None:
    said = charts.alt.event_study(event_data(), "fr")
    assert "Avant le début, intervalles qui excluent zéro\u00a0: 0 sur 3." in said
    assert "À partir du début, intervalles qui excluent zéro\u00a0: 3 sur 3." in said
    assert "À +2\u00a0: secret." in said
    table = charts.event_study("f", event_data(), CAPTIONS, lang="en").data
    assert ("+2", "secret", "–") in table.rows
    assert table.rows[-1] == ("Average effect", "−3.3\u00a0pp", "[−4.0\u00a0pp; −2.6\u00a0pp]")
    assert next(row for row in table.raw if row["time"] == "2")["value"] is None


@pytest.mark.parametrize("base", ["varying", "universal"])
def test_an_event_study_is_read_from_its_estimate(base: str) -> None:
    found = stats.event_study(
        panel(), outcome="rate", unit="place", time="year", first_treated="start", measure="point", base=base
    )
    data = charts.EventData.of(found, subject="Le programme", measure="Taux", sign=-1)
    times = [float(step.period) for step in data.steps]
    assert times == sorted(times)
    assert min(times) < 0 <= max(times)
    assert data.overall is not None
    assert data.overall.value == found.value
    assert data.base == ("-1" if base == "universal" else None)
    after = [step for step in data.steps if step.period == "0"]
    assert after[0].lower is not None
    assert "Effet moyen" in charts.event_study("f", data, CAPTIONS, lang="fr").alt


def test_an_event_study_without_any_value_is_refused() -> None:
    nothing = replace(event_data(), steps=(charts.Point("0", None, "secret"),), overall=None)
    with pytest.raises(ValueError, match="at least one value"):
        charts.event_study("f", nothing, CAPTIONS, lang="fr")


def test_a_wild_placebo_is_cut_at_the_edge_and_counted() -> None:
    figure = charts.gap("f", gap_data(far=1), CAPTIONS, lang="fr")
    assert "12 territoires sans le programme" in texts(figure).replace(" | ", " ")
    assert "en gris, 1 sort de l’échelle" in texts(figure)
    heights = [y for outline in re.findall(r'd="(M[^"]+)"', figure.svg) for y in heights_of(outline)]
    assert len(heights) > 100
    assert max(heights) <= 350
    assert min(heights) >= 20
    tame = charts.gap("f", gap_data(far=0), CAPTIONS, lang="fr")
    assert "sort de l’échelle" not in texts(tame)


def test_many_placebos_become_a_band_and_stay_light() -> None:
    figure = charts.gap("f", gap_data(count=300, far=0), CAPTIONS, lang="fr")
    assert "95\u00a0% de leurs écarts" in texts(figure)
    assert "c-band-fill" in figure.svg
    assert len(figure.svg.encode()) < 8_000


def test_a_gap_says_its_mean_and_how_many_placebos_show_as_much() -> None:
    data = gap_data(far=0)
    said = charts.alt.gap(data, "en")
    assert "Mean since 2015: −3.0\u00a0pp [−4.5\u00a0pp; −1.5\u00a0pp]." in said
    assert "in the last period 0 of them show a gap as large" in said
    assert "Not available: 2012." in said
    table = charts.gap("f", data, CAPTIONS, lang="en").data
    assert table.columns[3:] == ("Lowest placebo", "Median placebo", "Highest placebo")
    assert [row[0] for row in table.rows] == [*PERIODS, "Mean since 2015"]
    assert len(table.raw[0]["placebos"]) == 12


def test_a_placebo_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="for each period"):
        replace(gap_data(), placebos=(charts.Path("x", (1.0,)),))


def test_a_gap_is_read_from_a_synthetic_control() -> None:
    frame = panel().query("place == 'q0' or start.isna()")
    found = stats.synthetic_control(
        frame, outcome="rate", unit="place", time="year", treated="q0", start=2015, measure="point"
    )
    data = charts.GapData.of(found, subject="q0", measure="Taux", start="2015")
    assert [point.period for point in data.gaps] == [str(year) for year in range(2011, 2020)]
    after = [point.value or 0.0 for point in data.gaps if point.period >= "2015"]
    assert sum(after) / len(after) == pytest.approx(found.value)
    assert charts.gap("f", data, CAPTIONS, lang="fr").data.rows


def test_a_forest_keeps_its_order_and_shows_nothing_of_a_secret_row() -> None:
    figure = charts.forest("f", forest_data(), CAPTIONS, lang="fr")
    assert [row[0] for row in figure.data.rows[:8]] == [f"Mosson {place}" for place in range(8)]
    hidden = next(row for row in figure.data.raw if row.get("label") == "Caché")
    assert (hidden["value"], hidden["n"], hidden["status"]) == (None, None, "secret")
    assert "Caché | secret" in texts(figure)
    assert "Sans valeur publiée\u00a0: Caché." in figure.alt
    assert figure.data.raw[-1] == {"kind": "prediction", "lower": -2.0, "upper": 1.0, "unit": "point"}


def test_a_forest_of_hundreds_leaves_names_to_the_table() -> None:
    figure = charts.forest("f", forest_data(count=300), CAPTIONS, lang="fr")
    assert len(figure.svg.encode()) < 20_000
    assert "Mosson 1 |" in texts(figure) + " |"
    assert "Mosson 250" not in texts(figure)
    assert len(figure.data.rows) == 303


def test_a_forest_is_read_from_the_pooled_estimate() -> None:
    effects, noise = [-1.0, -2.0, 0.5, -1.4, -0.2], [0.2, 0.3, 0.2, 0.4, 0.3]
    pooled = stats.pool(effects, noise, unit="point")
    rows = [charts.ForestRow(f"q{place}", value, value - 1, value + 1) for place, value in enumerate(effects)]
    data = charts.ForestData.of(rows, pooled, pooled_label="Moyenne", measure="Effet")
    assert data.pooled is not None
    assert (data.pooled.value, data.unit) == (pooled.value, "point")
    assert data.prediction == (pooled.details["prediction_lower"], pooled.details["prediction_upper"])
    named = charts.ForestData.of({"a": pooled}, None, pooled_label="Moyenne", measure="Effet")
    assert (named.unit, named.rows[0].lower) == ("point", pooled.lower)
    with pytest.raises(ValueError, match="at least one value"):
        charts.forest("f", replace(data, rows=(), pooled=None), CAPTIONS, lang="fr")


@pytest.mark.parametrize(("value", "status"), [(1.0, "secret"), (None, "published"), (float("inf"), "published")])
def test_a_row_whose_value_and_status_disagree_is_refused(value: float | None, status: str) -> None:
    with pytest.raises(ValueError, match="x:"):
        charts.ForestRow("x", value, status=status)


def test_the_two_lines_of_a_discontinuity_meet_at_the_jump_of_the_estimate() -> None:
    running = [place / 4 + wobble(place) for place in range(-240, 240)]
    outcome = [x / 10 - 4 * (x >= 0) + wobble(place) for place, x in enumerate(running)]
    frame = pd.DataFrame({"x": running, "y": outcome})
    found = stats.regression_discontinuity(frame, outcome="y", running="x", cutoff=0, measure="point")
    data = charts.DiscontinuityData.of(
        found, running, outcome, cutoff=0, measure="Taux", running_label="Revenu", unit="percent", running_unit="ratio"
    )
    assert data.right[0][1] - data.left[-1][1] == pytest.approx(found.value)
    assert data.left[-1][0] == data.right[0][0] == 0
    assert sum(one.n for one in data.bins) == len(running)
    assert min(one.n for one in data.bins) >= 5
    assert all(one.x < 0 for one in data.bins[:20])


def test_too_few_make_no_group_and_no_line() -> None:
    assert equal_bins([(1.0, 2.0)] * 4) == []
    assert [n for _, _, n in equal_bins([(float(x), 1.0) for x in range(11)])] == [6, 5]
    assert local_line([], 0.0, 1.0) == ()
    assert local_line([(0.5, 1.0)], 0.0, 1.0) == ()
    with pytest.raises(ValueError, match="at least one group"):
        charts.discontinuity("f", replace(discontinuity_data(), bins=()), CAPTIONS, lang="fr")


def test_a_discontinuity_says_its_threshold_and_its_jump_in_points() -> None:
    figure = charts.discontinuity("f", discontinuity_data(), CAPTIONS, lang="fr")
    assert "seuil 1\u202f000\u00a0€" in texts(figure)
    assert "Saut\u00a0: −4,0\u00a0pt [−5,0\u00a0pt\u00a0; −3,0\u00a0pt]." in figure.alt
    assert figure.data.rows[-1][:2] == ("Saut au seuil", "−4,0\u00a0pt")


def test_a_neutral_indicator_has_no_favourable_side() -> None:
    drawn = (
        charts.event_study("f", replace(event_data(), sign=0), CAPTIONS, lang="fr"),
        charts.gap("f", replace(gap_data(), sign=0), CAPTIONS, lang="fr"),
        charts.forest("f", replace(forest_data(), sign=0), CAPTIONS, lang="fr"),
        charts.discontinuity("f", replace(discontinuity_data(), sign=0), CAPTIONS, lang="fr"),
    )
    assert all("favorable" not in figure.svg for figure in drawn)
    assert "favorable" in charts.gap("f", gap_data(), CAPTIONS, lang="fr").svg

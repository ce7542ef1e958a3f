"""Charts of many territories, of money and of estimates, drawn from a template's point of view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from notebook_samples import CODES, OTHERS, OURS, PLAN, QUESTIONS, Tiny

from evalkit import stats
from evalkit.data.warehouse import Warehouse
from evalkit.errors import TemplateError
from evalkit.notebook import Evaluation, open_evaluation
from evalkit.notebook.spreading import distinct

HIDDEN = CODES[9]


@pytest.fixture
def world(tiny: Tiny) -> Tiny:
    """Thirty districts with a poverty rate (one secret), a rate of jobs with its counts, and a place for each."""
    tiny.plan = PLAN + QUESTIONS
    rates = {code: 40.0 + number % 11 for number, code in enumerate(CODES)}
    tiny.put("in_tp60", 2012, {**rates, HIDDEN: None})
    tiny.put("in_tp60", 2015, {**{code: rate + 1 for code, rate in rates.items()}, HIDDEN: None})
    for number, code in enumerate(CODES):
        denominator = 400.0 + 120 * number
        numerator = round(denominator * (0.5 + 0.02 * (number % 5 - 2)))
        values = {"numerator": float(numerator), "denominator": denominator}
        tiny.put("em_emploi", 2010, {code: 100 * numerator / denominator}, **values)
    return tiny


@pytest.fixture
def ev(world: Tiny) -> Evaluation:
    return world.open()


def test_a_strip_shows_every_territory_and_counts_the_secret_one(ev: Evaluation) -> None:
    figure = ev.charts.strip("in_tp60")
    assert len(figure.data.rows) == len(CODES)
    hidden = [row for row in figure.data.raw if row["value"] is None]
    assert [(row["status"], row["reading"]) for row in hidden] == [("secret", None)]
    assert "Sans valeur (secret\u00a0: 1)." in figure.alt
    assert "parmi 29 territoires" in figure.title
    assert "pas un classement" in figure.note
    assert ev.alt.strip("in_tp60") == figure.alt
    assert ev.charts.strip("in_tp60") is figure


def test_labels_tell_territories_of_the_same_name_apart() -> None:
    names = {"Q1": "Centre Ville", "Q2": "Mosson", "Q3": "Centre Ville"}
    assert distinct(names) == {"Q1": "Centre Ville (Q1)", "Q2": "Mosson", "Q3": "Centre Ville (Q3)"}


def test_a_funnel_is_drawn_from_counts_and_refused_without_them(ev: Evaluation) -> None:
    figure = ev.charts.funnel("em_emploi")
    total = sum(400.0 + 120 * number for number in range(30))
    events = sum(round((400.0 + 120 * number) * (0.5 + 0.02 * (number % 5 - 2))) for number in range(30))
    assert f"{100 * events / total:.1f}".replace(".", ",") in figure.alt
    mine = figure.data.raw[0]
    assert mine["value"] == pytest.approx(100 * round(400 * 0.46) / 400)
    assert mine["size"] == 400
    with pytest.raises(TemplateError):
        ev.charts.funnel("in_tp60")
    with pytest.raises(TemplateError):
        ev.alt.funnel("de_pop")


def test_a_map_needs_places(ev: Evaluation) -> None:
    with pytest.raises(TemplateError):
        ev.charts.choropleth("in_tp60")


def test_the_demo_has_a_map_with_every_territory(demo: tuple[Path, Warehouse]) -> None:
    plan, warehouse = demo
    here = open_evaluation(plan, "DX001001", "fr", warehouse=warehouse.root)
    figure = here.charts.choropleth("in_tp60")
    assert len(figure.data.rows) == len(here.charts.strip("in_tp60").data.rows) > 10
    assert figure.title.startswith("Taux de pauvreté")
    assert len(figure.svg.encode()) < 20_000
    names = [row[0] for row in figure.data.rows]
    assert len(set(names)) == len(names)


def test_a_waterfall_goes_from_plan_to_payment(tiny: Tiny) -> None:
    tiny.operation(cost_planned=6e6, cost_committed=5e6, cost_paid=2e6)
    tiny.operation("rehabilitation", cost_planned=4e6, cost_committed=4e6, cost_paid=3e6)
    figure = tiny.open().charts.waterfall()
    assert figure.title == "50\u00a0% du coût programmé est payé"
    assert [(row["kind"], row["value"]) for row in figure.data.raw] == [
        ("change", 6e6), ("change", 4e6), ("total", 10e6), ("change", -1e6), ("total", 9e6), ("change", -4e6), ("total", 5e6),
    ]  # fmt: skip
    assert figure.data.raw[-1]["level"] == 5e6


def test_a_cost_that_is_not_known_is_a_gap_and_not_a_zero(tiny: Tiny) -> None:
    tiny.operation(cost_planned=6e6, cost_committed=None, cost_paid=2e6)
    raw = tiny.open().charts.waterfall().data.raw
    assert [row["status"] for row in raw] == ["published", "published", "missing", "missing", "missing", "published"]


def test_a_waterfall_without_operations_is_refused(ev: Evaluation) -> None:
    with pytest.raises(TemplateError):
        ev.charts.waterfall()


def test_estimates_of_a_template_become_a_forest(ev: Evaluation) -> None:
    effects, noise = pd.Series([-2.0, -1.0, 0.5], index=["a", "b", "c"]), [0.1, 0.1, 0.1]
    pooled = stats.pool(effects, noise, unit="point")
    each = {name: stats.pool([value, value - 0.4], [0.1, 0.1], unit="point") for name, value in effects.items()}
    figure = ev.charts.forest("in_tp60", each, pooled, "Insee")
    assert [row[0] for row in figure.data.rows] == ["a", "b", "c", "Moyenne", "Un territoire de plus peut s’attendre à"]
    assert "effets qui se distinguent de zéro, 2 sur 3" in figure.title
    assert (figure.source, figure.indicators) == ("Insee", ("in_tp60",))


def test_a_jump_becomes_a_figure(ev: Evaluation) -> None:
    running = np.linspace(-1, 1, 200)
    outcome = 40 + running - 3 * (running >= 0) + 0.2 * np.cos(37 * running)
    frame = pd.DataFrame({"x": running, "y": outcome})
    found = stats.regression_discontinuity(frame, outcome="y", running="x", cutoff=0, measure="point")
    figure = ev.charts.discontinuity(
        "in_tp60", found, running.tolist(), outcome.tolist(), 0.0, "Score", "ratio", "Insee"
    )
    assert "un saut au seuil" in figure.title
    assert figure.data.raw[-1]["value"] == found.value
    assert ev.alt.discontinuity("in_tp60", found, running.tolist(), outcome.tolist(), 0.0, "Score") != ""


def test_the_charts_speak_english_too(world: Tiny) -> None:
    figure = world.open(language="en").charts.strip("in_tp60", "none", "region")
    assert "among 29 territories" in figure.title
    assert OURS in [code for code in CODES if code not in OTHERS]

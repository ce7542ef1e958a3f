"""Figures of every kind, small and hostile, shared by the tests of the charts."""

from __future__ import annotations

import functools
from xml.etree import ElementTree

from design_samples import design_figures
from shapely import Point as Place
from shapely import box

from evalkit import charts
from evalkit.model.figure import Figure

HOSTILE = '"><script>alert(1)</script> $x_1$ & =HYPERLINK("x")\x07'
CAPTIONS = charts.Captions("Ce que montre la figure", "Ce qu’elle mesure", lecture="en 2021...", source="Insee")
YEARS = tuple(str(year) for year in range(2012, 2022))
HIDDEN_YEAR = "2019"


def series(secret: str = HIDDEN_YEAR) -> tuple[charts.Point, ...]:
    return tuple(
        charts.Point(year, None, "secret")
        if year == secret
        else charts.Point(year, 50.0 + place / 3, lower=48.0, upper=56.0)
        for place, year in enumerate(YEARS)
    )


def trend_data(name: str = "Mosson") -> charts.TrendData:
    others = {year: [40.0 + step + place / 5 for step in range(9)] for place, year in enumerate(YEARS)}
    return charts.TrendData(
        name,
        "Taux de pauvreté",
        series(),
        "percent",
        1,
        charts.Comparator.of(f"{name} 60 quartiers", others, 60),
        charts.Comparator.of("tous les QPV", {year: [41.0] for year in YEARS}),
        ("2016", "2018"),
        charts.Mark("2014", 51.0),
        (charts.Mark("2018", 49.0),),
        charts.Mark("2023", 45.0),
        "in_tp60",
    )


def survival_data(name: str = "Hérault") -> charts.SurvivalData:
    times = tuple(float(month) / 4 for month in range(1, 21))
    shares = tuple(1 - time / 20 for time in times)
    risk = {float(year): 40 - 3 * year for year in range(6)}
    group = charts.SurvivalGroup(name, times, shares, tuple(s - 0.1 for s in shares), shares, risk, 40, 10)
    return charts.SurvivalData(name, group, charts.SurvivalGroup("non soutenues", times[:8], shares[:8], n=20))


def indicator_rows(name: str = "Taux de pauvreté") -> list[charts.IndicatorRow]:
    others = tuple(float(value) for value in range(40, 60))
    point = charts.Point
    return [
        charts.IndicatorRow(
            "in_tp60", name, name, point("2020", 57.8), "percent", -1, "worse", 1, 49.5, others, series(), ("2016",)
        ),
        charts.IndicatorRow(
            "in_med", "Revenu", name, point("2020", 55.0), "percent", 1, "better", 1, 49.5, others, series()
        ),
        charts.IndicatorRow(
            "ig_etr", "Étrangers", "Population", point("2015", 99.0), "percent", 0, "worse", 1, 49.5, others
        ),
        charts.IndicatorRow(
            "ho_vac",
            "Vacance",
            "Logement",
            point("2022", None, "secret"),
            "percent",
            -1,
            "worse",
            1,
            6.0,
            others,
            quality="B",
        ),
        charts.IndicatorRow(
            "em_emploi",
            "Emploi",
            "Emploi",
            point("2020", 50.0, "published", 45.0, 55.0),
            "percent",
            1,
            "not_established",
            1,
            49.5,
            others,
            breakdown="sex=female",
            breakdown_label="femmes",
        ),
    ]


def every_figure(lang: str = "fr", name: str = "Mosson", prefix: str = "f") -> list[Figure]:
    """Return one figure of each kind, with a name put wherever a name can stand."""
    changes = tuple((step - 30) / 7 for step in range(60))
    change = charts.Point("2015", 2.1, lower=-3.1, upper=7.3)
    row, share = charts.DeliveryRow, charts.ShareRow
    delivery = (
        row(name, name, 450, 400, 312),
        row("Équipements", "opérations", 6, 4, 9),
        row("Autre", "opérations", None, 1, 1),
    )
    shares = (
        share(name, charts.Point("2020", 62.0, lower=55.0, upper=69.0), 120, 78.0),
        share("Mutuelles", charts.Point("2020", None, "secret"), 3),
    )
    outcomes = (
        charts.OutcomeRow(
            "a",
            name,
            "percent",
            charts.Point("2020", 57.8, lower=56.0, upper=59.6),
            charts.Mark("2014", 58.5),
            (),
            charts.Mark("2022", 50),
        ),
        charts.OutcomeRow(
            "b",
            "B",
            "percent",
            charts.Point("2020", None, "secret"),
            charts.Mark("2014", 9),
            (),
            charts.Mark("2022", 5),
        ),
        charts.OutcomeRow("c", "C", "percent", charts.Point("2020", 1.0)),
    )
    place = charts.LocatorData(
        name,
        box(3.80, 43.61, 3.83, 43.64),
        (box(3.9, 43.6, 3.92, 43.62), Place(3, 43)),
        name,
        (box(2, 42, 5, 45),),
        (("Commune", name),),
    )
    options = {"lang": lang}
    return [
        charts.trend(f"{prefix}-trend", trend_data(name), CAPTIONS, **options),
        charts.before_after(
            f"{prefix}-change",
            charts.ChangeData(name, "Taux", "2012", "2015", "point", change, changes, name, -1, 1),
            CAPTIONS,
            **options,
        ),
        charts.delivery(f"{prefix}-delivery", charts.DeliveryData(name, delivery), CAPTIONS, **options),
        charts.survival(f"{prefix}-survival", survival_data(name), CAPTIONS, **options),
        charts.families(f"{prefix}-shares", charts.SharesData(name, "Familles", shares, name), CAPTIONS, **options),
        charts.outcomes(f"{prefix}-outcomes", charts.OutcomesData(name, outcomes), CAPTIONS, **options),
        charts.locator(f"{prefix}-map", place, CAPTIONS, **options),
        charts.indicator_table(
            indicator_rows(name),
            lang=lang,
            figure_id=f"{prefix}-table",
            territory=name,
            comparator_label=name,
            captions=CAPTIONS,
        ),
        *design_figures(lang, name, prefix),
    ]


@functools.cache
def drawn(lang: str = "fr", name: str = "Mosson") -> tuple[Figure, ...]:
    """Return the same figures, drawn once for all tests that only look at them."""
    return tuple(every_figure(lang, name))


def parse(text: str) -> ElementTree.Element:
    """Return the tree of a picture or a table that we made."""
    return ElementTree.fromstring(text)  # noqa: S314 our own output

"""Figures of designs, of many territories and of money, small and hostile, for the tests of the charts."""

from __future__ import annotations

import math

from shapely import Point as Place
from shapely import box

from evalkit import charts
from evalkit.model.figure import Figure

CAPTIONS = charts.Captions("Ce que montre la figure", "Ce qu’elle mesure", lecture="en 2021...", source="Insee")
PERIODS = tuple(str(year) for year in range(2010, 2020))


def wobble(place: int) -> float:
    """Return a number between -1 and 1 that looks drawn and never changes."""
    return math.sin(12.9898 * (place + 1)) * math.cos(4.1 * place)


def event_data(name: str = "Le programme") -> charts.EventData:
    steps = [
        charts.Point(str(time), 0.2 * time, lower=0.2 * time - 0.9, upper=0.2 * time + 0.9) for time in (-4, -3, -2)
    ]
    steps.append(charts.Point("-1", 0.0))
    steps += [charts.Point(str(time), -2.0 - time, lower=-3.0 - time, upper=-1.0 - time) for time in (0, 1, 3)]
    steps.insert(6, charts.Point("2", None, "secret"))
    whole = charts.Point("", -3.3, lower=-4.0, upper=-2.6)
    return charts.EventData(name, "Taux de pauvreté", "point", tuple(steps), whole, "-1", -1, 1, indicator="in_tp60")


def gap_data(name: str = "Mosson", count: int = 12, far: int = 3) -> charts.GapData:
    """Return a gap that opens from 2015 on; `far` placebos leave the scale."""
    own = tuple(
        charts.Point(year, None, "missing")
        if year == "2012"
        else charts.Point(year, 0.2 * wobble(place) - max(0, place - 4))
        for place, year in enumerate(PERIODS)
    )
    paths = tuple(
        charts.Path(
            f"{name} {place}",
            tuple((40.0 if place < far else 1.0) * wobble(7 * place + year) for year in range(len(PERIODS))),
        )
        for place in range(count)
    )
    effect = charts.Point("", -3.0, lower=-4.5, upper=-1.5)
    return charts.GapData(name, "Taux de pauvreté", "point", own, "2015", paths, effect, 0.08, -1, 1, ("2013",))


def forest_data(name: str = "Mosson", count: int = 8) -> charts.ForestData:
    rows = [
        charts.ForestRow(f"{name} {place}", 2 * wobble(place), 2 * wobble(place) - 1, 2 * wobble(place) + 1, n=90)
        for place in range(count)
    ]
    rows.append(charts.ForestRow("Caché", None, status="secret", n=3))
    pooled = charts.ForestRow(name, -0.5, -0.9, -0.1)
    return charts.ForestData("Effet", "point", tuple(rows), pooled, (-2.0, 1.0), 40.0, f"{name} 1", -1, 1)


def funnel_data(name: str = "Mosson", count: int = 40) -> charts.FunnelData:
    limits = tuple(
        charts.FunnelLimit(level, float(size), 30 - times * 900 / size**0.5, 30 + times * 900 / size**0.5)
        for level, times in ((0.95, 0.1), (0.998, 0.16))
        for size in (500, 1000, 2000, 5000, 10000, 20000, 40000)
    )
    points = [
        charts.FunnelPoint(
            f"{name} {place}", 600.0 * 1.1**place if count < 50 else 600.0 + 15 * place, 30 + 4 * wobble(place)
        )
        for place in range(count)
    ]
    points.append(charts.FunnelPoint("Caché", None, None, "secret"))
    return charts.FunnelData(
        "Taux d’emploi", "percent", name, tuple(points), 30.0, limits, f"{name} 5", "ensemble", 1, 1, "em_emploi"
    )


def strip_data(name: str = "Mosson", count: int = 40, sign: int = -1) -> charts.StripData:
    rows = []
    for place in range(count):
        value = 48 + 9 * wobble(place)
        reading = "neutral" if not sign else "better" if value < 43 else "worse" if value > 53 else "not_established"
        rows.append(
            charts.StripRow(f"{name} {place}", charts.Point("2021", value, lower=value - 2, upper=value + 2), reading)
        )
    rows.append(charts.StripRow("Caché", charts.Point("2021", None, "secret")))
    return charts.StripData("Taux de pauvreté", "percent", "2021", tuple(rows), f"{name} 4", 48.0, sign, 1, "in_tp60")


def map_data(name: str = "Mosson", count: int = 30) -> charts.MapData:
    areas = [
        charts.Area(
            f"{name} {place}",
            box(2 + place % 6 / 2, 43 + place // 6 / 3, 2.5 + place % 6 / 2, 43.3 + place // 6 / 3),
            40.0 + place,
        )
        for place in range(count)
    ]
    areas += [
        charts.Area(f"dense {place}", Place(3.9 + place / 900, 43.6 + wobble(place) / 90), 41.0 + place)
        for place in range(9)
    ]
    areas.append(charts.Area("Caché", box(5, 43, 5.5, 43.4), None, "secret"))
    areas.append(charts.Area("Petit", Place(5.2, 44), None, "secret"))
    outlines = (box(1.8, 42.8, 5.6, 45),)
    return charts.MapData("Taux", "percent", "2021", tuple(areas), outlines, (), f"{name} 4", 1, "in_tp60")


def discontinuity_data(name: str = "Revenu médian") -> charts.DiscontinuityData:
    bins = tuple(charts.Bin(place * 100.0, 40 - place / 4 - 4 * (place >= 10), 20) for place in range(20))
    return charts.DiscontinuityData(
        "Taux de pauvreté",
        "percent",
        name,
        "euro",
        1000.0,
        bins,
        ((600.0, 38.5), (1000.0, 37.5)),
        ((1000.0, 33.5), (1400.0, 32.5)),
        charts.Point("", -4.0, lower=-5.0, upper=-3.0),
        400.0,
        -1,
        1,
    )


def waterfall_data(name: str = "Mosson", *hidden: int) -> charts.WaterfallData:
    step = charts.WaterfallStep
    steps = [
        step(name, 12.0e6),
        step("Réhabilitation", 8.0e6),
        step("Aménagement", 5.0e6),
        step("Programmé", 25.0e6, "total"),
        step("Pas encore engagé", -5.0e6),
        step("Engagé", 20.0e6, "total"),
    ]
    for place in hidden:
        steps[place] = step(steps[place].label, None, steps[place].kind, "secret")
    return charts.WaterfallData(name, "Coût des opérations", "euro", tuple(steps))


def design_figures(lang: str = "fr", name: str = "Mosson", prefix: str = "f") -> list[Figure]:
    """Return one figure of each of these kinds, with a name put wherever a name can stand."""
    return [
        charts.event_study(f"{prefix}-event", event_data(name), CAPTIONS, lang=lang),
        charts.gap(f"{prefix}-gap", gap_data(name), CAPTIONS, lang=lang),
        charts.forest(f"{prefix}-forest", forest_data(name), CAPTIONS, lang=lang),
        charts.funnel(f"{prefix}-funnel", funnel_data(name), CAPTIONS, lang=lang),
        charts.strip(f"{prefix}-strip", strip_data(name), CAPTIONS, lang=lang),
        charts.choropleth(f"{prefix}-choropleth", map_data(name), CAPTIONS, lang=lang),
        charts.discontinuity(f"{prefix}-discontinuity", discontinuity_data(name), CAPTIONS, lang=lang),
        charts.waterfall(f"{prefix}-waterfall", waterfall_data(name), CAPTIONS, lang=lang),
    ]

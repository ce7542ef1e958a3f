"""The charts of a programme: change, delivery, survival, shares, outcomes and the map."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from chart_samples import CAPTIONS, every_figure, parse, survival_data
from shapely import Point as Place
from shapely import box

from evalkit import charts
from evalkit.charts.outcomes import progress

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> str:
    return " | ".join(node.text or "" for node in parse(svg).iter(f"{SVG}text"))


def change(others: tuple[float, ...], point: charts.Point, sign: int = -1) -> charts.ChangeData:
    return charts.ChangeData("Mosson", "Taux", "2012", "2015", "point", point, others, "autres", sign, 1)


def test_a_change_is_shown_with_its_interval_among_the_others() -> None:
    data = change(tuple(float(one) for one in range(-20, 21)), charts.Point("2015", 2.1, lower=-3.1, upper=7.3))
    figure = charts.before_after("f", data, CAPTIONS, lang="fr")
    found = texts(figure.svg)
    assert "Mosson +2,1\u00a0pt [−3,1\u00a0pt\u00a0; +7,3\u00a0pt]" in found
    assert "95\u00a0% des évolutions" in found
    assert "← plus favorable" in found
    assert "23 sur 41" in figure.alt


def test_few_others_have_no_band_and_a_neutral_change_no_favourable_side() -> None:
    data = change((1.0, 2.0, 3.0), charts.Point("2015", None, "secret"), sign=0)
    found = texts(charts.before_after("f", data, CAPTIONS, lang="fr").svg)
    assert "95\u00a0%" not in found
    assert "favorable" not in found
    assert "ne peut pas être calculée" in found
    alone = charts.before_after("f", change((), charts.Point("2015", 1.0)), CAPTIONS, lang="en")
    assert "without an interval" in alone.alt


def test_bars_of_delivery_start_at_zero_and_are_in_proportion() -> None:
    rows = (
        charts.DeliveryRow("Démolition", "logements", 100, 80, 40),
        charts.DeliveryRow("Autre", "opérations", 0, 1, 2),
    )
    figure = charts.delivery("f", charts.DeliveryData("M", rows), CAPTIONS, lang="fr")
    bars = re.findall(r'd="M([\d.]+) [\d.]+L([\d.]+) [^"]*"[^>]*class="c-(mine|half)-fill"', figure.svg)[-2:]
    widths = {token: float(end) - float(start) for start, end, token in bars}
    assert len({start for start, _, _ in bars}) == 1
    assert widths["half"] == pytest.approx(2 * widths["mine"], abs=0.2)
    assert "40\u00a0%" in texts(figure.svg)
    assert "2 opérations, rien de" in texts(figure.svg)
    assert figure.data.rows[1][5] == "non disponible"


def test_survival_runs_from_all_to_the_end_of_the_follow_up() -> None:
    data = survival_data()
    assert data.supported.at(0) == 1.0
    assert data.supported.at(5) == pytest.approx(0.75)
    assert data.others is not None
    assert data.others.at(5) is None
    figure = charts.survival("f", data, CAPTIONS, lang="fr")
    assert "75\u00a0% [65\u00a0%\u00a0; 75\u00a0%] encore en activité après 5 ans (40 structures)" in figure.alt
    assert "le suivi est plus court" in figure.alt
    assert "Structures encore suivies" in texts(figure.svg)
    assert figure.data.rows[-1][3] == "non disponible"


def test_a_secret_share_has_no_bar_and_no_count() -> None:
    figure = next(one for one in every_figure() if one.id == "f-shares")
    assert "secret" in texts(figure.svg)
    assert figure.data.raw[1]["share"] is None
    assert figure.data.raw[1]["count"] is None
    assert "Sans valeur publiée\u00a0: Mutuelles" in figure.alt


@pytest.mark.parametrize(("latest", "share"), [(58.5, 0.0), (50.0, 1.0), (60.2, -0.2), (54.25, 0.5)])
def test_progress_is_the_share_of_the_way_whatever_the_direction(latest: float, share: float) -> None:
    point = charts.Point("2020", latest)
    row = charts.OutcomeRow("i", "I", "percent", point, charts.Mark("2014", 58.5), (), charts.Mark("2022", 50.0))
    assert progress(row) == pytest.approx(share)
    svg = charts.outcomes("f", charts.OutcomesData("M", (row,)), CAPTIONS, lang="fr").svg
    assert ("s’éloigne de la cible" if share < 0 else "du chemin") in texts(svg)


def test_a_tiny_territory_gets_a_close_up_and_a_place_is_needed() -> None:
    tiny = next(one for one in every_figure() if one.id == "f-map")
    assert "km" in texts(tiny.svg)
    assert "chart map" in tiny.svg
    large = charts.LocatorData("Hérault", box(2.5, 43, 4.5, 44.5), outlines=(box(2, 42, 5, 45),))
    assert "km" not in texts(charts.locator("f", large, CAPTIONS, lang="fr").svg)
    with pytest.raises(ValueError, match="no geometry"):
        charts.locator("f", charts.LocatorData("x", None), CAPTIONS, lang="fr")


def test_a_map_of_many_places_stays_light() -> None:
    places = tuple(Place(-4 + place % 60 / 5, 42 + place // 60 / 3) for place in range(1296))
    figure = charts.locator("f", charts.LocatorData("M", Place(3, 43), places, "QPV"), CAPTIONS, lang="fr")
    assert len(figure.svg.encode()) < 20_000
    assert "1 296 autres lieux" in figure.alt.replace("\u202f", " ")


def test_a_curve_of_thousands_of_steps_is_drawn_with_few() -> None:
    times = tuple(number / 1000 for number in range(1, 5001))
    shares = tuple(1 - number / 12500 for number in range(1, 5001))
    supported = replace(survival_data().supported, times=times, survival=shares, lower=shares, upper=shares)
    figure = charts.survival("f", replace(survival_data(), supported=supported), CAPTIONS, lang="fr")
    assert len(figure.svg) < 30_000
    assert "60\u00a0%" in figure.data.rows[-1][1]

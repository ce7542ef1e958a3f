"""The territory among all it is set against, for one indicator at one period: strip, funnel and map. None of them is a ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit import charts as draw
from evalkit.charts import Captions, FunnelData, FunnelPoint, MapData, Point, StripData, StripRow
from evalkit.charts.inputs import finite, quantile
from evalkit.errors import TemplateError
from evalkit.model.figure import Figure
from evalkit.model.indicator import Indicator
from evalkit.model.observation import Observation
from evalkit.notebook import codes
from evalkit.notebook.describing import ENOUGH_PUBLISHED, label_of
from evalkit.notebook.drawing import champ, figure_id, measure, source_line
from evalkit.notebook.locating import outlines_of, shapes_of
from evalkit.notebook.pointing import point
from evalkit.notebook.reading import Reader
from evalkit.text import Message, Quantity, msg

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate
    from evalkit.notebook.evaluation import Evaluation

GRID = 40
SPARE = 1.2


@dataclass(frozen=True)
class Field:
    """The territory and the members of a comparator at one period, in the order of their codes; a code without a row has no value."""

    reader: Reader
    lang: str
    indicator: Indicator
    breakdown: str
    comparator: str
    period: str
    rows: Mapping[str, Observation | None]
    labels: Mapping[str, str]

    @property
    def mine(self) -> str:
        """Return the label of the territory."""
        return self.labels[self.reader.territory.code]

    def point(self, code: str) -> Point:
        """Return the value of a territory with its interval, or its status."""
        row = self.rows[code]
        return Point(self.period, None, "missing") if row is None else point(row, self.indicator)


def field(ev: Evaluation, reader: Reader, id: str, breakdown: str, comparator: str | None) -> Field:
    """Return an indicator's field at the latest period published here; raises `TemplateError` where there is none."""
    series, chosen = reader.series(id, breakdown), comparator or ev.main_comparator
    latest = series.latest(ev.reference_period)
    if latest is None or latest.value is None or chosen is None:
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=id, territory=reader.territory.code)
    known = reader.beside(chosen, id, breakdown, latest.period)
    every = sorted({reader.territory.code, *reader.members(chosen).codes})
    rows = {code: known.get(code) for code in every}
    return Field(
        reader, ev.language, series.indicator, breakdown, chosen, latest.period, rows, labels_of(reader, every)
    )


def labels_of(reader: Reader, codes: list[str]) -> dict[str, str]:
    """Return a label for each territory: its name, with its code where others bear the same name."""
    place = reader.territory
    found = reader.warehouse.places(place.level, place.geography, codes)
    return distinct({code: found[code].name if code in found else code for code in codes})


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names by code; the code stands beside a name that several bear."""
    counts = Counter(names.values())
    return {code: name if counts[name] == 1 else f"{name} ({code})" for code, name in names.items()}


def strip_figure(ev: Evaluation, reader: Reader, id: str, breakdown: str, comparator: str | None) -> Figure:
    """Return the strip of an indicator: every territory on one scale, with its interval and its reading."""
    one = field(ev, reader, id, breakdown, comparator)
    points = {code: one.point(code) for code in one.rows}
    values = finite([found.value for found in points.values()])
    is_told = len(values) >= ENOUGH_PUBLISHED * len(points)
    rows = tuple(
        StripRow(one.labels[code], found, _reading(found, values, one.indicator, is_told=is_told))
        for code, found in points.items()
    )
    data = StripData(
        measure=label_of(one.indicator, breakdown).render(one.lang),
        unit=one.indicator.unit,
        period=one.period,
        rows=rows,
        highlighted=one.mine,
        median=quantile(values, 0.5),
        sign=one.indicator.sign,
        decimals=one.indicator.decimals,
        indicator=id,
    )
    captions = _captions(
        one,
        _among(one),
        msg(
            "each mark is a territory, on the line of its reading; thin lines are intervals, the vertical line is the median."
        ),
        msg("This is not a ranking: values that differ by less than their uncertainty cannot be told apart."),
    )
    return draw.strip(figure_id("strip", id, breakdown), data, captions, lang=one.lang)


def _reading(found: Point, values: list[float], indicator: Indicator, *, is_told: bool) -> str:
    if found.value is not None and indicator.sign and not is_told:
        return "untested"
    return draw.read_position(found.value, found.lower, found.upper, values, indicator.sign, found.status)


def funnel_figure(ev: Evaluation, reader: Reader, id: str, breakdown: str, comparator: str | None) -> Figure:
    """Return the funnel of a share or a rate: each territory by its size, with the limits that chance alone sets.

    Raises `TemplateError` where the counts behind the values are not known.
    """
    one = field(ev, reader, id, breakdown, comparator)
    kind = {"wilson": "proportion", "wilson_census": "proportion", "byar": "rate"}.get(one.indicator.interval_method)
    counted = {
        code: row for code, row in one.rows.items() if row is not None and row.value is not None and row.denominator
    }
    mine = counted.get(reader.territory.code)
    if kind is None or mine is None or any(row.numerator is None for row in counted.values()):
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=id, territory=reader.territory.code)
    found, spread = _limits(counted, kind, one.indicator.multiplier)
    times = one.indicator.multiplier if kind == "proportion" else 1.0
    points = [
        FunnelPoint(
            one.labels[code], row.denominator, times * (row.numerator or 0.0) / row.denominator * _rate(kind, one)
        )
        if (row := counted.get(code)) is not None and row.denominator
        else FunnelPoint(
            one.labels[code], None, None, one.point(code).status if one.point(code).value is None else "missing"
        )
        for code in one.rows
    ]
    data = FunnelData.of(
        found, points, measure=label_of(one.indicator, breakdown).render(one.lang), unit=one.indicator.unit,
        size_label=msg("Size: denominator of the indicator").render(one.lang), times=times, highlighted=one.mine,
        target_label=msg("all territories compared").render(one.lang), sign=one.indicator.sign,
        decimals=one.indicator.decimals, indicator=id,
    )  # fmt: skip
    captions = _captions(
        one,
        _within(one, data),
        msg(
            "each mark is a territory; between the dashed lines it does not differ from all together by more than chance does for its size."
        ),
        msg("{text}.", text=spread.checks[0].sentence),
    )
    return draw.funnel(figure_id("funnel", id, breakdown), data, captions, lang=one.lang)


def _rate(kind: str, one: Field) -> float:
    return one.indicator.multiplier if kind == "rate" else 1.0


def _limits(counted: Mapping[str, Observation], kind: str, multiplier: float) -> tuple[Estimate, Estimate]:
    """Return the limits over an even spread of sizes, and those of the territories, which say whether chance is all."""
    from evalkit.stats import funnel_limits

    sizes = [row.denominator or 1.0 for row in counted.values()]
    events = [row.numerator or 0.0 for row in counted.values()]
    times = multiplier if kind == "rate" else 1.0
    low, high = min(sizes) / SPARE, max(sizes) * SPARE
    grid = [low * (high / low) ** (place / (GRID - 1)) for place in range(GRID)]
    target = times * sum(events) / sum(sizes)
    seen = [times * event / size for event, size in zip(events, sizes, strict=True)]
    wide = funnel_limits(grid, target, kind, multiplier=times)
    return wide, funnel_limits(sizes, target, kind, multiplier=times, observed=seen)


def _within(one: Field, data: FunnelData) -> Message:
    from evalkit.charts.limits import levels, place_of

    mine = next(found for found in data.points if found.label == one.mine)
    values = {"label": label_of(one.indicator, one.breakdown), "name": one.reader.territory.name}
    return {
        "inside": msg("{label}: {name} lies within what chance allows for its size", **values),
        "above": msg("{label}: {name} lies above what chance allows for its size", **values),
        "below": msg("{label}: {name} lies below what chance allows for its size", **values),
    }[place_of(mine, levels(data)[-1][1])]


def map_figure(ev: Evaluation, reader: Reader, id: str, breakdown: str, comparator: str | None) -> Figure:
    """Return the map of an indicator; raises `TemplateError` where no territory can be put on a map."""
    one = field(ev, reader, id, breakdown, comparator)
    shapes = shapes_of(reader, list(one.rows))
    if not shapes:
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=id, territory=reader.territory.code)
    areas = []
    for code in one.rows:
        found = one.point(code)
        areas.append(draw.Area(one.labels[code], shapes.get(code), found.value, found.status))
    data = MapData(
        measure=label_of(one.indicator, breakdown).render(one.lang), unit=one.indicator.unit, period=one.period,
        areas=tuple(areas), outlines=tuple(outlines_of(reader, list(one.rows))), highlighted=one.mine,
        decimals=one.indicator.decimals, indicator=id,
    )  # fmt: skip
    captions = _captions(
        one,
        _among(one),
        msg(
            "the stronger the shade, the higher the value; each class holds about as many territories. Hatching marks a secret value."
        ),
        msg("No shade is better or worse than another; numbered squares are drawn again beside the map."),
    )
    return draw.choropleth(figure_id("map", id, breakdown), data, captions, lang=one.lang)


def _among(one: Field) -> Message:
    known = sum(row is not None and row.value is not None for row in one.rows.values())
    value = one.point(one.reader.territory.code).value or 0.0
    return msg(
        "{label}: {name} at {value}, among {n} territories",
        label=label_of(one.indicator, one.breakdown),
        name=one.reader.territory.name,
        value=Quantity(value, one.indicator.unit, one.indicator.decimals),
        n=Quantity(known),
    )


def _captions(one: Field, title: Message, lecture: Message, note: Message) -> Captions:
    group = one.reader.group(one.comparator, one.indicator.id, one.breakdown)
    subtitle = msg("{measure}, {span}", measure=measure(one.reader, one.indicator, one.breakdown), span=one.period)
    return Captions(
        title=title.render(one.lang),
        subtitle=subtitle.render(one.lang),
        lecture=lecture.render(one.lang),
        champ=champ(one.reader, one.indicator, [group], one.period, one.lang),
        source=source_line([row.source for row in one.rows.values() if row is not None], one.lang),
        note=note.render(one.lang),
    )

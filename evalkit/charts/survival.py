"""The survival chart: the share of structures still active, year after year, supported and not."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import Scale, fit, spread_apart, wrap_text
from evalkit.charts.programme_inputs import SurvivalData, SurvivalGroup
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import number_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import Interval, msg, quantity

PLOT_TOP, PLOT_BOTTOM = 22.0, 266.0
LEFT, RIGHT = 168.0, 568.0
ROW = 19.0
_MOST_STEPS = 200  # of a curve: two units of the drawing each


def survival(figure_id: str, data: SurvivalData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the Kaplan-Meier curves with their pointwise intervals and, below, the numbers still followed each year.

    The axis runs from 0 to 100 %. Where few structures are still followed the curve says little: read the numbers below.
    """
    text = alt or alternative.survival(data, lang)
    groups = _groups(data)
    with drawing(PLOT_BOTTOM + 66 + ROW * len(groups)) as board:
        across = Scale(0, data.horizon, LEFT, RIGHT)
        upward = Scale(0, 1, PLOT_BOTTOM, PLOT_TOP)
        _draw_frame(board, across, upward, data.horizon, lang)
        for group, token in reversed(groups):
            _draw_curve(board, across, upward, group, token, data.horizon)
        _draw_labels(board, upward, groups, data.horizon, lang)
        _draw_at_risk(board, across, groups, data.horizon, lang)
        picture = board.svg(figure_id, text)
    return chart_figure(figure_id, captions, alt=text, data=survival_table(data, lang), svg=picture)


def _groups(data: SurvivalData) -> list[tuple[SurvivalGroup, str]]:
    return [(data.supported, "mine"), *([(data.others, "ref")] if data.others else [])]


def _draw_frame(board: Canvas, across: Scale, upward: Scale, horizon: int, lang: str) -> None:
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = upward(share)
        board.line([LEFT, RIGHT], [y, y], "rule", 1)
        board.text(LEFT - 10, y + 4.2, quantity(100 * share, "percent", lang, 0), anchor="end")
    for year in range(horizon + 1):
        board.text(across(year), PLOT_BOTTOM + 21, str(year), anchor="middle")
    board.text(RIGHT + 14, PLOT_BOTTOM + 21, msg("years after creation").render(lang), size=SMALL_SIZE)


def _steps(group: SurvivalGroup, values: Sequence[float], horizon: int) -> tuple[list[float], list[float]]:
    """Return the corners of a step line from time 0 to the end of the follow-up or the horizon."""
    times, shares = [0.0], [1.0]
    for time, share in _thinned(group.times, values, horizon):
        times += [time, time]
        shares += [shares[-1], share]
    end = min(group.times[-1] if group.times else 0.0, float(horizon))
    return [*times, end], [*shares, shares[-1]]


def _thinned(times: Sequence[float], values: Sequence[float], horizon: int) -> list[tuple[float, float]]:
    """Return the steps up to the horizon; of many that fall on the same two units of the drawing, the last one."""
    steps = [(time, value) for time, value in zip(times, values, strict=True) if time <= horizon]
    if len(steps) <= _MOST_STEPS:
        return steps
    return list({int(time / horizon * _MOST_STEPS): (time, value) for time, value in steps}.values())


def _draw_curve(board: Canvas, across: Scale, upward: Scale, group: SurvivalGroup, token: str, horizon: int) -> None:
    if group.lower and group.upper:
        xs, lower = _steps(group, group.lower, horizon)
        upper = _steps(group, group.upper, horizon)[1]
        board.ribbon(
            [across(x) for x in xs], [upward(y) for y in lower], [upward(y) for y in upper], token, opacity=0.16
        )
    xs, ys = _steps(group, group.survival, horizon)
    board.line([across(x) for x in xs], [upward(y) for y in ys], token, 2.6 if token == "mine" else 1.8)  # noqa: S105


def _draw_labels(
    board: Canvas, upward: Scale, groups: Sequence[tuple[SurvivalGroup, str]], horizon: int, lang: str
) -> None:
    ends = [_steps(group, group.survival, horizon)[1][-1] for group, _ in groups]
    room = board.width - RIGHT - 14
    blocks = []
    for (group, token), share in zip(groups, ends, strict=True):
        name = wrap_text(clean(group.label), room, bold=token == "mine")  # noqa: S105
        blocks.append([*name, quantity(100 * share, "percent", lang, 0)])
    heights = [15.0 * len(block) + 4 for block in blocks]
    centres = spread_apart([upward(share) for share in ends], heights, PLOT_TOP, PLOT_BOTTOM)
    for (_, token), block, centre in zip(groups, blocks, centres, strict=True):
        for place, line in enumerate(block):
            y = centre + 4.2 + 15 * (place - (len(block) - 1) / 2)
            board.text(RIGHT + 10, y, line, token, bold=token == "mine")  # noqa: S105


def _draw_at_risk(
    board: Canvas, across: Scale, groups: Sequence[tuple[SurvivalGroup, str]], horizon: int, lang: str
) -> None:
    y = PLOT_BOTTOM + 48
    board.text(0, y, msg("Structures still followed").render(lang), size=SMALL_SIZE)
    for place, (group, token) in enumerate(groups):
        row = y + ROW * (place + 1)
        board.text(0, row, fit(clean(group.label), LEFT - 22, SMALL_SIZE), token, size=SMALL_SIZE)
        for year in range(horizon + 1):
            count = _at_risk(group, year)
            label = number_text(None if count is None else float(count), "count", lang) if count is not None else "–"
            board.text(across(year), row, label, token, size=SMALL_SIZE, anchor="middle")


def _at_risk(group: SurvivalGroup, year: int) -> int | None:
    return next((count for time, count in group.at_risk.items() if float(time) == year), None)


def survival_table(data: SurvivalData, lang: str) -> DataTable:
    """Return, for each whole year and group, the share active, its interval and the number still followed."""
    groups = [group for group, _ in _groups(data)]
    heads = [msg("Years after creation").render(lang)]
    for group in groups:
        heads += [clean(group.label), msg("{label}: still followed", label=clean(group.label)).render(lang)]
    rows, raw = [], []
    for year in range(data.horizon + 1):
        cells = [str(year)]
        for group in groups:
            count = _at_risk(group, year)
            cells += [
                _share_text(group, year, lang),
                number_text(None if count is None else float(count), "count", lang),
            ]
            raw.append(
                {"year": year, "group": group.label, "share": group.at(year), "at_risk": count, **_bounds(group, year)}
            )
        rows.append(tuple(cells))
    caption = msg("Structures still active: {territory}", territory=clean(data.territory)).render(lang)
    return DataTable(caption, tuple(heads), tuple(rows), (True,) * len(heads), tuple(raw))


def _bounds(group: SurvivalGroup, year: int) -> dict[str, float | None]:
    known = bool(group.lower and group.upper)
    return {
        "lower": group.at(year, group.lower) if known else None,
        "upper": group.at(year, group.upper) if known else None,
    }


def _share_text(group: SurvivalGroup, year: int, lang: str) -> str:
    share, bounds = group.at(year), _bounds(group, year)
    text = number_text(None if share is None else 100 * share, "percent", lang, 0)
    if bounds["lower"] is None or bounds["upper"] is None or year == 0:
        return text
    return f"{text} {Interval(100 * bounds['lower'], 100 * bounds['upper'], 'percent', 0).render(lang)}"

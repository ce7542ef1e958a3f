"""The charts of a template: data read for the territory, drawn by the charts room, with the lines French readers expect under a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evalkit import charts as draw
from evalkit.charts import ChangeData, DeliveryData, DeliveryRow, Mark, OutcomeRow, OutcomesData, Point
from evalkit.errors import TemplateError
from evalkit.model.figure import Figure
from evalkit.model.plan import PlanIndicator
from evalkit.notebook import codes, drawing
from evalkit.notebook.describing import shown_level
from evalkit.notebook.pointing import mark, trend_data
from evalkit.notebook.results import Result
from evalkit.notebook.series import Group
from evalkit.notebook.since import since_baseline, tracked
from evalkit.notebook.widecharts import WideCharts


class Charts(WideCharts):
    """The charts that can be drawn for this territory; each returns a figure with its text alternative and its data table."""

    def trend(
        self, indicator: str, breakdown: str = "none", comparator: str | None = None, reference: str | None = None
    ) -> Figure:
        """Draw an indicator over time: the territory, the middle half of the comparators, breaks, secret gaps, target."""
        return self.once("trend", indicator, breakdown, comparator, reference)

    def indicator_table(self) -> Figure:
        """Draw the table of all indicators of the plan: value, interval, comparators, position, evolution, reading."""
        return self.once("indicator_table")

    def comparisons(self) -> Figure:
        """Draw the table of the territory beside its commune, its intermunicipality and the other comparators of the plan."""
        return self.once("comparisons")

    def before_after(self, change: Result) -> Figure:
        """Draw the territory's change among the changes of its comparators."""
        return self.once("before_after", change)

    def event_study(self, effect: Result) -> Figure:
        """Draw the mean effect of the programme by periods since the start."""
        return self.once("event_study", effect)

    def gap(self, effect: Result) -> Figure:
        """Draw the gap of the territory to its synthetic control, among the gaps of untreated territories."""
        return self.once("gap", effect)

    def ladder(self, indicator: str, breakdown: str = "none", comparator: str | None = None) -> Figure:
        """Draw the evidence ladder of an indicator: which designs its data allow here, and why not the others."""
        found = self._ev.ladder(indicator, breakdown, comparator)
        if found is None:
            raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=indicator, territory=self._reader.territory.code)
        return found

    def delivery(self) -> Figure:
        """Draw what was planned, committed and delivered, by family of operations."""
        return self.once("delivery")

    def outcomes(self) -> Figure:
        """Draw the outcome indicators against baseline, milestones and target."""
        return self.once("outcomes")

    def since_baseline(self) -> Figure:
        """Draw the table of the indicators that the plan follows: baseline, latest value, change, target."""
        return self.once("since_baseline")

    def survival(self, *, everywhere: bool = False) -> Figure:
        """Draw the survival of structures, supported and not."""
        return self.once("survival", "everywhere" if everywhere else "here")

    def families(self) -> Figure:
        """Draw the supported structures by family."""
        return self.once("families")

    def locator(self) -> Figure:
        """Draw where the territory is."""
        return self.once("locator")

    # -- how -------------------------------------------------------------------------------------------------

    def _trend(self, indicator: str, breakdown: str, comparator: str | None, reference: str | None) -> Figure:

        series = self._reader.series(indicator, breakdown, shown_level(self._reader, indicator))
        main = comparator or self._ev.main_comparator
        groups = (
            [] if series.level != self._reader.territory.level else self._groups(indicator, breakdown, main, reference)
        )
        if all(row.value is None for row in series.rows) and not any(group.values for group in groups):
            raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=indicator, territory=self._reader.territory.code)
        data = trend_data(self._reader, series, groups, self._lang)
        captions = drawing.trend_captions(self._reader, series, groups, self._lang)
        return draw.trend(drawing.figure_id("trend", indicator, breakdown), data, captions, lang=self._lang)

    def _groups(self, indicator: str, breakdown: str, main: str | None, reference: str | None) -> list[Group]:
        names = [main] if main else []
        sets = [c.id for c in self._reader.plan.comparators if c.kind in ("level", "parent") and c.id != main]
        names += [reference] if reference else sets[:1]
        return [self._reader.group(name, indicator, breakdown) for name in names]

    def _indicator_table(self) -> Figure:
        from evalkit.notebook.tabulating import indicator_table

        return indicator_table(self._ev, self._reader)

    def _comparisons(self) -> Figure:
        from evalkit.notebook.comparing import comparison_table

        return comparison_table(self._ev, self._reader)

    def _before_after(self, change: Result) -> Figure:

        indicator = self._reader.indicator(change.indicator)
        own = None if change.estimate is None else float(change.estimate.details["own_change"] or 0.0)
        middle = change.comparator_value or 0.0
        bounds = (
            (None, None)
            if change.lower is None or change.upper is None
            else (change.lower + middle, change.upper + middle)
        )
        start, end = change.period.split("/")
        data = ChangeData(
            territory=self._reader.territory.name,
            measure=change.label.render(self._lang),
            start=start,
            end=end,
            unit=change.unit,
            change=Point(end, own, "published" if own is not None else change.status, *bounds),
            others=change.others,
            others_label=change.comparator_label,
            sign=indicator.sign,
            decimals=indicator.decimals,
            breaks=tuple(b.period for b in indicator.breaks_between(start, end)),
            indicator=change.indicator,
        )
        captions = drawing.change_captions(self._reader, change, self._lang)
        return draw.before_after(
            drawing.figure_id("change", change.indicator, change.breakdown), data, captions, lang=self._lang
        )

    def _event_study(self, effect: Result) -> Figure:
        from evalkit.notebook.effectfigures import course_figure

        return course_figure(self._reader, effect, self._lang)

    def _gap(self, effect: Result) -> Figure:
        from evalkit.notebook.effectfigures import gap_figure

        return gap_figure(self._reader, effect, self._lang)

    def _delivery(self) -> Figure:
        from evalkit.notebook.delivering import families
        from evalkit.notebook.families import unit_word

        found = families(self._reader)
        rows = tuple(
            DeliveryRow(
                f.label.render(self._lang), unit_word(f.unit).render(self._lang), f.planned, f.committed, f.delivered
            )
            for f in found
        )
        data = DeliveryData(self._reader.territory.name, rows, found[0].vintage if found else "")
        return draw.delivery(
            "delivery", data, drawing.delivery_captions(self._reader, found, self._lang), lang=self._lang
        )

    def _since_baseline(self) -> Figure:
        return since_baseline(self._ev, self._reader)

    def _outcomes(self) -> Figure:
        used = [
            item for item in tracked(self._ev, self._reader) if item.target is not None and item.baseline is not None
        ]
        results = [self._ev.value(item.id, item.breakdowns[0]) for item in used]
        rows = tuple(self._outcome(item, result) for item, result in zip(used, results, strict=True))
        data = OutcomesData(self._reader.territory.name, rows)
        return draw.outcomes(
            "outcomes", data, drawing.outcome_captions(self._reader, results, self._lang), lang=self._lang
        )

    def _outcome(self, item: PlanIndicator, result: Result) -> OutcomeRow:
        start = self._reader.baseline(item)
        return OutcomeRow(
            indicator=result.indicator,
            label=result.label.render(self._lang),
            unit=result.unit,
            latest=Point(result.period, result.value, result.status, result.lower, result.upper),
            baseline=None if start is None or item.baseline is None else Mark(item.baseline.period, start),
            milestones=tuple(one for level in item.milestones if (one := mark(level)) is not None),
            target=mark(item.target),
            decimals=self._reader.indicator(item.id).decimals,
        )

    def _survival(self, where: str) -> Figure:
        from evalkit.notebook.essfigures import survival_figure

        return survival_figure(self._ev, self._reader, everywhere=where == "everywhere")

    def _families(self) -> Figure:
        from evalkit.notebook.essfigures import families_figure

        return families_figure(self._ev, self._reader)

    def _locator(self) -> Figure:
        from evalkit.notebook.locating import locator_figure

        return locator_figure(self._ev, self._reader)


class Alternatives:
    """For each chart, its text alternative, composed from its data: `ev.alt.trend("in_tp60")`."""

    def __init__(self, charts: Charts) -> None:
        self._charts = charts

    def __getattr__(self, name: str) -> Callable[..., str]:
        draw = getattr(self._charts, name)

        def alternative(*arguments: Any, **named: Any) -> str:
            return str(draw(*arguments, **named).alt)

        return alternative

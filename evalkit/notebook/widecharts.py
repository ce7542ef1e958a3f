"""The charts of many territories, of money and of estimates that a template makes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.model.figure import Figure
from evalkit.notebook.reading import Reader

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate
    from evalkit.notebook.evaluation import Evaluation


class WideCharts:
    """Draws each chart once for its arguments; see `evalkit.notebook.charting.Charts`, which templates use."""

    def __init__(self, evaluation: Evaluation, reader: Reader) -> None:
        self._ev = evaluation
        self._reader = reader
        self._lang = evaluation.language
        self._drawn: dict[tuple[str, tuple[Any, ...]], tuple[tuple[Any, ...], Figure]] = {}

    def once(self, name: str, *arguments: Any) -> Figure:
        """Return a chart of this object, drawn once for its arguments; they are kept, for their identity is the key."""
        key = (
            name,
            tuple(argument if isinstance(argument, (str, int, type(None))) else id(argument) for argument in arguments),
        )
        if key not in self._drawn:
            self._drawn[key] = (arguments, getattr(self, f"_{name}")(*arguments))
        return self._drawn[key][1]

    def waterfall(self) -> Figure:
        """Draw the cost of the operations, family by family, then what is committed and what is paid."""
        return self.once("waterfall")

    def strip(self, indicator: str, breakdown: str = "none", comparator: str | None = None) -> Figure:
        """Draw every territory of a comparator on one scale, with its interval and its reading, this one in blue."""
        return self.once("strip", indicator, breakdown, comparator)

    def funnel(self, indicator: str, breakdown: str = "none", comparator: str | None = None) -> Figure:
        """Draw a share or a rate by the size of each territory, with the limits that chance alone sets."""
        return self.once("funnel", indicator, breakdown, comparator)

    def choropleth(self, indicator: str, breakdown: str = "none", comparator: str | None = None) -> Figure:
        """Draw the map of an indicator over this territory and those of a comparator."""
        return self.once("choropleth", indicator, breakdown, comparator)

    def forest(
        self, indicator: str, effects: Mapping[str, Estimate], pooled: Estimate | None = None, source: str = ""
    ) -> Figure:
        """Draw effects side by side, by label and in the order given, with their average (`evalkit.stats.pool`)."""
        return self.once("forest", indicator, effects, pooled, source)

    def discontinuity(
        self,
        indicator: str,
        estimate: Estimate,
        running: Sequence[float],
        outcome: Sequence[float],
        cutoff: float,
        running_label: str,
        running_unit: str = "ratio",
        source: str = "",
    ) -> Figure:
        """Draw the jump that `evalkit.stats.regression_discontinuity` found, with the observations that it used."""
        return self.once(
            "discontinuity", indicator, estimate, running, outcome, cutoff, running_label, running_unit, source
        )

    def _waterfall(self) -> Figure:
        from evalkit.notebook.cascading import waterfall_figure

        return waterfall_figure(self._ev, self._reader)

    def _strip(self, *asked: Any) -> Figure:
        from evalkit.notebook.spreading import strip_figure

        return strip_figure(self._ev, self._reader, *asked)

    def _funnel(self, *asked: Any) -> Figure:
        from evalkit.notebook.spreading import funnel_figure

        return funnel_figure(self._ev, self._reader, *asked)

    def _choropleth(self, *asked: Any) -> Figure:
        from evalkit.notebook.spreading import map_figure

        return map_figure(self._ev, self._reader, *asked)

    def _forest(self, *asked: Any) -> Figure:
        from evalkit.notebook.gathering import forest_figure

        return forest_figure(self._reader, self._lang, *asked)

    def _discontinuity(self, *asked: Any) -> Figure:
        from evalkit.notebook.gathering import discontinuity_figure

        return discontinuity_figure(self._reader, self._lang, *asked)

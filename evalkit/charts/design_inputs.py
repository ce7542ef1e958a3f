"""What the charts of designs are drawn from: effects with their intervals, most of them read from an `Estimate`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.charts.inputs import Point
from evalkit.model.observation import WITH_VALUE

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate


@dataclass(frozen=True)
class EventData:
    """Effects by time since treatment: the `period` of each step is that time (`-2`, `0`, `3`), negative before.

    `base` is the step that all others are set against, where there is one; `overall` the effect over the steps after.
    """

    subject: str
    measure: str
    unit: str
    steps: tuple[Point, ...]
    overall: Point | None = None
    base: str | None = None
    sign: int = 0
    decimals: int | None = None
    confidence: float = 0.95
    indicator: str = ""

    @classmethod
    def of(
        cls,
        estimate: Estimate,
        *,
        subject: str,
        measure: str,
        unit: str = "",
        sign: int = 0,
        decimals: int | None = None,
        indicator: str = "",
    ) -> EventData:
        """Read the result of an event study (a `table` with one term per time since treatment)."""
        steps = tuple(sorted(_terms(estimate), key=lambda one: float(one.period)))
        is_fixed = estimate.details.get("base") == "universal" and all(one.period != "-1" for one in steps)
        if is_fixed:
            steps = tuple(sorted((*steps, Point("-1", 0.0)), key=lambda one: float(one.period)))
        base = next(
            (one.period for one in steps if one.period == "-1" and one.value == 0 and not one.has_interval), None
        )
        overall = Point("", estimate.value, "published", estimate.lower, estimate.upper)
        return cls(
            subject,
            measure,
            estimate.unit or unit,
            steps,
            overall,
            base,
            sign,
            decimals,
            estimate.confidence,
            indicator,
        )


@dataclass(frozen=True)
class Path:
    """The values of one placebo, in the order of the periods of the gap; None where there is none."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class GapData:
    """Treated minus synthetic, period by period, from `start` on under the programme; `placebos` are the same for untreated ones."""

    subject: str
    measure: str
    unit: str
    gaps: tuple[Point, ...]
    start: str
    placebos: tuple[Path, ...] = ()
    effect: Point | None = None
    p_value: float | None = None
    sign: int = 0
    decimals: int | None = None
    breaks: tuple[str, ...] = ()
    indicator: str = ""

    def __post_init__(self) -> None:
        if any(len(path.values) != len(self.gaps) for path in self.placebos):
            raise ValueError("a placebo needs one value (or None) for each period of the gap")

    @classmethod
    def of(
        cls,
        estimate: Estimate,
        *,
        subject: str,
        measure: str,
        start: str,
        placebos: Mapping[str, Sequence[float | None]] | None = None,
        unit: str = "",
        sign: int = 0,
        decimals: int | None = None,
        breaks: tuple[str, ...] = (),
        indicator: str = "",
    ) -> GapData:
        """Read the result of a synthetic control (rows of `kind` `gap`); `placebos` gives the gaps of each untreated territory."""
        gaps = tuple(_terms(estimate, "gap"))
        paths = tuple(Path(label, tuple(values)) for label, values in sorted((placebos or {}).items()))
        effect = Point("", estimate.value, "published", estimate.lower, estimate.upper)
        return cls(
            subject, measure, estimate.unit or unit, gaps, str(start), paths, effect, estimate.p_value, sign, decimals,
            breaks, indicator,
        )  # fmt: skip


@dataclass(frozen=True)
class ForestRow:
    """The effect of one territory or group; without a value, its status. `weight` is its share in the average, in percent."""

    label: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    status: str = "published"
    n: int | None = None
    weight: float | None = None

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.status in WITH_VALUE):
            raise ValueError(f"{self.label}: a value goes with published or estimated, and only with them")
        if any(one is not None and not math.isfinite(one) for one in (self.value, self.lower, self.upper)):
            raise ValueError(f"{self.label}: a number to be drawn must be finite; give its status instead")

    @classmethod
    def of(cls, label: str, estimate: Estimate, *, weight: float | None = None) -> ForestRow:
        """Read the effect and the interval of an estimate."""
        return cls(label, estimate.value, estimate.lower, estimate.upper, n=estimate.n, weight=weight)


@dataclass(frozen=True)
class ForestData:
    """Effects of several territories or groups in the order they are to be read, their average and what one more may expect."""

    measure: str
    unit: str
    rows: tuple[ForestRow, ...]
    pooled: ForestRow | None = None
    prediction: tuple[float, float] | None = None
    heterogeneity: float | None = None
    highlighted: str = ""
    sign: int = 0
    decimals: int | None = None
    confidence: float = 0.95
    indicator: str = ""

    @classmethod
    def of(
        cls,
        rows: Iterable[ForestRow] | Mapping[str, Estimate],
        pooled: Estimate | None = None,
        *,
        pooled_label: str,
        measure: str,
        unit: str = "",
        highlighted: str = "",
        sign: int = 0,
        decimals: int | None = None,
        confidence: float = 0.95,
        indicator: str = "",
    ) -> ForestData:
        """Read the effects (rows, or an estimate for each label) and the result of `evalkit.stats.pool` over them."""
        if isinstance(rows, Mapping):
            units = {found.unit for found in rows.values()}
            rows, unit = [ForestRow.of(label, one) for label, one in rows.items()], unit or min(units, default="")
        details = {} if pooled is None else dict(pooled.details)
        ends = details.get("prediction_lower"), details.get("prediction_upper")
        spread = details.get("i2")
        return cls(
            measure=measure,
            unit=(pooled.unit if pooled else "") or unit,
            rows=tuple(rows),
            pooled=None if pooled is None else ForestRow.of(pooled_label, pooled),
            prediction=(float(ends[0]), float(ends[1])) if ends[0] is not None and ends[1] is not None else None,
            heterogeneity=None if spread is None else float(spread),
            highlighted=highlighted,
            sign=sign,
            decimals=decimals,
            confidence=pooled.confidence if pooled else confidence,
            indicator=indicator,
        )


def _terms(estimate: Estimate, kind: str = "") -> list[Point]:
    """Return the rows of an estimate's table (of one `kind`) as points; a bound that the method does not give is None."""
    if estimate.table is None:
        raise ValueError("the estimate has no table of terms to draw")
    rows = [row for row in estimate.table.to_dict("records") if not kind or row.get("kind") == kind]
    return [
        Point(str(row["term"]), float(row["value"]), "published", _bound(row.get("lower")), _bound(row.get("upper")))
        for row in rows
        if _bound(row["value"]) is not None
    ]


def _bound(value: object) -> float | None:
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else None

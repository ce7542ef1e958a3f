"""The programme's own estimates in the portfolio: each once, however many reports repeat it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit import charts
from evalkit.catalogue import load_catalogue
from evalkit.charts import Captions, ForestData, ForestRow
from evalkit.model.figure import Figure
from evalkit.notebook.drawing import source_line
from evalkit.report import method_label
from evalkit.text import Message, Quantity, msg, nmsg

if TYPE_CHECKING:
    import pandas as pd

LEVEL = "programme"
CAUSAL = ("did", "synthetic_control", "synthetic_did")
"""The designs whose results may be read as effects, as far as their checks hold; a comparison of levels may not."""
_SAME = ["indicator", "breakdown", "criterion", "method", "comparator", "period"]


def programme_forest(findings: pd.DataFrame, lang: str) -> Figure | None:
    """Return the estimates of the whole programme with their intervals, those of the commonest unit; None when there is none."""
    if findings.empty:
        return None
    whole = (findings["lang"] == lang) & (findings["level"] == LEVEL) & findings["method"].isin(CAUSAL)
    kept = findings[whole & findings["value"].notna()]
    rows = kept.sort_values([*_SAME, "territory"], kind="stable").drop_duplicates(_SAME).to_dict("records")
    units = Counter(str(row["unit"]) for row in rows)
    if not units:
        return None
    unit = min(units, key=lambda name: (-units[name], name))
    chosen = [row for row in rows if row["unit"] == unit]
    return _figure(chosen, unit, lang)


def _figure(rows: Sequence[Mapping[Any, Any]], unit: str, lang: str) -> Figure:
    labels = [_label(row, rows, lang) for row in rows]
    clear = sum(_bound(row["lower"]) is not None and row["lower"] * row["upper"] > 0 for row in rows)
    confidence = float(rows[0]["confidence"] or 0.95)
    data = ForestData(
        measure=msg("Effect of the programme").render(lang),
        unit=unit,
        rows=tuple(
            ForestRow(label, float(row["value"]), _bound(row["lower"]), _bound(row["upper"]), n=_count(row["n"]))
            for label, row in zip(labels, rows, strict=True)
        ),
        confidence=confidence,
    )
    captions = Captions(
        title=nmsg(
            "{n} effect of {total} can be told from zero", "{n} effects of {total} can be told from zero", clear,
            total=Quantity(len(rows)),
        ).render(lang),
        subtitle=msg("Mean effect over the programme's territories, with its interval").render(lang),
        lecture=msg(
            "each square is an effect with its interval; left of zero the indicator fell, right of it it rose because of the programme, if "
            "the checks of the reports hold."
        ).render(lang),
        source=source_line([str(row["source"] or "") for row in rows], lang),
        note=_note(rows).render(lang),
    )  # fmt: skip
    return charts.forest("programme-effects", data, captions, lang=lang)


def _label(row: Mapping[Any, Any], rows: Sequence[Mapping[Any, Any]], lang: str) -> str:
    """Return the indicator, with its breakdown and its method where they are needed to tell rows apart."""
    known = load_catalogue().get(str(row["indicator"]))
    name = str(row["indicator"]) if known is None else known.short_label.render(lang)
    parts = [name]
    if sum(other["indicator"] == row["indicator"] for other in rows) > 1:
        breakdown = "" if row["breakdown"] == "none" else str(row["breakdown"])
        method = method_label(str(row["method"]), None)
        parts += [breakdown, method if isinstance(method, str) else method.render(lang)]
    return ", ".join(filter(None, parts))


def _note(rows: Sequence[Mapping[Any, Any]]) -> Message:
    grades = [int(row["grade"]) for row in rows if _bound(row["grade"]) is not None]
    if not grades:
        return msg("The checks of each estimate stand in the reports.")
    if min(grades) == max(grades):
        return msg(
            "Evidence {grade} on a scale of 5: the checks of each estimate stand in the reports.", grade=str(grades[0])
        )
    return msg(
        "Evidence from {low} to {high} on a scale of 5: the checks of each estimate stand in the reports.",
        low=str(min(grades)),
        high=str(max(grades)),
    )


def _bound(value: Any) -> float | None:
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else None


def _count(value: Any) -> int | None:
    number = _bound(value)
    return None if number is None else int(number)

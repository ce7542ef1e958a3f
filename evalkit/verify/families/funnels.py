"""Funnel limits, and the slope over social groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.stats import funnel_limits
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.case import Answers, Case, Column, Gap, filed, nothing

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

UKHSA = "UKHSA PHEindicatormethods, tests; Spiegelhalter (2005)"
SHARE_FILES = (
    "phe/testdata_funnel_prop_outputs.csv",
    "phe/testdata_funnel_prop_outputs_with_axis_variation.csv",
    "phe/testdata_funnel_prop_inputs.csv",
)
RATIO_FILES = ("phe/testdata_funnel_ratio_outputs.csv", "phe/testdata_funnel_ratio_inputs.csv")
SIGNIFICANCE = {
    "Low (0.001)": -2.0,
    "Low (0.025)": -1.0,
    "Not significant": 0.0,
    "High (0.025)": 1.0,
    "High (0.001)": 2.0,
}


def _shares(reference: Reference) -> Answers:
    plain, varied, areas = (reference.table(name, encoding="utf-8-sig") for name in SHARE_FILES)
    target = float(areas["numerator"].sum() / areas["denominator"].sum())
    found = funnel_limits(areas["denominator"], target, observed=areas["numerator"] / areas["denominator"]).table
    assert found is not None
    return {
        "testdata_funnel_prop_outputs": {"limits": _share_limits(plain)},
        "testdata_funnel_prop_outputs_with_axis_variation": {"limits": _share_limits(varied)},
        "testdata_funnel_prop_inputs": {"places": _places(areas, found)},
    }


def _share_limits(rows: pd.DataFrame) -> Column:
    import numpy as np

    found = funnel_limits(rows["Population"], rows["Baseline"].iloc[0] / 100).table
    assert found is not None
    published, obtained = [], []
    for level, name in ((0.95, "2s0025"), (0.998, "3s0001")):
        chosen = found[found["confidence"] == level]
        for side in ("lower", "upper"):
            published.append(rows[f"{side.capitalize()}{name}limit"].to_numpy(dtype=np.float64))
            obtained.append(chosen[side].to_numpy(dtype=np.float64) * 100)
    return Column(np.concatenate(published), np.concatenate(obtained))


def _places(areas: pd.DataFrame, found: pd.DataFrame) -> Column:
    """Set the published place of each area beside the one found: −2 below the outer limit to 2 above it."""
    import numpy as np

    steps = {"below": -1.0, "inside": 0.0, "above": 1.0}
    inner, outer = (
        found[found["confidence"] == level]["place"].map(steps).to_numpy(dtype=np.float64) for level in (0.95, 0.998)
    )
    return Column(areas["significance"].map(SIGNIFICANCE).to_numpy(dtype=np.float64), inner + outer)


def _ratios(reference: Reference) -> Answers:
    import numpy as np

    rows, areas = (reference.table(name, encoding="utf-8-sig") for name in RATIO_FILES)
    published, obtained = [], []
    for level, name in ((0.95, "2s"), (0.998, "3s")):
        for side in ("lower", "upper"):
            found = funnel_limits(
                rows[f"{side}_{name}_exp_events"], 100, "ratio", multiplier=100, confidence=(level,)
            ).table
            assert found is not None
            published.append(rows[f"{side}_{name}_isr"].to_numpy(dtype=np.float64))
            obtained.append(found[side].to_numpy(dtype=np.float64))
    placed = funnel_limits(areas["expected"], 1, "ratio", observed=areas["obs"] / areas["expected"]).table
    assert placed is not None
    return {
        "testdata_funnel_ratio_outputs": {"limits": Column(np.concatenate(published), np.concatenate(obtained))},
        "testdata_funnel_ratio_inputs": {"places": _places(areas, placed)},
    }


CASES = (
    Case(
        "funnel_shares",
        "funnel",
        msg("Funnel limits of shares"),
        UKHSA,
        _shares,
        (
            filed("testdata_funnel_prop_outputs", "limits", 1e-6, words.README),
            filed("testdata_funnel_prop_outputs_with_axis_variation", "limits", 1e-6, words.README),
            filed("testdata_funnel_prop_inputs", "places", 0, words.EXACT),
        ),
        needs=SHARE_FILES,
    ),
    Case(
        "funnel_ratios",
        "funnel",
        msg("Funnel limits of ratios"),
        UKHSA,
        _ratios,
        (
            filed("testdata_funnel_ratio_outputs", "limits", 2e-4, words.README, relative=True),
            filed("testdata_funnel_ratio_inputs", "places", 0, words.EXACT),
        ),
        needs=RATIO_FILES,
    ),
    Case(
        "slope_index",
        "inequality",
        msg("Slope and relative index of inequality"),
        "UKHSA PHEindicatormethods, tests",
        nothing,
        gaps=(Gap("SII, RII", "value", "-", words.NO_RESULT_IN_FILES),),
        needs=("phe/DSR_data.csv", "phe/prevalence_data.csv"),
    ),
)

"""What is true of the demo data: kept in a folder of its own for tests, never in the warehouse, never read by a template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evalkit.data.demo import settings as s
from evalkit.data.demo.districts import Demo
from evalkit.data.demo.places import Places

TRUTH_TABLE, TRUTH_PATHS, TRUTH_NUMBERS = "truth.parquet", "truth_paths.parquet", "truth.json"


def write_truth(folder: Path, demo: Demo, places: Places) -> None:
    """Write the truth: one row per district, one row per district and year, and the numbers that hold for all."""
    folder.mkdir(parents=True, exist_ok=True)
    table = truth_table(demo, places)
    for name, frame in ((TRUTH_TABLE, table), (TRUTH_PATHS, truth_paths(demo, places))):
        frame.to_parquet(folder / name, index=False, compression="zstd")
    text = json.dumps(truth_numbers(demo, table), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / TRUTH_NUMBERS).write_text(text + "\n", encoding="utf-8")


def truth_table(demo: Demo, places: Places) -> pd.DataFrame:
    """Return one row per district: its group, what was done, and the effects of 2019 in points, in all and by demolition."""
    country, works, outcome = demo.country, demo.works, demo.outcome
    touched = np.column_stack([works.progress(year) > 0 for year in s.YEARS])
    first = np.where(touched.any(axis=1), np.array(s.YEARS)[touched.argmax(axis=1)], 0)
    social = 100 * (outcome.social - country.social)[:, -1]
    poorest = 100 * (outcome.poorest - country.poorest)[:, -1]
    social_demolition = 100 * (outcome.social_by_demolition)[:, -1]
    poorest_demolition = 100 * (outcome.poorest_by_demolition)[:, -1]
    return pd.DataFrame(
        {
            "territory": places.districts,
            "quartile": country.quartile,
            "first_treated": first,
            "demolished": works.demolished,
            "rebuilt_on_site": works.rebuilt,
            "private_built": works.private,
            "demolition_rate": works.demolished / country.households[:, -1],
            "leaving_poorest_share": np.where(country.treated, 100 * works.leaving_poorest, np.nan),
            "effect_ho_social": social,
            "effect_ho_social_demolition": social_demolition,
            "effect_ho_social_construction": social - social_demolition,
            "effect_ur_d1_share": poorest,
            "effect_ur_d1_share_demolition": poorest_demolition,
            "effect_ur_d1_share_construction": poorest - poorest_demolition,
        }
    )


def truth_paths(demo: Demo, places: Places) -> pd.DataFrame:
    """Return one row per district and year: the shares with and without the programme, in percent."""
    years = len(s.YEARS)
    return pd.DataFrame(
        {
            "territory": np.repeat(np.array(places.districts, dtype=object), years),
            "period": np.tile([str(year) for year in s.YEARS], len(places.districts)),
            "ho_social": 100 * demo.outcome.social.ravel(),
            "ho_social_without": 100 * demo.country.social.ravel(),
            "ur_d1_share": 100 * demo.outcome.poorest.ravel(),
            "ur_d1_share_without": 100 * demo.country.poorest.ravel(),
        }
    ).astype({"territory": "str", "period": "str"})


def truth_numbers(demo: Demo, table: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers that hold for the whole country: mean effects by quarter, survival and its ratio, exit rates."""
    effects = [name for name in table.columns if name.startswith("effect_")]
    means = table.groupby("quartile")[effects].mean().round(6)
    return {
        "universe": demo.parameters.universe,
        "seed": demo.parameters.seed,
        "treated": demo.parameters.treated,
        "mean_effects_by_quartile": {str(quartile): row.to_dict() for quartile, row in means.iterrows()},
        "survival": {
            "hazard_ratio": s.HAZARD_RATIO,
            "weibull_shape": s.WEIBULL_SHAPE,
            "weibull_scale_not_supported": s.weibull_scale(),
            "not_supported": {str(years): survival(years, supported=False) for years in (3, 5)},
            "supported": {str(years): survival(years, supported=True) for years in (3, 5)},
        },
        "positive_exit_rate": {"not_supported": s.EXIT_RATE[0], "supported": s.EXIT_RATE[1]},
        "job_growth_log": {"not_supported": s.JOB_GROWTH[0], "supported": s.JOB_GROWTH[1]},
    }


def survival(years: float, *, supported: bool) -> float:
    """Return the true share of structures alive after some years."""
    ratio = s.HAZARD_RATIO if supported else 1.0
    return float(np.exp(-ratio * (years / s.weibull_scale()) ** s.WEIBULL_SHAPE))

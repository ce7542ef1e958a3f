"""Synthetic control and synthetic differences with all placebos for every treated territory, against a loop of diff-diff."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from measuring import (
    CONTROLS,
    FIRST_YEAR,
    INDICATORS,
    SEED,
    TREATED,
    YEARS,
    Clock,
    heading,
    panel,
    peak_memory,
    print_table,
    quiet,
    ratio,
    rival,
    seconds,
    timed,
)

from evalkit.stats import synthetic_did
from evalkit.stats.programme import synthetic_control_programme, synthetic_did_programme

PLACEBOS = 200
EXACT = 1e-6
COLUMNS = {"unit": "territory", "time": "year", "first_treated": "first"}
YEAR = np.arange(FIRST_YEAR, FIRST_YEAR + YEARS)


def alone(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, float]:
    """Return one territory beside the controls, flagged as the rival wants it, and its date."""
    part = frame[(frame["role"] == "control") | (frame["territory"] == name)]
    date = float(part.loc[part["territory"] == name, "first"].iloc[0])
    return part, date


def differences(library: Any, part: pd.DataFrame, outcome: str, name: str, date: float) -> Any:
    """Return the rival's synthetic differences with its 200 drawn placebos."""
    flagged = part.assign(flag=(part["territory"] == name).astype(int))
    return library.SyntheticDiD(variance_method="placebo", n_bootstrap=PLACEBOS, seed=SEED).fit(
        flagged, outcome=outcome, treatment="flag", unit="territory", time="year", post_periods=_after(date)
    )


def control(library: Any, part: pd.DataFrame, outcome: str, name: str, date: float, *, placebos: bool = True) -> Any:
    """Return the rival's synthetic control on the outcome alone, with all its placebos."""
    flagged = part.assign(flag=((part["territory"] == name) & (part["year"] >= date)).astype(int))
    early = [int(year) for year in YEAR if year < date]
    found = library.SyntheticControl(v_method="custom", custom_v=np.ones(len(early)), standardize="none").fit(
        flagged, outcome=outcome, treatment="flag", unit="territory", time="year", post_periods=_after(date),
        treated_unit=name, pre_period_outcomes=early,
    )  # fmt: skip
    if placebos:
        found.in_space_placebo()
    return found


def _after(date: float) -> list[int]:
    return [int(year) for year in YEAR if year >= date]


def placebo_differences(library: Any, frame: pd.DataFrame, outcome: str, date: float, chosen: list[int]) -> list[float]:
    """Return the rival's effect of some controls in the place of the treated, each from equal weights, with its public solvers."""
    from diff_diff import utils

    rows = (
        frame[frame["role"] == "control"].sort_values(["territory", "year"])[outcome].to_numpy().reshape(CONTROLS, -1)
    )
    before, noise = date > YEAR, float(np.diff(rows[:, date > YEAR], axis=1).std(ddof=1))
    early, late = rows[:, before].T, rows[:, ~before].T
    found = []
    for j in chosen:
        kept = np.arange(CONTROLS) != j
        omega = utils.compute_sdid_unit_weights(
            early[:, kept], early[:, j], zeta_omega=len(late) ** 0.25 * noise, min_decrease=1e-5 * noise
        )
        lam = utils.compute_time_weights(
            early[:, kept], late[:, kept], zeta_lambda=1e-6 * noise, min_decrease=1e-5 * noise
        )
        found.append(utils.compute_sdid_estimator(early[:, kept], late[:, kept], early[:, j], late[:, j], omega, lam))
    return found


def drawn_gap(part: pd.DataFrame, outcome: str, name: str, date: float, his: Any) -> float:
    """Return the largest difference between his drawn placebos and ours of the same control, for one territory alone."""
    mine = synthetic_did(part, outcome=outcome, unit="territory", time="year", treated=name, start=date).table
    ours = mine.loc[mine["kind"] == "placebo", "value"].to_numpy()
    random = np.random.default_rng(SEED)
    picked = [int(random.permutation(CONTROLS)[-1]) for _ in range(PLACEBOS)]
    return float(np.abs(ours[picked] - his.variance_effects).max())


def main() -> None:
    """Time ours on the whole programme and the rival on a sample, compare the numbers, print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--indicators", type=int, default=INDICATORS)
    options.add_argument("--sample", type=int, default=10)
    arguments = options.parse_args()
    library, frame = rival(), panel(arguments.indicators)
    frame = frame[frame["role"] != "other"]
    names = [f"indicator_{k}" for k in range(arguments.indicators)]
    heading(f"A programme of {TREATED} treated territories at 6 dates and {CONTROLS} controls, {YEARS} years")
    ours, clocks = [], []
    for name in names:
        found, clock = timed(
            lambda name=name: (
                synthetic_control_programme(frame, outcome=name, **COLUMNS),
                synthetic_did_programme(frame, outcome=name, **COLUMNS),
            )
        )
        ours.append(found)
        clocks.append(clock)
    whole, memory = Clock(sum(c.wall for c in clocks), sum(c.cpu for c in clocks)), peak_memory()
    random = np.random.default_rng(SEED)
    sample = [
        (f"q{i:04d}", int(random.integers(len(names))))
        for i in sorted(random.choice(TREATED, arguments.sample, replace=False))
    ]
    rows, taken, gaps = [], [], {"sdid": [], "sc": [], "drawn": []}
    with quiet():
        for place, (name, k) in enumerate(sample):
            part, date = alone(frame, name)
            work = part, names[k], name, date
            (his, hers), clock = timed(lambda work=work: (differences(library, *work), control(library, *work)))
            taken.append(clock)
            mine = [estimate.table.set_index("term").loc[name] for estimate in ours[k]]
            unique = mine[0]["rmspe_before"] > 1e-9
            gaps["sdid"].append(abs(mine[1]["value"] - his.att))
            gaps["sc"] += [abs(mine[0]["value"] - hers.att)] if unique else []
            gaps["drawn"] += [drawn_gap(*work, his)] if place == 0 else []
            rows.append({
                "territory": name, "indicator": k, "start": f"{date:g}", "diff-diff seconds wall / cpu": seconds(clock),
                "sdid difference": f"{gaps['sdid'][-1]:.1e}",
                "sc difference": f"{gaps['sc'][-1]:.1e}" if unique else "many mixes fit exactly",
            })  # fmt: skip
        gaps["placebo sdid"], gaps["placebo sc"] = placebo_gaps(library, frame, names[0], ours[0], random)
    print_table(rows)
    mean = Clock(float(np.mean([c.wall for c in taken])), float(np.mean([c.cpu for c in taken])))
    loop = Clock(mean.wall * TREATED * len(names), mean.cpu * TREATED * len(names))
    n = f"{TREATED} x {len(names)} indicators"
    print_table([
        {"task": "evalkit: both programmes, all placebos", "n": n, "seconds wall / cpu": seconds(whole),
         "times ours wall / cpu": "1", "peak memory": memory},
        {"task": f"diff-diff: SDID {PLACEBOS} placebos + SC all placebos", "n": f"{len(sample)} timed, mean",
         "seconds wall / cpu": seconds(mean), "times ours wall / cpu": "", "peak memory": peak_memory()},
        {"task": "diff-diff, extrapolated to the programme", "n": n, "seconds wall / cpu": seconds(loop),
         "times ours wall / cpu": ratio(loop, whole), "peak memory": ""},
    ])  # fmt: skip
    conclude(gaps)


def placebo_gaps(
    library: Any, frame: pd.DataFrame, outcome: str, ours: tuple[Any, Any], random: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Compare placebos of ten controls at one date: theirs computed with the control in the place of the treated."""
    date, tables = 2013.0, []
    for estimate in ours:
        table = next(check for check in estimate.checks if check.name == "placebos").table
        tables.append(table[table["start"] == date].set_index("term")["value"])
    controls = sorted(frame.loc[frame["role"] == "control", "territory"].unique())
    chosen = sorted(random.choice(CONTROLS, 10, replace=False).tolist())
    his = placebo_differences(library, frame, outcome, date, chosen)
    only = frame[frame["role"] == "control"]
    hers = [control(library, only, outcome, controls[j], date, placebos=False).att for j in chosen]
    names = [controls[j] for j in chosen]
    return (
        np.abs(tables[1][names].to_numpy() - his).tolist(),
        np.abs(tables[0][names].to_numpy() - hers).tolist(),
    )


def conclude(gaps: dict[str, list[float]]) -> None:
    """Print what was compared and stop where a number differs."""
    said = {
        "sdid": "SDID effects of the sampled territories",
        "sc": "synthetic control effects of the sampled territories with one best mix",
        "drawn": f"{PLACEBOS} SDID placebos of one territory alone, both from the weights found (as R does)",
        "placebo sdid": "SDID placebos of 10 controls, both from equal weights (as the programme does)",
        "placebo sc": "synthetic control placebos of 10 controls",
    }
    for key, what in said.items():
        print(f"{what}: {len(gaps[key])} compared, largest difference {max(gaps[key], default=0):.1e}")
    print("Not compared: the rival puts the treated territory among the donors of each SC placebo, evalkit does not.")
    worst = max(max(found, default=0) for found in gaps.values())
    if worst > EXACT:
        raise SystemExit(f"the numbers differ by {worst:.1e}, more than {EXACT:.0e}")


if __name__ == "__main__":
    main()

"""Differences in differences: minimum wage, a simulated staggered panel, Medicaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import did, event_study
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Column, Gap, filed, printed, series

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

WAGES, STAGGERED = "mpdta/mpdta.csv", "fixest/base_stagg.csv"
MEDICAID = ("honestdid/ehec_data.csv", "honestdid/ehec_betahat.csv", "honestdid/ehec_sigma.csv")
CALLAWAY = "Callaway & Sant'Anna (2021) J. Econometrics 225(2); R package did, README and did-basics"
PACKAGES = "csdid 0.4.3, diff-diff 3.13.0 and moderndid 0.2.0"
_WAGES: dict[str, Any] = {
    "outcome": "lemp",
    "unit": "countyreal",
    "time": "year",
    "first_treated": "first.treat",
    "never": 0,
}
_STAGGERED: dict[str, Any] = {
    "outcome": "y", "unit": "id", "time": "year", "first_treated": "year_treated", "never": 10000,
    "method": "sun_abraham", "covariates": ["x1"],
}  # fmt: skip
AGGREGATIONS = ("simple", "group", "dynamic", "calendar")
CELLS = "|".join(f"{g}:{t}" for g in (2004, 2006, 2007) for t in range(2004, 2008))
TIMES = "-3|-2|-1|0|1|2|3"


def _wages(reference: Reference) -> Answers:
    rows = reference.table(WAGES)
    found: dict[str, Any] = {}
    for aggregation in AGGREGATIONS:
        answer = did(rows, **_WAGES, aggregation=aggregation)
        found[aggregation] = told(answer)
        found |= {
            key if aggregation != "calendar" else f"calendar {key}": row for key, row in lines(answer.table).items()
        }
        if aggregation == "simple":
            check = next(check for check in answer.checks if check.name == "parallel trends before")
            assert check.table is not None
            found["pre-test"] = {"p_value": float(check.table["p_value"].iloc[0])}
    balanced = event_study(rows, **_WAGES, balance=1)
    found["balance 1"] = told(balanced)
    return found | {f"balance 1, {key}": row for key, row in lines(balanced.table).items()}


def _robust_wages(reference: Reference) -> Answers:
    rows = reference.table(WAGES)
    return {name: told(did(rows, **_WAGES, aggregation=name, covariates=["lpop"])) for name in AGGREGATIONS}


def _other_wages(reference: Reference) -> Answers:
    rows = reference.table(WAGES)
    found = {name: told(did(rows, **_WAGES, method=name)) for name in ("imputation", "sun_abraham", "switchers")}
    return found | {"not_yet": told(did(rows, **_WAGES, control="not_yet"))}


def _staggered(reference: Reference) -> Answers:
    rows = reference.table(STAGGERED)
    found: dict[str, Any] = {"ATT": told(did(rows, **_STAGGERED))}
    found |= lines(event_study(rows, **_STAGGERED).table)
    cohorts = lines(did(rows, **_STAGGERED, aggregation="group").table)
    return found | {f"cohort {key}": row for key, row in cohorts.items()}


def medicaid(reference: Reference) -> pd.DataFrame:
    """Return the panel of the Medicaid expansion: states that expanded in 2014 against those that did not."""
    rows = reference.table(MEDICAID[0])
    rows = rows[(rows["year"] < 2016) & (rows["yexp2"] != 2015)]
    return rows.assign(first=rows["yexp2"].where(rows["yexp2"] == 2014))


def _medicaid(reference: Reference) -> Answers:
    import numpy as np

    found = event_study(
        medicaid(reference), outcome="dins", unit="stfips", time="year", first_treated="first", method="twfe"
    )
    assert found.table is not None
    assert found.covariance is not None
    beta, sigma = (np.loadtxt(reference.path(name), delimiter=",") for name in MEDICAID[1:])
    years = {str(2014 + int(term)): row for term, row in lines(found.table).items()}
    return years | {
        "ehec_betahat": {"coefficients": Column(beta, found.table["value"].to_numpy())},
        "ehec_sigma": {"covariances": Column(sigma.ravel(), found.covariance.to_numpy().ravel())},
    }


CASES = (
    Case(
        "mpdta",
        "did",
        msg("Minimum wage and teenage employment (Callaway-Sant'Anna)"),
        f"{CALLAWAY}; digits beyond the fourth: {PACKAGES}",
        _wages,
        (
            *series(
                CELLS,
                value="-0.0105 -0.0704 -0.1373 -0.1008 0.0065 -0.0028 -0.0046 -0.0412 0.0305 -0.0027 -0.0311 -0.0261",
            ),
            *printed("pre-test", p_value="0.16812"),
            *series(TIMES, value="0.0305 -0.0006 -0.0245 -0.0199 -0.0510 -0.1373 -0.1008"),
            *series("0|1|2|3", value="-0.01993182 -0.05095737 -0.13725874 -0.10081136"),
            *series("2004|2006|2007", value="-0.0797 -0.0229 -0.0261"),
            *printed("dynamic", value="-0.07723982", se="0.0200"),
            *printed("group", value="-0.03101828", se="0.0124"),
            *printed("simple", value="-0.03995128", se="0.0120"),
            *printed("calendar", value="-0.04170043"),
            *printed("group", se="0.0126", within=0.1, relative=True, because=words.BOOTSTRAP),
            *printed("dynamic", se="0.022", within=0.1, relative=True, because=words.BOOTSTRAP),
            *series("balance 1, -2|balance 1, -1|balance 1, 0|balance 1, 1", value="0.0065 -0.0028 -0.0066 -0.0510"),
            *printed("balance 1", value="-0.0288"),
            *printed("balance 1", se="0.0135", within=0.1, relative=True, because=words.BOOTSTRAP),
        ),
        needs=(WAGES,),
    ),
    Case(
        "mpdta_covariate",
        "did",
        msg("Minimum wage and teenage employment, doubly robust given population"),
        f"{CALLAWAY}; {PACKAGES}",
        _robust_wages,
        (
            *printed("simple", value="-0.04175150", within=5e-7, because=words.MISPRINT),
            *printed("group", value="-0.03281960"),
            *printed("dynamic", value="-0.08035395"),
            *printed("calendar", value="-0.04417736"),
        ),
        needs=(WAGES,),
    ),
    Case(
        "mpdta_others",
        "did",
        msg("Minimum wage and teenage employment, other estimators"),
        f"{PACKAGES}; Borusyak, Jaravel & Spiess (2024); Sun & Abraham (2021); de Chaisemartin & D'Haultfœuille (2020)",
        _other_wages,
        (
            *printed("not_yet", value="-0.03976363"),
            *printed("imputation", value="-0.04770992"),
            *printed("sun_abraham", value="-0.03995128"),
            *printed("switchers", value="-0.01892220"),
        ),
        needs=(WAGES,),
    ),
    Case(
        "base_stagg",
        "did",
        msg("Simulated staggered panel (Sun-Abraham)"),
        "R package fixest, sunab and aggregate.fixest; Sun & Abraham (2021) J. Econometrics",
        _staggered,
        (
            *printed("ATT", value="-1.133749", se="0.205070"),
            *series(
                "-9|-8|-7|-6|-5|-4|-3|-2|0|1|2|3|4|5|6|7|8",
                value="0.3518 -0.0790 0.1010 -0.0564 -0.2953 -0.3037 -0.0884 0.0847 "
                "-5.188 -3.540 -2.155 -0.7750 1.069 2.118 4.631 4.890 6.244",
                se="0.3591 0.2975 0.3670 0.3089 0.2940 0.2491 0.2558 0.2443 "
                "0.2211 0.2128 0.2258 0.2771 0.3104 0.4481 0.4604 0.3394 0.2976",
            ),
            *series(
                "|".join(f"cohort {g}" for g in range(2, 11)),
                value="2.434738 1.376610 0.754376 -2.807954 -2.722579 -5.075193 -5.092821 -7.236730 -8.711575",
            ),
        ),
        (
            Gap("x1", "value", "0.994678 (0.018378)", words.NOT_REPORTED),
            Gap("", "r2", "0.90982", words.NOT_REPORTED),
        ),
        needs=(STAGGERED,),
    ),
    Case(
        "medicaid_event_study",
        "did",
        msg("Medicaid expansion and insurance (two-way fixed effects)"),
        "Rambachan & Roth (2023), HonestDiD README; pyfixest",
        _medicaid,
        (
            *series(
                "2008|2009|2010|2011|2012|2014|2015",
                value="-0.005285 -0.011297 -0.002676 -0.001419 0.000340 0.046447 0.069206",
            ),
            filed("ehec_betahat", "coefficients", 1e-10, words.FILE_DIGITS),
            filed("ehec_sigma", "covariances", 1e-6, words.FILE_DIGITS, relative=True),
        ),
        needs=MEDICAID,
    ),
)

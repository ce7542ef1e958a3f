"""Meta-analysis, shrinkage and small areas: the BCG trials, batting averages, milk expenditure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evalkit.stats import pool, shrink, small_area
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Column, Gap, filed, printed, series

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

TRIALS_FILE, MILK = "bcg/dat_bcg_escalc.csv", "milk/expenditure_on_milk.csv"
VIECHTBAUER = "Viechtbauer (2010) JSS 36(3); R metafor 3.8-1"
TRIALS = (
    (4, 119, 11, 128, 44, 1948), (6, 300, 29, 274, 55, 1949), (3, 228, 11, 209, 42, 1960), (62, 13536, 248, 12619, 52, 1977),
    (33, 5036, 47, 5761, 13, 1973), (180, 1361, 372, 1079, 44, 1953), (8, 2537, 10, 619, 19, 1973),
    (505, 87886, 499, 87892, 13, 1980), (29, 7470, 45, 7232, 27, 1968), (17, 1699, 65, 1600, 42, 1961),
    (186, 50448, 141, 27197, 18, 1974), (5, 2493, 3, 2338, 33, 1969), (27, 16886, 29, 17825, 33, 1976),
)  # fmt: skip
"""Colditz et al. (1994): vaccinated with and without tuberculosis, others with and without, latitude, year."""
HITS = (
    0.400,
    0.378,
    0.356,
    0.333,
    0.311,
    0.311,
    0.289,
    0.267,
    0.244,
    0.244,
    0.222,
    0.222,
    0.222,
    0.222,
    0.222,
    0.200,
    0.178,
    0.156,
)
"""Batting averages of 18 players over their first 45 turns, 1970."""


def trials() -> pd.DataFrame:
    """Return the log risk ratio of each trial and its variance, with latitude and year."""
    import pandas as pd

    rows = [
        {
            "yi": math.log((a / (a + b)) / (c / (c + d))),
            "vi": 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d),
            "ablat": latitude,
            "year": year,
        }
        for a, b, c, d, latitude, year in TRIALS
    ]
    return pd.DataFrame(rows)


def _methods(_: Reference) -> Answers:
    rows = trials()
    found: dict[str, Any] = {name: told(pool(rows["yi"], rows["vi"], name)) for name in ("REML", "DL", "PM")}
    hartung = pool(rows["yi"], rows["vi"], interval="knapp_hartung")
    common = lines(pool(rows["yi"], rows["vi"]).table)["common effect"]
    return found | {"Knapp-Hartung": told(hartung), "FE": common}


def _moderated(_: Reference) -> Answers:
    rows = trials()
    found = pool(rows["yi"], rows["vi"], moderators=rows[["ablat", "year"]])
    return {"": told(found), **lines(found.table, interval="wald")}


def _predicted(_: Reference) -> Answers:
    rows = trials()
    found = small_area(rows.assign(se=rows["vi"] ** 0.5), estimate="yi", se="se")
    return {f"BLUP {int(term) + 1}": row for term, row in lines(found.table, kind="territory").items()}


def _effect_sizes(reference: Reference) -> Answers:
    rows, own = reference.table(TRIALS_FILE), trials()
    return {"dat_bcg_escalc": {name: Column(rows[name].to_numpy(), own[name].to_numpy()) for name in ("yi", "vi")}}


def _batting(_: Reference) -> Answers:
    return {"18": told(shrink([45 * share for share in HITS], [45] * len(HITS)))}


def _milk(reference: Reference) -> Answers:
    rows = reference.table(MILK, dtype={"major_area": str})
    found = small_area(rows, estimate="direct_est", se="std_error", covariates=["major_area"])
    areas = lines(found.table, kind="territory").values()
    numbered: dict[str, Any] = {
        f"EBLUP {n}": {
            "value": row["value"],
            "mse": float(row["se"]) ** 2 if isinstance(row["se"], float) else row["se"],
        }
        for n, row in enumerate(areas, start=1)
    }
    return {"A": told(found), **lines(found.table, kind="coefficient"), **numbered}


CASES = (
    Case(
        "bcg",
        "pooling",
        msg("BCG vaccine, thirteen trials (meta-analysis)"),
        VIECHTBAUER,
        _methods,
        (
            *printed("REML", value="-0.7145", se="0.1798", lower="-1.0669", upper="-0.3622", tau2="0.3132"),
            *printed("REML", tau2_lower="0.1197", tau2_upper="1.1115", i2="92.22", h2="12.86", q="152.2330"),
            *printed("REML", prediction_lower="-1.8667", prediction_upper="0.4376"),
            *printed("FE", value="-0.4303", se="0.0405"),
            *printed("DL", value="-0.714117", se="0.178742", tau2="0.30876026"),
            *printed("PM", value="-0.714968", tau2="0.31806845"),
            *printed("Knapp-Hartung", se="0.1808", lower="-1.1084", upper="-0.3206"),
        ),
        (
            Gap("ML, HE, SJ", "value", "-0.7112, -0.7159, -0.7172", words.NOT_OFFERED),
            Gap("ML, HE, SJ", "tau2", "0.2800, 0.3286, 0.3455", words.NOT_OFFERED),
            Gap("Egger", "z", "-0.8033 (p 0.4218)", words.NOT_OFFERED),
            Gap("trim-and-fill", "value", "-0.6571", words.NOT_OFFERED),
        ),
    ),
    Case(
        "bcg_regression",
        "pooling",
        msg("BCG vaccine: meta-regression on latitude and year"),
        VIECHTBAUER,
        _moderated,
        (
            *printed("intercept", value="-3.5455", within=2e-4, because=words.OPTIMISER),
            *printed("ablat", value="-0.0280", se="0.0102"),
            *printed("year", value="0.0019", se="0.0147"),
            *printed(tau2="0.1108", r2="64.63", q="28.3251"),
        ),
    ),
    Case(
        "bcg_predictions",
        "shrinkage",
        msg("BCG vaccine: prediction of each trial"),
        VIECHTBAUER,
        _predicted,
        series("BLUP 1|BLUP 2|BLUP 3", value="-0.8002 -1.2517 -0.9869"),
    ),
    Case(
        "bcg_effect_sizes",
        "pooling",
        msg("BCG vaccine: the shipped counts are those of the file"),
        "R metadat dat.bcg, escalc",
        _effect_sizes,
        (
            filed("dat_bcg_escalc", "yi", 1e-12, words.FILE_DIGITS),
            filed("dat_bcg_escalc", "vi", 1e-12, words.FILE_DIGITS),
        ),
        needs=(TRIALS_FILE,),
    ),
    Case(
        "batting",
        "shrinkage",
        msg("Batting averages of eighteen players"),
        "Efron & Morris (1975) JASA 70; (1977) Scientific American",
        _batting,
        printed("18", value="0.265389"),
        (
            Gap("James-Stein", "weight", "0.212", words.JAMES_STEIN),
            Gap("James-Stein", "value", "0.294 (Clemente) … 0.239", words.JAMES_STEIN),
        ),
    ),
    Case(
        "milk",
        "shrinkage",
        msg("Milk expenditure of forty-three small areas (Fay-Herriot)"),
        "R sae (Molina & Marhuenda 2015, R Journal); Arora & Lahiri (1997); You & Chapman (2006)",
        _milk,
        (
            *printed("A", value="0.01855022", within=1e-6, because=words.PACKAGE_STOPS),
            *series(
                "intercept|major_area=2|major_area=3|major_area=4",
                value="0.9681890 0.1327801 0.2269462 -0.2413011",
                se="0.06936208 0.10300072 0.09232981 0.08161707",
                within=1e-6,
                because=words.PACKAGE_STOPS,
            ),
            *series(
                "EBLUP 1|EBLUP 2|EBLUP 3|EBLUP 4|EBLUP 5|EBLUP 6|EBLUP 43",
                value="1.0219703 1.0476018 1.0679513 0.7608170 0.8461574 0.9743727 0.6810870",
                within=1e-6,
                because=words.PACKAGE_STOPS,
            ),
            *series(
                "EBLUP 1|EBLUP 2|EBLUP 3|EBLUP 4|EBLUP 5|EBLUP 6|EBLUP 43",
                mse="0.013460220 0.005372876 0.005701990 0.008541740 0.009579594 0.011670632 0.009903626",
                within=1e-7,
                because=words.PACKAGE_STOPS,
            ),
        ),
        (
            Gap("", "log_likelihood", "12.677", words.NOT_REPORTED),
            Gap("ML, FH", "value", "0.9677986 0.1278756 0.2266909 -0.2425804; 1.017975", words.NOT_OFFERED),
        ),
        needs=(MILK,),
    ),
)

"""Discontinuity, interrupted series and matching: the Senate, the Nile, the Sicilian smoking ban, LaLonde's trainees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import density_test, interrupted_time_series, match, regression_discontinuity
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Column, Gap, filed, printed

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

SENATE, SICILY = "rd_senate/rdrobust_senate.csv", "sicily/sicily.csv"
TRAINEES, SCORES = "lalonde/lalonde_matchit.csv", "lalonde/ps_matchit.csv"
EXPERIMENT, SURVEY = "lalonde/nsw_mixtape.csv", "lalonde/cps_mixtape.csv"
COVARIATES = ("age", "educ", "race", "married", "nodegree", "re74", "re75")
EIGHT = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
NILE = (
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210,
    1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702,
    1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771,
    676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901,
    1170, 912, 746, 919, 718, 714, 740,
)  # fmt: skip
"""Flow of the Nile at Aswan, 1871 to 1970, 10⁸ m³ a year."""


def _senate(reference: Reference) -> Answers:
    rows = reference.table(SENATE).dropna(subset=["vote"])
    found = regression_discontinuity(rows, outcome="vote", running="margin", cutoff=0)
    return {"": told(found), **lines(found.table)}


def _density(reference: Reference) -> Answers:
    return {"": told(density_test(reference.table(SENATE)["margin"], 0))}


def _nile(_: Reference) -> Answers:
    import pandas as pd

    rows = pd.DataFrame({"year": range(1871, 1971), "flow": NILE})
    found = interrupted_time_series(rows, outcome="flow", time="year", start=1899, trend=False, lags=3)
    terms = lines(found.table)
    return {
        "1899": told(found),
        "1871-1898": {"mean": terms["intercept"]["value"]},
        "1899-1970": {"mean": terms["intercept"]["value"] + terms["level"]["value"]},
    }


def _sicily(reference: Reference) -> Answers:
    rows = reference.table(SICILY)
    arguments: dict[str, Any] = {
        "outcome": "aces", "time": "time", "exposure": "stdpop", "start": int(rows.loc[rows["smokban"] == 1, "time"].min()),
    }  # fmt: skip
    plain = interrupted_time_series(rows, **arguments, family="poisson")
    season = interrupted_time_series(rows, **arguments, family="quasipoisson", season=12)
    return {"Poisson": told(plain), "Poisson, log": lines(plain.table)["level"], "harmonics": told(season)}


def _trainees(reference: Reference) -> Answers:
    rows = reference.table(TRAINEES, index_col=0)
    found = match(rows, treated="treat", covariates=COVARIATES, outcome="re78")
    assert found.table is not None
    units = found.table[found.table["kind"] == "unit"]
    scores = units["score"].astype(float).to_numpy()
    treated = rows["treat"].to_numpy() == 1
    distance = (scores[treated].mean() - scores[~treated].mean()) / scores[treated].std(ddof=1)
    return {
        **lines(found.table, kind="covariate"),
        "distance": {"smd_before": float(distance)},
        "": told(found),
        "NSW": {"score": float(scores[treated].mean())},
        "ps_matchit": {"scores": Column(reference.table(SCORES)["ps"].to_numpy(), scores)},
    }


def _balanced(reference: Reference) -> Answers:
    trainees = reference.table(TRAINEES, index_col=0)
    return {"MatchIt": told(_entropy(trainees, COVARIATES))} | _survey(reference)


def _survey(reference: Reference) -> dict[str, Any]:
    import pandas as pd

    men = reference.table(EXPERIMENT)
    frame = pd.concat([men[men["treat"] == 1], reference.table(SURVEY)], ignore_index=True)
    frame = frame.assign(u74=(frame["re74"] == 0).astype(int), u75=(frame["re75"] == 0).astype(int))
    return {
        "NSW − CPS": told(_entropy(frame, EIGHT)),
        "NSW − CPS, u74 u75": told(_entropy(frame, (*EIGHT, "u74", "u75"))),
    }


def _entropy(frame: pd.DataFrame, covariates: tuple[str, ...]) -> Any:
    return match(frame, treated="treat", covariates=covariates, outcome="re78", method="entropy")


CASES = (
    Case(
        "senate",
        "discontinuity",
        msg("Incumbency in the US Senate (local linear, robust bias-corrected)"),
        "Calonico, Cattaneo & Titiunik (2014) Stata J.; R rdrobust 4.0.0",
        _senate,
        (
            *printed(value="7.414130802", bandwidth="17.75439722", bias_bandwidth="28.02808715"),
            *printed("conventional", se="1.4587", lower="4.555", upper="10.273"),
            *printed("robust", value="7.506502471", se="1.741258415", lower="4.094", upper="10.919"),
            *printed(n_left="595", n_right="702", n_left_near="360", n_right_near="323"),
        ),
        (
            Gap("masspoints off", "value", "7.416037766 (h 17.70802871)", words.NOT_OFFERED),
            Gap("uniform, hc0", "value", "7.032393513 (h 12.56585037)", words.NOT_OFFERED),
            Gap("covs", "value", "6.849875390 (h 18.03336338)", words.NOT_OFFERED),
            Gap("msetwo", "value", "7.453606879 (h 16.16982020/18.12646233)", words.NOT_OFFERED),
        ),
        needs=(SENATE,),
    ),
    Case(
        "senate_density",
        "discontinuity",
        msg("Incumbency in the US Senate (density of the margin)"),
        "Cattaneo, Jansson & Ma (2018) Stata J.; PyPI rddensity 3.0",
        _density,
        (
            *printed(statistic="-0.875273014", p_value="0.381425"),
            *printed(bandwidth_left="19.841", bandwidth_right="27.119"),
            *printed(n_left_near="408", n_right_near="460"),
        ),
        needs=(SENATE,),
    ),
    Case(
        "nile",
        "series",
        msg("Flow of the Nile, change of level in 1899"),
        "Cobb (1978); R datasets::Nile; R lm and NeweyWest",
        _nile,
        (
            *printed("1899", value="-247.7778", se="30.785290"),
            *printed("1871-1898", mean="1097.75"),
            *printed("1899-1970", mean="849.97"),
        ),
        (
            Gap("lm", "se", "24.128, 28.4352", words.AUTOCORRELATED),
            Gap("ARMA(1,1)", "value", "-248.928", words.NOT_OFFERED),
        ),
    ),
    Case(
        "sicily",
        "series",
        msg("Smoking ban in Sicily and coronary events"),
        "Lopez Bernal, Cummins & Gasparrini (2017) IJE 46; digits beyond the third: statsmodels GLM",
        _sicily,
        (
            *printed("Poisson", value="0.894", lower="0.864", upper="0.925", within=1e-3, because=words.README),
            *printed("harmonics", value="0.885", lower="0.839", upper="0.933", within=1e-3, because=words.README),
            *printed("Poisson", value="0.894377", lower="0.864686", upper="0.925086"),
            *printed("Poisson, log", value="-0.1116284", se="0.0172248"),
            *printed("harmonics", value="0.885072", lower="0.839401", upper="0.933227"),
        ),
        needs=(SICILY,),
    ),
    Case(
        "lalonde_matching",
        "matching",
        msg("Trainees and survey respondents: propensity score and balance"),
        "Dehejia & Wahba (1999); R MatchIt 4.5.1",
        _trainees,
        (
            filed("ps_matchit", "scores", 1e-6, words.README),
            *printed("NSW", score="0.577436"),
            *printed("distance", smd_before="1.7941"),
            *printed("age", smd_before="-0.3094"),
            *printed("race=black", smd_before="1.7615"),
            *printed("married", smd_before="-0.8263"),
            *printed("re74", smd_before="-0.7211"),
            *printed(pairs="185"),
        ),
        (
            Gap("MatchIt", "value", "770.3902, 1307.01", words.GREEDY),
            Gap("PSID", "score", "0.362867", words.GREEDY),
            Gap("NSW", "value", "6349.14 − 4554.80 = 1794.34 (670.99, 632.85); -8497.52", words.NOT_OFFERED),
        ),
        needs=(TRAINEES, SCORES),
    ),
    Case(
        "lalonde_entropy",
        "matching",
        msg("Trainees and survey respondents: entropy balancing"),
        "Hainmueller (2012); dual Newton solution with exact moments",
        _balanced,
        (
            *printed("MatchIt", value="1273.2618", effective_size="98.46"),
            *printed("NSW − CPS", effective_size="417.68"),
            *printed("NSW − CPS", value="1270.7354", within=1e-3, because=words.README),
            *printed("NSW − CPS, u74 u75", value="1406.3048", within=1e-3, because=words.README),
        ),
        needs=(TRAINEES, EXPERIMENT, SURVEY),
    ),
)

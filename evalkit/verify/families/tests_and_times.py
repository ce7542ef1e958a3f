"""Many tests, power, trends and durations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import adjust, minimum_detectable_effect, survival, trend
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Gap, printed, series

if TYPE_CHECKING:
    from evalkit.verify.reading import Reference

P_VALUES = (
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
)
TESTS = "|".join(f"p({rank})" for rank in range(1, 16))
DRUG = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
DRUG_ENDED = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def _adjusted(_: Reference) -> Answers:
    found: dict[str, Any] = {}
    for method, name in (("fdr_bh", "BH"), ("holm", "Holm"), ("bonferroni", "Bonferroni")):
        answer = adjust(P_VALUES, method)
        found |= {name: {"rejections": answer.value}}
        found |= {f"{name} p({int(term) + 1})": row for term, row in lines(answer.table).items()}
    return found


def _power(_: Reference) -> Answers:
    return {name: told(minimum_detectable_effect(se=1, alternative=name)) for name in ("two_sided", "one_sided")}


def _diabetes(_: Reference) -> Answers:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "year": range(2020, 2025),
            "value": [7.0826, 7.1085, 7.2571, 7.4528, 7.6554],
            "lower": [7.0754, 7.1013, 7.2499, 7.4456, 7.6481],
            "upper": [7.0940, 7.1199, 7.2684, 7.4643, 7.6669],
        }
    )
    return {"": told(trend(frame, period="year", value="value", lower="lower", upper="upper", unit="percent"))}


def _leukaemia(_: Reference) -> Answers:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "weeks": [*DRUG, *PLACEBO],
            "end": [*DRUG_ENDED, *[1] * len(PLACEBO)],
            "arm": ["6-MP"] * len(DRUG) + ["placebo"] * len(PLACEBO),
        }
    )
    found = survival(frame, duration="weeks", event="end", group="arm", at=(6, 10, 22))
    return {"": told(found), **lines(found.table, kind="stated", group="6-MP")}


CASES = (
    Case(
        "benjamini_hochberg",
        "multiplicity",
        msg("Fifteen tests of a heart attack trial"),
        "Benjamini & Hochberg (1995) JRSS-B 57, § 3; R p.adjust",
        _adjusted,
        (
            *printed("BH", rejections="4"),
            *printed("Bonferroni", rejections="3"),
            *series(
                TESTS.replace("p(", "BH p("),
                p_value="0.0015 0.003 0.0095 0.035625 0.0603 0.06385714286 0.06385714286 0.0645 0.0765 0.486 0.58118181818 "
                "0.714875 0.75323076923 0.81321428571 1.0",
            ),
            *series(
                TESTS.replace("p(", "Holm p("),
                p_value="0.0015 0.0056 0.0247 0.1140 0.2211 0.2780 0.2780 0.2780 0.3213 1.0 1.0 1.0 1.0 1.0 1.0",
            ),
        ),
    ),
    Case(
        "bloom",
        "power",
        msg("Smallest detectable effect, in standard errors"),
        "Bloom (1995) Evaluation Review 19; R power.prop.test and power.t.test",
        _power,
        (*printed("two_sided", multiplier="2.8016"), *printed("one_sided", multiplier="2.4865")),
        (Gap("power.prop.test, power.t.test", "power", "0.7401659013, 0.8689528017", words.NOT_OFFERED),),
    ),
    Case(
        "diabetes",
        "trend",
        msg("Diabetes prevalence in England, 2020 to 2024 (weighted trend)"),
        "OHID Fingertips, recent trends",
        _diabetes,
        printed(value="0.148799", chi_squared="9740.10"),
        (Gap("Cochran-Armitage", "chi_squared", "16494.76", words.NOT_OFFERED),),
    ),
    Case(
        "leukaemia",
        "survival",
        msg("Remission of acute leukaemia (Kaplan-Meier, log-rank)"),
        "Freireich et al. (1963); Kalbfleisch & Prentice; R survival",
        _leukaemia,
        (
            *series("6-MP 6|6-MP 10|6-MP 22", value="0.857 0.753 0.538", se="0.0764 0.0963 0.1282", at_risk="21 15 7"),
            *printed("6-MP 6", lower="0.620", upper="0.952"),
            *printed(log_rank="16.79"),
        ),
    ),
)

"""Every share, rate, standardised rate and ratio of the UKHSA workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from evalkit.model.estimate import Estimate
from evalkit.stats import proportion_interval, rate_interval
from evalkit.stats.intervals import byar
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.case import Answers, Case, Column, Gap, filed
from evalkit.verify.families.intervals import STANDARD, UKHSA, standardised

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

SHARE_BOOK, RATE_BOOK, LIMIT_BOOK = (f"phe/testdata_{name}.xlsx" for name in ("Proportion", "Rate", "Byars_Wilson"))
STANDARD_BOOK = "phe/testdata_DSR_ISR_SMR.xlsx"
LIMITS = ((0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl"))
GROUPED = ((0.95, "lowercl", "uppercl"),)
NORMAL = {0.95: 1.959963984540054, 0.998: 3.090232306167813}
Row = dict[str, Any]
Ends = tuple[tuple[float, str, str], ...]
Pair = tuple[float | None, float | None]


def _workbooks(reference: Reference) -> Answers:
    single = reference.sheet(LIMIT_BOOK, "testdata_B_W")
    levels = {"95%": 0.95, "99.8%": 0.998}
    return {
        "testdata_Prop": {"limits": _limits(reference.sheet(SHARE_BOOK, "testdata_Prop"), LIMITS, _share)},
        "testdata_Prop_g": {"limits": _limits(reference.sheet(SHARE_BOOK, "testdata_Prop_g"), GROUPED, _share)},
        "testdata_Rate": {"limits": _limits(reference.sheet(RATE_BOOK, "testdata_Rate"), LIMITS, _rate)},
        "testdata_Rate_g": {"limits": _limits(reference.sheet(RATE_BOOK, "testdata_Rate_g"), GROUPED, _rate)},
        "testdata_B_W": {
            "limits": _joined(
                _limits(rows, ((levels[str(text)], "lowercl", "uppercl"),), _count_or_share)
                for text, rows in single.groupby("confidence")
            )
        },
    }


def _standards(reference: Reference) -> Answers:
    bands = reference.sheet(STANDARD_BOOK, "testdata_multiarea")
    older = reference.sheet(STANDARD_BOOK, "testdata_1976").rename(columns={"esp1976": "standard"})
    direct = reference.sheet(STANDARD_BOOK, "testresults_DSR")
    indirect = reference.sheet(STANDARD_BOOK, "testresults_ISR")

    def rate(row: Row, level: float) -> Pair:
        area, multiplier = str(row["area"]), float(str(row["statistic"]).split()[-1])
        chosen = older if area == "testdata_1976" else bands[bands["area"] == area].assign(standard=STANDARD)
        return _ends(standardised(chosen, multiplier, level))

    def ratio(row: Row, level: float) -> Pair:
        multiplier = row["ref_rate"] if row["ref_rate"] != "" else float(str(row["statistic"]).split()[-1])
        return _ends(rate_interval(row["observed"], row["expected"], multiplier, level))

    misprinted = direct["area"] == "testdata_1976"
    return {
        "testresults_DSR": {
            "limits": _joined(
                (_limits(direct[~misprinted], LIMITS, rate), _limits(direct[misprinted], LIMITS[:1], rate)),
            )
        },
        "testresults_ISR": {"limits": _limits(indirect, LIMITS, ratio)},
    }


def _limits(rows: pd.DataFrame, ends: Ends, compute: Callable[[Row, float], Pair]) -> Column:
    """Set every limit that a sheet gives beside the one computed; rows without a result test how missing input is refused."""
    import numpy as np

    published: list[float] = []
    obtained: list[float] = []
    for row in ({str(name): value for name, value in row.items()} for row in rows.to_dict("records")):
        for level, *names in ends:
            if row[names[1]] == "":
                continue
            for name, found in zip(names, compute(row, level), strict=True):
                if row[name] != "":
                    published.append(float(row[name]))
                    obtained.append(np.nan if found is None else found)
    return Column(np.array(published), np.array(obtained))


def _joined(columns: Iterable[Column]) -> Column:
    import numpy as np

    every = list(columns)
    return Column(np.concatenate([one.published for one in every]), np.concatenate([one.obtained for one in every]))


def _ends(estimate: Estimate) -> Pair:
    return estimate.lower, estimate.upper


def _share(row: Row, level: float) -> Pair:
    found = proportion_interval(row["Numerator"], row["Denominator"], level)
    assert found.lower is not None
    assert found.upper is not None
    return found.lower * row["multiplier"], found.upper * row["multiplier"]


def _rate(row: Row, level: float) -> Pair:
    return _ends(rate_interval(row["Numerator"], row["Denominator"], row["multiplier"], level))


def _count_or_share(row: Row, level: float) -> Pair:
    if row["method"] == "Wilson":
        return _ends(proportion_interval(row["x"], row["n"], level))
    return byar(row["x"], NORMAL[level])


CASES = (
    Case(
        "ukhsa_workbooks",
        "intervals",
        msg("Every share and rate of the UKHSA workbooks"),
        UKHSA,
        _workbooks,
        tuple(
            filed(name, "limits", 1e-9, words.FILE_DIGITS, relative=True)
            for name in ("testdata_Prop", "testdata_Prop_g", "testdata_Rate", "testdata_Rate_g", "testdata_B_W")
        ),
        (Gap("testdata_Mean", "limits", "36.168-71.240, 4625.79-6732.14, 2667.00-5229.23", words.NOT_OFFERED),),
        needs=(SHARE_BOOK, RATE_BOOK, LIMIT_BOOK, "phe/testdata_Mean.xlsx"),
    ),
    Case(
        "ukhsa_standardised",
        "intervals",
        msg("Every standardised rate and ratio of the UKHSA workbook"),
        UKHSA,
        _standards,
        (
            filed("testresults_DSR", "limits", 1e-9, words.FILE_DIGITS, relative=True),
            filed("testresults_ISR", "limits", 1e-9, words.FILE_DIGITS, relative=True),
        ),
        (Gap("testdata_1976, 99.8%", "limits", "7659.282-9599.212", words.MISPRINT_TENFOLD),),
        needs=(STANDARD_BOOK,),
    ),
)

"""Shares, counts and rates: Wilson, Byar, exact Poisson, Dobson, Newcombe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.model.estimate import Estimate
from evalkit.stats import difference_of_proportions, proportion_interval, rate_interval, standardised_rate
from evalkit.text import msg
from evalkit.verify.answers import told
from evalkit.verify.case import Answers, Case, printed

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.verify.reading import Reference

UKHSA = "UKHSA PHEindicatormethods, tests; APHO Technical Briefing 3 (2008)"
SHARES = {
    "1/100": (1, 100),
    "20/100": (20, 100),
    "65/100": (65, 100),
    "9856/12345": (9856, 12345),
    "222/3215": (222, 3215),
}
COUNTS = {"1/100": (1, 100), "5/100": (5, 100), "20/100": (20, 100), "65/100": (65, 100), "222/3215": (222, 3215)}
PEOPLE = (636, 558, 609, 543, 384, 594, 669, 843, 660, 576, 606, 522, 426, 273, 300, 288, 153, 123, 207)
EVENTS = {
    "testdata_big": (127, 25, 18, 21, 12, 27, 48, 27, 29, 32, 32, 34, 45, 65, 38, 68, 74, 82, 91),
    "testdata_small": (12, 4, 3, 2, 3, 4, 8, 2, 2, 3, 4, 5, 6, 8, 5, 6, 5, 5, 4),
}
STANDARD = (
    5000,
    5500,
    5500,
    5500,
    6000,
    6000,
    6500,
    7000,
    7000,
    7000,
    7000,
    6500,
    6000,
    5500,
    5000,
    4000,
    2500,
    1500,
    1000,
)
"""European standard population of 2013, 0-4 to 90 and over."""


def _wilson(_: Reference) -> Answers:
    found = {name: told(proportion_interval(*counts)) for name, counts in SHARES.items()}
    return found | {"1/100, 99.8%": told(proportion_interval(1, 100, 0.998))}


def _rates(_: Reference) -> Answers:
    found = {name: told(rate_interval(*counts, 100)) for name, counts in COUNTS.items()}
    return found | {"1045": told(rate_interval(1045, 1)), "65, 99.8%": told(rate_interval(65, 1, 1, 0.998))}


def standardised(bands: pd.DataFrame, multiplier: float, level: float) -> Estimate:
    """Return the directly standardised rate of a table of age bands."""
    return standardised_rate(
        bands, count="count", population="pop", standard="standard", multiplier=multiplier, confidence=level
    )


def _dobson(_: Reference) -> Answers:
    import pandas as pd

    return {
        area: told(standardised(pd.DataFrame({"count": events, "pop": PEOPLE, "standard": STANDARD}), 10000, 0.95))
        for area, events in EVENTS.items()
    }


def _newcombe(_: Reference) -> Answers:
    return {"56/70 − 48/80": told(difference_of_proportions(56, 70, 48, 80))}


CASES = (
    Case(
        "wilson",
        "intervals",
        msg("Interval of a share (Wilson)"),
        UKHSA,
        _wilson,
        (
            *printed("1/100", lower="0.001767", upper="0.054486"),
            *printed("1/100, 99.8%", lower="0.000873", upper="0.104554"),
            *printed("20/100", lower="0.133367", upper="0.288829"),
            *printed("65/100", lower="0.552544", upper="0.736358"),
            *printed("9856/12345", lower="0.791210", upper="0.805364"),
            *printed("222/3215", lower="0.060792", upper="0.078340"),
        ),
    ),
    Case(
        "byar",
        "intervals",
        msg("Interval of a rate (Byar; exact Poisson below 10)"),
        UKHSA,
        _rates,
        (
            *printed("1/100", lower="0.025318", upper="5.571643"),
            *printed("5/100", lower="1.623486", upper="11.668332"),
            *printed("20/100", lower="12.211429", upper="30.889880"),
            *printed("65/100", lower="50.163188", upper="82.849139"),
            *printed("222/3215", lower="6.026575", upper="7.875729"),
            *printed("1045", lower="982.593202", upper="1110.331213"),
            *printed("65, 99.8%", lower="42.880261", upper="94.000291"),
        ),
    ),
    Case(
        "dobson",
        "intervals",
        msg("Directly standardised rate (Dobson)"),
        f"{UKHSA}; Dobson et al. (1991)",
        _dobson,
        (
            *printed("testdata_big", value="1043.024799", lower="971.770907", upper="1117.894092"),
            *printed("testdata_small", value="110.321203", lower="87.745577", upper="136.708822"),
        ),
    ),
    Case(
        "newcombe",
        "intervals",
        msg("Difference of two shares (Newcombe)"),
        "Newcombe (1998) Statistics in Medicine 17, example (a), method 10",
        _newcombe,
        printed("56/70 − 48/80", value="0.2000", lower="0.0524", upper="0.3339"),
    ),
)

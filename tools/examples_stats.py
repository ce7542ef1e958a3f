"""One example for each function of `evalkit.stats` whose docstring has none: the reference prints the body and its answer."""

from __future__ import annotations

from evalkit.model.estimate import Estimate


def adjust() -> Estimate:
    """Four tests, one of which stays significant."""
    from evalkit.stats import adjust

    return adjust([0.001, 0.03, 0.04, 0.6], method="holm")


def bacon() -> Estimate:
    """Territories treated in 2012, in 2014, never."""
    import pandas as pd

    from evalkit.stats import bacon

    first = {"A": 2012, "B": 2014, "C": 9999}
    rows = [
        (name, year, year >= start, year % 3 + 2 * (year >= start))
        for name, start in first.items()
        for year in range(2010, 2017)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "treated", "share"]).astype({"treated": int})
    return bacon(frame, outcome="share", unit="territory", time="year", treated="treated")


def change_against_comparators() -> Estimate:
    """A territory fell by 6 points, its 24 comparators by 0 to 4.6."""
    from evalkit.stats import change_against_comparators

    comparators = [-0.2 * i for i in range(24)]
    return change_against_comparators(-6.0, comparators, unit="point")


def cost_effectiveness() -> Estimate:
    """120 net jobs for 3 million euros."""
    from evalkit.stats import cost_effectiveness

    return cost_effectiveness(120, 3_000_000, effect_se=25)


def did() -> Estimate:
    """Twelve territories, six of them treated at two dates."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import did

    random = np.random.default_rng(1)
    first = [2014] * 3 + [2016] * 3 + [None] * 6
    rows = [
        (f"q{i:02d}", year, start, 20 + i + 2 * (start is not None and year >= start) + random.normal(0, 0.5))
        for i, start in enumerate(first)
        for year in range(2010, 2020)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "start", "share"])
    return did(frame, outcome="share", unit="territory", time="year", first_treated="start", control="not_yet")


def difference_of_proportions() -> Estimate:
    """18 of 60 against 9 of 80."""
    from evalkit.stats import difference_of_proportions

    return difference_of_proportions(18, 60, 9, 80)


def event_study() -> Estimate:
    """The same territories by time since treatment."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import event_study

    random = np.random.default_rng(1)
    rows = [
        (f"q{i:02d}", year, 2015 if i < 5 else None, 20 + i + (i < 5) * max(0, year - 2014) + random.normal(0, 0.5))
        for i in range(15)
        for year in range(2010, 2020)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "start", "share"])
    return event_study(frame, outcome="share", unit="territory", time="year", first_treated="start")


def funnel_limits() -> Estimate:
    """A territory of 250 persons against a common share of 12%."""
    from evalkit.stats import funnel_limits

    return funnel_limits(250, 0.12, "proportion")


def interrupted_time_series() -> Estimate:
    """Thirty years, a jump in the twentieth."""
    import pandas as pd

    from evalkit.stats import interrupted_time_series

    frame = pd.DataFrame({"year": range(1990, 2020)})
    frame["share"] = 30 + 0.2 * (frame["year"] - 1990) - 3 * (frame["year"] >= 2010) + frame["year"] % 3
    return interrupted_time_series(frame, outcome="share", time="year", start=2010)


def match() -> Estimate:
    """Territories treated more often where income is low."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import match

    random = np.random.default_rng(1)
    frame = pd.DataFrame({"income": random.normal(12_000, 1_500, 120), "flats": random.uniform(0, 1, 120)})
    frame["treated"] = (random.normal(12_000, 1_500, 120) > frame["income"] + 800).astype(int)
    frame["share"] = 50 - frame["income"] / 500 - 4 * frame["treated"] + random.normal(0, 2, 120)
    return match(frame, treated="treated", covariates=["income", "flats"], outcome="share", method="entropy")


def median_interval() -> Estimate:
    """Nine sales."""
    from evalkit.stats import median_interval

    return median_interval([1450, 1520, 1580, 1610, 1700, 1720, 1850, 1990, 2600], unit="euro")


def minimum_detectable_effect() -> Estimate:
    """12 treated and 40 comparison territories over eight years."""
    from evalkit.stats import minimum_detectable_effect

    return minimum_detectable_effect(
        standard_deviation=4, treated=12, control=40, before=4, after=4, autocorrelation=0.5
    )


def moran() -> Estimate:
    """Six territories in a row."""
    import numpy as np

    from evalkit.stats import moran

    neighbours = np.eye(6, k=1) + np.eye(6, k=-1)
    return moran([1, 2, 2, 4, 5, 7], neighbours)


def pool() -> Estimate:
    """Six territories."""
    from evalkit.stats import pool

    return pool([-2.0, -0.5, -3.1, 0.4, -1.8, -1.2], [0.4, 0.6, 0.9, 0.5, 0.7, 0.3], interval="knapp_hartung")


def proportion_interval() -> Estimate:
    """12 of 80."""
    from evalkit.stats import proportion_interval

    return proportion_interval(12, 80)


def rate_interval() -> Estimate:
    """7 events among 2,400 persons."""
    from evalkit.stats import rate_interval

    return rate_interval(7, 2400, multiplier=1000)


def regression_discontinuity() -> Estimate:
    """Cells eligible above a threshold of poverty."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import regression_discontinuity

    random = np.random.default_rng(1)
    frame = pd.DataFrame({"poverty": random.uniform(20, 60, 400)})
    frame["jobs"] = 30 - 0.2 * frame["poverty"] + 3 * (frame["poverty"] >= 40) + random.normal(0, 2, 400)
    return regression_discontinuity(frame, outcome="jobs", running="poverty", cutoff=40)


def segregation() -> Estimate:
    """Two districts, two groups."""
    import pandas as pd

    from evalkit.stats import segregation

    frame = pd.DataFrame({"district": ["A", "A", "B", "B"], "group": ["x", "y", "x", "y"], "persons": [80, 20, 30, 70]})
    return segregation(frame, "dissimilarity", unit="district", group="group", count="persons")


def sensitivity() -> Estimate:
    """How much trends may differ before the effect of the first year falls."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import event_study, sensitivity

    random = np.random.default_rng(1)
    rows = [
        (f"q{i:02d}", year, 2014 if i < 10 else None, i + 3 * (i < 10 and year >= 2014) + random.normal(0, 0.5))
        for i in range(30)
        for year in range(2010, 2017)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "start", "share"])
    study = event_study(frame, outcome="share", unit="territory", time="year", first_treated="start", method="twfe")
    return sensitivity(study, kind="smoothness", bounds=[0, 0.5])


def shrink() -> Estimate:
    """Five territories of unequal size."""
    from evalkit.stats import shrink

    return shrink([2, 15, 40, 3, 60], [50, 300, 500, 20, 900], multiplier=1000)


def slope_index() -> Estimate:
    """Fifths of income."""
    import pandas as pd

    from evalkit.stats import slope_index

    frame = pd.DataFrame(
        {"fifth": [1, 2, 3, 4, 5], "persons": [200] * 5, "leavers": [18, 14, 11, 9, 5], "error": [1.5] * 5}
    )
    return slope_index(frame, value="leavers", population="persons", rank="fifth", se="error")


def small_area() -> Estimate:
    """Eight territories of a survey with one thing known of all."""
    import pandas as pd

    from evalkit.stats import small_area

    frame = pd.DataFrame(
        {
            "share": [22.0, 30.0, 27.0, 35.0, 18.0, 33.0, 40.0, 29.0],
            "error": [3.0, 2.5, 4.0, 3.0, 2.0, 5.0, 4.0, 2.5],
            "poverty": [20, 28, 30, 36, 22, 31, 41, 27],
        }
    )
    return small_area(frame, estimate="share", se="error", covariates=["poverty"])


def spillover() -> Estimate:
    """Places at 0, 300 and 900 metres."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import spillover

    random = np.random.default_rng(1)
    rows = [
        (f"p{i:02d}", year, (0, 300, 900)[i % 3], 10 + (2, -1, 0)[i % 3] * (year >= 2015) + random.normal(0, 0.5))
        for i in range(30)
        for year in range(2012, 2018)
    ]
    frame = pd.DataFrame(rows, columns=["place", "year", "metres", "firms"])
    return spillover(frame, outcome="firms", unit="place", time="year", distance="metres", start=2015, rings=[500])


def standardised_rate() -> Estimate:
    """Three ages."""
    import pandas as pd

    from evalkit.stats import standardised_rate

    frame = pd.DataFrame({"deaths": [3, 12, 41], "persons": [4000, 3000, 900], "standard": [36_000, 45_000, 19_000]})
    return standardised_rate(frame, count="deaths", population="persons", standard="standard", multiplier=1000)


def survival() -> Estimate:
    """Supported and refused structures after three years."""
    import pandas as pd

    from evalkit.stats import survival

    frame = pd.DataFrame(
        {
            "years": [1, 2, 4, 5, 5, 6, 6, 6, 1, 1, 2, 2, 3, 4, 6, 6],
            "closed": [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
            "group": ["helped"] * 8 + ["refused"] * 8,
        }
    )
    return survival(frame, duration="years", event="closed", group="group", at=(3,))


def synthetic_control() -> Estimate:
    """One territory among twenty-one."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import synthetic_control

    random = np.random.default_rng(1)
    rows = [
        (f"q{i:02d}", year, 20 + i + 0.1 * i * (year - 2010) - 4 * (i == 9 and year >= 2018) + random.normal(0, 0.3))
        for i in range(21)
        for year in range(2010, 2021)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "share"])
    return synthetic_control(frame, outcome="share", unit="territory", time="year", treated="q09", start=2018)


def synthetic_did() -> Estimate:
    """One territory among twenty-one."""
    import numpy as np
    import pandas as pd

    from evalkit.stats import synthetic_did

    random = np.random.default_rng(1)
    rows = [
        (f"q{i:02d}", year, 20 + i + 0.1 * i * (year - 2010) - 4 * (i == 9 and year >= 2018) + random.normal(0, 0.3))
        for i in range(21)
        for year in range(2012, 2021)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "year", "share"])
    return synthetic_did(frame, outcome="share", unit="territory", time="year", treated="q09", start=2018)


def trend() -> Estimate:
    """Five years with their limits."""
    import pandas as pd

    from evalkit.stats import trend

    frame = pd.DataFrame({"year": range(2018, 2023), "share": [31.0, 29.5, 28.2, 26.4, 25.1]})
    frame["low"], frame["high"] = frame["share"] - 1.2, frame["share"] + 1.2
    return trend(frame, period="year", value="share", lower="low", upper="high", unit="percent")

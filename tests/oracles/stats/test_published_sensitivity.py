"""Sensitivity to differing trends against the figures of the HonestDiD manual (Medicaid expansion)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.stats import event_study, sensitivity
from evalkit.stats._honest import Course, relative_interval

# the published intervals come from a grid of 40 standard errors in 1,000 steps, and from 1,000 draws
GRID_STEP = 5e-4


@pytest.fixture(scope="module")
def expansion(shared_reference):
    rows = pd.read_csv(shared_reference / "honestdid" / "ehec_data.csv")
    rows = rows[(rows["year"] < 2016) & (rows["yexp2"] != 2015)]
    rows["first"] = rows["yexp2"].where(rows["yexp2"] == 2014)
    return event_study(rows, outcome="dins", unit="stfips", time="year", first_treated="first", method="twfe")


def test_smoothness(expansion):
    found = sensitivity(expansion, "smoothness", bounds=[0, 0.01, 0.02, 0.03, 0.04, 0.05])
    lower = [0.025941479, 0.013197025, 0.002856996, -0.007142576, -0.017142576, -0.027142576]
    upper = [0.060725786, 0.078670743, 0.090716039, 0.100715612, 0.110715612, 0.120715612]
    assert found.table["lower"].tolist() == pytest.approx(lower, abs=1e-4)
    assert found.table["upper"].tolist() == pytest.approx(upper, abs=1e-4)
    assert 0.02 < found.details["breakdown"] < 0.03


def test_relative_magnitudes_of_the_first_effect(expansion):
    found = sensitivity(expansion, "relative_magnitude", bounds=[0.5, 1, 1.5, 2])
    lower = [0.024130122, 0.017093721, 0.008586908, -0.001067026]
    upper = [0.067263302, 0.071962976, 0.079598828, 0.088347280]
    assert found.table["lower"].tolist() == pytest.approx(lower, abs=GRID_STEP)
    assert found.table["upper"].tolist() == pytest.approx(upper, abs=GRID_STEP)
    assert 1.5 < found.details["breakdown"] < 2


def test_relative_magnitudes_of_the_average_effect(shared_reference):
    beta = np.loadtxt(shared_reference / "honestdid" / "ehec_betahat.csv")
    sigma = np.loadtxt(shared_reference / "honestdid" / "ehec_sigma.csv", delimiter=",")
    course = Course(beta, sigma, 5, np.array([0.5, 0.5]))
    lower = [0.0405305, 0.0321418, 0.0193843, 0.0058243, -0.0085384]
    upper = [0.0751226, 0.0798156, 0.0901486, 0.1035015, 0.1172486]
    for bound, low, high in zip([0, 0.5, 1, 1.5, 2], lower, upper, strict=True):
        assert relative_interval(course, bound, 0.95) == pytest.approx((low, high), abs=GRID_STEP)
    assert course.value - 1.959964 * course.se == pytest.approx(0.0403699525, abs=1e-5)

"""The variance between territories by restricted likelihood: the highest point, whatever the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import pool
from evalkit.stats._heterogeneity import heterogeneity

NEAR_ZERO = [0.286, -0.081, 0.637, 0.386, 1.09, 0.179, 0.785, -0.06]
NEAR_ZERO_VARIANCES = [0.79, 0.458, 0.034, 0.341, 0.502, 0.411, 0.721, 0.198]


def likelihood(effects, noise, design, tau2):
    """The restricted log-likelihood from dense matrices."""
    inverse = np.diag(1 / (noise + tau2))
    information = design.T @ inverse @ design
    rest = effects - design @ np.linalg.solve(information, design.T @ inverse @ effects)
    return -0.5 * (np.log(noise + tau2).sum() + np.linalg.slogdet(information)[1] + rest @ inverse @ rest)


def draws(count):
    random = np.random.default_rng(20)
    for _ in range(count):
        n = int(random.integers(3, 25))
        width = int(random.integers(1, min(4, n - 1)))
        design = np.column_stack([np.ones(n), random.normal(size=(n, width - 1))])
        noise = np.exp(random.normal(-1, random.choice([0.1, 1.0, 2.5]), n))
        spread = random.choice([0.0, 0.02, 0.5, 10.0])
        yield random.normal(size=n) * np.sqrt(noise + spread), noise, design


def test_no_point_of_a_fine_grid_is_higher():
    tried = np.r_[0.0, np.geomspace(1e-6, 300, 150)]
    zeros = 0
    for effects, noise, design in draws(120):
        found = heterogeneity(effects, noise, design, "REML")
        best = likelihood(effects, noise, design, found)
        assert max(likelihood(effects, noise, design, tau2) for tau2 in tried) <= best + 1e-9
        zeros += found == 0
    assert 10 < zeros < 110


def test_a_variance_close_to_zero_is_found():
    found = pool(NEAR_ZERO, NEAR_ZERO_VARIANCES)
    assert found.details["tau2"] == pytest.approx(0.0017959, abs=1e-7)
    assert found.lower < found.value < found.upper


def test_units_of_measure_do_not_matter():
    for scale in (1e-4, 1e5):
        found = pool(scale * np.array(NEAR_ZERO), scale**2 * np.array(NEAR_ZERO_VARIANCES))
        assert found.details["tau2"] == pytest.approx(0.00179586102 * scale**2, rel=1e-7)


def test_moderators_that_say_all_leave_no_variance():
    x = np.arange(8.0)
    found = pool(2 * x, np.full(8, 0.1), moderators=pd.DataFrame({"x": x}))
    assert found.details["tau2"] == 0
    assert found.value == pytest.approx(2)


@pytest.mark.parametrize(
    ("effects", "noise", "code"),
    [
        ([], [], "EVK-STAT-007"),
        ([1.0], [0.1], "EVK-STAT-007"),
        ([1.0, 2.0], [0.1, -0.1], "EVK-STAT-004"),
        ([1.0, 2.0], [0.1, 0.0], "EVK-STAT-004"),
        ([1.0, np.nan], [0.1, 0.1], "EVK-STAT-002"),
        ([1.0, np.inf], [0.1, 0.1], "EVK-STAT-002"),
        ([1.0, 2.0], [0.1], "EVK-STAT-008"),
    ],
)
def test_what_cannot_be_pooled_is_refused(effects, noise, code):
    with pytest.raises(StatsError, match=code):
        pool(effects, noise)


def test_equal_effects_have_no_variance_between_them():
    found = pool([1.0] * 5, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert (found.value, found.details["tau2"]) == (pytest.approx(1), 0)

"""The regressions behind an interrupted series: least squares under autocorrelation, and counts."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._autoregression import serial_regression
from evalkit.stats._inputs import Matrix, Vector, all_positive, choice
from evalkit.text import msg

ERRORS = ("autoregressive", "gls", "newey_west")


@dataclass(frozen=True)
class Fitted:
    """Coefficients, covariance, what is left (standardised), and the law of the errors: Student where `df` is given."""

    beta: Vector
    covariance: Matrix
    left: Vector
    df: Vector | None = None
    dispersion: float | None = None
    rho: float | None = None


def gaussian(y: Vector, design: Matrix, t: Vector, errors: str, lags: int | None) -> Fitted:
    """Return least squares with the errors asked for."""
    choice(errors, "errors", ERRORS)
    if errors != "newey_west":
        found = serial_regression(y, design, t, weighted=errors == "gls")
        return Fitted(found.beta, found.covariance, found.left, found.df, rho=found.rho)
    from statsmodels.regression.linear_model import OLS  # not `statsmodels.api`, which loads all there is

    reach = math.floor(4 * (len(y) / 100) ** (2 / 9)) if lags is None else lags
    plain = OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": reach, "use_correction": False})
    return Fitted(np.asarray(plain.params), np.asarray(plain.cov_params()), np.asarray(plain.resid))


def counted(y: Vector, design: Matrix, family: str, people: Vector | None) -> Fitted:
    """Return the Poisson regression, its errors scaled by the dispersion for `quasipoisson`."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    if people is not None:
        all_positive(people, "exposure")
    offset = None if people is None else np.log(people)
    model = GLM(y, design, family=Poisson(), offset=offset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        found = model.fit(scale="X2" if family == "quasipoisson" else 1.0)
    if not (np.isfinite(found.params).all() and np.isfinite(found.cov_params()).all()):
        raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the regression"))
    pearson = np.asarray(found.resid_pearson)
    dispersion = float((pearson**2).sum() / (len(y) - design.shape[1]))
    return Fitted(np.asarray(found.params), np.asarray(found.cov_params()), pearson, dispersion=dispersion)

"""The words of the table: what a figure is, why its tolerance is what it is, why a figure is not covered."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.text import Message, msg

STATISTICS: Mapping[str, Message] = {
    "at_risk": msg("number still followed"),
    "bandwidth": msg("bandwidth"),
    "bandwidth_left": msg("bandwidth below the threshold"),
    "bandwidth_right": msg("bandwidth above the threshold"),
    "bias_bandwidth": msg("bandwidth of the bias"),
    "breakdown": msg("breakdown value"),
    "chi_squared": msg("chi-squared"),
    "classical_se": msg("classical standard error"),
    "coefficients": msg("coefficients"),
    "covariances": msg("covariances"),
    "effective_size": msg("effective number"),
    "expected": msg("expectation"),
    "gap": msg("gap"),
    "gap_percent": msg("gap, %"),
    "geary": msg("Geary's C"),
    "h2": msg("H²"),
    "i2": msg("I², %"),
    "limits": msg("limits of the interval"),
    "local": msg("local segregation"),
    "log_likelihood": msg("log-likelihood"),
    "log_rank": msg("log-rank statistic"),
    "lower": msg("lower limit"),
    "mean": msg("mean"),
    "mse": msg("mean squared error"),
    "multiplier": msg("multiplier of the standard error"),
    "n_left": msg("number below the threshold"),
    "n_left_near": msg("number just below the threshold"),
    "n_right": msg("number above the threshold"),
    "n_right_near": msg("number just above the threshold"),
    "one_sided": msg("one-sided p-value"),
    "p_value": msg("p-value"),
    "pairs": msg("pairs"),
    "placebos": msg("placebo estimates"),
    "places": msg("place in the funnel"),
    "power": msg("power"),
    "prediction_lower": msg("lower limit of the prediction"),
    "prediction_upper": msg("upper limit of the prediction"),
    "q": msg("Q statistic"),
    "r2": msg("R²"),
    "rank": msg("rank among the placebos"),
    "rejections": msg("rejections"),
    "score": msg("mean propensity score"),
    "scores": msg("propensity scores"),
    "se": msg("standard error"),
    "smd_before": msg("standardised difference before"),
    "statistic": msg("test statistic"),
    "t": msg("t statistic"),
    "tau2": msg("variance between studies"),
    "tau2_lower": msg("lower limit of the variance between studies"),
    "tau2_upper": msg("upper limit of the variance between studies"),
    "upper": msg("upper limit"),
    "value": msg("estimate"),
    "variance": msg("variance"),
    "vi": msg("variances"),
    "weight": msg("weight"),
    "yi": msg("estimates"),
    "z": msg("z statistic"),
}

PRINTED = msg("half a unit of the last printed digit")
EXACT = msg("a count, to be met exactly")
README = msg("the tolerance stated with the reference data")
FILE_DIGITS = msg("the digits of the file")
BOOTSTRAP = msg("the source drew its standard error at random, ours is analytic")
MISPRINT = msg("the last two digits of the source are taken for a misprint (decision 011)")
OPTIMISER = msg("the source stops its search for the variance early, which year 0 magnifies (decision 010)")
PACKAGE_STOPS = msg("the source stops its search for the variance before its last printed digits settle")
GRID = msg("the source searches its limits on a grid, with random draws")
OTHER_INPUTS = msg("the source starts from estimates that differ in the seventh digit")
ABOUT = msg("the source gives a round figure")
ROUNDED_INPUT = msg("computed from means printed to two decimals")

NOT_OFFERED = msg("evalkit does not offer this method")
NO_REGRESSION = msg("evalkit has no function for a plain regression")
NOT_REPORTED = msg("evalkit computes it on the way and does not report it")
NO_PERSONS = msg("the data of the persons or firms are not in the reference folder")
NO_COVARIATES = msg("the covariates are not in the reference folder")
NO_RESULT_IN_FILES = msg("the files hold the data and not the results")
RANDOM_DRAWS = msg("the source drew 200 placebos at random; evalkit counts all of them")
PREDICTOR_WEIGHTS = msg("optimised predictor weights depend on the start of the search and are not offered")
GREEDY = msg("pairs depend on the order of rows and on ties")
AUTOCORRELATED = msg("evalkit gives standard errors that allow for autocorrelation, never the classical ones")
JAMES_STEIN = msg("evalkit shrinks counts by Marshall's method, not by James and Stein's")
BIAS_CORRECTED = msg("the source subtracts a bias drawn at random")
MISPRINT_TENFOLD = msg("the file prints these two limits ten times too large")

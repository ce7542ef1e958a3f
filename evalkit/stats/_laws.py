"""Quantiles and tails of the usual laws, from scipy.special alone (scipy.stats is slow to load)."""

from __future__ import annotations

from scipy import special


def normal_quantile(p: float) -> float:
    """Return the standard normal quantile."""
    return float(special.ndtri(p))


def two_sided_z(confidence: float) -> float:
    """Return the multiplier of a two-sided normal interval, 1.96 at 95%."""
    return normal_quantile(0.5 + confidence / 2)


def normal_p(z: float) -> float:
    """Return the two-sided p-value of a standard normal statistic."""
    return float(2 * special.ndtr(-abs(z)))


def t_quantile(p: float, df: float) -> float:
    """Return the Student quantile."""
    return float(special.stdtrit(df, p))


def two_sided_t(confidence: float, df: float) -> float:
    """Return the multiplier of a two-sided Student interval."""
    return t_quantile(0.5 + confidence / 2, df)


def t_p(t: float, df: float) -> float:
    """Return the two-sided p-value of a Student statistic."""
    return float(2 * special.stdtr(df, -abs(t)))


def chi2_quantile(p: float, df: float) -> float:
    """Return the chi-squared quantile."""
    return float(2 * special.gammaincinv(df / 2, p))


def chi2_p(statistic: float, df: float) -> float:
    """Return the upper tail of the chi-squared law."""
    return float(special.gammaincc(df / 2, statistic / 2))


def f_p(statistic: float, df1: float, df2: float) -> float:
    """Return the upper tail of the F law."""
    return float(special.fdtrc(df1, df2, statistic))


def exact_poisson(count: float, confidence: float) -> tuple[float, float]:
    """Return the exact Poisson limits of a count (Garwood)."""
    tail = (1 - confidence) / 2
    lower = chi2_quantile(tail, 2 * count) / 2 if count > 0 else 0.0
    return lower, chi2_quantile(1 - tail, 2 * count + 2) / 2

"""What every statistic asks of its input before it computes: columns that exist, numbers that are numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import Code, StatsError
from evalkit.model.estimate import Check
from evalkit.stats import codes
from evalkit.text import Message, Quantity
from evalkit.text.units import UNITS

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Row = dict[str, Any]
TABLE_COLUMNS = ("term", "value", "se", "lower", "upper", "p_value", "n")


def vector(values: object, name: str) -> Vector:
    """Return the values as a float vector; missing or non-numeric values are refused, never dropped."""
    series = pd.Series(values) if isinstance(values, (pd.Series, np.ndarray)) else pd.Series(list(values))  # type: ignore[call-overload]
    found: Vector = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    bad = int((~np.isfinite(found)).sum())
    if bad:
        raise StatsError.of(codes.NOT_NUMBERS, name=name, n=Quantity(bad))
    return found


def need_columns(frame: pd.DataFrame, *names: str | None) -> None:
    """Refuse a frame that lacks one of the named columns."""
    known = ", ".join(sorted(str(column) for column in frame.columns))
    for name in names:
        if name is not None and name not in frame.columns:
            raise StatsError.of(codes.NO_COLUMN, column=name, columns=known)


def column(frame: pd.DataFrame, name: str) -> Vector:
    """Return a column of numbers of the frame."""
    need_columns(frame, name)
    return vector(frame[name], name)


def labels(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a column of labels; a missing label is refused."""
    need_columns(frame, name)
    missing = int(frame[name].isna().sum())
    if missing:
        raise StatsError.of(codes.NOT_NUMBERS, name=name, n=Quantity(missing))
    return np.asarray(frame[name].astype(object), dtype=object)


def same_length(first: Sequence[Any] | Vector, name: str, second: Sequence[Any] | Vector, other: str) -> None:
    """Refuse two lists of different lengths."""
    if len(first) != len(second):
        raise StatsError.of(codes.LENGTHS, name=name, n=Quantity(len(first)), other=other, m=Quantity(len(second)))


def scalar(value: object, name: str) -> float:
    """Return a finite number."""
    return float(vector([value], name)[0])


def positive(value: object, name: str) -> float:
    """Return a number above zero."""
    return _checked(value, name, codes.NOT_POSITIVE, above=0.0)


def not_negative(value: object, name: str) -> float:
    """Return a number of zero or more."""
    return _checked(value, name, codes.NEGATIVE, above=-math.ulp(0.0))


def _checked(value: object, name: str, code: Code, above: float) -> float:
    found = scalar(value, name)
    if not found > above:
        raise StatsError.of(code, name=name, value=shown(found))
    return found


def all_positive(values: Vector, name: str) -> None:
    """Refuse a vector with a value of zero or less."""
    if len(values):
        positive(values.min(), name)


def none_negative(values: Vector, name: str) -> None:
    """Refuse a vector with a value below zero."""
    if len(values):
        not_negative(values.min(), name)


def refuse_constant(values: Vector, name: str) -> None:
    """Refuse a vector that does not vary: nothing can be told from it."""
    if len(values) and float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max()):
        raise StatsError.of(codes.NO_VARIATION, what=name)


def choice(value: str, name: str, choices: Iterable[str]) -> str:
    """Return the value when it is one of the choices."""
    known = tuple(choices)
    if value not in known:
        raise StatsError.of(codes.NO_CHOICE, value=value, name=name, choices=", ".join(known))
    return value


def enough(n: int, needed: int, what: Message) -> None:
    """Refuse fewer than `needed` of something."""
    if n < needed:
        raise StatsError.of(codes.TOO_FEW, what=what, n=Quantity(n), needed=Quantity(needed))


def confidence_level(confidence: float) -> float:
    """Return the level as a float strictly between 0 and 1."""
    level = scalar(confidence, "confidence")
    if not 0 < level < 1:
        raise StatsError.of(codes.BAD_CONFIDENCE, value=shown(level))
    return level


def bound(value: float) -> float | None:
    """Return a plain float, or None where the number does not exist."""
    return float(value) if math.isfinite(value) else None


def table(rows: Iterable[Row], extra: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table of an estimate: the contract's columns first, then those of the method."""
    columns = [*TABLE_COLUMNS, *extra]
    frame = pd.DataFrame(list(rows), columns=columns)
    for name in ("value", "se", "lower", "upper", "p_value"):
        frame[name] = frame[name].astype("float64")
    frame["n"] = frame["n"].astype("Int64")
    return frame


def shown(value: float, unit: str = "", decimals: int | None = None, *, signed: bool = False) -> Quantity:
    """Return a number for a sentence: with its unit where that is known, else with three decimals."""
    if unit in UNITS:
        return Quantity(value, unit, decimals, signed)
    return Quantity(value, "ratio", 3 if decimals is None else decimals, signed)


def judged(name: str, passed: bool, yes: Message, no: Message, rows: pd.DataFrame | None = None) -> Check:  # noqa: FBT001 - a verdict
    """Return a check with the sentence that fits its verdict."""
    return Check(name, bool(passed), yes if passed else no, rows)

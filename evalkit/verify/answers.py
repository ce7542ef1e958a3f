"""What an estimate says, as figures under the names of the published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.model.estimate import Estimate

NUMBERS = ("value", "se", "lower", "upper", "p_value", "n")


def told(estimate: Estimate) -> dict[str, float]:
    """Return the figures of an estimate: its own and those of its details."""
    found: dict[str, float] = {
        name: float(value) for name, value in estimate.details.items() if isinstance(value, (int, float))
    }
    for name in NUMBERS:
        value = getattr(estimate, name)
        if value is not None:
            found[name] = float(value)
    return found


def lines(table: pd.DataFrame | None, *, key: str = "term", **chosen: str) -> dict[str, dict[str, float]]:
    """Return the numbers of each row of a table by the text of its key; `chosen` keeps the rows that hold these texts."""
    assert table is not None
    for name, text in chosen.items():
        table = table[table[name] == text]
    numbers = table.select_dtypes("number")
    return {
        str(label): {str(name): float(value) for name, value in row.items() if value == value and value is not None}
        for label, row in zip(table[key], numbers.astype("float64").to_dict("records"), strict=True)
    }

"""Crosswalks: which part of an old territory lies in which new one, declared in a table that someone signs for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evalkit.data.codes_warehouse import BAD_CROSSWALK
from evalkit.errors import DataError, Problem
from evalkit.model.territory import LEVELS, is_code
from evalkit.text import msg

COLUMNS = ("level", "from_code", "from_geography", "to_code", "to_geography", "share")
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Crosswalk:
    """The table of one level between two geography vintages; `share` is the part of `from_code` that goes to `to_code`."""

    level: str
    from_geography: str
    to_geography: str
    table: pd.DataFrame

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what identifies it: level, old and new geography."""
        return self.level, self.from_geography, self.to_geography

    def apply(self, counts: pd.DataFrame, columns: tuple[str, ...] = ("value",)) -> pd.DataFrame:
        """Carry additive counts to the new geography; never use it on a rate, a median or an index.

        `counts` has a column `territory` (old codes) and the count columns. A new territory with an unknown part has an
        unknown count (missing), never a partial sum.
        """
        joined = self.table.merge(counts, left_on="from_code", right_on="territory", how="left")
        parts = joined[list(columns)].mul(joined["share"], axis=0).assign(territory=joined["to_code"])
        summed = parts.groupby("territory")[list(columns)].sum(min_count=1)
        whole = parts.groupby("territory")[list(columns)].count().eq(parts.groupby("territory").size(), axis=0)
        return summed.where(whole).reset_index()

    def to_csv(self) -> bytes:
        """Return the table as CSV, sorted."""
        full = self.table.assign(level=self.level, from_geography=self.from_geography, to_geography=self.to_geography)
        return full[list(COLUMNS)].to_csv(index=False, lineterminator="\n").encode()


def crosswalk_path(root: Path, level: str, from_geography: str, to_geography: str) -> Path:
    """Return where a warehouse keeps a crosswalk."""
    return root / "crosswalks" / level / f"{from_geography}_{to_geography}.csv"


def read_crosswalk(path: Path) -> Crosswalk:
    """Read and check a crosswalk file (CSV, UTF-8, comma). Raises `DataError` with every reason why it cannot be used."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError.of(BAD_CROSSWALK, file=str(path), reason=str(error)) from error
    reasons = list(_faults(table))
    if reasons:
        raise DataError(Problem(BAD_CROSSWALK, {"reason": reason}, str(path)) for reason in reasons)
    first = table.iloc[0]
    kept = table[["from_code", "to_code", "share"]].assign(share=pd.to_numeric(table["share"]))
    ordered = kept.sort_values(["from_code", "to_code"], ignore_index=True)
    return Crosswalk(first["level"], first["from_geography"], first["to_geography"], ordered)


def _faults(table: pd.DataFrame) -> list[object]:
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        return [msg("columns {columns} are missing", columns=missing)]
    if table.empty:
        return [msg("it has no row")]
    found: list[object] = [
        msg("column {column} must hold one and the same value", column=column)
        for column in ("level", "from_geography", "to_geography")
        if (table[column] != table[column].iloc[0]).any() or not is_code(table[column].iloc[0])
    ]
    if table["level"].iloc[0] not in LEVELS:
        found.append(msg("unknown level {level}", level=table["level"].iloc[0]))
    wrong = sorted({code for name in ("from_code", "to_code") for code in table[name] if not is_code(code)})
    if wrong:
        found.append(msg("these are not codes: {codes}", codes=[repr(code) for code in wrong[:10]]))
    if table.duplicated(["from_code", "to_code"]).any():
        found.append(msg("a pair of territories is given twice"))
    return found + _share_faults(table)


def _share_faults(table: pd.DataFrame) -> list[object]:
    shares = pd.to_numeric(table["share"], errors="coerce")
    if not shares.between(0, 1).all():
        return [msg("a share is not a number between 0 and 1")]
    sums = shares.groupby(table["from_code"]).sum()
    over = sorted(sums[sums > 1 + _TOLERANCE].index)
    return [msg("the shares of {codes} add up to more than 1", codes=over[:10])] if over else []

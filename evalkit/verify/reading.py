"""The files of published cases, read from the reference folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import UsageError
from evalkit.verify.codes import NO_REFERENCE_FOLDER

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reference:
    """The reference folder, or none: the shipped cases read nothing."""

    folder: Path | None = None

    def holds(self, names: tuple[str, ...]) -> bool:
        """Say whether all the named files are there."""
        return not names or (self.folder is not None and all((self.folder / name).is_file() for name in names))

    def path(self, name: str) -> Path:
        """Return the path of a file of the folder.

        Raises:
            UsageError: without a folder.
        """
        if self.folder is None:
            raise UsageError.of(NO_REFERENCE_FOLDER, folder=name)
        return self.folder / name

    def table(self, name: str, **options: Any) -> pd.DataFrame:
        """Return a CSV file as a frame."""
        import pandas as pd

        found: pd.DataFrame = pd.read_csv(self.path(name), **options)
        return found

    def sheet(self, name: str, sheet: str) -> pd.DataFrame:
        """Return a sheet of a workbook as a frame; an empty cell is an empty text."""
        import pandas as pd
        from python_calamine import CalamineWorkbook

        rows = CalamineWorkbook.from_path(self.path(name)).get_sheet_by_name(sheet).to_python()
        return pd.DataFrame(rows[1:], columns=[str(head).strip() for head in rows[0]])

"""The style sheet and the script that all pages of a run share, under names that carry their content's hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from evalkit.runs.files import write_atomic

_STATIC = Path(__file__).parent / "static"
STYLESHEET = "evalkit.css"
SCRIPT = "portfolio.js"


@cache
def build_assets() -> Mapping[str, tuple[str, bytes]]:
    """Return, for `evalkit.css` and `portfolio.js`, the hashed file name (`evalkit.1a2b3c4d.css`) and the content."""
    from evalkit.charts.style import CHART_CSS

    contents = {
        STYLESHEET: CHART_CSS + "\n" + (_STATIC / STYLESHEET).read_text(encoding="utf-8"),
        SCRIPT: (_STATIC / SCRIPT).read_text(encoding="utf-8"),
    }
    return {name: (_hashed(name, text.encode()), text.encode()) for name, text in sorted(contents.items())}


def asset_names() -> dict[str, str]:
    """Return the hashed file name of each asset, by its plain name."""
    return {name: hashed for name, (hashed, _) in build_assets().items()}


def write_assets(folder: Path) -> dict[str, str]:
    """Write the assets into a folder and return the file name to link to, by plain name (`evalkit.css`, `portfolio.js`)."""
    for hashed, content in build_assets().values():
        write_atomic(folder / hashed, content)
    return asset_names()


def _hashed(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:8]}{dot}{ending}"

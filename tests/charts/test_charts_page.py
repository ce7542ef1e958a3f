"""The page of charts and its pictures are what the tool writes today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from evalkit import charts

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_and_its_pictures_are_current() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("charts_page", ROOT / "tools" / "charts_page.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    found = tool.pages()
    stale = [path.name for path, text in found.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `python tools/charts_page.py`"
    told = found[tool.PAGE]
    drawn = {
        name
        for name in charts.__all__
        if getattr(getattr(charts, name), "__annotations__", {}).get("return") == "Figure"
    }
    assert {name for name in drawn if f"### `{name}`" not in told} == {"plain_table", "with_alt"}

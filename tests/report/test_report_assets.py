from __future__ import annotations

import hashlib
from pathlib import Path

from evalkit.report import asset_names, write_assets


def test_assets_carry_the_hash_of_their_content(tmp_path: Path) -> None:
    names = write_assets(tmp_path / "assets")
    assert names == asset_names()
    assert sorted(names) == ["evalkit.css", "portfolio.js"]
    for name in names.values():
        content = (tmp_path / "assets" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest()[:8] in name
    assert len(list((tmp_path / "assets").iterdir())) == 2


def test_the_style_sheet_holds_the_charts_styles_and_asks_for_nothing() -> None:
    from evalkit.charts.style import CHART_CSS
    from evalkit.report.assets import build_assets

    text = build_assets()["evalkit.css"][1].decode()
    assert CHART_CSS in text
    assert "url(" not in text
    assert "@import" not in text

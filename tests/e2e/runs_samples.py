"""Calling the commands as a user does, and reading what a run leaves: pages, findings, files of figures."""

from __future__ import annotations

import csv
import html
import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from page_lints import lint_page

ROOT = Path(__file__).resolve().parents[2]
EVALKIT = Path(sys.executable).with_name("evalkit")
HONEST = {"fr": ("décrit un lieu", "n’est pas l’effet du programme", "jamais remplacées par zéro")}
_REQUEST = re.compile(
    r"""(?:src|srcset|poster|data|xlink:href)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import"""
)
_LINKED = re.compile(r"""<(?!a\b)\w+[^>]*\shref\s*=\s*["']?(?:https?:)?//""")


def evalkit(*arguments: object, code: int = 0, timeout: float = 600) -> str:
    """Run a command in English, check its exit code and return all that it said."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("EVALKIT_")}
    done = subprocess.run(
        [EVALKIT, *map(str, arguments), "--ui-lang", "en"], capture_output=True, text=True, timeout=timeout, check=False,
        cwd=ROOT, env=clean | {"COLUMNS": "400", "NO_COLOR": "1"},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == code, said[-4000:]
    return said


class Run:
    """A run folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def findings(self) -> pd.DataFrame:
        return pd.read_parquet(self.root / "findings.parquet")

    @property
    def reports(self) -> list[Path]:
        return sorted(self.root.glob("reports/*/*/*.html"))

    def page(self, template: str, territory: str, lang: str = "fr") -> str:
        return (self.root / "reports" / lang / template / f"{territory}.html").read_text(encoding="utf-8")

    def rows(self, template: str, territory: str, figure: str, lang: str = "fr") -> list[dict[str, str]]:
        """Return the data of a figure as a reader downloads it."""
        path = self.root / "reports" / lang / template / territory / f"{figure}.csv"
        return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))

    def svg(self, template: str, territory: str, figure: str, lang: str = "fr") -> str:
        return (self.root / "reports" / lang / template / territory / f"{figure}.svg").read_text(encoding="utf-8")

    def finding(self, territory: str, indicator: str, **where: Any) -> pd.Series:
        """Return the one finding that fits; `criterion=None` means without a criterion."""
        found = self.findings[(self.findings["territory"] == territory) & (self.findings["indicator"] == indicator)]
        for name, wanted in where.items():
            found = found[found[name].isna() if wanted is None else found[name] == wanted]
        assert len(found) == 1, found
        return found.iloc[0]

    @property
    def portfolio(self) -> str:
        return (self.root / "index.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    """Return what a page says, without its pictures, in one line."""
    bare = re.sub(r"(?s)<(style|script|svg)\b.*?</\1>", " ", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def outside(page: str) -> list[str]:
    """Return what a page would fetch from elsewhere; a plain link to read on is not fetched."""
    return [*_REQUEST.findall(page), *_LINKED.findall(page)]


def check_page(page: str, territory: str, lines: Sequence[str] = ("Lecture", "Champ", "Source")) -> None:
    """Check what every page must carry: its territory, the three honest sentences, the lines under a figure, nothing fetched."""
    assert f'<meta name="evalkit:territory" content="{territory}">' in page
    [title] = re.findall(r"<title>(.*?)</title>", page)
    assert f"({territory})" in title
    said = words(page)
    for sentence in HONEST["fr"]:
        assert sentence in said, sentence
    for line in lines:
        assert re.search(rf"\b{line}\b ?:", said), line
    assert not outside(page)
    assert not re.search(r"\{\{|\}\}|\{\w+\}", said), "a placeholder was left"
    assert lint_page(page) == []

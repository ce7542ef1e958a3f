"""Remake the table of simulations and its page, or one row of it.

`simulate.py` remakes all; `--row NAME` (repeat) computes rows alone and prints them; `--write` puts them into the table.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from simulations.measure import Measured, measured
from simulations.page import page
from simulations.registry import simulations

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
DATA = FOLDER / "simulations.json"
PAGE = FOLDER / "simulations.md"


def row(name: str) -> Measured:
    """Compute one row."""
    return measured(simulations()[name])


def _timed(name: str) -> tuple[Measured, float]:
    start = time.process_time()
    return row(name), time.process_time() - start


def rows(names: list[str], workers: int) -> Iterator[Measured]:
    """Compute rows, several at once, each from its own seed."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for found, seconds in pool.imap(_timed, names):
            sys.stderr.write(f"{seconds:7.1f} s  {found['name']}\n")
            yield found


def table() -> list[Measured]:
    """Return the committed table."""
    found: list[Measured] = json.loads(DATA.read_text(encoding="utf-8"))
    return found


def write(found: list[Measured]) -> None:
    """Write the table, one row a line, and its page."""
    lines = ",\n".join(json.dumps(line, ensure_ascii=False) for line in found)
    DATA.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


def _meant(name: str, word: str) -> bool:
    """Say whether a row is meant: by its name, or by the beginning of it where no row has that name."""
    return name == word or (word not in simulations() and name.startswith(word))


def main(arguments: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", action="append", metavar="NAME", help="a row, or all those whose name begins so")
    parser.add_argument("--write", action="store_true", help="put the rows into the table")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    names = [name for name in simulations() if not chosen.row or any(_meant(name, word) for word in chosen.row)]
    if chosen.list:
        sys.stdout.write("\n".join(names) + "\n")
        return 0
    if not names:
        parser.error(f"no row begins with {' or '.join(chosen.row)}")
    writing = chosen.write or not chosen.row
    known = {str(line["name"]): line for line in table()} if writing and DATA.is_file() else {}
    for found in rows(names, min(chosen.workers, len(names))):
        known[str(found["name"])] = found
        if writing:  # after each row: a run that is stopped keeps what it has
            write([known[name] for name in simulations() if name in known])
        else:
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Runs on a real S3 server, read on a machine that did not make them: verified object by object, compared finding by finding."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "e2e"))

from s3_server import Server, reached, s3_server

from evalkit.batch.differences import compare_runs, counts
from evalkit.batch.verifying import Verified, verify_run
from evalkit.data.storage import open_store
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.model.run import Task, TaskRecord
from evalkit.runs import Ledger, RunFolder, gather_findings, open_run, write_findings

PAGE = """<!doctype html>
<html lang="fr"><head><meta name="evalkit:territory" content="{code}"><meta name="evalkit:template" content="t"></head><body>
<p class="volatile" data-volatile>Run {run}</p>
</body></html>
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with s3_server() as made:
        yield made


@pytest.fixture(autouse=True)
def machine(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with reached(server, monkeypatch, tmp_path / "here"):
        yield


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """From now on another machine, which has nothing of the runs."""
    with monkeypatch.context() as there:
        there.setenv("EVALKIT_CACHE", str(tmp_path / "elsewhere"))
        yield


def _finding(code: str, value: float) -> dict[str, Any]:
    told = {"territory": code, "template": "t", "lang": "fr", "indicator": "in_tp60", "breakdown": "none"}
    more = {"kind": "observation", "status": "published", "value": value, "method": "published", "vintage": "2019"}
    return {**dict.fromkeys(FINDING_COLUMNS), **told, **more}


def _make(url: str, value: float = 40.0) -> str:
    """Make a run of two reports, as a run does it."""
    run = open_run(url)
    with run.locked() as token, Ledger(run.ledger) as ledger:
        for code in ("A", "B"):
            task = Task("t", code, "fr", "k")
            files = {
                run.report(task): PAGE.format(code=code, run=run.run_id),
                run.figures(task) / "a.csv": "1,2",
                run.findings_of(task): json.dumps([_finding(code, value)]),
            }
            for path, text in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            outputs = {
                p.relative_to(run.root).as_posix(): hashlib.sha256(t.encode()).hexdigest() for p, t in files.items()
            }
            record = TaskRecord("t", code, "fr", "ok", "k", outputs=outputs)
            ledger.plan([task])
            run.settle(record)
            ledger.finish(record)
        write_findings(run, gather_findings(run, ledger.records()))
        run.publish()
        run.keep(ledger, token, now=True)
    return url


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    return _make(server.url(f"runs/{hashlib.sha256(request.node.name.encode()).hexdigest()[:8]}/2026"))


def _verified(url: str) -> Verified:
    return verify_run(open_run(url).require())


def _faults(url: str) -> set[tuple[str, str]]:
    return {(fault.file, fault.what.render("en")) for fault in _verified(url).faults}


class TestVerify:
    @pytest.mark.usefixtures("elsewhere")
    def test_all_as_published(self, url: str) -> None:
        assert _verified(url) == Verified(tasks=2, files=6, faults=())

    @pytest.mark.parametrize(
        ("name", "content", "what"),
        [
            ("reports/fr/t/A.html", b"forged", "its bytes are not those published"),
            ("reports/fr/t/A.html", b"forged", "the page speaks of another territory, template or language"),
            ("reports/fr/t/A.html", None, "the file is not there"),
            ("reports/fr/t/A/a.csv", b"", "its bytes are not those published"),
            ("reports/fr/t/C.html", b"x", "no task of the ledger published it"),
            ("private/findings/fr/t/A.json", b"half", "a finding speaks of another territory, template or language"),
            ("private/published/fr/t/A.json", None, "it does not list the files that the ledger has"),
            ("private/published/fr/t/A.json", b"[]", "it does not list the files that the ledger has"),
            ("private/published/fr/t/C.json", b"{}", "no task of the ledger published it"),
        ],
    )
    def test_the_machine_that_made_it_sees_what_lies_there(
        self, url: str, name: str, content: bytes | None, what: str
    ) -> None:
        store = open_store(url)
        if content is None:
            store.remove([name])
        else:
            store.write(name, content)
        assert (name, what) in _faults(url)
        assert {file for file, _ in _faults(url)} == {name}


class TestDiff:
    def _compared(self, one: str, two: str) -> dict[str, int]:
        return counts(compare_runs(open_run(one).require(), open_run(two).require()))

    def test_on_a_machine_that_made_neither(self, url: str, request: pytest.FixtureRequest) -> None:
        other = _make(f"{url}-other", value=41.0)
        same = _make(f"{url}-same")
        request.getfixturevalue("elsewhere")
        assert self._compared(url, other) == {"unexplained": 2}
        assert self._compared(url, same) == {"unchanged": 2}

    def test_on_a_machine_that_made_an_earlier_state(
        self, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        same = _make(f"{url}-same")
        with monkeypatch.context() as there:
            there.setenv("EVALKIT_CACHE", str(tmp_path / "elsewhere"))
            _make(url, value=42.0)
        assert self._compared(url, same) == {"unexplained": 2}
        open_store(url).remove(["findings.parquet"])
        assert self._compared(url, same) == {"new": 2}

    def test_a_local_run_is_read_where_it_is(self, url: str, tmp_path: Path) -> None:
        local = RunFolder(tmp_path / "run")
        write_findings(local, [_finding("A", 40.0)])
        assert counts(compare_runs(local, open_run(url).require())) == {"unchanged": 1, "new": 1}

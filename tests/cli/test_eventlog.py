"""The events of a run for programs: one JSON object a line, nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalkit.batch import RunResult
from evalkit.cli.eventlog import EventLog
from evalkit.model.run import Task, TaskRecord
from evalkit.runs import RunFolder


def test_the_story_of_a_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    task = Task("portrait", "01004", "fr", "key")
    lost = TaskRecord("portrait", "01004", "fr", "failed_worker", reason="é\nperdu")
    good = TaskRecord("portrait", "01004", "fr", "ok", seconds=1.5)
    log = EventLog()
    log.begin(1, 2)
    log.start(task)
    log.again(lost)
    log.start(task)
    log.memory(7)
    log.done(good)
    log.end(RunResult(RunFolder(tmp_path), [good, lost]))
    lines = capsys.readouterr().out.splitlines()
    who = {"territory": "01004", "template": "portrait", "lang": "fr"}
    assert [json.loads(line) for line in lines] == [
        {"event": "begin", "total": 1, "kept": 2},
        {"event": "start", **who},
        {"event": "again", **who, "state": "failed_worker", "reason": "é\nperdu"},
        {"event": "start", **who},
        {"event": "done", **who, "state": "ok", "reason": "", "seconds": 1.5, "memory": 7},
        {"event": "end", "run": str(tmp_path), "exit_code": 1, "counts": {"failed_worker": 1, "ok": 1}},
    ]

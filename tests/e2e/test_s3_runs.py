"""Runs on object storage, against a real S3 server: published, read back, resumed here and elsewhere, and what happens without it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psutil
import pytest
from s3_server import Server, s3_server
from small_projects import CODES, Project, hostile_warehouse, template, wait_for

pytestmark = pytest.mark.slow

ONE, TWO, THREE = CODES[:3]
WAIT = 'import time\nwhile "QUICK" not in os.environ and not os.path.exists(os.environ["GO"]):\n    time.sleep(0.1)'


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@pytest.fixture
def server() -> Iterator[Server]:
    with s3_server() as made:
        yield made


class Remote:
    """A small project whose run and warehouse lie on a server; `machine` names the cache that the command uses."""

    def __init__(self, project: Project, server: Server) -> None:
        self.project, self.server = project, server
        server.upload(project.warehouse, "entrepot")
        self.arguments = ("--out", server.url("runs/petit"), "--warehouse", server.url("entrepot"))

    def environment(self, machine: str = "here", **more: str) -> dict[str, str]:
        return {**self.server.environment, "EVALKIT_CACHE": str(self.project.folder / machine), **more}

    def run(self, *arguments: str, machine: str = "here", **more: str) -> subprocess.CompletedProcess[str]:
        return self.project.run(*self.arguments, *arguments, **self.environment(machine, **more))

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return self.project.start(*self.arguments, *arguments, **self.environment(**more))

    def objects(self) -> dict[str, bytes]:
        return self.server.objects("runs/petit/")

    def show(self, machine: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "evalkit", "runs", "show", self.server.url("runs/petit"), "--json"]
        environment = {**os.environ, **self.environment(machine)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        shown: dict[str, Any] = json.loads(done.stdout)
        return shown

    def states(self, machine: str = "elsewhere") -> dict[str, str]:
        return {task["territory"]: task["state"] for task in self.show(machine)["tasks"]}


@pytest.fixture
def remote(warehouse: Path, tmp_path: Path, server: Server) -> Remote:
    return Remote(Project(tmp_path, warehouse).write({"tiny": template()}), server)


class Links(HTMLParser):
    """Gathers what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in ("href", "src") and value and value[:1] != "#"]


def _download(objects: dict[str, bytes], folder: Path) -> Path:
    for name, content in objects.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder / "index.html"


def test_published_read_back_and_resumed(remote: Remote, tmp_path: Path) -> None:
    done = remote.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert remote.server.url("runs/petit/index.html") in done.stdout
    objects = remote.objects()
    for code in (ONE, TWO):
        pointer = json.loads(objects[f"private/published/fr/tiny/{code}.json"])
        assert f"reports/fr/tiny/{code}.html" in pointer["outputs"]
        for name, sha256 in pointer["outputs"].items():
            assert hashlib.sha256(objects[name]).hexdigest() == sha256
    public = {name: content for name, content in objects.items() if not name.startswith("private/")}
    index = _download(public, tmp_path / "copy")
    assert ONE in index.read_text(encoding="utf-8")
    for page in (index, tmp_path / "copy" / "reports" / "fr" / "tiny" / f"{ONE}.html"):
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        local = [link.partition("#")[0] for link in links.found if ":" not in link]
        assert local
        assert [link for link in local if not (page.parent / link).is_file()] == []
    assert "private/holder.json" not in objects

    again = remote.run()
    assert again.returncode == 0, again.stdout + again.stderr
    assert "2 reports are already published" in again.stdout
    elsewhere = remote.run(machine="elsewhere")
    assert elsewhere.returncode == 0, elsewhere.stdout + elsewhere.stderr
    assert "2 reports are already published" in elsewhere.stdout
    after = remote.objects()
    assert {name: after[name] for name in public if name.startswith("reports/")} == {
        name: content for name, content in public.items() if name.startswith("reports/")
    }
    assert remote.states("third") == {ONE: "ok", TWO: "ok"}


def test_all_is_killed_and_another_machine_goes_on(remote: Remote) -> None:
    remote.project.write({"tiny": template(f'if territory != "{ONE}":\n    {WAIT.replace(chr(10), chr(10) + "    ")}')})
    running = remote.start(GO="/nowhere")
    wait_for(lambda: f"private/published/fr/tiny/{ONE}.json" in remote.objects(), 240)
    family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    running.communicate(timeout=60)
    page = remote.objects()[f"reports/fr/tiny/{ONE}.html"]
    done = remote.run(machine="elsewhere", QUICK="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 report" in done.stdout
    assert remote.objects()[f"reports/fr/tiny/{ONE}.html"] == page, "what was published was not made again"
    assert remote.states() == {ONE: "ok", TWO: "ok"}


def test_a_storage_that_goes_away(remote: Remote, tmp_path: Path) -> None:
    remote.project.codes = CODES[:3]
    remote.project.write({"tiny": template(WAIT)})
    running = remote.start("--workers", "1", "--json", GO=str(tmp_path / "go"))
    assert running.stdout is not None
    wait_for(lambda: "start" in str(running.stdout.readline()), 240)
    remote.server.stop()
    (tmp_path / "go").touch()
    out, error = running.communicate(timeout=240)
    assert running.returncode == 1, out + error
    assert "Traceback" not in out + error
    states = [json.loads(line)["state"] for line in out.splitlines() if '"done"' in line]
    assert states[0] == "failed_storage"
    assert set(states) == {"failed_storage"}
    assert "EndpointConnectionError" in out + error


def test_no_storage_at_the_start(remote: Remote) -> None:
    remote.server.stop()
    done = remote.run()
    assert done.returncode == 2
    assert "EVK-DATA-112" in done.stderr
    local = remote.project.run("--out", remote.server.url("runs/petit"), **remote.environment())
    assert local.returncode == 2
    assert "EVK-RUN-014" in local.stderr


def test_a_second_run_is_refused(remote: Remote, tmp_path: Path) -> None:
    remote.project.write({"tiny": template(WAIT)})
    running = remote.start(GO=str(tmp_path / "go"))
    wait_for(lambda: "private/holder.json" in remote.objects(), 240)
    second = remote.run(machine="elsewhere")
    (tmp_path / "go").touch()
    running.communicate(timeout=240)
    assert (second.returncode, "EVK-RUN-005" in second.stderr) == (2, True), second.stderr
    assert running.returncode == 0


def test_the_library_is_absent(tmp_path: Path) -> None:
    script = "import sys; sys.modules['s3fs'] = None\nfrom evalkit.cli import main\nmain(['runs', 'show', 's3://essais/x', '--ui-lang', 'en'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "EVK-DATA-110" in done.stderr
    assert "evalkit[s3]" in done.stderr

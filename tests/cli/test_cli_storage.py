"""Commands about runs on object storage that is away, or is none: a sentence with its code, exit code 2, no traceback."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "e2e"))

from s3_server import Server, forget, s3_server
from small_projects import Project, hostile_warehouse, template

from evalkit.cli.app import main
from evalkit.data.storage import StoreError

Call = Callable[..., str]
AWAY = "s3://essais/runs/2026"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("storage")
    return Project(folder, hostile_warehouse(folder)).write({"tiny": template()})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with s3_server() as made:
        yield made


@pytest.fixture
def nobody() -> dict[str, str]:
    """An address at which nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-3"}
    return {**keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Call]:
    """The whole command in this process: what it says on the error output, after an exit code 2."""

    def called(environment: dict[str, str], *words: str) -> str:
        for name, value in {**environment, "EVALKIT_CACHE": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main([*words])
        assert ended.value.code == 2
        return capfd.readouterr().err

    monkeypatch.setattr("evalkit.cli.app._end_like_interrupted", lambda *_: None)
    yield called
    forget()


@pytest.mark.parametrize(
    "words", ["runs show {away}", "runs verify {away}", "plan {plan} --explain --out {away} --warehouse {warehouse}"]
)
def test_storage_that_does_not_answer(words: str, nobody: dict[str, str], project: Project, call: Call) -> None:
    command = words.format(away=AWAY, plan=project.plan, warehouse=project.warehouse).split()
    assert call(nobody, *command, "--ui-lang", "en") == (
        "EVK-RUN-014 the storage of the run does not answer: s3://essais/runs/2026: EndpointConnectionError: "
        "check the address, the network and the credentials, then give the same command again\n"
    )


def test_in_french(nobody: dict[str, str], call: Call) -> None:
    said = call(nobody, "runs", "diff", AWAY, AWAY, "--ui-lang", "fr")
    assert said.startswith("EVK-RUN-014 le stockage de l’exécution ne répond pas\u00a0: s3://essais/runs/2026: ")
    assert "vérifiez l’adresse, le réseau et les identifiants" in said


@pytest.mark.parametrize(
    "words",
    [
        "runs show s3://aucun/runs/2026",
        "plan {plan} --explain --out s3://aucun/runs/2026 --warehouse {warehouse}",
        "run {plan} --out s3://aucun/runs/2026 --warehouse {warehouse}",
    ],
)
def test_a_bucket_that_is_not_there(words: str, server: Server, project: Project, call: Call) -> None:
    command = words.format(plan=project.plan, warehouse=project.warehouse).split()
    said = call(server.environment, *command, "--ui-lang", "en")
    assert said.startswith("EVK-RUN-014 the storage of the run does not answer: s3://aucun/runs/2026: NoSuchBucket: ")
    assert said.count("\n") == 1


def test_whatever_command_meets_it(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    def away(**_: object) -> None:
        raise StoreError(5, "s3://essais/x: TimeoutError")

    monkeypatch.setattr("evalkit.cli.app.app", away)
    assert "does not answer: s3://essais/x: TimeoutError" in call({}, "doctor", "--ui-lang", "en")

"""The commands, gathered; errors become messages and exit codes here and nowhere else."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from evalkit.cli import data, demo, doctor, export, housekeeping, init, plan, running, runs, template, verify
from evalkit.cli.speaking import system_language
from evalkit.data.storage import StoreError
from evalkit.errors import EvalkitError, RunError
from evalkit.runs.codes import STORE_GONE

app = typer.Typer(
    name="evalkit",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Evaluate public programmes territory by territory: one plan, one notebook per territory, reports that can be read.",
    epilog="Start with: evalkit demo",
)
app.command()(init.init)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command()(plan.check)
app.command("plan")(plan.tasks)
app.command()(running.run)
app.command()(verify.verify)
app.command()(export.export)
for command in (housekeeping.diff, housekeeping.verify, housekeeping.prune):
    runs.app.command()(command)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")
app.add_typer(template.app, name="template")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; exit codes: 0 all well, 1 some task failed, 2 refused, 130 interrupted."""
    _end_like_interrupted("SIGTERM", "SIGHUP")
    try:
        with _storage_in_words():
            app(args=arguments)
    except EvalkitError as error:
        typer.echo(error.render(_asked_language(arguments)), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    raise AssertionError("a command always exits")


@contextmanager
def _storage_in_words() -> Iterator[None]:
    """Turn what object storage does not do, wherever a command asks for it, into the error of a run whose storage is gone."""
    try:
        yield
    except StoreError as error:
        raise RunError.of(STORE_GONE, reason=error.strerror or str(error)) from error


def _end_like_interrupted(*names: str) -> None:
    """Let these signals do what Ctrl-C does: stop the tasks, keep what is published; one that is ignored (nohup) stays so."""
    for number in (getattr(signal, name, None) for name in names):
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _asked_language(arguments: list[str] | None) -> str:
    """Return the language asked on the command line: an error may come before or after the option was read."""
    words = sys.argv[1:] if arguments is None else arguments
    for here, following in zip(words, [*words[1:], ""], strict=True):
        value = (
            following
            if here == "--ui-lang"
            else here.removeprefix("--ui-lang=")
            if here.startswith("--ui-lang=")
            else ""
        )
        if value in ("fr", "en"):
            return value
    return system_language()

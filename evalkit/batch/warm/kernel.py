"""The kernel that a forked process becomes: ipykernel's own, without what a fork makes dear.

A page of memory that is only looked at is copied, for Python counts references in it; a wait for another thread costs as much
as most cells. What a notebook or a client sees is the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from ipykernel import ipkernel
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

_PLAIN = re.compile(r"--(IPKernelApp|HistoryManager)\.(connection_file|parent_handle|enabled)=(.*)", re.DOTALL)
_own_modules: dict[str, Any] = {}


def note_own_modules() -> None:
    """Note which modules are the kernel's own: those that are loaded now, before any that notebooks use."""
    _own_modules.update(
        (name, SimpleNamespace(__file__=module.__file__))
        for name, module in sys.modules.copy().items()
        if getattr(module, "__file__", None)
    )


class PromptStream(OutStream):
    """A standard stream that is flushed when it holds something: ipykernel waits for its thread twice a display, mostly for nothing."""

    _sending = False

    def flush(self) -> None:
        """Have what was written sent before what is sent next."""
        with self._buffer_lock:
            empty = not self._buffers
        if self._sending or not empty or self.echo is not None:
            super().flush()  # type: ignore[no-untyped-call]

    def _flush(self) -> None:
        self._sending = True
        try:
            super()._flush()  # type: ignore[no-untyped-call]
        finally:
            self._sending = False


class WarmKernel(IPythonKernel):
    """ipykernel's kernel, which takes for its own, and hides from its debugger, what a fresh one would: not all that is loaded."""

    def __init__(self, **kwargs: Any) -> None:
        with _seen_by(ipkernel, _own_modules):
            super().__init__(**kwargs)  # type: ignore[no-untyped-call]


class WarmApp(IPKernelApp):
    """ipykernel's application, which reads the usual settings without making a parser for all settings there are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.kernel_class = WarmKernel
        self.outstream_class = f"{__name__}.{PromptStream.__name__}"

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Take the settings of a command line; one with unusual ones is left to ipykernel."""
        config = plain_settings(argv or ())
        if config is None:
            super().parse_command_line(argv)
            return
        self.argv = list(argv or ())
        self.cli_config = config
        self.update_config(config)
        self.extra_args: list[str] = []


def plain_settings(argv: Sequence[str]) -> Config | None:
    """Return what a command line sets that says no more than all of ours do, None when there is anything else in it."""
    config = Config()
    rest = iter(argv)
    for argument in rest:
        file = next(rest, None) if argument == "-f" else None
        found = _PLAIN.fullmatch(argument)
        if file is not None:
            config.IPKernelApp.connection_file = file
        elif found is not None:
            config[found[1]][found[2]] = DeferredConfigString(found[3])
        else:
            return None
    return config


@contextmanager
def _seen_by(module: Any, modules: dict[str, Any]) -> Iterator[None]:
    """Have a module see these modules as all that are loaded."""
    module.sys = _Sys(modules)
    try:
        yield
    finally:
        module.sys = sys


class _Sys:
    """`sys`, with other modules."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self.modules = modules

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

"""Jupyter's seam for where kernels come from: the provisioner `evalkit-warm` of the kernelspec `evalkit`.

papermill, nbclient, nbval and JupyterLab find it by the kernel's name. The parent process belongs to the process that
asks for the kernel (a worker, a test, a Jupyter server) and ends with it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from evalkit.batch.processes import socket_folder
from evalkit.batch.warm.parent import WarmKernel, WarmParent, WarmUnavailableError

_LAUNCHER = "ipykernel_launcher"
_LISTEN_SECONDS = 5.0


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from a warm parent; starts them afresh, and says so in its log, where that cannot be done."""

    _folder: ExitStack | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the launch: sockets on this machine's network become files in a directory of the user alone."""
        manager = self.parent
        if manager is not None and self._folder is None and manager.transport == "tcp":
            self._folder = ExitStack()
            folder = self._folder.enter_context(socket_folder())
            manager.cache_ports = False
            manager.transport, manager.ip = "ipc", f"{folder}/k"
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; the command line says what is run afresh where no kernel can be forked."""
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        with ExitStack() as opened:
            files = [_descriptor(kwargs.get(name), number, opened) for number, name in enumerate(_STREAMS)]
            try:
                kernel = WarmParent.of_this_process().fork(
                    arguments, cwd=str(kwargs.get("cwd") or os.getcwd()), env=kwargs["env"], files=files  # noqa: PTH109
                )  # fmt: skip
            except WarmUnavailableError as error:
                self.log.warning("no warm kernel (%s): a fresh one is started", error)
                return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd")
        await self._until_it_listens()
        return self.connection_info

    async def _until_it_listens(self) -> None:
        """Wait for the sockets: a client that comes before them tries again only a tenth of a second later."""
        if self.connection_info.get("transport") != "ipc":
            return
        last = Path(f"{self.connection_info['ip']}-{self.connection_info['iopub_port']}")
        limit = time.monotonic() + _LISTEN_SECONDS
        while not last.exists() and self.process.poll() is None and time.monotonic() < limit:
            await asyncio.sleep(0.002)

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001 - the signature is Jupyter's
        """Kill the kernel, and its process group with it; see that it is gone when another one is to take its place."""
        if not isinstance(self.process, WarmKernel):
            await super().kill(restart)
        elif restart:
            await super().kill(restart)
            self.process.wait(5)
        else:
            self.process.kill()  # the parent ends its group

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001 - the signature is Jupyter's
        """Remove the directory of the sockets, unless the kernel is started again."""
        await super().cleanup(restart)
        if self._folder is not None and not restart:
            self._folder.close()
            self._folder = None


_STREAMS = ("stdin", "stdout", "stderr")


def _descriptor(wanted: Any, number: int, opened: ExitStack) -> int:
    """Return the open file that a kernel gets as a standard stream: the one that is asked for, else ours; nothing to read."""
    if isinstance(wanted, int) and wanted >= 0:
        return wanted
    if wanted is not None and not isinstance(wanted, int):
        return int(wanted.fileno())
    if number == 0 or wanted in (subprocess.DEVNULL, subprocess.PIPE):
        handle = os.open(os.devnull, os.O_RDWR)
        opened.callback(os.close, handle)
        return handle
    return number

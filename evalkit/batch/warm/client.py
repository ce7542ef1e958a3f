"""A kernel client that goes on as soon as the kernel has answered.

Jupyter's own waits a fifth of a second for messages that may still come; they are told apart by what they answer to anyway.
"""

from __future__ import annotations

import math
import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient


class PromptClient(AsyncKernelClient):
    """Jupyter's client without the wait after a kernel's first answer."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers on both channels; raises `RuntimeError` when it ends or does not within `timeout`."""
        limit = time.monotonic() + (math.inf if timeout is None else timeout)
        while time.monotonic() < limit:
            self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=1)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
                continue
            if reply["msg_type"] == "kernel_info_reply":
                self._handle_kernel_info_reply(reply)
                return
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

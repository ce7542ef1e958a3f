"""The line between an owner and its parent process: small JSON packets, open files beside them.

Two connected Unix sockets without a name: nobody else can reach them, and each end sees when the other is gone.
"""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Sequence
from typing import Any, Self

_PACKET = 1 << 20
_FILES = 3
_WAITING = 1024  # workers of one machine that come at once


class LineClosedError(OSError):
    """The other end is gone."""


class Line:
    """One end of the line."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Return both ends of a new line."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(here), cls(there)

    @classmethod
    def of_descriptor(cls, number: int) -> Self:
        """Take over the end that was inherited as an open file."""
        return cls(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=number))

    @classmethod
    def to(cls, door: str) -> Self:
        """Go to a door and return our end of a line of our own; raises `OSError` when nobody is behind it."""
        end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            end.connect(door)
        except OSError:
            end.close()
            raise
        return cls(end)

    def fileno(self) -> int:
        """Return the number of the open file, for `select`."""
        return self._end.fileno()

    def send(self, message: dict[str, Any], files: Sequence[int] = ()) -> None:
        """Send a message; raises `LineClosedError` when nobody will read it, `OSError` when it is too long."""
        content = json.dumps(message).encode()
        try:
            sent = socket.send_fds(self._end, [content], list(files)) if files else self._end.send(content)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise LineClosedError from error
        assert sent == len(content)

    def receive(self, timeout: float | None = None) -> tuple[dict[str, Any], list[int]] | None:
        """Return the next message with its files; None after `timeout` seconds; raises `LineClosedError` at the end."""
        if timeout is not None and not select.select([self._end], [], [], timeout)[0]:
            return None
        try:
            content, files, _, _ = socket.recv_fds(self._end, _PACKET, _FILES)
        except ConnectionResetError as error:
            raise LineClosedError from error
        if not content:
            raise LineClosedError
        return json.loads(content), list(files)

    def close(self) -> None:
        """Let go of this end."""
        self._end.close()


class Door:
    """Where several owners come for a line of their own: a socket in a directory of this user alone."""

    def __init__(self, waiting: socket.socket) -> None:
        self._waiting = waiting

    @classmethod
    def at(cls, path: str) -> Self:
        """Make a door; whoever comes waits until it is answered."""
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        waiting.bind(path)
        waiting.listen(_WAITING)
        return cls(waiting)

    @classmethod
    def of_descriptor(cls, number: int) -> Self:
        """Take over a door that was inherited as an open file."""
        return cls(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=number))

    def fileno(self) -> int:
        """Return the number of the open file, for `select`."""
        return self._waiting.fileno()

    def answer(self) -> Line:
        """Return our end of the line of the next who comes."""
        return Line(self._waiting.accept()[0])

    def close(self) -> None:
        """Let go of the door."""
        self._waiting.close()

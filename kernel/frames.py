"""What is said to one open socket: at once while it listens, from a bounded queue when it lags.

Thousands of sockets hear of one event, so telling one must cost microseconds, and an idle one
nearly nothing.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Final, cast

from kernel.limits import LIVE_AHEAD_BYTES

_TEXT: Final = 0x81
_SHORT: Final = 125
_MEDIUM: Final = 0xFFFF


class Frames:
    """What waits for one reader, bounded. An `asyncio.Queue` does the same in 3 KB where this takes
    0.1, and there is one for every open socket."""

    __slots__ = ("_most", "_waiting")

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[bytes | int] = []

    def put_nowait(self, frame: bytes | int) -> None:
        """Raises asyncio.QueueFull beyond the bound."""
        if len(self._waiting) >= self._most:
            raise asyncio.QueueFull
        self._waiting.append(frame)

    def get_nowait(self) -> bytes | int:
        """Raises asyncio.QueueEmpty when nothing waits."""
        if not self._waiting:
            raise asyncio.QueueEmpty
        return self._waiting.pop(0)

    def empty(self) -> bool:
        return not self._waiting

    def qsize(self) -> int:
        return len(self._waiting)


class Wire:
    """A WebSocket's transport, for whole text frames of the server (RFC 6455, 5.2: unmasked)."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports write as asyncio's do, and are of none of its classes.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.set_write_buffer_limits(high=LIVE_AHEAD_BYTES)

    def keeps_up(self) -> bool:
        """Say whether little of what was said so far still waits here; on a closed one, never.

        What is said within one turn of the loop waits for its end and then leaves in one piece.
        """
        transport = self._transport
        return not transport.is_closing() and transport.get_write_buffer_size() <= LIVE_AHEAD_BYTES

    def send(self, text: bytes) -> None:
        size = len(text)
        if size <= _SHORT:
            head = struct.pack("!BB", _TEXT, size)
        elif size <= _MEDIUM:
            head = struct.pack("!BBH", _TEXT, 126, size)
        else:
            head = struct.pack("!BBQ", _TEXT, 127, size)
        self._transport.write(head + text)


class BoundedSeat:
    """One open socket as a hub sees it; who falls behind by more than `most` frames is cut off.

    With a `wire`, a frame leaves within `put` while the other side keeps up, which spares a task's
    turn for each of a thousand sockets; otherwise, and always without one, it waits in `frames`
    and whoever attends the seat is nudged.
    """

    __slots__ = ("_cut", "_nudge", "ended", "frames", "wire")

    def __init__(self, most: int, cut: int) -> None:
        """Make a seat that ends with the close code `cut` when it is full."""
        self.frames = Frames(most)
        self.wire: Wire | None = None
        self.ended = False
        self._cut = cut
        self._nudge: Callable[[], None] | None = None

    def attend(self, nudge: Callable[[], None]) -> None:
        """Have `nudge` called whenever something came to wait, and now if something does."""
        self._nudge = nudge
        if not self.frames.empty():
            nudge()

    def put(self, frame: bytes) -> None:
        if self.ended:
            return
        if self.wire is not None and self.frames.empty() and self.wire.keeps_up():
            self.wire.send(frame)
            return
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.end(self._cut)
        else:
            self._came()

    def end(self, code: int) -> None:
        """Hang up with this code: what waits is dropped, the other side resumes where it was."""
        if self.ended:
            return
        self.ended = True
        while not self.frames.empty():
            self.frames.get_nowait()
        self.frames.put_nowait(code)
        self._came()

    def _came(self) -> None:
        if self._nudge is not None:
            self._nudge()

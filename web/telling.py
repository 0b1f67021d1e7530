"""Says to one open socket what waits at its seat, for as long as something does."""

import asyncio

from aiohttp import WSMsgType, web

from kernel.frames import BoundedSeat
from web.goodbye import hang_up


class Teller:
    """Attends a seat. Its task lives only while something waits: most of a thousand consoles hear
    nothing for minutes, and a sleeping task is a kilobyte each."""

    __slots__ = ("_request", "_seat", "_seconds", "_slow", "_socket", "_task")

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        seat: BoundedSeat,
        *,
        seconds: float,
        slow: int,
    ) -> None:
        """Begin; who takes a frame for longer than `seconds` is hung up on with the code `slow`."""
        self._request = request
        self._socket = socket
        self._seat = seat
        self._seconds = seconds
        self._slow = slow
        self._task: asyncio.Task[None] | None = None
        seat.attend(self._begin)

    async def said(self, within: float) -> None:
        """Wait until all that waits is said, a farewell too."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=within)

    async def stop(self) -> None:
        self._seat.attend(_nobody)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """No await between the last look at the seat and the end: what comes then begins anew."""
        try:
            while not self._seat.frames.empty():
                await self._say(self._seat.frames.get_nowait())
        finally:
            self._task = None

    async def _say(self, given: bytes | int) -> None:
        if isinstance(given, int):
            await hang_up(self._request, self._socket, given)
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._socket.send_frame(given, WSMsgType.TEXT)
        except (TimeoutError, ConnectionError):
            self._seat.end(self._slow)


def _nobody() -> None:
    """Who left is told nothing."""

"""Consoles on the live socket: one that reads everything, and one that never reads."""

import asyncio
import base64
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tests.faults.ledger import WORD
from tests.faults.people import Desk

_RECEIVE_BUFFER: Final = 4_096
_SEGMENT_BYTES: Final = 536
"""Small segments keep the sender's own buffer small as well (RFC 9293, section 3.7.1)."""
SECONDS: Final = 20.0


class Console:
    """Reads the live socket and notes when each message of a client came to the screen."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.seen_at: dict[str, float] = {}
        self.close_code: int | None = None
        self._grown = asyncio.Event()

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if frame["type"] == "entry"]

    def note(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame.get("kind") == "MessageAdded" and (
            word := WORD.search(frame["data"].get("preview", ""))
        ):
            self.seen_at[word[0]] = time.monotonic()
        self._grown.set()

    async def until_seen(self, words: set[str]) -> None:
        async with asyncio.timeout(SECONDS):
            while not words <= self.seen_at.keys():
                self._grown.clear()
                await self._grown.wait()

    async def until_told(self, kind: str) -> dict[str, Any]:
        """Return the first frame of this type."""
        async with asyncio.timeout(SECONDS):
            while True:
                for frame in self.frames:
                    if frame["type"] == kind:
                        return frame
                self._grown.clear()
                await self._grown.wait()


@asynccontextmanager
async def watching(desk: Desk, since: int | None = None) -> AsyncIterator[Console]:
    """Open the agent's console and read on while the block lasts."""
    console = Console()
    params = {} if since is None else {"since": str(since)}
    async with desk.http.ws_connect(
        f"{desk.url}/live", params=params, headers={"Origin": desk.url}
    ) as line:

        async def read() -> None:
            async for message in line:
                console.note(message.json())
            console.close_code = line.close_code

        reading = asyncio.create_task(read())
        await console.until_told("hello")
        try:
            yield console
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class DeafConsole:
    """Opens the live socket by hand and reads nothing from then on."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    async def until_cut(self) -> int:
        """Read what is left; return how much came before the end of the connection."""
        loop, size = asyncio.get_running_loop(), 0
        async with asyncio.timeout(SECONDS):
            while True:
                try:
                    part = await loop.sock_recv(self._line, 65_536)
                except ConnectionError:
                    return size
                if not part:
                    return size
                size += len(part)


@asynccontextmanager
async def deaf_console(desk: Desk, port: int) -> AsyncIterator[DeafConsole]:
    loop = asyncio.get_running_loop()
    (cookie,) = [one.value for one in desk.http.cookie_jar if one.key == "cc_session"]
    with socket.socket() as line:
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
        await loop.sock_connect(line, ("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        await loop.sock_sendall(
            line,
            (
                "GET /live HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{port}\r\n"
                f"Origin: {desk.url}\r\n"
                f"Cookie: cc_session={cookie}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode(),
        )
        status = await loop.sock_recv(line, 12)
        assert status == b"HTTP/1.1 101", status
        yield DeafConsole(line)

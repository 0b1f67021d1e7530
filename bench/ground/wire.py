"""The cheapest clients there are, so that the server is what is measured: bare HTTP and sockets."""

import asyncio
import base64
import os
import time
from collections.abc import Callable
from typing import Final, Self

_ANSWER_SECONDS: Final = 30.0


class Poster:
    """One connection that posts, one request after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(
        self, path: str, headers: str, body: bytes, media_type: str = "application/json"
    ) -> int:
        """Send one request and return the status, once the whole answer is here."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode("ascii") + body)
        async with asyncio.timeout(_ANSWER_SECONDS):
            answer = await self._reader.readuntil(b"\r\n\r\n")
            at = answer.lower().index(b"content-length:") + len(b"content-length:")
            await self._reader.readexactly(int(answer[at : answer.index(b"\r\n", at)]))
        return int(answer[9:12])

    def close(self) -> None:
        self._writer.close()


class Listener(asyncio.Protocol):
    """One open WebSocket (RFC 6455) that only listens: each arrival is told with its moment."""

    def __init__(self, heard: Callable[[bytes, float], None], request: bytes) -> None:
        self._heard = heard
        self._request = request
        self._transport: asyncio.Transport | None = None
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.open.done():
            if not data.startswith(b"HTTP/1.1 101"):
                self.open.set_exception(RuntimeError(data[:300].decode("latin-1")))
                return
            self.open.set_result(None)
        if data[:1] == b"\x89":  # a ping; an empty masked pong answers it
            assert self._transport is not None
            self._transport.write(b"\x8a\x80" + os.urandom(4))
        self._heard(data, time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(exc or ConnectionError("hung up"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def listen(
    port: int, path: str, headers: str, heard: Callable[[bytes, float], None]
) -> Listener:
    """Open a socket; `heard` gets the bytes as they arrive, which may hold several frames."""
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"
    )
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(heard, request.encode("ascii")), "127.0.0.1", port
    )
    async with asyncio.timeout(_ANSWER_SECONDS):
        await listener.open
    return listener

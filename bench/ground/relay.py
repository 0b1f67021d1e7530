"""A wire to a provider that can fall silent: it goes on taking requests and answers none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Relay:
    """Passes bytes on to `to` and back, unless it is silent."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self.url = ""
        self.silent = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if not self.silent:
                    writer.write(data)
        except ConnectionError:
            """Whoever hung up has nothing more to say."""
        finally:
            writer.close()


@asynccontextmanager
async def relay(to: str) -> AsyncIterator[Relay]:
    wire = Relay(to)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()

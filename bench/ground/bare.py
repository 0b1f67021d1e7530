"""The floor under every server of this kind: request, one durable row, answer and socket.

Run as `python -m bench.ground.bare PORT FILE`. `POST /say` takes JSON, stores it as one row with
many waiting rows in one synced commit, answers 201 and tells every socket at `/live`.
"""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from bench.ground.folders import passing_folder
from bench.ground.wire import Poster
from tests.ports import free_port

_BATCH: Final = 256
_START_TRIES: Final = 1_000


class Said(msgspec.Struct):
    id: str
    text: str


class Floor:
    def __init__(self, file: str) -> None:
        self._rows: asyncio.Queue[tuple[Said, asyncio.Future[None]]] = asyncio.Queue()
        self._sockets: set[web.WebSocketResponse] = set()
        self._decoder = msgspec.json.Decoder(Said)
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE said (id TEXT PRIMARY KEY, text TEXT NOT NULL)")

    async def say(self, request: web.Request) -> web.Response:
        said = self._decoder.decode(await request.read())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rows.put_nowait((said, done))
        await done
        body = msgspec.json.encode({"id": said.id})
        return web.Response(status=201, body=body, content_type="application/json")

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        async for _ in socket:
            """It only listens."""
        self._sockets.discard(socket)
        return socket

    async def store(self) -> None:
        while True:
            taken = [await self._rows.get()]
            while len(taken) < _BATCH and not self._rows.empty():
                taken.append(self._rows.get_nowait())
            rows = [(said.id, said.text) for said, _ in taken]
            await asyncio.to_thread(self._insert, rows)
            for said, done in taken:
                done.set_result(None)
                frame = msgspec.json.encode(said).decode()
                for socket in self._sockets:
                    await socket.send_str(frame)

    def _insert(self, rows: list[tuple[str, str]]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO said VALUES (?, ?)", rows)
        self._database.execute("COMMIT")


async def _serve(port: int, file: str) -> None:
    floor = Floor(file)
    site = web.Application()
    site.add_routes([web.post("/say", floor.say), web.get("/live", floor.live)])
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await floor.store()


@asynccontextmanager
async def bare_floor() -> AsyncIterator[int]:
    """Run the floor in a process of its own and give its port."""
    with passing_folder() as folder:
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.ground.bare", str(port), str(Path(folder) / "bare.db")
        )
        try:
            await _until_it_listens(port)
            yield port
        finally:
            process.terminate()
            await process.wait()


async def _until_it_listens(port: int) -> None:
    for _ in range(_START_TRIES):
        try:
            (await Poster.connect(port)).close()
        except OSError:
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError("the bare floor did not start")


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2]))

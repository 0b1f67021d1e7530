"""What the simulators of webhook messengers share: a ledger, troubles on command, and calls."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Generic, TypeVar

import aiohttp
from aiohttp import web

WAIT_SECONDS = 20.0
S = TypeVar("S")


@dataclass(slots=True)
class Trouble:
    """What happens to the next call: an answer instead of the work, or a cut around it."""

    status: int = 0
    answer: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: str = ""
    """`before` or `after` the work is done."""


class HookedServer(Generic[S]):
    """One provider; `sent` is its ledger of what it took, oldest first."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[S] = []
        self.asked: list[str] = []
        self.files: dict[str, bytes] = {}
        self.troubles: dict[str, list[Trouble]] = defaultdict(list)
        self._changed = asyncio.Condition()
        self._told = 0

    def fail(self, path: str = "", **trouble: Any) -> None:
        """Let the next call of `path` fail; several are used in their order."""
        self.troubles[path].append(Trouble(**trouble))

    def keep(self, name: str, data: bytes) -> str:
        """Keep a file that a client sends; return where it can be fetched."""
        self.files[name] = data
        return f"{self.url}/files/{name}"

    async def call(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Call a webhook as the provider does; return the status."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(url, data=BytesIO(body), headers=headers) as answer,
        ):
            return answer.status

    async def take(self, sent: S) -> None:
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()

    async def next_sent(self) -> S:
        """Return the next message that nobody has looked at."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) > self._told)
        self._told += 1
        return self.sent[self._told - 1]

    async def until_asked(self, path: str, times: int = 1) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.asked.count(path) >= times)

    def answering(
        self, path: str, work: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return the handler of a path: its work, or the trouble that was asked for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            async with self._changed:
                self.asked.append(path)
                self._changed.notify_all()
            waiting = self.troubles[path]
            trouble = waiting.pop(0) if waiting else Trouble()
            if trouble.status:
                return _in_trouble(trouble)
            if trouble.cut == "before":
                return _cut(request)
            answer = await work(request)
            return _cut(request) if trouble.cut == "after" else answer

        return handle

    async def give_file(self, request: web.Request) -> web.Response:
        data = self.files.get(request.match_info["name"])
        return web.Response(status=404) if data is None else web.Response(body=data)


@asynccontextmanager
async def served(server: HookedServer[Any], *routes: web.RouteDef) -> AsyncIterator[None]:
    """Serve the provider's routes, and its files, on a port of this machine."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes([*routes, web.get("/files/{name}", server.answering("file", server.give_file))])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield
    finally:
        await runner.cleanup()


def _in_trouble(trouble: Trouble) -> web.Response:
    if isinstance(trouble.answer, str):
        return web.Response(status=trouble.status, text=trouble.answer, headers=trouble.headers)
    return web.json_response(trouble.answer, status=trouble.status, headers=trouble.headers)


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()

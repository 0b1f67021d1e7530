"""Speaks to a served center as the console does: REST and the live socket, cookies and Origin."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
from aiohttp import web
from yarl import URL

from contact_center.app import Center
from staff.passwords import Passwords

PASSWORD = "correct horse battery"
WAIT_SECONDS = 20.0
"""How long to wait for what must come; long, because a loaded machine is no failure."""


class RefusedError(AssertionError):
    """The center answered with an error; tests may expect one by `status` and `code`."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.code = body.get("error", "")
        self.field = body.get("field", "")
        self.reason = body.get("reason", "")


def reply(html: str, **more: Any) -> dict[str, Any]:
    """Return the body of an answer to a client."""
    return {"id": str(uuid4()), "kind": "reply", "html": html, **more}


class Live:
    """The console's open line."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seq = 0

    async def next(self, kind: str, /, **facts: Any) -> dict[str, Any]:
        """Return the next entry of this kind with these facts in its data; others pass by."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                frame = await self.frame()
                if frame.get("kind") == kind and all(
                    frame["data"].get(name) == value for name, value in facts.items()
                ):
                    return frame

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.socket.receive_json(timeout=WAIT_SECONDS)
        self.seq = frame.get("seq", self.seq)
        return frame


class DeskApi:
    """One signed-in browser."""

    def __init__(self, url: URL, origin: str, center: Center) -> None:
        self.url = url
        self.center = center
        self.me: dict[str, Any] = {}
        self._origin = origin
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call `/api/v1` + path and return the JSON answered; raise RefusedError for an error."""
        async with self._http.request(
            method,
            self.url / "api/v1" / path.lstrip("/"),
            json=body,
            params={name: str(value) for name, value in query.items()},
            headers={"Origin": self._origin},
        ) as answer:
            given = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RefusedError(answer.status, given)
            return given

    async def get(self, path: str, **query: Any) -> Any:
        return await self.call("GET", path, **query)

    async def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return await self.call("POST", path, {} if body is None else body, **query)

    async def put(self, path: str, body: Any) -> Any:
        return await self.call("PUT", path, body)

    async def patch(self, path: str, body: Any) -> Any:
        return await self.call("PATCH", path, body)

    async def delete(self, path: str) -> Any:
        return await self.call("DELETE", path)

    async def raw(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Call any path of the site as it is; return status, headers and body."""
        async with self._http.request(
            method, self.url / path.lstrip("/"), headers=headers, **options
        ) as answer:
            return answer.status, answer.headers, await answer.read()

    async def connect(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """Make a channel's account, and return it when its provider has been met."""
        async with self.live() as live:
            made: dict[str, Any] = await self.post("accounts", account)
            await live.next("AccountChanged", account_id=made["id"], health="connected")
        return made

    async def upload(self, name: str, data: bytes) -> dict[str, Any]:
        status, _, body = await self.raw(
            "POST",
            "/api/v1/uploads",
            params={"name": name},
            data=data,
            headers={"Origin": self._origin, "Content-Type": "application/octet-stream"},
        )
        given: dict[str, Any] = json.loads(body)
        if status >= 400:
            raise RefusedError(status, given)
        return given

    async def set_up(self) -> None:
        """Make the first account, the administrator Olena."""
        self.me = await self.post(
            "setup",
            {
                "token": self.center.house.setup_token,
                "name": "Olena",
                "email": "olena@wonder.example",
                "password": PASSWORD,
            },
        )

    async def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.me = await self.post("session", {"email": email, "password": password})

    async def available(self) -> None:
        await self.put("presence", {"state": "available"})

    @asynccontextmanager
    async def live(self, since: int | None = None) -> AsyncIterator[Live]:
        params = {} if since is None else {"since": str(since)}
        async with self._http.ws_connect(
            self.url / "live", params=params, headers={"Origin": self._origin}
        ) as socket:
            live = Live(socket)
            hello = await live.frame()
            assert hello["type"] == "hello"
            yield live

    @asynccontextmanager
    async def colleague(
        self, name: str = "Ivan", role: str = "agent", **more: Any
    ) -> AsyncIterator["DeskApi"]:
        """Hire somebody and sign them in, in a browser of their own."""
        roles = {one["name"]: one["id"] for one in await self.get("roles")}
        email = f"{name.lower()}@wonder.example"
        await self.post(
            "agents",
            {
                "name": name,
                "email": email,
                "password": PASSWORD,
                "role_id": roles[role],
                **more,
            },
        )
        async with DeskApi(self.url, self._origin, self.center) as theirs:
            await theirs.sign_in(email)
            yield theirs


@asynccontextmanager
async def serving(center: Center, *, empty: bool = False) -> AsyncIterator[DeskApi]:
    """Serve the center at its own address and set it up, unless it shall stay `empty`.

    Its passwords are hashed with little work: with the true one, half of all time went there.
    """
    center.house.passwords = Passwords(memory_kib=64, passes=1, lanes=1)
    runner = web.AppRunner(center.site, access_log=None)
    await runner.setup()
    try:
        url = URL(center.house.options.public_url)
        site = web.TCPSite(runner, url.host, url.port)
        await site.start()
        async with DeskApi(url, center.house.options.public_url, center) as api:
            if not empty:
                await api.set_up()
            yield api
    finally:
        await runner.cleanup()

"""A messenger of somebody's own as a real server: signs, checks signatures, keeps what it took."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.simulators.hooked import HookedServer, served

SECRET = "kV3w9zQ-simulated-7hXm2pLs8RtYc4Nb"
PATH = "/answers"


def proof(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Return the headers as docs/channels/custom.md writes them, computed on its own."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": stamp, "X-Signature": f"sha256={digest}"}


class CustomServer(HookedServer[dict[str, Any]]):
    """Takes each answer once, however often it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated = 0
        self.gone: set[str] = set()

    @property
    def answers_url(self) -> str:
        return f"{self.url}{PATH}"

    async def tell(self, hook: str, event: dict[str, Any], **proved: Any) -> int:
        body = json.dumps(event).encode()
        return await self.call(hook, body, proof(body, **proved))

    async def work(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers.get("X-Timestamp", "0")
        if proof(body, at=int(stamp))["X-Signature"] != request.headers.get("X-Signature"):
            return web.json_response({"error": "not signed"}, status=401)
        event = json.loads(body)
        if event["type"] != "answer":
            return web.json_response({})
        if request.headers["Idempotency-Key"] != event["id"]:
            return web.json_response({"error": "no key"}, status=400)
        if event["client"]["id"] in self.gone:
            return web.json_response({"error": "Ann has left"}, status=410)
        if event["id"] in {one["id"] for one in self.sent}:
            self.repeated += 1
        else:
            await self.take(event)
        return web.json_response({})


def written(
    text: str, *, number: int | str = 1, client: str = "u-42", **more: Any
) -> dict[str, Any]:
    """Return what a client wrote, as it is told to the center."""
    return {
        "type": "message",
        "id": f"m-{number}",
        "client": {"id": client, "name": "Ann", "a_field_of_tomorrow": 1},
        "text": text,
        "a_field_of_tomorrow": {"deep": [1, 2]},
        **more,
    }


@asynccontextmanager
async def running_custom() -> AsyncIterator[CustomServer]:
    server = CustomServer()
    async with served(server, web.post(PATH, server.answering(PATH, server.work))):
        yield server

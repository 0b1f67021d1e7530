"""LINE's Messaging API as a real server: clients write to an account, its pushes are kept."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.hooked import HookedServer, served

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "simulated-line-access-token-" + "Q7wE9rT1" * 6
STAMP = 1_893_456_000_000
PUSH, PROFILE, INFO, ENDPOINT, LOADING = "push", "profile", "info", "endpoint", "loading"


def proof(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(digest).decode()}


class LineServer(HookedServer[dict[str, Any]]):
    """One official account; `write` and its kin are its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.hook = ""
        self.active = True
        self.names = {"Uann": "Ann"}
        self.pictures: list[bytes] = []
        self.fetches = False
        """Whether it fetches the pictures of a message, as phones do."""
        self.typed: list[str] = []
        """Who was shown that somebody writes."""
        self._keys: dict[str, str] = {}
        self._count = 0

    def next_id(self) -> str:
        self._count += 1
        return str(461_230_966_842_064_000 + self._count)

    def event(self, kind: str, *, client: str = "Uann", **more: Any) -> dict[str, Any]:
        return {
            "type": kind,
            "mode": "active",
            "timestamp": STAMP,
            "source": {"type": "user", "userId": client},
            "webhookEventId": f"01FZ{self.next_id()}",
            "deliveryContext": {"isRedelivery": False},
            "aFieldOfTomorrow": {"deep": [1]},
            **more,
        }

    def said(self, text: str = "", *, client: str = "Uann", **message: Any) -> dict[str, Any]:
        words = {"id": self.next_id(), "type": "text", "text": text, **message}
        return self.event("message", client=client, message=words, replyToken="once")

    def attached(self, kind: str, data: bytes, **more: Any) -> dict[str, Any]:
        told = self.said(type=kind, **more)
        self.files[told["message"]["id"]] = data
        return told

    async def write(self, text: str = "", **more: Any) -> int:
        """A client writes; return what our answer to the call was."""
        return await self.push(self.said(text, **more))

    async def push(self, *events: dict[str, Any]) -> int:
        body = calling(*events)
        return await self.call(self.hook, body, proof(body))

    async def take_push(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        fault = _fault(asked)
        if fault:
            return web.json_response({"message": fault}, status=400)
        key = request.headers["X-Line-Retry-Key"]
        if key in self._keys:
            known = {"sentMessages": [{"id": self._keys[key]}]}
            return web.json_response({"message": "accepted before", **known}, status=409)
        for one in asked["messages"]:
            if self.fetches and one["type"] == "image":
                async with aiohttp.ClientSession() as http:
                    given = await http.get(one["originalContentUrl"])
                    self.pictures.append(await given.read())
        self._keys[key] = self.next_id()
        await self.take({**asked, "id": self._keys[key], "key": key})
        return web.json_response({"sentMessages": [{"id": self._keys[key], "quoteToken": "q"}]})

    async def load(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        if asked["loadingSeconds"] not in range(5, 61, 5):
            return web.json_response({"message": "must be a multiple of 5"}, status=400)
        self.typed.append(asked["chatId"])
        return web.json_response({}, status=202)

    async def profile(self, request: web.Request) -> web.Response:
        name = self.names.get(request.match_info["who"])
        if name is None:
            return web.json_response({"message": "Not found"}, status=404)
        return web.json_response({"userId": "U", "displayName": name, "language": "uk"})

    async def info(self, _request: web.Request) -> web.Response:
        return web.json_response({"displayName": "Shop", "basicId": "@shop", "chatMode": "bot"})

    async def endpoint(self, request: web.Request) -> web.Response:
        if request.method == "PUT":
            self.hook = json.loads(await request.read())["endpoint"]
            return web.json_response({})
        if not self.hook:
            return web.json_response({"message": "not set"}, status=404)
        return web.json_response({"endpoint": self.hook, "active": self.active})

    async def content(self, request: web.Request) -> web.Response:
        data = self.files.get(request.match_info["id"])
        return web.Response(status=404) if data is None else web.Response(body=data)


def calling(*events: dict[str, Any] | bytes) -> bytes:
    """Return the body of a call; what is bytes stands in it as it is."""
    raws = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in events]
    return b'{"destination":"Ushop","events":[' + b",".join(raws) + b"]}"


def _fault(asked: dict[str, Any]) -> str:
    """Say what LINE would find wrong with a push."""
    if not 1 <= len(asked["messages"]) <= 5:
        return "The property, messages, must be 1 to 5"
    for one in asked["messages"]:
        if one["type"] == "text" and not 1 <= len(one["text"].encode("utf-16-le")) // 2 <= 5_000:
            return "Length must be between 1 and 5000"
        if one["type"] == "image" and not one["previewImageUrl"].startswith("http"):
            return "Must be an address"
    return ""


def _known(handler: Any) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Authentication failed"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    return handle


@asynccontextmanager
async def running_line() -> AsyncIterator[LineServer]:
    server = LineServer()
    endpoint = _known(server.answering(ENDPOINT, server.endpoint))
    content = _known(server.answering("content", server.content))
    routes = [
        web.post("/v2/bot/message/push", _known(server.answering(PUSH, server.take_push))),
        web.post("/v2/bot/chat/loading/start", _known(server.answering(LOADING, server.load))),
        web.get("/v2/bot/profile/{who}", _known(server.answering(PROFILE, server.profile))),
        web.get("/v2/bot/info", _known(server.answering(INFO, server.info))),
        web.get("/v2/bot/channel/webhook/endpoint", endpoint),
        web.put("/v2/bot/channel/webhook/endpoint", endpoint),
        web.get("/v2/bot/message/{id}/content", content),
    ]
    async with served(server, *routes):
        yield server

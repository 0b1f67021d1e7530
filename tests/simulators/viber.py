"""Viber's bot API as a real server: clients write to a bot, and what it answers is kept."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.hooked import HookedServer, served

TOKEN = "445da6af1c345e78-dafccfb2542fb51a-e0bc5fba17480af9"
STAMP = 1_893_456_000_000


def proof(body: bytes, token: str = TOKEN) -> dict[str, str]:
    digest = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Viber-Content-Signature": digest}


class ViberServer(HookedServer[dict[str, Any]]):
    """One bot; `write` and its kin are its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.hook = ""
        self.left: set[str] = set()
        self.media: list[bytes] = []
        self.fetches = False
        """Whether it fetches what a message names, as Viber does before it says yes."""
        self._token = 5_741_311_803_571_721_000

    def next_token(self) -> int:
        self._token += 1
        return self._token

    def callback(self, event: str, **more: Any) -> dict[str, Any]:
        return {
            "event": event,
            "timestamp": STAMP,
            "chat_hostname": "SN-CHAT-05_",
            "message_token": self.next_token(),
            "a_field_of_tomorrow": {"deep": [1]},
            **more,
        }

    def said(self, text: str = "", *, client: str = "ann=", **message: Any) -> dict[str, Any]:
        sender = {"id": client, "name": "Ann", "language": "uk", "country": "UA", "api_version": 7}
        words = {"type": "text", "text": text, **message}
        return self.callback("message", sender=sender, message=words, silent=False)

    async def write(self, text: str = "", **more: Any) -> int:
        """A client writes; return what our answer to the call was."""
        return await self.push(self.said(text, **more))

    async def report(self, event: str, sent: dict[str, Any], **more: Any) -> int:
        """Tell what became of a message that the bot sent."""
        told = self.callback(event, user_id=sent["receiver"], **more)
        return await self.push({**told, "message_token": sent["message_token"]})

    async def push(self, told: dict[str, Any]) -> int:
        body = json.dumps(told).encode()
        return await self.call(self.hook, body, proof(body))

    async def set_webhook(self, request: web.Request) -> web.Response:
        """Viber calls the new address at once, and keeps it only when that answers."""
        asked = await self._asked(request)
        if asked is None:
            return _said(2, "invalidAuthToken")
        body = json.dumps(self.callback("webhook")).encode()
        if asked["url"] and await self.call(asked["url"], body, proof(body)) != 200:
            return _said(1, "invalidUrl")
        self.hook = asked["url"]
        return _said(0, "ok", event_types=asked.get("event_types", []))

    async def get_account_info(self, request: web.Request) -> web.Response:
        if await self._asked(request) is None:
            return _said(2, "invalidAuthToken")
        return _said(0, "ok", id="pa:1", name="Shop", uri="shop", webhook=self.hook)

    async def send_message(self, request: web.Request) -> web.Response:
        asked = await self._asked(request)
        if asked is None:
            return _said(2, "invalidAuthToken")
        refusal = _fault(asked)
        if refusal:
            return _said(3, refusal)
        if asked["receiver"] in self.left:
            return _said(6, "receiverNotSubscribed")
        if self.fetches and asked.get("media"):
            async with aiohttp.ClientSession() as http, http.get(asked["media"]) as given:
                if given.status != 200:
                    return _said(1, "invalidUrl")
                self.media.append(await given.read())
        token = self.next_token()
        await self.take({**asked, "message_token": token})
        return _said(0, "ok", message_token=token, billing_status=1)

    async def _asked(self, request: web.Request) -> dict[str, Any] | None:
        if request.headers.get("X-Viber-Auth-Token") != TOKEN:
            return None
        asked: dict[str, Any] = json.loads(await request.read())
        return asked


def _fault(asked: dict[str, Any]) -> str:
    """Say what Viber would find wrong with a message."""
    if not 1 <= len(asked["sender"]["name"]) <= 28:
        return "sender.name is not valid"
    if asked["type"] == "text" and not 1 <= len(asked["text"]) <= 7_000:
        return "text is not valid"
    if asked["type"] == "picture" and not asked["media"].endswith((".jpeg", ".png", ".gif")):
        return "media is no picture"
    if asked["type"] == "file" and not {"media", "size", "file_name"} <= set(asked):
        return "a file needs media, size and file_name"
    return ""


def _said(status: int, words: str, **more: Any) -> web.Response:
    return web.json_response({"status": status, "status_message": words, **more})


@asynccontextmanager
async def running_viber() -> AsyncIterator[ViberServer]:
    server = ViberServer()
    methods = ("set_webhook", "get_account_info", "send_message")
    routes = [
        web.post(f"/pa/{name}", server.answering(name, getattr(server, name))) for name in methods
    ]
    async with served(server, *routes):
        yield server

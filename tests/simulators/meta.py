"""Meta's Graph API as a real server: clients write to a page, and what it answers is kept."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.hooked import HookedServer, served

APP_SECRET = "1f0e5c6d7b8a9f0e5c6d7b8a9f0e5c6d"
TOKEN = "EAASimulated" + "q7W9e1R3t5" * 5
VERIFY = "simulated-verify-token-7hXm2p"
PAGE = "102030405060"
STAMP = 1_893_456_000_000
SEND, ME, SUBSCRIBED, WHO = "send", "me", "subscribed", "who"


def proof(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def fault(code: int, subcode: int = 0, words: str = "no") -> dict[str, Any]:
    """Return what the Graph API says when it did not do something."""
    return {"error": {"message": words, "code": code, "error_subcode": subcode, "type": "E"}}


class MetaServer(HookedServer[dict[str, Any]]):
    """One page, or one Instagram account; `write` and its kin are its clients."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.object = "page" if kind == "messenger" else "instagram"
        self.hook = ""
        self.names = {"9001": "Ann"}
        self.late: set[str] = set()
        """Who wrote more than 24 hours ago."""
        self.gone: set[str] = set()
        self.may_answer_late = True
        self.media: list[bytes] = []
        self.fetches = False
        self.fields = ""
        self.typed: list[str] = []
        """Who was shown that somebody writes."""
        self._count = 0

    def next_mid(self) -> str:
        self._count += 1
        return f"m_{self._count:06}AbC"

    def event(self, *, client: str = "9001", at: int = STAMP, **more: Any) -> dict[str, Any]:
        sender, recipient = {"id": client}, {"id": PAGE}
        return {"sender": sender, "recipient": recipient, "timestamp": at, "tomorrow": 1, **more}

    def said(self, text: str = "", *, client: str = "9001", **message: Any) -> dict[str, Any]:
        words = {"mid": self.next_mid(), **({"text": text} if text else {}), **message}
        return self.event(client=client, message=words)

    def attached(self, kind: str, data: bytes, **more: Any) -> dict[str, Any]:
        url = self.keep(self.next_mid(), data)
        return self.said(attachments=[{"type": kind, "payload": {"url": url}}], **more)

    def calling(self, *events: dict[str, Any] | bytes, page: str = PAGE) -> bytes:
        raws = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in events]
        entry = b'{"id":"%s","time":1,"messaging":[%s]}' % (page.encode(), b",".join(raws))
        return b'{"object":"%s","entry":[%s]}' % (self.object.encode(), entry)

    async def write(self, text: str = "", **more: Any) -> int:
        """A client writes; return what our answer to the call was."""
        return await self.push(self.said(text, **more))

    async def push(self, *events: dict[str, Any]) -> int:
        body = self.calling(*events)
        return await self.call(self.hook, body, proof(body))

    async def verify(self, hook: str, token: str = VERIFY, challenge: str = "1158201444") -> Any:
        """Try an address as Meta does when it is entered; return status and body."""
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        async with aiohttp.ClientSession() as http, http.get(hook, params=asked) as answer:
            words = await answer.text()
            if answer.status == 200 and words == challenge:
                self.hook = hook
            return answer.status, words

    async def send(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        client = asked["recipient"]["id"]
        if asked.get("sender_action") == "typing_on":
            self.typed.append(client)
            return web.json_response({"recipient_id": client})
        if client in self.gone:
            return web.json_response(fault(551, 1545041, "not available"), status=400)
        tagged = asked.get("tag") == "HUMAN_AGENT"
        if client in self.late and not (tagged and self.may_answer_late):
            return web.json_response(fault(10, 2018278, "outside of window"), status=400)
        words = _fault(asked, self.object)
        if words:
            return web.json_response(fault(100, words=words), status=400)
        attachment = asked["message"].get("attachment")
        if attachment and self.fetches:
            async with aiohttp.ClientSession() as http:
                given = await http.get(attachment["payload"]["url"])
                self.media.append(await given.read())
        mid = self.next_mid()
        await self.take({**asked, "mid": mid})
        return web.json_response({"recipient_id": client, "message_id": mid})

    async def me(self, _request: web.Request) -> web.Response:
        return web.json_response({"id": PAGE, "name": "Shop"})

    async def who(self, request: web.Request) -> web.Response:
        who = request.match_info["who"]
        if who not in self.names:
            return web.json_response(fault(100, 33), status=400)
        name = self.names[who]
        return web.json_response({"id": who, "name": name, "username": name.lower()})

    async def subscribe(self, request: web.Request) -> web.Response:
        self.fields = request.query["subscribed_fields"]
        return web.json_response({"success": True})


def _fault(asked: dict[str, Any], place: str) -> str:
    """Say what Meta would find wrong with a message."""
    text = asked["message"].get("text", "")
    long = len(text) > 2_000 if place == "page" else len(text.encode()) > 1_000
    if long:
        return "Length of param message[text] must be less than or equal"
    if not text and "attachment" not in asked["message"]:
        return "message is empty"
    return ""


def _known(handler: Any) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response(fault(190, words="Invalid OAuth access token"), status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    return handle


@asynccontextmanager
async def running_meta(kind: str = "messenger") -> AsyncIterator[MetaServer]:
    server = MetaServer(kind)
    routes = [
        web.post("/v/me/messages", _known(server.answering(SEND, server.send))),
        web.post("/v/me/subscribed_apps", _known(server.answering(SUBSCRIBED, server.subscribe))),
        web.get("/v/me", _known(server.answering(ME, server.me))),
        web.get("/v/{who}", _known(server.answering(WHO, server.who))),
    ]
    async with served(server, *routes):
        yield server

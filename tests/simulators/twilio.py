"""Twilio's REST API as a real server: clients write to a number, and what it sends is kept.

It signs like Twilio, tells in any order and again, gives long lists in pages, and fails on command.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.simulators.twilio_gate import (
    ACCOUNT,
    API,
    NUMBER,
    TOKEN,
    WAIT_SECONDS,
    Fields,
    TwilioGate,
    refused,
    signature,
)


@dataclass(slots=True)
class Message:
    """One message, either way, as the server keeps it."""

    sid: str
    sender: str
    to: str
    body: str
    inbound: bool
    made_at: datetime
    status: str
    media: list[str] = field(default_factory=list)
    told_at: str = ""
    error: int = 0
    service: str = ""


class TwilioServer(TwilioGate):
    """One account with one number; `write` and its kin are its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.hook_url = ""
        """Where the number calls, without the overrides behind `#`."""
        self.messages: list[Message] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.contents: list[dict[str, Any]] = []
        self.given: list[Fields] = []
        """The forms by which messages were asked for."""
        self.opted_out: set[str] = set()
        self.page_rows = 1_000
        self.store = ""
        """Where files are sent on to; empty: a folder of this server."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._told = 0

    @property
    def sent(self) -> list[Message]:
        return [one for one in self.messages if not one.inbound]

    def wrote(self, body: str, *, sender: str = "+380441234567", to: str = NUMBER) -> Message:
        """A client wrote, and nobody was told yet."""
        made = Message(self.sid("SM"), sender, to, body, True, self.now(), "received")
        self.messages.append(made)
        return made

    def keep(self, message: Message, data: bytes, kind: str = "image/png") -> str:
        """Keep a file of a message; return its address."""
        media = self.sid("ME")
        self.files[media] = (kind, data)
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}/Media/{media}"
        message.media.append(path)
        return f"https://api.twilio.com{path}"

    def form_of(self, message: Message, **more: str) -> Fields:
        """Return what the webhook is told of a message."""
        fields = {
            "ToCountry": "US",
            "SmsMessageSid": message.sid,
            "NumMedia": str(len(message.media)),
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "Body": message.body,
            "FromCountry": "UA",
            "To": message.to,
            "NumSegments": "1",
            "MessageSid": message.sid,
            "AccountSid": ACCOUNT,
            "From": message.sender,
            "ApiVersion": "2010-04-01",
            "AFieldOfTomorrow": "yes",
        }
        for at, path in enumerate(message.media):
            kind = self.files[path.rpartition("/")[2]][0]
            fields |= {
                f"MediaUrl{at}": f"https://api.twilio.com{path}",
                f"MediaContentType{at}": kind,
            }
        return {**fields, **more}

    async def write(self, body: str, *, sender: str = "+380441234567", **more: str) -> int:
        """A client writes and the webhook is called; return what it answered."""
        made = self.wrote(body, sender=sender)
        return await self.call(self.form_of(made, **more))

    async def call(
        self,
        fields: Mapping[str, str],
        *,
        url: str = "",
        token: str = TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Call a webhook as Twilio does; return the status answered."""
        where = url or self.hook_url
        body = urlencode(fields).encode()
        sent = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(where, fields, token),
            "I-Twilio-Idempotency-Token": self.sid("tok"),
            **(headers or {}),
        }
        async with (
            aiohttp.ClientSession() as http,
            http.post(where, data=BytesIO(body), headers=sent) as answer,
        ):
            if answer.status == 200:
                assert answer.content_type == "text/xml", answer.content_type
                assert b"<Response/>" in await answer.read()
            return answer.status

    async def tell(self, message: Message, status: str, *, error: int = 0) -> int:
        """Tell what became of a message that the number sent."""
        message.status, message.error = status, error
        fields = {
            "SmsSid": message.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": ACCOUNT,
            "From": message.sender,
            "ApiVersion": "2010-04-01",
        }
        if error:
            fields["ErrorCode"] = str(error)
        return await self.call(fields, url=message.told_at.partition("#")[0])

    async def next_sent(self) -> Message:
        """Return the next message of the number that nobody has looked at."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) > self._told)
        self._told += 1
        return self.sent[self._told - 1]

    async def make(self, request: web.Request) -> web.StreamResponse:
        """POST …/Messages.json"""
        form = await request.post()
        given = {name: str(value) for name, value in form.items()}
        media = [str(one) for one in form.getall("MediaUrl", [])]

        def work() -> web.Response:
            self.given.append(given)
            to, body = given["To"], self._body_of(given)
            if to in self.opted_out:
                return refused(400, 21610, "Attempt to send to unsubscribed recipient")
            if len(body) > 1_600:
                return refused(400, 21617, "The concatenated message body exceeds the limit")
            made = Message(
                self.sid("SM"), given["From"], to, body, False, self.now(), "queued", media,
                told_at=given.get("StatusCallback", ""),
                service=given.get("MessagingServiceSid", ""),
            )  # fmt: skip
            self.messages.append(made)
            return web.json_response(self._shown(made), status=201)

        return await self.answer(request, "send", work)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """GET …/Messages.json, newest first"""
        query = request.query
        after = query.get("DateSent>", "")
        moment = datetime.fromisoformat(after) if after else None

        def work() -> web.Response:
            found = [
                one
                for one in reversed(self.messages)
                if query.get("To", one.to) == one.to
                and query.get("From", one.sender) == one.sender
                and (moment is None or (self._sent_at(one) or moment) > moment)
            ]
            size = min(int(query.get("PageSize", "50")), self.page_rows)
            begin = int(query.get("Page", "0")) * size
            shown = [self._shown(one) for one in found[begin : begin + size]]
            more = dict(query)
            more["Page"] = str(int(query.get("Page", "0")) + 1)
            onward = f"{request.path}?{urlencode(more)}" if len(found) > begin + size else None
            return web.json_response({"messages": shown, "next_page_uri": onward, "page": 0})

        what = "list sent" if query.get("From") else "list received"
        return await self.answer(request, what, work)

    async def list_contents(self, request: web.Request) -> web.StreamResponse:
        """GET /v1/ContentAndApprovals of the Content API, in pages"""
        size, page = int(request.query["PageSize"]), int(request.query.get("Page", "0"))
        begin = page * size

        def work() -> web.Response:
            onward = f"{self.url}{request.path}?PageSize={size}&Page={page + 1}"
            more = len(self.contents) > begin + size
            meta = {"next_page_url": onward if more else None, "page": page, "key": "contents"}
            shown = self.contents[begin : begin + size]
            return web.json_response({"contents": shown, "meta": meta})

        return await self.answer(request, "contents", work)

    def _body_of(self, given: Mapping[str, str]) -> str:
        """Return what the client reads, of a content with its variables filled in."""
        if "ContentSid" not in given:
            return given.get("Body", "")
        (content,) = [one for one in self.contents if one["sid"] == given["ContentSid"]]
        body = str(next(iter(content["types"].values()))["body"])
        for key, value in json.loads(given.get("ContentVariables", "{}")).items():
            body = body.replace(f"{{{{{key}}}}}", value)
        return body

    async def list_media(self, request: web.Request) -> web.StreamResponse:
        message = next(one for one in self.messages if one.sid == request.match_info["sid"])
        shown = [
            {
                "sid": path.rpartition("/")[2],
                "uri": f"{path}.json",
                "content_type": self.files[path.rpartition("/")[2]][0],
            }
            for path in message.media
        ]
        return await self.answer(
            request,
            "list media",
            lambda: web.json_response({"media_list": shown, "next_page_uri": None}),
        )

    async def give_media(self, request: web.Request) -> web.StreamResponse:
        """The API sends on to a store, which must not be told the credentials."""
        media = request.match_info["media"]
        there = f"{self.store or self.url}/store/{media}"

        def work() -> web.Response:
            if media not in self.files:
                return refused(404, 20404, "not found")
            return web.Response(status=307, headers={"Location": there})

        return await self.answer(request, "media", work)

    async def give_stored(self, request: web.Request) -> web.StreamResponse:
        self.asked.append("store")
        kind, data = self.files[request.match_info["media"]]
        return web.Response(body=data, content_type=kind)

    async def account(self, request: web.Request) -> web.StreamResponse:
        shown = {"sid": ACCOUNT, "friendly_name": "Wonder Shop", "status": "active"}
        return await self.answer(request, "account", lambda: web.json_response(shown))

    async def numbers(self, request: web.Request) -> web.StreamResponse:
        own = {
            "sid": "PN" + "0" * 32,
            "phone_number": NUMBER,
            "sms_url": self.hook_url,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        }
        shown = [own] if request.query.get("PhoneNumber", NUMBER) == NUMBER else []
        body = {"incoming_phone_numbers": shown, "next_page_uri": None}
        return await self.answer(request, "numbers", lambda: web.json_response(body))

    async def change_number(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()

        def work() -> web.Response:
            self.hook_url = str(form["SmsUrl"]).partition("#")[0]
            return web.json_response({"sid": request.match_info["number"]})

        return await self.answer(request, "call us", work)

    def _sent_at(self, one: Message) -> datetime | None:
        return None if one.status in {"queued", "accepted"} else one.made_at

    def _shown(self, one: Message) -> dict[str, Any]:
        sent_at = self._sent_at(one)
        return {
            "sid": one.sid,
            "account_sid": ACCOUNT,
            "from": one.sender,
            "to": one.to,
            "body": one.body,
            "status": one.status,
            "direction": "inbound" if one.inbound else "outbound-api",
            "num_media": str(len(one.media)),
            "num_segments": "1",
            "date_created": format_datetime(one.made_at),
            "date_sent": format_datetime(sent_at) if sent_at else None,
            "date_updated": format_datetime(one.made_at),
            "error_code": one.error or None,
            "messaging_service_sid": one.service or None,
        }


def content(
    name: str = "order_ready",
    body: str = "Hello {{1}}, your order {{2}} is ready.",
    *,
    language: str = "en",
    status: str = "approved",
    category: str = "UTILITY",
    kind: str = "twilio/text",
    **more: Any,
) -> dict[str, Any]:
    """Return a text of the Content API with what WhatsApp says of it."""
    sid = "HX" + hashlib.sha256(f"{name}{language}".encode()).hexdigest()[:32]
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "friendly_name": f"{name} for clients",
        "language": language,
        "variables": {"1": "Ann", "2": "42"},
        "types": {kind: {"body": body, **more}},
        "approval_requests": {"name": name, "category": category, "status": status},
        "date_created": "2026-01-01T00:00:00Z",
    }


@asynccontextmanager
async def running_twilio() -> AsyncIterator[TwilioServer]:
    server = TwilioServer()
    app = web.Application()
    api = API
    app.add_routes(
        [
            web.get(f"{api}.json", server.account),
            web.get(f"{api}/IncomingPhoneNumbers.json", server.numbers),
            web.post(f"{api}/IncomingPhoneNumbers/{{number}}.json", server.change_number),
            web.post(f"{api}/Messages.json", server.make),
            web.get(f"{api}/Messages.json", server.list),
            web.get(f"{api}/Messages/{{sid}}/Media.json", server.list_media),
            web.get(f"{api}/Messages/{{sid}}/Media/{{media}}", server.give_media),
            web.get("/store/{media}", server.give_stored),
            web.get("/v1/ContentAndApprovals", server.list_contents),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await runner.cleanup()

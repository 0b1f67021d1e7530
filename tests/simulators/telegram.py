"""Telegram's Bot API as a real server: clients write to a bot, and what it answers is kept."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "123456789:AAF-simulated-token-for-tests-only"
DATE = 1_893_456_000
WAIT_SECONDS = 20.0
HOOK_HEADER = "X-Telegram-Bot-Api-Secret-Token"
Reply = tuple[int, dict[str, Any]]
_CONTESTED = "Conflict: terminated by other getUpdates request"


@dataclass(slots=True)
class Sent:
    """One message that the bot sent and the server took."""

    chat: int
    message_id: int
    method: str
    text: str
    files: list[tuple[str, bytes]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """What stands on the buttons under it, and what each carries."""
    looks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Trouble:
    """What happens to the next call of a method: a refusal, or a cut before or after its work."""

    status: int = 0
    description: str = ""
    retry_after: int = 0
    plain: bool = False
    """Answered by something before the Bot API, in HTML."""
    cut: str = ""
    """`before` or `after` the work is done; `hang` answers never."""


@dataclass(slots=True)
class Hook:
    url: str = ""
    secret: str = ""
    trouble: str = ""
    tells: list[str] = field(default_factory=list)
    """The kinds of updates that it was asked to tell."""


class TelegramServer:
    """One bot; `write` and its kin are its clients."""

    def __init__(self) -> None:
        self.url = ""
        self.hook = Hook()
        self.blocked: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.sent: list[Sent] = []
        self.answered: list[str] = []
        """The presses whose button was told to spin no more."""
        self.shown: list[tuple[int, str]] = []
        """Chats that were shown that the bot does something, and what."""
        self.asked: list[str] = []
        self.confirmed: list[int] = []
        self.troubles: dict[str, list[Trouble]] = defaultdict(list)
        self.waiting: dict[int, dict[str, Any]] = {}
        """Unconfirmed updates by their id, oldest first."""
        self.next_update = 700_000_001
        self._last_message: dict[int, int] = defaultdict(int)
        self._changed = asyncio.Condition()
        self._told = 0
        self._newest_poll = 0
        self.another_program = False
        """Another program polls the same bot, again and again."""
        self._closing = False

    def fail(self, method: str, **trouble: Any) -> None:
        """Let the next call of `method` fail; several are used in their order."""
        self.troubles[method].append(Trouble(**trouble))

    async def write(self, text: str, *, chat: int = 7001, **more: Any) -> dict[str, Any]:
        """A client writes; `more` are fields of the message."""
        return await self.update(message=self.message(chat, text=text, **more))

    async def attach(self, kind: str, data: bytes, *, chat: int = 7001, **more: Any) -> Any:
        """A client sends a file of this kind: `photo`, `document`, `voice`, `sticker`."""
        named = {name: more.pop(name) for name in ("file_name", "emoji") if name in more}
        media = self.keep(data) | named
        value = [media | {"file_size": 1}, media] if kind == "photo" else media
        return await self.update(message=self.message(chat, **{kind: value}, **more))

    def keep(self, data: bytes) -> dict[str, Any]:
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = data
        return {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": len(data)}

    def message(self, chat: int, **fields: Any) -> dict[str, Any]:
        self._last_message[chat] += 1
        sender = {"id": chat, "is_bot": False, "first_name": "Ann", "language_code": "uk"}
        return {
            "message_id": self._last_message[chat],
            "date": DATE,
            "chat": {"id": chat, "type": "private", "first_name": "Ann"},
            "from": sender,
            "a_field_of_tomorrow": {"deep": [1, 2]},
            **{name: value for name, value in fields.items() if value != ""},
        }

    async def update(self, **what: Any) -> dict[str, Any]:
        """Put an update where the bot finds it, and return it."""
        made = {"update_id": self.next_update, **what}
        self.next_update += 1
        async with self._changed:
            self.waiting[made["update_id"]] = made
            self._changed.notify_all()
        return made

    async def press(self, sent: Sent, words: str, **more: Any) -> dict[str, Any]:
        """A client presses a button under a message of the bot; `more` are fields of the press."""
        carried = next(data for label, data in sent.buttons if label == words)
        rows = [[{"text": label, "callback_data": data}] for label, data in sent.buttons]
        message = {
            "message_id": sent.message_id,
            "date": DATE,
            "chat": {"id": sent.chat, "type": "private"},
            "from": {"id": 123456789, "is_bot": True, "first_name": "Shop"},
            "text": sent.text,
            "reply_markup": {"inline_keyboard": rows},
        }
        client = {"id": sent.chat, "is_bot": False, "first_name": "Ann", "language_code": "uk"}
        press = {"id": f"press-{self.next_update}", "from": client, "message": message}
        told = {**press, "chat_instance": "1", "data": carried, **more}
        return await self.update(callback_query=told)

    async def push(self) -> list[int]:
        """Call the webhook with all that waits, oldest first; drop what is taken."""
        statuses = []
        for made in list(self.waiting.values()):
            status = await self.call_hook(json.dumps(made).encode())
            statuses.append(status)
            if status == 200:
                self.waiting.pop(made["update_id"], None)
        return statuses

    async def call_hook(self, body: bytes, *, secret: str | None = None, url: str = "") -> int:
        headers = {HOOK_HEADER: self.hook.secret if secret is None else secret}
        async with (
            aiohttp.ClientSession() as http,
            http.post(url or self.hook.url, data=BytesIO(body), headers=headers) as answer,
        ):
            return answer.status

    async def next_sent(self) -> Sent:
        """Return the next message of the bot that nobody has looked at."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) > self._told)
        self._told += 1
        return self.sent[self._told - 1]

    async def until_confirmed(self, number: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: number in self.confirmed)

    async def until_asked(self, method: str, times: int = 1) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.asked.count(method) >= times)

    async def close(self) -> None:
        async with self._changed:
            self._closing = True
            self._changed.notify_all()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any call of the Bot API."""
        method = request.match_info["method"]
        async with self._changed:
            self.asked.append(method)
            self._changed.notify_all()
        if request.match_info["token"] != TOKEN:
            return _answered(_refused(401, "Unauthorized"))
        given = await _given(request)
        trouble = self.troubles[method].pop(0) if self.troubles[method] else Trouble()
        if trouble.cut in {"before", "hang"}:
            return await self._cut(request, hang=trouble.cut == "hang")
        if trouble.status:
            return _in_trouble(trouble)
        handler = getattr(self, f"_{method.lower()}", None)
        reply = await handler(given) if handler else _refused(404, "Not Found")
        if trouble.cut == "after":
            return await self._cut(request, hang=False)
        return _answered(reply)

    async def give_file(self, request: web.Request) -> web.Response:
        """The bytes of a file that `getFile` has named."""
        trouble = self.troubles["file"].pop(0) if self.troubles["file"] else Trouble()
        if trouble.status:
            return _in_trouble(trouble)
        data = self.files.get(request.match_info["path"])
        if request.match_info["token"] != TOKEN or data is None:
            return _answered(_refused(404, "Not Found"))
        return web.Response(body=data)

    async def _cut(self, request: web.Request, *, hang: bool) -> web.StreamResponse:
        if hang:
            async with self._changed:
                await self._changed.wait_for(lambda: self._closing)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _getme(self, _given: dict[str, Any]) -> Reply:
        return _ok({"id": 123456789, "is_bot": True, "first_name": "Shop", "username": "shop_bot"})

    async def _getupdates(self, given: dict[str, Any]) -> Reply:
        if self.hook.url:
            return _refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.another_program:
            return _refused(409, _CONTESTED)
        async with self._changed:
            self._newest_poll += 1
            poll = self._newest_poll
            self._changed.notify_all()  # an older poll ends at once: the newest one counts
            if "offset" in given:
                for number in [one for one in self.waiting if one < int(given["offset"])]:
                    del self.waiting[number]
                    self.confirmed.append(number)
            try:
                async with asyncio.timeout(int(given.get("timeout", 0)) or 0.001):
                    await self._changed.wait_for(
                        lambda: self.waiting or self._closing or poll != self._newest_poll
                    )
            except TimeoutError:
                pass
            if poll != self._newest_poll:
                return _refused(409, _CONTESTED)
        return _ok(list(self.waiting.values())[: int(given.get("limit", 100))])

    async def _setwebhook(self, given: dict[str, Any]) -> Reply:
        secret = str(given.get("secret_token", ""))
        tells = json.loads(given.get("allowed_updates", "[]"))
        self.hook = Hook(url=str(given["url"]), secret=secret, tells=tells)
        return _ok(True)

    async def _deletewebhook(self, _given: dict[str, Any]) -> Reply:
        self.hook = Hook()
        return _ok(True)

    async def _getwebhookinfo(self, _given: dict[str, Any]) -> Reply:
        told: dict[str, Any] = (
            {"last_error_message": self.hook.trouble} if self.hook.trouble else {}
        )
        return _ok(
            {
                "url": self.hook.url,
                "has_custom_certificate": False,
                "pending_update_count": len(self.waiting),
                "allowed_updates": self.hook.tells,
                **told,
            }
        )

    async def _getfile(self, given: dict[str, Any]) -> Reply:
        data = self.files.get(given["file_id"])
        if data is None:
            return _refused(400, "Bad Request: invalid file_id")
        if len(data) > 20 * 1024 * 1024:
            return _refused(400, "Bad Request: file is too big")
        named = {"file_id": given["file_id"], "file_unique_id": "u", "file_path": given["file_id"]}
        return _ok({**named, "file_size": len(data)})

    async def _sendmessage(self, given: dict[str, Any]) -> Reply:
        if len(given["text"].encode("utf-16-le")) // 2 > 4096:
            return _refused(400, "Bad Request: message is too long")
        return await self._take("sendMessage", given, given["text"], [])

    async def _sendphoto(self, given: dict[str, Any]) -> Reply:
        return await self._take_file("sendPhoto", "photo", given)

    async def _senddocument(self, given: dict[str, Any]) -> Reply:
        return await self._take_file("sendDocument", "document", given)

    async def _answercallbackquery(self, given: dict[str, Any]) -> Reply:
        if given["callback_query_id"].startswith("old"):
            words = "query is too old and response timeout expired or query ID is invalid"
            return _refused(400, f"Bad Request: {words}")
        async with self._changed:
            self.answered.append(given["callback_query_id"])
            self._changed.notify_all()
        return _ok(True)

    async def _editmessagereplymarkup(self, given: dict[str, Any]) -> Reply:
        chat, number = int(given["chat_id"]), int(given["message_id"])
        sent = next(
            (one for one in self.sent if (one.chat, one.message_id) == (chat, number)), None
        )
        if sent is None:
            return _refused(400, "Bad Request: message to edit not found")
        if not sent.buttons:
            return _refused(400, "Bad Request: message is not modified")
        async with self._changed:
            sent.buttons = []
            self._changed.notify_all()
        return _ok({"message_id": number, "date": DATE, "chat": {"id": chat, "type": "private"}})

    async def _sendchataction(self, given: dict[str, Any]) -> Reply:
        if int(given["chat_id"]) in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        self.shown.append((int(given["chat_id"]), given["action"]))
        return _ok(True)

    async def _take_file(self, method: str, kind: str, given: dict[str, Any]) -> Reply:
        value = given[kind]
        file = given[value.removeprefix("attach://")] if isinstance(value, str) else value
        return await self._take(method, given, given.get("caption", ""), [file])

    async def _sendmediagroup(self, given: dict[str, Any]) -> Reply:
        media = json.loads(given["media"])
        if not 2 <= len(media) <= 10:
            return _refused(400, "Bad Request: group of 2 to 10 items")
        files = [given[one["media"].removeprefix("attach://")] for one in media]
        caption = next((one["caption"] for one in media if one.get("caption")), "")
        given = {**given, "entities": json.dumps(media[0].get("caption_entities", []))}
        status, reply = await self._take("sendMediaGroup", given, caption, files)
        return (status, reply) if status != 200 else _ok([reply["result"]] * len(media))

    async def _take(
        self, method: str, given: dict[str, Any], text: str, files: list[tuple[str, bytes]]
    ) -> Reply:
        chat = int(given["chat_id"])
        if chat in self.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        if files and len(text) > 1024:
            return _refused(400, "Bad Request: message caption is too long")
        looks = json.loads(given.get("entities") or given.get("caption_entities") or "[]")
        fault = _fault(text, looks, given)
        if fault:
            return _refused(400, f"Bad Request: {fault}")
        self._last_message[chat] += 1
        rows = json.loads(given.get("reply_markup", "{}")).get("inline_keyboard", ())
        buttons = [(one["text"], one["callback_data"]) for row in rows for one in row]
        sent = Sent(chat, self._last_message[chat], method, text, files, buttons, looks)
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()
        there = {"id": chat, "type": "private"}
        return _ok({"message_id": sent.message_id, "date": DATE, "chat": there, "text": text})


def _fault(text: str, looks: list[dict[str, Any]], given: dict[str, Any]) -> str:
    """Say what the Bot API would find wrong with the looks of a text, and with its buttons."""
    units = text.encode("utf-16-le")
    for one in looks:
        edges = [2 * one["offset"], 2 * (one["offset"] + one["length"])]
        if not 0 <= edges[0] < edges[1] <= len(units):
            return "can't parse entities: entity is out of bounds"
        if any(b"\xdc" <= units[at + 1 : at + 2] <= b"\xdf" for at in edges):
            return "can't parse entities: entity begins in a middle of a UTF-16 symbol"
    if "parse_mode" in given and "<" in text:
        return "can't parse entities: unsupported start tag"
    for row in json.loads(given.get("reply_markup", "{}")).get("inline_keyboard", ()):
        for one in row:
            if not 1 <= len(one["callback_data"].encode()) <= 64:
                return "BUTTON_DATA_INVALID"
    return ""


async def _given(request: web.Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = (value.filename, value.file.read())
        else:
            found[name] = value
    return found


def _ok(result: Any) -> Reply:
    return 200, {"ok": True, "result": result}


def _refused(status: int, description: str, **more: Any) -> Reply:
    return status, {"ok": False, "error_code": status, "description": description, **more}


def _in_trouble(trouble: Trouble) -> web.Response:
    if trouble.plain:
        return web.Response(status=trouble.status, text="<html>gateway</html>")
    more = {"parameters": {"retry_after": trouble.retry_after}} if trouble.retry_after else {}
    return _answered(_refused(trouble.status, trouble.description, **more))


def _answered(reply: Reply) -> web.Response:
    return web.json_response(reply[1], status=reply[0])


@asynccontextmanager
async def running_telegram() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/bot{token}/{method}", server.answer)
    app.router.add_get("/file/bot{token}/{path:.*}", server.give_file)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        await server.close()
        await runner.cleanup()

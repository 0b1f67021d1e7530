"""WhatsApp's Cloud API as a real server: clients write to a number, and what it answers is kept."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.hooked import HookedServer, served
from tests.simulators.meta import fault, proof

TOKEN = "EAAWhatsAppSimulated" + "a8S2d4F6g0" * 4
VERIFY = "simulated-verify-token-9pLk3w"
NUMBER = "106540352242922"
ACCOUNT = "102290129340398"
CLIENT, CLIENT_ID = "380501112233", "UA.13491208655302741918"
STAMP = 1_893_456_000
SEND, LOOK, HOOK, SUBSCRIBED, TEMPLATES, MEDIA = (
    *("send", "look", "hook", "subscribed"),
    *("templates", "media"),
)


class WhatsAppServer(HookedServer[dict[str, Any]]):
    """One number; `write` and its kin are its clients."""

    def __init__(self) -> None:
        super().__init__()
        self.hook = ""
        self.verify_token = ""
        self.names = {CLIENT: "Олена"}
        self.ids = {CLIENT: CLIENT_ID}
        self.late: set[str] = set()
        """Who wrote more than 24 hours ago: only templates reach them."""
        self.nobody: set[str] = set()
        self.read: list[str] = []
        self.typed = 0
        """How often a client was shown that somebody writes."""
        self.fetches = False
        self.media: list[bytes] = []
        self.media_host = ""
        self.templates: list[dict[str, Any]] = []
        self._count = 0

    def next_id(self) -> str:
        self._count += 1
        return f"wamid.HBgM{self._count:06}AbC="

    def said(
        self, kind: str = "text", *, client: str = CLIENT, hidden: bool = False, **more: Any
    ) -> dict[str, Any]:
        """Return a message; `hidden`: its sender shows no number."""
        told = {"id": self.next_id(), "timestamp": str(STAMP), "type": kind, "tomorrow": {"a": 1}}
        who = {} if hidden else {"from": client}
        if client in self.ids:
            who["from_user_id"] = self.ids[client]
        return {**who, **told, **more}

    def text(self, words: str, **more: Any) -> dict[str, Any]:
        return self.said(text={"body": words}, **more)

    def attached(self, kind: str, data: bytes, **more: Any) -> dict[str, Any]:
        media = {"id": self.keep_media(data), "mime_type": "x/y", "sha256": "no", **more}
        content: dict[str, Any] = {kind: media}
        return self.said(kind, **content)

    def keep_media(self, data: bytes) -> str:
        self._count += 1
        name = f"7{self._count:06}"
        self.keep(name, data)
        return name

    def told(self, wamid: str, status: str, **more: Any) -> dict[str, Any]:
        return {"id": wamid, "status": status, "timestamp": "1", "recipient_id": CLIENT, **more}

    def contact(self, client: str, *, hidden: bool = False) -> dict[str, Any]:
        name = self.names.get(client, "")
        number = {} if hidden else {"wa_id": client}
        user = {"user_id": self.ids[client]} if client in self.ids else {}
        return {"profile": {"name": name}, **number, **user}

    def value(self, *messages: Any, statuses: Any = (), number: str = NUMBER) -> dict[str, Any]:
        written = [one for one in messages if _has_sender(one)]
        clients = {one.get("from") or _of(self.ids, one): one for one in written}
        contacts = [
            self.contact(client, hidden="from" not in one) for client, one in clients.items()
        ]
        metadata = {"display_phone_number": "380441112233", "phone_number_id": number}
        return {
            "messaging_product": "whatsapp",
            "metadata": metadata,
            "contacts": contacts,
            "messages": list(messages),
            "statuses": list(statuses),
        }

    def calling(self, *messages: Any, statuses: Any = (), number: str = NUMBER) -> bytes:
        """Return one call; a message may be anything, also what is broken."""
        value = self.value(*messages, statuses=statuses, number=number)
        change = {"field": "messages", "value": value}
        entry = {"id": ACCOUNT, "changes": [change], "tomorrow": 1}
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    async def write(self, words: str = "", **more: Any) -> int:
        """A client writes; return what our answer to the call was."""
        return await self.push(self.text(words, **more))

    async def push(self, *messages: Any, statuses: Any = ()) -> int:
        body = self.calling(*messages, statuses=statuses)
        return await self.call(self.hook, body, proof(body))

    async def tell(self, sent: dict[str, Any], status: str, **more: Any) -> int:
        """Tell what became of a message, repeating our own name of it."""
        ours = {"biz_opaque_callback_data": sent["biz_opaque_callback_data"]}
        return await self.push(statuses=[self.told(sent["wamid"], status, **ours, **more)])

    async def send(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        if asked.get("status") == "read":
            async with self._changed:
                self.read.append(asked["message_id"])
                self.typed += asked.get("typing_indicator") == {"type": "text"}
                self._changed.notify_all()
            return web.json_response({"success": True})
        client = asked.get("to") or _of(self.ids, {"from_user_id": asked.get("recipient")})
        refusal = self._refusal(asked, client)
        if refusal:
            return web.json_response(fault(*refusal), status=400)
        media = asked.get(asked["type"], {}).get("link") if self.fetches else None
        if media:
            async with aiohttp.ClientSession() as http:
                self.media.append(await (await http.get(media)).read())
        wamid = self.next_id()
        await self.take({**asked, "wamid": wamid, "client": client})
        contacts = [{"input": client, "wa_id": client}]
        messages = [{"id": wamid, "message_status": "accepted"}]
        return web.json_response(
            {"messaging_product": "whatsapp", "contacts": contacts, "messages": messages}
        )

    def _refusal(self, asked: dict[str, Any], client: str) -> tuple[int, int, str] | None:
        """Say what WhatsApp would find wrong with a message."""
        if client in self.nobody:
            return 131026, 0, "Message undeliverable"
        if asked["type"] == "template":
            return self._template_refusal(asked["template"])
        if client in self.late:
            return 131047, 0, "Re-engagement message"
        if asked["type"] == "text" and not 0 < len(asked["text"]["body"]) <= 4_096:
            return 100, 0, "Param text['body'] must be at most 4096 characters long."
        return None

    def _template_refusal(self, asked: dict[str, Any]) -> tuple[int, int, str] | None:
        language = asked["language"]["code"]
        known = [
            one
            for one in self.templates
            if (one["name"], one["language"]) == (asked["name"], language)
        ]
        if not known or known[0]["status"] != "APPROVED":
            return 132001, 0, "Template name does not exist in the translation"
        given = sum(len(one["parameters"]) for one in asked.get("components", ()))
        wanted = json.dumps(known[0]["components"], ensure_ascii=False).count("{{")
        return None if given == wanted else (132000, 0, "Number of parameters does not match")

    async def until_read(self, wamid: str) -> None:
        """Return when the number has said that it read this message."""
        async with self._changed:
            await self._changed.wait_for(lambda: wamid in self.read)

    async def look(self, _request: web.Request) -> web.Response:
        hooks = {"application": "https://elsewhere.example/hook"}
        if self.hook:
            hooks["phone_number"] = self.hook
        known = {"display_phone_number": "+380 44 111 22 33", "verified_name": "Shop"}
        return web.json_response({**known, "webhook_configuration": hooks, "id": NUMBER})

    async def set_hook(self, request: web.Request) -> web.Response:
        """Try the new address as Meta does, and keep it when it answers."""
        wanted = json.loads(await request.read())["webhook_configuration"]
        status, words = await self.verify(wanted["override_callback_uri"], wanted["verify_token"])
        if (status, words) != (200, "1158201444"):
            return web.json_response(fault(2200, words="Callback verification failed"), status=400)
        return web.json_response({"success": True})

    async def verify(self, hook: str, token: str, challenge: str = "1158201444") -> Any:
        """Try an address; return status and body."""
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        async with aiohttp.ClientSession() as http, http.get(hook, params=asked) as answer:
            words = await answer.text()
            if answer.status == 200 and words == challenge:
                self.hook = hook
            return answer.status, words

    async def subscribe(self, _request: web.Request) -> web.Response:
        return web.json_response({"success": True})

    async def where_media_is(self, request: web.Request) -> web.Response:
        name = request.match_info["media"]
        if name not in self.files:
            return web.json_response(fault(100, 33), status=400)
        host = self.media_host or self.url
        size = len(self.files[name])
        return web.json_response({"url": f"{host}/files/{name}", "file_size": size, "id": name})

    async def list_templates(self, request: web.Request) -> web.Response:
        """Return a page of templates; `after` says how many came before."""
        begin, limit = int(request.query.get("after") or 0), int(request.query["limit"])
        page = self.templates[begin : begin + limit]
        more = begin + limit < len(self.templates)
        after = {"cursors": {"after": str(begin + limit)}} if page else {}
        paging = {**after, **({"next": "https://elsewhere.example/next"} if more else {})}
        return web.json_response({"data": page, "paging": paging})

    async def give_file(self, request: web.Request) -> web.Response:
        """Give a file to who shows the token."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        return await super().give_file(request)


def template(
    name: str = "order_ready",
    body: str = "Вітаємо, {{1}}! Замовлення {{2}} готове.",
    *,
    language: str = "uk",
    status: str = "APPROVED",
    category: str = "UTILITY",
    more: Any = (),
) -> dict[str, Any]:
    """Return a template as the business account lists it."""
    return {
        "id": f"{abs(hash((name, language))) % 10**15}",
        "name": name,
        "language": language,
        "status": status,
        "category": category,
        "components": [{"type": "BODY", "text": body}, *more],
    }


def shown(sent: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the words of a message and its buttons."""
    if sent["type"] != "interactive":
        return words_of(sent), ()
    action = sent["interactive"]["action"]
    found = [one["reply"]["title"] for one in action.get("buttons", ())]
    found += [row["title"] for one in action.get("sections", ()) for row in one["rows"]]
    return str(sent["interactive"]["body"]["text"]), tuple(found)


def words_of(sent: dict[str, Any]) -> str:
    """Return what the client's phone shows of a message."""
    if sent["type"] == "text":
        return str(sent["text"]["body"])
    if sent["type"] == "interactive":
        words, buttons = shown(sent)
        return "\n".join([words, *(f"[ {one} ]" for one in buttons)])
    if sent["type"] == "template":
        values = [
            str(part.get("text", "…"))
            for one in sent["template"].get("components", ())
            for part in one["parameters"]
        ]
        return f"[{sent['template']['name']}] {', '.join(values)}".strip()
    return str(sent[sent["type"]].get("caption") or "[a file]")


def _has_sender(one: Any) -> bool:
    if not isinstance(one, dict):
        return False
    return isinstance(one.get("from", one.get("from_user_id")), str)


def _of(ids: dict[str, str], one: dict[str, Any]) -> str:
    return next((number for number, own in ids.items() if own == one.get("from_user_id")), "")


def _known(handler: Any) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response(fault(190, words="Invalid OAuth access token"), status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    return handle


def now_stamp() -> str:
    return str(int(time.time()))


@asynccontextmanager
async def running_whatsapp() -> AsyncIterator[WhatsAppServer]:
    server = WhatsAppServer()
    listed = server.answering(TEMPLATES, server.list_templates)
    subscribed = server.answering(SUBSCRIBED, server.subscribe)
    routes = [
        web.post(f"/v/{NUMBER}/messages", _known(server.answering(SEND, server.send))),
        web.get(f"/v/{NUMBER}", _known(server.answering(LOOK, server.look))),
        web.post(f"/v/{NUMBER}", _known(server.answering(HOOK, server.set_hook))),
        web.post(f"/v/{ACCOUNT}/subscribed_apps", _known(subscribed)),
        web.get(f"/v/{ACCOUNT}/message_templates", _known(listed)),
        web.get("/v/{media}", _known(server.answering(MEDIA, server.where_media_is))),
    ]
    async with served(server, *routes):
        yield server

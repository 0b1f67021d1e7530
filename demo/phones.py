"""The clients' telephones: every messenger of the shop, on a simulator of its provider.

Nothing here needs an account anywhere, and the center does not know: it speaks to each simulator
as it does to the provider, through the provider's own interface.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Protocol

from msgspec import Struct

from tests.simulators import custom, line, meta, telegram, twilio_gate, viber, whatsapp
from tests.simulators.custom import CustomServer, running_custom
from tests.simulators.line import LineServer, running_line
from tests.simulators.meta import MetaServer, running_meta
from tests.simulators.telegram import TelegramServer, running_telegram
from tests.simulators.twilio import TwilioServer, content, running_twilio
from tests.simulators.viber import ViberServer, running_viber
from tests.simulators.whatsapp import WhatsAppServer, running_whatsapp

_DELIVERED: Final = "delivered"
ORDER_READY: Final = {
    "en": "Hello {{1}}, your order {{2}} is ready.",
    "uk": "Вітаємо, {{1}}! Замовлення {{2}} готове.",
    "ru": "Здравствуйте, {{1}}! Заказ {{2}} готов.",
}
"""What WhatsApp has approved for the shop."""


class Owner(Struct, frozen=True):
    """Who holds the telephone; the same number is the same client on every messenger's terms."""

    name: str
    number: int
    locale: str = "en"
    """The language of the telephone, which some messengers tell."""


class Connectable(Protocol):
    """What an administrator would type to connect it."""

    kind: str
    name: str
    settings: dict[str, Any]
    secrets: dict[str, str]

    def connected(self, hook_url: str) -> None:
        """Learn where the center listens, for providers that are told so by hand."""


class Heard(Struct, frozen=True):
    """An answer as the client sees it; a press on a button says its words."""

    text: str
    buttons: tuple[str, ...] = ()


class Phone(Connectable, Protocol):
    """One messenger in clients' hands."""

    async def say(self, owner: Owner, text: str) -> None: ...

    def heard(self, owner: Owner) -> list[Heard]:
        """Return the answers that came, oldest first."""

    async def look(self, owner: Owner) -> None:
        """Look at the answers: the provider tells the shop."""


class TwilioPhone:
    """SMS or WhatsApp; the provider tells once of each message what became of it."""

    def __init__(self, server: TwilioServer, kind: str) -> None:
        self._server = server
        self._told: set[str] = set()
        self.kind = kind
        self.name = "SMS" if kind == "sms" else "WhatsApp"
        server.contents = [
            content("order_ready", text, language=language)
            for language, text in ORDER_READY.items()
        ]
        self.settings = {
            "account_sid": twilio_gate.ACCOUNT,
            "number": twilio_gate.NUMBER,
            "api_url": server.url,
            "per_second": 20.0,
        }
        self.secrets = {"auth_token": twilio_gate.TOKEN}

    def connected(self, hook_url: str) -> None:
        self._server.hook_url = hook_url

    async def say(self, owner: Owner, text: str) -> None:
        more = {"ProfileName": owner.name, "MessageType": "text"} if self.kind != "sms" else {}
        await self._server.write(text, sender=self._number(owner), **more)

    def heard(self, owner: Owner) -> list[Heard]:
        number = self._number(owner)
        return [Heard(one.body or "[a file]") for one in self._server.sent if one.to == number]

    async def look(self, owner: Owner) -> None:
        number = self._number(owner)
        for one in self._server.sent:
            if one.to == number and one.sid not in self._told:
                self._told.add(one.sid)
                await self._server.tell(one, _DELIVERED if self.kind == "sms" else "read")

    def _number(self, owner: Owner) -> str:
        bare = f"+38044{2_000_000 + owner.number:07d}"
        return bare if self.kind == "sms" else f"whatsapp:{bare}"


class WhatsAppCloudPhone:
    """WhatsApp by Meta's own interface; the number is the one that WhatsApp by Twilio sees."""

    kind = "whatsapp_cloud"
    name = "WhatsApp Cloud"

    def __init__(self, server: WhatsAppServer) -> None:
        self._server = server
        self._told: set[str] = set()
        server.templates = [
            whatsapp.template("order_ready", text, language=language)
            for language, text in ORDER_READY.items()
        ]
        self.settings = {
            "phone_number_id": whatsapp.NUMBER,
            "business_account_id": whatsapp.ACCOUNT,
            "api_url": f"{server.url}/v",
            "media_hosts": ["127.0.0.1"],
        }
        self.secrets = {
            "app_secret": meta.APP_SECRET,
            "access_token": whatsapp.TOKEN,
            "verify_token": whatsapp.VERIFY,
        }

    def connected(self, hook_url: str) -> None:
        """The center tells it where it listens."""

    async def say(self, owner: Owner, text: str) -> None:
        number = self._number(owner)
        self._server.names[number] = owner.name
        stamp = str(int(time.time()))
        await self._server.push({**self._server.text(text, client=number), "timestamp": stamp})

    def heard(self, owner: Owner) -> list[Heard]:
        return [Heard(*whatsapp.shown(one)) for one in self._mine(owner)]

    async def look(self, owner: Owner) -> None:
        for one in self._mine(owner):
            if one["wamid"] not in self._told:
                self._told.add(one["wamid"])
                await self._server.tell(one, "read")

    def _mine(self, owner: Owner) -> list[dict[str, Any]]:
        return [one for one in self._server.sent if one["client"] == self._number(owner)]

    def _number(self, owner: Owner) -> str:
        return f"38044{2_000_000 + owner.number:07d}"


class TelegramPhone:
    kind = "telegram"
    name = "Telegram"

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self.settings = {"api_url": server.url}
        self.secrets = {"bot_token": telegram.TOKEN}

    def connected(self, hook_url: str) -> None:
        """The center asks for news itself."""

    async def say(self, owner: Owner, text: str) -> None:
        first, _, last = owner.name.partition(" ")
        sender = {"id": owner.number, "is_bot": False, "first_name": first, "last_name": last}
        sender["language_code"] = owner.locale
        more = {"from": sender, "date": int(time.time())}
        await self._server.write(text, chat=owner.number, **more)

    def heard(self, owner: Owner) -> list[Heard]:
        mine = [one for one in self._server.sent if one.chat == owner.number]
        return [
            Heard(one.text or "[a file]", tuple(words for words, _ in one.buttons)) for one in mine
        ]

    async def look(self, owner: Owner) -> None:
        """Telegram tells nobody that a bot's message was read."""


class ViberPhone:
    kind = "viber"
    name = "Viber"

    def __init__(self, server: ViberServer) -> None:
        self._server = server
        self._told: set[int] = set()
        self.settings = {"api_url": f"{server.url}/pa", "media_hosts": ["127.0.0.1"]}
        self.secrets = {"auth_token": viber.TOKEN}

    def connected(self, hook_url: str) -> None:
        """The center tells it where it listens."""

    async def say(self, owner: Owner, text: str) -> None:
        told = self._server.said(text, client=self._id(owner))
        told["sender"] |= {"name": owner.name, "language": owner.locale}
        await self._server.push({**told, "timestamp": _now_ms()})

    def heard(self, owner: Owner) -> list[Heard]:
        return [
            Heard(
                one.get("text") or "[a file]",
                tuple(key["Text"] for key in one.get("keyboard", {}).get("Buttons", ())),
            )
            for one in self._mine(owner)
        ]

    async def look(self, owner: Owner) -> None:
        for one in self._mine(owner):
            if one["message_token"] not in self._told:
                self._told.add(one["message_token"])
                await self._server.report("seen", one)

    def _mine(self, owner: Owner) -> list[dict[str, Any]]:
        return [one for one in self._server.sent if one["receiver"] == self._id(owner)]

    def _id(self, owner: Owner) -> str:
        return f"demo{owner.number}="


class LinePhone:
    kind = "line"
    name = "LINE"

    def __init__(self, server: LineServer) -> None:
        self._server = server
        self.settings = {"api_url": server.url, "data_url": server.url}
        self.secrets = {"channel_secret": line.SECRET, "access_token": line.TOKEN}

    def connected(self, hook_url: str) -> None:
        """The center tells it where it listens."""

    async def say(self, owner: Owner, text: str) -> None:
        self._server.names[self._id(owner)] = owner.name
        told = self._server.said(text, client=self._id(owner))
        await self._server.push({**told, "timestamp": _now_ms()})

    def heard(self, owner: Owner) -> list[Heard]:
        mine = [one for one in self._server.sent if one["to"] == self._id(owner)]
        return [
            Heard(
                part.get("text") or "[a picture]",
                tuple(
                    choice["action"]["label"]
                    for choice in part.get("quickReply", {}).get("items", ())
                ),
            )
            for one in mine
            for part in one["messages"]
        ]

    async def look(self, owner: Owner) -> None:
        """LINE tells nobody that a message was read."""

    def _id(self, owner: Owner) -> str:
        return f"U{owner.number:032x}"


class MetaPhone:
    """Messenger or Instagram."""

    def __init__(self, server: MetaServer, kind: str) -> None:
        self._server = server
        self._looked_at: dict[int, int] = {}
        self.kind = kind
        self.name = "Messenger" if kind == "messenger" else "Instagram"
        self.settings = {
            "page_id": meta.PAGE,
            "api_url": f"{server.url}/v",
            "media_hosts": ["127.0.0.1"],
        }
        self.secrets = {
            "app_secret": meta.APP_SECRET,
            "page_token": meta.TOKEN,
            "verify_token": meta.VERIFY,
        }

    def connected(self, hook_url: str) -> None:
        self._server.hook = hook_url

    async def say(self, owner: Owner, text: str) -> None:
        self._server.names[self._id(owner)] = owner.name
        told = self._server.said(text, client=self._id(owner))
        await self._server.push({**told, "timestamp": _now_ms()})

    def heard(self, owner: Owner) -> list[Heard]:
        mine = [one for one in self._server.sent if one["recipient"]["id"] == self._id(owner)]
        return [
            Heard(
                one["message"].get("text") or "[a file]",
                tuple(choice["title"] for choice in one["message"].get("quick_replies", ())),
            )
            for one in mine
        ]

    async def look(self, owner: Owner) -> None:
        """Messenger tells up to when somebody has read, if there is something new to read."""
        count = len(self.heard(owner))
        if self.kind != "messenger" or count == self._looked_at.get(owner.number, 0):
            return
        self._looked_at[owner.number] = count
        now = _now_ms()
        read = self._server.event(client=self._id(owner), at=now, read={"watermark": now})
        await self._server.push(read)

    def _id(self, owner: Owner) -> str:
        return str(9_000_000_000 + owner.number)


class OwnPhone:
    """A messenger that the shop has made itself, by the generic channel."""

    kind = "custom"
    name = "The shop's own app"

    def __init__(self, server: CustomServer) -> None:
        self._server = server
        self._hook_url = ""
        self._said = 0
        self.settings = {"url": server.answers_url}
        self.secrets = {"signing_secret": custom.SECRET}

    def connected(self, hook_url: str) -> None:
        self._hook_url = hook_url

    async def say(self, owner: Owner, text: str) -> None:
        self._said += 1
        told = custom.written(text, number=self._said, client=self._id(owner))
        told["client"]["name"] = owner.name
        await self._server.tell(self._hook_url, told)

    def heard(self, owner: Owner) -> list[Heard]:
        mine = [one for one in self._server.sent if one["client"]["id"] == self._id(owner)]
        return [Heard(one["text"] or "[a file]", tuple(one.get("choices", ()))) for one in mine]

    async def look(self, owner: Owner) -> None:
        """The app does not tell what was read."""

    def _id(self, owner: Owner) -> str:
        return f"user-{owner.number}"


def _now_ms() -> int:
    return int(time.time() * 1_000)


@asynccontextmanager
async def running_phones() -> AsyncIterator[Sequence[Phone]]:
    """Run a simulator for each messenger until the block ends."""
    async with AsyncExitStack() as stack:
        yield (
            TwilioPhone(await stack.enter_async_context(running_twilio()), "sms"),
            TwilioPhone(await stack.enter_async_context(running_twilio()), "whatsapp"),
            WhatsAppCloudPhone(await stack.enter_async_context(running_whatsapp())),
            TelegramPhone(await stack.enter_async_context(running_telegram())),
            ViberPhone(await stack.enter_async_context(running_viber())),
            LinePhone(await stack.enter_async_context(running_line())),
            MetaPhone(await stack.enter_async_context(running_meta("messenger")), "messenger"),
            MetaPhone(await stack.enter_async_context(running_meta("instagram")), "instagram"),
            OwnPhone(await stack.enter_async_context(running_custom())),
        )

"""A number at the simulated Twilio, and a desk that stores what it hands over."""

from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

from channels.channel import Surroundings
from channels.envelope import Account, HookCall, Outbound, OutboundFile, Party
from kernel.clock import Clock, SystemClock
from kernel.guests import Guests
from tests.channels.scene import SEALER, Desk
from tests.simulators.twilio import TwilioServer
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN, Fields, signature

ACCOUNT_ID = UUID(int=6)
PUBLIC_URL = "http://127.0.0.1:8080"


class NumberDesk(Desk):
    """Knows besides which of our messages are known at the provider, and where a look ended."""

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[str, UUID] = {}

    async def sent(self, names: Any) -> dict[str, UUID]:
        return {name: self.owners[name] for name in names if name in self.owners}

    async def keep_cursor(self, cursor: str) -> None:
        self.cursor = cursor


def account(
    server: TwilioServer,
    kind: Literal["sms", "whatsapp"] = "sms",
    token: str = TOKEN,
    **settings: Any,
) -> Account:
    told = {"account_sid": ACCOUNT, "number": NUMBER, "api_url": server.url, "per_second": 1_000.0}
    return Account(
        id=ACCOUNT_ID,
        kind=kind,
        name="Shop",
        settings={**told, **settings},
        secrets={"auth_token": token},
        public_key="key",
    )


def surroundings(desk: NumberDesk, clock: Clock | None = None, **more: Any) -> Surroundings:
    values: dict[str, Any] = {
        "clock": clock or SystemClock(),
        "sealer": SEALER,
        "guests": Guests("channels.mail.guest", 1),
        "public_url": PUBLIC_URL,
        "allow_private_hosts": True,
        "cursor_keeper": lambda _: desk.keep_cursor,
        "keep_file": desk.keep_file,
        "known_of": lambda _: desk.known,
        "sent_of": lambda _: desk.sent,
        "lend": lambda file, _span: f"{PUBLIC_URL}/lent/{file.blob}",
    }
    return Surroundings(**{**values, **more})


def hook_call(fields: Fields, kind: str = "sms", query: str = "", **headers: str) -> HookCall:
    """Return the call that Twilio makes with these fields, signed."""
    url = f"{PUBLIC_URL}/hooks/{kind}/key" + (f"?{query}" if query else "")
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return HookCall(
        headers={"x-twilio-signature": signature(url, fields), **given},
        body=urlencode(fields).encode(),
        query=query,
    )


def answer(text: str = "On its way.", *files: tuple[str, str, bytes], **more: Any) -> Outbound:
    values: dict[str, Any] = {
        "account_id": ACCOUNT_ID,
        "key": uuid4(),
        "ticket_id": uuid4(),
        "recipient": Party(handle="+380441234567", name="Ann"),
        "text": text,
        "files": tuple(
            OutboundFile(name=name, media_type=kind, data=data, blob=name)
            for name, kind, data in files
        ),
    }
    return Outbound(**{**values, **more})

"""A channel that says and answers what a test tells it to: the provider's side of a connector."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from channels.envelope import (
    Account,
    Automatic,
    Delivery,
    Envelope,
    Inbound,
    InboundFile,
    Outbound,
    Party,
    Receipt,
    Report,
    Status,
)
from channels.errors import UnreadableDeliveryError

ANN = Party(handle="ann@client.example", name="Ann Client")
BROKEN = b"cannot be read"
SETTINGS = {
    "address": "support@wonder.example",
    "imap_host": "127.0.0.1",
    "smtp_host": "127.0.0.1",
}
Send = Callable[[Outbound], Awaitable[Receipt]]


class Words(msgspec.Struct):
    """What lies in the raw bytes of a delivery: messages and reports."""

    said: list[Inbound] = []
    reported: list[Report] = []


class ScriptedConnector:
    """Reads `Words`; sends through `on_send`, remembering everything that was asked of it."""

    kind: ClassVar[str] = "mail"

    def __init__(self, account: Account) -> None:
        self.account = account
        self.fixed = False
        """Whether what could not be read can be read now."""
        self.sent: list[Outbound] = []
        self.on_send: Send = accepted
        self.sending = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        return [self._read_one(one) for one in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        self.sent.append(message)
        self.sending.set()
        return await self.on_send(message)

    def _read_one(self, delivery: Delivery) -> Sequence[Envelope] | Exception:
        if delivery.raw.startswith(BROKEN):
            if not self.fixed:
                return UnreadableDeliveryError("no line of it makes sense")
            return [said("Readable after all", external_id=delivery.external_id)]
        words = msgspec.json.decode(delivery.raw, type=Words)
        return [*words.said, *words.reported]


class Post:
    """Makes the connectors of a test and keeps them by account."""

    def __init__(self) -> None:
        self.offices: dict[UUID, ScriptedConnector] = {}

    def make(self, account: Account) -> ScriptedConnector:
        return self.offices.setdefault(account.id, ScriptedConnector(account))

    @property
    def only(self) -> ScriptedConnector:
        """The one connector whose line is open (trial ones are made for a check)."""
        return list(self.offices.values())[-1]


async def accepted(message: Outbound) -> Receipt:
    return Receipt(external_id=f"<{message.key}@wonder.example>")


def said(text: str, *, external_id: str, sender: Party = ANN, **more: Any) -> Inbound:
    return Inbound(
        external_id=external_id,
        sender=sender,
        text=text,
        **{"subject": "Where is my parcel?", "thread_key": f"<{external_id}@client>", **more},
    )


def reported(message_id: UUID, status: Status, reason: str = "") -> Report:
    return Report(
        external_id=f"{message_id}-{status}", message_id=message_id, status=status, reason=reason
    )


def delivery(account_id: UUID, name: str, *, cursor: str | None = None, **words: Any) -> Delivery:
    """Return a delivery called `name` with these words in it."""
    return Delivery(
        account_id=account_id,
        external_id=name,
        raw=msgspec.json.encode(Words(**words)),
        received_at=datetime(2030, 1, 7, 9, 0, tzinfo=UTC),
        cursor=cursor,
    )


def mail(account_id: UUID, name: str, text: str = "Hello", **more: Any) -> Delivery:
    """Return a delivery with one message in it."""
    return delivery(account_id, name, said=[said(text, external_id=name, **more)])


def broken(account_id: UUID, name: str) -> Delivery:
    return Delivery(
        account_id=account_id,
        external_id=name,
        raw=BROKEN,
        received_at=datetime(2030, 1, 7, 9, 0, tzinfo=UTC),
    )


def file(name: str, data: bytes, media_type: str = "application/octet-stream") -> InboundFile:
    return InboundFile(name=name, media_type=media_type, data=data, size=len(data))


AUTOMATIC = Automatic

"""The shapes that cross the line between a provider and the center."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One connected mailbox, number, bot or widget, as its connector sees it."""

    id: UUID
    kind: str
    name: str
    settings: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cursor: str | None = None
    public_key: str = ""
    """By which the outside names it: in a widget's tag, in the address of a webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One raw thing a provider handed us; `(account_id, external_id)` is unique for ever."""

    account_id: UUID
    external_id: str
    raw: bytes = field(repr=False)
    received_at: datetime
    cursor: str | None = None
    """Where the listening loop stands once this delivery is stored; kept in the same commit."""


class Party(Struct, frozen=True, kw_only=True):
    """Somebody named on a message: `handle` is what the provider knows them by."""

    handle: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFile:
    name: str
    media_type: str
    """Sniffed from the bytes, never the sender's word."""
    data: bytes = field(default=b"", repr=False)
    blob: str | None = None
    """Where the bytes lie already (a chat upload); `data` is empty then and `size` counts."""
    size: int = 0
    content_id: str | None = None
    inline: bool = False


class Automatic(StrEnum):
    """Why a message was not written by a person."""

    REPLY = "auto_reply"
    BULK = "bulk"
    LOOP = "loop"
    COMMAND = "command"
    """A person wrote it, to the machine: STOP or START."""
    REACTION = "reaction"
    """A person's sign on a message, such as a thumb."""
    MOVED = "moved"
    """The provider says that the sender is known by another number or id from now on."""


ASIDE: Final = frozenset({Automatic.REACTION, Automatic.MOVED})
"""What stands beside the conversation: it never opens a ticket of its own where one is known."""


class Inbound(Struct, frozen=True, kw_only=True):
    """One message from a client, free of every provider detail."""

    external_id: str
    sender: Party
    also: tuple[str, ...] = ()
    """Other handles by which the provider knows the sender: whoever is known by one of them is this
    client."""
    text: str
    """What the client wrote this time."""
    quoted: str = ""
    """Quoted history and signature: folded on the screen, never lost."""
    html: str | None = None
    """Sanitised; images and other remote things are inert until asked for."""
    subject: str | None = None
    sent_at: datetime | None = None
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    reply_to: tuple[Party, ...] = ()
    thread_key: str | None = None
    """The provider's name of this message, which a reply must refer to (a mail's Message-ID)."""
    references: tuple[str, ...] = ()
    ticket_claim: UUID | None = None
    """The ticket this message says it answers; set only when its proof (HMAC) holds."""
    files: tuple[InboundFile, ...] = ()
    automatic: Automatic | None = None
    sender_proven: bool = False
    """The provider vouches for the sender (DMARC pass, signed visitor, phone network)."""
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)
    """What the sender told about themselves: name, email, phone, page, locale."""
    warnings: tuple[str, ...] = ()


class Status(StrEnum):
    """How far an outgoing message came; it only moves forward."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Report(Struct, frozen=True, kw_only=True):
    """What the provider says later about a message that we sent."""

    external_id: str
    message_id: UUID | None = None
    """Ours, when the report proves it (HMAC in a bounced Message-ID)."""
    thread_key: str | None = None
    """The provider's name of the message, otherwise."""
    claimed_id: UUID | None = None
    """Ours as the provider repeats it: believed only of a message that this account sent."""
    status: Status
    reason: str = ""


class Reach(Struct, frozen=True, kw_only=True):
    """The provider says whether what we send still reaches somebody."""

    external_id: str
    handle: str
    unreachable: str | None
    """Why not, in words; None: it does again."""
    opted_out: bool | None = None
    """They forbid us to write (True) or allow it again (False); None: it says nothing of that."""


class ReadUntil(Struct, frozen=True, kw_only=True):
    """Somebody has read whatever this account had sent them until then."""

    external_id: str
    handle: str
    until: datetime


Envelope = Inbound | Report | Reach | ReadUntil


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundFile:
    name: str
    media_type: str
    data: bytes = field(repr=False)
    content_id: str | None = None
    blob: str = ""
    """Where the bytes lie, for a provider that fetches them itself."""


class TemplateUse(Struct, frozen=True, kw_only=True):
    """A text that the provider has approved before, and the values of its variables."""

    external_id: str
    name: str
    language: str
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    """By the names that the account's own templates give their variables."""


class Outbound(Struct, frozen=True, kw_only=True):
    """One message to a client; `key` is the same on every attempt."""

    account_id: UUID
    key: UUID
    ticket_id: UUID
    recipient: Party
    text: str
    html: str | None = None
    subject: str | None = None
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    files: tuple[OutboundFile, ...] = ()
    author_name: str = ""
    automatic: bool = False
    choices: tuple[str, ...] = ()
    """Quick replies under the text, where the channel can show them."""
    template: TemplateUse | None = None
    """Sent instead of the text, which only says how it reads."""
    bulk: bool = False
    """One of very many that are sent alike: whatever else is promised leaves before it."""


class Receipt(Struct, frozen=True):
    """The provider took the message and calls it `external_id`."""

    external_id: str
    status: Status = Status.SENT


class Health(StrEnum):
    """The words for how a connected account is doing."""

    OFF = "off"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    BAD_CREDENTIALS = "bad_credentials"
    MISCONFIGURED = "misconfigured"


class CheckStep(Struct, frozen=True, kw_only=True):
    """One line of a connection test: what was tried and what the provider said."""

    name: str
    ok: bool
    detail: str = ""
    cure: str = ""


Deliver = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Returns once every delivery is committed; raises when none may be acknowledged."""

KeepCursor = Callable[[str], Awaitable[None]]
"""Stores where a listening loop stands when there is no delivery to carry it (its first look)."""

Tell = Callable[[Health, str], None]
"""How a listening loop reports its health, in one word and one sentence."""


class Connector(Protocol):
    """What every channel can do: read what came in, and send."""

    kind: ClassVar[str]

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        """Translate each delivery by itself; one that cannot be understood yields its error."""

    async def send(self, message: Outbound) -> Receipt: ...


class HookCall(Struct, frozen=True, kw_only=True):
    """What a provider sent to the account's webhook, nothing of it believed yet."""

    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    query: str = ""
    """What stood behind the `?` of the address, as it came."""
    path: str = ""
    """What stood behind the account's own address, as it came: which moment of a call it is."""


class HookAnswer(Struct, frozen=True, kw_only=True):
    """What the provider wants to hear besides 200."""

    body: bytes
    content_type: str


class Hooked(Protocol):
    """A connector whose provider calls us."""

    async def receive(self, call: HookCall, deliver: Deliver) -> HookAnswer | None:
        """Hand over what the call brings; returns once that is committed. None: 200 says it all.

        Raises UnsignedCallError before anything is stored when the call proves nothing.
        """


class Challenged(Protocol):
    """A connector whose provider tries the address before it calls there."""

    def challenged(self, call: HookCall) -> HookAnswer:
        """Answer the trial; raises UnsignedCallError when it is not the provider's."""


class Recalls(Protocol):
    """A connector that can find out what became of a message whose answer was lost."""

    async def recall(self, message: Outbound, since: datetime) -> Receipt | None:
        """Return the receipt of a message promised at `since`; None: the provider never took it.

        Raises as `send` does when that cannot be found out now.
        """


class ListsTemplates(Protocol):
    """A connector whose provider approves texts before they may be sent out of the window.

    It returns `channels.templates.Template`s, and takes them as an Outbound's `template`.
    """

    async def templates(self) -> Sequence[Any]: ...


class ShowsReading(Protocol):
    """A connector whose provider shows clients that their messages were read."""

    async def seen(self, thread_key: str) -> None:
        """Show that everything up to this message was read; raises when that cannot be now."""


class ShowsTyping(Protocol):
    """A connector whose provider shows clients that somebody writes to them."""

    typing_lasts: ClassVar[timedelta]
    """So long it is shown when told once."""

    async def types(self, handle: str, thread_key: str) -> None:
        """Show it to the client, whose newest message is `thread_key`; raises when that cannot be
        now. It costs no message its turn.
        """


class Listens(Protocol):
    """A connector that goes and looks."""

    async def listen(self, deliver: Deliver, tell: Tell) -> None: ...


class Checks(Protocol):
    """A connector whose settings can be tried before they are saved."""

    async def check(self) -> list[CheckStep]: ...

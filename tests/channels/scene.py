"""A desk that stores what a connector hands over, and all that a connector needs around it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from channels.channel import Surroundings
from channels.envelope import Delivery, Health, Inbound, Outbound, OutboundFile, Party
from kernel.clock import Clock, SystemClock
from kernel.guests import Guests
from kernel.secrets import Sealer

SEALER = Sealer(bytes(range(32)))
ACCOUNT = UUID(int=5)


@dataclass
class Desk:
    """Stores deliveries once and their cursor with them; refuses when told to."""

    cursor: str | None = None
    stored: dict[str, Delivery] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    told: list[tuple[Health, str]] = field(default_factory=list)
    refusals: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("the database is away")
        async with self.changed:
            for delivery in deliveries:
                self.stored.setdefault(delivery.external_id, delivery)
                self.cursor = delivery.cursor or self.cursor
            self.changed.notify_all()

    async def keep_file(self, data: bytes) -> str:
        blob = f"blob-{len(self.files)}"
        self.files[blob] = data
        return blob

    async def known(self, external_ids: Sequence[str]) -> set[str]:
        return set(external_ids) & set(self.stored)

    def tell(self, health: Health, words: str) -> None:
        self.told.append((health, words))

    async def until(self, count: int) -> None:
        """Return when so many deliveries are stored."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: len(self.stored) >= count)

    async def said(self, connector: Any) -> list[Inbound]:
        """Return what the stored deliveries say, in their order."""
        answers = await connector.read(list(self.stored.values()))
        return [
            one
            for answer in answers
            if not isinstance(answer, Exception)
            for one in answer
            if isinstance(one, Inbound)
        ]


def surroundings(desk: Desk, clock: Clock | None = None, **more: Any) -> Surroundings:
    values: dict[str, Any] = {
        "clock": clock or SystemClock(),
        "sealer": SEALER,
        "guests": Guests("channels.mail.guest", 1),
        "public_url": "http://127.0.0.1:8080",
        "allow_private_hosts": True,
        "cursor_keeper": lambda _: _keep_nothing,
        "keep_file": desk.keep_file,
        "known_of": lambda _: desk.known,
        "sent_of": lambda _: _nothing_sent,
        "lend": lambda file, _span: f"http://127.0.0.1:8080/lent/{file.name}",
    }
    return Surroundings(**{**values, **more})


async def _nothing_sent(_names: Sequence[str]) -> dict[str, UUID]:
    return {}


async def _keep_nothing(_cursor: str) -> None:
    return None


def answer(text: str = "On its way.", *files: tuple[str, str, bytes], **more: Any) -> Outbound:
    values: dict[str, Any] = {
        "account_id": ACCOUNT,
        "key": uuid4(),
        "ticket_id": uuid4(),
        "recipient": Party(handle="7001", name="Ann"),
        "text": text,
        "files": tuple(
            OutboundFile(name=name, media_type=kind, data=data) for name, kind, data in files
        ),
    }
    return Outbound(**{**values, **more})

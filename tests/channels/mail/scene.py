"""A mailbox on the servers of a test, and somebody who follows it as the desk does."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from uuid import UUID, uuid4

from channels.envelope import Account, Delivery, Health, Outbound, Party
from channels.mail.connector import MailConnector
from kernel.clock import SystemClock
from kernel.guests import Guests
from tests.simulators.mail_servers import PASSWORD, Dovecot, SmtpServer

KEY = b"k" * 32
USER = "support@desk.example"


def settings(
    dovecot: Dovecot | None = None, smtp: SmtpServer | None = None, **others: object
) -> dict[str, object]:
    return {
        "address": USER,
        "display_name": "Desk",
        "imap_host": "127.0.0.1",
        "imap_port": dovecot.port if dovecot else 993,
        "imap_tls": "none",
        "imap_user": USER,
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp.port if smtp else 587,
        "smtp_tls": "none",
        "fetch_since": "all",
        **others,
    }


def mail(subject: str, text: str = "Hello", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = headers.pop("From", "Ann <ann@client.example>")
    message["To"] = USER
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def answer(text: str = "On its way.", **others: object) -> Outbound:
    values: dict[str, object] = {
        "account_id": uuid4(),
        "key": uuid4(),
        "ticket_id": uuid4(),
        "recipient": Party(handle="ann@client.example", name="Ann"),
        "text": text,
        "subject": "Re: parcel",
    }
    return Outbound(**{**values, **others})  # type: ignore[arg-type]


@dataclass
class Desk:
    """Stores deliveries once and their cursor with them; refuses when told to."""

    cursor: str | None = None
    stored: dict[str, Delivery] = field(default_factory=dict)
    seen: list[Delivery] = field(default_factory=list)
    told: list[tuple[Health, str]] = field(default_factory=list)
    refusals: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        self.seen.extend(deliveries)
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("the database is away")
        for delivery in deliveries:
            self.stored.setdefault(delivery.external_id, delivery)
            self.cursor = delivery.cursor or self.cursor
        self.changed.set()

    async def keep_cursor(self, cursor: str) -> None:
        self.cursor = cursor
        self.changed.set()

    def tell(self, health: Health, sentence: str) -> None:
        self.told.append((health, sentence))
        self.changed.set()

    async def until(self, count: int) -> None:
        """Wait until so many different mails are stored."""
        await self.when(lambda: len(self.stored) >= count)

    async def connected(self) -> None:
        await self.when(lambda: any(health is Health.CONNECTED for health, _ in self.told))

    async def when(self, condition: object) -> None:
        assert callable(condition)
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def subjects(self) -> list[str]:
        return sorted(
            line.partition(b": ")[2].decode()
            for delivery in self.stored.values()
            for line in delivery.raw.splitlines()
            if line.startswith(b"Subject: ")
        )


def connector(
    chosen: dict[str, object],
    guests: Guests,
    *,
    cursor: str | None = None,
    desk: Desk | None = None,
    password: str = PASSWORD,
    account_id: UUID | None = None,
) -> MailConnector:
    account = Account(
        id=account_id or uuid4(),
        kind="mail",
        name="Support",
        settings=chosen,
        secrets={"imap_password": password, "smtp_password": password},
        cursor=cursor,
    )
    return MailConnector(
        account,
        proof_key=KEY,
        clock=SystemClock(),
        guests=guests,
        public_host="desk.example",
        allow_private_hosts=True,
        keep_cursor=desk.keep_cursor if desk else None,
    )


@asynccontextmanager
async def listening(
    chosen: dict[str, object], guests: Guests, desk: Desk
) -> AsyncIterator[MailConnector]:
    """Follow the mailbox from where the desk stands, once, as long as the block runs."""
    async with connector(chosen, guests, cursor=desk.cursor, desk=desk) as mailbox:
        task = asyncio.create_task(mailbox.listen(desk.deliver, desk.tell))
        try:
            yield mailbox
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

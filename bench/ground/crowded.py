"""Fills a center's database with very many tickets at once, as years of work would."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.ground.words import LANGUAGES, Writer
from clients.naming import folded
from clients.tables import ClientRow, IdentityRow
from kernel.analyser import terms
from kernel.database import Database
from kernel.ids import new_id
from routing import service as routing
from routing.tables import ContactRow
from tickets.lifecycle import preview_of
from tickets.searching import INDEX
from tickets.tables import CounterRow, MessageRow, TicketRow

RARE: Final = "крокозябра"
"""A word that stands in three tickets, whatever their number."""
COMMON: Final = {"en": "parcel delivery", "uk": "доставка посилки", "ru": "доставка посылки"}
WAITING: Final = 300
"""Contacts that wait in the queue, whatever the number of tickets."""
_CHUNK: Final = 2_000
_TEXTS: Final = 1_500
_TICKETS_PER_CLIENT: Final = 4
_STATUSES: Final = ("new", "open", "waiting", "solved", "closed")
_SHARES: Final = (2, 4, 4, 20, 70)
_STARTED: Final = datetime(2024, 1, 1, tzinfo=UTC)


class Filler:
    """Writes tickets with two messages each, their clients, contacts and search index."""

    def __init__(self, database: Database, agents: list[UUID], seed: int = 5) -> None:
        self._database = database
        self._agents = agents
        self._writer = Writer(seed)
        self._dice = random.Random(seed)
        # Texts repeat, since analysing each anew would take longer than all else together.
        self._texts = [self._text(LANGUAGES[n % len(LANGUAGES)]) for n in range(_TEXTS)]
        self._clients: list[tuple[UUID, str]] = []

    async def fill(self, count: int) -> None:
        step = timedelta(days=700) / count
        async with self._database.transaction() as session:
            queue = await routing.default_queue(session)
            assert queue is not None
        rare = {count // 7, count // 2, count - 2}
        for start in range(0, count, _CHUNK):
            numbers = range(start, min(start + _CHUNK, count))
            async with self._database.transaction() as session:
                await self._add_clients(session, len(numbers) // _TICKETS_PER_CLIENT + 1)
                await self._add(session, numbers, queue.id, step, rare, count)
        async with self._database.transaction() as session:
            await session.execute(update(CounterRow).values(value=1_000 + count))
            await _add_counter(session, count)

    async def _add_clients(self, session: AsyncSession, count: int) -> None:
        made = [(new_id(), self._writer.name(self._writer.language())) for _ in range(count)]
        self._clients = made
        await session.execute(insert(_table(ClientRow)), [_client(*one) for one in made])
        await session.execute(insert(_table(IdentityRow)), [_identity(*one) for one in made])

    async def _add(
        self,
        session: AsyncSession,
        numbers: range,
        queue_id: UUID,
        step: timedelta,
        rare: set[int],
        count: int,
    ) -> None:
        tickets: list[dict[str, Any]] = []
        messages: list[dict[str, Any]] = []
        contacts: list[dict[str, Any]] = []
        index: list[dict[str, Any]] = []
        for number in numbers:
            subject, text, title, body = self._texts[self._dice.randrange(_TEXTS)]
            if number in rare:
                text, body = f"{text} {RARE}", f"{body} {' '.join(terms(RARE))}"
            client_id, name = self._dice.choice(self._clients)
            waits = number >= count - WAITING
            ticket = self._ticket(number, client_id, queue_id, _STARTED + step * number, waits)
            ticket |= {"subject": subject, "preview": preview_of(text)}
            tickets.append(ticket)
            messages += _messages(ticket, name, text)
            contacts.append(self._contact(ticket, waits))
            index.append({"id": ticket["id"], "title": f"{ticket['number']} {title}", "body": body})
        for table, rows in (
            (_table(TicketRow), tickets),
            (_table(MessageRow), messages),
            (_table(ContactRow), contacts),
            (INDEX.table, index),
        ):
            await session.execute(insert(table), rows)

    def _text(self, language: str) -> tuple[str, str, str, str]:
        subject = self._writer.subject(language)
        text = "\n".join(self._writer.paragraphs(language, 2))
        return subject, text, _indexed(subject), _indexed(text)

    def _ticket(
        self, number: int, client_id: UUID, queue_id: UUID, at: datetime, waits: bool
    ) -> dict[str, Any]:
        status = "new" if waits else self._dice.choices(_STATUSES, _SHARES)[0]
        return {
            "id": new_id(),
            "number": 1_001 + number,
            "status": status,
            "priority": "normal",
            "client_id": client_id,
            "assignee_id": None if status == "new" else self._dice.choice(self._agents),
            "team_id": None,
            "queue_id": queue_id,
            "channel": "mail",
            "account_id": None,
            "recipient": {"handle": f"{client_id.hex}@mail.example", "name": ""},
            "follows_id": None,
            "created_at": at,
            "last_activity_at": at + timedelta(minutes=self._dice.randrange(1, 600)),
            "last_inbound_at": at,
            "first_answer_at": None,
            "solved_at": None,
            "awaiting_answer": status == "new",
            "version": 1,
        }

    def _contact(self, ticket: dict[str, Any], waits: bool) -> dict[str, Any]:
        at = ticket["created_at"]
        return {
            "id": new_id(),
            "ticket_id": ticket["id"],
            "client_id": ticket["client_id"],
            "queue_id": ticket["queue_id"],
            "channel": "mail",
            "account_id": None,
            "state": "queued" if waits else "closed",
            "virtual_arrival": at,
            "entered_at": at,
            "offered_at": None,
            "answered_at": None if waits else at,
            "waited_seconds": None if waits else 0,
            "ended_at": None if waits else at,
            "agent_id": None if waits else ticket["assignee_id"],
            "preferred_agent_id": None,
            "why": None,
            "version": 1,
        }


def _indexed(text: str) -> str:
    return " ".join(dict.fromkeys(terms(text)))


async def _add_counter(session: AsyncSession, count: int) -> None:
    if await session.get(CounterRow, "ticket") is None:
        session.add(CounterRow(name="ticket", value=1_000 + count))


def _messages(ticket: dict[str, Any], name: str, text: str) -> Iterator[dict[str, Any]]:
    for kind, at in (
        ("inbound", ticket["created_at"]),
        ("outbound", ticket["last_activity_at"]),
    ):
        message_id = new_id()
        yield {
            "id": message_id,
            "place": message_id,
            "ticket_id": ticket["id"],
            "kind": kind,
            "channel": "mail",
            "account_id": None,
            "external_id": None,
            "thread_key": None,
            "author_client_id": ticket["client_id"] if kind == "inbound" else None,
            "author_agent_id": None,
            "author_name": name,
            "author_handle": ticket["recipient"]["handle"],
            "subject": ticket["subject"],
            "text": text,
            "quoted": "",
            "html": None,
            "to": [],
            "cc": [],
            "reply_to": [],
            "references": [],
            "mentions": [],
            "automatic": None,
            "sender_proven": False,
            "unverified_claim": None,
            "warnings": [],
            "state": "received" if kind == "inbound" else "sent",
            "state_reason": "",
            "delivery_id": None,
            "created_at": at,
            "sent_at": None,
            "has_files": False,
        }


def _client(client_id: UUID, name: str) -> dict[str, Any]:
    return {
        "id": client_id,
        "kind": "person",
        "name": name,
        "name_folded": folded(name),
        "organisation_id": None,
        "email": f"{client_id.hex}@mail.example",
        "phone": None,
        "locale": None,
        "attributes": {},
        "blocked_at": None,
        "merged_into": None,
        "created_at": _STARTED,
        "version": 1,
    }


def _identity(client_id: UUID, name: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "client_id": client_id,
        "channel": "mail",
        "handle": f"{client_id.hex}@mail.example",
        "name": name,
        "verified": False,
        "created_at": _STARTED,
    }


def _table(mapped: Any) -> Table:
    return cast("Table", mapped.__table__)

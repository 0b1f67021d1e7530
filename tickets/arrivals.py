"""What clients write, joined to their tickets: set-oriented, a few statements for a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import SUBJECT_CHARS
from kernel.prepared import Lookup, Prepared
from tickets.counting import take_numbers
from tickets.events import MessageAdded, TicketOpened
from tickets.lifecycle import NEW, after_inbound, preview_of, takes_follow_up
from tickets.tables import AttachmentRow, MessageRow, TicketRow

# The plain tables: the ORM would look at every value of every row before it is inserted.
_TICKET: Final = cast("Table", TicketRow.__table__)
_INSERT_TICKET: Final = Prepared(insert(_TICKET))
_INSERT_MESSAGE: Final = Prepared(insert(cast("Table", MessageRow.__table__)))
_INSERT_FILE: Final = Prepared(insert(cast("Table", AttachmentRow.__table__)))


class Person(Struct, frozen=True, kw_only=True):
    """Whose message it is: the client's id and the name this channel knows them by."""

    client_id: UUID
    handle: str
    name: str


class File(Struct, frozen=True, kw_only=True):
    blob: str
    name: str
    media_type: str
    size: int
    content_id: str | None = None
    inline: bool = False


class Arrival(Struct, frozen=True, kw_only=True):
    """One inbound message, its sender resolved, its files stored."""

    delivery_id: UUID
    account_id: UUID
    channel: str
    external_id: str
    author: Person
    text: str
    quoted: str = ""
    html: str | None = None
    subject: str | None = None
    thread_key: str | None = None
    references: tuple[str, ...] = ()
    ticket_claim: UUID | None = None
    continues: bool = False
    """This channel is one lasting conversation: join the client's latest ticket on the account."""
    queue_id: UUID | None = None
    team_id: UUID | None = None
    automatic: str | None = None
    aside: bool = False
    """It stands beside the conversation: it joins the ticket it belongs to, however that stands."""
    moved: bool = False
    """What is answered from now on goes to this author's handle."""
    sender_proven: bool = False
    warnings: tuple[str, ...] = ()
    to: tuple[Mapping[str, str], ...] = ()
    cc: tuple[Mapping[str, str], ...] = ()
    reply_to: tuple[Mapping[str, str], ...] = ()
    files: tuple[File, ...] = ()


_CASE_NAMES: Final = (
    "id",
    "number",
    "client_id",
    "status",
    "assignee_id",
    "team_id",
    "queue_id",
    "account_id",
    "last_activity_at",
)
_CASES: Final = select(*(_TICKET.c[name] for name in _CASE_NAMES))
_CLAIMED: Final = Lookup(_CASES.where(_TICKET.c.id.in_(bindparam("ids", expanding=True))))
_LASTING: Final = Lookup(
    _CASES.where(
        _TICKET.c.client_id.in_(bindparam("ids", expanding=True)),
        _TICKET.c.account_id == bindparam("account_id"),
    ).order_by(_TICKET.c.last_activity_at)
)


class Case(Struct, kw_only=True):
    """A ticket as this batch sees and changes it."""

    id: UUID
    number: int
    client_id: UUID
    status: str
    assignee_id: UUID | None
    team_id: UUID | None
    queue_id: UUID | None
    account_id: UUID | None
    last_activity_at: datetime
    new: bool = False
    values: dict[str, Any] = field(default_factory=dict)


class Placed(Struct, frozen=True, kw_only=True):
    """Where an arrival went."""

    arrival: Arrival
    ticket: Case
    message_id: UUID
    opened: bool
    stranger: bool
    """It claimed a ticket in which its sender takes no part."""


async def place_arrivals(
    session: AsyncSession, arrivals: Sequence[Arrival], now: datetime
) -> list[Placed]:
    """Join each arrival to its ticket, opening tickets where needed, in the order given."""
    book = await _Book.open(session, arrivals)
    placed = [book.place(arrival, now) for arrival in arrivals]
    opened = [one.ticket for one in placed if one.opened]
    if opened:
        for case, number in zip(opened, await take_numbers(session, len(opened)), strict=True):
            case.number = number
    await _store(session, book, placed, now)
    for one in placed:
        _note(session, one)
    return placed


class _Book:
    """The tickets that a batch may touch, read in two statements and kept while it is placed."""

    def __init__(self) -> None:
        self.by_id: dict[UUID, Case] = {}
        self.latest: dict[tuple[UUID, UUID], Case] = {}
        self.participants: dict[UUID, set[str]] = {}
        self.touched: dict[UUID, Case] = {}
        self.follows: dict[UUID, UUID] = {}

    @classmethod
    async def open(cls, session: AsyncSession, arrivals: Sequence[Arrival]) -> "_Book":
        book = cls()
        claimed = {one.ticket_claim for one in arrivals if one.ticket_claim is not None}
        if claimed:
            for case in _cases(await _CLAIMED.rows(session, ids=sorted(claimed))):
                book.by_id[case.id] = case
            # Only who is not the ticket's client must be found among those who took part.
            doubted = {
                one.ticket_claim
                for one in arrivals
                if one.ticket_claim in book.by_id
                and book.by_id[one.ticket_claim].client_id != one.author.client_id
            }
            if doubted:
                book.participants = await participants_of(session, sorted(doubted))
        lasting: dict[UUID, set[UUID]] = {}
        for one in arrivals:
            if one.continues:
                lasting.setdefault(one.account_id, set()).add(one.author.client_id)
        for account_id, clients in lasting.items():
            found = await _LASTING.rows(session, account_id=account_id, ids=sorted(clients))
            for case in _cases(found):
                _keep_latest(book.latest, book.by_id.setdefault(case.id, case))
        return book

    def place(self, arrival: Arrival, now: datetime) -> Placed:
        found, stranger = self._find(arrival)
        case = found if found is not None and _takes(found, arrival) else None
        opened = case is None
        if case is None:
            case = self._open(arrival, now)
            if found is not None:
                self.follows[case.id] = found.id
        self._touch(case, arrival, now)
        return Placed(
            arrival=arrival, ticket=case, message_id=new_id(), opened=opened, stranger=stranger
        )

    def _find(self, arrival: Arrival) -> tuple[Case | None, bool]:
        """Return the ticket this belongs to, and whether a stranger claimed one (DR-7, T-02)."""
        claimed = self.by_id.get(arrival.ticket_claim) if arrival.ticket_claim else None
        if claimed is not None:
            handle = arrival.author.handle.casefold()
            if claimed.client_id == arrival.author.client_id or handle in self.participants.get(
                claimed.id, set()
            ):
                return claimed, False
            return None, True
        if arrival.continues:
            return self.latest.get((arrival.author.client_id, arrival.account_id)), False
        return None, False

    def _open(self, arrival: Arrival, now: datetime) -> Case:
        case = Case(
            id=new_id(),
            number=0,
            client_id=arrival.author.client_id,
            status=NEW,
            assignee_id=None,
            team_id=arrival.team_id,
            queue_id=arrival.queue_id,
            account_id=arrival.account_id,
            last_activity_at=now,
            new=True,
        )
        self.by_id[case.id] = case
        _keep_latest(self.latest, case)
        return case

    def _touch(self, case: Case, arrival: Arrival, now: datetime) -> None:
        case.status = after_inbound(case.status, automatic=arrival.automatic is not None)
        case.last_activity_at = now
        reply_way = arrival.reply_to[0] if arrival.reply_to else None
        recipient = reply_way if reply_way and arrival.sender_proven else None
        case.values.update(
            preview=preview_of(arrival.text) or (arrival.files[0].name if arrival.files else ""),
            last_inbound_at=now,
        )
        if arrival.moved:
            case.values["recipient"] = _author_of(arrival)
        if arrival.automatic is None:
            case.values.update(
                awaiting_answer=True,
                channel=arrival.channel,
                account_id=arrival.account_id,
                recipient=dict(recipient) if recipient else _author_of(arrival),
            )
        if case.new and "subject" not in case.values:
            case.values.update(
                subject=_subject(arrival),
                channel=arrival.channel,
                recipient=_author_of(arrival),
                awaiting_answer=arrival.automatic is None,
            )
        self.touched[case.id] = case


def _takes(case: Case, arrival: Arrival) -> bool:
    return arrival.aside or takes_follow_up(case.status)


def _author_of(arrival: Arrival) -> dict[str, str]:
    return {"handle": arrival.author.handle, "name": arrival.author.name}


def _subject(arrival: Arrival) -> str:
    words = arrival.subject or preview_of(arrival.text)
    return (words or "—")[:SUBJECT_CHARS]


def _keep_latest(latest: dict[tuple[UUID, UUID], Case], case: Case) -> None:
    if case.account_id is None:
        return
    key = (case.client_id, case.account_id)
    known = latest.get(key)
    if known is None or known.last_activity_at <= case.last_activity_at:
        latest[key] = case


def _cases(rows: Sequence[tuple[Any, ...]]) -> list[Case]:
    return [Case(**dict(zip(_CASE_NAMES, row, strict=True))) for row in rows]


async def participants_of(
    session: AsyncSession, ticket_ids: Sequence[UUID]
) -> dict[UUID, set[str]]:
    """Return, by ticket, the case-folded handles that an agent has written to on purpose.

    Only outgoing recipients and accepted inbound authors count: what a stranger puts into a Cc
    never makes a participant (T-05).
    """
    rows = await session.execute(
        select(
            MessageRow.ticket_id,
            MessageRow.kind,
            MessageRow.author_handle,
            MessageRow.to,
            MessageRow.cc,
        ).where(
            MessageRow.ticket_id.in_(ticket_ids),
            MessageRow.kind.in_(("inbound", "outbound")),
            MessageRow.unverified_claim.is_(None),
        )
    )
    found: dict[UUID, set[str]] = {}
    for ticket_id, kind, author, to, cc in rows:
        handles = found.setdefault(ticket_id, set())
        if kind == "inbound":
            handles.add(author.casefold())
        else:
            handles.update(party["handle"].casefold() for party in (*to, *cc))
    return found


async def _store(
    session: AsyncSession, book: _Book, placed: Sequence[Placed], now: datetime
) -> None:
    fresh = [case for case in book.touched.values() if case.new]
    known = [case for case in book.touched.values() if not case.new]
    await _INSERT_TICKET.run(
        session, [_ticket_values(case, book.follows.get(case.id), now) for case in fresh]
    )
    await _change(session, known, now)
    await _INSERT_MESSAGE.run(session, [_message_values(one, now) for one in placed])
    await _INSERT_FILE.run(
        session, [_file_values(one, file, now) for one in placed for file in one.arrival.files]
    )


async def _change(session: AsyncSession, cases: Sequence[Case], now: datetime) -> None:
    """Update known tickets: one statement for all of which the same columns change."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for case in sorted(cases, key=lambda one: one.id):  # the order in which everybody locks them
        changes = {"status": case.status, "last_activity_at": now, **case.values}
        bound = {f"b_{name}": value for name, value in changes.items()}
        alike.setdefault(tuple(sorted(changes)), []).append({"b_id": case.id, **bound})
    for names, rows in alike.items():
        await _update_of(names).run(session, rows)


@cache
def _update_of(names: tuple[str, ...]) -> Prepared:
    return Prepared(
        update(_TICKET)
        .where(_TICKET.c.id == bindparam("b_id"))
        .values(version=_TICKET.c.version + 1, **{one: bindparam(f"b_{one}") for one in names})
    )


def _ticket_values(case: Case, follows: UUID | None, now: datetime) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "priority": "normal",
        "client_id": case.client_id,
        "assignee_id": None,
        "team_id": case.team_id,
        "queue_id": case.queue_id,
        "account_id": case.account_id,
        "follows_id": follows,
        "created_at": now,
        "last_activity_at": now,
        "first_answer_at": None,
        "solved_at": None,
        "version": 1,
        **case.values,
    }


def _message_values(one: Placed, now: datetime) -> dict[str, Any]:
    arrival = one.arrival
    return {
        "id": one.message_id,
        "place": one.message_id,
        "ticket_id": one.ticket.id,
        "kind": "inbound",
        "channel": arrival.channel,
        "account_id": arrival.account_id,
        "external_id": arrival.external_id,
        "thread_key": arrival.thread_key,
        "author_client_id": arrival.author.client_id,
        "author_agent_id": None,
        "author_name": arrival.author.name,
        "author_handle": arrival.author.handle,
        "subject": arrival.subject,
        "text": arrival.text,
        "quoted": arrival.quoted,
        "html": arrival.html,
        "to": [dict(party) for party in arrival.to],
        "cc": [dict(party) for party in arrival.cc],
        "reply_to": [dict(party) for party in arrival.reply_to],
        "references": list(arrival.references),
        "mentions": [],
        "automatic": arrival.automatic,
        "sender_proven": arrival.sender_proven,
        "unverified_claim": arrival.ticket_claim if one.stranger else None,
        "warnings": list(arrival.warnings),
        "state": "received",
        "state_reason": "",
        "delivery_id": arrival.delivery_id,
        "created_at": now,
        "sent_at": None,
        "has_files": bool(arrival.files),
    }


def _file_values(one: Placed, file: File, now: datetime) -> dict[str, Any]:
    return _attachment(one.message_id, one.ticket.id, file, now)


def _attachment(message_id: UUID, ticket_id: UUID, file: File, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "message_id": message_id,
        "ticket_id": ticket_id,
        "uploaded_by": None,
        "blob": file.blob,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "content_id": file.content_id,
        "inline": file.inline,
        "created_at": now,
    }


async def add_file(
    session: AsyncSession, *, message_id: UUID, ticket_id: UUID, file: File, now: datetime
) -> None:
    """Hang a file on a message that came without it, such as a recording that is ready later."""
    await _INSERT_FILE.run(session, [_attachment(message_id, ticket_id, file, now)])
    await session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(has_files=True)
        .execution_options(synchronize_session=False)
    )


def _note(session: AsyncSession, one: Placed) -> None:
    case, arrival = one.ticket, one.arrival
    subjects = {
        "ticket_id": case.id,
        "client_id": case.client_id,
        "queue_id": case.queue_id,
        "team_id": case.team_id,
        "assignee_id": case.assignee_id,
    }
    if one.opened:
        record(
            session,
            TicketOpened(
                number=case.number,
                subject=case.values["subject"],
                client_name=arrival.author.name,
                channel=arrival.channel,
                preview=case.values["preview"],
                **subjects,
            ),
        )
    record(
        session,
        MessageAdded(
            message_id=one.message_id,
            kind="inbound",
            channel=arrival.channel,
            author_name=arrival.author.name,
            preview=preview_of(arrival.text),
            state="received",
            **subjects,
        ),
    )

"""The verbs of a ticket. Every function works inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.prepared import Lookup, Prepared
from kernel.upsert import insert_new
from tickets import reading
from tickets.access import visible
from tickets.counting import take_numbers
from tickets.events import (
    Mentioned,
    MessageAdded,
    MessageStateChanged,
    TicketChanged,
    TicketLinkedArticle,
    TicketOpened,
)
from tickets.lifecycle import ARRIVED, NEW, OPEN, SOLVED, after_answer, further, preview_of
from tickets.own_words import own_message
from tickets.tables import (
    AttachmentRow,
    DraftRow,
    MessageRow,
    TicketArticleRow,
    TicketRow,
    TicketTagRow,
)


class Writing(Struct, frozen=True, kw_only=True):
    """What an agent wrote: an answer on a channel, or an internal note."""

    id: UUID
    kind: str
    """`outbound`, `note` or `whisper`."""
    author_id: UUID
    author_name: str
    text: str
    html: str | None
    channel: str
    account_id: UUID | None = None
    author_handle: str = ""
    subject: str | None = None
    to: Sequence[Mapping[str, str]] = ()
    cc: Sequence[Mapping[str, str]] = ()
    mentions: Sequence[UUID] = ()
    attachment_ids: Sequence[UUID] = ()
    set_status: str | None = None
    automatic: str | None = None
    digest: str | None = None
    """Of the request: the same id with another one is refused."""
    pictures: Sequence[UUID] = ()
    """Those of the attachments that stand inside the text."""
    later: bool = False
    """It leaves on a later day, so nobody has answered yet."""


class NewCase(Struct, frozen=True, kw_only=True):
    """A ticket that an agent opens by writing first."""

    subject: str
    client_id: UUID
    client_name: str
    channel: str
    account_id: UUID
    recipient: Mapping[str, str]
    team_id: UUID | None = None
    queue_id: UUID | None = None
    assignee_id: UUID | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def picture_name(attachment_id: UUID) -> str:
    """What a text calls a picture inside it (a Content-ID)."""
    return f"{attachment_id.hex}@picture"


def subjects_of(ticket: Any) -> dict[str, UUID | None]:
    """What every journal entry about this ticket carries."""
    return {
        "ticket_id": ticket.id,
        "client_id": ticket.client_id,
        "queue_id": ticket.queue_id,
        "team_id": ticket.team_id,
        "assignee_id": ticket.assignee_id,
    }


async def find_ticket(
    session: AsyncSession, ticket_id: UUID, *, seen_by: Actor, lock: bool = False
) -> TicketRow:
    """The one gate to a ticket: what the actor may not see does not exist for them.

    With `lock` nobody else changes it until the commit, so that its version, its draft or a
    message with an id of the caller's choice can be compared first and written then.
    """
    statement = select(TicketRow).where(TicketRow.id == ticket_id, visible(seen_by))
    ticket = await session.scalar(statement.with_for_update() if lock else statement)
    if ticket is None:
        raise NotFoundError
    return ticket


async def find_for_house(
    session: AsyncSession, ticket_id: UUID, *, lock: bool = False
) -> TicketRow:
    """A ticket for the house's own work (courier, router), where nobody looks over its shoulder."""
    ticket = await session.get(TicketRow, ticket_id, with_for_update=lock or None)
    if ticket is None:
        raise NotFoundError
    return ticket


async def open_case(session: AsyncSession, case: NewCase, now: datetime) -> TicketRow:
    (number,) = await take_numbers(session, 1)
    ticket = TicketRow(
        id=new_id(),
        number=number,
        subject=case.subject,
        status=OPEN,
        priority="normal",
        client_id=case.client_id,
        assignee_id=case.assignee_id,
        team_id=case.team_id,
        queue_id=case.queue_id,
        channel=case.channel,
        account_id=case.account_id,
        recipient=dict(case.recipient),
        follows_id=None,
        created_at=now,
        last_activity_at=now,
        preview="",
        awaiting_answer=False,
    )
    session.add(ticket)
    await session.flush()
    record(
        session,
        TicketOpened(
            number=number,
            subject=case.subject,
            client_name=case.client_name,
            channel=case.channel,
            preview="",
            actor_id=case.assignee_id,
            **subjects_of(ticket),
        ),
    )
    return ticket


async def change(
    session: AsyncSession,
    ticket: TicketRow,
    changes: Mapping[str, Any],
    *,
    actor_id: UUID | None,
    now: datetime,
    version: int | None = None,
) -> None:
    """Apply field changes and note each with its old and new value; stale versions conflict."""
    if version is not None and version != ticket.version:
        raise ConflictError("this ticket was changed meanwhile; look at it again")
    noted: dict[str, list[Any]] = {}
    if "tags" in changes:
        old = await tags_of(session, [ticket.id])
        wanted = sorted(set(changes["tags"]))
        if wanted != old.get(ticket.id, []):
            noted["tags"] = [old.get(ticket.id, []), wanted]
            await _set_tags(session, ticket.id, wanted)
    for name in ("subject", "status", "priority", "assignee_id", "team_id", "queue_id"):
        if name in changes and changes[name] != getattr(ticket, name):
            noted[name] = [getattr(ticket, name), changes[name]]
            setattr(ticket, name, changes[name])
    if not noted:
        return
    if "status" in noted:
        ticket.solved_at = now if ticket.status == SOLVED else None
        if ticket.status not in {"new", "open"}:
            ticket.awaiting_answer = False
    ticket.version += 1
    record(session, TicketChanged(changes=_plain(noted), actor_id=actor_id, **subjects_of(ticket)))


_TICKET: Final = cast("Table", TicketRow.__table__)
_FOUND: Final = Lookup(
    select(
        TicketRow.id,
        TicketRow.client_id,
        TicketRow.queue_id,
        TicketRow.team_id,
        TicketRow.status,
        TicketRow.assignee_id,
    )
    .where(TicketRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(TicketRow.id)
    .with_for_update()
)
_TAKE: Final = Prepared(
    update(_TICKET)
    .where(_TICKET.c.id == bindparam("of"))
    .values(
        assignee_id=bindparam("by"),
        status=bindparam("stands"),
        version=_TICKET.c.version + 1,
    )
)


async def hold(session: AsyncSession, ticket_ids: Sequence[UUID]) -> None:
    """Let nobody else change these tickets until the commit: locked in the order of their ids."""
    await _FOUND.rows(session, ids=sorted(ticket_ids))


async def take(session: AsyncSession, takers: Mapping[UUID, UUID]) -> None:
    """Make each ticket its agent's, who works on it from now on: `change` for many, by few
    statements.
    """
    changed: list[dict[str, Any]] = []
    for ticket in await _FOUND.named(session, ids=sorted(takers)):
        agent_id = takers[ticket.id]
        status = OPEN if ticket.status == NEW else ticket.status
        noted = {"status": [ticket.status, status], "assignee_id": [ticket.assignee_id, agent_id]}
        told = {name: pair for name, pair in noted.items() if pair[0] != pair[1]}
        if not told:
            continue
        changed.append({"of": ticket.id, "by": agent_id, "stands": status})
        subjects = subjects_of(ticket) | {"assignee_id": agent_id}
        record(session, TicketChanged(changes=_plain(told), actor_id=agent_id, **subjects))
    await _TAKE.run(session, changed)


async def find_written(
    session: AsyncSession,
    message_id: UUID,
    *,
    ticket: TicketRow,
    author_id: UUID,
    digest: str | None = None,
) -> MessageRow | None:
    """Return the author's message of this id, or None when the id is free.

    Raises ConflictError when it is somebody else's or of another ticket, InvalidInputError when
    the request that wrote it said something else.
    """
    known = await session.get(MessageRow, message_id)
    if known is not None and (known.ticket_id != ticket.id or known.author_agent_id != author_id):
        raise ConflictError("this message id is taken")
    if known is not None and digest is not None and known.said_digest != digest:
        raise InvalidInputError(
            "another message was kept under this id; send this one under a new id", field="id"
        )
    return known


async def find_opened(
    session: AsyncSession, message_id: UUID, *, author_id: UUID
) -> TicketRow | None:
    """Return the ticket that holds the author's message of this id; None when the id is free."""
    known = await session.get(MessageRow, message_id)
    if known is None:
        return None
    if known.author_agent_id != author_id:
        raise ConflictError("this message id is taken")
    return await session.get_one(TicketRow, known.ticket_id)


async def write(
    session: AsyncSession, ticket: TicketRow, writing: Writing, *, now: datetime
) -> MessageRow:
    """Add an agent's answer or note to the thread; the same id again is the same message."""
    known = await find_written(
        session,
        writing.id,
        ticket=ticket,
        author_id=writing.author_id,
        digest=writing.digest,
    )
    if known is not None:
        return known
    outbound = writing.kind == "outbound"
    message = own_message(
        ticket,
        now,
        id=writing.id,
        kind=writing.kind,
        channel=writing.channel,
        account_id=writing.account_id,
        author_agent_id=writing.author_id,
        author_name=writing.author_name,
        author_handle=writing.author_handle,
        subject=writing.subject,
        text=writing.text,
        html=writing.html,
        to=[dict(party) for party in writing.to],
        cc=[dict(party) for party in writing.cc],
        mentions=[str(agent) for agent in writing.mentions],
        automatic=writing.automatic,
        state=("scheduled" if writing.later else "pending") if outbound else "noted",
        has_files=bool(writing.attachment_ids),
        said_digest=writing.digest,
    )
    session.add(message)
    await session.flush()
    await _attach(session, message, writing)
    await reading.note_mentions(session, message, writing.mentions)
    await reading.mark_read(
        session,
        ticket_id=ticket.id,
        agent_id=writing.author_id,
        message_id=message.id,
        now=now,
    )
    await _after_writing(session, ticket, writing, now)
    _note_writing(session, ticket, message, writing)
    return message


async def _after_writing(
    session: AsyncSession, ticket: TicketRow, writing: Writing, now: datetime
) -> None:
    if writing.kind != "whisper":
        # A visitor sees when their conversation moved last: a whisper shall leave no trace there.
        ticket.last_activity_at = now
    if writing.kind == "outbound":
        ticket.preview = preview_of(writing.text)
        ticket.awaiting_answer = False
        if ticket.first_answer_at is None and not writing.later:
            ticket.first_answer_at = now
    status = after_answer(ticket.status, writing.set_status)
    if writing.kind != "outbound":
        status = writing.set_status or ticket.status
    ticket.version += 1
    await change(session, ticket, {"status": status}, actor_id=writing.author_id, now=now)


def _note_writing(
    session: AsyncSession, ticket: TicketRow, message: MessageRow, writing: Writing
) -> None:
    record(
        session,
        MessageAdded(
            message_id=message.id,
            kind=writing.kind,
            channel=writing.channel,
            author_name=writing.author_name,
            preview=preview_of(writing.text),
            state=message.state,
            actor_id=writing.author_id,
            **subjects_of(ticket),
        ),
    )
    for agent_id in writing.mentions:
        record(
            session,
            Mentioned(
                message_id=message.id,
                by=writing.author_name,
                only_agent_id=agent_id,
                **subjects_of(ticket),
            ),
        )


async def _attach(session: AsyncSession, message: MessageRow, writing: Writing) -> None:
    """Hang uploads on the message; only the writer's own, unused ones exist for them (A-10)."""
    if not writing.attachment_ids:
        return
    for pictured in writing.pictures:
        await session.execute(
            update(AttachmentRow)
            .where(
                AttachmentRow.id == pictured,
                AttachmentRow.uploaded_by == writing.author_id,
                AttachmentRow.message_id.is_(None),
            )
            .values(content_id=picture_name(pictured), inline=True)
            .execution_options(synchronize_session=False)
        )
    taken = await session.scalars(
        update(AttachmentRow)
        .where(
            AttachmentRow.id.in_(writing.attachment_ids),
            AttachmentRow.uploaded_by == writing.author_id,
            AttachmentRow.message_id.is_(None),
        )
        .values(message_id=message.id, ticket_id=message.ticket_id)
        .returning(AttachmentRow.id)
        .execution_options(synchronize_session=False)
    )
    if set(taken) != set(writing.attachment_ids):
        raise InvalidInputError(
            "an attachment is not there any more; attach it again", field="attachment_ids"
        )


async def move_state(
    session: AsyncSession,
    message_id: UUID,
    state: str,
    *,
    reason: str = "",
    thread_key: str | None = None,
    external_id: str | None = None,
    now: datetime,
) -> bool:
    """Move a message's delivery state forward; a late or repeated report changes nothing.

    The provider's name of it is kept also when its report was faster than its receipt.
    """
    message = await session.get(MessageRow, message_id, with_for_update=True)
    if message is None:
        return False
    if thread_key is not None:
        message.thread_key = thread_key
    if external_id is not None:
        message.external_id = external_id
    if not further(message.state, state):
        return False
    message.state, message.state_reason = state, reason
    if state in ARRIVED and message.sent_at is None:
        message.sent_at = now
        ticket = await find_for_house(session, message.ticket_id)
        # What nobody wrote is no answer.
        if ticket.first_answer_at is None and message.author_agent_id is not None:
            ticket.first_answer_at = now
    await _note_state(session, message)
    return True


async def set_state(
    session: AsyncSession, message: MessageRow, state: str, *, reason: str = ""
) -> None:
    """Put a message into a state that an agent chose: withdrawn, or pending again."""
    message.state = state
    message.state_reason = reason
    await _note_state(session, message)


async def choose_state(
    session: AsyncSession, message_id: UUID, state: str, reason: str = ""
) -> None:
    """The same for a message by its id."""
    await set_state(session, await session.get_one(MessageRow, message_id), state, reason=reason)


async def _note_state(session: AsyncSession, message: MessageRow) -> None:
    ticket = await find_for_house(session, message.ticket_id)
    record(
        session,
        MessageStateChanged(
            message_id=message.id,
            state=message.state,
            reason=message.state_reason,
            **subjects_of(ticket),
        ),
    )


async def find_message(
    session: AsyncSession, message_id: UUID, *, seen_by: Actor
) -> tuple[MessageRow, TicketRow]:
    """A message is seen by whoever sees its ticket."""
    message = await session.get(MessageRow, message_id)
    if message is None:
        raise NotFoundError
    return message, await find_ticket(session, message.ticket_id, seen_by=seen_by)


async def find_attachment(
    session: AsyncSession, attachment_id: UUID, *, seen_by: Actor
) -> AttachmentRow:
    """An attachment is seen by whoever sees its ticket; an unsent one by its uploader only."""
    found = await session.get(AttachmentRow, attachment_id)
    if found is None:
        raise NotFoundError
    if found.ticket_id is not None:
        await find_ticket(session, found.ticket_id, seen_by=seen_by)
    elif found.uploaded_by != seen_by.agent_id:
        raise NotFoundError
    return found


async def add_upload(
    session: AsyncSession,
    *,
    agent_id: UUID,
    blob: str,
    name: str,
    media_type: str,
    size: int,
    now: datetime,
) -> AttachmentRow:
    upload = AttachmentRow(
        id=new_id(),
        uploaded_by=agent_id,
        blob=blob,
        name=name,
        media_type=media_type,
        size=size,
        inline=False,
        created_at=now,
    )
    session.add(upload)
    await session.flush()
    return upload


async def remove_upload(session: AsyncSession, attachment_id: UUID, *, agent_id: UUID) -> None:
    await session.execute(
        delete(AttachmentRow).where(
            AttachmentRow.id == attachment_id,
            AttachmentRow.uploaded_by == agent_id,
            AttachmentRow.message_id.is_(None),
        )
    )


async def forget_uploads(session: AsyncSession, *, before: datetime) -> None:
    """Drop uploads that were never sent; their files go when nothing else names them."""
    await session.execute(
        delete(AttachmentRow).where(
            AttachmentRow.message_id.is_(None), AttachmentRow.created_at < before
        )
    )


async def save_draft(
    session: AsyncSession,
    *,
    ticket_id: UUID,
    agent_id: UUID,
    body: dict[str, Any],
    version: int,
    now: datetime,
) -> DraftRow:
    """Keep what is being written; an older copy of it never overwrites a newer one."""
    draft = await session.get(DraftRow, (ticket_id, agent_id))
    if draft is None:
        draft = DraftRow(
            ticket_id=ticket_id, agent_id=agent_id, body=body, updated_at=now, version=1
        )
        session.add(draft)
        return draft
    if version != draft.version:
        raise ConflictError("this draft was changed in another window")
    draft.body, draft.updated_at, draft.version = body, now, draft.version + 1
    return draft


async def drop_draft(session: AsyncSession, *, ticket_id: UUID, agent_id: UUID) -> None:
    await session.execute(
        delete(DraftRow).where(DraftRow.ticket_id == ticket_id, DraftRow.agent_id == agent_id)
    )


async def link_article(
    session: AsyncSession, ticket: TicketRow, article_id: UUID, *, agent_id: UUID, now: datetime
) -> None:
    fresh = await insert_new(
        session,
        TicketArticleRow,
        [
            {
                "ticket_id": ticket.id,
                "article_id": article_id,
                "linked_by": agent_id,
                "linked_at": now,
            }
        ],
        TicketArticleRow.article_id,
    )
    if fresh:
        record(
            session,
            TicketLinkedArticle(
                article_id=article_id, linked=True, actor_id=agent_id, **subjects_of(ticket)
            ),
        )


async def unlink_article(
    session: AsyncSession, ticket: TicketRow, article_id: UUID, *, agent_id: UUID
) -> None:
    await session.execute(
        delete(TicketArticleRow).where(
            TicketArticleRow.ticket_id == ticket.id, TicketArticleRow.article_id == article_id
        )
    )
    record(
        session,
        TicketLinkedArticle(
            article_id=article_id, linked=False, actor_id=agent_id, **subjects_of(ticket)
        ),
    )


async def tags_of(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = await session.execute(
        select(TicketTagRow.ticket_id, TicketTagRow.tag)
        .where(TicketTagRow.ticket_id.in_(ticket_ids))
        .order_by(TicketTagRow.tag)
    )
    found: dict[UUID, list[str]] = {}
    for ticket_id, tag in rows:
        found.setdefault(ticket_id, []).append(tag)
    return found


async def _set_tags(session: AsyncSession, ticket_id: UUID, tags: Sequence[str]) -> None:
    await session.execute(delete(TicketTagRow).where(TicketTagRow.ticket_id == ticket_id))
    if tags:
        await session.execute(
            insert(TicketTagRow), [{"ticket_id": ticket_id, "tag": tag} for tag in tags]
        )


async def move_tickets_of(
    session: AsyncSession, *, source_id: UUID, target_id: UUID, only: Sequence[UUID] | None = None
) -> list[UUID]:
    """Give the source client's tickets to the target (a merge); return which ones moved."""
    statement = (
        update(TicketRow)
        .where(TicketRow.client_id == source_id)
        .values(client_id=target_id)
        .returning(TicketRow.id)
        .execution_options(synchronize_session=False)
    )
    if only is not None:
        statement = statement.where(TicketRow.id.in_(only))
    return list(await session.scalars(statement))


def _plain(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        name: [str(value) if isinstance(value, UUID) else value for value in pair]
        for name, pair in changes.items()
    }

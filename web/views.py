"""Rows of the rooms as the API shows them to agents: allowlists, one function a shape."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels import outbox
from channels.tables import AccountRow
from channels.voice import calls
from clients import queries as client_queries
from desk.accompanying import LISTEN
from kernel.actor import Actor
from routing import callbacks
from routing.settings import queue_settings
from routing.tables import CallbackRow, ContactRow, QueueRow
from staff import queries as staff_queries
from supervision import companions
from tickets import queries as ticket_queries
from tickets import reading, snoozing
from tickets import service as tickets
from tickets.tables import (
    AttachmentRow,
    CannedReplyRow,
    DraftRow,
    MessageRow,
    SnoozeRow,
    TicketRow,
)
from web.shapes import (
    AccountView,
    AttachmentView,
    CallbackNote,
    CannedReplyView,
    CompanionView,
    ContactView,
    DraftView,
    MessageView,
    PartyView,
    QueueView,
    SentenceView,
    SnoozeView,
    TicketBrief,
)

VOICE = "voice"


async def ticket_briefs(
    session: AsyncSession, rows: Sequence[TicketRow], *, reader: Actor
) -> list[TicketBrief]:
    """Show a page of tickets as one reader sees them: one query for each kind of fact."""
    ids = [row.id for row in rows]
    names = await client_names(session, {row.client_id for row in rows})
    tags = await tickets.tags_of(session, ids)
    unread = await reading.unread_counts(session, ids, reader.agent_id)
    mentioned = await reading.mentions_of(session, ids, reader.agent_id)
    snoozes = await snoozing.snoozes_of(session, ids)
    return [
        TicketBrief(
            id=row.id,
            number=row.number,
            subject=row.subject,
            status=cast("Any", row.status),
            priority=cast("Any", row.priority),
            channel=row.channel,
            client_id=row.client_id,
            client_name=names.get(row.client_id, ""),
            assignee_id=row.assignee_id,
            team_id=row.team_id,
            queue_id=row.queue_id,
            tags=tags.get(row.id, []),
            preview=row.preview,
            awaiting_answer=row.awaiting_answer,
            created_at=row.created_at,
            last_activity_at=row.last_activity_at,
            version=row.version,
            unread=unread.get(row.id, 0),
            mentioned=row.id in mentioned,
            snooze=snooze_view(snoozes.get(row.id)),
        )
        for row in rows
    ]


def snooze_view(row: SnoozeRow | None) -> SnoozeView | None:
    if row is None:
        return None
    return SnoozeView(
        until=row.until, on_reply=row.on_reply, agent_id=row.agent_id, since=row.since
    )


async def message_views(session: AsyncSession, rows: Sequence[MessageRow]) -> list[MessageView]:
    """Show messages with their files and, while it lasts, until when they can be undone."""
    ids = [row.id for row in rows]
    files = await ticket_queries.files_of(session, [row.id for row in rows if row.has_files])
    pending = [row.id for row in rows if row.state in {"pending", "scheduled"}]
    due = await outbox.due_times(session, pending)
    called = await calls.of_messages(session, [row.id for row in rows if row.channel == VOICE])
    answered = await ticket_queries.answered_by(session, rows)
    by_id = {
        row.id: message_view(
            row, files.get(row.id, []), due.get(row.id), answers=answered.get(row.id)
        )
        for row in rows
    }
    for message_id, call in called.items():
        by_id[message_id].call_id = call.id
    return [by_id[one] for one in ids]


def message_view(
    row: MessageRow,
    files: Sequence[AttachmentRow],
    undo_until: datetime | None,
    *,
    answers: UUID | None = None,
) -> MessageView:
    return MessageView(
        id=row.id,
        ticket_id=row.ticket_id,
        kind=cast("Any", row.kind),
        channel=row.channel,
        author_name=row.author_name,
        author_handle=row.author_handle,
        author_agent_id=row.author_agent_id,
        author_client_id=row.author_client_id,
        subject=row.subject,
        text=row.text,
        quoted=row.quoted,
        answers=answers,
        has_html=row.html is not None,
        to=parties(row.to),
        cc=parties(row.cc),
        reply_to=parties(row.reply_to),
        mentions=row.mentions,
        automatic=row.automatic,
        choice=row.choice,
        sender_proven=row.sender_proven,
        unverified_claim=row.unverified_claim,
        warnings=row.warnings,
        state=cast("Any", row.state),
        state_reason=row.state_reason,
        undo_until=undo_until,
        created_at=row.created_at,
        sent_at=row.sent_at,
        attachments=[attachment_view(file) for file in files],
    )


def attachment_view(row: AttachmentRow) -> AttachmentView:
    return AttachmentView(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        inline=row.inline,
        content_id=row.content_id,
        url=f"/api/v1/attachments/{row.id}",
    )


async def contact_views(
    session: AsyncSession, rows: Sequence[ContactRow], *, reader: Actor
) -> list[ContactView]:
    """Show contacts with what their ticket and client are called, and who is at them."""
    names = await client_names(session, {row.client_id for row in rows})
    facts = await ticket_queries.titles(session, {row.ticket_id for row in rows})
    beside = await _companion_views(session, [row.id for row in rows], reader)
    called = await callbacks.of_contacts(session, [row.id for row in rows if row.callback])
    return [
        contact_view(row, names, facts, beside.get(row.id, []), called.get(row.id)) for row in rows
    ]


async def _companion_views(
    session: AsyncSession, contact_ids: Sequence[UUID], reader: Actor
) -> dict[UUID, list[CompanionView]]:
    """Leave out who reads along unseen, unless the reader may do so too."""
    found = await companions.companions_of(session, contact_ids)
    if not found:
        return {}
    names = await staff_queries.agent_names(
        session, {row.agent_id for rows in found.values() for row in rows}
    )
    return {
        contact_id: [
            CompanionView(
                agent_id=row.agent_id,
                name=names.get(row.agent_id, ""),
                mode=row.mode,
                told=row.told,
                since=row.since,
            )
            for row in rows
            if row.told or reader.may(LISTEN)
        ]
        for contact_id, rows in found.items()
    }


def contact_view(
    row: ContactRow,
    names: Mapping[UUID, str],
    facts: Mapping[UUID, ticket_queries.Title],
    beside: Sequence[CompanionView] = (),
    called: CallbackRow | None = None,
) -> ContactView:
    title = facts.get(row.ticket_id)
    return ContactView(
        id=row.id,
        ticket_id=row.ticket_id,
        client_id=row.client_id,
        queue_id=row.queue_id,
        channel=row.channel,
        state=cast("Any", row.state),
        agent_id=row.agent_id,
        virtual_arrival=row.virtual_arrival,
        entered_at=row.entered_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        wrap_up_until=row.wrap_up_until if row.state == "wrap_up" else None,
        pinned_to=row.preferred_agent_id if row.pinned else None,
        ticket_number=title.number if title else None,
        subject=title.subject if title else "",
        client_name=names.get(row.client_id, ""),
        preview=title.preview if title else "",
        companions=list(beside),
        callback=_callback_note(called),
        chosen=row.chosen or "",
    )


def _callback_note(row: CallbackRow | None) -> CallbackNote | None:
    return None if row is None else CallbackNote(id=row.id, number=row.number, note=row.note)


async def client_names(session: AsyncSession, ids: set[UUID]) -> dict[UUID, str]:
    found = await client_queries.briefs(session, ids)
    return {client_id: brief.name for client_id, brief in found.items()}


def sentences(why: Mapping[str, Any] | None) -> list[SentenceView]:
    return [SentenceView(**one) for one in (why or {}).get("sentences", [])]


def queue_view(row: QueueRow, members: Sequence[UUID]) -> QueueView:
    settings = queue_settings(row.rules)
    return QueueView(
        id=row.id,
        name=row.name,
        channels=row.channels,
        service_target_seconds=row.service_target_seconds,
        service_level_percent=row.service_level_percent,
        offer_seconds=row.offer_seconds,
        team_id=row.team_id,
        is_default=row.is_default,
        member_ids=list(members),
        wrap_up=settings.wrap_up,
        wrap_up_seconds=settings.wrap_up_seconds,
        needs_disposition=settings.needs_disposition,
        version=row.version,
    )


def account_view(row: AccountRow) -> AccountView:
    """Secrets never leave: only the names of those that are set."""
    return AccountView(
        id=row.id,
        kind=cast("Any", row.kind),
        name=row.name,
        public_key=row.public_key,
        enabled=row.enabled,
        settings=row.settings,
        secrets_set=sorted(row.secrets),
        queue_id=row.queue_id,
        health=row.health,
        health_detail=row.health_detail,
        health_at=row.health_at,
        last_in_at=row.last_in_at,
        last_out_at=row.last_out_at,
        version=row.version,
    )


def canned_view(row: CannedReplyRow) -> CannedReplyView:
    return CannedReplyView(
        id=row.id,
        shortcut=row.shortcut,
        title=row.title,
        html=row.safe_html,
        team_id=row.team_id,
        version=row.version,
    )


def draft_view(row: DraftRow) -> DraftView:
    return DraftView(
        html=row.body["html"],
        kind=row.body["kind"],
        attachment_ids=[UUID(one) for one in row.body["attachment_ids"]],
        updated_at=row.updated_at,
        version=row.version,
    )


def parties(stored: Sequence[Mapping[str, Any]]) -> list[PartyView]:
    return [PartyView(handle=one["handle"], name=one.get("name", "")) for one in stored]

"""Writes the mail that carries answers on to a visitor who has left the chat."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels import outbox
from channels.envelope import Outbound, Party
from channels.outbox import FileRef
from channels.webchat.choices import as_words
from channels.webchat.texts import CONTINUED
from channels.webchat.visitors import LastSeen
from desk.lines import Line
from kernel.ids import new_id
from tickets import queries as ticket_queries
from tickets import service as tickets
from tickets.service import Writing
from tickets.tables import MessageRow, TicketRow

MAIL: Final = "mail"


class Unread(Struct, frozen=True, kw_only=True):
    """The answers of one ticket that nobody has read, oldest first, and who they are for."""

    ticket: TicketRow
    messages: Sequence[MessageRow]
    handle: str

    @property
    def sent_at(self) -> datetime:
        newest = self.messages[-1]
        return newest.sent_at or newest.created_at


async def mail_on(
    session: AsyncSession, unread: Unread, visitor: LastSeen, mailbox: Line, now: datetime
) -> UUID:
    """Write the mail into the thread and promise it, with what the answers carried."""
    newest, ticket = unread.messages[-1], unread.ticket
    words = CONTINUED[visitor.locale if visitor.locale in CONTINUED else "en"]
    to = Party(handle=visitor.email, name=visitor.name)
    text = "\n\n".join([words, *(as_words(one.text) for one in unread.messages)])
    html = f"<p>{escape(words)}</p>" + "".join(
        as_words(one.safe_html or f"<p>{escape(one.text)}</p>") for one in unread.messages
    )
    mail = await tickets.write(
        session,
        ticket,
        Writing(
            id=new_id(),
            kind="outbound",
            author_id=newest.author_agent_id or UUID(int=0),
            author_name=newest.author_name,
            author_handle=str(mailbox.account.settings.get("address", "")),
            text=text,
            html=html,
            channel=mailbox.account.kind,
            account_id=mailbox.account.id,
            subject=ticket.subject,
            to=[{"handle": to.handle, "name": to.name}],
            set_status=ticket.status,
        ),
        now=now,
    )
    outbox.promise(
        session,
        Outbound(
            account_id=mailbox.account.id,
            key=mail.id,
            ticket_id=ticket.id,
            recipient=to,
            text=text,
            html=html,
            subject=ticket.subject,
            to=(to,),
            author_name=newest.author_name,
        ),
        lane=ticket.id,
        now=now,
        due_at=now,
        files=await _files(session, unread.messages),
    )
    return mail.id


async def _files(session: AsyncSession, messages: Sequence[MessageRow]) -> list[FileRef]:
    found = await ticket_queries.files_of(session, [one.id for one in messages])
    return [
        FileRef(
            blob=file.blob,
            name=file.name,
            media_type=file.media_type,
            content_id=file.content_id,
        )
        for one in messages
        for file in found.get(one.id, ())
    ]

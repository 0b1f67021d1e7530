"""What the center itself says to a client: a message without an author, in the ticket's thread."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.ids import new_id
from kernel.journal import record
from tickets.events import MessageAdded
from tickets.lifecycle import preview_of
from tickets.own_words import own_message
from tickets.service import subjects_of
from tickets.tables import MessageRow, TicketRow


class Saying(Struct, frozen=True, kw_only=True):
    """Words of the center's own; `automatic` says why nobody wrote them."""

    text: str
    automatic: str
    channel: str
    account_id: UUID
    account_name: str
    to: dict[str, str]


async def say(
    session: AsyncSession, ticket: TicketRow, saying: Saying, *, now: datetime
) -> MessageRow:
    """Add it to the thread; the ticket goes on waiting for a person's answer."""
    message = own_message(
        ticket,
        now,
        id=new_id(),
        kind="outbound",
        channel=saying.channel,
        account_id=saying.account_id,
        author_name=saying.account_name,
        text=saying.text,
        to=[saying.to],
        automatic=saying.automatic,
        state="pending",
    )
    session.add(message)
    await session.flush()
    record(
        session,
        MessageAdded(
            message_id=message.id,
            kind="outbound",
            channel=saying.channel,
            author_name=saying.account_name,
            preview=preview_of(saying.text),
            state="pending",
            **subjects_of(ticket),
        ),
    )
    return message


async def note_choice(session: AsyncSession, message_id: UUID, choice: str) -> None:
    """Keep which option of a menu the client chose with this message."""
    await session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(choice=choice)
        .execution_options(synchronize_session=False)
    )

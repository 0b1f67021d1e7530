"""A client says which queue is theirs, while nobody has answered them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.journal import record
from routing.events import QueueChosen
from routing.service import WAITING_STATES, subjects_of
from routing.tables import ContactRow


async def unanswered(session: AsyncSession, ticket_id: UUID) -> ContactRow | None:
    """Return the ticket's contact that waits and that no agent has ever had, locked."""
    found: ContactRow | None = await session.scalar(
        select(ContactRow)
        .where(
            ContactRow.ticket_id == ticket_id,
            ContactRow.state.in_(WAITING_STATES),
            ContactRow.answered_at.is_(None),
            ContactRow.callback.is_not(True),
        )
        .order_by(ContactRow.id.desc())
        .limit(1)
        .with_for_update()
    )
    return found


def choose_queue(
    session: AsyncSession, contact: ContactRow, queue_id: UUID, *, choice: str, now: datetime
) -> None:
    """Let the contact wait in the queue that the client chose, at its place by first arrival.

    It stands in the row at once, so that it is true after a crash; the router hears the entry
    and takes back what rings elsewhere.
    """
    if contact.queue_id == queue_id:
        return
    contact.queue_id, contact.entered_queue_at, contact.chosen = queue_id, now, choice or None
    contact.version += 1
    record(session, QueueChosen(choice=choice, **subjects_of(contact)))

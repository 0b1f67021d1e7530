"""What clients think of the help they got: one rating per ticket, theirs to change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import ConflictError, InvalidInputError
from kernel.journal import record
from kernel.limits import RATING_COMMENT_CHARS
from kernel.upsert import put_row
from tickets.events import TicketRated
from tickets.lifecycle import DONE, preview_of
from tickets.service import subjects_of
from tickets.tables import TicketRatingRow, TicketRow

LOWEST, HIGHEST = 1, 5


class Rating(Struct, frozen=True, kw_only=True):
    """From LOWEST to HIGHEST, and what the client adds in their own words."""

    ticket_id: UUID
    score: int
    comment: str
    rated_at: datetime


async def rate(
    session: AsyncSession, ticket: TicketRow, *, score: int, comment: str, now: datetime
) -> Rating:
    """Keep the client's rating of a ticket that is done; the same again changes nothing.

    Raises ConflictError while the ticket is still being worked on, InvalidInputError for a score
    that is none.
    """
    if not LOWEST <= score <= HIGHEST:
        raise InvalidInputError(f"from {LOWEST} to {HIGHEST}", field="score")
    if ticket.status not in DONE:
        raise ConflictError("this conversation is not over yet")
    known = (await ratings_of(session, [ticket.id])).get(ticket.id)
    said = comment.strip()[:RATING_COMMENT_CHARS]
    if known is not None and (known.score, known.comment) == (score, said):
        return known
    rating = Rating(ticket_id=ticket.id, score=score, comment=said, rated_at=now)
    row = {"ticket_id": ticket.id, "score": score, "comment": said, "rated_at": now}
    await put_row(session, TicketRatingRow, row, key=("ticket_id",))
    record(
        session,
        TicketRated(
            score=score,
            before=known.score if known else None,
            comment=preview_of(said),
            **subjects_of(ticket),
        ),
    )
    return rating


async def ratings_of(session: AsyncSession, ticket_ids: Sequence[UUID]) -> dict[UUID, Rating]:
    """Return the ratings of those tickets that have one."""
    if not ticket_ids:
        return {}
    rows = await session.scalars(
        select(TicketRatingRow).where(TicketRatingRow.ticket_id.in_(ticket_ids))
    )
    return {
        row.ticket_id: Rating(
            ticket_id=row.ticket_id, score=row.score, comment=row.comment, rated_at=row.rated_at
        )
        for row in rows
    }

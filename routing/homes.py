"""Where an arrival waits: what taking in messages must know of the queues, and no more."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.prepared import Lookup
from routing.tables import QueueRow

_HOMES: Final = Lookup(select(QueueRow.id, QueueRow.team_id, QueueRow.is_default))


class QueueHome(Struct, frozen=True):
    id: UUID
    team_id: UUID | None
    is_default: bool


async def queue_homes(session: AsyncSession) -> list[QueueHome]:
    return [QueueHome(*row) for row in await _HOMES.rows(session)]


def default_of(queues: Sequence[QueueHome]) -> QueueHome | None:
    """Return the one among all queues where a contact waits that nobody put elsewhere."""
    return min(queues, key=lambda queue: (not queue.is_default, queue.id), default=None)

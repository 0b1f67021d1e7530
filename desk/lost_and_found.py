"""Lost and found: contacts that nobody in the center can serve where they wait, and why."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from desk.measuring import nobody_can
from kernel.database import Database
from kernel.errors import NotFoundError
from kernel.limits import LOST_LOOKED_AT
from routing import queries
from routing import service as routing
from routing.records import Standing
from routing.tables import ContactRow

Why = Callable[[UUID], tuple[Standing, Sequence[Any]]]
"""Where a contact stands, as facts and as sentences."""


class Lost(Struct, frozen=True, kw_only=True):
    """A contact, and the sentences that say what stops every agent."""

    contact: ContactRow
    why: Sequence[Any]


class Found(Struct, frozen=True, kw_only=True):
    lost: Sequence[Lost]
    """The longest waiting first."""
    looked_at: int
    more: bool
    """Some queues are so long that only their first were looked at."""


async def find_lost(database: Database, why: Why) -> Found:
    """Ask the router about the first of every queue who wait: whom nobody can serve comes to stand
    there. Raises OverloadedError when another node gives out contacts.
    """
    async with database.reading() as session:
        waiting, more = await _first_of_each(session)
    lost = []
    for contact in sorted(waiting, key=lambda one: (one.virtual_arrival, one.id)):
        await asyncio.sleep(0)
        try:
            standing, said = why(contact.id)
        except NotFoundError:
            continue
        if nobody_can(standing):
            lost.append(Lost(contact=contact, why=said))
    return Found(lost=lost, looked_at=len(waiting), more=more)


async def _first_of_each(session: AsyncSession) -> tuple[list[ContactRow], bool]:
    queues = [queue.id for queue in await routing.list_queues(session)]
    counted = await queries.waiting_now(session, queues)
    waiting: list[ContactRow] = []
    for queue_id in sorted(counted):
        waiting += await queries.list_contacts(
            session, states=("queued",), queue_id=queue_id, limit=LOST_LOOKED_AT
        )
    return waiting, any(one.contacts > LOST_LOOKED_AT for one in counted.values())

"""Agents, senders and other rooms' belongings as the tests of this room need them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from clients.identities import Arriving, ResolvedClient, resolve_many
from clients.merging import Moved
from kernel.actor import Actor
from kernel.database import Database
from kernel.ids import new_id

EVERYTHING = frozenset({"client.edit", "client.merge", "client.block"})


def agent(*permissions: str) -> Actor:
    return Actor(agent_id=new_id(), name="Olena", permissions=frozenset(permissions) or EVERYTHING)


def mail(handle: str, name: str = "", **attributes: str) -> Arriving:
    return Arriving(channel="mail", handle=handle, name=name, attributes=attributes)


def chat(handle: str, name: str = "", *, verified: bool = False, **attributes: str) -> Arriving:
    return Arriving(
        channel="webchat", handle=handle, name=name, attributes=attributes, verified=verified
    )


async def resolve(database: Database, *arriving: Arriving) -> list[ResolvedClient]:
    """Resolve one batch in a transaction of its own; answers in the order asked."""
    async with database.transaction() as session:
        found = await resolve_many(session, arriving, database.clock.now())
    return [found[one.channel, one.handle] for one in arriving]


class Tickets:
    """Stands for the rooms whose rows name a client: ticket ids by owner."""

    def __init__(self, owners: Mapping[UUID, UUID]) -> None:
        self.owners = dict(owners)

    async def move(
        self, session: AsyncSession, source_id: UUID, target_id: UUID
    ) -> dict[str, list[str]]:
        mine = [ticket for ticket, owner in self.owners.items() if owner == source_id]
        self.owners.update(dict.fromkeys(mine, target_id))
        return {"tickets": [str(ticket) for ticket in mine]}

    async def move_back(
        self, session: AsyncSession, moved: Moved, source_id: UUID, target_id: UUID
    ) -> None:
        for ticket in map(UUID, moved["tickets"]):
            if self.owners[ticket] == target_id:
                self.owners[ticket] = source_id

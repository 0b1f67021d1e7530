"""Keeps open consoles to what their agents may see now: looks again whenever staff changes."""

from kernel.database import Database
from staff.actors import standing_of
from web.live import Hub


async def keep_rights(database: Database, hub: Hub) -> None:
    """After every change of an agent, team or role, hold the open consoles to it; for ever.

    The hub passes nothing on between the change and this look, so that no console hears by
    rights that it has lost.
    """
    while True:
        await hub.staff_changed.wait()
        asked = hub.present()
        async with database.reading() as session:
            found = await standing_of(session, asked)
        hub.staff_changed.clear()
        hub.settle({agent_id: found.get(agent_id) for agent_id in asked})

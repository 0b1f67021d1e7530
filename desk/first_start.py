"""What every center has from its first moment: the ready-made roles and one queue."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from channels.catalogue import CHANNELS
from routing import service as routing
from staff.roles import ensure_roles

FIRST_QUEUE = {
    "name": "Support",
    "channels": list(CHANNELS),
    "service_target_seconds": 3_600,
    "service_level_percent": 80,
    "offer_seconds": 30,
    "team_id": None,
}


async def furnish(session: AsyncSession, now: datetime) -> None:
    """Make what is missing; a furnished center is left as it is."""
    await ensure_roles(session)
    if await routing.default_queue(session) is None:
        await routing.create_queue(session, FIRST_QUEUE, (), now)

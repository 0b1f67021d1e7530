"""Who calls, and the way they are led: their client, their language, what is open now."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice.walking import World
from clients import queries as clients
from clients.identities import Arriving, ResolvedClient, resolve_many
from routing import administration
from routing.calendars import standing
from routing.tables import CalendarRow

CHANNEL = "voice"
WITHHELD = "withheld:"
"""How the handle of somebody begins who shows no number: each call is somebody else's."""


async def caller_of(session: AsyncSession, number: str, sid: str, now: datetime) -> ResolvedClient:
    """Return the client who is known by this number, or a new one.

    What a network shows as the caller's number can be made up: it is never taken for proven.
    """
    handle = number or f"{WITHHELD}{sid or uuid4()}"
    arriving = Arriving(
        channel=CHANNEL, handle=handle, name="" if number else "Withheld number", verified=False
    )
    return (await resolve_many(session, [arriving], now))[(CHANNEL, handle)]


async def language_of(session: AsyncSession, client_id: UUID, languages: tuple[str, ...]) -> str:
    """Return the client's own language when the account speaks it, or else its first."""
    locale = (await clients.whereabouts(session, client_id)).locale
    return languages[0] if locale not in languages else locale


async def world_of(
    session: AsyncSession, languages: tuple[str, ...], greeting: dict[str, str], now: datetime
) -> World:
    calendars: dict[UUID, bool] = {}
    for row in await administration.listed(session, CalendarRow):
        calendars[row.id] = standing(administration.calendar_of(row), now)[0]
    return World(languages=languages, open=calendars, greeting=greeting)

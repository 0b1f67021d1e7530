"""Every way to reach a client, and what stands in it: their STOP, or a window that has closed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Party
from clients import queries as client_queries
from clients import reach
from clients.queries import Identity
from desk.lines import Line, Lines
from kernel.errors import InvalidInputError
from tickets import queries as ticket_queries
from tickets.tables import TicketRow

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Until when we may write to somebody who never wrote to us, where only that opens the window."""


MAIL: Final = "mail"
LEFT_ALONE: Final = (
    "this client does not want to be written to of our own accord; on the client's page it says"
    " who noted that"
)
VOICE: Final = "voice"
NUMBERED: Final = ("sms", "whatsapp")
"""Channels on which a client's telephone number is their name."""
_LATER: Final = ", and approved templates later"


class Route(Struct, frozen=True, kw_only=True):
    """One way to reach the client: an account that is switched on, and whom it knows there."""

    line: Line
    recipient: Party
    forbidden: str | None = None
    """In words, that the client forbade us to write there."""
    open_until: datetime | None = None
    """When the window closes in which we may write freely; None: there is no window."""


async def ways_to(session: AsyncSession, lines: Lines, ticket: TicketRow) -> list[Route]:
    """The way the last word came first, then every other way the client is known on."""
    routes = await _routes(session, lines, ticket)
    return await _with_standing(session, ticket.client_id, routes)


async def ways_to_begin(session: AsyncSession, lines: Lines, client_id: UUID) -> list[Route]:
    """Every way to write to the client first: to a name they have on the channel, else to the
    number or address that is known of them. By some only a template may be sent."""
    identities = await client_queries.identities_of(session, client_id)
    page = await client_queries.client_page(session, client_id)
    told = {MAIL: page.email, **dict.fromkeys(NUMBERED, page.phone)}
    found = []
    for line in lines.all():
        if not _may_begin(line) or line.traits.live or line.traits.speaks:
            continue
        known = _identity(identities, line)
        handle = known.handle if known else told.get(line.traits.people)
        if handle:
            found.append(Route(line=line, recipient=Party(handle=handle, name=page.name)))
    return await _with_standing(session, client_id, found)


def refuse_shut(route: Route, leaves_at: datetime, *, approved: bool = False) -> None:
    """Raise InvalidInputError, with the cure, when nothing may leave on this way at that time.

    `approved`: what leaves is a template, for which there is no window.
    """
    name = route.line.traits.name
    if route.forbidden is not None:
        raise InvalidInputError(
            f"the client has forbidden us to write to them by {name}; answer on another channel, or"
            " wait until they allow it again",
            field="account_id",
        )
    if route.open_until is not None and leaves_at >= route.open_until and not approved:
        window = route.line.traits.can.reply_window
        hours = round(window.total_seconds() / 3600) if window else 0
        raise InvalidInputError(
            f"{name} takes answers only within {hours} hours of the client's last word"
            f"{_LATER if route.line.traits.can.templates else ''}; answer on another channel, or"
            " when they have written again",
            field="account_id",
        )


def party_of(value: Mapping[str, str]) -> Party:
    return Party(handle=value["handle"], name=value.get("name", ""))


async def _routes(session: AsyncSession, lines: Lines, ticket: TicketRow) -> list[Route]:
    found: list[Route] = []
    usual = lines.get(ticket.account_id) if ticket.account_id else None
    called = usual is not None and usual.traits.speaks
    usual = None if called else usual
    if usual is not None:
        found.append(Route(line=usual, recipient=party_of(ticket.recipient)))
    identities = await client_queries.identities_of(session, ticket.client_id)
    written = await ticket_queries.accounts_written_to(session, ticket.client_id)
    for line in lines.all():
        if usual is not None and line.account.id == usual.account.id:
            continue
        if line.traits.speaks:
            continue
        if not _may_begin(line) and line.account.id not in written:
            continue
        handle = _identity(identities, line)
        if handle is None and called and line.traits.people in NUMBERED:
            handle = _caller(identities)
        if handle is not None:
            found.append(Route(line=line, recipient=Party(handle=handle.handle, name=handle.name)))
    return found


def _identity(identities: Sequence[Identity], line: Line) -> Identity | None:
    """Return the name by which the line reaches the client best: one that still reaches them, and
    a number before an id that only one business knows; then the newest."""
    people = line.traits.people
    found = [
        one
        for one in identities
        if one.channel == people and line.traits.reaches(one.handle, line.public_key)
    ]
    return min(found, key=_doubts, default=None)


def _caller(identities: Sequence[Identity]) -> Identity | None:
    """Return the number somebody called from: whoever called can be written to there."""
    found = [one for one in identities if one.channel == VOICE and one.handle.startswith("+")]
    return found[0] if found else None


def _doubts(one: Identity) -> tuple[bool, bool]:
    return one.unreachable is not None, one.channel in NUMBERED and not one.handle.startswith("+")


def _may_begin(line: Line) -> bool:
    """Whether we may write first: freely, or by a template, for which the window is closed."""
    return not line.traits.answers_only or line.traits.can.templates


async def _with_standing(
    session: AsyncSession, client_id: UUID, routes: Sequence[Route]
) -> list[Route]:
    windowed = {
        one.line.account.id for one in routes if one.line.traits.can.reply_window is not None
    }
    heard = await ticket_queries.last_heard(session, client_id, windowed) if windowed else {}
    return [
        replace(
            one,
            forbidden=await _forbidden(session, one),
            open_until=_open_until(one.line, heard),
        )
        for one in routes
    ]


async def _forbidden(session: AsyncSession, route: Route) -> str | None:
    if not route.line.traits.opts_out:
        return None
    return await reach.forbidden(session, route.line.traits.people, route.recipient.handle)


def _open_until(line: Line, heard: Mapping[UUID, datetime]) -> datetime | None:
    window = line.traits.can.reply_window
    if window is None:
        return None
    at = heard.get(line.account.id)
    return NEVER if at is None else at + window

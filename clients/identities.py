"""Whose message it is: resolves what channels call people to clients, a whole batch at a time.

The key is always (channel, handle). An e-mail address or phone number that somebody only tells
us is an attribute of theirs and never finds another client.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from clients.joining import add_names, join_known
from clients.known import Key, Known, known_identities
from clients.learning import learn
from clients.naming import folded, handle_of
from clients.portrait import Portrait, portrait_of, together
from clients.tables import ClientRow, IdentityRow
from clients.words import add_words
from kernel.ids import new_id
from kernel.prepared import Prepared
from kernel.upsert import insert_of

_CLIENT: Final = cast("Table", ClientRow.__table__)
_IDENTITY: Final = cast("Table", IdentityRow.__table__)
_INSERT_CLIENT: Final = Prepared(insert(_CLIENT))
_INSERT_IDENTITY: Final = Prepared(insert(_IDENTITY))


class Arriving(Struct, frozen=True, kw_only=True):
    """One sender as a channel names them; `attributes` are what they tell about themselves."""

    channel: str
    handle: str
    also: tuple[str, ...] = ()
    """Other handles by which the provider knows the same person."""
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False


class ResolvedClient(Struct, frozen=True, kw_only=True):
    """The client a sender is; `handle` is the one form in which their identity is kept."""

    id: UUID
    name: str
    blocked: bool
    created: bool
    handle: str


async def resolve_many(
    session: AsyncSession, arriving: Sequence[Arriving], now: datetime
) -> dict[Key, ResolvedClient]:
    """Find or make the client of each sender, by the `(channel, handle)` the caller gave.

    The number of statements does not depend on the number of senders. On PostgreSQL two batches
    may meet the same new sender at once: one makes the client, the other finds it; and a merge
    waits for the batch, so that what the batch adds moves with the client.
    """
    portraits: dict[Key, Portrait] = {}
    key_of: dict[Key, Key] = {}
    links: dict[Key, Key] = {}
    for one in arriving:
        key = (one.channel, handle_of(one.channel, one.handle))
        key_of[one.channel, one.handle] = key
        for other in one.also:
            links.setdefault((one.channel, handle_of(one.channel, other)), key)
        portrait = portrait_of(key, one.name, one.attributes, verified=one.verified)
        portraits[key] = together(portraits.get(key), portrait)
    if links:
        await join_known(session, links, portraits, key_of, now)
    known = await known_identities(session, portraits)
    await learn(session, [(known[key], new) for key, new in portraits.items() if key in known])
    fresh = {key: new for key, new in sorted(portraits.items()) if key not in known}
    made = await _make(session, fresh, now) if fresh else {}
    found = {key: _found(one, created=False) for key, one in known.items()} | made
    if links:
        await add_names(session, links, {key: one.id for key, one in found.items()}, now)
    return {given: found[key] for given, key in key_of.items()}


async def _make(
    session: AsyncSession, fresh: Mapping[Key, Portrait], now: datetime
) -> dict[Key, ResolvedClient]:
    ids = {key: new_id() for key in fresh}
    await _INSERT_CLIENT.run(session, [_client(ids[key], new, now) for key, new in fresh.items()])
    identities = [_identity(ids[key], key, new, now) for key, new in fresh.items()]
    if session.get_bind().dialect.name != "postgresql":
        await _INSERT_IDENTITY.run(session, identities)
        stored = {key: _resolved(ids[key], key, new) for key, new in fresh.items()}
    else:
        await session.execute(insert_of(session)(_IDENTITY).on_conflict_do_nothing(), identities)
        stored = await _settle(session, ids)
    own = {ids[key]: new.words for key, new in fresh.items() if stored[key].id == ids[key]}
    await add_words(session, own)
    return stored


async def _settle(session: AsyncSession, ids: Mapping[Key, UUID]) -> dict[Key, ResolvedClient]:
    """Keep whoever was first where another transaction met the same sender."""
    known = await known_identities(session, ids)
    stored = {key: _found(one, created=one.client.id == ids[key]) for key, one in known.items()}
    orphans = [ids[key] for key, one in stored.items() if not one.created]
    if orphans:
        await session.execute(delete(_CLIENT).where(_CLIENT.c.id.in_(orphans)))
    return stored


def _client(client_id: UUID, new: Portrait, now: datetime) -> dict[str, Any]:
    return {
        "id": client_id,
        "kind": "person",
        "name": new.shown_name,
        "name_folded": folded(new.shown_name),
        "organisation_id": None,
        "email": new.email,
        "phone": new.phone,
        "locale": new.locale,
        "attributes": dict(new.attributes),
        "blocked_at": None,
        "merged_into": None,
        "created_at": now,
        "version": 1,
    }


def _identity(client_id: UUID, key: Key, new: Portrait, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "client_id": client_id,
        "channel": key[0],
        "handle": key[1],
        "name": new.name,
        "verified": new.verified,
        "opted_out": False,
        "created_at": now,
    }


def _resolved(client_id: UUID, key: Key, new: Portrait) -> ResolvedClient:
    return ResolvedClient(
        id=client_id, name=new.shown_name, blocked=False, created=True, handle=key[1]
    )


def _found(one: Known, *, created: bool) -> ResolvedClient:
    return ResolvedClient(
        id=one.client.id,
        name=one.client.name,
        blocked=one.client.blocked,
        created=created,
        handle=one.handle,
    )

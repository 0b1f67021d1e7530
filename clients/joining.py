"""One person under several names of one channel, as its provider vouches, is one client."""

from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from clients.known import Key, known_identities
from clients.naming import words_of
from clients.portrait import Portrait, together
from clients.tables import IdentityRow
from clients.words import add_words
from kernel.ids import new_id
from kernel.upsert import insert_of

_IDENTITY: Final = cast("Table", IdentityRow.__table__)


async def join_known(
    session: AsyncSession,
    links: Mapping[Key, Key],
    portraits: MutableMapping[Key, Portrait],
    key_of: MutableMapping[Key, Key],
    now: datetime,
) -> None:
    """Give a sender who is not known the client of another name of theirs that is.

    `links` leads from another name to the name a sender is called by now. Two names of one person
    that meet in one batch become one sender. Names that lead to two clients already stay as they
    are: an agent may merge them.
    """
    known = await known_identities(session, {*links, *portraits})
    joined = {
        name: known[other].client.id
        for other, name in links.items()
        if other in known and name not in known
    }
    await _add(session, joined, portraits, now)
    for other, name in links.items():
        if other in portraits and other not in known and name in portraits:
            portraits[name] = together(portraits[name], portraits.pop(other))
            key_of.update({given: name for given, key in key_of.items() if key == other})


async def add_names(
    session: AsyncSession, links: Mapping[Key, Key], clients: Mapping[Key, UUID], now: datetime
) -> None:
    """Let each other name that nobody has yet lead to its sender's client."""
    wanted = {other: clients[name] for other, name in links.items() if name in clients}
    known = await known_identities(session, wanted)
    await _add(session, {key: one for key, one in wanted.items() if key not in known}, {}, now)


async def _add(
    session: AsyncSession,
    names: Mapping[Key, UUID],
    portraits: Mapping[Key, Portrait],
    now: datetime,
) -> None:
    if not names:
        return
    rows = [
        _row(client_id, key, portraits.get(key), now) for key, client_id in sorted(names.items())
    ]
    await session.execute(insert_of(session)(_IDENTITY).on_conflict_do_nothing(), rows)
    words: dict[UUID, set[str]] = {}
    for key, client_id in names.items():
        words.setdefault(client_id, set()).update(words_of("", None, None, [key]))
    await add_words(session, words)


def _row(client_id: UUID, key: Key, portrait: Portrait | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "client_id": client_id,
        "channel": key[0],
        "handle": key[1],
        "name": portrait.name if portrait else "",
        "verified": True,
        "unreachable": None,
        "opted_out": False,
        "created_at": now,
    }

"""Fills what is not known yet about clients who write again."""

from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import String, Table, bindparam, case, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from clients.following import Standing
from clients.known import Known
from clients.naming import folded
from clients.portrait import Portrait
from clients.tables import ClientRow, IdentityRow
from clients.words import add_words

_CLIENT: Final = cast("Table", ClientRow.__table__)
_IDENTITY: Final = cast("Table", IdentityRow.__table__)
_UNNAMED: Final = _CLIENT.c.name == bindparam("b_old", type_=String)


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


_LEARN_CLIENT: Final = (
    update(_CLIENT)
    .where(_CLIENT.c.id == bindparam("b_id"))
    .values(
        # What an agent wrote meanwhile stays.
        name=case(
            (_CLIENT.c.name == bindparam("b_old"), bindparam("b_name")), else_=_CLIENT.c.name
        ),
        name_folded=case((_UNNAMED, _text("b_folded")), else_=_CLIENT.c.name_folded),
        email=func.coalesce(_CLIENT.c.email, _text("b_email")),
        phone=func.coalesce(_CLIENT.c.phone, _text("b_phone")),
        locale=func.coalesce(_CLIENT.c.locale, _text("b_locale")),
        attributes=bindparam("b_attributes"),
    )
)
_LEARN_IDENTITY: Final = (
    update(_IDENTITY)
    .where(_IDENTITY.c.id == bindparam("b_id"))
    .values(name=bindparam("b_name"), verified=bindparam("b_verified"))
)


async def learn(session: AsyncSession, met: Sequence[tuple[Known, Portrait]]) -> None:
    """Fill gaps with what people tell about themselves now; a known name or address stays."""
    identities = [
        {
            "b_id": old.identity_id,
            "b_name": new.name or old.identity_name,
            "b_verified": old.verified or new.verified,
        }
        for old, new in met
        if (new.name and new.name != old.identity_name) or (new.verified and not old.verified)
    ]
    if identities:
        await session.execute(_LEARN_IDENTITY, identities)
    clients = {old.client.id: learnt for old, new in met if (learnt := _learnt(old.client, new))}
    if clients:
        await session.execute(_LEARN_CLIENT, list(clients.values()))
        words = {old.client.id: new.words for old, new in met if old.client.id in clients}
        await add_words(session, words)


def _learnt(old: Standing, new: Portrait) -> dict[str, Any] | None:
    """Return the bound values of `_LEARN_CLIENT`, or None when nothing is new."""
    named = bool(new.name) and old.name == new.nameless
    name = new.name if named else old.name
    attributes = new.added_to(old.attributes)
    filled = any(
        known is None and told is not None
        for known, told in (
            (old.email, new.email),
            (old.phone, new.phone),
            (old.locale, new.locale),
        )
    )
    if not named and not filled and attributes == old.attributes:
        return None
    return {
        "b_id": old.id,
        "b_old": old.name,
        "b_name": name,
        "b_folded": folded(name),
        "b_email": new.email,
        "b_phone": new.phone,
        "b_locale": new.locale,
        "b_attributes": attributes,
    }

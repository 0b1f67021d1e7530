"""Clients as agents keep them: added, changed, blocked, noted upon."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from clients.events import ClientChanged
from clients.following import standing_id
from clients.naming import MAIL, clean_email, clean_phone, folded, handle_of, one_line
from clients.queries import ClientPage, Note, client_page
from clients.tables import ClientNoteRow, ClientRow, ClientWishRow, IdentityRow
from clients.words import renew_words
from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import insert_new

EDIT: Final = "client.edit"
BLOCK: Final = "client.block"
PERSON: Final = "person"
ORGANISATION: Final = "organisation"
_NOTE_CHARS = 10_000


class NewClient(Struct, frozen=True, kw_only=True):
    name: str
    kind: str = PERSON
    email: str | None = None
    phone: str | None = None
    organisation_id: UUID | None = None


class ClientChange(Struct, frozen=True, kw_only=True):
    """What is to change; `version` is that of the client as the caller saw it."""

    version: int
    name: str | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET
    organisation_id: UUID | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET
    left_alone: bool | UnsetType = UNSET


async def create_client(
    session: AsyncSession, actor: Actor, who: NewClient, now: datetime
) -> ClientPage:
    """Add a client by hand; mail from the address given will be theirs.

    Raises InvalidInputError when the address is another client's already.
    """
    actor.require(EDIT)
    await _check_organisation(session, who.kind, who.organisation_id)
    row = ClientRow(
        id=new_id(),
        kind=who.kind,
        name=_name(who.name),
        name_folded=folded(_name(who.name)),
        organisation_id=who.organisation_id,
        email=clean_email(who.email),
        phone=clean_phone(who.phone),
        locale=None,
        attributes={},
        blocked_at=None,
        left_alone_at=None,
        merged_into=None,
        created_at=now,
        version=1,
    )
    session.add(row)
    await session.flush()
    await _claim_address(session, row, now)
    await renew_words(session, row.id)
    _note_change(session, actor, row.id)
    return await client_page(session, row.id)


async def change_client(
    session: AsyncSession, actor: Actor, client_id: UUID, change: ClientChange, now: datetime
) -> ClientPage:
    """Change a client's data, or block them. Raises ConflictError when somebody was first."""
    if _touches_data(change):
        actor.require(EDIT)
    row = await locked_client(session, client_id)
    if row.version != change.version:
        raise ConflictError(f"{row.name} was changed meanwhile; reload and try again")
    if change.blocked is not UNSET and change.blocked != (row.blocked_at is not None):
        actor.require(BLOCK)
        row.blocked_at = now if change.blocked else None
    if change.left_alone is not UNSET and change.left_alone != (row.left_alone_at is not None):
        _leave_alone(session, actor, row, now, wish=change.left_alone)
    if change.organisation_id is not UNSET:
        await _check_organisation(session, row.kind, change.organisation_id)
        row.organisation_id = change.organisation_id
    await _apply_data(session, row, change, now)
    row.version += 1
    await renew_words(session, row.id)
    _note_change(session, actor, row.id)
    return await client_page(session, row.id)


async def add_note(
    session: AsyncSession, actor: Actor, client_id: UUID, text: str, now: datetime
) -> Note:
    """Write a note about a client; it stays with the record through merges."""
    actor.require(EDIT)
    text = text.replace("\x00", "").strip()[:_NOTE_CHARS]
    if not text:
        raise InvalidInputError("write something", field="text")
    # The lock makes a merge wait, or the note would stay behind with the merged record.
    kept = (await locked_client(session, await standing_id(session, client_id))).id
    row = ClientNoteRow(
        id=new_id(), client_id=kept, author_id=actor.agent_id, text=text, created_at=now
    )
    session.add(row)
    await session.flush()
    _note_change(session, actor, kept)
    return Note(id=row.id, author_id=row.author_id, text=text, created_at=now)


async def locked_client(session: AsyncSession, client_id: UUID) -> ClientRow:
    """Return a client that is nobody else's part, kept from others until the commit."""
    row = await session.get(ClientRow, client_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError("no such client")
    if row.merged_into is not None:
        raise ConflictError("this client was merged with another; open that one")
    return row


def _leave_alone(
    session: AsyncSession, actor: Actor, row: ClientRow, now: datetime, *, wish: bool
) -> None:
    """Note that the client is left alone from now on, or no longer, and who said so."""
    actor.require(EDIT)
    row.left_alone_at = now if wish else None
    session.add(
        ClientWishRow(
            id=new_id(),
            client_id=row.id,
            left_alone=wish,
            noted_by=actor.agent_id,
            noted_at=now,
        )
    )


def _touches_data(change: ClientChange) -> bool:
    data = (change.name, change.email, change.phone, change.locale, change.organisation_id)
    return any(value is not UNSET for value in data)


async def _apply_data(
    session: AsyncSession, row: ClientRow, change: ClientChange, now: datetime
) -> None:
    if change.name is not UNSET:
        row.name = _name(change.name)
        row.name_folded = folded(row.name)
    if change.phone is not UNSET:
        row.phone = clean_phone(change.phone)
    if change.locale is not UNSET:
        row.locale = change.locale
    if change.email is not UNSET and (clean := clean_email(change.email)) != row.email:
        row.email = clean
        await _claim_address(session, row, now)


async def _claim_address(session: AsyncSession, row: ClientRow, now: datetime) -> None:
    """Make mail from the client's address theirs, unless another client has written from it."""
    if row.email is None:
        return
    handle = handle_of(MAIL, row.email)
    identity = {
        "id": new_id(),
        "client_id": row.id,
        "channel": MAIL,
        "handle": handle,
        "name": row.name,
        "verified": False,
        "created_at": now,
    }
    await session.flush()
    if await insert_new(session, IdentityRow, [identity], IdentityRow.id):
        return
    owner = await session.scalar(
        select(IdentityRow.client_id).where(
            IdentityRow.channel == MAIL, IdentityRow.handle == handle
        )
    )
    if owner != row.id:
        raise InvalidInputError(
            "another client writes from this address; merge the two instead", field="email"
        )


async def _check_organisation(
    session: AsyncSession, kind: str, organisation_id: UUID | None
) -> None:
    if kind not in {PERSON, ORGANISATION}:
        raise InvalidInputError("a person or an organisation", field="kind")
    if organisation_id is None:
        return
    if kind == ORGANISATION:
        raise InvalidInputError("an organisation belongs to none", field="organisation_id")
    found = await session.scalar(
        select(ClientRow.id)
        .where(
            ClientRow.id == organisation_id,
            ClientRow.kind == ORGANISATION,
            ClientRow.merged_into.is_(None),
        )
        .with_for_update(read=True, key_share=True)
    )
    if found is None:
        raise InvalidInputError("there is no such organisation", field="organisation_id")


def _name(name: str) -> str:
    clean = one_line(name)
    if not clean:
        raise InvalidInputError("give a name", field="name")
    return clean


def _note_change(session: AsyncSession, actor: Actor, client_id: UUID) -> None:
    record(session, ClientChanged(actor_id=actor.agent_id, client_id=client_id))

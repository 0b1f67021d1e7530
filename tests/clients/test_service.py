"""Clients as agents keep them."""

from uuid import UUID

import pytest

from clients.finding import find_clients
from clients.queries import ClientPage
from clients.service import ClientChange, NewClient, add_note, change_client, create_client
from clients.timeline import moments
from kernel.actor import Actor
from kernel.database import Database
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from tests.clients.people import agent, mail, resolve
from tests.clock import ManualClock


async def _create(database: Database, **facts: object) -> ClientPage:
    async with database.transaction() as session:
        who = NewClient(**facts)  # type: ignore[arg-type]
        return await create_client(session, agent(), who, database.clock.now())


async def _change(
    database: Database, client_id: UUID, who: Actor | None = None, **facts: object
) -> ClientPage:
    async with database.transaction() as session:
        change = ClientChange(**facts)  # type: ignore[arg-type]
        return await change_client(session, who or agent(), client_id, change, database.clock.now())


async def test_mail_from_the_address_of_a_client_made_by_hand_is_theirs(
    database: Database,
) -> None:
    made = await _create(database, name="Anna", email="Anna@Example.com")

    [found] = await resolve(database, mail("anna@example.com"))

    assert (found.id, found.created) == (made.id, False)


async def test_an_address_another_client_writes_from_is_refused(database: Database) -> None:
    await resolve(database, mail("anna@example.com"))

    with pytest.raises(InvalidInputError) as refused:
        await _create(database, name="Anna", email="anna@example.com")

    assert refused.value.field == "email"


async def test_the_second_of_two_who_change_the_same_is_told(database: Database) -> None:
    made = await _create(database, name="Anna")
    await _change(database, made.id, version=made.version, name="Anna K.")

    with pytest.raises(ConflictError):
        await _change(database, made.id, version=made.version, name="Anya")


async def test_blocking_needs_its_own_permission(database: Database) -> None:
    made = await _create(database, name="Anna")

    with pytest.raises(ForbiddenError):
        await _change(database, made.id, agent("client.edit"), version=1, blocked=True)
    blocked = await _change(database, made.id, agent("client.block"), version=1, blocked=True)

    assert blocked.blocked


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "A", "email": "nobody"}, "email"),
        ({"name": "A", "phone": "call me"}, "phone"),
        ({"name": "A", "organisation_id": new_id()}, "organisation_id"),
        ({"name": "A", "kind": "planet"}, "kind"),
    ],
)
async def test_bad_data_is_refused_with_its_field(
    database: Database, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _create(database, **facts)

    assert refused.value.field == field


async def test_an_organisation_shows_its_members(database: Database) -> None:
    firm = await _create(database, name="Firm", kind="organisation")
    anna = await _create(database, name="Anna", organisation_id=firm.id)

    firm = await _change(database, firm.id, version=1, phone="+380441234567")

    assert anna.organisation is not None
    assert anna.organisation.id == firm.id
    assert [member.id for member in firm.members] == [anna.id]


async def test_a_person_is_no_organisation(database: Database) -> None:
    bob = await _create(database, name="Bob")

    with pytest.raises(InvalidInputError):
        await _create(database, name="Anna", organisation_id=bob.id)


async def test_notes_appear_on_the_timeline_newest_first_and_by_pages(
    database: Database, clock: ManualClock
) -> None:
    made = await _create(database, name="Anna")
    for text in ("one", "two", "three"):
        async with database.transaction() as session:
            await add_note(session, agent(), made.id, text, clock.now())

    async with database.reading() as session:
        first = await moments(session, made.id, before=None, limit=2)
        rest = await moments(session, made.id, before=(first[-1].at, first[-1].id), limit=2)

    assert [one.text for one in first + rest] == ["three", "two", "one"]


async def test_a_client_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await _change(database, new_id(), version=1)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Anna Kovalenko", "Іван Петренко", "Іванна Коваль"]),
        ("koval", ["Anna Kovalenko"]),
        ("ІВАН", ["Іван Петренко", "Іванна Коваль"]),
        ("іван петр", ["Іван Петренко"]),
        ("anna@ex", ["Anna Kovalenko"]),
        ("+38044", ["Іван Петренко"]),
        ("%", []),
        ("' or 1=1 --", []),
    ],
)
async def test_clients_are_found_by_the_beginning_of_any_word(
    database: Database, query: str, names: list[str]
) -> None:
    await _create(database, name="Іван Петренко", phone="+380441234567")
    await _create(database, name="Anna Kovalenko", email="anna@example.com")
    await _create(database, name="Іванна Коваль")

    async with database.reading() as session:
        found = await find_clients(session, query=query)

    assert [one.name for one in found.items] == names


@pytest.mark.parametrize("query", ["", "client"])
async def test_every_client_is_on_exactly_one_page(database: Database, query: str) -> None:
    for number in range(7):
        await _create(database, name=f"Client {number % 2}")
    seen: list[UUID] = []
    cursor: str | None = None

    for _ in range(3):
        async with database.reading() as session:
            page = await find_clients(session, query=query, cursor=cursor, limit=3)
        seen += [one.id for one in page.items]
        cursor = page.next

    assert cursor is None
    assert len(seen) == len(set(seen)) == 7


async def test_a_made_up_cursor_is_refused(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(InvalidInputError):
            await find_clients(session, cursor="AAAA")

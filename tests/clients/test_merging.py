"""Two records become one, and two again exactly as they were."""

from typing import Any
from uuid import UUID

import pytest

from clients.finding import find_clients
from clients.merging import Merged, merge, undo_merge
from clients.queries import ClientPage, client_page, whereabouts
from clients.service import ClientChange, NewClient, add_note, change_client, create_client
from clients.tables import ClientRow
from kernel.database import Database
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import read_after
from tests.clients.people import Tickets, agent, chat, mail, resolve

NOTHING = Tickets({})


async def _merge(
    database: Database, source_id: UUID, target_id: UUID, tickets: Tickets = NOTHING
) -> Merged:
    async with database.transaction() as session:
        return await merge(
            session,
            agent(),
            source_id=source_id,
            target_id=target_id,
            others=tickets,
            now=database.clock.now(),
        )


async def _undo(database: Database, merge_id: UUID, tickets: Tickets = NOTHING) -> None:
    async with database.transaction() as session:
        await undo_merge(session, agent(), merge_id, others=tickets, now=database.clock.now())


async def _page(database: Database, client_id: UUID) -> ClientPage:
    async with database.reading() as session:
        return await client_page(session, client_id)


async def _two(database: Database) -> tuple[UUID, UUID]:
    by_mail, by_chat = await resolve(
        database, mail("anna@example.com", "Anna K"), chat("w1:1", "Anna")
    )
    return by_mail.id, by_chat.id


async def test_after_a_merge_either_name_leads_to_the_client_that_stays(
    database: Database,
) -> None:
    by_mail, by_chat = await _two(database)

    await _merge(database, by_mail, by_chat)

    [again] = await resolve(database, mail("anna@example.com"))
    assert again.id == by_chat
    assert (await _page(database, by_mail)).id == by_chat


async def test_where_a_merged_client_is_tells_the_one_that_stays(database: Database) -> None:
    by_mail, by_chat = await _two(database)
    async with database.transaction() as session:
        stays = await session.get_one(ClientRow, by_chat)
        stays.phone, stays.locale = "+380501112233", "uk"
    await _merge(database, by_mail, by_chat)

    async with database.reading() as session:
        found = await whereabouts(session, by_mail)
        with pytest.raises(NotFoundError):
            await whereabouts(session, new_id())

    assert (found.phone, found.locale) == ("+380501112233", "uk")


async def test_a_merge_fills_gaps_and_moves_notes_identities_and_tickets(
    database: Database,
) -> None:
    by_mail, by_chat = await _two(database)
    ticket = new_id()
    tickets = Tickets({ticket: by_mail})
    async with database.transaction() as session:
        await add_note(session, agent(), by_mail, "likes tea", database.clock.now())

    await _merge(database, by_mail, by_chat, tickets)

    page = await _page(database, by_chat)
    assert page.email == "anna@example.com"
    assert {one.channel for one in page.identities} == {"mail", "webchat"}
    assert [note.text for note in page.notes] == ["likes tea"]
    assert [one.source_id for one in page.merges] == [by_mail]
    assert tickets.owners == {ticket: by_chat}


async def test_undoing_restores_both_exactly(database: Database) -> None:
    by_mail, by_chat = await _two(database)
    first, second = new_id(), new_id()
    tickets = Tickets({first: by_mail, second: by_chat})
    before = [_facts(await _page(database, one)) for one in (by_mail, by_chat)]

    merged = await _merge(database, by_mail, by_chat, tickets)
    await _undo(database, merged.merge_id, tickets)

    assert [_facts(await _page(database, one)) for one in (by_mail, by_chat)] == before
    assert tickets.owners == {first: by_mail, second: by_chat}
    async with database.reading() as session:
        found = await find_clients(session, query="anna@example.com")
    assert [one.id for one in found.items] == [by_mail]


async def test_what_came_after_the_merge_stays_when_it_is_undone(database: Database) -> None:
    by_mail, by_chat = await _two(database)
    merged = await _merge(database, by_mail, by_chat)
    async with database.transaction() as session:
        change = ClientChange(version=2, email="new@example.com")
        await change_client(session, agent(), by_chat, change, database.clock.now())

    await _undo(database, merged.merge_id)

    page = await _page(database, by_chat)
    assert page.email == "new@example.com"
    assert {one.handle for one in page.identities} == {"w1:1", "new@example.com"}


async def test_merges_of_merges_lead_to_the_last_and_are_undone_from_the_last(
    database: Database,
) -> None:
    by_mail, by_chat = await _two(database)
    [third] = await resolve(database, mail("anna@work.example", "Anna at work"))
    first = await _merge(database, by_mail, by_chat)
    second = await _merge(database, by_chat, third.id)

    [found] = await resolve(database, mail("anna@example.com"))
    with pytest.raises(ConflictError):
        await _undo(database, first.merge_id)
    await _undo(database, second.merge_id)
    await _undo(database, first.merge_id)

    assert found.id == third.id
    assert (await _page(database, by_mail)).id == by_mail
    assert (await _page(database, by_chat)).id == by_chat


async def test_members_of_a_merged_organisation_move_and_come_back(database: Database) -> None:
    async with database.transaction() as session:
        now = database.clock.now()
        firm, group = [
            await create_client(session, agent(), NewClient(name=name, kind="organisation"), now)
            for name in ("Firm", "Group")
        ]
        anna = await create_client(
            session, agent(), NewClient(name="Anna", organisation_id=firm.id), now
        )

    merged = await _merge(database, firm.id, group.id)
    during = await _page(database, anna.id)
    await _undo(database, merged.merge_id)
    after = await _page(database, anna.id)

    assert during.organisation is not None
    assert during.organisation.id == group.id
    assert after.organisation is not None
    assert after.organisation.id == firm.id


async def test_a_client_is_not_merged_with_itself_or_twice(database: Database) -> None:
    by_mail, by_chat = await _two(database)

    with pytest.raises(InvalidInputError):
        await _merge(database, by_mail, by_mail)
    await _merge(database, by_mail, by_chat)
    with pytest.raises(ConflictError):
        await _merge(database, by_mail, by_chat)
    with pytest.raises(ConflictError):
        await _merge(database, by_chat, by_mail)
    with pytest.raises(NotFoundError):
        await _merge(database, by_chat, new_id())


async def test_a_merge_is_undone_once(database: Database) -> None:
    merged = await _merge(database, *await _two(database))
    await _undo(database, merged.merge_id)

    with pytest.raises(ConflictError):
        await _undo(database, merged.merge_id)


async def test_a_blocked_client_does_not_slip_out_by_a_merge(database: Database) -> None:
    by_mail, by_chat = await _two(database)
    async with database.transaction() as session:
        change = ClientChange(version=1, blocked=True)
        await change_client(session, agent(), by_mail, change, database.clock.now())

    with pytest.raises(InvalidInputError):
        await _merge(database, by_mail, by_chat)


async def test_a_person_and_an_organisation_stay_two(database: Database) -> None:
    by_mail, _ = await _two(database)
    async with database.transaction() as session:
        who = NewClient(name="Firm", kind="organisation")
        firm = await create_client(session, agent(), who, database.clock.now())

    with pytest.raises(InvalidInputError):
        await _merge(database, by_mail, firm.id)


async def test_merging_needs_its_permission(database: Database) -> None:
    by_mail, by_chat = await _two(database)

    async with database.transaction() as session:
        with pytest.raises(ForbiddenError):
            await merge(
                session,
                agent("client.edit"),
                source_id=by_mail,
                target_id=by_chat,
                others=NOTHING,
                now=database.clock.now(),
            )


async def test_a_merged_client_is_not_listed_and_not_changed(database: Database) -> None:
    by_mail, by_chat = await _two(database)
    await _merge(database, by_mail, by_chat)

    async with database.reading() as session:
        listed = await find_clients(session)
        found = await find_clients(session, query="anna@example.com")
    async with database.transaction() as session:
        change = ClientChange(version=2, name="Anna")
        with pytest.raises(ConflictError):
            await change_client(session, agent(), by_mail, change, database.clock.now())

    assert [one.id for one in listed.items] == [by_chat]
    assert listed.items[0].channels == ["mail", "webchat"]
    assert [one.id for one in found.items] == [by_chat]


async def test_the_journal_tells_of_both(database: Database) -> None:
    by_mail, by_chat = await _two(database)

    merged = await _merge(database, by_mail, by_chat)
    await _undo(database, merged.merge_id)

    async with database.reading() as session:
        entries = await read_after(session, 0, limit=10)
    assert [(one.kind, one.client_id) for one in entries] == [
        ("ClientsMerged", by_chat),
        ("MergeUndone", by_chat),
    ]
    assert entries[0].data == {"source_id": str(by_mail), "merge_id": str(merged.merge_id)}


def _facts(page: ClientPage) -> dict[str, Any]:
    """All that a merge could have touched, without the version that counts changes."""
    return {
        "name": page.name,
        "email": page.email,
        "phone": page.phone,
        "identities": page.identities,
        "notes": page.notes,
        "merges": page.merges,
    }

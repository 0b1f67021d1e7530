"""Senders become clients: by (channel, handle) and by nothing else."""

import asyncio

import pytest
from sqlalchemy import func, select

from clients.finding import find_clients
from clients.identities import Arriving
from clients.queries import client_page
from clients.service import ClientChange, change_client
from clients.tables import ClientRow, IdentityRow
from kernel.database import Database
from tests.clients.people import agent, chat, mail, resolve
from tests.statements import noted


async def _count(database: Database, table: type[ClientRow] | type[IdentityRow]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_new_sender_becomes_a_client_with_their_address(database: Database) -> None:
    [found] = await resolve(database, mail("Ivan@Example.com", "Ivan Petrenko"))

    async with database.reading() as session:
        page = await client_page(session, found.id)
    assert found.created
    assert (page.name, page.email) == ("Ivan Petrenko", "ivan@example.com")
    assert [(one.channel, one.handle) for one in page.identities] == [("mail", "ivan@example.com")]


async def test_the_same_sender_is_the_same_client_however_they_spell_it(
    database: Database,
) -> None:
    [first] = await resolve(database, mail("Ivan@Example.com"))
    second, third = await resolve(database, mail("IVAN@example.com"), mail(" ivan@EXAMPLE.com. "))

    assert {second.id, third.id} == {first.id}
    assert not second.created
    assert await _count(database, ClientRow) == 1


async def test_two_messages_of_one_new_sender_in_a_batch_make_one_client(
    database: Database,
) -> None:
    nameless, named = await resolve(database, mail("a@example.com"), mail("A@example.com", "Anna"))

    assert nameless.id == named.id
    assert named.name == "Anna"
    assert await _count(database, IdentityRow) == 1


def whatsapp(handle: str, *also: str, name: str = "") -> Arriving:
    return Arriving(channel="whatsapp", handle=handle, also=also, name=name, verified=True)


async def test_a_number_learned_later_joins_the_client_known_by_their_id(
    database: Database,
) -> None:
    [first] = await resolve(database, whatsapp("UA.1", name="Olena"))
    [second] = await resolve(database, whatsapp("+380501112233", "UA.1"))
    [third] = await resolve(database, whatsapp("UA.1"))

    async with database.reading() as session:
        page = await client_page(session, first.id)
    assert first.id == second.id == third.id
    assert {one.handle for one in page.identities} == {"UA.1", "+380501112233"}
    assert (page.phone, await _count(database, ClientRow)) == ("+380501112233", 1)


async def test_an_id_told_beside_a_known_number_leads_to_the_same_client_when_the_number_is_hidden(
    database: Database,
) -> None:
    [by_number] = await resolve(database, whatsapp("+380501112233"))
    await resolve(database, whatsapp("+380501112233", "UA.1"))

    [hidden] = await resolve(database, whatsapp("UA.1"))

    assert hidden.id == by_number.id
    assert await _count(database, IdentityRow) == 2


@pytest.mark.parametrize("turned", [False, True])
async def test_two_names_of_one_new_sender_in_a_batch_make_one_client(
    database: Database, turned: bool
) -> None:
    batch = [whatsapp("UA.1", name="Olena"), whatsapp("+380501112233", "UA.1")]

    one, other = await resolve(database, *(reversed(batch) if turned else batch))

    assert one.id == other.id
    assert (await _count(database, ClientRow), await _count(database, IdentityRow)) == (1, 2)


async def test_names_of_two_clients_stay_theirs(database: Database) -> None:
    number, user = await resolve(database, whatsapp("+380501112233"), whatsapp("UA.1"))

    [found] = await resolve(database, whatsapp("+380501112233", "UA.1"))

    assert found.id == number.id != user.id
    assert (await resolve(database, whatsapp("UA.1")))[0].id == user.id


async def test_without_a_name_the_handle_is_the_name_until_they_tell_one(
    database: Database,
) -> None:
    [before] = await resolve(database, mail("anna@example.com"))
    await resolve(database, mail("anna@example.com", "Anna Kovalenko"))

    async with database.reading() as session:
        page = await client_page(session, before.id)
    assert before.name == "anna@example.com"
    assert page.name == "Anna Kovalenko"


async def test_a_name_given_by_an_agent_is_not_replaced(database: Database) -> None:
    [found] = await resolve(database, mail("anna@example.com", "annie"))
    async with database.transaction() as session:
        change = ClientChange(version=1, name="Anna Kovalenko")
        await change_client(session, agent(), found.id, change, database.clock.now())

    [again] = await resolve(database, mail("anna@example.com", "annie 2"))

    assert again.name == "Anna Kovalenko"


async def test_an_address_that_a_visitor_tells_never_finds_another_client(
    database: Database,
) -> None:
    [victim] = await resolve(database, mail("victim@example.com"))
    [visitor] = await resolve(database, chat("w1:1", "Eve", email="victim@example.com"))

    async with database.reading() as session:
        page = await client_page(session, visitor.id)
    assert visitor.id != victim.id
    assert page.email == "victim@example.com"
    assert [one.channel for one in page.identities] == ["webchat"]


async def test_what_a_visitor_tells_later_fills_gaps_and_replaces_nothing(
    database: Database,
) -> None:
    [visitor] = await resolve(database, chat("w1:1", page="/one"))
    await resolve(database, chat("w1:1", "Anna", email="a@example.com", page="/two"))
    await resolve(database, chat("w1:1", "Bob", email="b@example.com", locale="uk-UA"))

    async with database.reading() as session:
        page = await client_page(session, visitor.id)
    assert (page.name, page.email, page.locale) == ("Anna", "a@example.com", "uk")
    assert page.attributes == {"page": "/two"}


async def test_a_visitor_without_a_name_is_called_by_a_number_until_they_tell_one(
    database: Database,
) -> None:
    handle = f"w1:visitor:{'0' * 28}3f2a"
    [visitor] = await resolve(database, chat(handle))

    async with database.reading() as session:
        found = await find_clients(session, query="3f2a")
    await resolve(database, chat(handle, "Anna"))

    async with database.reading() as session:
        page = await client_page(session, visitor.id)
    assert [one.name for one in found.items] == [visitor.name] == ["Visitor 3f2a"]
    assert page.name == "Anna"


async def test_an_identity_once_vouched_for_stays_so(database: Database) -> None:
    [visitor] = await resolve(database, chat("w1:1", verified=True))
    await resolve(database, chat("w1:1"))

    async with database.reading() as session:
        page = await client_page(session, visitor.id)
    assert page.identities[0].verified


async def test_a_blocked_client_is_said_to_be_blocked(database: Database) -> None:
    [found] = await resolve(database, mail("spam@example.com"))
    async with database.transaction() as session:
        change = ClientChange(version=1, blocked=True)
        await change_client(session, agent(), found.id, change, database.clock.now())

    [again] = await resolve(database, mail("spam@example.com"))

    assert again.blocked


async def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(
    database: Database,
) -> None:
    statements = noted(database.writer)

    await resolve(database, *(mail(f"a{number}@example.com", "A") for number in range(3)))
    few = len(statements)
    await resolve(database, *(mail(f"b{number}@example.com", "B") for number in range(300)))
    many = len(statements) - few
    await resolve(database, *(mail(f"b{number}@example.com", "B") for number in range(300)))
    known = len(statements) - few - many

    assert few == many <= 5
    assert known <= 1


async def test_batches_that_meet_the_same_new_senders_at_once_agree_on_one_client_each(
    database: Database,
) -> None:
    senders = [mail(f"a{number}@example.com", "A") for number in range(20)]

    answers = await asyncio.gather(
        *(resolve(database, *senders[:: (-1) ** turn]) for turn in range(6))
    )

    in_order = [found[:: (-1) ** turn] for turn, found in enumerate(answers)]
    assert len({tuple(one.id for one in found) for found in in_order}) == 1
    assert sum(one.created for found in answers for one in found) == 20
    assert await _count(database, ClientRow) == await _count(database, IdentityRow) == 20


async def test_a_batch_of_nobody_is_nothing(database: Database) -> None:
    assert await resolve(database) == []

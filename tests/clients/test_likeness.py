"""Who may be one person is suggested with the reason, and never joined by itself."""

from uuid import UUID

import pytest

from clients.identities import Arriving
from clients.likeness import Likely, likely_same, tell_apart
from clients.merging import merge
from clients.service import NewClient, create_client
from kernel.database import Database
from kernel.errors import ForbiddenError, InvalidInputError
from tests.clients.people import Tickets, agent, chat, mail, resolve

NUMBER = "+380441234567"


def phone(channel: str, number: str = NUMBER) -> Arriving:
    return Arriving(channel=channel, handle=number, name="", attributes={}, verified=True)


async def likely(database: Database, client_id: UUID) -> list[Likely]:
    async with database.reading() as session:
        return await likely_same(session, client_id)


async def apart(database: Database, one: UUID, other: UUID, *permissions: str) -> None:
    async with database.transaction() as session:
        await tell_apart(session, agent(*permissions), one, other, database.clock.now())


async def test_the_same_number_on_two_channels_is_suggested_both_ways(database: Database) -> None:
    by_sms, by_whatsapp, _ = await resolve(
        database, phone("sms"), phone("whatsapp"), phone("sms", "+380449999999")
    )

    (found,) = await likely(database, by_sms.id)
    (back,) = await likely(database, by_whatsapp.id)

    assert (found.client.id, back.client.id) == (by_whatsapp.id, by_sms.id)
    assert [(one.kind, one.value, one.proven) for one in found.shared] == [("phone", NUMBER, True)]


async def test_an_address_that_was_only_told_is_suggested_as_a_claim(database: Database) -> None:
    by_mail, by_chat = await resolve(
        database, mail("anna@example.com"), chat("w1:1", "Anna", email="Anna@example.com")
    )

    (found,) = await likely(database, by_mail.id)

    assert found.client.id == by_chat.id
    assert [(one.kind, one.proven) for one in found.shared] == [("email", False)]


async def test_the_surest_comes_first(database: Database) -> None:
    by_sms, by_chat, by_whatsapp = await resolve(
        database, phone("sms"), chat("w1:1", phone=NUMBER), phone("whatsapp")
    )

    found = await likely(database, by_sms.id)

    assert [one.client.id for one in found] == [by_whatsapp.id, by_chat.id]


async def test_a_name_alone_suggests_nobody(database: Database) -> None:
    one, _ = await resolve(
        database, mail("a@example.com", "Anna K"), mail("b@example.com", "Anna K")
    )

    assert await likely(database, one.id) == []


async def test_an_organisation_is_nobody(database: Database) -> None:
    (by_sms,) = await resolve(database, phone("sms"))
    async with database.transaction() as session:
        await create_client(
            session,
            agent(),
            NewClient(name="Shop", kind="organisation", phone=NUMBER),
            database.clock.now(),
        )

    assert await likely(database, by_sms.id) == []


async def test_of_whom_somebody_said_that_they_are_two_are_not_suggested_again(
    database: Database,
) -> None:
    by_sms, by_whatsapp = await resolve(database, phone("sms"), phone("whatsapp"))

    for _ in range(2):
        await apart(database, by_whatsapp.id, by_sms.id)

    assert await likely(database, by_sms.id) == await likely(database, by_whatsapp.id) == []


async def test_who_was_joined_is_not_suggested_any_more(database: Database) -> None:
    by_sms, by_whatsapp = await resolve(database, phone("sms"), phone("whatsapp"))
    async with database.transaction() as session:
        await merge(
            session,
            agent(),
            source_id=by_whatsapp.id,
            target_id=by_sms.id,
            others=Tickets({}),
            now=database.clock.now(),
        )

    assert await likely(database, by_sms.id) == []


async def test_only_who_may_join_clients_may_tell_them_apart(database: Database) -> None:
    by_sms, by_whatsapp = await resolve(database, phone("sms"), phone("whatsapp"))

    with pytest.raises(ForbiddenError):
        await apart(database, by_sms.id, by_whatsapp.id, "client.edit")
    with pytest.raises(InvalidInputError):
        await apart(database, by_sms.id, by_sms.id)

    assert len(await likely(database, by_sms.id)) == 1

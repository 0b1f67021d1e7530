"""Supervisors beside an agent: what they whisper never leaves the house, and nobody listens on
whose console is gone.
"""

from uuid import UUID

import pytest
from msgspec.structs import replace

from desk import accompanying
from desk.farewells import Farewells
from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.limits import VANISHED_AFTER
from routing.tables import ContactRow
from supervision.companions import Mode
from supervision.tables import CompanionRow
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tests.desk.test_wrap_up import answer, held


async def watched(office: Desk, mode: Mode = "reading") -> tuple[ContactRow, Actor, Actor]:
    """A mail that Iryna works on while Vera stands beside her."""
    contact, agent = await held(office)
    vera = replace(IRYNA, agent_id=await office.agent("Vera", available=False), name="Vera")
    await beside(office, contact.id, vera, mode)
    return contact, agent, vera


async def beside(office: Desk, contact_id: UUID, who: Actor, mode: Mode = "reading") -> None:
    async with office.database.transaction() as session:
        await accompanying.stand_beside(
            session, contact_id, mode, actor=who, now=office.clock.now()
        )


async def whisper(office: Desk, contact_id: UUID, who: Actor, said: UUID, html: str) -> UUID:
    async with office.database.transaction() as session:
        message = await accompanying.whisper(
            session, contact_id, actor=who, said=said, html=html, now=office.clock.now()
        )
        return message.id


async def test_no_word_of_a_whisper_is_in_what_leaves_the_house(office: Desk) -> None:
    contact, agent, vera = await watched(office)
    await whisper(office, contact.id, vera, new_id(), "<p>Give in, <b>zebrafinch</b></p>")

    await answer(office, contact.ticket_id, agent)
    account = contact.account_id
    assert account is not None
    await office.carry(account)

    (sent,) = office.office(account).sent
    assert "On its way" in sent.text
    assert "zebrafinch" not in repr(sent)
    assert [one.kind for one in await office.messages("whisper")] == ["whisper"]


async def test_the_same_whisper_again_is_kept_once_and_other_words_are_refused(
    office: Desk,
) -> None:
    contact, _, vera = await watched(office)
    said = new_id()
    first = await whisper(office, contact.id, vera, said, "<p>Psst</p>")

    assert await whisper(office, contact.id, vera, said, "<p>Psst</p>") == first
    with pytest.raises(InvalidInputError, match="another message"):
        await whisper(office, contact.id, vera, said, "<p>Pssst</p>")
    assert len(await office.messages("whisper")) == 1


async def test_an_answer_of_who_takes_part_leaves_the_mail_with_its_agent(office: Desk) -> None:
    contact, agent, vera = await watched(office, "joined")

    await answer(office, contact.ticket_id, vera)

    (kept,) = await office.contacts()
    assert (kept.state, kept.agent_id) == ("active", agent.agent_id)


async def test_who_only_reads_along_ends_it_with_an_answer_as_any_colleague(office: Desk) -> None:
    contact, _, vera = await watched(office)

    await answer(office, contact.ticket_id, vera)

    assert [one.state for one in await office.contacts()] == ["closed"]


async def test_whoever_has_no_console_left_listens_no_longer(office: Desk) -> None:
    _, agent, vera = await watched(office)
    farewells = Farewells(office.database, office.clock, lambda: office.present)
    office.present = {agent.agent_id, vera.agent_id}
    await farewells.look()
    office.present = {agent.agent_id}

    await farewells.look()
    assert len(await office.rows(CompanionRow)) == 1
    office.clock.advance(seconds=VANISHED_AFTER.total_seconds())
    await farewells.look()

    assert await office.rows(CompanionRow) == []
    assert (await office.kinds()).count("CompanionLeft") == 1


async def test_a_ticket_that_is_not_ones_own_to_see_cannot_be_listened_to(office: Desk) -> None:
    contact, _ = await held(office)
    stranger = replace(IRYNA, agent_id=new_id(), permissions=frozenset())
    async with office.database.transaction() as session:
        ticket = await session.get_one(type((await office.tickets())[0]), contact.ticket_id)
        ticket.team_id = new_id()

    with pytest.raises(NotFoundError):
        await beside(office, contact.id, stranger)


async def test_a_contact_that_waits_has_nobody_to_read_along_with(office: Desk) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "first"))
    (contact,) = await office.contacts()

    with pytest.raises(ConflictError, match="queued"):
        await beside(office, contact.id, IRYNA)

"""What providers hand over becomes messages, tickets and contacts: once, in order, or visibly."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from channels.envelope import Party, Status
from channels.errors import UnreadableDeliveryError
from channels.tables import AccountRow, DeliveryRow
from clients.tables import ClientRow
from kernel.blobs import blob_key
from kernel.errors import NotFoundError
from kernel.limits import RAW_INLINE_BYTES
from tests.desk.scene import Desk
from tests.desk.scripted import (
    ANN,
    AUTOMATIC,
    broken,
    delivery,
    file,
    mail,
    reported,
    said,
)
from tickets.tables import AttachmentRow, TicketRow

BOB = Party(handle="bob@client.example", name="Bob")


async def test_a_mail_becomes_a_client_a_ticket_and_a_waiting_contact(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(mail(account, "1", "Where is it?"))

    (ticket,) = await office.tickets()
    (contact,) = await office.contacts()
    (client,) = await office.rows(ClientRow)
    assert (ticket.status, ticket.subject, ticket.awaiting_answer) == (
        "new",
        "Where is my parcel?",
        True,
    )
    assert (contact.ticket_id, contact.state, contact.client_id) == (ticket.id, "queued", client.id)
    assert ticket.recipient == {"handle": ANN.handle, "name": ANN.name}


async def test_the_same_delivery_is_taken_in_once_however_it_comes_again(office: Desk) -> None:
    account = await office.mailbox()
    one, other = mail(account, "1", "one"), mail(account, "2", "two")

    await office.arrive(one, one, other, one)
    await asyncio.gather(*(office.arrive(one, other) for _ in range(10)))

    assert await office.texts() == ["one", "two"]
    assert len(await office.contacts()) == 2
    assert Counter(await office.kinds())["MessageAdded"] == 2


async def test_another_account_may_use_the_same_ids(office: Desk) -> None:
    first, second = await office.mailbox("A"), await office.mailbox("B")

    await office.arrive(mail(first, "1", "one"), mail(second, "1", "two"))

    assert sorted(await office.texts()) == ["one", "two"]


async def test_a_dead_letter_leaves_its_neighbours_alone(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(
        mail(account, "1", "before"), broken(account, "2"), mail(account, "3", "after")
    )

    (dead,) = await office.dead()
    assert await office.texts() == ["before", "after"]
    assert (dead.external_id, dead.error) == ("2", "no line of it makes sense")
    assert (await office.kinds()).count("DeadLetterKept") == 1


async def test_what_breaks_the_storing_ends_as_a_dead_letter_by_itself(office: Desk) -> None:
    """A message that no row can hold (its handle is none) must not take its batch with it."""
    account = await office.mailbox()
    twice = said("second of one delivery", external_id="same")

    await office.arrive(
        mail(account, "1", "before"),
        delivery(account, "2", said=[twice, structs.replace(twice, text="third")]),
        mail(account, "3", "after"),
    )

    (dead,) = await office.dead()
    assert dead.external_id == "2"
    assert await office.texts() == ["before", "after"]


async def test_a_dead_letter_is_read_after_a_fix_exactly_once(office: Desk) -> None:
    account = await office.mailbox()
    await office.arrive(broken(account, "1"))
    (dead,) = await office.dead()

    with pytest.raises(UnreadableDeliveryError):
        await office.intake.replay(dead.id)
    (still,) = await office.dead()
    office.office(account).fixed = True
    outcomes = await asyncio.gather(
        *(office.intake.replay(dead.id) for _ in range(4)), return_exceptions=True
    )

    assert still.attempts == 2
    assert [type(one) for one in outcomes if one is not None] == [NotFoundError] * 3
    assert await office.dead() == []
    assert await office.texts() == ["Readable after all"]
    with pytest.raises(NotFoundError):
        await office.intake.replay(dead.id)


async def test_a_replayed_delivery_that_comes_again_is_known(office: Desk) -> None:
    account = await office.mailbox()
    await office.arrive(broken(account, "1"))
    office.office(account).fixed = True
    await office.intake.replay((await office.dead())[0].id)

    await office.arrive(broken(account, "1"))

    assert await office.texts() == ["Readable after all"]


async def test_a_large_delivery_lies_beside_the_database_and_can_be_replayed(office: Desk) -> None:
    account = await office.mailbox()
    large = replace(broken(account, "1"), raw=broken(account, "1").raw + b"x" * RAW_INLINE_BYTES)

    await office.arrive(large)

    (dead,) = await office.dead()
    assert dead.raw is None
    assert dead.blob is not None
    office.office(account).fixed = True
    await office.intake.replay(dead.id)
    assert await office.texts() == ["Readable after all"]


async def test_what_one_client_writes_stays_in_order(office: Desk) -> None:
    account = await office.mailbox()
    texts = [f"word {number}" for number in range(60)]

    await asyncio.gather(
        *(
            office.arrive(*(mail(account, text, text) for text in texts[start : start + 15]))
            for start in range(0, 60, 15)
        )
    )

    assert await office.texts() == texts


async def test_nothing_of_a_blocked_client_is_taken_in_and_it_does_not_come_back(
    office: Desk,
) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "1", "first"))
    await block(office)

    await office.arrive(mail(account, "2", "again"), mail(account, "3", "hello", sender=BOB))

    assert await office.texts() == ["first", "hello"]
    assert {one.external_id for one in await office.rows(DeliveryRow)} == {"1", "2", "3"}


async def block(office: Desk) -> None:
    async with office.database.transaction() as session:
        (client,) = await office.rows(ClientRow)
        row = await session.get_one(ClientRow, client.id)
        row.blocked_at = office.clock.now()


async def test_a_second_message_on_a_waiting_ticket_makes_no_second_contact(office: Desk) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "1"))
    (ticket,) = await office.tickets()

    await office.arrive(
        mail(account, "2", "and another thing", ticket_claim=ticket.id),
        mail(account, "3", "and one more", ticket_claim=ticket.id),
    )

    assert len(await office.tickets()) == 1
    assert len(await office.contacts()) == 1
    assert len(await office.messages()) == 3


@pytest.mark.parametrize(
    ("before", "automatic", "after", "tickets", "contacts"),
    [
        ("new", None, "new", 1, 1),
        ("open", None, "open", 1, 1),
        ("waiting", None, "open", 1, 2),
        ("solved", None, "open", 1, 2),
        ("closed", None, "closed", 2, 2),
        ("waiting", AUTOMATIC.REPLY, "waiting", 1, 1),
        ("solved", AUTOMATIC.REPLY, "solved", 1, 1),
        ("solved", AUTOMATIC.BULK, "solved", 1, 1),
        ("closed", AUTOMATIC.REPLY, "closed", 2, 1),
    ],
)
async def test_what_a_follow_up_does_to_a_ticket(
    office: Desk, before: str, automatic: Any, after: str, tickets: int, contacts: int
) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "1"))
    (ticket,) = await office.tickets()
    if before != "new":
        await office.answer(ticket.id, set_status=before)
    if before == "open":
        await office.arrive(mail(account, "2", ticket_claim=ticket.id))
        contacts += 1

    await office.arrive(mail(account, "3", "Again", ticket_claim=ticket.id, automatic=automatic))

    found = await office.tickets()
    assert (found[0].status, len(found), len(await office.contacts())) == (after, tickets, contacts)
    if tickets == 2:
        assert found[1].follows_id == ticket.id
        assert found[1].status == "new"


async def test_an_automatic_mail_on_its_own_makes_a_ticket_that_nobody_waits_for(
    office: Desk,
) -> None:
    account = await office.mailbox()

    await office.arrive(mail(account, "1", automatic=AUTOMATIC.BULK))

    (ticket,) = await office.tickets()
    assert not ticket.awaiting_answer
    assert await office.contacts() == []


async def test_a_stranger_with_the_proof_of_a_ticket_does_not_enter_it(office: Desk) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "1"))
    (ticket,) = await office.tickets()

    await office.arrive(mail(account, "2", "Let me in", sender=BOB, ticket_claim=ticket.id))

    first, second = await office.tickets()
    message = (await office.messages())[-1]
    assert (first.id, second.id) == (ticket.id, message.ticket_id)
    assert message.unverified_claim == ticket.id
    assert second.follows_id is None


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([Status.SENT], "sent"),
        ([Status.DELIVERED, Status.SENT], "delivered"),
        ([Status.READ, Status.DELIVERED, Status.SENT], "read"),
        ([Status.SENT, Status.FAILED], "failed"),
        ([Status.FAILED, Status.SENT], "failed"),
        ([Status.FAILED, Status.DELIVERED], "delivered"),
        ([Status.DELIVERED, Status.FAILED], "delivered"),
        ([Status.SENT, Status.PENDING], "sent"),
    ],
)
async def test_reports_move_a_message_forward_only(
    office: Desk, reports: list[Status], state: str
) -> None:
    account = await office.mailbox()
    await office.arrive(mail(account, "1"))
    message_id = await office.answer((await office.tickets())[0].id)

    for number, status in enumerate(reports):
        words = [reported(message_id, status, "said so")]
        await office.arrive(delivery(account, f"report {number}", reported=words))
        await office.arrive(delivery(account, f"again {number}", reported=words))

    message = await office.message(message_id)
    assert message.state == state
    assert (await office.kinds()).count("MessageStateChanged") <= len(reports)


async def test_a_report_about_nothing_of_ours_changes_nothing(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(delivery(account, "1", reported=[reported(account, Status.FAILED)]))

    assert await office.dead() == []
    assert await office.messages() == []


async def test_files_are_stored_before_the_rows_that_name_them(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(mail(account, "1", files=(file("a.txt", b"one"), file("b.txt", b"two"))))

    names = {row.name: row for row in await office.rows(AttachmentRow)}
    assert {name: row.size for name, row in names.items()} == {"a.txt": 3, "b.txt": 3}

    assert await office.blobs.read(blob_key(names["b.txt"].blob)) == b"two"


async def test_the_cursor_moves_with_what_it_stands_for(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(replace(mail(account, "1"), cursor="7:1"))
    await office.arrive(
        replace(broken(account, "2"), cursor="7:2"), replace(mail(account, "1"), cursor="7:3")
    )

    (row,) = await office.rows(AccountRow)
    assert row.cursor == "7:3"


async def test_an_account_that_is_off_does_not_hold_up_another(office: Desk) -> None:
    here, gone = await office.mailbox("here"), UUID(int=1)

    outcomes = await asyncio.gather(
        office.arrive(mail(here, "1", "one")),
        office.arrive(mail(gone, "1", "lost")),
        office.arrive(mail(here, "2", "two")),
        return_exceptions=True,
    )

    assert [type(one).__name__ for one in outcomes] == ["NoneType", "NotFoundError", "NoneType"]
    assert await office.texts() == ["one", "two"]


async def test_text_with_a_nul_is_taken_in_on_every_database(office: Desk) -> None:
    account = await office.mailbox()

    await office.arrive(mail(account, "1", "a\x00b", subject="c\x00d", quoted="\x00"))

    assert await office.dead() == []
    assert len(await office.messages()) == 1


async def test_journal_entries_of_contacts_say_whose_ticket_it_is(office: Desk) -> None:
    team = UUID(int=7)
    account = await office.mailbox()
    await office.arrive(mail(account, "1"))
    (ticket,) = await office.tickets()
    async with office.database.transaction() as session:
        (await session.get_one(TicketRow, ticket.id)).team_id = team
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()
    accepting = asyncio.create_task(office.dispatcher.accept(offer.id, agent))
    await asyncio.sleep(0)
    await office.routed()
    await accepting

    told = {one.kind: one for one in office.noted if one.contact_id is not None}
    assert told["OfferMade"].team_id == team
    assert (told["ContactAnswered"].team_id, told["ContactAnswered"].assignee_id) == (team, agent)

"""Tickets over both databases: versions, drafts, pages, history, and answers sent once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from desk import openings, replies
from desk.replies import Note
from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tests.desk.test_intake import block
from tickets import queries, reading
from tickets import service as tickets
from tickets.counting import take_numbers
from tickets.queries import TicketFilter
from tickets.tables import MessageRow, TicketRow


async def a_ticket(office: Desk, **more: Any) -> UUID:
    account = await office.mailbox(f"box {new_id()}")
    await office.arrive(mail(account, str(new_id()), **more))
    return (await office.tickets())[-1].id


async def changed(office: Desk, ticket_id: UUID, version: int, **changes: Any) -> None:
    async with office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, ticket_id, seen_by=IRYNA, lock=True)
        await openings.change_ticket(
            session, ticket, changes, actor=IRYNA, version=version, now=office.clock.now()
        )


async def version_of(office: Desk, ticket_id: UUID) -> int:
    async with office.database.reading() as session:
        return (await session.get_one(TicketRow, ticket_id)).version


async def test_of_many_changes_at_once_one_wins_and_the_others_conflict(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    version = await version_of(office, ticket_id)

    outcomes = await asyncio.gather(
        *(changed(office, ticket_id, version, subject=f"subject {n}") for n in range(8)),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["ConflictError"] * 7 + ["NoneType"]
    assert await version_of(office, ticket_id) == version + 1


async def test_a_change_that_changes_nothing_leaves_no_trace(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    version, before = await version_of(office, ticket_id), list(await office.kinds())

    await changed(office, ticket_id, version, priority="normal", tags=[])

    assert await version_of(office, ticket_id) == version
    assert list(await office.kinds()) == before


async def test_tags_are_a_set_and_their_changes_are_noted(office: Desk) -> None:
    ticket_id = await a_ticket(office)

    await changed(office, ticket_id, await version_of(office, ticket_id), tags=["b", "a", "b"])
    await changed(office, ticket_id, await version_of(office, ticket_id), tags=["b"])

    noted = [one.data["changes"]["tags"] for one in office.noted if one.kind == "TicketChanged"]
    assert noted == [[[], ["a", "b"]], [["a", "b"], ["b"]]]
    async with office.database.reading() as session:
        assert await tickets.tags_of(session, [ticket_id]) == {ticket_id: ["b"]}


async def test_an_answer_sent_twenty_times_at_once_is_one_answer(office: Desk) -> None:
    ticket_id, message_id = await a_ticket(office), new_id()
    (account,) = office.post.offices.keys() & {(await office.tickets())[0].account_id}

    sent = await asyncio.gather(*(office.answer(ticket_id, id=message_id) for _ in range(20)))
    await office.carry(account)

    assert set(sent) == {message_id}
    assert len(await office.messages("outbound")) == 1
    assert len(office.office(account).sent) == 1


async def test_an_id_that_is_taken_is_refused(office: Desk) -> None:
    one, other = await a_ticket(office), await a_ticket(office)
    message_id = await office.answer(one)

    with pytest.raises(ConflictError):
        await office.answer(other, id=message_id)

    (ticket,) = [one for one in await office.tickets() if one.id == other]
    assert ticket.status == "new"


async def test_whoever_has_not_read_the_last_word_is_told_so(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    read = (await office.messages())[-1].id
    account = (await office.tickets())[0].account_id
    assert account is not None
    await office.arrive(mail(account, "more", "Wait!", ticket_claim=ticket_id))

    with pytest.raises(ConflictError):
        await office.answer(ticket_id, after_message_id=read)
    await office.answer(ticket_id, after_message_id=(await office.messages())[-1].id)

    assert len(await office.messages("outbound")) == 1


@pytest.mark.parametrize("html", ["", "<p> </p>", "<script>x</script>", "<br>"])
async def test_an_empty_answer_is_not_sent(office: Desk, html: str) -> None:
    ticket_id = await a_ticket(office)

    with pytest.raises(InvalidInputError) as refused:
        await office.answer(ticket_id, html=html)

    assert refused.value.field == "html"
    assert await office.messages("outbound") == []


async def test_a_blocked_client_can_still_be_answered(office: Desk) -> None:
    """Blocking shuts our ears, not the agent's mouth: a last word is theirs to decide."""
    ticket_id = await a_ticket(office)
    await block(office)

    await office.answer(ticket_id)

    assert len(await office.messages("outbound")) == 1


async def test_a_note_changes_neither_status_nor_preview(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    before = (await office.tickets())[0]

    async with office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, ticket_id, seen_by=IRYNA)
        await replies.leave_note(
            session,
            actor=IRYNA,
            ticket=ticket,
            note=Note(id=new_id(), html="<p>psst</p>", mentions=[UUID(int=5)]),
            now=office.clock.now(),
        )

    after = (await office.tickets())[0]
    assert (after.status, after.preview, after.awaiting_answer) == (
        before.status,
        before.preview,
        True,
    )
    (told,) = [one for one in office.noted if one.kind == "Mentioned"]
    assert told.only_agent_id == UUID(int=5)
    assert "psst" not in str(told.data)


async def test_an_older_copy_of_a_draft_never_overwrites_a_newer_one(office: Desk) -> None:
    ticket_id = await a_ticket(office)

    async def saved(html: str, version: int) -> int:
        async with office.database.transaction() as session:
            await tickets.find_ticket(session, ticket_id, seen_by=IRYNA, lock=True)
            row = await tickets.save_draft(
                session,
                ticket_id=ticket_id,
                agent_id=IRYNA.agent_id,
                body={"html": html},
                version=version,
                now=office.clock.now(),
            )
            return row.version

    first = await saved("one", 0)
    second = await saved("two", first)
    with pytest.raises(ConflictError):
        await saved("old", first)
    outcomes = await asyncio.gather(
        *(saved(f"{n}", second) for n in range(5)), return_exceptions=True
    )

    assert (first, second) == (1, 2)
    assert sorted(type(one).__name__ for one in outcomes) == ["ConflictError"] * 4 + ["int"]


async def test_an_answer_drops_its_writers_draft_only(office: Desk) -> None:
    ticket_id, colleague = await a_ticket(office), new_id()
    for agent_id in (IRYNA.agent_id, colleague):
        async with office.database.transaction() as session:
            await tickets.save_draft(
                session,
                ticket_id=ticket_id,
                agent_id=agent_id,
                body={"html": "x"},
                version=0,
                now=office.clock.now(),
            )

    await office.answer(ticket_id)

    async with office.database.reading() as session:
        assert await queries.draft_of(session, ticket_id, IRYNA.agent_id) is None
        assert await queries.draft_of(session, ticket_id, colleague) is not None


async def test_pages_hold_every_ticket_once_while_others_change(office: Desk) -> None:
    """Who was there all along is on exactly one page; what moves up is not missed by the rest."""
    account = await office.mailbox()
    for number in range(25):
        await office.arrive(mail(account, str(number), f"number {number}"))
        office.clock.advance(seconds=0 if number % 5 else 1)
    everything = [one.id for one in await office.tickets()]
    oldest = everything[0]

    seen: list[UUID] = []
    cursor: str | None = None
    for page in range(20):
        async with office.database.reading() as session:
            rows, cursor = await queries.list_tickets(
                session, IRYNA, TicketFilter(), after=cursor, limit=4
            )
        seen += [row.id for row in rows]
        if cursor is None:
            break
        office.clock.advance(seconds=1)
        await office.arrive(mail(account, f"new {page}"))
        if page == 1:
            await office.arrive(mail(account, "bump", ticket_claim=oldest))

    assert len(seen) == len(set(seen))
    assert set(seen) == set(everything) - {oldest}


async def test_a_thread_is_read_back_in_pages_without_gap_or_double(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    account = (await office.tickets())[0].account_id
    assert account is not None
    for number in range(11):
        await office.arrive(mail(account, f"t{number}", f"{number}", ticket_claim=ticket_id))

    seen: list[str] = []
    before = None
    while True:
        async with office.database.reading() as session:
            rows, before = await queries.thread_page(session, ticket_id, before=before, limit=5)
        seen = [row.text for row in rows] + seen
        if before is None:
            break

    assert seen == ["Hello", *(str(number) for number in range(11))]


async def test_the_history_of_a_ticket_is_whole_and_in_order(office: Desk) -> None:
    ticket_id = await a_ticket(office)
    await changed(office, ticket_id, await version_of(office, ticket_id), priority="high")
    await office.answer(ticket_id, set_status="solved")

    async with office.database.reading() as session:
        rows = await queries.history_page(session, ticket_id, before=None, limit=100)
        first = await queries.history_page(session, ticket_id, before=None, limit=2)
        rest = await queries.history_page(session, ticket_id, before=first[-1].seq, limit=100)

    kinds = [row.kind for row in rows][::-1]
    assert kinds[:3] == ["TicketOpened", "MessageAdded", "ContactQueued"]
    assert sorted(kinds[3:]) == sorted(
        ["TicketChanged", "MessageAdded", "TicketChanged", "TicketChanged", "ContactEnded"]
    )
    assert [row.seq for row in (*first, *rest)] == [row.seq for row in rows]
    assert [row.seq for row in rows] == sorted((row.seq for row in rows), reverse=True)


async def test_numbers_are_given_once_however_many_ask(office: Desk) -> None:
    async def taken(count: int) -> list[int]:
        async with office.database.transaction() as session:
            return list(await take_numbers(session, count))

    numbers = [one for many in await asyncio.gather(*map(taken, [1, 3, 2, 5] * 5)) for one in many]

    assert len(numbers) == len(set(numbers)) == 55
    assert max(numbers) - min(numbers) == 54


@pytest.mark.parametrize(
    ("teams", "permissions", "assigned", "sees"),
    [
        ((), (), False, False),
        ((1,), (), False, True),
        ((2,), (), False, False),
        ((), (), True, True),
        ((), ("ticket.see_all",), False, True),
        ((), ("ticket.reply",), False, False),
    ],
)
async def test_who_sees_a_ticket_of_a_team(
    office: Desk, teams: tuple[int, ...], permissions: tuple[str, ...], assigned: bool, sees: bool
) -> None:
    ticket_id = await a_ticket(office)
    actor = Actor(
        agent_id=new_id(),
        name="x",
        permissions=frozenset(permissions),
        team_ids=frozenset(UUID(int=one) for one in teams),
    )
    async with office.database.transaction() as session:
        row = await session.get_one(TicketRow, ticket_id)
        row.team_id = UUID(int=1)
        row.assignee_id = actor.agent_id if assigned else None

    async with office.database.reading() as session:
        listed, _ = await queries.list_tickets(session, actor, TicketFilter(), after=None, limit=10)
        counted = await queries.count_views(session, actor)
        message_id = await session.scalar(select(MessageRow.id))
        assert message_id is not None
        try:
            await tickets.find_ticket(session, ticket_id, seen_by=actor)
            await tickets.find_message(session, message_id, seen_by=actor)
        except NotFoundError:
            found = False
        else:
            found = True

    assert (found, len(listed), counted["all"]) == (sees, int(sees), int(sees))


FOREIGN_CLOCKS = [
    pytest.param(UUID("00000000-0000-7000-8000-000000000001"), id="far behind"),
    pytest.param(UUID("ffffffff-ffff-7fff-bfff-fffffffffffe"), id="far ahead"),
]
"""Names that a computer whose clock is wrong, or a program without one, gives its messages."""


async def thread(office: Desk, ticket_id: UUID) -> list[str]:
    async with office.database.reading() as session:
        rows, _ = await queries.thread_page(session, ticket_id, before=None, limit=50)
    return [row.text for row in rows]


@pytest.mark.parametrize("name", FOREIGN_CLOCKS)
async def test_an_answer_stands_where_it_was_given_whatever_clock_named_it(
    office: Desk, name: UUID
) -> None:
    ticket_id = await a_ticket(office)
    account = (await office.tickets())[0].account_id
    assert account is not None

    await office.answer(ticket_id, "An answer", id=name)
    await office.arrive(mail(account, "more", "Thank you", ticket_claim=ticket_id))

    assert await thread(office, ticket_id) == ["Hello", "An answer", "Thank you"]


@pytest.mark.parametrize("name", FOREIGN_CLOCKS)
async def test_what_a_client_writes_after_a_wrongly_named_answer_is_new(
    office: Desk, name: UUID
) -> None:
    ticket_id = await a_ticket(office)
    account = (await office.tickets())[0].account_id
    assert account is not None
    await office.answer(ticket_id, "An answer", id=name)

    assert await unread(office, ticket_id) == 0
    await office.arrive(mail(account, "more", "Wait!", ticket_claim=ticket_id))

    assert await unread(office, ticket_id) == 1
    with pytest.raises(ConflictError):
        await office.answer(ticket_id, after_message_id=name)


async def test_an_answer_cannot_have_been_written_after_a_message_of_another_ticket(
    office: Desk,
) -> None:
    one, other = await a_ticket(office), await a_ticket(office)
    foreign = await office.answer(other)

    with pytest.raises(InvalidInputError) as refused:
        await office.answer(one, after_message_id=foreign)

    assert refused.value.field == "after_message_id"


async def unread(office: Desk, ticket_id: UUID) -> int:
    assert IRYNA.agent_id is not None
    async with office.database.reading() as session:
        found = await reading.unread_counts(session, [ticket_id], IRYNA.agent_id)
    return found.get(ticket_id, 0)

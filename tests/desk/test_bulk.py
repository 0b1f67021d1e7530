"""What is sent to very many holds up no answer, and answers of many conversations go at once."""

import asyncio
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import event

from channels import outbox
from channels.envelope import Outbound, Party, Receipt
from kernel.ids import new_id
from tests.desk.scene import Desk
from tests.desk.scripted import accepted
from tests.desk.test_courier import promised


async def promise(office: Desk, account: UUID, words: str, lane: UUID, *, bulk: bool) -> None:
    async with office.database.transaction() as session:
        envelope = Outbound(
            account_id=account,
            key=new_id(),
            ticket_id=lane,
            recipient=Party(handle="ann@client.example"),
            text=words,
            bulk=bulk,
        )
        now = office.clock.now()
        outbox.promise(session, envelope, lane=lane, now=now, due_at=now)


def said(office: Desk, account: UUID) -> list[str]:
    return [one.text for one in office.office(account).sent]


async def test_an_answer_is_carried_apart_from_what_stands_before_it_to_many(office: Desk) -> None:
    account = await office.mailbox()
    lane = new_id()
    await promise(office, account, "To many", lane, bulk=True)
    await promise(office, account, "To you", lane, bulk=False)

    assert await office.carry(account) == 1
    assert said(office, account) == ["To you"]
    assert await office.courier.round(office.lines.need(account), bulk=True) == 1
    assert said(office, account) == ["To you", "To many"]


async def test_what_is_sent_to_many_waits_for_the_answer_before_it(office: Desk) -> None:
    account = await office.mailbox()
    lane = new_id()
    await promise(office, account, "To you", lane, bulk=False)
    await promise(office, account, "To many", lane, bulk=True)

    assert await office.courier.round(office.lines.need(account), bulk=True) == 0
    await office.carry(account)
    assert await office.courier.round(office.lines.need(account), bulk=True) == 1


async def test_an_open_line_has_a_lane_for_what_many_get(office: Desk) -> None:
    account = await office.mailbox()
    await promise(office, account, "To many", new_id(), bulk=True)

    assert f"bulk {account}" in {loop.name for loop in office.supervisor.health()}
    carrying = asyncio.create_task(office.courier.carry_for(office.lines.need(account), bulk=True))
    async with asyncio.timeout(5):
        await office.office(account).sending.wait()
    carrying.cancel()
    await asyncio.gather(carrying, return_exceptions=True)


async def test_where_the_channel_allows_it_one_that_hangs_holds_up_no_other(office: Desk) -> None:
    account, messages = await promised(office, conversations=3)
    line = office.lines.need(account)
    line.traits = replace(line.traits, at_once=2)
    gate = asyncio.Event()
    others = asyncio.Event()

    async def send(message: Outbound) -> Receipt:
        if message.key == messages[0]:
            await gate.wait()
        elif message.key == messages[2]:
            others.set()
        return await accepted(message)

    office.office(account).on_send = send
    carrying = asyncio.create_task(office.carry(account))
    async with asyncio.timeout(5):
        await others.wait()
    gate.set()

    assert await carrying == 3
    assert {(await office.message(one)).state for one in messages} == {"sent"}


async def test_among_very_many_the_next_are_found_without_looking_through_all(
    office: Desk,
) -> None:
    if office.database.writer.dialect.name != "sqlite":
        return
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        asked.append((statement, given))

    event.listen(office.database.writer.sync_engine, "before_cursor_execute", note)
    async with office.database.transaction() as session:
        await outbox.lease_due(session, new_id(), office.clock.now(), limit=50, bulk=True)
    statement, given = next(one for one in asked if one[0].startswith("UPDATE"))
    async with office.database.reading() as session:
        connection = await session.connection()
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        words = " ".join(row.detail for row in plan)

    assert "ix_outbox_due" in words
    assert "ix_outbox_state" not in words
    assert "SCAN" not in words
    assert "TEMP B-TREE" not in words

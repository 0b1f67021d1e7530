"""Answers to single clients while 100,000 messages to very many wait in the same number's outbox.

The number may send ten messages a second. First agents answer two clients a second without a
broadcast; then one of 100,000 is promised, in the outbox as every message is and marked as one of
many, and they answer on. An answer's time is from its being promised until the provider takes it.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from bench.ground.centers import database_url
from bench.ground.crowded import Filler
from bench.ground.figures import Figure, note, percentile, rounded, run
from bench.ground.folders import passing_folder
from bench.ground.served import serving
from bench.ground.sms_numbers import Number, connect_number, engine_of
from channels import outbox
from channels.envelope import Outbound, Party
from channels.tables import OutboxRow
from kernel.clock import SystemClock
from kernel.database import Database
from tests.simulators.twilio import running_twilio
from tickets.tables import MessageRow

MANY: Final = 100_000
RATE: Final = 10
ANSWERS: Final = 80
ANSWERS_PER_SECOND: Final = 2
GOAL_SECONDS: Final = 2.0
CHUNK: Final = 2_000


async def measure() -> list[Figure]:
    with passing_folder() as folder, database_url(folder) as url:
        settings = {"allow_private_hosts": "true", "undo_seconds": "0"}
        async with running_twilio() as twilio, serving(folder / "var", url, **settings) as server:
            number = await connect_number(server, twilio, RATE)
            engine = engine_of(url)
            me = await server.call("GET", "/api/v1/session")
            database = Database(url, SystemClock())
            note(f"{MANY} tickets ...")
            await Filler(database, [UUID(me["agent"]["id"])]).fill(MANY)
            await number.hear(ANSWERS, engine)
            note("answers alone ...")
            alone = await _answered(number, "alone")
            note("promising the broadcast ...")
            await _promise_to_all(database, number.account_id)
            note("answers beside it ...")
            began, sent = time.time(), len(twilio.sent)
            beside = await _answered(number, "beside a broadcast")
            rate = (len(twilio.sent) - sent) / (time.time() - began)
            left = await _left(database)
            await database.close()
            await engine.dispose()
    return [
        Figure(
            name="broadcast_answer_p95",
            value=percentile(beside, 95),
            unit="s",
            n=len(beside),
            reference=percentile(alone, 95),
            limit=GOAL_SECONDS,
            at_most=True,
            details={
                "p50_s": rounded(percentile(beside, 50)),
                "slowest_s": rounded(max(beside)),
                "still_waiting": left,
                "number_sends_a_second": rounded(rate),
                "rate": RATE,
            },
        )
    ]


async def _answered(number: Number, when: str) -> list[float]:
    """Answer at random moments; return how long each answer took to the provider."""
    dice = random.Random(7)
    promised: dict[str, float] = {}

    async def one(ticket: UUID, words: str) -> None:
        promised[words] = await number.answer(ticket, words)

    due = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for at, ticket in enumerate(number.tickets):
            due += dice.expovariate(ANSWERS_PER_SECOND)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(ticket, f"Answer {at}, {when}"))
    taken = await number.until_taken(list(promised))
    return [max(0.0, taken[words] - at) for words, at in promised.items()]


async def _promise_to_all(database: Database, account_id: UUID) -> None:
    """Promise a message to each ticket's client, by the function that promises every answer."""
    async with database.reading() as session:
        told = select(MessageRow.id, MessageRow.ticket_id).where(
            MessageRow.kind == "outbound", MessageRow.channel == "mail"
        )
        rows = [(one.id, one.ticket_id) for one in await session.execute(told.limit(MANY))]
    assert len(rows) == MANY, len(rows)
    for chunk in _chunks(rows):
        async with database.transaction() as session:
            now = SystemClock().now()
            for at, (message_id, ticket_id) in chunk:
                envelope = Outbound(
                    account_id=account_id,
                    key=message_id,
                    ticket_id=ticket_id,
                    recipient=Party(handle=f"+38050{at:07}"),
                    text="We are closed on Friday.",
                    bulk=True,
                )
                outbox.promise(session, envelope, lane=ticket_id, now=now, due_at=now)
            ids = [message_id for _, (message_id, _) in chunk]
            pending = update(MessageRow).where(MessageRow.id.in_(ids)).values(state="pending")
            await session.execute(pending)


def _chunks(rows: Sequence[tuple[UUID, UUID]]) -> list[list[tuple[int, tuple[UUID, UUID]]]]:
    numbered = list(enumerate(rows))
    return [numbered[at : at + CHUNK] for at in range(0, len(numbered), CHUNK)]


async def _left(database: Database) -> int:
    async with database.reading() as session:
        waiting = select(func.count()).where(OutboxRow.state == outbox.WAITING)
        return int(await session.scalar(waiting) or 0)


if __name__ == "__main__":
    run(measure)

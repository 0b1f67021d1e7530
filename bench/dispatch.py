"""A queue of 100,000: how fast a node that takes over knows it, and how fast it gives it out.

100,000 contacts of as many tickets wait, in 20 queues, two channels and four skills, and 6,000
agents are away. A dispatcher is started anew: from its first question to the database until its
engine is whole and has decided is `dispatch_restore_100000`; the reference is reading the same rows
with the bare driver. Then everybody comes to their desk: offers are decided and stored with their
reasons and journal entries, 200 in a synced commit; the reference is storing bare rows of offers.
"""

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, func, insert, select

from bench.ground import figures
from bench.ground.centers import database_url
from bench.ground.figures import Figure
from bench.ground.folders import passing_folder
from clients.tables import ClientRow
from contact_center import migrate
from desk.dispatch import BATCH, Dispatcher, Job
from desk.first_start import furnish
from desk.whose import tell_whose
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.ids import new_id
from routing import commands
from routing.model import Presence
from routing.tables import AgentSkillRow, ContactRow, OfferRow, QueueMemberRow, QueueRow, SkillRow
from staff.permissions import AGENT
from staff.tables import AgentRow
from tickets.tables import TicketRow

WAITING: Final = 100_000
AGENTS: Final = 6_000
QUEUES: Final = 20
SKILLS: Final = 4
CHANNELS: Final = ("webchat", "mail")
RESTORES: Final = 3
RESTORE_SECONDS_MAX: Final = 5.0
OFFERS_A_SECOND: Final = 2_000
CHUNK: Final = 5_000
BARE: Final = "SELECT * FROM contact WHERE state = 'queued' ORDER BY virtual_arrival, id"


class Crowd:
    """Rows of a busy center: queues, skills, agents, clients, tickets and who waits."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.dice = random.Random(7)
        self.queues = [new_id() for _ in range(QUEUES)]
        self.skills = [new_id() for _ in range(SKILLS)]
        self.agents = [new_id() for _ in range(AGENTS)]
        self.clients = [new_id() for _ in range(1_000)]

    async def fill(self, database: Database) -> None:
        async with database.transaction() as session:
            await furnish(session, self.now)
        tickets = [self._ticket(number) for number in range(WAITING)]
        for mapped, rows in (
            (QueueRow, [self._queue(n, one) for n, one in enumerate(self.queues)]),
            (SkillRow, [self._named(f"Skill {n}", one) for n, one in enumerate(self.skills)]),
            (AgentRow, [self._agent(n, one) for n, one in enumerate(self.agents)]),
            (QueueMemberRow, [row for one in self.agents for row in self._seats(one)]),
            (AgentSkillRow, [row for one in self.agents for row in self._skills(one)]),
            (ClientRow, [self._client(one) for one in self.clients]),
            (TicketRow, tickets),
            (ContactRow, [self._contact(one) for one in tickets]),
        ):
            await _insert(database, mapped, rows)

    def _queue(self, number: int, queue_id: UUID) -> dict[str, Any]:
        return self._named(f"Queue {number}", queue_id) | {
            "channels": [],
            "service_target_seconds": 60,
            "service_level_percent": 80,
            "offer_seconds": 600,
            "team_id": None,
            "is_default": False,
            "rules": {},
        }

    def _named(self, name: str, row_id: UUID) -> dict[str, Any]:
        return {"id": row_id, "name": name, "created_at": self.now, "version": 1}

    def _agent(self, number: int, agent_id: UUID) -> dict[str, Any]:
        return self._named(f"Agent {number}", agent_id) | {
            "email": f"agent{number}@wonder.example",
            "role_id": AGENT.id,
            "password_hash": "-",
            "active": True,
            "locale": "en",
            "signature": "",
            "capacity": dict.fromkeys(CHANNELS, 1),
        }

    def _seats(self, agent: UUID) -> list[dict[str, Any]]:
        return [{"queue_id": one, "agent_id": agent} for one in self.dice.sample(self.queues, 3)]

    def _skills(self, agent: UUID) -> list[dict[str, Any]]:
        known = self.dice.sample(self.skills, 2)
        return [{"agent_id": agent, "skill_id": one, "level": 3} for one in known]

    def _client(self, client_id: UUID) -> dict[str, Any]:
        name = f"Client {client_id.hex[-6:]}"
        return self._named(name, client_id) | {
            "kind": "person",
            "name_folded": name.casefold(),
            "attributes": {},
        }

    def _ticket(self, number: int) -> dict[str, Any]:
        at = self.now - timedelta(seconds=WAITING - number)
        return {
            "id": new_id(),
            "number": number + 1,
            "subject": "Where is my parcel?",
            "status": "new",
            "priority": "normal",
            "client_id": self.dice.choice(self.clients),
            "queue_id": self.dice.choice(self.queues),
            "channel": self.dice.choice(CHANNELS),
            "recipient": {"handle": "", "name": ""},
            "created_at": at,
            "last_activity_at": at,
            "preview": "Where is my parcel?",
            "awaiting_answer": True,
            "version": 1,
        }

    def _contact(self, ticket: dict[str, Any]) -> dict[str, Any]:
        asks = self.dice.random() < 0.5
        return {
            "id": new_id(),
            "ticket_id": ticket["id"],
            "client_id": ticket["client_id"],
            "queue_id": ticket["queue_id"],
            "channel": ticket["channel"],
            "state": "queued",
            "virtual_arrival": ticket["created_at"],
            "entered_at": ticket["created_at"],
            "skills": {str(self.dice.choice(self.skills)): 1} if asks else None,
            "version": 1,
        }


async def _insert(database: Database, mapped: Any, rows: Sequence[dict[str, Any]]) -> None:
    table = cast("Table", mapped.__table__)
    for start in range(0, len(rows), CHUNK):
        async with database.transaction() as session:
            await session.execute(insert(table), rows[start : start + CHUNK])


async def measure() -> list[Figure]:
    clock = SystemClock()
    with passing_folder() as folder, database_url(folder) as url:
        database = Database(url, clock)
        try:
            await migrate.upgrade(database)
            database.before_commit(tell_whose)
            crowd = Crowd(clock.now())
            await crowd.fill(database)
            figures.note(f"{WAITING} contacts wait")
            dispatcher, restored = await _restored(database, clock)
            offered = await _offered(database, dispatcher, crowd)
        finally:
            await database.close()
    return [restored, offered]


async def _restored(database: Database, clock: SystemClock) -> tuple[Dispatcher, Figure]:
    took: list[float] = []
    used: list[float] = []
    bare: list[float] = []
    dispatcher = Dispatcher(database, clock)
    for _ in range(RESTORES):
        started = time.perf_counter()
        async with database.reader.connect() as connection:
            rows = (await connection.exec_driver_sql(BARE)).fetchall()
        bare.append(time.perf_counter() - started)
        assert len(rows) == WAITING, len(rows)
        del rows
        dispatcher = Dispatcher(database, clock)
        started, busy = time.perf_counter(), time.process_time()
        await dispatcher._restore()  # noqa: SLF001 - what a node does when it begins to lead
        took.append(time.perf_counter() - started)
        used.append(time.process_time() - busy)
        assert sum(one.waiting for one in dispatcher.counts()) == WAITING
    return dispatcher, Figure(
        name=f"dispatch_restore_{WAITING}",
        value=figures.percentile(took, 50),
        unit="s",
        n=RESTORES,
        reference=figures.percentile(bare, 50),
        limit=RESTORE_SECONDS_MAX,
        at_most=True,
        details={
            "worst_s": figures.rounded(max(took)),
            "cpu_s": figures.rounded(figures.percentile(used, 50)),
            "agents": AGENTS,
            "queues": QUEUES,
        },
    )


async def _offered(database: Database, dispatcher: Dispatcher, crowd: Crowd) -> Figure:
    """Let everybody come to their desk at once, and offer each the contact that fits best."""
    jobs = dispatcher._jobs  # noqa: SLF001 - as if the journal had told it
    jobs.extend(
        Job(commands.AgentStateChanged(agent, Presence.AVAILABLE)) for agent in crowd.agents
    )
    started, used = time.perf_counter(), time.process_time()
    while jobs:
        await dispatcher._step()  # noqa: SLF001 - what its loop does
    took, used = time.perf_counter() - started, time.process_time() - used
    ringing = sum(one.offered for one in dispatcher.counts())
    async with database.reading() as session:
        stored = await session.scalar(select(func.count()).select_from(OfferRow)) or 0
        decision = await session.scalar(select(OfferRow.decision).limit(1))
    assert stored == ringing >= AGENTS, (stored, ringing)
    return Figure(
        name="dispatch_offers",
        value=stored / took,
        unit="offers/s",
        n=stored,
        reference=await _bare_offers(database, crowd, len(str(decision))),
        limit=OFFERS_A_SECOND,
        details={"us_cpu_each": figures.rounded(used / stored * 1e6), "batch": BATCH},
    )


async def _bare_offers(database: Database, crowd: Crowd, chars: int) -> float:
    """Store as many offers of the same size, as many in a commit, and nothing else."""
    async with database.reading() as session:
        contact_id = await session.scalar(select(OfferRow.contact_id).limit(1))
    table = cast("Table", OfferRow.__table__)
    started = time.perf_counter()
    for start in range(0, AGENTS, BATCH):
        rows = [
            {
                "id": new_id(),
                "contact_id": contact_id,
                "agent_id": agent,
                "state": "withdrawn",
                "made_at": crowd.now,
                "expires_at": crowd.now,
                "ended_at": crowd.now,
                "decision": {"decision": "x" * chars},
            }
            for agent in crowd.agents[start : start + BATCH]
        ]
        async with database.transaction() as session:
            await session.execute(insert(table), rows)
    return AGENTS / (time.perf_counter() - started)


if __name__ == "__main__":
    figures.run(measure)

"""The kill test: clients write and an agent answers while the center is killed again and again."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.crash_points import ONCE_A_PARCEL
from tests.faults.ledger import Ledger, Verdict, count_inbound, judge, read_kept
from tests.faults.people import Agent, Budget, Desk, Postman, Visitor, browser
from tests.faults.server import ServerProcess, running_server
from tests.faults.waiting import until
from tests.simulators.mail_servers import (
    Dovecot,
    SmtpServer,
    running_dovecot,
    running_smtp,
)

_STEP_SECONDS: Final = 60.0
_END_SECONDS: Final = 240.0
_KILL: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is sent, and when the center dies; the same plan is the same storm."""

    seed: int
    visitors: int
    messages: int
    """Per visitor."""
    mails: int
    people: int
    """So many write these mails."""
    answers: int
    """At least so many by mail before the agent stops."""
    kills: int
    """At random moments; one in six while the center starts."""
    crash_points: Sequence[str] = ()
    passes: int = 3
    """A crash point ends the process at one of its first so many passes."""
    build: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a storm came to."""

    build: str
    seed: int
    chat_acknowledged: int
    mails: int
    answers: int
    accepted: int
    kills: int
    crash_points: int
    lost: int
    doubled: int
    disordered: int
    unsent: int
    resent: int
    slowest_start: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    figures: Figures
    verdict: Verdict
    missed_crash_points: list[str]
    crashes: list[str]
    """Loops and requests that failed in a way nobody foresaw, from the center's log."""


async def rage(plan: Plan, folder: Path) -> Outcome:
    """Carry out the plan in `folder` and judge what is left."""
    began = time.monotonic()
    async with _stage(plan, folder) as storm:
        await storm.kill_and_restart()
        await storm.come_to_rest()
        await storm.server.terminate()
    outcome = storm.outcome(time.monotonic() - began)
    folder.joinpath("figures.json").write_text(json.dumps(asdict(outcome.figures)))
    return outcome


class _Storm:
    """The running parts of one storm."""

    def __init__(
        self, plan: Plan, server: ServerProcess, dovecot: Dovecot, smtp: SmtpServer
    ) -> None:
        self.plan = plan
        self.server = server
        self.smtp = smtp
        self.ledger = Ledger()
        self.budget = Budget()
        self.postman = Postman(dovecot, self.ledger, people=plan.people, seed=plan.seed)
        self.random = Random(plan.seed)  # noqa: S311 - a seeded test, no secret
        self.missed: list[str] = []
        self.kills = 0
        self.talking: list[asyncio.Task[None]] = []
        self.agent: asyncio.Task[None] | None = None

    async def kill_and_restart(self) -> None:
        """Let a portion of everything be sent, kill, start again; then let the rest be sent."""
        steps = [_KILL] * self.plan.kills + list(self.plan.crash_points)
        self.random.shuffle(steps)
        chats = _portions(self.plan.visitors * self.plan.messages, len(steps) + 1)
        mails = _portions(self.plan.mails, len(steps) + 1)
        await self.server.kill()
        self.kills += 1
        for step, chat, mail in zip(steps, chats[1:], mails[1:], strict=True):
            await self._one_life(step, chat, mail)
            self.kills += 1
        await self.server.start()
        await self.budget.grow(chats[0])
        self.postman.bring(mails[0])

    async def _one_life(self, step: str, chat: int, mail: int) -> None:
        before = len(self.ledger.chat_acknowledged)
        passes = 1 if step in ONCE_A_PARCEL else self.plan.passes
        crash_at = f"{step}:{self.random.randint(1, passes)}" if step else ""
        await self.server.start(crash_at=crash_at, patiently=False)
        await self.budget.grow(chat)
        self.postman.bring(mail)
        if step:
            if not await self.server.died(within=_STEP_SECONDS):
                self.missed.append(step)
                await self.server.kill()
            return
        if self.random.random() < 1 / 6:
            await asyncio.sleep(self.random.uniform(0.1, 2.0))
        else:
            wanted = before + self.random.randint(1, chat)
            await until(lambda: len(self.ledger.chat_acknowledged) >= wanted, _STEP_SECONDS)
            await asyncio.sleep(self.random.uniform(0.0, 0.2))
        await self.server.kill()

    async def come_to_rest(self) -> None:
        """Wait until everything sent has been acknowledged and everything promised has left."""
        async with asyncio.timeout(_END_SECONDS):
            await asyncio.gather(*self.talking)
            database = self.server.data_dir / "center.db"
            everything = len(self.ledger.chat_sent) + len(self.ledger.mails)
            if self.plan.build != "acknowledge_first":  # it loses some: they never come
                await until(lambda: count_inbound(database) >= everything, _END_SECONDS)
            enough = self.plan.answers
            await until(lambda: len(self.ledger.mail_answers) >= enough, _END_SECONDS)
            if self.agent is not None:
                self.agent.cancel()
                await asyncio.gather(self.agent, return_exceptions=True)
            await until(lambda: not _waiting(database), _END_SECONDS)

    def outcome(self, seconds: float) -> Outcome:
        data = self.server.data_dir
        verdict = judge(
            self.ledger,
            read_kept(data / "center.db"),
            [taken.data for taken in self.smtp.taken],
            data / "blobs",
        )
        return Outcome(
            figures=self._figures(verdict, seconds),
            verdict=verdict,
            missed_crash_points=self.missed,
            crashes=self.server.crashes(),
        )

    def _figures(self, verdict: Verdict, seconds: float) -> Figures:
        ledger = self.ledger
        return Figures(
            build=self.plan.build or "whole",
            seed=self.plan.seed,
            chat_acknowledged=len(ledger.chat_acknowledged),
            mails=len(ledger.mails),
            answers=len(ledger.mail_answers) + len(ledger.chat_answers),
            accepted=len(ledger.accepted),
            kills=self.kills,
            crash_points=len(self.plan.crash_points) - len(self.missed),
            lost=len(verdict.lost),
            doubled=len(verdict.doubled),
            disordered=len(verdict.disordered),
            unsent=len(verdict.unsent),
            resent=verdict.resent,
            slowest_start=round(self.server.slowest_start, 2),
            seconds=round(seconds, 1),
        )


@asynccontextmanager
async def _stage(plan: Plan, folder: Path) -> AsyncIterator[_Storm]:
    """Mail servers, a furnished center, visitors who wait for their budget and an agent."""
    async with (
        running_dovecot() as dovecot,
        running_smtp() as smtp,
        running_server(folder / "var", build=plan.build) as server,
        browser() as desk_http,
        browser() as shop_http,
    ):
        storm = _Storm(plan, server, dovecot, smtp)
        desk = Desk(desk_http, server.url)
        await desk.set_up(server.setup_token())
        await desk.connect_mailbox(dovecot, smtp)
        chat = await desk.connect_widget()
        storm.agent = asyncio.create_task(Agent(desk, storm.ledger).work())
        storm.talking = [
            asyncio.create_task(
                Visitor(shop_http, chat, number, storm.ledger).talk(plan.messages, storm.budget)
            )
            for number in range(plan.visitors)
        ]
        try:
            yield storm
        finally:
            for task in (*storm.talking, storm.agent):
                task.cancel()
            await asyncio.gather(*storm.talking, storm.agent, return_exceptions=True)


def _portions(total: int, number: int) -> list[int]:
    """Split evenly; the remainder goes into the first."""
    share = total // number
    return [total - share * (number - 1), *[share] * (number - 1)]


def _waiting(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT count(*) FROM outbox WHERE state = 'waiting'")
        return bool(found.fetchone()[0])

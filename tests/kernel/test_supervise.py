"""Loops come back after a crash, say how they are, and stop when told."""

import asyncio
import logging

import pytest

from kernel.errors import CenterError, OverloadedError
from kernel.supervise import Supervisor, first_of
from tests.clock import ManualClock


class WrongPasswordError(CenterError):
    """The provider refused the password."""

    code = "bad_credentials"


class Script:
    """A loop that ends as told, one outcome a run, and then runs for ever."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        if not self.outcomes:
            await asyncio.Event().wait()
        outcome = self.outcomes.pop(0)
        if outcome is not None:
            raise outcome


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def _woken(clock: ManualClock, *, seconds: float) -> None:
    clock.advance(seconds=seconds)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_loop_that_crashes_is_started_again(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(RuntimeError("a bug\nwith a second line"))
    async with Supervisor(clock) as supervisor:
        supervisor.keep("script", script.run)
        await clock.until_asleep()
        (waiting,) = supervisor.health()
        await _woken(clock, seconds=1)
        (running,) = supervisor.health()

    assert script.runs == 2
    assert (waiting.state, waiting.error) == ("waiting", "RuntimeError: a bug")
    assert (running.state, running.crashes, running.next_try) == ("running", 1, None)
    assert caplog.messages == ["loop crashed, restarting"]
    caplog.clear()


async def test_a_known_trouble_is_one_warning_without_a_trace(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with Supervisor(clock) as supervisor:
        supervisor.keep("mailbox", Script(CenterError("the server is away")).run)
        await clock.until_asleep()

    assert [(record.levelno, record.exc_info) for record in caplog.records] == [
        (logging.WARNING, None)
    ]


async def test_waits_grow_and_shrink_again_after_a_good_run(clock: ManualClock) -> None:
    waits = []
    script = Script(*[CenterError("away")] * 8)
    async with Supervisor(clock, longest_wait=20) as supervisor:
        supervisor.keep("mailbox", script.run)
        for _ in range(8):
            await clock.until_asleep()
            (health,) = supervisor.health()
            assert health.next_try is not None
            waits.append((health.next_try - clock.now()).total_seconds())
            await _woken(clock, seconds=20)

    for wait, ceiling in zip(waits, [1, 2, 4, 8, 16, 20, 20, 20], strict=True):
        assert ceiling / 2 <= wait <= ceiling


async def test_a_wrong_password_is_not_tried_again_soon(clock: ManualClock) -> None:
    script = Script(WrongPasswordError())
    async with Supervisor(clock, hopeless_wait=600) as supervisor:
        supervisor.keep("mailbox", script.run)
        await clock.until_asleep()
        await _woken(clock, seconds=299)
        (health,) = supervisor.health()

    assert script.runs == 1
    assert (health.state, health.error) == (
        "bad_credentials",
        "The provider refused the password.",
    )


async def test_a_nudged_loop_tries_again_at_once(clock: ManualClock) -> None:
    script = Script(WrongPasswordError())
    async with Supervisor(clock) as supervisor:
        supervisor.keep("mailbox", script.run)
        await clock.until_asleep()

        supervisor.nudge("mailbox")
        await _woken(clock, seconds=0)

        assert script.runs == 2
        assert supervisor.health()[0].state == "running"


async def test_a_dropped_loop_ends_and_its_name_is_free(clock: ManualClock) -> None:
    ended = asyncio.Event()

    async def loop() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with Supervisor(clock) as supervisor:
        supervisor.keep("mailbox", loop)
        await asyncio.sleep(0)
        await supervisor.drop("mailbox")
        await supervisor.drop("mailbox")

        assert ended.is_set()
        assert supervisor.health() == []
        supervisor.keep("mailbox", loop)
        with pytest.raises(ValueError, match="mailbox"):
            supervisor.keep("mailbox", loop)


async def test_leaving_waits_for_a_loop_to_finish_what_it_holds(clock: ManualClock) -> None:
    finished = []

    async def loop() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            finished.append("parcel")

    async with Supervisor(clock) as supervisor:
        supervisor.keep("courier", loop)
        await asyncio.sleep(0)

    assert finished == ["parcel"]


async def test_a_loop_that_will_not_stop_does_not_hold_up_the_others(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError

    async with Supervisor(clock, stop_within=0.05) as supervisor:
        supervisor.keep("stubborn", stubborn)
        await asyncio.sleep(0)

    assert [record.msg for record in caplog.records] == ["loop did not stop in time"]
    let_go.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_first_of_cancels_whoever_is_slower() -> None:
    slow = asyncio.ensure_future(asyncio.Event().wait())

    await first_of(asyncio.sleep(0), slow)

    assert slow.cancelled()


async def test_a_loop_that_misses_the_database_soon_looks_again(clock: ManualClock) -> None:
    script = Script(*[OverloadedError() for _ in range(8)])
    async with Supervisor(clock) as supervisor:
        supervisor.keep("script", script.run)
        for _ in range(8):
            await clock.until_asleep()
            await _woken(clock, seconds=2)

    assert script.runs == 9


async def test_a_long_outage_makes_nobody_wait_longer_for_what_comes_after_it(
    clock: ManualClock,
) -> None:
    script = Script(*[OverloadedError() for _ in range(8)], CenterError("the mail server is away"))
    async with Supervisor(clock) as supervisor:
        supervisor.keep("mailbox", script.run)
        for _ in range(8):
            await clock.until_asleep()
            await _woken(clock, seconds=2)
        await clock.until_asleep()
        (health,) = supervisor.health()
        assert health.next_try is not None
        wait = (health.next_try - clock.now()).total_seconds()

    assert health.error == "the mail server is away"
    assert wait <= 1


async def test_the_tasks_of_a_loop_that_all_miss_the_database_are_no_crash(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def miss() -> None:
        raise OverloadedError

    async def loop() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(miss())
            group.create_task(miss())

    async with Supervisor(clock) as supervisor:
        supervisor.keep("chat", loop)
        await clock.until_asleep()
        (health,) = supervisor.health()

    assert health.error == OverloadedError().message
    assert caplog.messages == ["loop stopped"]

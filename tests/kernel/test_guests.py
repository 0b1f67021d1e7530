"""A parser that hangs, dies or eats costs its own job and nothing else."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.errors import CenterError
from kernel.guests import GuestFailedError, Guests

pytestmark = pytest.mark.slow

MODULE = "tests.kernel.guest_of_tests"


@pytest.fixture
async def guests() -> AsyncIterator[Guests]:
    async with Guests(MODULE, job_seconds=2.0, memory_bytes=512 * 2**20) as guests:
        yield guests


async def test_jobs_are_answered_in_order(guests: Guests) -> None:
    jobs = [b"%d" % number for number in range(500)]

    assert await guests.call(jobs) == jobs


async def test_large_jobs_in_both_directions_do_not_wait_for_each_other(guests: Guests) -> None:
    jobs = [bytes([number]) * 5_000_000 for number in range(6)]

    assert await guests.call(jobs) == jobs


@pytest.mark.parametrize("bad", [b"hang", b"spin", b"die", b"raise", b"refuse", b"eat", b"recurse"])
async def test_a_job_that_breaks_fails_alone(guests: Guests, bad: bytes) -> None:
    first, failed, last = await guests.call([b"before", bad, b"after"])

    assert (first, last) == (b"before", b"after")
    assert isinstance(failed, GuestFailedError)
    assert failed.code == "unreadable"
    assert "secret" not in failed.message


async def test_a_refusal_keeps_its_words(guests: Guests) -> None:
    [refused] = await guests.call([b"refuse"])

    assert isinstance(refused, CenterError)
    assert refused.message == "not like this"


async def test_what_a_library_prints_does_not_reach_us(guests: Guests) -> None:
    assert await guests.call([b"chatter", b"after"]) == [b"chatter", b"after"]


async def test_a_guest_may_not_write_files_and_knows_no_secrets(
    guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTACT_CENTER_SECRET", "s")

    [written, environment, pid] = await guests.call([b"write", b"environment", b"pid"])

    assert isinstance(written, GuestFailedError)
    assert isinstance(environment, bytes)
    assert b"CONTACT_CENTER_SECRET" not in environment
    assert isinstance(pid, bytes)
    Path(f"/tmp/guest-{int(pid)}").unlink(missing_ok=True)


async def test_callers_share_the_pool(guests: Guests) -> None:
    answers = await asyncio.gather(*(guests.call([b"%d" % number]) for number in range(50)))

    assert answers == [[b"%d" % number] for number in range(50)]


async def test_a_cancelled_call_does_not_mix_up_the_next_ones_answers(guests: Guests) -> None:
    call = asyncio.create_task(guests.call([b"one", b"hang", b"three"]))
    await asyncio.sleep(0.5)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)

    assert await guests.call([b"mine"]) == [b"mine"]


async def test_an_idle_guest_is_ended_and_a_new_one_started_when_needed() -> None:
    async with Guests(MODULE, idle_seconds=0.2) as guests:
        [first] = await guests.call([b"pid"])
        assert isinstance(first, bytes)
        await ended(int(first))
        [second] = await guests.call([b"pid"])

    assert first != second


async def test_guests_do_not_outlive_a_killed_parent() -> None:
    program = (
        "import asyncio, os\n"
        "from kernel.guests import Guests\n"
        "async def main():\n"
        f"    async with Guests({MODULE!r}) as guests:\n"
        "        [pid] = await guests.call([b'pid'])\n"
        "        print(pid.decode(), flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env=environment
    )
    output, _ = await parent.communicate()

    await ended(int(output))


async def ended(pid: int) -> None:
    """A process of another parent tells nobody of its end: look until it is gone."""
    async with asyncio.timeout(10):
        while _runs(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _runs(pid: int) -> bool:
    """A zombie that nobody collects yet has ended all the same."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

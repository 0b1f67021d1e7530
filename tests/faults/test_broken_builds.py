"""The kill test has teeth: a center with one classical mistake does not pass it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.storm import Outcome, Plan, rage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]


async def storm(build: str, folder: Path) -> Outcome:
    """The same storm for every build, a small one of the kind that test_kill raises."""
    plan = Plan(
        seed=7,
        visitors=12,
        messages=20,
        mails=60,
        people=20,
        answers=12,
        kills=1,
        crash_points=(
            "courier.after_sending_before_settling",
            # Twice: a batch that holds nothing but mail shows neither mistake.
            *["intake.after_commit_before_ack", "intake.before_commit"] * 2,
        ),
        passes=1,
        build=build,
    )
    outcome = await rage(plan, folder)
    print(json.dumps(asdict(outcome.figures)))
    return outcome


async def test_two_couriers_with_leases_pass(tmp_path: Path) -> None:
    outcome = await storm("two_couriers", tmp_path)

    assert outcome.missed_crash_points == []
    assert outcome.verdict.broken() == [], outcome.verdict
    assert outcome.crashes == []
    assert outcome.verdict.resent <= outcome.figures.kills


async def test_acknowledging_before_the_commit_loses_messages(tmp_path: Path) -> None:
    outcome = await storm("acknowledge_first", tmp_path)

    assert outcome.verdict.lost
    assert outcome.verdict.broken() == ["lost"]


async def test_storing_without_a_unique_key_doubles_messages(tmp_path: Path) -> None:
    outcome = await storm("no_unique_key", tmp_path)

    assert "doubled" in outcome.verdict.broken()
    assert outcome.verdict.lost == []


async def test_carrying_without_a_lease_sends_answers_twice(tmp_path: Path) -> None:
    outcome = await storm("no_lease", tmp_path)

    assert outcome.verdict.resent > outcome.figures.kills
    assert outcome.verdict.lost == []

"""Killed at any moment, the center keeps what it acknowledged, once, in order, and sends it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.crash_points import CRASH_POINTS
from tests.faults.storm import Plan, rage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(700)]

TEN_THOUSAND = Plan(
    seed=20261,
    visitors=64,
    messages=110,
    mails=2_960,
    people=200,
    answers=100,
    kills=25,
    crash_points=CRASH_POINTS,
)


async def test_ten_thousand_contacts_survive_being_killed_at_any_moment(tmp_path: Path) -> None:
    outcome = await rage(TEN_THOUSAND, tmp_path)

    print(json.dumps(asdict(outcome.figures)))
    assert outcome.missed_crash_points == []
    assert outcome.verdict.broken() == [], outcome.verdict
    assert outcome.crashes == []
    assert outcome.figures.chat_acknowledged + outcome.figures.mails == 10_000
    assert outcome.figures.answers > 0
    # Each kill can fall between a mail's sending and its settling: one copy each, never more.
    assert outcome.verdict.resent <= outcome.figures.kills

"""Rehearses one day in a child process, so that the server goes on meanwhile."""

import os
from typing import Final

import msgspec

from routing.forecast.replay import rehearse
from routing.forecast.scenario import Scenario
from routing.forecast.tallies import DayTally

_BEHIND_THE_SERVER: Final = 10


class DayToRehearse(msgspec.Struct, frozen=True):
    """A job: the scenario has been checked."""

    scenario: Scenario
    seed: int


_JOB: Final = msgspec.msgpack.Decoder(DayToRehearse)
_DAY: Final = msgspec.msgpack.Decoder(DayTally)


def as_job(scenario: Scenario, seed: int) -> bytes:
    return msgspec.msgpack.encode(DayToRehearse(scenario, seed))


def handle(job: bytes) -> bytes:
    """Be the child's work: a day to rehearse in, what happened out."""
    os.setpriority(os.PRIO_PROCESS, 0, _BEHIND_THE_SERVER)
    asked = _JOB.decode(job)
    return msgspec.msgpack.encode(rehearse(asked.scenario, asked.seed))


def as_day(answer: bytes) -> DayTally:
    return _DAY.decode(answer)

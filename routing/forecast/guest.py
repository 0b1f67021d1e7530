"""Rehearses days in a child process, so that the server goes on meanwhile."""

import os
from typing import Final

import msgspec

from routing.forecast.replay import rehearse
from routing.forecast.report import Report, report
from routing.forecast.scenario import Scenario
from routing.forecast.tallies import DayTally

_BEHIND_THE_SERVER: Final = 10


class DayToRehearse(msgspec.Struct, frozen=True, tag="day"):
    """A job that is answered by a DayTally; the scenario has been checked."""

    scenario: Scenario
    seed: int


class DaysToReport(msgspec.Struct, frozen=True, tag="report"):
    """A job that is answered by a Report: all days of a scenario, as they were answered."""

    scenario: Scenario
    days: list[msgspec.Raw]


_JOB: Final = msgspec.msgpack.Decoder(DayToRehearse | DaysToReport)
_DAY: Final = msgspec.msgpack.Decoder(DayTally)
_REPORT: Final = msgspec.msgpack.Decoder(Report)


def day_job(scenario: Scenario, seed: int) -> bytes:
    return msgspec.msgpack.encode(DayToRehearse(scenario, seed))


def report_job(scenario: Scenario, days: list[bytes]) -> bytes:
    return msgspec.msgpack.encode(DaysToReport(scenario, [msgspec.Raw(day) for day in days]))


def as_report(answer: bytes) -> Report:
    return _REPORT.decode(answer)


def handle(job: bytes) -> bytes:
    """Be the child's work: rehearse a day, or put days together."""
    os.setpriority(os.PRIO_PROCESS, 0, _BEHIND_THE_SERVER)
    asked = _JOB.decode(job)
    if isinstance(asked, DayToRehearse):
        return msgspec.msgpack.encode(rehearse(asked.scenario, asked.seed))
    return msgspec.msgpack.encode(report(asked.scenario, map(_DAY.decode, asked.days)))

"""Bodies of days that are rehearsed, and the lines that tell how far it is."""

from typing import Annotated

from msgspec import Meta, field

from kernel.limits import NAME_CHARS, REHEARSAL_PAST_DAYS
from routing.forecast.report import Report
from routing.forecast.scenario import Scenario
from web.shapes import Body, View


class DayQuery(Body):
    days: Annotated[int, Meta(ge=1, le=REHEARSAL_PAST_DAYS)] = 14
    timezone: Annotated[str, Meta(min_length=1, max_length=NAME_CHARS)] = "UTC"


class NewRehearsal(Body):
    scenarios: Annotated[list[Scenario], Meta(min_length=1, max_length=2)]


class RehearsalLine(View):
    """One line of the answer: so many days are done; the last line has a report or an error."""

    done: int
    days: int
    reports: list[Report] = field(default_factory=list)
    error: str = ""
    message: str = ""

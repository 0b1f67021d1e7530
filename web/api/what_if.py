"""What if there were two more agents: days to begin with, and their rehearsal, told as it goes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from aiohttp import web

from desk.own_day import own_day
from desk.rehearsal import Progress
from kernel.errors import CenterError, InvalidInputError
from kernel.limits import REHEARSAL_LOOK_SECONDS
from routing.forecast.reading import example_text, read_scenario
from routing.forecast.scenario import Scenario
from web.routes import Call, get, post
from web.what_if_shapes import DayQuery, NewRehearsal, RehearsalLine

SUPERVISE = "queue.supervise"


async def get_example_day(_call: Call) -> Scenario:
    """A made-up day to try things out on"""
    return read_scenario(example_text())


async def get_own_day(call: Call, query: DayQuery) -> Scenario:
    """The center's queues and agents, with the mean of its past days"""
    try:
        zone = ZoneInfo(query.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("no such time zone", field="timezone") from error
    async with call.house.database.reading() as session:
        now = call.house.clock.now()
        return await own_day(session, days=query.days, zone=zone, now=now)


async def post_rehearsal(call: Call, body: NewRehearsal) -> web.StreamResponse:
    """Rehearse one or two days; a line of JSON after each day, and at last the reports"""
    steps = call.house.rehearsals.run(body.scenarios, call.actor.name)
    async with aclosing(steps):
        begun = await anext(steps)
        response = web.StreamResponse(
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        response.content_type = "application/x-ndjson"
        await response.prepare(call.request)
        with suppress(ConnectionError):
            await _tell_all(call.request, response, steps, begun)
    return response


async def _tell_all(
    request: web.Request,
    response: web.StreamResponse,
    steps: AsyncGenerator[Progress, None],
    begun: Progress,
) -> None:
    """Write a line for each step; who hung up has asked for the end of it."""
    at: Progress | None = begun
    while at is not None:
        await _write(response, _line(at))
        if at.reports:
            return
        try:
            at = await _next(request, steps)
        except CenterError as error:
            told = _line(begun)
            told.error, told.message = error.code, error.message
            await _write(response, told)
            return


async def _next(request: web.Request, steps: AsyncGenerator[Progress, None]) -> Progress | None:
    """Return the next step, or None as soon as nobody listens any more."""
    step = asyncio.ensure_future(anext(steps))
    try:
        while not step.done():
            await asyncio.wait([step], timeout=REHEARSAL_LOOK_SECONDS)
            if request.transport is None or request.transport.is_closing():
                return None
        return await step
    finally:
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)


def _line(at: Progress) -> RehearsalLine:
    return RehearsalLine(done=at.done, days=at.days, reports=list(at.reports))


async def _write(response: web.StreamResponse, line: RehearsalLine) -> None:
    await response.write(msgspec.json.encode(line) + b"\n")


ROUTES = [
    get("/what-if/example", get_example_day, SUPERVISE),
    get("/what-if/day", get_own_day, SUPERVISE),
    post("/what-if/rehearsals", post_rehearsal, SUPERVISE),
]

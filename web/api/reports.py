"""Figures of the floor: so far today, by interval, as CSV, and the contacts behind each number."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import InvalidInputError
from kernel.limits import REPORT_CSV_ROWS, REPORT_DAYS
from routing import queries as contacts
from routing import service as routing
from routing.tables import QueueRow
from staff import queries as staff
from supervision import metrics, queries
from supervision.counts import QUARTER, WAITING, AgentCounts, QueueCounts, quarter_of, start_of
from supervision.queries import AgentInterval, Period, QueueInterval
from supervision.tables import VisitRow
from web import views
from web.floor_shapes import (
    AgentIntervalView,
    AgentSoFar,
    FiguresView,
    FloorFiguresView,
    PeriodQuery,
    QueueIntervalView,
    QueueSoFar,
    VisitQuery,
    VisitView,
    WorkFiguresView,
)
from web.routes import Call, get
from web.shapes import ContactView, Page
from web.spreadsheet import as_csv

SUPERVISE = "queue.supervise"
A_QUARTER = 15
MINUTE = "%Y-%m-%dT%H:%M%z"


class SinceQuery(Struct, forbid_unknown_fields=True):
    since: datetime | None = None


async def get_floor_figures(call: Call, query: SinceQuery) -> FloorFiguresView:
    """The figures of every queue and agent since a moment, by default midnight in UTC"""
    now = call.house.clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = start_of(quarter_of(_aware(query.since or midnight, "since")))
    if not now - timedelta(days=REPORT_DAYS) <= since <= now:
        raise InvalidInputError(f"at most {REPORT_DAYS} days ago", field="since")
    await call.house.tally.caught_up(call.house.feed.seq)
    counted_to = call.house.tally.seq
    async with call.house.database.reading() as session:
        totals = await queries.queue_totals(session, since)
        work = await queries.agent_totals(session, since, now)
        members = await routing.members(session)
        return FloorFiguresView(
            since=since,
            counted_to=counted_to,
            queues=[
                QueueSoFar(
                    queue_id=queue.id,
                    figures=await _figures_now(session, queue, totals, since, now),
                    occupancy=metrics.occupancy(
                        sum(
                            (work.get(one, AgentCounts()) for one in members.get(queue.id, ())),
                            AgentCounts(),
                        )
                    ),
                )
                for queue in await routing.list_queues(session)
            ],
            agents=[
                AgentSoFar(agent_id=agent_id, figures=_work(counts))
                for agent_id, counts in sorted(work.items())
            ],
        )


async def _figures_now(
    session: AsyncSession,
    queue: QueueRow,
    totals: Mapping[UUID, QueueCounts],
    since: datetime,
    now: datetime,
) -> FiguresView:
    waits = await queries.still_in_time(
        session,
        queue.id,
        since=since,
        entered_after=now - timedelta(seconds=queue.service_target_seconds),
    )
    return _figures(totals.get(queue.id, QueueCounts()), waits)


async def get_queue_report(call: Call, query: PeriodQuery) -> Page[QueueIntervalView]:
    """Queues by interval and channel; contacts count in the interval in which they came"""
    period = _period(query)
    async with call.house.database.reading() as session:
        rows = await queries.queue_intervals(
            session,
            period,
            queue_id=query.queue_id,
            after=query.cursor,
            limit=query.limit + 1,
        )
        names = await _queue_names(session)
    page = rows[: query.limit]
    following = queries.queue_cursor(page[-1], period) if len(rows) > query.limit else None
    return Page(
        [
            QueueIntervalView(
                start=start_of(one.quarter),
                queue_id=one.queue_id,
                queue=names.get(one.queue_id, ""),
                channel=one.channel,
                figures=_figures(one.counts),
            )
            for one in page
        ],
        following,
    )


async def get_agent_report(call: Call, query: PeriodQuery) -> Page[AgentIntervalView]:
    """Agents by interval; what they finished and the time that passed in it"""
    period = _period(query)
    async with call.house.database.reading() as session:
        rows = await queries.agent_intervals(
            session,
            period,
            agent_id=query.agent_id,
            after=query.cursor,
            limit=query.limit + 1,
        )
        page = rows[: query.limit]
        names = await staff.agent_names(session, {one.agent_id for one in page})
    following = queries.agent_cursor(page[-1], period) if len(rows) > query.limit else None
    return Page(
        [
            AgentIntervalView(
                start=start_of(one.quarter),
                agent_id=one.agent_id,
                agent=names.get(one.agent_id, ""),
                figures=_work(one.counts),
            )
            for one in page
        ],
        following,
    )


async def get_queue_csv(call: Call, query: PeriodQuery) -> web.Response:
    """The same as a table for a spreadsheet"""
    async with call.house.database.reading() as session:
        rows = await queries.queue_intervals(
            session, _period(query), queue_id=query.queue_id, limit=REPORT_CSV_ROWS + 1
        )
        names = await _queue_names(session)
    _few_enough(rows)
    return _sheet(
        "queues",
        ["start", "minutes", "queue", "channel", *_fields(FiguresView)],
        [
            [
                _minute(one.quarter),
                query.interval,
                names.get(one.queue_id, str(one.queue_id)),
                one.channel,
                *_values(_figures(one.counts)),
            ]
            for one in rows
        ],
    )


async def get_agent_csv(call: Call, query: PeriodQuery) -> web.Response:
    """The same as a table for a spreadsheet"""
    async with call.house.database.reading() as session:
        rows = await queries.agent_intervals(
            session, _period(query), agent_id=query.agent_id, limit=REPORT_CSV_ROWS + 1
        )
        names = await staff.agent_names(session, {one.agent_id for one in rows})
    _few_enough(rows)
    return _sheet(
        "agents",
        ["start", "minutes", "agent", *_fields(WorkFiguresView)],
        [
            [
                _minute(one.quarter),
                query.interval,
                names.get(one.agent_id, str(one.agent_id)),
                *_values(_work(one.counts)),
            ]
            for one in rows
        ],
    )


async def list_visits(call: Call, query: VisitQuery) -> Page[VisitView]:
    """The visits to queues that a figure of the period counts, newest first"""
    if query.queue_id is None and query.agent_id is None:
        raise InvalidInputError("name a queue or an agent", field="queue_id")
    statement = queries.visits(
        since=start_of(quarter_of(_aware(query.start, "from"))),
        until=start_of(quarter_of(_aware(query.end, "to"))),
        queue_id=query.queue_id,
        agent_id=query.agent_id,
        channel=query.channel,
        outcome=query.outcome,
        callbacks=query.callbacks,
        after=query.cursor,
    )
    if query.cursor is None:
        # A figure is up to date when it is shown; so are the contacts behind it.
        await call.house.tally.caught_up(call.house.feed.seq)
    async with call.house.database.reading() as session:
        rows = list(await session.scalars(statement.limit(query.limit + 1)))
        page = rows[: query.limit]
        there = await contacts.by_ids(session, [one.contact_id for one in page])
        found = await views.contact_views(session, list(there.values()), reader=call.actor)
        shown = {one.id: one for one in found}
    following = queries.visit_cursor(page[-1]) if len(rows) > query.limit else None
    return Page([_visit(one, shown.get(one.contact_id)) for one in page], following)


def _visit(row: VisitRow, contact: ContactView | None) -> VisitView:
    waited = None if row.left_at is None else (row.left_at - row.entered_at).total_seconds()
    return VisitView(
        id=str(row.seq),
        outcome=row.outcome,  # type: ignore[arg-type]
        queue_id=row.queue_id,
        channel=row.channel,
        entered_at=row.entered_at,
        left_at=row.left_at,
        waited_seconds=None if row.outcome == WAITING else waited,
        within_target=row.within_target,
        callback=row.callback_since is not None,
        agent_id=row.agent_id,
        handle_seconds=row.handle_ms / 1_000,
        contact=contact,
    )


def _period(query: PeriodQuery) -> Period:
    """Return the quarters from the one of `from` up to the one of `to`."""
    first = quarter_of(_aware(query.start, "from"))
    end = quarter_of(_aware(query.end, "to"))
    if not first < end:
        raise InvalidInputError("at least a quarter of an hour after “from”", field="to")
    if end - first > timedelta(days=REPORT_DAYS) // QUARTER:
        raise InvalidInputError(f"at most {REPORT_DAYS} days after “from”", field="to")
    return Period(first=first, end=end, step=query.interval // A_QUARTER)


def _aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInputError("a moment with a time zone", field=field)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInputError("no such moment", field=field) from error


async def _queue_names(session: AsyncSession) -> dict[UUID, str]:
    return {queue.id: queue.name for queue in await routing.list_queues(session)}


def _figures(counts: QueueCounts, still_in_time: int = 0) -> FiguresView:
    of = asdict(counts)
    return FiguresView(
        **{name: of[name] for name in _fields(FiguresView) if name in of},
        waiting=counts.waiting,
        service_level=metrics.service_level(counts, still_in_time=still_in_time),
        asa_seconds=metrics.asa_seconds(counts),
        aht_seconds=metrics.aht_seconds(counts),
        abandon_seconds=metrics.abandon_seconds(counts),
        callback_seconds=metrics.callback_seconds(counts),
    )


def _work(counts: AgentCounts) -> WorkFiguresView:
    return WorkFiguresView(
        answered=counts.answered,
        handled=counts.handled,
        aht_seconds=metrics.aht_seconds(counts),
        occupancy=metrics.occupancy(counts),
        handle_seconds=counts.handle_ms / 1_000,
        busy_seconds=counts.busy_ms / 1_000,
        idle_seconds=counts.idle_ms / 1_000,
        available_seconds=counts.available_ms / 1_000,
        away_seconds=counts.away_ms / 1_000,
    )


def _fields(kind: type[Struct]) -> tuple[str, ...]:
    return kind.__struct_fields__


def _values(view: Struct) -> list[Any]:
    return [getattr(view, name) for name in view.__struct_fields__]


def _minute(quarter: int) -> str:
    return start_of(quarter).strftime(MINUTE)


def _few_enough(rows: list[QueueInterval] | list[AgentInterval]) -> None:
    if len(rows) > REPORT_CSV_ROWS:
        raise InvalidInputError(
            f"more than {REPORT_CSV_ROWS} rows; choose a shorter period or longer intervals",
            field="to",
        )


def _sheet(name: str, head: list[str], rows: list[list[Any]]) -> web.Response:
    return web.Response(
        body=as_csv(head, rows),
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


ROUTES = [
    get("/floor/figures", get_floor_figures, SUPERVISE),
    get("/reports/queues", get_queue_report, SUPERVISE),
    get("/reports/queues.csv", get_queue_csv, SUPERVISE),
    get("/reports/agents", get_agent_report, SUPERVISE),
    get("/reports/agents.csv", get_agent_csv, SUPERVISE),
    get("/reports/visits", list_visits, SUPERVISE),
]

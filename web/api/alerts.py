"""Limits of the floor, and the alerts their crossing raised."""

from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from kernel.cursors import make_cursor
from kernel.errors import InvalidInputError, NotFoundError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from routing import service as routing
from supervision import service
from supervision.tables import AlertRow, ThresholdRow
from web.api.references import check_agents
from web.floor_shapes import AlertView, NewThreshold, ThresholdPatch, ThresholdView
from web.routes import Call, changes_of, delete, get, patch, post
from web.shapes import Cursor, Done, Page

SUPERVISE = "queue.supervise"
MANAGE = "queue.manage"


class AlertQuery(Struct, forbid_unknown_fields=True):
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


async def list_thresholds(call: Call) -> list[ThresholdView]:
    """The limits of every queue"""
    async with call.house.database.reading() as session:
        there = {queue.id for queue in await routing.list_queues(session)}
        rows = await service.list_thresholds(session)
        return [_threshold(row) for row in rows if row.queue_id in there]


async def post_threshold(call: Call, body: NewThreshold) -> ThresholdView:
    """Set a limit; crossing it raises an alert"""
    values = {**msgspec.structs.asdict(body), "mail_to": [str(one) for one in body.mail_to]}
    async with call.house.database.transaction() as session:
        try:
            await routing.find_queue(session, body.queue_id)
        except NotFoundError as error:
            raise InvalidInputError("there is no such queue", field="queue_id") from error
        await check_agents(session, body.mail_to, field="mail_to")
        return _threshold(await service.add_threshold(session, values, call.house.clock.now()))


async def patch_threshold(call: Call, body: ThresholdPatch) -> ThresholdView:
    """Change a limit; an alert of the old one is over"""
    changes = changes_of(body)
    async with call.house.database.transaction() as session:
        row = await service.find_threshold(session, call.id())
        if "mail_to" in changes:
            await check_agents(session, changes["mail_to"], field="mail_to")
            changes["mail_to"] = [str(one) for one in changes["mail_to"]]
        await service.change_threshold(
            session, row, changes, version=body.version, now=call.house.clock.now()
        )
        return _threshold(row)


async def delete_threshold(call: Call) -> Done:
    """Remove a limit; the alerts there were stay listed"""
    async with call.house.database.transaction() as session:
        row = await service.find_threshold(session, call.id())
        await service.remove_threshold(session, row, call.house.clock.now())
    return Done()


async def list_open_alerts(call: Call) -> list[AlertView]:
    """The alerts that last, newest first"""
    async with call.house.database.reading() as session:
        return [_alert(row) for row in await service.open_alerts(session)]


async def list_alerts(call: Call, query: AlertQuery) -> Page[AlertView]:
    """Every alert there was, newest first"""
    async with call.house.database.reading() as session:
        rows = await service.list_alerts(session, after=query.cursor, limit=query.limit + 1)
    page = rows[: query.limit]
    following = make_cursor(page[-1].since, page[-1].id) if len(rows) > query.limit else None
    return Page([_alert(row) for row in page], following)


def _threshold(row: ThresholdRow) -> ThresholdView:
    return ThresholdView(
        id=row.id,
        queue_id=row.queue_id,
        kind=cast("Any", row.kind),
        most=row.most,
        sound=row.sound,
        mail_to=[UUID(one) for one in row.mail_to],
        enabled=row.enabled,
        version=row.version,
    )


def _alert(row: AlertRow) -> AlertView:
    return AlertView(
        id=row.id,
        threshold_id=row.threshold_id,
        queue_id=row.queue_id,
        kind=cast("Any", row.kind),
        most=row.most,
        value=row.value,
        sound=row.sound,
        contact_ids=[UUID(one) for one in row.facts.get("contacts", [])],
        since=row.since,
        until=row.until,
    )


ROUTES = [
    get("/thresholds", list_thresholds, SUPERVISE),
    post("/thresholds", post_threshold, MANAGE, status=201),
    patch("/thresholds/{id}", patch_threshold, MANAGE),
    delete("/thresholds/{id}", delete_threshold, MANAGE),
    get("/alerts", list_alerts, SUPERVISE),
    get("/alerts/open", list_open_alerts, SUPERVISE),
]

"""Connected mailboxes and widgets: made, tried, changed; and what could not be read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from channels import accounts, deliveries, health
from channels.tables import DeliveryRow
from desk import connecting, retiring
from kernel.blobs import blob_key
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from tickets import queries as ticket_queries
from web import views
from web.files import attachment_response
from web.routes import Call, changes_of, delete, get, patch, post
from web.shapes import (
    AccountCheck,
    AccountHealthView,
    AccountPatch,
    AccountRemoved,
    AccountView,
    CheckStepView,
    CheckView,
    DeadLetterView,
    Done,
    NewAccount,
    Page,
    TroubleView,
)


class DeadQuery(Struct, forbid_unknown_fields=True):
    cursor: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


async def list_accounts(call: Call) -> list[AccountView]:
    """Every connected account and how it is doing"""
    async with call.house.database.reading() as session:
        return [views.account_view(row) for row in await accounts.list_accounts(session)]


async def list_health(call: Call) -> list[AccountHealthView]:
    """How every account fares: what waits, what passed in the last day, what went wrong"""
    now = call.house.clock.now()
    async with call.house.database.reading() as session:
        rows = await accounts.list_accounts(session)
        found = await health.figures(session, now)
        shown = {row.id: found.get(row.id, health.NOTHING) for row in rows}
        lost = [one.message_id for each in shown.values() for one in each.troubles]
        places = await ticket_queries.tickets_of_messages(
            session, call.actor, [one for one in lost if one is not None]
        )
    return [_health_view(account_id, one, places, now) for account_id, one in shown.items()]


def _health_view(
    account_id: UUID, found: health.Figures, places: Mapping[UUID, UUID], now: datetime
) -> AccountHealthView:
    facts = {name: getattr(found, name) for name in found.__struct_fields__ if name != "troubles"}
    troubles = [
        TroubleView(
            at=one.at,
            way=one.way,
            words=one.words,
            ticket_id=places.get(one.message_id) if one.message_id else None,
        )
        for one in found.troubles
    ]
    return AccountHealthView(account_id=account_id, at=now, troubles=troubles, **facts)


async def post_account(call: Call, body: NewAccount) -> AccountView:
    """Connect a mailbox or make a widget"""
    async with call.house.database.transaction() as session:
        row = await connecting.connect(
            session,
            call.house.lines,
            call.house.sealer,
            connecting.NewLine(**msgspec.structs.asdict(body)),
            now=call.house.clock.now(),
        )
        return views.account_view(row)


async def patch_account(call: Call, body: AccountPatch) -> AccountView:
    """Change an account; secrets that are left out keep their value"""
    changes = changes_of(body)
    async with call.house.database.transaction() as session:
        row = await accounts.find_account(session, call.id())
        await connecting.change(
            session,
            call.house.lines,
            call.house.sealer,
            row,
            changes,
            version=body.version,
        )
        return views.account_view(row)


async def delete_account(call: Call) -> AccountRemoved:
    """Remove an account; one that was used is archived, and its history stays"""
    async with call.house.database.transaction() as session:
        archived = await retiring.remove(session, call.id(), now=call.house.clock.now())
    return AccountRemoved(archived=archived)


async def check_account(call: Call, body: AccountCheck) -> CheckView:
    """Try settings before they are saved, step by step"""
    steps = await connecting.check(
        call.house.database,
        call.house.lines,
        call.house.sealer,
        kind=body.kind,
        settings=body.settings,
        secret_values=body.secrets,
        account_id=body.account_id,
    )
    shown = [
        CheckStepView(name=step.name, ok=step.ok, detail=step.detail, cure=step.cure)
        for step in steps
    ]
    return CheckView(ok=all(step.ok for step in steps), steps=shown)


async def list_dead_letters(call: Call, query: DeadQuery) -> Page[DeadLetterView]:
    """What could not be read, newest first"""
    async with call.house.database.reading() as session:
        rows = await deliveries.dead_page(session, before=query.cursor, limit=query.limit + 1)
    page = rows[: query.limit]
    items = [_dead_letter(row, name) for row, name in page]
    return Page(items, str(page[-1][0].id) if len(rows) > query.limit else None)


async def replay_dead_letter(call: Call) -> Done:
    """Try once more to read it"""
    await call.house.intake.replay(call.id())
    return Done()


async def get_raw(call: Call) -> web.Response:
    """The raw bytes of a dead letter, to save and look at"""
    async with call.house.database.reading() as session:
        row = await deliveries.find_dead(session, call.id())
    raw = row.raw
    if raw is None:
        raw = await call.house.blobs.read(blob_key(row.blob or ""))
    return attachment_response(raw, name=f"{row.id}.txt", media_type="text/plain")


async def delete_dead_letter(call: Call) -> Done:
    """Forget a dead letter for good"""
    async with call.house.database.transaction() as session:
        await deliveries.find_dead(session, call.id())
        await deliveries.forget_dead(session, call.id())
    return Done()


def _dead_letter(row: DeliveryRow, name: str) -> DeadLetterView:
    return DeadLetterView(
        id=row.id,
        account_id=row.account_id,
        account_name=name,
        external_id=row.external_id,
        received_at=row.received_at,
        attempts=row.attempts,
        error=row.error or "",
        size=len(row.raw) if row.raw is not None else 0,
    )


ROUTES: list[Any] = [
    get("/accounts", list_accounts),
    get("/accounts/health", list_health, "account.manage"),
    post("/accounts", post_account, "account.manage", status=201),
    patch("/accounts/{id}", patch_account, "account.manage"),
    delete("/accounts/{id}", delete_account, "account.manage"),
    post("/accounts/check", check_account, "account.manage"),
    get("/dead-letters", list_dead_letters, "deadletter.manage"),
    post("/dead-letters/{id}/replay", replay_dead_letter, "deadletter.manage"),
    get("/dead-letters/{id}/raw", get_raw, "deadletter.manage"),
    delete("/dead-letters/{id}", delete_dead_letter, "deadletter.manage"),
]

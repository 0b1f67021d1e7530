"""Saved views of tickets: one's own, and those shared with a team or with everybody."""

from typing import cast
from uuid import UUID

from kernel.actor import Actor
from tickets import saved_views
from tickets.tables import SavedViewRow
from web.api.references import check_team
from web.day_shapes import Audience, NewSavedView, SavedViewPatch, SavedViewView
from web.routes import Call, changes_of, delete, get, patch, post
from web.shapes import Done


async def list_views(call: Call) -> list[SavedViewView]:
    """My saved views and those shared with me"""
    async with call.house.database.reading() as session:
        rows = await saved_views.views_for(session, call.actor)
    return [_view(row, call.actor) for row in rows]


async def post_view(call: Call, body: NewSavedView) -> SavedViewView:
    """Keep a view; sharing it needs `view.share`"""
    async with call.house.database.transaction() as session:
        if body.team_id is not None:
            await check_team(session, body.team_id, field="team_id")
        row = await saved_views.create_view(
            session, changes_of(body), actor=call.actor, now=call.house.clock.now()
        )
        return _view(row, call.actor)


async def patch_view(call: Call, body: SavedViewPatch) -> SavedViewView:
    """Change a saved view; one of a colleague that is shared needs `view.share`"""
    async with call.house.database.transaction() as session:
        if isinstance(body.team_id, UUID):
            await check_team(session, body.team_id, field="team_id")
        row = await saved_views.change_view(
            session,
            call.id(),
            changes_of(body),
            actor=call.actor,
            version=body.version,
            now=call.house.clock.now(),
        )
        return _view(row, call.actor)


async def delete_view(call: Call) -> Done:
    """Remove a saved view"""
    async with call.house.database.transaction() as session:
        await saved_views.remove_view(session, call.id(), actor=call.actor)
    return Done()


def _view(row: SavedViewRow, reader: Actor) -> SavedViewView:
    return SavedViewView(
        id=row.id,
        name=row.name,
        owner_id=row.owner_id,
        audience=cast("Audience", row.audience),
        team_id=row.team_id,
        conditions=saved_views.conditions_of(row),
        mine=row.owner_id == reader.agent_id,
        version=row.version,
    )


ROUTES = [
    get("/views", list_views),
    post("/views", post_view, status=201),
    patch("/views/{id}", patch_view),
    delete("/views/{id}", delete_view),
]

"""Who changed which setting when, for who manages the center."""

from kernel.cursors import make_cursor, read_cursor
from kernel.setting_changes import Wanted, list_changes
from staff.queries import agent_names
from web.history_shapes import SettingChangeQuery, SettingChangeView
from web.routes import Call, get
from web.shapes import Page


async def list_setting_changes(call: Call, query: SettingChangeQuery) -> Page[SettingChangeView]:
    """Who changed what when, newest first; secrets are never told"""
    wanted = Wanted(area=query.area, actor_id=query.actor_id, subject_id=query.subject_id)
    after = read_cursor(query.cursor) if query.cursor else None
    async with call.house.database.reading() as session:
        found = await list_changes(session, wanted, after=after, limit=query.limit + 1)
        page = found[: query.limit]
        names = await agent_names(session, [one.actor_id for one in page if one.actor_id])
    items = [
        SettingChangeView(
            id=one.id,
            at=one.at,
            actor_id=one.actor_id,
            actor=names.get(one.actor_id, "") if one.actor_id else "",
            area=one.area,
            subject_id=one.subject_id,
            name=one.name,
            what=one.what,
            changes=one.changes,
        )
        for one in page
    ]
    following = make_cursor(page[-1].at, page[-1].id) if len(found) > query.limit else None
    return Page(items, following)


ROUTES = [get("/setting-changes", list_setting_changes, "center.manage")]

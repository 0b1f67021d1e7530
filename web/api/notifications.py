"""An agent's notifications: the list, what is read, and what tells them in which ways."""

from typing import cast

from desk.notifications import choices as chosen
from desk.notifications import listing
from desk.notifications.choices import USUAL, Choices, Event
from desk.notifications.listing import Listed
from kernel.cursors import make_cursor, read_cursor
from staff.permissions import require_oneself
from web.notification_shapes import (
    NotificationChoices,
    NotificationPage,
    NotificationQuery,
    NotificationView,
    ReadNotifications,
    TicketLink,
    UnreadView,
)
from web.routes import Call, get, post, put


async def list_notifications(call: Call, query: NotificationQuery) -> NotificationPage:
    """What I was told of, newest first; only about what I may see now"""
    after = read_cursor(query.cursor) if query.cursor else None
    async with call.house.database.reading() as session:
        found = await listing.list_notifications(
            session, call.actor, unread=query.unread, after=after, limit=query.limit + 1
        )
        unread = await listing.count_unread(session, call.actor)
    page = found[: query.limit]
    more = len(found) > query.limit
    return NotificationPage(
        items=[_view(one) for one in page],
        next=make_cursor(page[-1].row.at, page[-1].row.id) if more else None,
        unread=unread,
    )


async def post_read(call: Call, body: ReadNotifications) -> UnreadView:
    """Mark notifications as read: these, or all up to a moment"""
    require_oneself(call.actor)
    now = call.house.clock.now()
    async with call.house.database.transaction() as session:
        if body.ids:
            await listing.read_some(session, call.actor, body.ids, now)
        if body.until is not None:
            await listing.read_until(session, call.actor, body.until, now)
        return UnreadView(unread=await listing.count_unread(session, call.actor))


async def get_choices(call: Call) -> NotificationChoices:
    """What tells me, in which ways, and when it is quiet"""
    async with call.house.database.reading() as session:
        found = await chosen.choices_of(session, [call.actor.agent_id])
        known = await chosen.has_chosen(session, call.actor.agent_id)
    return NotificationChoices(chosen=known, choices=found.get(call.actor.agent_id, USUAL))


async def put_choices(call: Call, body: Choices) -> NotificationChoices:
    """Choose what tells me, in which ways, and when it is quiet"""
    require_oneself(call.actor)
    async with call.house.database.transaction() as session:
        await chosen.put_choices(session, call.actor.agent_id, body, call.house.clock.now())
    return NotificationChoices(chosen=True, choices=body)


def _view(one: Listed) -> NotificationView:
    row, link = one.row, None
    if row.ticket_id is not None and one.number is not None:
        link = TicketLink(id=row.ticket_id, number=one.number, subject=one.subject or "")
    return NotificationView(
        id=row.id,
        event=cast("Event", row.event),
        at=row.at,
        read=row.read_at is not None,
        name=row.name,
        detail=row.detail,
        ticket=link,
    )


ROUTES = [
    get("/notifications", list_notifications),
    post("/notifications/read", post_read),
    get("/notification-choices", get_choices),
    put("/notification-choices", put_choices),
]

"""Browsers that an agent is pushed to: how they subscribe, which there are, how they leave."""

from desk.notifications import subscriptions
from desk.notifications.subscriptions import NewSubscription
from desk.tables import PushSubscriptionRow
from kernel.actor import Actor
from kernel.limits import BROWSER_CHARS
from staff.permissions import require_oneself
from web.notification_shapes import NewPushSubscription, PushKeyView, PushSubscriptionView
from web.routes import Call, delete, get, post
from web.shapes import Done


async def get_key(call: Call) -> PushKeyView:
    """The public key that a browser subscribes with"""
    async with call.house.database.reading() as session:
        return PushKeyView(public_key=await subscriptions.public_key(session))


async def list_subscriptions(call: Call) -> list[PushSubscriptionView]:
    """The browsers that I am pushed to"""
    require_oneself(call.actor)
    async with call.house.database.reading() as session:
        rows = await subscriptions.subscriptions_of(session, call.actor.agent_id)
    return [_view(row, call.actor) for row in rows]


async def post_subscription(call: Call, body: NewPushSubscription) -> PushSubscriptionView:
    """Push to this browser, as long as it is signed in"""
    require_oneself(call.actor)
    wanted = NewSubscription(
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        browser=_plain(call.request.headers.get("User-Agent", "")),
    )
    async with call.house.database.transaction() as session:
        row = await subscriptions.subscribe(session, call.actor, wanted, call.house.clock.now())
        return _view(row, call.actor)


async def delete_subscription(call: Call) -> Done:
    """Push to that browser no longer"""
    require_oneself(call.actor)
    async with call.house.database.transaction() as session:
        await subscriptions.unsubscribe(session, call.actor, call.id())
    return Done()


def _plain(text: str) -> str:
    """What a browser calls itself, as far as it can be stored and shown."""
    return text.encode("ascii", "ignore").decode()[:BROWSER_CHARS]


def _view(row: PushSubscriptionRow, actor: Actor) -> PushSubscriptionView:
    return PushSubscriptionView(
        id=row.id,
        browser=row.browser,
        created_at=row.created_at,
        here=row.session_id == actor.session_id,
    )


ROUTES = [
    get("/push", get_key),
    get("/push/subscriptions", list_subscriptions),
    post("/push/subscriptions", post_subscription, status=201),
    delete("/push/subscriptions/{id}", delete_subscription),
]

"""Every route of the API against every kind of caller: what is not yours does not exist.

A route without a row here fails the first test, so a new one cannot be forgotten.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import PASSWORD, DeskApi
from tests.web.world import CANARY, Side, World
from web.routes import API, Route
from web.server import API_ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

Body = Callable[[World], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """What a route asks of its caller, written down apart from the code.

    `of` names the thing in the path; when it belongs to one `side`, the other must not find it.
    """

    needs: str | None = None
    of: str = ""
    side: bool = False
    body: Body | None = None
    public: bool = False
    own: bool = False
    """Oneself: any signed-in browser, but no token that was not made for it."""


def just(**body: Any) -> Body:
    return lambda _: body


def a_reply(_: World) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": "reply", "html": "<p>Hello</p>"}


def a_whisper(_: World) -> dict[str, Any]:
    return {"id": str(uuid4()), "html": "<p>Psst</p>"}


def a_calendar(_: World) -> dict[str, Any]:
    week = [{"weekday": 0, "spans": [{"opens": 0, "closes": 60}]}]
    return {"name": uuid4().hex, "timezone": "UTC", "week": week}


def a_ticket(world: World) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "subject": "x",
        "client_id": world.shared["client"],
        "account_id": world.north.account,
        "recipient": {"handle": "x@client.example"},
        "html": "<p>x</p>",
    }


def an_agent(world: World) -> dict[str, Any]:
    return {
        "name": "Zoe",
        "email": f"{uuid4().hex}@wonder.example",
        "password": PASSWORD,
        "role_id": world.shared["role"],
    }


MANAGE, SUPERVISE, REPLY = "staff.manage", "queue.supervise", "ticket.reply"
CENTER = "center.manage"
VERSION = 10_000
"""Of nothing: a change by it is refused after the caller was let through."""

SOME_PART = str(uuid4())
A_FLOW = {"start": "over", "nodes": [{"id": "over", "kind": "hang_up"}]}
NO_CONDITIONS = {"kind": "group", "match": "all", "rules": []}

ROWS = {
    "GET /setup": Row(public=True),
    "POST /setup": Row(
        public=True,
        body=just(token="x", name="Eve", email="eve@evil.example", password=PASSWORD),
    ),
    "GET /setting-changes": Row(CENTER),
    "GET /center": Row(CENTER),
    "PATCH /center": Row(CENTER, body=just()),
    "POST /samples": Row(CENTER),
    "DELETE /samples": Row(CENTER),
    "POST /session": Row(public=True, body=just(email="eve@evil.example", password="wrong")),
    "GET /session": Row(),
    "DELETE /session": Row(own=True),
    "PATCH /me": Row(own=True, body=just()),
    "GET /sessions": Row(own=True),
    "DELETE /sessions/{id}": Row(own=True, of="session", side=True),
    "GET /tokens": Row(own=True),
    "POST /tokens": Row("token.own", body=just(name="x", scopes=[])),
    "DELETE /tokens/{id}": Row(own=True, of="token", side=True),
    "PUT /presence": Row(body=just(state="available")),
    "GET /presence": Row(),
    "PUT /agents/{id}/presence": Row("presence.force", "agent", body=just(state="available")),
    "GET /agents": Row(),
    "POST /agents": Row(MANAGE, body=an_agent),
    "PATCH /agents/{id}": Row(MANAGE, "agent", body=just(version=VERSION)),
    "GET /teams": Row(),
    "POST /teams": Row(MANAGE, body=lambda _: {"name": uuid4().hex}),
    "PATCH /teams/{id}": Row(MANAGE, "team", body=just()),
    "DELETE /teams/{id}": Row(MANAGE, "team"),
    "GET /permissions": Row(MANAGE),
    "GET /roles": Row(),
    "POST /roles": Row(MANAGE, body=lambda _: {"name": uuid4().hex, "permissions": []}),
    "PATCH /roles/{id}": Row(MANAGE, "role", body=just()),
    "DELETE /roles/{id}": Row(MANAGE, "role"),
    "GET /clients": Row(),
    "POST /clients": Row("client.edit", body=just(name="x")),
    "GET /clients/{id}": Row(of="client"),
    "PATCH /clients/{id}": Row("client.edit", "client", body=just(version=VERSION, name="x")),
    "GET /clients/{id}/timeline": Row(of="client"),
    "GET /clients/{id}/ways": Row(REPLY, "client"),
    "POST /clients/{id}/notes": Row("client.edit", "client", body=just(text="x")),
    "GET /clients/{id}/likely": Row(of="client"),
    "POST /clients/{id}/unlike": Row(
        "client.merge", "client", body=lambda _: {"other_id": str(uuid4())}
    ),
    "POST /clients/{id}/merge": Row(
        "client.merge", "client", body=lambda _: {"source_id": str(uuid4())}
    ),
    "POST /merges/{id}/undo": Row("client.merge", "merge"),
    "GET /tickets": Row(),
    "GET /tickets/counts": Row(),
    "POST /tickets/changes": Row(
        "ticket.change", body=lambda _: {"changes": [{"id": str(uuid4()), "status": "open"}]}
    ),
    "PUT /tickets/{id}/read": Row(
        None, "ticket", side=True, body=lambda _: {"message_id": str(uuid4())}
    ),
    "DELETE /tickets/{id}/read": Row(None, "ticket", side=True),
    "PUT /tickets/{id}/snooze": Row("ticket.change", "ticket", side=True, body=just()),
    "DELETE /tickets/{id}/snooze": Row("ticket.change", "ticket", side=True),
    "GET /notifications": Row(),
    "POST /notifications/read": Row(own=True, body=just()),
    "GET /push": Row(),
    "GET /push/subscriptions": Row(own=True),
    "POST /push/subscriptions": Row(
        own=True, body=just(endpoint="http://x", keys={"p256dh": "x", "auth": "x"})
    ),
    "DELETE /push/subscriptions/{id}": Row(own=True),
    "GET /notification-choices": Row(),
    "PUT /notification-choices": Row(own=True, body=just()),
    "GET /views": Row(),
    "POST /views": Row(body=just(name="x", conditions=NO_CONDITIONS)),
    "PATCH /views/{id}": Row(body=just(version=VERSION)),
    "DELETE /views/{id}": Row(),
    "POST /tickets": Row(REPLY, body=a_ticket),
    "GET /tickets/{id}": Row(None, "ticket", side=True),
    "PATCH /tickets/{id}": Row("ticket.change", "ticket", side=True, body=just(version=VERSION)),
    "GET /tickets/{id}/history": Row(None, "ticket", side=True),
    "GET /tickets/{id}/messages": Row(None, "ticket", side=True),
    "POST /tickets/{id}/messages": Row(REPLY, "ticket", side=True, body=a_reply),
    "GET /tickets/{id}/reply-plan": Row(None, "ticket", side=True),
    "POST /tickets/{id}/preview": Row(REPLY, "ticket", side=True, body=just(html="x")),
    "GET /tickets/{id}/draft": Row(None, "ticket", side=True),
    "PUT /tickets/{id}/draft": Row(None, "ticket", side=True, body=just(html="x")),
    "DELETE /tickets/{id}/draft": Row(None, "ticket", side=True),
    "GET /tickets/{id}/suggestions": Row(None, "ticket", side=True),
    "PUT /tickets/{id}/articles/{article_id}": Row(REPLY, "ticket", side=True),
    "DELETE /tickets/{id}/articles/{article_id}": Row(REPLY, "ticket", side=True),
    "POST /messages/{id}/undo": Row(REPLY, "answer", side=True),
    "POST /messages/{id}/retry": Row(REPLY, "answer", side=True),
    "GET /messages/{id}/html": Row(None, "message", side=True),
    "POST /uploads": Row(REPLY),
    "DELETE /uploads/{id}": Row(None, "upload", side=True),
    "GET /attachments/{id}": Row(None, "attachment", side=True),
    "GET /work": Row(),
    "POST /offers/{id}/accept": Row(REPLY, "offer", side=True),
    "POST /offers/{id}/decline": Row(REPLY, "offer", side=True),
    "GET /contacts": Row(),
    "POST /contacts/{id}/take": Row(REPLY, "contact", side=True),
    "POST /contacts/{id}/assign": Row(
        SUPERVISE, "contact", body=lambda _: {"agent_id": str(uuid4())}
    ),
    "POST /contacts/{id}/move": Row(
        REPLY, "contact", side=True, body=lambda world: {"queue_id": world.north.queue}
    ),
    "POST /contacts/{id}/requeue": Row(REPLY, "contact", side=True),
    "POST /contacts/{id}/close": Row(REPLY, "contact", side=True),
    "GET /contacts/{id}/why": Row(None, "contact", side=True),
    "POST /contacts/changes": Row(
        SUPERVISE, body=lambda _: {"contact_ids": [str(uuid4())], "do": "requeue"}
    ),
    "POST /contacts/{id}/bump": Row(SUPERVISE, "contact"),
    "POST /contacts/{id}/pin": Row(SUPERVISE, "contact", body=just()),
    "GET /contacts/{id}/estimate": Row(None, "contact", side=True),
    "POST /contacts/{id}/callback": Row(
        REPLY, "contact", side=True, body=just(due_at="2000-01-01T00:00:00Z")
    ),
    "GET /callbacks": Row(),
    "DELETE /callbacks/{id}": Row(REPLY),
    "GET /calls": Row(),
    "GET /calls/mine": Row(),
    "POST /calls/browser": Row(own=True),
    "GET /calls/{id}": Row(),
    "POST /calls": Row(REPLY, body=lambda _: {"client_id": str(uuid4())}),
    "POST /calls/{id}/hold": Row(REPLY, body=just(on=True)),
    "POST /calls/{id}/mute": Row(REPLY, body=just(on=True)),
    "POST /calls/{id}/keys": Row(REPLY, body=just(digits="1")),
    "POST /calls/{id}/consult": Row(REPLY, body=just(number="+380441234567")),
    "POST /calls/{id}/hand-over": Row(REPLY),
    "POST /calls/{id}/return": Row(REPLY),
    "POST /calls/{id}/transfer": Row(REPLY, body=just(number="+380441234567")),
    "POST /calls/{id}/parties": Row(REPLY, body=just(number="+380441234567")),
    "DELETE /calls/{id}/parties/{leg_id}": Row(REPLY),
    "POST /calls/{id}/recording": Row(REPLY, body=just(what="start")),
    "POST /calls/{id}/hang-up": Row(REPLY),
    "POST /calls/{id}/beside": Row("contact.listen", body=just(mode="listen")),
    "POST /calls/{id}/away": Row(),
    "GET /calls/{id}/recordings/{recording_id}": Row("recording.listen"),
    "GET /calls/{id}/recordings/{recording_id}/heard": Row(SUPERVISE),
    "GET /accounts/{id}/flow": Row("account.manage"),
    "PUT /accounts/{id}/flow": Row("account.manage", body=just(version=0, flow=A_FLOW)),
    "POST /accounts/{id}/flow/check": Row("account.manage", body=just(flow=A_FLOW)),
    "POST /accounts/{id}/flow/try": Row("account.manage", body=just(flow=A_FLOW)),
    "POST /accounts/{id}/flow/try-written": Row("account.manage", body=just(flow=A_FLOW)),
    "POST /contacts/{id}/read-along": Row("contact.listen", "contact"),
    "POST /contacts/{id}/join": Row("contact.join", "contact"),
    "POST /contacts/{id}/whisper": Row("contact.listen", "contact", body=a_whisper),
    "POST /contacts/{id}/leave": Row(None, "contact", side=True),
    "POST /contacts/{id}/wrap-up": Row(REPLY, "contact", side=True),
    "POST /contacts/{id}/finish": Row(REPLY, "contact", side=True, body=just()),
    "GET /floor": Row(SUPERVISE),
    "GET /floor/figures": Row(SUPERVISE),
    "GET /floor/lost": Row(SUPERVISE),
    "GET /reports/queues": Row(SUPERVISE),
    "GET /reports/queues.csv": Row(SUPERVISE),
    "GET /reports/agents": Row(SUPERVISE),
    "GET /reports/agents.csv": Row(SUPERVISE),
    "GET /reports/visits": Row(SUPERVISE),
    "GET /thresholds": Row(SUPERVISE),
    "POST /thresholds": Row(
        "queue.manage", body=lambda _: {"queue_id": str(uuid4()), "kind": "lost"}
    ),
    "PATCH /thresholds/{id}": Row("queue.manage", body=just(version=VERSION)),
    "DELETE /thresholds/{id}": Row("queue.manage"),
    "GET /alerts": Row(SUPERVISE),
    "GET /alerts/open": Row(SUPERVISE),
    "GET /what-if/example": Row(SUPERVISE),
    "GET /what-if/day": Row(SUPERVISE),
    "POST /what-if/rehearsals": Row(SUPERVISE, body=just(scenarios=[])),
    "GET /queues": Row(),
    "POST /queues": Row("queue.manage", body=lambda _: {"name": uuid4().hex}),
    "PATCH /queues/{id}": Row("queue.manage", "queue", body=just(version=VERSION)),
    "DELETE /queues/{id}": Row("queue.manage", "queue"),
    "GET /queues/{id}/rules": Row("queue.manage", "queue"),
    "PUT /queues/{id}/rules": Row("queue.manage", "queue", body=just(version=VERSION, rules={})),
    "POST /queues/{id}/rules/preview": Row(
        "queue.manage", "queue", body=just(version=VERSION, rules={})
    ),
    "GET /skills": Row(),
    "POST /skills": Row("queue.manage", body=lambda _: {"name": uuid4().hex}),
    "PATCH /skills/{id}": Row("queue.manage", body=just(version=VERSION)),
    "DELETE /skills/{id}": Row("queue.manage"),
    "GET /calendars": Row(),
    "POST /calendars": Row("queue.manage", body=a_calendar),
    "PATCH /calendars/{id}": Row("queue.manage", body=just(version=VERSION)),
    "DELETE /calendars/{id}": Row("queue.manage"),
    "GET /routing-profiles": Row("queue.manage"),
    "POST /routing-profiles": Row("queue.manage", body=lambda _: {"name": uuid4().hex}),
    "PATCH /routing-profiles/{id}": Row("queue.manage", body=just(version=VERSION)),
    "DELETE /routing-profiles/{id}": Row("queue.manage"),
    "GET /dispositions": Row(),
    "POST /dispositions": Row("queue.manage", body=lambda _: {"name": uuid4().hex}),
    "PATCH /dispositions/{id}": Row("queue.manage", body=just(version=VERSION)),
    "GET /agent-routing": Row("queue.manage"),
    "PUT /agents/{id}/routing": Row("queue.manage", body=just(skills=[])),
    "GET /canned-replies": Row(),
    "POST /canned-replies": Row(
        "canned.manage", body=lambda _: {"shortcut": uuid4().hex, "title": "x", "html": "x"}
    ),
    "PATCH /canned-replies/{id}": Row("canned.manage", "canned", body=just(version=VERSION)),
    "DELETE /canned-replies/{id}": Row("canned.manage"),
    "GET /canned-replies/{id}/render": Row(None, "canned", side=True),
    "GET /search": Row(),
    "GET /articles": Row(),
    "POST /articles": Row(
        "kb.edit",
        body=just(texts=[{"locale": "en", "title": "x", "markdown": "x"}]),
    ),
    "GET /articles/{id}": Row(of="article"),
    "PATCH /articles/{id}": Row("kb.edit", "article", body=just(version=VERSION)),
    "DELETE /articles/{id}": Row("kb.publish"),
    "GET /articles/{id}/revisions": Row("kb.edit", "article"),
    "GET /categories": Row(),
    "POST /categories": Row("kb.edit", body=just(names={"en": "x"})),
    "PATCH /categories/{id}": Row("kb.edit", "category", body=just(names={"en": "x"})),
    "DELETE /categories/{id}": Row("kb.edit"),
    "GET /accounts": Row(),
    "GET /accounts/health": Row("account.manage"),
    "POST /accounts": Row(
        "account.manage", body=lambda _: {"kind": "webchat", "name": "x", "settings": {"no": 1}}
    ),
    "PATCH /accounts/{id}": Row("account.manage", "account", body=just(version=VERSION)),
    "DELETE /accounts/{id}": Row("account.manage"),
    "POST /widgets/preview": Row("account.manage", body=just(settings={"no": 1})),
    "POST /accounts/check": Row(
        "account.manage", body=just(kind="webchat", settings={"no": 1}, secrets={})
    ),
    "POST /accounts/{id}/templates/refresh": Row(REPLY),
    "GET /templates": Row(REPLY),
    "GET /dead-letters": Row("deadletter.manage"),
    "POST /dead-letters/{id}/replay": Row("deadletter.manage", "dead"),
    "GET /dead-letters/{id}/raw": Row("deadletter.manage", "dead"),
    "DELETE /dead-letters/{id}": Row("deadletter.manage"),
}
A_DAY = {"from": "2030-01-07T00:00:00Z", "to": "2030-01-08T00:00:00Z"}
QUERY = {
    "GET /reports/queues": A_DAY,
    "GET /reports/queues.csv": A_DAY,
    "GET /reports/agents": A_DAY,
    "GET /reports/agents.csv": A_DAY,
    "GET /reports/visits": {**A_DAY, "queue_id": str(uuid4())},
    "GET /search": {"q": "parcel"},
    "POST /uploads": {"name": "x.txt"},
}
NOT_YOURS = {
    "POST /offers/{id}/accept": 409,
    "POST /offers/{id}/decline": 409,
    "DELETE /uploads/{id}": 200,
    "DELETE /tickets/{id}/draft": 200,
}
"""What is answered instead of 404: an offer that does not ring here is over; gone is gone."""
LEFT_OUT = frozenset({"DELETE /session"})
"""Would end what other tests still need."""

AGENT = {REPLY, "ticket.change", "client.edit", "client.merge", "kb.edit", "token.own"}
SUPERVISOR = AGENT | {
    SUPERVISE,
    "contact.listen",
    "contact.join",
    "recording.listen",
    "queue.manage",
    "presence.force",
    "deadletter.manage",
    "canned.manage",
    "kb.publish",
}
ADMINISTRATOR = SUPERVISOR | {MANAGE, CENTER, "account.manage"}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def some_id(_: Row) -> str:
    return str(uuid4())


def id_at(side: Side) -> Callable[[Row], str]:
    return lambda row: side.ids[row.of]


async def ask(
    world: World,
    who: DeskApi,
    route: Route,
    *,
    named: Callable[[Row], str] = some_id,
    token: str | None = None,
    article: str | None = None,
) -> tuple[int, bytes]:
    """Call a route as somebody, on the thing that `named` returns; return status and body."""
    row = ROWS[name_of(route)]
    path = API + route.path
    if "{id}" in path:
        path = path.replace("{id}", named(row))
    path = path.replace("{article_id}", article or world.shared["article"])
    for part in ("{leg_id}", "{recording_id}"):
        path = path.replace(part, SOME_PART)
    headers = {"Origin": who.center.house.options.public_url}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    options: dict[str, Any] = {"params": QUERY.get(name_of(route), {})}
    if name_of(route).endswith("/render"):
        options["params"] = {"ticket_id": world.north.ids["ticket"]}
    if row.body is not None:
        options["json"] = row.body(world)
    elif name_of(route) == "POST /uploads":
        options["data"] = b"x"
    status, _, body = await who.raw(route.method, path, headers=headers, **options)
    return status, body


def code_of(body: bytes) -> str:
    return str(json.loads(body)["error"])


async def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {name_of(route) for route in API_ROUTES} == set(ROWS)


@pytest.mark.parametrize("token", [None, "", "x", "\u00e9".encode().hex()])
async def test_who_is_not_signed_in_gets_nothing(world: World, token: str | None) -> None:
    wrong = []
    async with DeskApi(world.admin.url, world.admin._origin, world.center) as stranger:
        for route in API_ROUTES:
            status, body = await ask(world, stranger, route, token=token)
            if ROWS[name_of(route)].public:
                assert status in {200, 401, 404}, name_of(route)
            elif (status, code_of(body)) != (401, "sign_in_required"):
                wrong.append((name_of(route), status))
    assert wrong == []


async def test_a_role_reaches_exactly_the_routes_of_its_permissions(world: World) -> None:
    wrong = []
    for who, granted in (
        (world.north.agent, AGENT),
        (world.supervisor, SUPERVISOR),
        (world.admin, ADMINISTRATOR),
    ):
        for route in API_ROUTES:
            if name_of(route) in LEFT_OUT:
                continue
            needs = ROWS[name_of(route)].needs
            status, body = await ask(world, who, route)
            refused = status == 403
            if refused != (needs is not None and needs not in granted) or status >= 500:
                wrong.append((name_of(route), who.me["agent"]["name"], status, body[:200]))
    assert wrong == []


async def test_a_token_without_scopes_changes_nothing_and_is_not_its_owner(world: World) -> None:
    wrong = []
    async with DeskApi(world.admin.url, world.admin._origin, world.center) as program:
        for route in API_ROUTES:
            row = ROWS[name_of(route)]
            if row.public or name_of(route) in LEFT_OUT:
                continue
            status, body = await ask(world, program, route, token=world.token)
            if (status == 403) != (row.needs is not None or row.own) or status >= 500:
                wrong.append((name_of(route), status, body[:200]))
    assert wrong == []


async def test_what_belongs_to_another_team_does_not_exist(world: World) -> None:
    """Foreign and never existing are the same bytes, and nothing happens to the foreign thing."""
    before = await _everything_of(world.south)
    differing: list[object] = []
    for route in API_ROUTES:
        row = ROWS[name_of(route)]
        if not row.side:
            continue
        foreign = await ask(world, world.north.agent, route, named=id_at(world.south))
        missing = await ask(world, world.north.agent, route)
        if foreign != missing or CANARY.encode() in foreign[1]:
            differing.append((name_of(route), foreign, missing))
        if foreign[0] != NOT_YOURS.get(name_of(route), 404):
            differing.append((name_of(route), foreign, "not refused as it should be"))
    assert differing == []
    assert await _everything_of(world.south) == before


async def test_what_belongs_to_ones_team_is_there(world: World) -> None:
    missing = []
    for route in API_ROUTES:
        row = ROWS[name_of(route)]
        if not row.side or route.method != "GET":
            continue
        status, _ = await ask(world, world.north.agent, route, named=id_at(world.north))
        if status != 200:
            missing.append((name_of(route), status))
    assert missing == []


async def test_a_foreign_ticket_is_not_rendered_into_a_canned_answer(world: World) -> None:
    canned = world.north.ids["canned"]
    answers = [
        await world.north.agent.raw(
            "GET", f"{API}/canned-replies/{canned}/render", params={"ticket_id": ticket_id}
        )
        for ticket_id in (world.south.ids["ticket"], str(uuid4()))
    ]

    assert [status for status, _, _ in answers] == [404, 404]
    assert answers[0][2] == answers[1][2]


async def _everything_of(side: Side) -> list[Any]:
    """What the side's agent sees of all that could have been touched."""
    ids, agent = side.ids, side.agent
    return [
        await agent.get(f"tickets/{ids['ticket']}"),
        await agent.get(f"tickets/{ids['ringing_ticket']}"),
        await agent.get(f"tickets/{ids['ticket']}/draft"),
        await agent.get(f"tickets/{ids['ticket']}/history"),
        [one["id"] for one in (await agent.get("work"))["offers"]],
        [one["id"] for one in await agent.get("sessions")],
        [one["id"] for one in await agent.get("tokens")],
        (await agent.raw("GET", f"{API}/attachments/{ids['upload']}"))[0],
    ]

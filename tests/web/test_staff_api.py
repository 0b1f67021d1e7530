"""Staff over HTTP: cookies, the first account, one's own keys, and the roles' limits."""

from http.cookies import SimpleCookie
from typing import Any

import pytest

from tests.desk_api import PASSWORD, DeskApi, RefusedError

NEW_PASSWORD = "another four plain words"


def _another(desk: DeskApi) -> DeskApi:
    """A browser or program of its own, signed in nowhere."""
    return DeskApi(desk.url, desk.center.house.options.public_url, desk.center)


async def _sign_in_raw(desk: DeskApi, cookie: str = "") -> SimpleCookie:
    """Sign Olena in as a browser that may bring a cookie of its own; return what it is given."""
    status, headers, _ = await desk.raw(
        "POST",
        "/api/v1/session",
        json={"email": "olena@wonder.example", "password": PASSWORD},
        headers={"Origin": desk.center.house.options.public_url}
        | ({"Cookie": f"cc_session={cookie}"} if cookie else {}),
    )
    assert status == 200
    return SimpleCookie(headers["Set-Cookie"])


async def _asked_with_token(desk: DeskApi, token: str, path: str = "session") -> tuple[int, bytes]:
    status, _, body = await desk.raw(
        "GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}
    )
    return status, body


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    desk: DeskApi,
) -> None:
    cookie = (await _sign_in_raw(desk))["cc_session"]

    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/")
    assert not cookie["domain"]
    assert len(cookie.value) == 43


async def test_a_cookie_planted_before_signing_in_is_not_the_one_after(desk: DeskApi) -> None:
    first = (await _sign_in_raw(desk))["cc_session"].value

    second = (await _sign_in_raw(desk, cookie=first))["cc_session"].value

    assert second != first


async def test_after_the_first_account_there_is_no_setup(desk: DeskApi) -> None:
    body = {"token": "x", "name": "Eve", "email": "eve@evil.example", "password": PASSWORD}

    with pytest.raises(RefusedError) as refused:
        await desk.post("setup", body)

    assert refused.value.status == 404
    assert await desk.get("setup") == {"needed": False}


async def test_signing_out_ends_the_session_at_once(desk: DeskApi) -> None:
    await desk.delete("session")

    with pytest.raises(RefusedError) as refused:
        await desk.get("session")

    assert refused.value.status == 401


async def test_wrong_passwords_and_unknown_people_get_the_same_answer(desk: DeskApi) -> None:
    answers = []
    for email in ("olena@wonder.example", "nobody@wonder.example"):
        status, headers, body = await desk.raw(
            "POST",
            "/api/v1/session",
            json={"email": email, "password": "wrong"},
            headers={"Origin": desk.center.house.options.public_url},
        )
        answers.append((status, sorted(set(headers) - {"Date"}), body))

    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_a_new_password_ends_other_sessions_and_keeps_this_one(desk: DeskApi) -> None:
    async with _another(desk) as elsewhere:
        await elsewhere.sign_in("olena@wonder.example")

        me = await desk.patch("me", {"old_password": PASSWORD, "new_password": NEW_PASSWORD})

        assert (await desk.get("session"))["session_id"] == me["session_id"]
        with pytest.raises(RefusedError) as refused:
            await elsewhere.get("session")
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"old_password": "wrong", "new_password": NEW_PASSWORD}, "old_password"),
        ({"new_password": NEW_PASSWORD}, "old_password"),
        ({"old_password": PASSWORD, "new_password": "a" * 20}, "new_password"),
    ],
)
async def test_a_new_password_needs_the_old_one_and_is_not_a_poor_one(
    desk: DeskApi, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        await desk.patch("me", body)

    assert (refused.value.status, refused.value.field) == (422, field)


async def test_a_token_works_within_its_scopes_and_dies_when_revoked(desk: DeskApi) -> None:
    made = await desk.post("tokens", {"name": "reports", "scopes": ["ticket.reply"]})
    async with _another(desk) as program:
        inside, _ = await _asked_with_token(program, made["token"])
        beyond, _ = await _asked_with_token(program, made["token"], "sessions")
        await desk.delete(f"tokens/{made['id']}")
        after, _ = await _asked_with_token(program, made["token"])

    assert (inside, beyond, after) == (200, 403, 401)


async def test_a_live_screen_ends_with_its_session(desk: DeskApi) -> None:
    async with _another(desk) as elsewhere:
        await elsewhere.sign_in("olena@wonder.example")
        async with elsewhere.live() as live:
            await desk.delete(f"sessions/{elsewhere.me['session_id']}")

            message = await live.socket.receive(timeout=5)
            while message.type.name == "TEXT":
                message = await live.socket.receive(timeout=5)

            assert message.data == 4001


async def test_a_plain_agent_administers_nothing(desk: DeskApi) -> None:
    roles = {one["name"]: one["id"] for one in await desk.get("roles")}
    async with desk.colleague() as ivan:
        for method, path, body in (
            (
                "POST",
                "agents",
                {
                    "name": "X",
                    "email": "x@x.example",
                    "password": PASSWORD,
                    "role_id": roles["administrator"],
                },
            ),
            (
                "PATCH",
                f"agents/{ivan.me['agent']['id']}",
                {"version": 1, "role_id": roles["administrator"]},
            ),
            ("PATCH", f"agents/{desk.me['agent']['id']}", {"version": 1, "password": PASSWORD}),
            ("PUT", f"agents/{desk.me['agent']['id']}/presence", {"state": "offline"}),
            ("POST", "teams", {"name": "Mine"}),
            ("POST", "roles", {"name": "Mine", "permissions": []}),
            ("POST", "tokens", {"name": "x", "scopes": ["staff.manage"]}),
        ):
            with pytest.raises(RefusedError) as refused:
                await ivan.call(method, path, body)
            assert refused.value.status == 403, path


async def test_a_deactivated_colleague_is_out_at_once(desk: DeskApi) -> None:
    async with desk.colleague() as ivan:
        agent = ivan.me["agent"]

        await desk.patch(f"agents/{agent['id']}", {"version": agent["version"], "active": False})

        with pytest.raises(RefusedError) as gone:
            await ivan.get("session")
        with pytest.raises(RefusedError) as again:
            await ivan.sign_in(agent["email"])
    assert (gone.value.status, again.value.status) == (401, 401)


async def test_a_supervisor_sets_the_presence_of_others_and_screens_are_told(
    desk: DeskApi,
) -> None:
    async with desk.colleague() as ivan, ivan.live() as live:
        agent_id = ivan.me["agent"]["id"]

        await desk.put(f"agents/{agent_id}/presence", {"state": "away", "reason": "lunch"})

        told = await live.next("PresenceChanged", agent_id=agent_id)
        assert (told["data"]["state"], told["data"]["reason"]) == ("away", "lunch")
        assert told["actor_id"] == desk.me["agent"]["id"]


async def test_teams_and_roles_are_made_changed_and_removed(desk: DeskApi) -> None:
    team = await desk.post("teams", {"name": "Sales"})
    role = await desk.post("roles", {"name": "Writers", "permissions": ["kb.edit"]})

    team = await desk.patch(f"teams/{team['id']}", {"member_ids": [desk.me["agent"]["id"]]})
    role = await desk.patch(f"roles/{role['id']}", {"permissions": ["kb.edit", "kb.publish"]})
    agents = await desk.get("agents")
    await desk.delete(f"teams/{team['id']}")
    await desk.delete(f"roles/{role['id']}")

    assert agents[0]["team_ids"] == [team["id"]]
    assert role["permissions"] == ["kb.edit", "kb.publish"]
    assert await desk.get("teams") == []
    assert {one["builtin"] for one in await desk.get("roles")} == {True}


async def test_a_team_that_a_queue_opens_tickets_for_stays(desk: DeskApi) -> None:
    team = await desk.post("teams", {"name": "Sales"})
    queue = await desk.post("queues", {"name": "Orders", "team_id": team["id"]})

    with pytest.raises(RefusedError) as refused:
        await desk.delete(f"teams/{team['id']}")
    await desk.delete(f"queues/{queue['id']}")
    await desk.delete(f"teams/{team['id']}")

    assert refused.value.status == 409
    assert await desk.get("teams") == []

"""The live socket: who may open it, what it says, and that rights end where they end."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from kernel.entries import Noted
from kernel.limits import (
    LIVE_QUEUE_EVENTS,
    LIVE_REPLAY_EVENTS,
    LIVE_TICKETS_SHOWN,
    VANISHED_AFTER,
)
from staff.presence import set_presence
from tests.clock import ManualClock
from tests.desk.scripted import mail
from tests.desk_api import DeskApi, Live, RefusedError
from tests.web.world import World
from web.live import RESYNC, SIGNED_OUT, Hub
from web.session import COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def closed_with(live: Live) -> int | None:
    """Read what is left to say and return the code with which the server hangs up."""
    message = await live.socket.receive(timeout=5)
    while message.type is aiohttp.WSMsgType.TEXT:
        message = await live.socket.receive(timeout=5)
    # The word that was sent: the library forgets it when its own answer finds the line closed.
    if message.type is aiohttp.WSMsgType.CLOSE:
        return int(message.data)
    return live.socket.close_code


async def patched(world: World, who: DeskApi, **changes: Any) -> None:
    agent_id = who.me["agent"]["id"]
    agents = {one["id"]: one for one in await world.admin.get("agents")}
    await world.admin.patch(
        f"agents/{agent_id}", {"version": agents[agent_id]["version"], **changes}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "https://evil.example", "Authorization": "Basic eDp5"},
        {"Origin": "null", "Authorization": "Bearer"},
    ],
)
async def test_another_site_opens_no_socket_with_our_cookie(
    world: World, headers: dict[str, str]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.north.agent._http.ws_connect(world.admin.url / "live", headers=headers)

    assert refused.value.status == 403


async def test_without_a_session_there_is_no_socket(world: World) -> None:
    async with DeskApi(world.admin.url, world.admin._origin, world.center) as stranger:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with stranger.live():
                """Never reached."""

    assert refused.value.status == 401


async def test_a_program_opens_it_by_its_token_from_anywhere(world: World) -> None:
    async with aiohttp.ClientSession() as program:
        headers = {"Authorization": f"Bearer {world.token}", "Origin": "https://robot.example"}
        async with program.ws_connect(world.admin.url / "live", headers=headers) as socket:
            assert (await socket.receive_json(timeout=5))["type"] == "hello"


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 40, "²", ""])
async def test_a_sequence_number_that_is_none_is_refused(world: World, since: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.north.agent._http.ws_connect(
            world.admin.url / "live",
            params={"since": since},
            headers={"Origin": world.north.agent._origin},
        )

    assert refused.value.status == 422


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "[]",
        "1e999",
        "[" * 8_000,
        '{"type":"base"}',
        '{"type":"__class__"}',
        '{"type":"view"}',
        '{"type":"view","ticket_id":null}',
        '{"type":"view","ticket_ids":["../x"]}',
        '{"type":"view","ticket_ids":[],"more":1}',
        json.dumps({"type": "view", "ticket_ids": [str(UUID(int=1))] * (LIVE_TICKETS_SHOWN + 1)}),
        '{"type":"typing","ticket_id":null,"typing":true}',
        '{"type":"ping","type":"x"}',
        '{"type":"\\ud800"}',
    ],
)
async def test_nonsense_gets_a_fixed_word_and_the_line_stays(world: World, said: str) -> None:
    async with world.north.agent.live() as live:
        await live.socket.send_str(said)
        answer = await live.frame()
        await live.socket.send_json({"type": "ping"})
        after = await live.frame()

    assert answer == {"type": "error", "code": "invalid"}
    assert after == {"type": "pong"}


async def test_bytes_and_floods_end_the_line(world: World) -> None:
    async with world.north.agent.live() as live:
        await live.socket.send_bytes(b"{}")
        assert await closed_with(live) == 1008
    async with world.north.agent.live() as live:
        for _ in range(200):
            await live.socket.send_json({"type": "ping"})
        assert await closed_with(live) == 1008
    async with world.north.agent.live() as live:
        await live.socket.send_str('{"type":"' + "x" * 100_000 + '"}')
        assert await closed_with(live) == 1009


async def test_a_deactivated_agent_hears_nothing_more(world: World) -> None:
    async with world.admin.colleague("Dana") as dana, dana.live() as live:
        await patched(world, dana, active=False)

        assert await closed_with(live) == SIGNED_OUT
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dana.live():
                """Never reached."""


async def test_a_new_password_set_by_the_administrator_ends_every_line(world: World) -> None:
    async with world.admin.colleague("Pavlo") as pavlo, pavlo.live() as live:
        await patched(world, pavlo, password="a wholly new set of words")

        assert await closed_with(live) == SIGNED_OUT


async def test_a_revoked_token_ends_its_line_and_no_other(world: World) -> None:
    made = await world.admin.post("tokens", {"name": "robot", "scopes": []})
    async with aiohttp.ClientSession() as program, world.admin.live() as own:
        headers = {"Authorization": f"Bearer {made['token']}"}
        async with program.ws_connect(world.admin.url / "live", headers=headers) as socket:
            robot = Live(socket)
            await robot.frame()
            await world.admin.delete(f"tokens/{made['id']}")

            assert await closed_with(robot) == SIGNED_OUT
        await own.socket.send_json({"type": "ping"})
        while (await own.frame())["type"] != "pong":
            pass


@pytest.mark.parametrize("what", ["team", "role", "members", "permissions"])
async def test_new_rights_make_the_console_start_afresh(world: World, what: str) -> None:
    role = await world.admin.post(
        "roles", {"name": uuid4().hex, "permissions": ["ticket.see_all", "ticket.reply"]}
    )
    team = await world.admin.post("teams", {"name": uuid4().hex})
    async with world.admin.colleague(f"Rights{what}") as agent:
        await patched(world, agent, role_id=role["id"])
        async with agent.live() as live:
            if what == "team":
                await patched(world, agent, team_ids=[world.south.team])
            elif what == "role":
                await patched(world, agent, role_id=world.shared["role"])
            elif what == "members":
                await world.admin.patch(
                    f"teams/{team['id']}", {"member_ids": [agent.me["agent"]["id"]]}
                )
            else:
                await world.admin.patch(f"roles/{role['id']}", {"permissions": ["ticket.reply"]})

            assert await closed_with(live) == RESYNC


async def test_after_losing_a_team_not_one_more_of_its_entries_is_heard(world: World) -> None:
    async with world.admin.colleague("Tina", team_ids=[world.north.team]) as tina:
        async with tina.live() as live:
            hears = asyncio.create_task(_all_of(live))
            busy = asyncio.create_task(_many_mails(world, "before"))
            await patched(world, tina, team_ids=[])
            committed = world.center.house.hub.seq
            await busy
            heard = await hears

        late = [one for one in heard if one.get("ticket_id") and one["seq"] > committed]
        assert late == []
        async with tina.live(since=committed - 1) as back:
            assert (await back.frame())["type"] == "resync"


async def _all_of(live: Live) -> list[dict[str, Any]]:
    return [json.loads(message.data) async for message in live.socket]


async def _many_mails(world: World, name: str) -> None:
    for number in range(20):
        await world.deliver(mail(UUID(world.north.account), f"{name}-{number}"))


async def test_a_change_of_name_disturbs_nobody(world: World) -> None:
    async with world.admin.colleague("Lena") as lena, lena.live() as live:
        await patched(world, lena, name="Olenka")
        await live.next("StaffChanged")
        await world.admin.post("categories", {"names": {"en": "still here"}})

        await live.next("CategoryChanged")


async def test_a_console_resumes_without_gap_or_double(world: World) -> None:
    supervisor = world.supervisor
    async with supervisor.live() as live:
        start = live.seq
    await _many_mails(world, "resume")
    async with supervisor.live(since=start) as first:
        one = [(await first.frame())["seq"] for _ in range(10)]
    async with supervisor.live(since=one[-1]) as second:
        await world.admin.post("categories", {"names": {"en": "end"}})
        rest = []
        while (frame := await second.frame()).get("kind") != "CategoryChanged":
            rest.append(frame["seq"])

    everything = [*one, *rest]
    assert everything == list(range(start + 1, start + 1 + len(everything)))


@pytest.mark.parametrize("since", [0, 10**15])
async def test_who_missed_too_much_or_comes_from_the_future_reloads(
    world: World, since: int
) -> None:
    world.center.house.hub._recent.popleft()

    async with world.supervisor.live(since=since) as live:
        assert await live.frame() == {"type": "resync"}


def entry(seq: int, kind: str = "ClientChanged", **facts: Any) -> Noted:
    given = dict.fromkeys(
        (
            "actor_id",
            "ticket_id",
            "client_id",
            "contact_id",
            "queue_id",
            "team_id",
            "assignee_id",
            "only_agent_id",
        )
    )
    return Noted(seq=seq, at=ManualClock().now(), kind=kind, data={}, **{**given, **facts})


async def test_a_console_that_never_reads_is_cut_and_the_others_hear_on(world: World) -> None:
    actor = await _actor(world)
    hub = Hub()
    with hub.seat(actor) as slow, hub.seat(actor) as quick:
        for number in range(1, LIVE_QUEUE_EVENTS + 2):
            hub.hear([entry(number)])
            assert b"ClientChanged" in bytes(quick.frames.get_nowait())

        assert slow.frames.get_nowait() == RESYNC
        assert slow.frames.empty()


async def test_whoever_comes_in_while_rights_are_looked_up_stays(world: World) -> None:
    actor = await _actor(world)
    hub = Hub()
    hub.hear([entry(1, "StaffChanged")])
    with hub.seat(actor) as seat:
        hub.hear([entry(2)])
        assert seat.frames.empty()

        hub.settle({})

        assert not seat.ended
        assert b"ClientChanged" in bytes(seat.frames.get_nowait())


async def test_the_hub_remembers_a_bounded_number_of_entries(world: World) -> None:
    actor = await _actor(world)
    hub = Hub()
    hub.hear([entry(number) for number in range(1, LIVE_REPLAY_EVENTS + 100)])

    with hub.seat(actor) as seat:
        assert not hub.replay(seat, 1)
        assert hub.replay(seat, hub.seq - 5)
        assert seat.frames.qsize() == 5


async def _actor(world: World) -> Any:
    async with world.north.agent.live():
        me = UUID(world.north.agent.me["agent"]["id"])
        seats = world.center.house.hub._seats
        return next(seat.actor for seat in seats if seat.actor.agent_id == me)


async def test_two_agents_see_each_other_on_a_ticket(world: World) -> None:
    ticket_id = world.north.ids["ticket"]
    async with world.north.agent.live() as nora, world.supervisor.live() as vera:
        for live in (nora, vera):
            await live.socket.send_json({"type": "view", "ticket_ids": [ticket_id]})
        while len((await _next_of(nora, "viewing"))["agents"]) < 2:
            pass
        await vera.socket.send_json({"type": "typing", "ticket_id": ticket_id, "typing": True})
        typing = await _next_of(nora, "typing")
        await vera.socket.close()
        left = await _next_of(nora, "viewing")

    assert (typing["name"], typing["typing"]) == ("Vera", True)
    assert [one["name"] for one in left["agents"]] == ["Nora"]


async def test_of_two_tickets_side_by_side_each_tells_who_is_there(world: World) -> None:
    left, right = world.north.ids["ticket"], world.south.ids["ticket"]
    async with world.admin.live() as both, world.supervisor.live() as vera:
        await both.socket.send_json({"type": "view", "ticket_ids": [left, right]})
        shown = {(await _next_of(both, "viewing"))["ticket_id"] for _ in range(2)}
        await vera.socket.send_json({"type": "view", "ticket_ids": [right]})
        came = await _next_of(both, "viewing")
        await vera.socket.send_json({"type": "typing", "ticket_id": right, "typing": True})
        typing = await _next_of(both, "typing")
        await both.socket.send_json({"type": "view", "ticket_ids": [left]})
        await _next_of(vera, "viewing")
        gone = await _next_of(vera, "viewing")

    assert shown == {left, right}
    assert (came["ticket_id"], len(came["agents"])) == (right, 2)
    assert (typing["ticket_id"], typing["name"]) == (right, "Vera")
    assert [one["name"] for one in gone["agents"]] == ["Vera"]


async def test_a_ticket_that_one_may_not_see_hides_no_other(world: World) -> None:
    mine, foreign = world.north.ids["ticket"], world.south.ids["ticket"]
    async with world.north.agent.live() as live:
        await live.socket.send_json({"type": "view", "ticket_ids": [foreign, mine]})
        error = await _next_of(live, "error")
        shown = await _next_of(live, "viewing")

    assert error == {"type": "error", "code": "not_found"}
    assert shown["ticket_id"] == mine


async def _next_of(live: Live, kind: str) -> dict[str, Any]:
    while (frame := await live.frame())["type"] != kind:
        pass
    return frame


async def test_leaving_the_last_console_begins_the_vigil(world: World) -> None:
    """Two consoles of one agent: the first to go changes nothing, the second begins the grace."""
    vigil = world.center.house.vigil
    async with world.admin.colleague("Gone") as gone:
        agent_id = UUID(gone.me["agent"]["id"])
        await gone.available()
        async with gone.live():
            async with gone.live():
                assert agent_id not in vigil._gone_since
            await _hung_up(world, agent_id, left=1)
            assert agent_id not in vigil._gone_since
        await _hung_up(world, agent_id, left=0)

        assert agent_id in vigil._gone_since
        vigil._gone_since[agent_id] -= VANISHED_AFTER + timedelta(seconds=1)
        await vigil.look()
        presence = {one["agent_id"]: one for one in await world.admin.get("presence")}
        assert presence[str(agent_id)]["state"] == "offline"
        assert presence[str(agent_id)]["reason"] == "vanished"


async def _hung_up(world: World, agent_id: UUID, *, left: int) -> None:
    async with asyncio.timeout(5):
        while world.center.house.hub.count(agent_id) != left:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


async def test_signing_out_closes_this_browser_and_spares_the_other(world: World) -> None:
    async with world.admin.colleague("Olha") as here:
        async with DeskApi(here.url, here._origin, here.center) as elsewhere:
            await elsewhere.sign_in("olha@wonder.example")
            async with here.live() as live, elsewhere.live() as other:
                await here.delete("session")
                assert await closed_with(live) == SIGNED_OUT
                await other.socket.send_json({"type": "ping"})
                assert await _next_of(other, "pong")
        assert COOKIE not in {one.key for one in here._http.cookie_jar}
        with pytest.raises(RefusedError) as refused:
            await here.get("session")
        assert refused.value.status == 401


async def test_presence_changes_are_told_to_everybody(world: World) -> None:
    async with world.north.agent.live() as live:
        async with world.center.house.database.transaction() as session:
            await set_presence(
                session,
                UUID(world.south.agent.me["agent"]["id"]),
                "away",
                "lunch",
                world.center.house.clock.now(),
            )
        told = await live.next("PresenceChanged", state="away")

    assert told["data"]["reason"] == "lunch"

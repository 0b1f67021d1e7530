"""The chat's open line: acknowledged words, answers, marks, cuts and returns."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import WSMsgType
from sqlalchemy import select

from channels.webchat.tables import ChatVisitorRow
from kernel.ids import new_id
from kernel.limits import CHAT_FRAME_BYTES
from staff import presence
from staff import service as staff
from tests.channels.webchat.signing import sign
from tests.web.chat_scene import IRYNA, Browser, Scene

SOME_ID = "0192d3e4-5f60-7000-8000-000000000001"
"""Always the same, since it is part of the names of tests."""


async def test_words_are_acknowledged_once_they_are_kept(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        async with scene.house.database.transaction() as session:
            # Nothing can be committed while this transaction holds the only writer.
            await session.execute(select(1))
            said = await line.say("Hello")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await line.hear("ack")

        ack = await line.hear("ack")

    assert ack["id"] == said
    assert await scene.texts() == ["Hello"]


async def test_words_that_were_cut_off_and_sent_again_are_kept_once(scene: Scene) -> None:
    olena = await scene.browser().enter()
    message_id = uuid4()
    for _ in range(3):
        async with olena.line() as line:
            await line.say("Hello", message_id)
            # The line is cut here: whether the center had committed, the page does not know.
    async with olena.line() as line:
        await line.say("Hello", message_id)
        await line.hear("ack")

    assert await scene.texts() == ["Hello"]


async def test_two_tabs_that_send_the_same_outbox_store_it_once(scene: Scene) -> None:
    olena = await scene.browser().enter()
    ids = [uuid4() for _ in range(5)]
    async with olena.line() as one, olena.line() as other:
        for tab in (one, other):
            for number, message_id in enumerate(ids):
                await tab.say(f"{number}", message_id)
        for tab in (one, other):
            for message_id in ids:
                assert (await tab.hear("ack"))["id"] == str(message_id)

    assert await scene.texts() == ["0", "1", "2", "3", "4"]


async def test_what_one_tab_says_the_other_shows(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as one, olena.line() as other:
        said = await one.say("Hello")

        echo = await other.hear("message")

    assert (echo["message"]["client_id"], echo["message"]["text"]) == (said, "Hello")
    assert echo["message"]["from"] == "visitor"


async def test_an_answer_reaches_every_open_page_and_its_marks_come_back(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line, olena.line() as other:
        await line.say("Where is my parcel?")
        await line.hear("ack")
        answer_id = await scene.answer("On its way")

        shown = await line.hear("message")
        assert shown["message"]["id"] == str(answer_id)
        assert (shown["message"]["name"], shown["message"]["text"]) == ("Iryna", "On its way")
        assert (await other.hear("message"))["message"]["from"] == "visitor"
        assert (await other.hear("message"))["message"]["id"] == str(answer_id)
        for mark, state in (("received", "delivered"), ("read", "read")):
            with scene.heard("MessageStateChanged", state=state) as moved:
                await line.socket.send_json({"type": mark, "message_id": str(answer_id)})
                await moved()

    assert (await scene.message(answer_id)).state == "read"


async def test_an_answer_to_somebody_else_is_not_heard(scene: Scene) -> None:
    olena, oleh = await scene.browser().enter(), await scene.browser().enter()
    await olena.say("Hello")
    (ticket,) = await scene.tickets()
    await oleh.say("Good day")
    async with oleh.line() as line:
        await scene.answer("for Olena", ticket_id=ticket.id)
        await scene.answer("for Oleh")

        assert (await line.hear("message"))["message"]["text"] == "for Oleh"


async def test_who_was_away_reads_on_from_where_they_stood(scene: Scene) -> None:
    olena = await scene.browser().enter()
    held = new_id()
    async with olena.line() as line:
        await line.say("one")
        await line.hear("ack")
        first = await scene.answer("first")
        cursor = (await line.hear("message"))["cursor"]
    with scene.heard("MessageStateChanged", message_id=str(held), state="sent") as sent:
        # Its id is older than that of anything said since.
        await scene.promise("second", held)
        await sent()
    await olena.say("two")

    async with olena.line(cursor) as line:
        missed = [one["text"] for one in line.welcome["messages"]]
        again = line.welcome["cursor"]
    async with olena.line(again) as line:
        assert line.welcome["messages"] == []

    assert sorted(missed) == ["second", "two"]
    assert str(first) not in {one["id"] for one in line.welcome["messages"]}


async def test_a_new_device_is_told_what_was_read_on_another(scene: Scene) -> None:
    identity = sign(scene.house.clock.now(), sub="olena")
    phone = await scene.browser().enter(identity=identity)
    await phone.say("Hello")
    answer_id = await scene.answer("Good day")
    with scene.heard("MessageStateChanged", state="read") as moved:
        assert (await phone.post("read", {"message_id": str(answer_id)})).status == 200
        await moved()

    desk = await scene.browser().enter(identity=identity)

    answer = desk.session["messages"][-1]
    assert (answer["id"], answer["read"]) == (str(answer_id), True)


async def test_nobody_marks_what_was_not_written_to_them(scene: Scene) -> None:
    olena, oleh = await scene.browser().enter(), await scene.browser().enter()
    await olena.say("Hello")
    answer_id = await scene.answer("Good day")
    await oleh.say("Hello")
    async with oleh.line() as line:
        await line.socket.send_json({"type": "read", "message_id": str(answer_id)})
        await line.socket.send_json({"type": "ping"})
        await line.hear("pong")

    assert (await scene.message(answer_id)).state == "sent"


@pytest.mark.parametrize("token", ["x", "", "x" * 500])
async def test_a_token_that_opens_nothing_is_hung_up_on(scene: Scene, token: str) -> None:
    stranger = scene.browser()
    async with scene.client.ws_connect(
        f"/chat/{stranger.key}/socket", headers=stranger.headers("")
    ) as socket:
        await socket.send_json({"type": "hello", "token": token})
        ended = await socket.receive(timeout=3)

    assert ended.type is WSMsgType.CLOSE
    assert ended.data in {4001, 1008}


async def test_a_token_in_the_address_is_no_token(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with scene.client.ws_connect(
        f"/chat/{olena.key}/socket?token={olena.token}", headers={"Origin": olena.origin}
    ) as socket:
        await socket.send_json({"type": "message", "id": str(uuid4()), "text": "Hello"})
        ended = await socket.receive(timeout=3)

    assert (ended.type, ended.data) == (WSMsgType.CLOSE, 1008)
    assert await scene.texts() == []


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "message", "id": SOME_ID, "text": "Hi", "author": "agent"},
        {"type": "system", "id": SOME_ID, "text": "Hi"},
        {"type": "message", "id": "1", "text": "Hi"},
        {"type": "message", "text": "Hi"},
        {"id": SOME_ID, "text": "Hi"},
        [],
    ],
    ids=str,
)
async def test_a_frame_that_is_none_is_refused_and_the_line_stays_open(
    scene: Scene, frame: Any
) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        await line.socket.send_json(frame)
        refused = await line.hear("refused")
        await line.say("Hello")
        await line.hear("ack")

    assert (refused["error"], refused["retry"]) == ("invalid", False)
    assert await scene.texts() == ["Hello"]


async def test_an_empty_message_is_refused_under_its_own_id(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        said = await line.say("   ")
        refused = await line.hear("refused")

    assert (refused["id"], refused["retry"]) == (said, False)


async def test_a_frame_larger_than_any_message_ends_the_line(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        with suppress(ConnectionError):
            await line.socket.send_str("x" * (CHAT_FRAME_BYTES + 1))
        ended = await line.socket.receive(timeout=3)

    assert ended.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}
    assert await scene.texts() == []


async def test_who_writes_too_fast_may_send_the_same_words_later(scene: Scene) -> None:
    widget = await scene.add_widget(messages_per_minute=6)
    olena = await scene.browser(key=widget.public_key).enter()
    async with olena.line() as line:
        for number in range(8):
            await line.say(f"{number}")
        refused = await line.hear("refused")

    assert (refused["error"], refused["retry"]) == ("too_many_tries", True)


async def test_signing_out_hangs_up_every_page_of_that_browser(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        await olena.delete("session")
        ended = await line.socket.receive(timeout=3)

    assert (ended.type, ended.data) == (WSMsgType.CLOSE, 4001)


async def test_the_visitor_sees_the_agent_write_and_look(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        await line.say("Hello")
        await line.hear("ack")
        (ticket,) = await scene.tickets()

        scene.house.chat.agent_looks(ticket.id)
        scene.house.chat.agent_types(ticket.id, "Iryna", typing=True)

        await line.hear("seen")
        assert await line.hear("typing") == {"type": "typing", "name": "Iryna", "typing": True}


async def test_the_agent_sees_the_visitor_write(scene: Scene) -> None:
    olena = await scene.browser().enter()
    await olena.post("details", {"name": "Olena"})
    await olena.say("Hello")
    (ticket,) = await scene.tickets()
    with scene.house.hub.seat(IRYNA) as seat:
        scene.house.hub.view(seat, frozenset({ticket.id}))
        seat.frames.get_nowait()
        waits = asyncio.Event()
        seat.attend(waits.set)
        async with olena.line() as line:
            await line.socket.send_json({"type": "typing", "typing": True})
            async with asyncio.timeout(3):
                await waits.wait()
        told = seat.frames.get_nowait()

    assert isinstance(told, bytes)
    assert b'"typing":true' in told
    assert b'"name":"Olena"' in told


async def test_visitors_are_told_when_somebody_is_there_to_help(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        assert line.welcome["online"] is False
        now = scene.house.clock.now()
        async with scene.house.database.transaction() as session:
            card = await staff.first_agent(
                session,
                name="Iryna",
                email="iryna@center.example",
                password_hash="unused",
                locale="en",
                now=now,
            )
            await presence.set_presence(session, card.id, presence.AVAILABLE, "", now)

        told = await line.hear("status")

    assert told["online"] is True


async def test_when_the_center_stops_every_page_is_asked_to_come_back(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line() as line:
        scene.house.visitors.close()
        ended = await line.socket.receive(timeout=3)

    assert (ended.type, ended.data) == (WSMsgType.CLOSE, 1001)


async def test_when_a_visitor_was_last_here_is_known(scene: Scene) -> None:
    olena = await scene.browser().enter()
    async with olena.line():
        await scene.house.chat.note_seen()
    entered = await _seen_at(scene, olena)

    async with olena.line():
        await scene.house.chat.note_seen()

    assert await _seen_at(scene, olena) > entered


async def _seen_at(scene: Scene, browser: Browser) -> Any:
    async with scene.house.database.reading() as session:
        row = await session.get_one(ChatVisitorRow, UUID(browser.visitor["id"]))
        return row.seen_at

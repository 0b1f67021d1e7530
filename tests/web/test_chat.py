"""The web chat over HTTP: what a visitor may do, and what nobody may."""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from channels.accounts import change_account, find_account
from channels.webchat.challenge import zero_bits
from channels.webchat.tables import ChatVisitorRow
from kernel.ids import new_id
from kernel.limits import CHAT_TEXT_CHARS, CHAT_UPLOAD_BYTES
from tests.channels.webchat.signing import sign
from tests.web.chat_scene import IRYNA, SHOP, Scene, png
from tickets import service as tickets
from tickets.service import Writing

SOME_ID = "0192d3e4-5f60-7000-8000-000000000001"
"""Always the same, since it is part of the names of tests."""

LINE_FIELDS = {
    "id",
    "client_id",
    "from",
    "name",
    "text",
    "choices",
    "conversation",
    "read",
    "at",
    "files",
}
FILE_FIELDS = {"id", "name", "media_type", "size", "image"}


async def test_what_a_visitor_says_becomes_a_ticket_that_waits(scene: Scene) -> None:
    olena = await scene.browser().enter(page=f"{SHOP}/cart?secret=1")

    answer = await olena.say("Where is my parcel?")

    (ticket,) = await scene.tickets()
    assert answer.status == 201
    assert (ticket.preview, ticket.channel, ticket.awaiting_answer) == (
        "Where is my parcel?",
        "webchat",
        True,
    )


async def test_sent_is_said_only_after_the_commit(scene: Scene) -> None:
    olena = await scene.browser().enter()

    async with scene.house.database.transaction() as session:
        # Nothing can be committed while this transaction holds the only writer.
        await session.execute(select(1))
        saying = asyncio.create_task(olena.say("Hello"))
        done, _ = await asyncio.wait([saying], timeout=0.3)
        assert not done
    answer = await saying

    assert answer.status == 201
    assert await scene.texts() == ["Hello"]


async def test_the_same_message_many_times_is_one_message(scene: Scene) -> None:
    olena = await scene.browser().enter()
    message_id = uuid4()

    answers = await asyncio.gather(*(olena.say("Hello", message_id) for _ in range(3)))
    later = await olena.say("Hello", message_id)

    assert {answer.status for answer in (*answers, later)} == {201}
    assert await scene.texts() == ["Hello"]


async def test_words_arrive_in_the_order_in_which_they_were_said(scene: Scene) -> None:
    olena = await scene.browser().enter()

    for number in range(10):
        await olena.say(f"word {number}")

    assert await scene.texts() == [f"word {number}" for number in range(10)]
    assert len(await scene.tickets()) == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.evil"])
async def test_a_foreign_page_may_not_use_the_widget(scene: Scene, origin: str) -> None:
    olena = await scene.browser().enter()
    olena.origin = origin

    said = await olena.say("Hello")
    asked = await olena.get("widget")
    before = await scene.client.options(
        f"/chat/{olena.key}/messages",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
    )
    line = await scene.client.get(
        f"/chat/{olena.key}/socket",
        headers={
            "Origin": origin,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
        },
    )

    for answer in (said, asked, before, line):
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert await scene.texts() == []


async def test_an_allowed_page_may_read_the_answers_but_never_with_cookies(scene: Scene) -> None:
    olena = await scene.browser().enter()

    before = await scene.client.options(f"/chat/{olena.key}/messages", headers=olena.headers())
    said = await olena.say("Hello")
    refused = await olena.say("")

    for answer in (before, said, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers


async def test_a_widget_that_is_off_or_was_never_there_does_not_exist(scene: Scene) -> None:
    olena = await scene.browser().enter()
    with scene.heard("AccountChanged", health="off") as off:
        async with scene.house.database.transaction() as session:
            row = await find_account(session, scene.widget.id)
            await change_account(
                session, scene.house.sealer, row, {"enabled": False}, version=row.version
            )
        await off()

    assert (await olena.say("Hello")).status == 404
    assert (await scene.browser(key="nobody").get("widget")).status == 404


async def test_nobody_sees_a_conversation_without_its_token(scene: Scene) -> None:
    olena = await scene.browser().enter()
    await olena.say("My secret")
    stranger = scene.browser()

    for token in ("", "x", "x" * 5_000, olena.token[:-1], olena.visitor["id"]):
        stranger.token = token
        assert (await stranger.get("messages")).status == 401
        assert (await stranger.say("Hello")).status == 401


async def test_a_token_opens_one_widget_only(scene: Scene) -> None:
    olena = await scene.browser().enter()
    other = scene.browser(key=(await scene.add_widget()).public_key)
    other.token = olena.token

    assert (await other.get("messages")).status == 401


async def test_another_visitors_words_and_files_do_not_exist(scene: Scene) -> None:
    olena, oleh = await scene.browser().enter(), await scene.browser().enter()
    upload = await (await olena.upload("a.png", png())).json()
    await olena.say("My photo", None, upload["id"])
    (line,) = await olena.messages()
    await oleh.say("Hello")

    assert [one["text"] for one in await oleh.messages()] == ["Hello"]
    for file_id in (upload["id"], line["files"][0]["id"], str(uuid4()), "1", "../1"):
        assert (await oleh.get(f"files/{file_id}")).status == 404
    assert (await oleh.say("mine now", None, upload["id"])).status == 422
    assert (await oleh.post("read", {"message_id": line["id"]})).status == 404


@pytest.mark.parametrize(
    "forged",
    [
        {"author": "agent"},
        {"type": "system"},
        {"from": "agent"},
        {"at": "2001-01-01T00:00:00Z"},
        {"name": "Support"},
        {"ticket_id": SOME_ID},
    ],
    ids=str,
)
async def test_who_wrote_and_when_is_not_the_browsers_to_say(
    scene: Scene, forged: dict[str, str]
) -> None:
    olena = await scene.browser().enter()

    answer = await olena.post("messages", {"id": str(uuid4()), "text": "Hello", **forged})

    assert answer.status == 422
    assert await scene.texts() == []


async def test_a_visitor_sees_their_words_and_the_answers_and_no_more_of_them(
    scene: Scene,
) -> None:
    olena = await scene.browser().enter()
    await olena.say("Where is my parcel?")
    (ticket,) = await scene.tickets()
    await _write(scene, ticket.id, kind="note", channel="note", text="a difficult client")
    await _write(
        scene,
        ticket.id,
        kind="outbound",
        channel="webchat",
        account_id=scene.widget.id,
        to=[ticket.recipient],
        text="not yet let go",
    )
    await scene.answer("On its way")

    lines = await olena.messages()

    assert [(one["from"], one["name"], one["text"]) for one in lines] == [
        ("visitor", "", "Where is my parcel?"),
        ("agent", "Iryna", "On its way"),
    ]
    assert all(set(one) == LINE_FIELDS for one in lines)


async def test_words_of_another_channel_on_the_same_ticket_stay_there(scene: Scene) -> None:
    olena = await scene.browser().enter()
    await olena.say("Hello")
    (ticket,) = await scene.tickets()
    other = await scene.add_widget()
    await _write(
        scene,
        ticket.id,
        kind="outbound",
        channel="mail",
        account_id=other.id,
        to=[{"handle": "oleh@example.com", "name": ""}],
        text="to somebody else",
    )

    assert [one["text"] for one in await olena.messages()] == ["Hello"]


async def test_a_claimed_address_finds_nobodys_history(scene: Scene) -> None:
    victim = await scene.browser().enter(
        identity=sign(scene.house.clock.now(), sub="victim", email="victim@example.com")
    )
    await victim.say("My order is 4711")
    mallory = await scene.browser().enter()

    told = await mallory.post("details", {"name": "Victim", "email": "victim@example.com"})
    await mallory.say("What was my order again?")

    assert (await told.json())["verified"] is False
    assert [one["text"] for one in await mallory.messages()] == ["What was my order again?"]
    first, second = await scene.tickets()
    assert first.client_id != second.client_id


@pytest.mark.parametrize(
    ("life", "secret"),
    [(timedelta(minutes=-5), None), (timedelta(hours=3), None), (timedelta(minutes=5), "z" * 40)],
    ids=["over", "too long", "another secret"],
)
async def test_an_identity_that_the_site_did_not_sign_is_refused(
    scene: Scene, life: timedelta, secret: str | None
) -> None:
    now = scene.house.clock.now()
    identity = sign(now, life=life, secret=secret) if secret else sign(now, life=life)

    answer = await scene.browser().post("session", {"identity": identity})

    assert answer.status == 401
    assert await scene.count(ChatVisitorRow) == 0


async def test_a_signed_in_user_has_the_same_conversation_on_every_device(scene: Scene) -> None:
    now = scene.house.clock.now()
    phone = await scene.browser().enter(identity=sign(now, sub="olena", name="Olena"))
    await phone.say("From the phone")
    desk = await scene.browser().enter(identity=sign(now, sub="olena", name="Olena", jti="two"))
    await desk.say("From the desk")
    oleh = await scene.browser().enter(identity=sign(now, sub="oleh", jti="three"))

    assert desk.visitor["verified"] is True
    assert [one["text"] for one in desk.session["messages"]] == ["From the phone"]
    assert [one["text"] for one in await phone.messages()] == ["From the phone", "From the desk"]
    assert oleh.session["messages"] == []
    assert len(await scene.tickets()) == 1


async def test_signing_in_does_not_inherit_what_a_guest_wrote_on_a_shared_computer(
    scene: Scene,
) -> None:
    guest = await scene.browser().enter()
    await guest.say("Said by whoever sat here before")

    answer = await guest.post(
        "session", {"token": guest.token, "identity": sign(scene.house.clock.now())}
    )

    session = await answer.json()
    assert session["token"] != guest.token
    assert session["messages"] == []


async def test_signing_out_ends_the_token_and_the_identity_that_made_it(scene: Scene) -> None:
    identity = sign(scene.house.clock.now())
    olena = await scene.browser().enter(identity=identity)
    await olena.say("Hello")

    assert (await olena.delete("session")).status == 200

    assert (await olena.get("messages")).status == 401
    assert (await olena.say("Hello")).status == 401
    assert (await scene.browser().post("session", {"identity": identity})).status == 401


async def test_coming_back_with_the_token_is_the_same_visitor(scene: Scene) -> None:
    olena = await scene.browser().enter()
    await olena.say("Hello")

    back = await (await olena.post("session", {"token": olena.token})).json()

    assert (back["token"], back["visitor"]["id"]) == (olena.token, olena.visitor["id"])
    assert [one["text"] for one in back["messages"]] == ["Hello"]
    assert await scene.count(ChatVisitorRow) == 1


async def test_where_signing_in_is_required_a_guest_cannot_write(scene: Scene) -> None:
    widget = await scene.add_widget(identity=True, identity_required=True)

    guest = await scene.browser(key=widget.public_key).post("session", {})
    user = await scene.browser(key=widget.public_key).enter(identity=sign(scene.house.clock.now()))

    assert (guest.status, (await guest.json())["error"]) == (401, "sign_in_required")
    assert (await user.say("Hello")).status == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "1", "text": "Hello"}, "id"),
        ({"id": SOME_ID}, ""),
        ({"id": SOME_ID, "text": ""}, "text"),
        ({"id": SOME_ID, "text": " \n\t\x00 "}, "text"),
        ({"id": SOME_ID, "text": "x" * (CHAT_TEXT_CHARS + 1)}, "text"),
        ({"id": SOME_ID, "text": ["Hello"]}, "text"),
        ({"id": SOME_ID, "text": "a", "attachment_ids": [SOME_ID]}, "attachment_ids"),
        ({"id": SOME_ID, "text": "a", "attachment_ids": [SOME_ID] * 9}, "attachment_ids"),
        ([], ""),
    ],
    ids=str,
)
async def test_what_is_no_message_is_refused_with_the_field(
    scene: Scene, body: object, field: str
) -> None:
    olena = await scene.browser().enter()

    answer = await olena.post("messages", body)

    told = await answer.json()
    assert (answer.status, told["error"]) == (422, "invalid")
    assert told["field"] == field
    assert await scene.texts() == []


async def test_a_body_larger_than_any_message_is_not_even_read(scene: Scene) -> None:
    olena = await scene.browser().enter()

    answer = await olena.post("messages", {"id": str(uuid4()), "text": "x" * 200_000})

    assert answer.status == 422


async def test_who_writes_too_fast_is_asked_to_wait_and_others_are_not(scene: Scene) -> None:
    olena, oleh = await scene.browser().enter(), await scene.browser().enter()

    answers = [await olena.say(f"{number}") for number in range(25)]

    assert {answer.status for answer in answers} == {201, 429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await oleh.say("Hello")).status == 201


async def test_one_address_makes_a_bounded_number_of_visitors(scene: Scene) -> None:
    widget = await scene.add_widget(visitors_per_hour_per_address=3)
    browser = scene.browser(key=widget.public_key)

    answers = [await browser.post("session", {}) for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]


async def test_new_visitors_of_a_flooded_widget_show_work_and_nobody_else_does(
    scene: Scene,
) -> None:
    widget = await scene.add_widget(flood_visitors_per_minute=2)
    olena = await scene.browser(key=widget.public_key).enter()
    await scene.browser(key=widget.public_key).enter()
    late = scene.browser(key=widget.public_key)

    refused = await late.post("session", {})
    challenge = (await (await late.get("challenge")).json())["challenge"]
    answer = next(
        n for n in count() if zero_bits(f"{challenge}:{n}") >= int(challenge.partition(".")[0])
    )
    proof = {"challenge": challenge, "answer": str(answer)}
    answers = [await late.post("session", proof) for _ in range(2)]

    assert (refused.status, (await refused.json())["error"]) == (400, "challenge")
    assert [one.status for one in answers] == [200, 400]
    assert (await olena.say("I was here before")).status == 201
    assert (await scene.browser().post("session", {})).status == 200


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("page.html", b"<html><script>alert(1)</script>", "text/html"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/svg+xml"),
        ("photo.png", b"<!doctype html><p>", "text/html"),
        ("..\\..\\a/b.txt", b"hello", "text/plain"),
    ],
)
async def test_a_file_is_what_its_bytes_are_and_is_only_ever_saved(
    scene: Scene, name: str, data: bytes, kind: str
) -> None:
    olena = await scene.browser().enter()

    upload = await (await olena.upload(name, data)).json()
    await olena.say("Look", None, upload["id"])
    (line,) = await olena.messages()
    answer = await olena.get(f"files/{line['files'][0]['id']}")

    assert (upload["media_type"], upload["image"]) == (kind, False)
    assert "/" not in upload["name"]
    assert "\\" not in upload["name"]
    assert set(line["files"][0]) == FILE_FIELDS
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert await answer.read() == data


async def test_a_picture_arrives_whole(scene: Scene) -> None:
    olena = await scene.browser().enter()
    upload = await (await olena.upload("photo.html", png())).json()
    before = await (await olena.get(f"files/{upload['id']}")).read()
    said = await olena.say("", None, upload["id"])

    (line,) = await olena.messages()
    after = await (await olena.get(f"files/{line['files'][0]['id']}")).read()

    assert said.status == 201
    assert (upload["media_type"], line["files"][0]["image"]) == ("image/png", True)
    assert before == after == png()


async def test_programs_empty_and_huge_files_are_refused(scene: Scene) -> None:
    olena = await scene.browser().enter()

    program = await olena.upload("photo.png", b"MZ" + b"\x00" * 100)
    empty = await olena.upload("photo.png", b"")
    huge = await olena.upload("photo.png", b"\x00" * (CHAT_UPLOAD_BYTES + 1))

    assert [answer.status for answer in (program, empty, huge)] == [422, 422, 422]


async def test_a_thousand_files_are_too_many(scene: Scene) -> None:
    olena = await scene.browser().enter()

    statuses = {(await olena.upload(f"{number}.txt", b"x")).status for number in range(45)}

    assert statuses == {201, 429}


async def test_the_widget_speaks_the_pages_language(scene: Scene) -> None:
    widget = await scene.add_widget(
        default_locale="uk",
        texts={"ru": {"title": "Пишите нам"}},
        pre_chat={"name": "required", "email": "off"},
    )
    browser = scene.browser(key=widget.public_key)

    english = await (await browser.get("widget?locale=en-GB")).json()
    russian = await (await browser.get("widget?locale=fr,ru")).json()
    other = await (await browser.get("widget?locale=fr")).json()

    assert [told["locale"] for told in (english, russian, other)] == ["en", "ru", "uk"]
    assert russian["title"] == "Пишите нам"
    assert english["pre_chat"] == {"name": "required", "email": "off"}
    assert await scene.count(ChatVisitorRow) == 0


async def test_what_a_visitor_tells_of_themselves_reaches_the_agent_unverified(
    scene: Scene,
) -> None:
    olena = await scene.browser().enter()
    wrong = await olena.post("details", {"email": "nonsense"})
    await olena.post("details", {"name": "Olena ✔ Support", "email": "olena@example.com"})

    await olena.say("Hello")

    assert (wrong.status, (await wrong.json())["field"]) == (422, "email")
    message_id = UUID((await olena.messages())[0]["id"])
    message = await scene.message(message_id)
    assert (message.author_name, message.sender_proven) == ("Olena Support", False)


@pytest.mark.parametrize(
    "attributes",
    [
        {"email": "x@y.example"},
        {"Plan": "pro"},
        {"plan": ["pro"]},
        {"plan": "x" * 1_001},
        {f"fact{number}": 1 for number in range(21)},
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_fact_that_is_none_is_refused(scene: Scene, attributes: Any) -> None:
    olena = await scene.browser().enter()

    answer = await olena.post("attributes", {"attributes": attributes})

    assert (answer.status, (await answer.json())["error"]) == (422, "invalid")


async def test_facts_of_many_calls_are_bounded_together(scene: Scene) -> None:
    olena = await scene.browser().enter()
    first = await olena.post("attributes", {"attributes": {f"a{n}": n for n in range(15)}})
    second = await olena.post("attributes", {"attributes": {f"b{n}": n for n in range(15)}})

    assert (first.status, second.status) == (200, 422)


async def test_history_comes_in_pages(scene: Scene) -> None:
    widget = await scene.add_widget(messages_per_minute=100_000)
    olena = await scene.browser(key=widget.public_key).enter()
    for number in range(60):
        await olena.say(f"{number}")

    newest = await (await olena.get("messages")).json()
    older = await (await olena.get(f"messages?before={newest['items'][0]['id']}")).json()

    assert (len(newest["items"]), newest["more"]) == (50, True)
    assert (len(older["items"]), older["more"]) == (10, False)
    assert [one["text"] for one in older["items"] + newest["items"]] == [
        f"{number}" for number in range(60)
    ]


async def test_an_answer_that_was_held_back_is_not_skipped_by_a_cursor(scene: Scene) -> None:
    olena = await scene.browser().enter()
    await olena.say("one")
    held = new_id()
    await olena.say("two")
    cursor = (await (await olena.get("messages")).json())["cursor"]
    with scene.heard("MessageStateChanged", message_id=str(held), state="sent") as sent:
        await scene.promise("begun before two", held)
        await sent()

    page = await (await olena.get(f"messages?after={cursor}")).json()

    assert [one["text"] for one in page["items"]] == ["begun before two"]
    assert (await (await olena.get(f"messages?after={page['cursor']}")).json())["items"] == []


async def _write(scene: Scene, ticket_id: UUID, **what: Any) -> None:
    """Put something into the thread that no courier carries."""
    async with scene.house.database.transaction() as session:
        await tickets.write(
            session,
            await tickets.find_for_house(session, ticket_id),
            Writing(id=new_id(), author_id=IRYNA.agent_id, author_name="Iryna", html=None, **what),
            now=scene.house.clock.now(),
        )


async def test_the_demonstration_shop_stands_under_the_strictest_policy(scene: Scene) -> None:
    for lang in ("en", "uk", "ru", "xx"):
        page = await scene.client.get(f"/demo/{scene.widget.public_key}", params={"lang": lang})
        policy = page.headers["Content-Security-Policy"]
        assert page.status == 200
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "style=" not in await page.text()
    for name in ("shop.css", "icon.svg"):
        assert (await scene.client.get(f"/demo/{scene.widget.public_key}/{name}")).status == 200
    assert (await scene.client.get("/demo/nobody")).status == 404

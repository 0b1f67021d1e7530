"""A supervisor beside an agent: reads along, whispers, takes part; the client learns only what is
said to them, and everybody later learns who listened when.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contact_center.app import Center
from tests.desk_api import DeskApi, Live, RefusedError, serving
from tests.journeys.test_chat_round_trip import Visitor
from tests.web.world import opened_center

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(slots=True)
class Talk:
    """A visitor in a chat with Nora; Vera supervises."""

    visitor: Visitor
    nora: DeskApi
    vera: DeskApi
    contact: str
    ticket: str

    async def companions(self, who: DeskApi) -> list[tuple[str, str]]:
        view = await who.get(f"tickets/{self.ticket}")
        return [(one["name"], one["mode"]) for one in view["contact"]["companions"]]

    async def say(self, who: DeskApi, html: str, kind: str = "reply", **more: Any) -> Any:
        body = {"id": str(uuid4()), "kind": kind, "html": html, **more}
        return await who.post(f"tickets/{self.ticket}/messages", body)

    async def history(self, who: DeskApi) -> list[tuple[str, str]]:
        page = await who.get(f"tickets/{self.ticket}/history", limit=200)
        return [
            (one["kind"], one["data"]["mode"])
            for one in reversed(page["items"])
            if one["kind"].startswith("Companion")
        ]


@dataclass(slots=True)
class Office:
    center: Center
    admin: DeskApi
    nora: DeskApi
    vera: DeskApi
    key: str

    async def talk(self) -> Talk:
        visitor = Visitor(self.admin, self.key)
        await visitor.enter()
        async with self.nora.live() as live:
            await visitor.say("Is the monstera safe for cats?")
            offer = await live.next("OfferMade")
        contact = await self.nora.post(f"offers/{offer['data']['offer_id']}/accept")
        return Talk(visitor, self.nora, self.vera, contact["id"], contact["ticket_id"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    chat_template: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    async with (
        opened_center(chat_template, tmp_path_factory.mktemp("listening") / "var") as (center, _),
        serving(center) as admin,
        admin.colleague("Nora") as nora,
        admin.colleague("Vera", "supervisor") as vera,
    ):
        queue = next(one for one in await admin.get("queues") if one["is_default"])
        members = {"version": queue["version"], "member_ids": [nora.me["agent"]["id"]]}
        await admin.patch(f"queues/{queue['id']}", members)
        await admin.patch(
            f"agents/{nora.me['agent']['id']}", {"version": 1, "capacity": {"webchat": 50}}
        )
        widget = await admin.post("accounts", {"kind": "webchat", "name": "Shop", "settings": {}})
        await nora.available()
        yield Office(center, admin, nora, vera, widget["public_key"])


@pytest_asyncio.fixture(loop_scope="module")
async def talk(office: Office) -> Talk:
    return await office.talk()


async def came(live: Live) -> tuple[str, str]:
    entry = await live.next("CompanionCame")
    return entry["data"]["agent_id"], entry["data"]["mode"]


async def test_who_reads_along_is_shown_to_the_agent_and_takes_nothing(talk: Talk) -> None:
    unread = (await talk.nora.get(f"tickets/{talk.ticket}"))["ticket"]["unread"]
    async with talk.nora.live() as live:
        shown = await talk.vera.post(f"contacts/{talk.contact}/read-along")
        assert await came(live) == (talk.vera.me["agent"]["id"], "reading")

    assert (shown["state"], shown["agent_id"]) == ("active", talk.nora.me["agent"]["id"])
    assert await talk.companions(talk.nora) == [("Vera", "reading")]
    assert (await talk.nora.get(f"tickets/{talk.ticket}"))["ticket"]["unread"] == unread
    await talk.vera.post(f"contacts/{talk.contact}/read-along")
    await talk.vera.post(f"contacts/{talk.contact}/leave")
    assert await talk.history(talk.nora) == [
        ("CompanionCame", "reading"),
        ("CompanionLeft", "reading"),
    ]


async def test_a_whisper_is_with_the_agent_at_once_and_never_with_the_client(talk: Talk) -> None:
    before = await talk.visitor.call("GET", "conversations")
    await talk.vera.post(f"contacts/{talk.contact}/read-along")
    async with talk.nora.live() as live:
        said = await talk.vera.post(
            f"contacts/{talk.contact}/whisper", {"id": str(uuid4()), "html": "<p>Offer 10 %</p>"}
        )
        heard = await live.next("MessageAdded", message_id=said["id"])
        mention = await live.next("Mentioned")

    assert (heard["data"]["kind"], mention["data"]["by"]) == ("whisper", "Vera")
    thread = (await talk.nora.get(f"tickets/{talk.ticket}"))["messages"]
    assert [(one["kind"], one["text"], one["state"]) for one in thread][-1] == (
        "whisper",
        "Offer 10 %",
        "noted",
    )
    answer = await talk.say(talk.nora, "<p>We have an offer</p>")
    async with talk.nora.live() as live:
        if (await delivered(talk, answer["id"])) != "sent":
            await live.next("MessageStateChanged", message_id=answer["id"], state="sent")
    assert await talk.visitor.texts() == ["Is the monstera safe for cats?", "We have an offer"]
    everything = str(await talk.visitor.call("GET", "messages")) + str(before)
    assert "10 %" not in everything
    assert "Vera" not in everything


async def delivered(talk: Talk, message_id: str) -> str:
    thread = (await talk.nora.get(f"tickets/{talk.ticket}"))["messages"]
    return str(next(one["state"] for one in thread if one["id"] == message_id))


async def test_a_whisper_does_not_move_the_conversation_that_the_client_sees(talk: Talk) -> None:
    await talk.vera.post(f"contacts/{talk.contact}/read-along")
    before = await talk.visitor.call("GET", "conversations")

    await talk.vera.post(
        f"contacts/{talk.contact}/whisper", {"id": str(uuid4()), "html": "<p>Calm down</p>"}
    )

    assert await talk.visitor.call("GET", "conversations") == before


async def test_who_takes_part_answers_and_the_contact_stays_with_its_agent(talk: Talk) -> None:
    await talk.vera.post(f"contacts/{talk.contact}/join")
    async with talk.nora.live() as live:
        answer = await talk.say(talk.vera, "<p>Let me help</p>")
        await live.next("MessageStateChanged", message_id=answer["id"], state="sent")

    lines = (await talk.visitor.call("GET", "messages"))["items"]
    assert (lines[-1]["name"], lines[-1]["text"]) == ("Vera", "Let me help")
    contact = (await talk.nora.get(f"tickets/{talk.ticket}"))["contact"]
    assert (contact["state"], contact["agent_id"]) == ("active", talk.nora.me["agent"]["id"])
    assert await talk.companions(talk.nora) == [("Vera", "joined")]


async def test_who_listened_leaves_when_the_conversation_is_over(talk: Talk) -> None:
    await talk.vera.post(f"contacts/{talk.contact}/join")
    async with talk.vera.live() as live:
        await talk.nora.post(f"contacts/{talk.contact}/close")
        left = await live.next("CompanionLeft")

    assert (left["actor_id"], left["data"]["mode"]) == (None, "joined")
    with pytest.raises(RefusedError, match="closed") as refused:
        await talk.vera.post(f"contacts/{talk.contact}/read-along")
    assert refused.value.status == 409


async def test_a_center_may_let_reading_along_be_unseen(office: Office, talk: Talk) -> None:
    await office.admin.patch("center", {"tells_reading": False})
    try:
        async with office.vera.live() as own, office.nora.live() as live:
            await office.vera.post(f"contacts/{talk.contact}/read-along")
            assert (await came(own))[1] == "reading"
            assert await talk.companions(office.nora) == []
            assert await talk.companions(office.vera) == [("Vera", "reading")]
            # Whoever takes part is always seen; it is the first that the agent hears of.
            await office.vera.post(f"contacts/{talk.contact}/join")
            assert (await came(live))[1] == "joined"
    finally:
        await office.admin.patch("center", {"tells_reading": True})

    assert await talk.history(office.nora) == [("CompanionCame", "joined")]
    assert await talk.history(office.vera) == [
        ("CompanionCame", "reading"),
        ("CompanionCame", "joined"),
    ]


async def test_only_a_running_conversation_of_somebody_else_is_listened_to(
    office: Office, talk: Talk
) -> None:
    with pytest.raises(RefusedError) as forbidden:
        await office.nora.post(f"contacts/{talk.contact}/read-along")
    with pytest.raises(RefusedError, match="read this conversation along") as unheard:
        await office.vera.post(
            f"contacts/{talk.contact}/whisper", {"id": str(uuid4()), "html": "<p>Psst</p>"}
        )
    await office.vera.post(
        f"contacts/{talk.contact}/assign", {"agent_id": office.vera.me["agent"]["id"]}
    )
    with pytest.raises(RefusedError, match="yourself") as own:
        await office.vera.post(f"contacts/{talk.contact}/join")

    assert [one.value.status for one in (forbidden, unheard, own)] == [403, 409, 409]

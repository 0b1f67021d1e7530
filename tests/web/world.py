"""A center with two teams that know nothing of each other, served to a browser of each role."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from channels.envelope import Delivery, InboundFile, Party
from contact_center.app import Center, open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.html import sanitise
from kernel.secrets import Secret
from tests.desk.scripted import SETTINGS, Post, broken, mail
from tests.desk_api import DeskApi, serving
from tests.ports import free_port
from tests.web.chat_scene import png

NORTHERN = "kingfisher"
CANARY = "zebrafinch"
"""A word that only the southern team may ever read."""


@dataclass(slots=True)
class Side:
    """One team with its agent, its mailbox and queue, and what lies there."""

    team: str
    queue: str
    account: str
    agent: DeskApi
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    center: Center
    post: Post
    admin: DeskApi
    supervisor: DeskApi
    north: Side
    south: Side
    token: str
    """Belongs to the northern agent and may do nothing but read."""
    shared: dict[str, str] = field(default_factory=dict)

    async def arrives(self, side: Side, name: str, text: str, **more: Any) -> dict[str, Any]:
        """Let a mail arrive at a side; return its ticket."""
        await self.deliver(mail(UUID(side.account), name, text, **more))
        page = await self.admin.get("tickets", queue_id=side.queue, limit=1)
        ticket: dict[str, Any] = await self.admin.get(f"tickets/{page['items'][0]['id']}")
        return ticket

    async def deliver(self, *deliveries: Delivery) -> None:
        await self.center.house.intake.accept(deliveries)


@asynccontextmanager
async def opened_center(template: Path, data_dir: Path) -> AsyncIterator[tuple[Center, Post]]:
    """Open a furnished center whose mailboxes are scripted."""
    shutil.copytree(template, data_dir)
    settings = Settings(
        data_dir=data_dir,
        database_url=Secret(""),
        listen_port=free_port(),
        company_name="Wonder Shop",
        undo_seconds=60,
    )
    async with open_center(settings, SystemClock()) as center:
        post = Post()
        center.house.lines._makers = {**center.house.lines._makers, "mail": post.make}
        yield center, post


async def add_mailbox(admin: DeskApi, name: str, **more: Any) -> str:
    """Connect a scripted mailbox and return its id once its line is open."""
    async with admin.live() as live:
        account = await admin.post(
            "accounts", {"kind": "mail", "name": name, "settings": SETTINGS, **more}
        )
        await live.next("AccountChanged", account_id=account["id"], health="connected")
    return str(account["id"])


@asynccontextmanager
async def two_teams(template: Path, data_dir: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        center, post = await stack.enter_async_context(opened_center(template, data_dir))
        admin = await stack.enter_async_context(serving(center))
        supervisor = await stack.enter_async_context(admin.colleague("Vera", "supervisor"))
        north = await _side(stack, admin, "north", "Nora")
        south = await _side(stack, admin, "south", "Sam")
        token = await north.agent.post("tokens", {"name": "reader", "scopes": []})
        world = World(center, post, admin, supervisor, north, south, token["token"])
        await _furnish_side(world, north, NORTHERN)
        await _furnish_side(world, south, CANARY)
        await _furnish_house(world)
        yield world


async def _side(stack: AsyncExitStack, admin: DeskApi, name: str, agent_name: str) -> Side:
    team = await admin.post("teams", {"name": name})
    agent = await stack.enter_async_context(admin.colleague(agent_name, team_ids=[team["id"]]))
    queue = await admin.post(
        "queues",
        {"name": name, "team_id": team["id"], "member_ids": [agent.me["agent"]["id"]]},
    )
    account = await add_mailbox(admin, f"{name} mail", queue_id=queue["id"])
    return Side(team["id"], queue["id"], account, agent)


async def _furnish_side(world: World, side: Side, word: str) -> None:
    """A ticket with everything that can hang on one, and another that rings."""
    sender = Party(handle=f"{word}@client.example", name=f"Client {word}")
    files = (InboundFile(name=f"{word}.png", media_type="image/png", data=png(), size=len(png())),)
    html = sanitise(f"<p>Only for one side: <b>{word}</b></p>").html
    seen = await world.arrives(
        side, f"{word}-1", f"First {word}", subject=word, sender=sender, html=html, files=files
    )
    agent, ticket_id = side.agent, seen["ticket"]["id"]
    answer = await agent.post(
        f"tickets/{ticket_id}/messages",
        {"id": str(uuid4()), "kind": "reply", "html": f"<p>Answer {word}</p>"},
    )
    note = await agent.post(
        f"tickets/{ticket_id}/messages",
        {"id": str(uuid4()), "kind": "note", "html": f"<p>Note {word}</p>"},
    )
    draft = {"html": f"<p>Draft {word}</p>"}
    await agent.put(f"tickets/{ticket_id}/draft", draft)
    upload = await agent.upload(f"{word}.txt", word.encode())
    canned = await world.admin.post(
        "canned-replies",
        {"shortcut": word, "title": word, "html": word, "team_id": side.team},
    )
    await agent.patch(
        f"tickets/{ticket_id}",
        {"version": (await agent.get(f"tickets/{ticket_id}"))["ticket"]["version"], "tags": [word]},
    )
    async with agent.live() as live:
        await agent.available()
        await world.deliver(
            mail(UUID(side.account), f"{word}-2", f"Second {word}", sender=sender, subject=word)
        )
        offer = await live.next("OfferMade")
    side.ids = {
        "ticket": ticket_id,
        "client": seen["ticket"]["client_id"],
        "message": seen["messages"][0]["id"],
        "answer": answer["id"],
        "note": note["id"],
        "attachment": seen["messages"][0]["attachments"][0]["id"],
        "upload": upload["id"],
        "canned": canned["id"],
        "offer": offer["data"]["offer_id"],
        "contact": offer["contact_id"],
        "ringing_ticket": offer["ticket_id"],
        "session": agent.me["session_id"],
        "token": (await agent.post("tokens", {"name": "own", "scopes": []}))["id"],
    }


async def _furnish_house(world: World) -> None:
    """What belongs to no team: articles, a dead letter, a merge."""
    admin = world.admin
    article = await admin.post(
        "articles", {"texts": [{"locale": "en", "title": "Parcels", "markdown": "They come."}]}
    )
    await admin.patch(f"articles/{article['id']}", {"version": 1, "state": "published"})
    category = await admin.post("categories", {"names": {"en": "Delivery"}})
    async with admin.live() as live:
        await world.deliver(broken(UUID(world.north.account), "dead-1"))
        dead = await live.next("DeadLetterKept")
    one, other = [await admin.post("clients", {"name": name}) for name in ("Bo", "Bob")]
    merged = await admin.post(f"clients/{one['id']}/merge", {"source_id": other["id"]})
    roles = {role["name"]: role["id"] for role in await admin.get("roles")}
    world.shared = {
        "article": article["id"],
        "category": category["id"],
        "dead": dead["data"]["delivery_id"],
        "client": one["id"],
        "merge": merged["merges"][0]["id"],
        "role": roles["agent"],
        "agent": world.south.agent.me["agent"]["id"],
        "team": world.south.team,
        "queue": world.south.queue,
        "account": world.south.account,
    }

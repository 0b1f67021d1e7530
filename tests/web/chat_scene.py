"""A running center with a widget, a visitor's browser reduced to its requests, and an agent."""

import asyncio
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from aiohttp import ClientResponse, ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from channels.tables import AccountRow
from clients.tables import ClientRow
from contact_center.app import open_center
from contact_center.settings import Settings
from desk import connecting
from desk.connecting import NewLine
from desk.replies import Answer, send_reply
from kernel.actor import Actor
from kernel.clock import SystemClock
from kernel.entries import Noted
from kernel.ids import new_id
from kernel.secrets import Secret
from tests.channels.webchat.signing import SECRET
from tickets import service as tickets
from tickets.tables import MessageRow, TicketRow
from web.house import House

SHOP = "https://shop.example"
IRYNA = Actor(
    agent_id=new_id(), name="Iryna", permissions=frozenset({"ticket.see_all"}), team_ids=frozenset()
)
HEARD_WITHIN = 40.0


@dataclass(slots=True)
class Browser:
    """One visitor's browser on a page of the shop."""

    scene: "Scene"
    key: str
    token: str = ""
    origin: str = SHOP
    visitor: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)

    async def enter(self, **about: object) -> Self:
        answer = await self.post("session", about, token="")
        self.session = await answer.json()
        assert answer.status == 200, self.session
        self.token, self.visitor = self.session["token"], self.session["visitor"]
        return self

    async def post(self, path: str, body: object, *, token: str | None = None) -> ClientResponse:
        return await self.scene.client.post(
            f"/chat/{self.key}/{path}", json=body, headers=self.headers(token)
        )

    async def get(self, path: str) -> ClientResponse:
        return await self.scene.client.get(f"/chat/{self.key}/{path}", headers=self.headers())

    async def delete(self, path: str) -> ClientResponse:
        return await self.scene.client.delete(f"/chat/{self.key}/{path}", headers=self.headers())

    async def say(self, text: str, message_id: UUID | None = None, *files: str) -> ClientResponse:
        body = {"id": str(message_id or uuid4()), "text": text, "attachment_ids": list(files)}
        return await self.post("messages", body)

    async def upload(self, name: str, data: bytes) -> ClientResponse:
        headers = {**self.headers(), "Content-Type": "application/octet-stream"}
        return await self.scene.client.post(
            f"/chat/{self.key}/uploads", params={"name": name}, data=BytesIO(data), headers=headers
        )

    async def messages(self, query: str = "") -> list[dict[str, Any]]:
        answer = await self.get(f"messages{query}")
        assert answer.status == 200, await answer.text()
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return items

    @asynccontextmanager
    async def line(self, after: int | None = None) -> AsyncIterator["Line"]:
        """Open the socket, say who we are, and hear the welcome."""
        async with self.scene.client.ws_connect(
            f"/chat/{self.key}/socket", headers={"Origin": self.origin}
        ) as socket:
            await socket.send_json({"type": "hello", "token": self.token, "after": after})
            line = Line(socket)
            line.welcome = await line.hear("welcome")
            yield line

    def headers(self, token: str | None = None) -> dict[str, str]:
        shown = self.token if token is None else token
        return {"Origin": self.origin} | ({"Authorization": f"Visitor {shown}"} if shown else {})


@dataclass(slots=True)
class Line:
    """An open socket of a page."""

    socket: ClientWebSocketResponse
    welcome: dict[str, Any] = field(default_factory=dict)

    async def say(self, text: str, message_id: UUID | None = None) -> str:
        said = str(message_id or uuid4())
        await self.socket.send_json({"type": "message", "id": said, "text": text})
        return said

    async def hear(self, kind: str) -> dict[str, Any]:
        """Return the next frame of this kind; others are passed over."""
        async with asyncio.timeout(HEARD_WITHIN):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if frame["type"] == kind:
                    return frame


@dataclass(slots=True)
class Scene:
    """The center, seen from outside and from the agent's desk."""

    house: House
    client: TestClient[Any, Any]
    widget: AccountRow

    def browser(self, *, key: str | None = None, origin: str = SHOP) -> Browser:
        return Browser(self, key or self.widget.public_key, origin=origin)

    async def add_widget(self, **settings: Any) -> AccountRow:
        return await add_widget(self.house, **settings)

    async def texts(self) -> list[str]:
        """Return every inbound message that is stored, in the order of arrival."""
        async with self.house.database.reading() as session:
            rows = await session.scalars(
                select(MessageRow.text).where(MessageRow.kind == "inbound").order_by(MessageRow.id)
            )
            return list(rows)

    async def tickets(self) -> list[TicketRow]:
        async with self.house.database.reading() as session:
            return list(await session.scalars(select(TicketRow).order_by(TicketRow.id)))

    async def tickets_of(self, client_id: UUID) -> list[TicketRow]:
        return [one for one in await self.tickets() if one.client_id == client_id]

    async def client_of(self, ticket: TicketRow) -> ClientRow:
        async with self.house.database.reading() as session:
            return await session.get_one(ClientRow, ticket.client_id)

    async def count(self, table: Any) -> int:
        async with self.house.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def message(self, message_id: UUID) -> MessageRow:
        async with self.house.database.reading() as session:
            return await session.get_one(MessageRow, message_id)

    async def answer(self, text: str, *, ticket_id: UUID | None = None) -> UUID:
        """An agent answers; return when the answer was let go."""
        message_id = new_id()
        with self.heard("MessageStateChanged", message_id=str(message_id), state="sent") as sent:
            await self.promise(text, message_id, ticket_id=ticket_id)
            await sent()
        return message_id

    async def promise(self, text: str, message_id: UUID, *, ticket_id: UUID | None = None) -> None:
        wanted = ticket_id or (await self.tickets())[-1].id
        async with self.house.database.transaction() as session:
            ticket = await tickets.find_ticket(session, wanted, seen_by=IRYNA)
            await send_reply(
                session,
                self.house.lines,
                actor=IRYNA,
                ticket=ticket,
                answer=Answer(id=message_id, html=f"<p>{text}</p>"),
                now=self.house.clock.now(),
            )

    def heard(self, kind: str, **facts: object) -> "Heard":
        return Heard(self.house, kind, facts)


class Heard:
    """Waits for a journal entry of a kind, with these facts, from now on."""

    def __init__(self, house: House, kind: str, facts: dict[str, object]) -> None:
        self._kind, self._facts = kind, facts
        self._event = asyncio.Event()
        house.feed.subscribe(self._hear)

    def _hear(self, noted: Any) -> None:
        entry: Noted
        for entry in noted:
            if entry.kind == self._kind and self._facts.items() <= entry.data.items():
                self._event.set()

    async def _wait(self) -> None:
        async with asyncio.timeout(HEARD_WITHIN):
            await self._event.wait()

    def __enter__(self) -> Any:
        return self._wait

    def __exit__(self, *_: object) -> None:
        return None


async def add_widget(house: House, *, identity: bool = False, **settings: Any) -> AccountRow:
    """Make a widget and return it when its line is open."""
    heard = Heard(house, "AccountChanged", {"health": "connected"})
    async with house.database.transaction() as session:
        row = await connecting.connect(
            session,
            house.lines,
            house.sealer,
            NewLine(
                kind="webchat",
                name="Shop",
                settings={"allowed_domains": [SHOP], **settings},
                secrets={"identity_secret": SECRET} if identity else {},
            ),
            now=house.clock.now(),
        )
    with heard as connected:
        await connected()
    return row


def furnished(template: Path, data_dir: Path) -> Settings:
    shutil.copytree(template, data_dir)
    return settings_for(data_dir)


def settings_for(data_dir: Path, *, public_url: str = "http://center.example") -> Settings:
    return Settings(data_dir=data_dir, database_url=Secret(""), public_url=public_url)


async def furnish_template(data_dir: Path) -> None:
    async with open_center(settings_for(data_dir), SystemClock()):
        """Migrate and furnish; nothing else."""


@asynccontextmanager
async def open_scene(settings: Settings) -> AsyncIterator[Scene]:
    async with open_center(settings, SystemClock()) as center:
        server = TestServer(center.site)
        async with TestClient(server) as client:
            widget = await add_widget(center.house, identity=True)
            yield Scene(center.house, client, widget)


def png(width: int = 2, height: int = 2) -> bytes:
    """A small true PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sized = struct.pack(">I", len(data)) + kind + data
        return sized + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\x30\x90\x60" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    )

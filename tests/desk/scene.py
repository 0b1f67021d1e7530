"""A desk without its edges: intake, courier, dispatcher and lines over one database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from channels.envelope import Delivery
from channels.tables import DeliveryRow
from desk import connecting, replies
from desk.connecting import NewLine
from desk.courier import Courier
from desk.dispatch import Dispatcher
from desk.first_start import furnish
from desk.intake import Intake
from desk.lines import Lines
from desk.replies import Answer
from desk.vigil import Vigil
from desk.whose import tell_whose
from kernel.actor import Actor
from kernel.blobs import BlobStore
from kernel.database import Database
from kernel.entries import Noted
from kernel.feed import Feed
from kernel.ids import new_id
from kernel.journal import JournalRow
from kernel.secrets import Sealer
from kernel.supervise import Supervisor
from routing import service as routing
from routing.tables import ContactRow, OfferRow
from staff import service as staff
from staff.permissions import ADMINISTRATOR
from staff.presence import set_presence
from staff.service import NewAgent
from tests.clock import ManualClock
from tests.desk.scripted import SETTINGS, Post, ScriptedConnector
from tickets import service as tickets
from tickets.tables import MessageRow, TicketRow

IRYNA = Actor(agent_id=new_id(), name="Iryna", permissions=frozenset({"ticket.see_all"}))


@dataclass(slots=True)
class Desk:
    database: Database
    clock: ManualClock
    blobs: BlobStore
    sealer: Sealer
    lines: Lines
    intake: Intake
    courier: Courier
    dispatcher: Dispatcher
    supervisor: Supervisor
    post: Post
    undo: timedelta = timedelta()
    noted: list[Noted] = field(default_factory=list)
    present: set[UUID] = field(default_factory=set)

    async def mailbox(self, name: str = "Support", **more: Any) -> UUID:
        """Connect a scripted mailbox; no loop carries for it, the test does."""
        async with self.database.transaction() as session:
            row = await connecting.connect(
                session,
                self.lines,
                self.sealer,
                NewLine(kind="mail", name=name, settings=SETTINGS, **more),
                now=self.clock.now(),
            )
        await self.lines.settle()
        await self.supervisor.drop(f"courier {row.id}")
        return row.id

    async def messenger(self, name: str = "Shop bot", **more: Any) -> UUID:
        """Connect a scripted bot, which knows buttons."""
        async with self.database.transaction() as session:
            row = await connecting.connect(
                session,
                self.lines,
                self.sealer,
                NewLine(kind="telegram", name=name, settings={}, **more),
                now=self.clock.now(),
            )
        await self.lines.settle()
        await self.supervisor.drop(f"courier {row.id}")
        return row.id

    def office(self, account_id: UUID) -> ScriptedConnector:
        return self.post.offices[account_id]

    async def arrive(self, *deliveries: Delivery) -> None:
        await self.intake.accept(deliveries)

    async def carry(self, account_id: UUID) -> int:
        return await self.courier.round(self.lines.need(account_id))

    async def agent(self, name: str = "Iryna", *, available: bool = True) -> UUID:
        """Hire an agent who sits in the default queue."""
        async with self.database.transaction() as session:
            who = NewAgent(
                name=name,
                email=f"{name.lower()}@wonder.example",
                password_hash="x",
                role_id=ADMINISTRATOR.id,
            )
            card = await staff.add_agent(session, who, self.clock.now())
            queue = await routing.default_queue(session)
            assert queue is not None
            await routing.join_queue(session, queue.id, card.id)
        if available:
            await self.presence(card.id, "available")
        return card.id

    async def presence(self, agent_id: UUID, state: str) -> None:
        async with self.database.transaction() as session:
            await set_presence(session, agent_id, state, "", self.clock.now())

    async def answer(self, ticket_id: UUID, text: str = "Hello", **more: Any) -> UUID:
        """Let Iryna answer; the promise is due at once unless told otherwise."""
        given = {"id": new_id(), "html": f"<p>{text}</p>", **more}
        async with self.database.transaction() as session:
            ticket = await tickets.find_ticket(session, ticket_id, seen_by=IRYNA, lock=True)
            message = await replies.send_reply(
                session,
                self.lines,
                actor=IRYNA,
                ticket=ticket,
                answer=Answer(**given),
                now=self.clock.now(),
                undo_window=self.undo,
            )
            return message.id

    async def rows(self, table: Any) -> list[Any]:
        async with self.database.reading() as session:
            key = next(iter(table.__table__.primary_key.columns))
            return list(await session.scalars(select(table).order_by(key)))

    async def tickets(self) -> list[TicketRow]:
        return await self.rows(TicketRow)

    async def contacts(self) -> list[ContactRow]:
        return await self.rows(ContactRow)

    async def offers(self, state: str = "ringing") -> list[OfferRow]:
        return [one for one in await self.rows(OfferRow) if one.state == state]

    async def messages(self, kind: str = "inbound") -> list[MessageRow]:
        return [one for one in await self.rows(MessageRow) if one.kind == kind]

    async def texts(self) -> list[str]:
        return [one.text for one in await self.messages()]

    async def message(self, message_id: UUID) -> MessageRow:
        async with self.database.reading() as session:
            return await session.get_one(MessageRow, message_id)

    async def dead(self) -> list[DeliveryRow]:
        return [one for one in await self.rows(DeliveryRow) if one.state == "dead"]

    async def kinds(self) -> Sequence[str]:
        return [one.kind for one in await self.rows(JournalRow)]

    async def routed(self, *, steps: int = 4) -> None:
        """Let the dispatcher do what it has heard of."""
        for _ in range(steps):
            if self.dispatcher._roster_stale:
                await self.dispatcher._reload_roster()
            await self.dispatcher._step()

    def restarted(self) -> Dispatcher:
        """Return a new dispatcher, as after a restart; it hears the journal instead of the old."""
        self.dispatcher = Dispatcher(self.database, self.clock)
        return self.dispatcher

    def tell_dispatcher(self, noted: Sequence[Noted]) -> None:
        self.dispatcher.hear(noted)

    def vigil(self) -> Vigil:
        return Vigil(self.database, self.clock, lambda: self.present)


async def done(office: Desk, asking: Awaitable[Any]) -> Any:
    """Ask something of the dispatcher and let it work."""
    task = asyncio.ensure_future(asking)
    await asyncio.sleep(0)
    await office.routed()
    return await task


@asynccontextmanager
async def open_desk(database: Database, clock: ManualClock, tmp_path: Any) -> AsyncIterator[Desk]:
    """Open a desk whose intake runs and whose dispatcher the test moves step by step."""
    database.before_commit(tell_whose)
    async with database.transaction() as session:
        await furnish(session, clock.now())
    sealer = Sealer(bytes(range(32)))
    blobs = BlobStore(tmp_path / "blobs")
    feed = Feed(database, clock)
    await feed.start()
    async with Supervisor(clock) as supervisor:
        post = Post()
        lines = Lines(
            database, clock, sealer, supervisor, {"mail": post.make, "telegram": post.make}
        )
        intake = Intake(database, clock, blobs, lines)
        courier = Courier(database, clock, blobs)
        lines.join(intake.accept, courier)
        desk = Desk(
            database=database,
            clock=clock,
            blobs=blobs,
            sealer=sealer,
            lines=lines,
            intake=intake,
            courier=courier,
            dispatcher=Dispatcher(database, clock),
            supervisor=supervisor,
            post=post,
        )
        feed.subscribe(desk.noted.extend)
        feed.subscribe(desk.tell_dispatcher)
        await desk.dispatcher._restore()
        supervisor.keep("intake", intake.run)
        yield desk
        await lines.close()

"""A desk at which one agent holds a ticket and hears of what happens on it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from desk.notifications.choices import ByEvent, Choices, put_choices
from desk.notifications.listing import Listed, count_unread, list_notifications
from desk.notifications.teller import Teller
from desk.tables import NotificationRow
from kernel.actor import Actor
from staff.actors import standing_of
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tickets import service as tickets


class Told:
    """One agent of a desk, the ticket they hold, and the loop that tells them."""

    def __init__(self, office: Desk, box: UUID, ticket_id: UUID, agent_id: UUID) -> None:
        self.office = office
        self.box = box
        self.ticket_id = ticket_id
        self.agent_id = agent_id
        self.teller = Teller(office.database, office.clock)
        self._mails = 0

    async def change(self, **fields: Any) -> None:
        """Let Iryna, who is somebody else, change the ticket."""
        async with self.office.database.transaction() as session:
            ticket = await tickets.find_ticket(session, self.ticket_id, seen_by=IRYNA, lock=True)
            await tickets.change(
                session, ticket, fields, actor_id=IRYNA.agent_id, now=self.office.clock.now()
            )

    async def client_writes(self, text: str = "And another thing") -> None:
        self._mails += 1
        name = f"again-{self._mails}"
        await self.office.arrive(mail(self.box, name, text, ticket_claim=self.ticket_id))

    async def chooses(self, ways: ByEvent | None = None, **more: Any) -> None:
        choices = Choices(ways=ways or ByEvent(), **more)
        async with self.office.database.transaction() as session:
            await put_choices(session, self.agent_id, choices, self.office.clock.now())

    async def step(self) -> None:
        while await self.teller.step():
            pass

    async def rows(self) -> list[NotificationRow]:
        found: list[NotificationRow] = await self.office.rows(NotificationRow)
        return sorted((one for one in found if one.agent_id == self.agent_id), key=_moment)

    async def events(self) -> list[str]:
        await self.step()
        return [one.event for one in await self.rows()]

    async def actor(self) -> Actor:
        async with self.office.database.reading() as session:
            return (await standing_of(session, [self.agent_id]))[self.agent_id].as_actor(
                self.agent_id
            )

    async def listed(self, actor: Actor | None = None) -> list[Listed]:
        actor = actor or await self.actor()
        async with self.office.database.reading() as session:
            return await list_notifications(session, actor, unread=False, after=None, limit=50)

    async def unread(self, actor: Actor | None = None) -> int:
        actor = actor or await self.actor()
        async with self.office.database.reading() as session:
            return await count_unread(session, actor)

    def later(self, **span: float) -> None:
        self.office.clock.advance(seconds=timedelta(**span).total_seconds())


async def one_told(office: Desk) -> Told:
    """An agent to whom Iryna has just assigned a ticket."""
    box = await office.mailbox()
    agent_id = await office.agent("Nora", available=False)
    await office.arrive(mail(box, "first"))
    told = Told(office, box, (await office.tickets())[-1].id, agent_id)
    await told.change(assignee_id=agent_id)
    return told


def _moment(row: NotificationRow) -> tuple[Any, str]:
    return row.at, row.event

"""Leads who begins a conversation in a messenger: a greeting, a menu, and where a choice leads.

It runs in the intake's own transaction: the client waits in the account's queue already, so nobody
is kept waiting for a choice, and what is said is promised together with what it answers.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts, outbox
from channels.catalogue import CHANNELS
from channels.envelope import Outbound, Party
from channels.voice import flows
from channels.voice.answering import Answered, Step, answered, step_of
from channels.voice.flow import Flow
from channels.voice.walking import Place, World, begin
from clients import queries as clients
from clients import reach
from desk.lines import Line
from desk.quick import messages_of, worded
from desk.telephone.welcome import world_of
from kernel.errors import NotFoundError
from routing.choosing import choose_queue, unanswered
from routing.homes import QueueHome
from routing.tables import ContactRow
from tickets import saying
from tickets import service as tickets
from tickets.arrivals import Placed
from tickets.saying import Saying

logger = logging.getLogger(__name__)

MENU: Final = "menu"
LED: Final = frozenset(
    kind for kind, one in CHANNELS.items() if not one.speaks and not one.live and kind != "mail"
)
"""Channels whose accounts a flow may serve."""


class Guide(Struct, frozen=True):
    """A flow, and what it may look at."""

    flow: Flow
    world: World


class Stand(Struct, frozen=True, kw_only=True):
    """Where a client stands in a flow, as their contact keeps it."""

    flow_id: UUID
    place: Place


async def lead(
    session: AsyncSession,
    placed: Sequence[Placed],
    lines: Mapping[UUID, Line],
    homes: Mapping[UUID, QueueHome],
    now: datetime,
) -> None:
    """Answer what was just placed and queued, where a flow serves its account."""
    written_to = [
        one for one in placed if one.arrival.channel in LED and one.arrival.automatic is None
    ]
    asked = {one.arrival.account_id for one in written_to}
    served = await flows.serving(session, sorted(asked)) if asked else {}
    leader = _Leader(session, lines, homes, now)
    for one in written_to:
        flow_id = served.get(one.arrival.account_id)
        if flow_id is not None:
            await leader.take(one, flow_id)


async def guide_of(session: AsyncSession, flow_id: UUID, now: datetime) -> Guide | None:
    """Return the flow as writers are led through it; None when nobody can be led by it any more:
    then they wait as if there were none."""
    try:
        flow, _ = await flows.flow_of(session, flow_id)
        account = await accounts.find_account(session, flow_id)
    except (msgspec.ValidationError, NotFoundError):
        logger.exception("a flow leads nobody", extra={"flow": str(flow_id)})
        return None
    return Guide(flow, await written_world(session, flow, account.settings, now))


async def written_world(
    session: AsyncSession, flow: Flow, settings: Mapping[str, Any], now: datetime
) -> World:
    """Return what a flow may look at where it is written: `settings` are its own account's."""
    languages, greeting = spoken_in(flow, settings)
    world = await world_of(session, languages, greeting, now)
    return msgspec.structs.replace(world, written=True)


def spoken_in(flow: Flow, settings: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the languages of a flow, those of its telephone if it has one, and the greeting."""
    languages = tuple(settings.get("languages") or flow.languages or ("en",))
    return languages, dict(settings.get("greeting") or {})


class _Leader:
    """One batch's way through the flows."""

    def __init__(
        self,
        session: AsyncSession,
        lines: Mapping[UUID, Line],
        homes: Mapping[UUID, QueueHome],
        now: datetime,
    ) -> None:
        self._session = session
        self._lines = lines
        self._homes = homes
        self._now = now
        self._guides: dict[UUID, Guide | None] = {}

    async def take(self, one: Placed, flow_id: UUID) -> None:
        """Begin with who opened a ticket; go on with who stands in a menu and waits still."""
        contact = await unanswered(self._session, one.ticket.id)
        if contact is None or await self._is_forbidden(one):
            return
        if one.opened:
            guide = await self._guide(flow_id)
            if guide is not None:
                await self._begin(one, contact, flow_id, guide)
        elif contact.menu is not None:
            stand = msgspec.convert(contact.menu, Stand)
            guide = await self._guide(stand.flow_id)
            if guide is not None:
                await self._go_on(one, contact, stand, guide)

    async def _begin(self, one: Placed, contact: ContactRow, flow_id: UUID, guide: Guide) -> None:
        locale = await clients.locale_of(self._session, one.ticket.client_id)
        spoken = guide.world.languages
        turn = begin(guide.flow, locale if locale in spoken else spoken[0], guide.world)
        answer = Answered(turn=turn, chose="")
        step = step_of(guide.flow, answer, None, guide.world)
        await self._follow(one, contact, flow_id, answer, step)

    async def _go_on(self, one: Placed, contact: ContactRow, stand: Stand, guide: Guide) -> None:
        answer = answered(guide.flow, stand.place, one.arrival.text, guide.world)
        if answer is None:
            return
        if answer.chose:
            await saying.note_choice(self._session, one.message_id, answer.chose)
        step = step_of(guide.flow, answer, stand.place, guide.world)
        await self._follow(one, contact, stand.flow_id, answer, step)

    async def _follow(
        self, one: Placed, contact: ContactRow, flow_id: UUID, answer: Answered, step: Step
    ) -> None:
        """Say what the step says, and let the client wait where it leads."""
        if step.queue is not None:
            await self._queue(one, contact, step.queue.queue_id, answer.chose)
        can = self._lines[one.arrival.account_id].traits.can
        for text in messages_of(can, step.texts, step.options):
            await self._say(one, text)
        if step.place is not None:
            contact.menu = msgspec.to_builtins(Stand(flow_id=flow_id, place=step.place))

    async def _queue(
        self, one: Placed, contact: ContactRow, queue_id: UUID | None, choice: str
    ) -> None:
        home = self._homes.get(queue_id or one.arrival.queue_id or contact.queue_id)
        if home is None or home.id == contact.queue_id:
            return
        choose_queue(self._session, contact, home.id, choice=choice, now=self._now)
        ticket = await tickets.find_for_house(self._session, one.ticket.id)
        await tickets.change(
            self._session,
            ticket,
            {"queue_id": home.id, "team_id": home.team_id},
            actor_id=None,
            now=self._now,
        )

    async def _say(self, one: Placed, text: str) -> None:
        line = self._lines[one.arrival.account_id]
        said = worded(line.traits.can, text, None, files=False)
        to = Party(handle=one.arrival.author.handle, name=one.arrival.author.name)
        message = await saying.say(
            self._session,
            await tickets.find_for_house(self._session, one.ticket.id),
            Saying(
                text=text,
                automatic=MENU,
                channel=line.account.kind,
                account_id=line.account.id,
                account_name=line.account.name,
                to={"handle": to.handle, "name": to.name},
            ),
            now=self._now,
        )
        outbox.promise(
            self._session,
            Outbound(
                account_id=line.account.id,
                key=message.id,
                ticket_id=one.ticket.id,
                recipient=to,
                text=said.text,
                choices=said.choices,
                to=(to,),
                automatic=True,
            ),
            lane=one.ticket.id,
            now=self._now,
            due_at=self._now,
        )

    async def _is_forbidden(self, one: Placed) -> bool:
        """Whether they forbade us to write there: then they wait as if there were no flow."""
        traits = self._lines[one.arrival.account_id].traits
        if not traits.opts_out:
            return False
        handle = one.arrival.author.handle
        return await reach.forbidden(self._session, traits.people, handle) is not None

    async def _guide(self, flow_id: UUID) -> Guide | None:
        if flow_id not in self._guides:
            self._guides[flow_id] = await guide_of(self._session, flow_id, self._now)
        return self._guides[flow_id]

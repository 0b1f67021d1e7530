"""What an agent can do with a call: hold, mute, keys, others, recording, the end of it."""

from collections.abc import Awaitable
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from channels.voice import calls, kept
from channels.voice.destinations import REASONS, Refusal, plain
from channels.voice.legs import What
from channels.voice.steps import Dial, Join, Press, Say
from channels.voice.tables import CallLegRow, CallRow
from channels.voice.words import phrase
from desk.dispatch import Dispatcher
from desk.lines import Line, Lines
from desk.telephone.access import (
    client_leg,
    find_leg,
    find_seen,
    own_leg,
    refuse_over,
    refuse_unless_talking,
)
from desk.telephone.deciding import Need, Todo
from desk.telephone.errands import Errands
from desk.telephone.own_phone import address_of, refuse_without_phone
from kernel.actor import Actor
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.errors import ConflictError, InvalidInputError, OverloadedError
from kernel.limits import VOICE_CALL_SECONDS, VOICE_PARTIES
from routing import service as routing
from staff import queries as staff

_REFUSALS: Final = {
    "no_number": REASONS[Refusal.NO_NUMBER],
    "premium": REASONS[Refusal.PREMIUM],
    "country": REASONS[Refusal.COUNTRY],
    "too_many": "the account has made as many calls today as it may; an administrator can raise"
    " the limit",
}


class Whom(Struct, frozen=True, kw_only=True):
    """A colleague or a number."""

    agent_id: UUID | None = None
    number: str = ""


class Seen(Struct, frozen=True, kw_only=True):
    """A call that goes on, as an agent sees it who may act in it."""

    line: Line
    call: CallRow
    legs: list[CallLegRow]


class Controls:
    """Each verb asks the provider first and notes it after that; what it refuses changes nothing.

    Raises NotFoundError for a call the actor does not see, ForbiddenError for one they are not in,
    ConflictError when the call is not where it can be done.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lines: Lines,
        dispatcher: Dispatcher,
        errands: Errands,
    ) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._dispatcher = dispatcher
        self._errands = errands

    async def hold(self, actor: Actor, call_id: UUID, *, on: bool, leg_id: UUID | None) -> None:
        seen = await self._talking(actor, call_id)
        leg = find_leg(seen.legs, leg_id) if leg_id else client_leg(seen.legs)
        await self._hold(seen, leg, on=on)
        crash_here("telephone.after_holding_before_noting")
        await self._note(actor, call_id, "hold" if on else "resume", leg.role, leg.id, on_hold=on)

    async def mute(self, actor: Actor, call_id: UUID, *, on: bool, leg_id: UUID | None) -> None:
        """Mute oneself, or somebody else who is in the call."""
        seen = await self._talking(actor, call_id)
        leg = find_leg(seen.legs, leg_id) if leg_id else own_leg(seen.legs, actor)
        await _asked(self._provider(seen).mute(str(call_id), leg.sid or "", on=on))
        await self._note(actor, call_id, "mute" if on else "unmute", leg.role, leg.id, muted=on)

    async def press(self, actor: Actor, call_id: UUID, digits: str, *, leg_id: UUID | None) -> None:
        """Send tones to the client, or to somebody else outside; which ones is noted nowhere."""
        seen = await self._talking(actor, call_id)
        leg = find_leg(seen.legs, leg_id) if leg_id else client_leg(seen.legs)
        back = await self._back(seen, leg)
        await _asked(
            self._provider(seen).aside(str(call_id), leg.sid or "", [Press(digits=digits)], back)
        )
        await self._note(actor, call_id, "keys", leg.role, leg.id)

    async def consult(self, actor: Actor, call_id: UUID, whom: Whom) -> None:
        """Ask somebody while the client hears music."""
        seen = await self._talking(actor, call_id)
        if any(leg.role == "consulted" and leg.state in calls.LIVE for leg in seen.legs):
            raise ConflictError("you are asking somebody already", reason="phone.asking_already")
        leg = await self._new_leg(actor, seen, whom, role="consulted")
        client = client_leg(seen.legs)
        await self._hold(seen, client, on=True)
        await self._note(actor, call_id, "consult", leg.name, client.id, on_hold=True)
        await self._errands.dial(seen.line, seen.call, leg, ends_it=False)

    async def return_to_client(self, actor: Actor, call_id: UUID) -> None:
        """End the consultation and speak with the client again."""
        seen = await self._talking(actor, call_id)
        for leg in seen.legs:
            if leg.role == "consulted" and leg.state in calls.LIVE:
                await self._drop(seen, leg)
        client = client_leg(seen.legs)
        await self._hold(seen, client, on=False)
        await self._note(actor, call_id, "return", "", client.id, on_hold=False)

    async def hand_over(self, actor: Actor, call_id: UUID) -> None:
        """Leave the client with whom the actor consulted; a colleague has the contact then."""
        seen = await self._talking(actor, call_id)
        own = own_leg(seen.legs, actor)
        asked = [leg for leg in seen.legs if leg.role == "consulted" and leg.state == "joined"]
        if not asked:
            raise ConflictError(
                "nobody whom you asked is on the line; wait until they answer",
                reason="phone.not_answered",
            )
        other, client = asked[-1], client_leg(seen.legs)
        provider = self._provider(seen)
        room = str(call_id)
        # The room must outlive the actor before anybody learns that the contact is another's.
        await _asked(provider.bind(room, other.sid or "", ends_it=True))
        await _asked(provider.bind(room, own.sid or "", ends_it=False))
        if other.agent_id is not None:
            await self._give(actor, seen, other.agent_id)
        await self._hold(seen, client, on=False)
        await self._take_over(actor, seen, other, client)
        await self._drop(seen, own)

    async def transfer(
        self, actor: Actor, call_id: UUID, whom: Whom, queue_id: UUID | None
    ) -> None:
        """Give the client away without asking anybody first."""
        seen = await self._talking(actor, call_id)
        own_leg(seen.legs, actor)
        contact_id = _needed(seen.call.contact_id)
        if queue_id is not None:
            async with self._database.reading() as session:
                name = (await routing.find_queue(session, queue_id)).name
            await self._note(actor, call_id, "transfer", name, None)
            await self._dispatcher.move(contact_id, queue_id)
        elif whom.agent_id is not None:
            async with self._database.reading() as session:
                card = await staff.find_agent(session, whom.agent_id)
                await refuse_without_phone(session, seen.line, card, own=False)
            await self._note(actor, call_id, "transfer", card.name, None)
            await self._give(actor, seen, whom.agent_id)
        else:
            await self._transfer_outside(actor, seen, plain(whom.number))

    async def add(self, actor: Actor, call_id: UUID, whom: Whom) -> None:
        """Let somebody else take part, beside the client."""
        seen = await self._talking(actor, call_id)
        if sum(leg.state in calls.LIVE for leg in seen.legs) >= VOICE_PARTIES:
            raise ConflictError(
                f"at most {VOICE_PARTIES} people take part in a call", reason="phone.most_parties"
            )
        leg = await self._new_leg(actor, seen, whom, role="third")
        await self._note(actor, call_id, "add", leg.name, None)
        await self._errands.dial(seen.line, seen.call, leg, ends_it=False)

    async def remove(self, actor: Actor, call_id: UUID, leg_id: UUID) -> None:
        seen = await self._talking(actor, call_id)
        leg = find_leg(seen.legs, leg_id)
        if leg.role == "client":
            raise ConflictError("hang up instead", reason="phone.hang_up")
        await self._note(actor, call_id, "remove", leg.name, None)
        await self._drop(seen, leg)

    async def record(self, actor: Actor, call_id: UUID, what: str) -> None:
        """Start, pause, resume or stop recording; whoever is recorded is told before it starts."""
        seen = await self._talking(actor, call_id)
        own_leg(seen.legs, actor)
        client, provider = client_leg(seen.legs), self._provider(seen)
        if what == "start":
            await self.start_recording(seen, client, by=actor.agent_id)
        else:
            async with self._database.reading() as session:
                row = await kept.running(session, call_id)
            if row is None:
                raise ConflictError("this call is not being recorded", reason="phone.not_recorded")
            if what == "stop":
                await _asked(provider.stop_recording(client.sid or "", row.sid))
            else:
                on = what == "pause"
                await _asked(provider.pause_recording(client.sid or "", row.sid, on=on))
            await self._note_recording(call_id, row.id, what)
        await self._note(actor, call_id, f"recording_{what}", "", None)

    async def start_recording(self, seen: Seen, client: CallLegRow, *, by: UUID | None) -> None:
        async with self._database.reading() as session:
            if await kept.running(session, seen.call.id) is not None:
                raise ConflictError(
                    "this call is being recorded already", reason="phone.recorded_already"
                )
        provider, locale = self._provider(seen), seen.call.locale
        back = await self._back(seen, client)
        said = [Say(text=phrase("recording", locale), language=locale)]
        await _asked(provider.aside(str(seen.call.id), client.sid or "", said, back))
        sid = await _asked(provider.record(client.sid or "", seen.call.id))
        crash_here("telephone.after_recording_before_noting")
        async with self._database.transaction() as session:
            call = await calls.find_call(session, seen.call.id, lock=True)
            kept.begin(session, call, sid, by=by, now=self._clock.now())
            call.recording = "on"
            await calls.note_change(session, call, self._clock.now())

    async def hang_up(self, actor: Actor, call_id: UUID) -> None:
        """End the call for everybody in it."""
        seen = await self._seen(actor, call_id)
        if not actor.may("queue.supervise"):
            _speaks(seen.legs, actor)
        await self._note(actor, call_id, "hang_up", "", None)
        await self._errands.run(seen.line, call_id, Todo(need=Need.OVER))

    # What they are made of.

    async def _seen(self, actor: Actor, call_id: UUID) -> Seen:
        async with self._database.reading() as session:
            call, legs = await find_seen(session, call_id, by=actor)
        refuse_over(call)
        return Seen(line=self._lines.need(call.account_id), call=call, legs=legs)

    async def _talking(self, actor: Actor, call_id: UUID) -> Seen:
        seen = await self._seen(actor, call_id)
        own_leg(seen.legs, actor)
        refuse_unless_talking(seen.call)
        return seen

    @staticmethod
    def _provider(seen: Seen) -> Any:
        return seen.line.connector

    async def _hold(self, seen: Seen, leg: CallLegRow, *, on: bool) -> None:
        provider = self._provider(seen)
        await _asked(provider.hold(str(seen.call.id), leg.sid or "", seen.call.id, on=on))

    async def _give(self, actor: Actor, seen: Seen, agent_id: UUID) -> None:
        """Let a colleague have the contact; the call follows it."""
        contact_id = _needed(seen.call.contact_id)
        await self._dispatcher.assign(contact_id, agent_id, by=actor.agent_id)

    async def _take_over(
        self, actor: Actor, seen: Seen, other: CallLegRow, client: CallLegRow
    ) -> None:
        async with self._database.transaction() as session:
            now = self._clock.now()
            call = await calls.find_call(session, seen.call.id, lock=True)
            leg = await calls.find_leg(session, other.id)
            held = await calls.find_leg(session, client.id)
            if leg is not None:
                leg.role = "agent" if other.agent_id else "third"
            if held is not None:
                held.on_hold = False
            if other.agent_id is not None:
                call.agent_id = other.agent_id
            else:
                await _leave_outside(session, call, actor, self._clock)
            calls.note_control(session, call, "hand_over", other.name, by=actor.agent_id)
            await calls.note_change(session, call, now)

    async def _transfer_outside(self, actor: Actor, seen: Seen, number: str) -> None:
        """The client hears the other telephone ring; the agent is through with the call."""
        await self._refuse(seen, number)
        client, provider = client_leg(seen.legs), self._provider(seen)
        async with self._database.transaction() as session:
            call = await calls.find_call(session, seen.call.id, lock=True)
            call.turn += 1
            call.state, call.outcome = "connecting", "transferred"
            calls.add_leg(
                session, call, self._clock.now(), role="third", number=number, name=number
            )
            await _leave_outside(session, call, actor, self._clock)
            calls.note_control(session, call, "transfer", number, by=actor.agent_id)
            await calls.note_change(session, call, self._clock.now())
        dial = Dial(
            to=number,
            shown=provider.number,
            seconds=provider.settings.ring_seconds,
            most_seconds=VOICE_CALL_SECONDS,
            then=provider.address(What.DIALLED, call.id, call.turn),
        )
        await _asked(provider.move(client.sid or "", [dial]))

    async def _new_leg(self, actor: Actor, seen: Seen, whom: Whom, *, role: str) -> CallLegRow:
        """Claim a leg for a colleague or a number; refused in words when it may not be called."""
        if whom.agent_id == actor.agent_id:
            raise InvalidInputError(
                "you are in this call yourself", field="agent_id", reason="phone.in_it_yourself"
            )
        to, name = plain(whom.number), plain(whom.number)
        if whom.agent_id is not None:
            async with self._database.reading() as session:
                card = await staff.find_agent(session, whom.agent_id)
                await refuse_without_phone(session, seen.line, card, own=False)
            to, name = address_of(card), card.name
        else:
            await self._refuse(seen, to)
        async with self._database.transaction() as session:
            call = await calls.find_call(session, seen.call.id, lock=True)
            leg = await self._errands.new_leg(
                session, seen.line, call, role=role, to=to, name=name, agent_id=whom.agent_id
            )
            await calls.note_change(session, call, self._clock.now())
        return leg

    async def _refuse(self, seen: Seen, number: str) -> None:
        async with self._database.reading() as session:
            why = await self._errands.why_not(session, seen.line, number, own=False)
        if why is not None:
            raise InvalidInputError(_REFUSALS[why], field="number", reason=f"phone.{why}")

    async def _back(self, seen: Seen, leg: CallLegRow) -> Join:
        """Return how a leg comes back into the room."""
        if leg.role != "client":
            told = self._provider(seen).address(What.ROOM, seen.call.id)
            return Join(room=str(seen.call.id), label=str(leg.id), ends_it=False, told=told)
        async with self._database.transaction() as session:
            call = await calls.find_call(session, seen.call.id, lock=True)
            call.turn += 1
            return self._errands.join_step(seen.line, call, leg)

    async def _drop(self, seen: Seen, leg: CallLegRow) -> None:
        await self._errands.run(seen.line, seen.call.id, Todo(need=Need.DROP, leg_id=leg.id))

    async def _note_recording(self, call_id: UUID, recording_id: UUID, what: str) -> None:
        states = {"pause": ("paused", "paused"), "resume": ("running", "on"), "stop": ("", "off")}
        of_row, of_call = states[what]
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            row = await kept.running(session, call_id)
            if row is not None and row.id == recording_id:
                row.state = of_row or "fetching"
            call.recording = of_call
            await calls.note_change(session, call, self._clock.now())

    async def _note(
        self,
        actor: Actor,
        call_id: UUID,
        what: str,
        detail: str,
        leg_id: UUID | None,
        **flags: bool,
    ) -> None:
        async with self._database.transaction() as session:
            call = await calls.find_call(session, call_id, lock=True)
            leg = await calls.find_leg(session, leg_id) if leg_id else None
            for name, value in flags.items():
                if leg is not None and leg.state != "ended":
                    setattr(leg, name, value)
            calls.note_control(session, call, what, detail, by=actor.agent_id)
            await calls.note_change(session, call, self._clock.now())


async def _leave_outside(session: AsyncSession, call: CallRow, actor: Actor, clock: Clock) -> None:
    """The client goes on speaking with somebody outside; the agent wraps up."""
    call.outcome = "transferred"
    if call.contact_id is not None:
        contact = await routing.find_contact(session, call.contact_id)
        await routing.conclude(session, contact, by=actor.agent_id, now=clock.now())


def _speaks(legs: list[CallLegRow], actor: Actor) -> None:
    """Also who is still being called may end the call."""
    if not any(
        leg.agent_id == actor.agent_id and leg.state in calls.LIVE and leg.role != "supervisor"
        for leg in legs
    ):
        own_leg(legs, actor)


def _needed(contact_id: UUID | None) -> UUID:
    if contact_id is None:
        raise ConflictError("this call has no contact", reason="phone.over")
    return contact_id


async def _asked(request: Awaitable[Any]) -> Any:
    """Say in words an agent can act on what the provider did not do."""
    try:
        return await request
    except MessageRejectedError as error:
        raise ConflictError("they are not on the line any more", reason="phone.gone") from error
    except (OutcomeUnknownError, ProviderUnavailableError) as error:
        raise OverloadedError(
            "the telephone provider does not answer; try again", reason="phone.provider_silent"
        ) from error
    except (BadCredentialsError, MisconfiguredError) as error:
        raise ConflictError(error.message) from error

"""Supervisors in a call: they listen, whisper to the agent, or speak with everybody."""

from typing import Any, Final
from uuid import UUID

from channels.errors import MessageRejectedError
from channels.voice import calls
from channels.voice.tables import CallLegRow
from desk.accompanying import JOIN, LISTEN, stand_beside, step_away
from desk.lines import Lines
from desk.telephone.access import find_seen, refuse_unless_talking
from desk.telephone.deciding import Need, Todo
from desk.telephone.errands import Errands
from desk.telephone.own_phone import address_of, refuse_without_phone
from kernel.actor import Actor
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import ConflictError
from staff import queries as staff
from supervision.companions import JOINED, READING

MODES: Final = ("listen", "whisper", "barge")


class Beside:
    """The same permissions as beside a chat: `contact.listen` to hear and whisper, `contact.join`
    to be heard by the client."""

    def __init__(self, database: Database, clock: Clock, lines: Lines, errands: Errands) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._errands = errands

    async def come(self, actor: Actor, call_id: UUID, mode: str) -> None:
        """Call the supervisor's telephone into the call, or change how they are in it."""
        actor.require(JOIN if mode == "barge" else LISTEN)
        async with self._database.transaction() as session:
            now = self._clock.now()
            call, legs = await find_seen(session, call_id, by=actor, lock=True)
            refuse_unless_talking(call)
            agent = _agent_leg(legs, call.agent_id)
            if call.contact_id is None or agent.agent_id == actor.agent_id:
                raise ConflictError(
                    "you speak in this call yourself", reason="phone.in_it_yourself"
                )
            await stand_beside(
                session,
                call.contact_id,
                JOINED if mode == "barge" else READING,
                actor=actor,
                now=now,
            )
            line = self._lines.need(call.account_id)
            own, fresh = _own(legs, actor), False
            if own is None:
                card = await staff.find_agent(session, actor.agent_id)
                await refuse_without_phone(session, line, card)
                own, fresh = (
                    await self._errands.new_leg(
                        session,
                        line,
                        call,
                        role="supervisor",
                        to=address_of(card),
                        name=card.name,
                        agent_id=card.id,
                        mode=mode,
                    ),
                    True,
                )
            own.mode = mode
            calls.note_control(session, call, mode, "", by=actor.agent_id)
            await calls.note_change(session, call, now)
        whom = (agent.sid or "") if mode == "whisper" else ""
        if fresh:
            muted = mode == "listen"
            await self._errands.dial(line, call, own, ends_it=False, muted=muted, coaching=whom)
        elif own.sid:
            provider: Any = line.connector
            try:
                await provider.coach(str(call_id), own.sid, whom=whom, muted=mode == "listen")
            except MessageRejectedError as error:
                raise ConflictError("this call is over", reason="phone.over") from error

    async def leave(self, actor: Actor, call_id: UUID) -> None:
        async with self._database.transaction() as session:
            call, legs = await find_seen(session, call_id, by=actor)
            own = _own(legs, actor)
            if call.contact_id is not None:
                await step_away(session, call.contact_id, actor=actor)
            calls.note_control(session, call, "leave", "", by=actor.agent_id)
        if own is not None:
            line = self._lines.need(call.account_id)
            await self._errands.run(line, call_id, Todo(need=Need.DROP, leg_id=own.id))


def _own(legs: list[CallLegRow], actor: Actor) -> CallLegRow | None:
    found = [
        leg
        for leg in legs
        if leg.agent_id == actor.agent_id and leg.role == "supervisor" and leg.state in calls.LIVE
    ]
    return found[-1] if found else None


def _agent_leg(legs: list[CallLegRow], agent_id: UUID | None) -> CallLegRow:
    for leg in reversed(legs):
        if leg.agent_id == agent_id and leg.role == "agent" and leg.state == "joined":
            return leg
    raise ConflictError("no agent is on the line", reason="phone.nobody_speaks")

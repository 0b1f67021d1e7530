"""What a call needs now, from how it stands; no I/O, no clock.

Everything that is asked of the provider beside the answers to its own questions comes from here,
again and again until it is so: after a crash nothing is remembered, and nothing needs to be.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from channels.voice.tables import CallLegRow, CallRow


class Need(StrEnum):
    DIAL_AGENT = "dial_agent"
    DIAL_CLIENT = "dial_client"
    JOIN_CLIENT = "join_client"
    """Bring the client, who waits, to the agent, who is there."""
    WAIT_AGAIN = "wait_again"
    """Bring the client back to the music: who had the contact has it no more."""
    MISSED = "missed"
    """The agent's telephone was not answered: the contact waits again, the agent is away."""
    NOT_REACHED = "not_reached"
    """The client did not answer."""
    OVER = "over"
    """End it for everybody."""
    TURN_AWAY = "turn_away"
    """Its queue has sent the client away."""
    DROP = "drop"
    """Hang this leg up."""


class Todo(Struct, frozen=True, kw_only=True):
    need: Need
    agent_id: UUID | None = None
    leg_id: UUID | None = None


class Having(Struct, frozen=True, kw_only=True):
    """Who has the contact of a call."""

    state: str
    agent_id: UUID | None


_LIVE: Final = frozenset({"dialling", "ringing", "joined"})
_SPEAKERS: Final = frozenset({"agent", "consulted", "third"})
_WAITS: Final = frozenset({"queued", "offered"})


def needs_of(
    call: CallRow, legs: Sequence[CallLegRow], having: Having | None, *, settled: bool
) -> list[Todo]:
    """Return what is to be done now, in this order; nothing when all is as it shall be.

    A call that has just begun is not `settled`: who makes it is about to take its contact.
    """
    live = [leg for leg in legs if leg.state in _LIVE]
    if call.ended_at is not None:
        return _drops(live)
    if having is None or call.state in {"menu", "voicemail"}:
        return []
    if call.outcome == "transferred":
        outside = any(leg.role == "third" for leg in live) or call.state == "connecting"
        return [] if outside else [Todo(need=Need.OVER)]
    if having.state in _WAITS:
        if call.direction == "outbound" and not legs and not settled:
            return []
        return _back_to_the_queue(call, live)
    if having.state != "active" or having.agent_id is None:
        away = call.state == "waiting" and having.state == "flowed_out"
        return [Todo(need=Need.TURN_AWAY if away else Need.OVER)]
    if call.direction == "outbound" and call.answered_at is None:
        return _outgoing(legs, live, having.agent_id)
    return _with_agent(call, legs, live, having.agent_id)


def _back_to_the_queue(call: CallRow, live: Sequence[CallLegRow]) -> list[Todo]:
    """Who rings or speaks has it no more: the client hears music first, then they are hung up."""
    if call.direction == "outbound" and call.answered_at is None:
        return [Todo(need=Need.OVER)]
    drops = _drops([leg for leg in live if leg.role != "client"])
    if call.state == "waiting":
        return drops
    return [Todo(need=Need.WAIT_AGAIN), *drops]


def _with_agent(
    call: CallRow, legs: Sequence[CallLegRow], live: Sequence[CallLegRow], agent_id: UUID
) -> list[Todo]:
    here = [leg for leg in live if leg.agent_id == agent_id and leg.role != "supervisor"]
    if any(leg.state == "joined" for leg in here):
        others = _drops(_replaced(live, agent_id))
        return others if call.state == "talking" else [Todo(need=Need.JOIN_CLIENT), *others]
    if here:
        return []
    if call.state == "talking" and _ended_last(legs, agent_id):
        speaking = [leg for leg in live if leg.role in {"consulted", "third"}]
        return [] if any(leg.state == "joined" for leg in speaking) else [Todo(need=Need.OVER)]
    if call.state == "talking":  # somebody else was given the contact
        return [Todo(need=Need.WAIT_AGAIN), *_drops(_replaced(live, agent_id))]
    if _unreached(legs, agent_id):
        return [Todo(need=Need.MISSED, agent_id=agent_id)]
    return [Todo(need=Need.DIAL_AGENT, agent_id=agent_id)]


def _outgoing(legs: Sequence[CallLegRow], live: Sequence[CallLegRow], agent_id: UUID) -> list[Todo]:
    """The agent first, then the client."""
    if not any(
        leg.agent_id == agent_id and leg.role == "agent" and not leg.settled for leg in legs
    ):
        return [Todo(need=Need.DIAL_AGENT, agent_id=agent_id)]
    agent = [leg for leg in live if leg.agent_id == agent_id and leg.role == "agent"]
    client = [leg for leg in legs if leg.role == "client"]
    if not agent:
        return [Todo(need=Need.NOT_REACHED if client else Need.MISSED, agent_id=agent_id)]
    if agent[0].state != "joined":
        return []
    if not client:
        return [Todo(need=Need.DIAL_CLIENT)]
    return [] if client[-1].state in _LIVE else [Todo(need=Need.NOT_REACHED)]


def _drops(legs: Sequence[CallLegRow]) -> list[Todo]:
    return [Todo(need=Need.DROP, leg_id=leg.id) for leg in legs]


def _replaced(live: Sequence[CallLegRow], agent_id: UUID) -> list[CallLegRow]:
    """Return the telephones of agents who had the contact before."""
    return [leg for leg in live if leg.role == "agent" and leg.agent_id != agent_id]


def _ended_last(legs: Sequence[CallLegRow], agent_id: UUID) -> bool:
    """Whether this agent spoke with the client and hung up."""
    own = [leg for leg in legs if leg.agent_id == agent_id and leg.role in _SPEAKERS]
    return bool(own) and own[-1].state == "ended" and own[-1].joined_at is not None


def _unreached(legs: Sequence[CallLegRow], agent_id: UUID) -> bool:
    """Whether this agent's telephone was tried for this very offer, and not answered."""
    own = [leg for leg in legs if leg.agent_id == agent_id and leg.role == "agent"]
    return bool(own) and own[-1].state == "ended" and not own[-1].settled

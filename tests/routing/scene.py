"""A small stage for routing tests: named agents, contacts and queues, and a clock in seconds."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from routing.commands import (
    AgentSet,
    AgentStateChanged,
    Command,
    ContactQueued,
    Exclusion,
    OfferAccepted,
    OfferDeclined,
    QueueSet,
    Tick,
)
from routing.effects import Effect, OfferMade
from routing.engine import Engine
from routing.model import Presence, Rules
from routing.rules import Blending, QueueRules, Terms

SECOND = 1_000_000
E = TypeVar("E")


def an_id(name: str) -> UUID:
    """Name a thing the same in every run."""
    return uuid5(NAMESPACE_OID, name)


def only(kind: type[E], effects: list[Effect]) -> list[E]:
    return [effect for effect in effects if isinstance(effect, kind)]


class Scene:
    """An engine whose agents, contacts and queues are called by name."""

    def __init__(self, rules: Rules | None = None, *, suspended: bool = False) -> None:
        self.engine = Engine(rules, suspended=suspended)
        self.now = 1_000 * SECOND
        self.ringing: dict[UUID, OfferMade] = {}

    def do(self, command: Command) -> list[Effect]:
        effects = self.engine.apply(command, self.now)
        self.ringing |= {made.contact: made for made in only(OfferMade, effects)}
        return effects

    def pass_time(self, seconds: float) -> list[Effect]:
        self.now += round(seconds * SECOND)
        return self.do(Tick())

    def agent(
        self,
        name: str,
        *queues: str,
        state: Presence = Presence.AVAILABLE,
        idle_since: int | None = None,
        skills: Mapping[str, int] | None = None,
        terms: Terms | None = None,
        blending: Blending | None = None,
        **capacity: int,
    ) -> list[Effect]:
        """Set an agent; by default in the queue "support" with one place for a chat."""
        return self.do(
            AgentSet(
                agent=an_id(name),
                queues={an_id(queue): terms or Terms() for queue in queues or ("support",)},
                capacity=capacity or {"chat": 1},
                state=state,
                skills={an_id(skill): level for skill, level in (skills or {}).items()},
                blending=blending,
                idle_since_us=None if idle_since is None else idle_since * SECOND,
            )
        )

    def contact(
        self,
        name: str,
        queue: str = "support",
        channel: str = "chat",
        *,
        preferred: str | None = None,
        excluded: tuple[Exclusion | str, ...] = (),
        arrived: int | None = None,
        **more: Any,
    ) -> list[Effect]:
        return self.do(
            ContactQueued(
                contact=an_id(name),
                queue=an_id(queue),
                channel=channel,
                virtual_arrival_us=self.now if arrived is None else arrived * SECOND,
                preferred_agent=None if preferred is None else an_id(preferred),
                excluded=tuple(
                    e if isinstance(e, Exclusion) else Exclusion(an_id(e)) for e in excluded
                ),
                **more,
            )
        )

    def queue(self, name: str = "support", **rules: Any) -> list[Effect]:
        """Set the rules of a queue."""
        return self.do(QueueSet(an_id(name), QueueRules(**rules)))

    def sets(self, name: str, state: Presence) -> list[Effect]:
        return self.do(AgentStateChanged(an_id(name), state))

    def accepts(self, name: str, contact: str) -> list[Effect]:
        offer = self.ringing[an_id(contact)].offer
        return self.do(OfferAccepted(offer, an_id(name), an_id(contact)))

    def declines(self, name: str, contact: str) -> list[Effect]:
        offer = self.ringing[an_id(contact)].offer
        return self.do(OfferDeclined(offer, an_id(name), an_id(contact)))


def offered(effects: list[Effect]) -> list[tuple[UUID, UUID]]:
    """Return what was offered to whom, in order."""
    return [(made.contact, made.agent) for made in only(OfferMade, effects)]


def pairs(*names: tuple[str, str]) -> list[tuple[UUID, UUID]]:
    """Spell the expected (contact, agent) pairs by name."""
    return [(an_id(contact), an_id(agent)) for contact, agent in names]


def crowd() -> Scene:
    """One agent behind every gate, and nobody who could take "ask"."""
    scene = Scene()
    scene.agent("elsewhere", "sales")
    scene.agent("mail only", "support", mail=1)
    scene.agent("gone", state=Presence.OFFLINE)
    scene.agent("at lunch", state=Presence.AWAY)
    scene.agent("asleep")
    scene.contact("missed")
    scene.pass_time(30)
    scene.agent("busy")
    scene.accepts("busy", "missed")
    scene.agent("choosy")
    scene.contact("ask")
    scene.declines("choosy", "ask")
    return scene

"""Says in plain sentences why a contact went to an agent, or why it still waits.

A sentence is a key and its facts, for translation in the console; `english` is the one rendering
kept here. Ids become names through a mapping the caller brings.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from routing.model import Stage, Trigger
from routing.records import Decision, Gates, Standing
from routing.rules import Skills

Facts = Mapping[str, str | int]
Names = Mapping[UUID, str]

SECOND_US: Final = 1_000_000

ENGLISH: Final[Mapping[str, str]] = {
    "offered.longest_idle": "longest idle of {available} available in {queue}",
    "offered.only_available": "{agent} was the only one available in {queue}",
    "offered.preferred": "{agent} knows this client and was available",
    "offered.most_spare": "most spare capacity of {available} available in {queue}",
    "offered.round_robin": "next in turn of {available} available in {queue}",
    "offered.best_proficiency": "best at what is asked of {available} available in {queue}",
    "offered.least_flexible": "has fewest other tasks of {available} available in {queue}",
    "offered.kept": "it was kept for {agent}",
    "skills": "asked for: {skills}",
    "ring": "reached in widening {ring}",
    "against": "{waiting} others were compared and came after it",
    "given.taken": "{agent} took it by hand",
    "given.assigned": "{by} assigned it to {agent}",
    "waited": "waited {seconds:duration}",
    "waited.target": "waited {seconds:duration} against a target of {target:duration}",
    "waits": "waiting in {queue} for {seconds:duration}",
    "waits.nobody_serves": "nobody serves {queue} on {channel}",
    "rings": "ringing at {agent}",
    "rings.until": "{seconds:duration} left to answer",
    "held": "{agent} has it",
    "blocked.not_in_queue.one": "1 agent does not serve this queue",
    "blocked.not_in_queue": "{agents} agents do not serve this queue",
    "blocked.not_on_channel.one": "1 agent takes nothing from this channel",
    "blocked.not_on_channel": "{agents} agents take nothing from this channel",
    "blocked.offline.one": "1 agent is offline",
    "blocked.offline": "{agents} agents are offline",
    "blocked.away.one": "1 agent is away",
    "blocked.away": "{agents} agents are away",
    "blocked.missed_offer.one": "1 agent missed an offer and has not come back",
    "blocked.missed_offer": "{agents} agents missed an offer and have not come back",
    "blocked.queue_closed.one": "the queue is closed",
    "blocked.queue_closed": "the queue is closed",
    "blocked.kept_for_another.one": "it is kept for somebody else than 1 agent",
    "blocked.kept_for_another": "it is kept for somebody else than {agents} agents",
    "blocked.lacks_skill.one": "1 agent lacks a skill that is asked for",
    "blocked.lacks_skill": "{agents} agents lack a skill that is asked for",
    "blocked.ring_closed.one": "1 agent is asked only after a longer wait",
    "blocked.ring_closed": "{agents} agents are asked only after a longer wait",
    "blocked.delayed.one": "1 agent takes this queue only after a longer wait",
    "blocked.delayed": "{agents} agents take this queue only after a longer wait",
    "opens.queue_closed": "the queue opens in {seconds:duration}",
    "opens.kept_for_another": "others are asked in {seconds:duration}",
    "opens.ring_closed": "more agents are asked in {seconds:duration}",
    "opens.delayed": "the next agents take this queue in {seconds:duration}",
    "opens.excluded": "a declined offer may be made again in {seconds:duration}",
    "overflows": "it goes on to another queue in {seconds:duration}",
    "callback": "the client is to be called back",
    "wrap_up": "{agent} is wrapping it up",
    "blocked.at_capacity.one": "1 agent is at capacity",
    "blocked.at_capacity": "{agents} agents are at capacity",
    "blocked.excluded.one": "1 agent is not offered this contact",
    "blocked.excluded": "{agents} agents are not offered this contact",
}
"""Every key there is, and beside some the form for exactly one agent, ending in .one."""


class Sentence(Struct, frozen=True):
    """A key of ENGLISH (its plain form) and what fills it; durations are whole seconds."""

    key: str
    facts: Facts


def of_decision(
    decision: Decision, names: Names, *, target_us: int | None = None
) -> list[Sentence]:
    """Say why this agent, how long the contact waited, and what stopped the others."""
    waited = _seconds(decision.waited_us)
    wait = Sentence("waited", {"seconds": waited})
    if target_us is not None:
        wait = Sentence("waited.target", {"seconds": waited, "target": _seconds(target_us)})
    return [
        _choice(decision, names),
        *_asked(decision.skills, names),
        *([Sentence("ring", {"ring": decision.ring})] if decision.ring else []),
        wait,
        *_against(decision),
        *_blocked(decision.gates),
    ]


def of_standing(standing: Standing, names: Names, now_us: int) -> list[Sentence]:
    """Say where a contact stands and, while it waits, each unmet gate and when it opens."""
    agent = _name(names, standing.agent)
    match standing.stage:
        case Stage.HELD:
            return [Sentence("held", {"agent": agent})]
        case Stage.WRAP_UP:
            return [Sentence("wrap_up", {"agent": agent})]
        case Stage.OFFERED:
            left = _seconds((standing.offer_expires_at_us or now_us) - now_us)
            return [
                Sentence("rings", {"agent": agent}),
                Sentence("rings.until", {"seconds": left}),
            ]
        case Stage.WAITING:
            return _waiting(standing, names, now_us)


def english(sentences: Iterable[Sentence]) -> str:
    """Render sentences as one line, like "longest idle of 3 available in Support; waited 42 s"."""
    return "; ".join(_render(sentence) for sentence in sentences)


def _choice(decision: Decision, names: Names) -> Sentence:
    agent, queue = _name(names, decision.agent), _name(names, decision.queue)
    available = decision.gates.available
    if decision.trigger is Trigger.TAKEN_BY_HAND:
        return Sentence("given.taken", {"agent": agent})
    if decision.trigger is Trigger.ASSIGNED_BY_HAND:
        return Sentence("given.assigned", {"by": _name(names, decision.by), "agent": agent})
    if decision.contact_key[0] < 0:
        return Sentence("offered.kept", {"agent": agent})
    if decision.preferred:
        return Sentence("offered.preferred", {"agent": agent})
    if available == 1:
        return Sentence("offered.only_available", {"agent": agent, "queue": queue})
    return Sentence(f"offered.{decision.strategy}", {"available": available, "queue": queue})


def _asked(skills: Skills, names: Names) -> list[Sentence]:
    """Name what was asked for, with its level where that is not the lowest."""
    if not skills:
        return []
    told = (
        f"{_name(names, one)} {level}" if level > 1 else _name(names, one) for one, level in skills
    )
    return [Sentence("skills", {"skills": ", ".join(told)})]


def _against(decision: Decision) -> list[Sentence]:
    compared = sum(1 for lost in decision.runners_up if lost.kind == "contact")
    return [Sentence("against", {"waiting": compared})] if compared else []


def _waiting(standing: Standing, names: Names, now_us: int) -> list[Sentence]:
    queue = _name(names, standing.queue)
    said = [Sentence("waits", {"queue": queue, "seconds": _seconds(standing.waited_us)})]
    said += [Sentence("callback", {})] if standing.callback else []
    said += _asked(standing.skills, names)
    if not standing.gates.eligible:
        said += [Sentence("waits.nobody_serves", {"queue": queue, "channel": standing.channel})]
    said += _blocked(standing.gates)
    said += _opening(standing.gates, now_us)
    if standing.overflows_at_us is not None:
        said += [Sentence("overflows", {"seconds": _seconds(standing.overflows_at_us - now_us)})]
    return said


def _opening(gates: Gates, now_us: int) -> list[Sentence]:
    """Say of each gate that time alone opens when it does."""
    return [
        Sentence(f"opens.{one.gate}", {"seconds": _seconds(one.opens_at_us - now_us)})
        for one in gates.blocked
        if one.opens_at_us is not None
    ]


def _blocked(gates: Gates) -> list[Sentence]:
    return [Sentence(f"blocked.{b.gate}", {"agents": b.agents}) for b in gates.blocked]


def _render(sentence: Sentence) -> str:
    shown = {key: _Fact(value) for key, value in sentence.facts.items()}
    one = f"{sentence.key}.one" if sentence.facts.get("agents") == 1 else ""
    return ENGLISH.get(one, ENGLISH[sentence.key]).format(**shown)


def _name(names: Names, thing: UUID | None) -> str:
    return "" if thing is None else names.get(thing, str(thing))


def _seconds(microseconds: int) -> int:
    return max(microseconds, 0) // SECOND_US


class _Fact:
    """Lets a template ask for a fact as a duration."""

    def __init__(self, value: str | int) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        return duration(int(self._value)) if spec == "duration" else str(self._value)


def duration(seconds: int) -> str:
    """Write seconds as people say them: 42 s, 3 min 5 s, 2 h 4 min, 3 d 1 h."""
    for unit, size, part, part_size in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60)):
        if seconds >= size:
            return _pair(seconds // size, unit, seconds % size // part_size, part)
    return _pair(seconds // 60, "min", seconds % 60, "s") if seconds >= 60 else f"{seconds} s"


def _pair(whole: int, unit: str, rest: int, part: str) -> str:
    return f"{whole} {unit} {rest} {part}" if rest else f"{whole} {unit}"

"""What an administrator may not have meant: rules that can be kept, but that nobody can live by."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from routing.commands import AgentSet
from routing.rules import QueueRules, WhenClosed


class Doubt(Struct, frozen=True, kw_only=True):
    """One warning: `code` says which, the rest what it is about."""

    code: str
    skill: UUID | None = None
    level: int = 0
    seconds: int = 0


def doubts(queue: UUID, rules: QueueRules, agents: Sequence[AgentSet], now_us: int) -> list[Doubt]:
    """Return what is doubtful about these rules with these agents.

    `nobody_serves`: the queue has no member, and no ring lends one. `skill_nobody_has`: no member
    has the skill at its level. `ring_never_opens`: contacts go on to another queue before.
    `overflow_never`: a queue is named, but nothing ever sends contacts there. `never_open`: it is
    closed for as long as is looked ahead.
    """
    members = [agent for agent in agents if queue in agent.queues]
    lent = {lender for ring in rules.rings for lender in ring.also_queues}
    found: list[Doubt] = []
    if not members and not any(lent.intersection(agent.queues) for agent in agents):
        found.append(Doubt(code="nobody_serves"))
    found += _lacking(rules, members)
    found += _of_overflow(rules)
    if rules.hours is not None and not any(closes > now_us for _, closes in rules.hours):
        found.append(Doubt(code="never_open"))
    return found


def _lacking(rules: QueueRules, members: Sequence[AgentSet]) -> Iterator[Doubt]:
    for skill, level in rules.skills:
        if members and not any((agent.skills or {}).get(skill, 0) >= level for agent in members):
            yield Doubt(code="skill_nobody_has", skill=skill, level=level)


def _of_overflow(rules: QueueRules) -> Iterator[Doubt]:
    overflow = rules.overflow
    if overflow is None:
        return
    for ring in rules.rings:
        if overflow.after_us is not None and ring.after_us >= overflow.after_us:
            yield Doubt(code="ring_never_opens", seconds=ring.after_us // 1_000_000)
    sends = (overflow.after_us, overflow.longer_than, rules.offers_most)
    closed = rules.when_closed is WhenClosed.OVERFLOW
    if sends == (None, None, None) and not overflow.nobody_there and not closed:
        yield Doubt(code="overflow_never")

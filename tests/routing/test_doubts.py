"""What is warned of before it is saved: rules that can be kept, but that nobody can live by."""

from uuid import uuid4

from routing.commands import AgentSet
from routing.doubts import Doubt, doubts
from routing.model import Presence
from routing.rules import NO_TERMS, Overflow, QueueRules, Ring, WhenClosed

SALES, SECOND, UKRAINIAN = uuid4(), uuid4(), uuid4()
SECONDS = 1_000_000
SPEAKS_A_LITTLE = AgentSet(
    agent=uuid4(),
    queues={SALES: NO_TERMS},
    capacity={"mail": 3},
    state=Presence.OFFLINE,
    skills={UKRAINIAN: 2},
)


def test_good_rules_raise_no_doubt() -> None:
    rules = QueueRules(
        skills=((UKRAINIAN, 2),),
        rings=(Ring(after_us=30 * SECONDS, skills=((UKRAINIAN, 1),)),),
        overflow=Overflow(to=SECOND, after_us=60 * SECONDS),
        hours=((0, 100),),
    )

    assert doubts(SALES, rules, [SPEAKS_A_LITTLE], 50) == []


def test_a_queue_without_members_is_served_by_nobody_unless_a_ring_lends_some() -> None:
    lending = QueueRules(rings=(Ring(after_us=SECONDS, also_queues=(SALES,)),))

    assert doubts(SECOND, QueueRules(), [SPEAKS_A_LITTLE], 0) == [Doubt(code="nobody_serves")]
    assert doubts(SECOND, lending, [SPEAKS_A_LITTLE], 0) == []


def test_a_level_that_no_member_reaches_is_named() -> None:
    rules = QueueRules(skills=((UKRAINIAN, 3),))

    found = doubts(SALES, rules, [SPEAKS_A_LITTLE], 0)

    assert found == [Doubt(code="skill_nobody_has", skill=UKRAINIAN, level=3)]


def test_a_ring_after_the_overflow_never_opens() -> None:
    rules = QueueRules(
        rings=(Ring(after_us=60 * SECONDS), Ring(after_us=61 * SECONDS)),
        overflow=Overflow(to=SECOND, after_us=61 * SECONDS),
    )

    found = doubts(SALES, rules, [SPEAKS_A_LITTLE], 0)

    assert found == [Doubt(code="ring_never_opens", seconds=61)]


def test_an_overflow_that_nothing_causes_is_named() -> None:
    rules = QueueRules(overflow=Overflow(to=SECOND))
    closed = QueueRules(overflow=Overflow(to=SECOND), when_closed=WhenClosed.OVERFLOW)

    assert doubts(SALES, rules, [SPEAKS_A_LITTLE], 0) == [Doubt(code="overflow_never")]
    assert doubts(SALES, closed, [SPEAKS_A_LITTLE], 0) == []


def test_hours_that_lie_behind_never_come() -> None:
    rules = QueueRules(hours=((0, 100),))

    assert doubts(SALES, rules, [SPEAKS_A_LITTLE], 100) == [Doubt(code="never_open")]

"""Every decision records its reasons, and whoever waits is told each gate that is shut."""

import msgspec
import pytest

from kernel.errors import NotFoundError
from routing.commands import TakeByHand
from routing.effects import ContactAssigned, Effect, OfferMade
from routing.model import Gate, Presence, Stage, Trigger
from routing.records import Blocked, Decision, Gates, RunnerUp
from routing.rules import Priority
from tests.routing.scene import SECOND, Scene, an_id, crowd, only


def decided(effects: list[Effect]) -> Decision:
    return only(OfferMade, effects)[0].decision


def test_who_waits_is_told_each_gate_with_those_behind_it_and_when_it_opens() -> None:
    scene = crowd()
    scene.pass_time(10)

    standing = scene.engine.why(an_id("ask"), scene.now)

    opens = scene.now + 50 * SECOND
    assert standing.stage is Stage.WAITING
    assert standing.waited_us == 10 * SECOND
    assert standing.opens_at_us == opens
    assert standing.gates == Gates(
        agents=7,
        eligible=5,
        available=0,
        blocked=(
            Blocked(Gate.NOT_IN_QUEUE, 1),
            Blocked(Gate.NOT_ON_CHANNEL, 1),
            Blocked(Gate.OFFLINE, 1),
            Blocked(Gate.AWAY, 1),
            Blocked(Gate.MISSED_OFFER, 1),
            Blocked(Gate.AT_CAPACITY, 1),
            Blocked(Gate.EXCLUDED, 1, opens),
        ),
    )


def test_a_contact_that_rings_or_is_held_names_its_agent() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")

    rings = scene.engine.why(an_id("ask"), scene.now)
    scene.accepts("ann", "ask")
    held = scene.engine.why(an_id("ask"), scene.now)

    assert (rings.stage, rings.agent) == (Stage.OFFERED, an_id("ann"))
    assert rings.offer_expires_at_us == scene.ringing[an_id("ask")].expires_at_us
    assert (held.stage, held.agent, held.offer_expires_at_us) == (Stage.HELD, an_id("ann"), None)


def test_there_is_no_why_of_a_contact_that_is_not_here() -> None:
    with pytest.raises(NotFoundError, match="is in no queue"):
        Scene().engine.why(an_id("ask"), 0)


def test_a_decision_names_the_next_three_agents_and_what_they_lost_on() -> None:
    scene = Scene()
    for name, idle_since in (("ann", 50), ("bob", 20), ("cem", 10), ("dee", 10), ("eve", 40)):
        scene.agent(name, idle_since=idle_since)
    scene.now = 1_042 * SECOND

    decision = decided(scene.contact("ask", preferred="eve", arrived=1_000))

    assert (decision.trigger, decision.preferred) == (Trigger.CONTACT_QUEUED, True)
    assert decision.waited_us == 42 * SECOND
    assert decision.agent_key == (0, 0, 0, 40 * SECOND, 4)
    index = Priority().index(42 * SECOND)
    assert decision.contact_key == (0, 0, -index, 1_000 * SECOND, 1)
    assert (decision.gates.agents, decision.gates.available) == (5, 5)
    assert decision.runners_up == (
        RunnerUp("agent", an_id("cem"), (1, 0, 0, 10 * SECOND, 2), "preferred"),
        RunnerUp("agent", an_id("dee"), (1, 0, 0, 10 * SECOND, 3), "preferred"),
        RunnerUp("agent", an_id("bob"), (1, 0, 0, 20 * SECOND, 1), "preferred"),
    )


@pytest.mark.parametrize(
    ("rival_idle_since", "lost_on"), [(20, "idle_since"), (10, "turn")], ids=["idle", "turn"]
)
def test_an_agent_loses_on_the_first_component_that_differs(
    rival_idle_since: int, lost_on: str
) -> None:
    scene = Scene()
    scene.agent("ann", idle_since=10)
    scene.agent("bob", idle_since=rival_idle_since)

    assert [lost.lost_on for lost in decided(scene.contact("ask")).runners_up] == [lost_on]


def test_an_agent_freed_records_the_contacts_that_came_second() -> None:
    scene = Scene()
    scene.contact("first", arrived=10)
    scene.contact("second", "sales", arrived=10)
    scene.contact("third", "billing", arrived=30)

    decision = decided(scene.agent("ann", "billing", "sales", "support"))

    assert decision.trigger is Trigger.AGENT_READY
    assert [(lost.id, lost.lost_on) for lost in decision.runners_up] == [
        (an_id("second"), "arrival_order"),
        (an_id("third"), "index"),
    ]


@pytest.mark.parametrize(
    ("act", "trigger"),
    [
        ("declines", Trigger.CONTACT_REQUEUED),
        ("cool down", Trigger.COOL_DOWN_ENDED),
    ],
)
def test_a_decision_names_what_made_it(act: str, trigger: Trigger) -> None:
    scene = Scene()
    scene.agent("ann")
    if act == "declines":
        scene.agent("bob")
    scene.contact("ask")

    told = [*scene.declines("ann", "ask"), *scene.pass_time(29), *scene.pass_time(31)]

    assert decided(told).trigger is trigger


def test_a_decision_can_be_stored_and_read_again() -> None:
    scene = crowd()
    scene.agent("ann", state=Presence.AWAY)
    given = scene.do(TakeByHand(an_id("ask"), an_id("ann")))[-1]
    assert isinstance(given, ContactAssigned)

    stored = msgspec.json.encode(given.decision)

    assert msgspec.json.decode(stored, type=Decision) == given.decision

"""Reasons read as plain sentences, each a key with its facts for translation."""

import pytest

from routing.commands import AssignByHand, TakeByHand
from routing.effects import ContactAssigned, Effect, OfferMade
from routing.explain import ENGLISH, Sentence, duration, english, of_decision, of_standing
from routing.model import Presence
from routing.records import Decision
from tests.routing.scene import SECOND, Scene, an_id, crowd, only

NAMES = {an_id(name.lower()): name for name in ("Ann", "Bob", "Eve", "Support", "Choosy", "Busy")}


def decided(effects: list[Effect]) -> Decision:
    return only(OfferMade, effects)[0].decision


def given(effects: list[Effect]) -> Decision:
    decision = only(ContactAssigned, effects)[0].decision
    assert decision is not None
    return decision


def test_the_longest_idle_of_several_is_said_with_the_wait() -> None:
    scene = Scene()
    for name in ("ann", "bob", "eve"):
        scene.agent(name)
    decision = decided(scene.contact("ask", arrived=958))

    said = of_decision(decision, NAMES)

    assert said == [
        Sentence("offered.longest_idle", {"available": 3, "queue": "Support"}),
        Sentence("waited", {"seconds": 42}),
    ]
    assert english(said) == "longest idle of 3 available in Support; waited 42 s"


def test_the_wait_is_held_against_the_target_of_the_queue() -> None:
    scene = Scene()
    scene.agent("ann")
    decision = decided(scene.contact("ask", arrived=958))

    said = english(of_decision(decision, NAMES, target_us=60 * SECOND))

    assert said == (
        "Ann was the only one available in Support; waited 42 s against a target of 1 min"
    )


def test_a_preferred_agent_is_said_to_know_the_client() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.agent("bob")
    decision = decided(scene.contact("ask", preferred="bob"))

    assert english(of_decision(decision, NAMES)) == (
        "Bob knows this client and was available; waited 0 s"
    )


def test_those_who_could_not_are_counted() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.agent("bob", state=Presence.AWAY)
    scene.agent("eve", state=Presence.AWAY)
    scene.agent("gone", state=Presence.OFFLINE)
    decision = decided(scene.contact("ask"))

    assert english(of_decision(decision, NAMES)) == (
        "Ann was the only one available in Support; waited 0 s; "
        "1 agent is offline; 2 agents are away"
    )


def test_what_people_gave_by_hand_names_them() -> None:
    scene = Scene()
    scene.contact("one")
    scene.contact("two")

    taken = given(scene.do(TakeByHand(an_id("one"), an_id("ann"))))
    assigned = given(scene.do(AssignByHand(an_id("two"), an_id("bob"), by=an_id("eve"))))

    assert of_decision(taken, NAMES)[0] == Sentence("given.taken", {"agent": "Ann"})
    assert english(of_decision(assigned, NAMES)).startswith("Eve assigned it to Bob; waited 0 s")


def test_who_waits_hears_every_shut_gate_and_when_one_opens() -> None:
    scene = crowd()
    scene.pass_time(10)

    said = of_standing(scene.engine.why(an_id("ask"), scene.now), NAMES, scene.now)

    assert english(said) == (
        "waiting in Support for 10 s; 1 agent does not serve this queue; "
        "1 agent takes nothing from this channel; 1 agent is offline; 1 agent is away; "
        "1 agent missed an offer and has not come back; 1 agent is at capacity; "
        "1 agent is not offered this contact; a declined offer may be made again in 50 s"
    )


def test_a_queue_nobody_serves_is_said_so() -> None:
    scene = Scene()
    scene.contact("ask")

    said = of_standing(scene.engine.why(an_id("ask"), scene.now), NAMES, scene.now)

    assert english(said) == "waiting in Support for 0 s; nobody serves Support on chat"


def test_a_contact_with_an_agent_says_with_whom() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    scene.pass_time(12)
    rings = of_standing(scene.engine.why(an_id("ask"), scene.now), NAMES, scene.now)
    scene.accepts("ann", "ask")
    held = of_standing(scene.engine.why(an_id("ask"), scene.now), NAMES, scene.now)

    assert english(rings) == "ringing at Ann; 18 s left to answer"
    assert english(held) == "Ann has it"


def test_a_name_nobody_knows_is_its_id() -> None:
    scene = Scene()
    scene.agent("stranger")
    decision = decided(scene.contact("ask"))

    assert str(an_id("stranger")) in english(of_decision(decision, {}))


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_every_template_can_be_filled(key: str) -> None:
    facts: dict[str, str | int] = {
        "agent": "Ann",
        "by": "Eve",
        "queue": "Support",
        "channel": "chat",
        "available": 3,
        "agents": 3,
        "seconds": 61,
        "target": 20,
        "skills": "Ukrainian 2",
        "ring": 1,
        "waiting": 2,
    }

    assert "{" not in english([Sentence(key, facts)])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3_600, "1 h"),
        (7_440, "2 h 4 min"),
        (86_400, "1 d"),
        (262_800, "3 d 1 h"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: int, said: str) -> None:
    assert duration(seconds) == said

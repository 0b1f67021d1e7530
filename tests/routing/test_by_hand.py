"""People decide too: an agent takes, a supervisor gives, and capacity does not bind them."""

from routing.commands import (
    AgentVanished,
    AssignByHand,
    ContactClosed,
    MoveToQueue,
    QueueChosen,
    TakeByHand,
)
from routing.effects import ContactAssigned, ContactRequeued, OfferWithdrawn, Refused
from routing.model import Ended, Presence, Refusal, Trigger
from tests.routing.scene import Scene, an_id, offered, only, pairs


def test_a_waiting_contact_can_be_taken_even_by_an_agent_without_room() -> None:
    scene = Scene()
    scene.agent("ann", state=Presence.AWAY, chat=0)
    scene.contact("ask")

    told = only(ContactAssigned, scene.do(TakeByHand(an_id("ask"), an_id("ann"))))

    assert [(given.contact, given.agent) for given in told] == pairs(("ask", "ann"))
    assert told[0].decision is not None
    assert told[0].decision.trigger is Trigger.TAKEN_BY_HAND


def test_an_agent_over_capacity_is_offered_nothing_until_it_is_below() -> None:
    scene = Scene()
    scene.agent("ann", state=Presence.AWAY)
    for name in ("one", "two", "three"):
        scene.contact(name)
    for name in ("one", "two"):
        scene.do(TakeByHand(an_id(name), an_id("ann")))

    assert offered(scene.sets("ann", Presence.AVAILABLE)) == []
    assert offered(scene.do(ContactClosed(an_id("one")))) == []
    assert offered(scene.do(ContactClosed(an_id("two")))) == pairs(("three", "ann"))


def test_a_contact_taken_while_it_rings_elsewhere_rings_no_more() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.agent("bob", state=Presence.AWAY)
    scene.contact("ask")
    scene.contact("next")

    told = scene.do(TakeByHand(an_id("ask"), an_id("bob")))

    assert [gone.reason for gone in only(OfferWithdrawn, told)] == [Ended.TAKEN]
    assert [given.agent for given in only(ContactAssigned, told)] == [an_id("bob")]
    assert offered(told) == pairs(("next", "ann"))


def test_taking_the_contact_that_rings_here_accepts_its_offer() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    offer = scene.ringing[an_id("ask")].offer

    told = scene.do(TakeByHand(an_id("ask"), an_id("ann")))

    assert told == [ContactAssigned(an_id("ask"), an_id("ann"), offer=offer)]


def test_a_contact_somebody_holds_cannot_be_taken() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    scene.accepts("ann", "ask")

    told = scene.do(TakeByHand(an_id("ask"), an_id("bob")))

    assert told == [Refused(Refusal.OWNED, an_id("ask"), an_id("bob"), owner=an_id("ann"))]


def test_a_supervisor_moves_a_held_contact_and_the_old_holder_has_room_again() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    scene.accepts("ann", "ask")
    scene.contact("next")

    told = scene.do(AssignByHand(an_id("ask"), an_id("bob"), by=an_id("eve")))

    given = only(ContactAssigned, told)[0]
    assert (given.agent, given.previous) == (an_id("bob"), an_id("ann"))
    assert given.decision is not None
    assert given.decision.by == an_id("eve")
    assert offered(told) == pairs(("next", "ann"))


def test_giving_a_contact_to_its_holder_changes_nothing() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    scene.accepts("ann", "ask")

    told = scene.do(AssignByHand(an_id("ask"), an_id("ann"), by=an_id("eve")))

    assert [refused.reason for refused in only(Refused, told)] == [Refusal.ALREADY_YOURS]


def test_a_contact_that_is_not_here_cannot_be_taken() -> None:
    told = Scene().do(TakeByHand(an_id("ask"), an_id("ann")))

    assert [refused.reason for refused in only(Refused, told)] == [Refusal.UNKNOWN_CONTACT]


def test_a_held_contact_handed_to_a_queue_waits_there() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.agent("bob", "sales")
    scene.contact("ask")
    scene.accepts("ann", "ask")

    told = scene.do(MoveToQueue(an_id("ask"), an_id("sales")))

    assert offered(told) == pairs(("ask", "bob"))


def test_a_client_who_chooses_a_queue_waits_there_at_the_old_place() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")

    told = scene.do(QueueChosen(an_id("ask"), an_id("sales")))

    assert [one.reason for one in only(OfferWithdrawn, told)] == [Ended.MOVED]
    assert [one.queue for one in only(ContactRequeued, told)] == [an_id("sales")]


def test_a_choice_just_after_the_accept_leaves_the_contact_and_counts_for_later() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("ask")
    scene.accepts("ann", "ask")

    assert scene.do(QueueChosen(an_id("ask"), an_id("sales"))) == []
    told = scene.do(AgentVanished(an_id("ann")))

    assert [one.queue for one in only(ContactRequeued, told)] == [an_id("sales")]

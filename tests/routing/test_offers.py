"""The life of an offer: accepted once, declined, missed, withdrawn; the contact keeps its place."""

import pytest

from routing.commands import Command, ContactClosed, ContactLeft, MoveToQueue, QueueSet
from routing.effects import (
    AgentNotReady,
    ContactAssigned,
    ContactRequeued,
    OfferMade,
    OfferWithdrawn,
)
from routing.model import Ended, Leaving, Presence, Rules
from routing.rules import QueueRules
from tests.routing.scene import SECOND, Scene, an_id, offered, only, pairs

RULES = Rules(offer_timeout_us=30 * SECOND, decline_cool_down_us=60 * SECOND)


def ringing() -> Scene:
    """Ann is the only one available and "ask" rings at her."""
    scene = Scene(RULES)
    scene.agent("ann")
    scene.contact("ask")
    return scene


def test_an_offer_accepted_makes_its_agent_the_holder() -> None:
    scene = ringing()
    offer = scene.ringing[an_id("ask")].offer

    told = scene.accepts("ann", "ask")

    assert told == [ContactAssigned(an_id("ask"), an_id("ann"), offer=offer)]
    assert scene.engine.next_due() is None


def test_a_declined_contact_goes_to_the_next_agent() -> None:
    scene = ringing()
    scene.agent("bob")

    told = scene.declines("ann", "ask")

    offer = only(OfferWithdrawn, told)[0].offer
    assert told[:2] == [
        OfferWithdrawn(offer, an_id("ask"), an_id("ann"), Ended.DECLINED),
        ContactRequeued(an_id("ask"), an_id("support"), Ended.DECLINED),
    ]
    assert offered(told) == pairs(("ask", "bob"))


def test_a_declined_contact_keeps_its_place() -> None:
    scene = ringing()
    scene.contact("younger")
    scene.declines("ann", "ask")
    scene.declines("ann", "younger")

    assert offered(scene.agent("bob")) == pairs(("ask", "bob"))


def test_an_offer_declined_by_the_only_agent_comes_back_after_the_cool_down() -> None:
    scene = ringing()
    scene.declines("ann", "ask")

    assert scene.engine.next_due() == scene.now + 60 * SECOND
    assert scene.pass_time(59.9) == []
    assert offered(scene.pass_time(0.1)) == pairs(("ask", "ann"))


@pytest.mark.parametrize(
    "end",
    [ContactLeft(an_id("ask"), Leaving.ABANDONED), ContactClosed(an_id("ask"))],
    ids=["left", "closed"],
)
def test_nothing_wakes_up_for_the_cool_down_of_a_contact_that_is_gone(end: Command) -> None:
    scene = ringing()
    scene.agent("bob")
    scene.declines("ann", "ask")
    scene.accepts("bob", "ask")

    scene.do(end)

    assert scene.engine.next_due() is None


def test_who_declined_one_contact_is_offered_another_at_once() -> None:
    scene = ringing()
    scene.contact("other")

    assert offered(scene.declines("ann", "ask")) == pairs(("other", "ann"))


def test_a_missed_offer_makes_the_agent_not_ready_and_the_contact_keeps_its_place() -> None:
    scene = ringing()
    offer = scene.ringing[an_id("ask")].offer
    scene.contact("younger")

    told = scene.pass_time(30)

    assert told == [
        OfferWithdrawn(offer, an_id("ask"), an_id("ann"), Ended.MISSED),
        ContactRequeued(an_id("ask"), an_id("support"), Ended.MISSED),
        AgentNotReady(an_id("ann"), Ended.MISSED),
    ]
    assert offered(scene.agent("bob")) == pairs(("ask", "bob"))


def test_all_offers_of_an_agent_who_missed_one_are_withdrawn() -> None:
    scene = Scene(RULES)
    scene.agent("ann", chat=2)
    scene.contact("first")
    scene.pass_time(10)
    scene.contact("second")

    told = scene.pass_time(20)

    assert [(gone.contact, gone.reason) for gone in only(OfferWithdrawn, told)] == [
        (an_id("first"), Ended.MISSED),
        (an_id("second"), Ended.MISSED_ANOTHER),
    ]
    assert scene.engine.next_due() is None


def test_each_queue_lets_its_offers_ring_as_long_as_it_says() -> None:
    scene = Scene(RULES)
    scene.do(QueueSet(an_id("sales"), QueueRules(offer_timeout_us=5 * SECOND)))
    scene.agent("ann", "support", "sales", chat=2)

    told = [*scene.contact("slow"), *scene.contact("quick", "sales")]

    expires = [made.expires_at_us - scene.now for made in only(OfferMade, told)]
    assert expires == [30 * SECOND, 5 * SECOND]


@pytest.mark.parametrize("state", [Presence.AWAY, Presence.OFFLINE])
def test_who_leaves_is_offered_nothing_more_but_keeps_what_it_holds(state: Presence) -> None:
    scene = Scene(RULES)
    scene.agent("ann", chat=2)
    scene.contact("held")
    scene.accepts("ann", "held")
    scene.contact("ask")

    told = scene.sets("ann", state)

    assert [gone.reason for gone in only(OfferWithdrawn, told)] == [Ended.AGENT_LEFT]
    assert [back.contact for back in only(ContactRequeued, told)] == [an_id("ask")]


def test_an_offer_ends_when_its_contact_leaves() -> None:
    scene = ringing()
    scene.contact("next")

    told = scene.do(ContactLeft(an_id("ask"), Leaving.ABANDONED))

    assert [gone.reason for gone in only(OfferWithdrawn, told)] == [Ended.CONTACT_LEFT]
    assert offered(told) == pairs(("next", "ann"))


def test_a_moved_contact_waits_elsewhere_by_its_old_place() -> None:
    scene = ringing()
    scene.now += SECOND
    scene.contact("younger", "sales")

    told = scene.do(MoveToQueue(an_id("ask"), an_id("sales")))

    assert [gone.reason for gone in only(OfferWithdrawn, told)] == [Ended.MOVED]
    assert list(scene.engine.waiting(an_id("sales"))) == [an_id("ask"), an_id("younger")]
    assert offered(scene.agent("bob", "sales")) == pairs(("ask", "bob"))


def test_a_moved_contact_may_be_given_a_new_place() -> None:
    scene = Scene()
    scene.contact("first")
    scene.contact("second")

    scene.do(MoveToQueue(an_id("second"), an_id("support"), virtual_arrival_us=0))

    assert list(scene.engine.waiting(an_id("support"))) == [an_id("second"), an_id("first")]

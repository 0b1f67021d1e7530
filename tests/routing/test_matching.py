"""Who is offered what: the oldest contact to the agent idle for longest, a preferred one first."""

import pytest

from routing.commands import ContactClosed, ContactLeft, Exclusion, Resume, WrapUpBegun
from routing.effects import OfferMade
from routing.model import Leaving, Presence, Rules, Trigger
from routing.records import QueueCounts
from tests.routing.scene import SECOND, Scene, an_id, offered, only, pairs


def test_a_contact_goes_to_the_agent_idle_for_longest() -> None:
    scene = Scene()
    scene.agent("ann", idle_since=300)
    scene.agent("bob", idle_since=100)
    scene.agent("cem", idle_since=200)

    assert offered(scene.contact("first")) == pairs(("first", "bob"))
    assert offered(scene.contact("second")) == pairs(("second", "cem"))


def test_an_agent_gets_the_contact_that_arrived_first() -> None:
    scene = Scene()
    scene.contact("late", arrived=30)
    scene.contact("early", arrived=10)
    scene.contact("middle", "sales", arrived=20)

    assert offered(scene.agent("ann", "support", "sales", chat=2)) == pairs(
        ("early", "ann"), ("middle", "ann")
    )


def test_contacts_of_one_microsecond_keep_the_order_they_came_in() -> None:
    scene = Scene()
    for name in ("one", "two", "three"):
        scene.contact(name, arrived=10)

    assert offered(scene.agent("ann", chat=3)) == pairs(
        ("one", "ann"), ("two", "ann"), ("three", "ann")
    )


@pytest.mark.parametrize(
    ("queue", "channel"),
    [("sales", "chat"), ("support", "mail")],
    ids=["not in the queue", "not on the channel"],
)
def test_nobody_is_offered_what_it_does_not_serve(queue: str, channel: str) -> None:
    scene = Scene()
    scene.agent("ann", "support", chat=1, mail=0)

    assert offered(scene.contact("ask", queue, channel)) == []


@pytest.mark.parametrize("state", [Presence.AWAY, Presence.OFFLINE])
def test_who_is_not_available_is_offered_nothing_until_it_is(state: Presence) -> None:
    scene = Scene()
    scene.agent("ann", state=state)

    assert offered(scene.contact("ask")) == []
    assert offered(scene.sets("ann", Presence.AVAILABLE)) == pairs(("ask", "ann"))


def test_capacity_is_kept_for_each_channel_by_itself() -> None:
    scene = Scene()
    scene.agent("ann", chat=2, mail=1)

    told = [*scene.contact("chat 1"), *scene.contact("mail 1", channel="mail")]
    told += [*scene.contact("chat 2"), *scene.contact("chat 3")]
    told += scene.contact("mail 2", channel="mail")

    assert offered(told) == pairs(("chat 1", "ann"), ("mail 1", "ann"), ("chat 2", "ann"))


def test_a_closed_contact_makes_room_for_the_next() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("first")
    scene.contact("second")
    scene.accepts("ann", "first")

    assert offered(scene.do(ContactClosed(an_id("first")))) == pairs(("second", "ann"))


def test_wrap_up_keeps_the_place_until_it_is_freed() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("first")
    scene.contact("second")
    scene.accepts("ann", "first")

    assert scene.do(WrapUpBegun(an_id("first"))) == []
    assert offered(scene.do(ContactClosed(an_id("first")))) == pairs(("second", "ann"))
    assert scene.do(ContactClosed(an_id("first"))) == []


def test_the_preferred_agent_comes_first_when_it_has_room() -> None:
    scene = Scene()
    scene.agent("ann", idle_since=100)
    scene.agent("bob", idle_since=200)

    told = [*scene.contact("first", preferred="bob"), *scene.contact("next", preferred="bob")]

    assert offered(told) == pairs(("first", "bob"), ("next", "ann"))
    assert [made.decision.preferred for made in only(OfferMade, told)] == [True, False]


def test_the_preferred_agent_comes_first_even_when_it_is_the_last_in_a_crowd() -> None:
    scene = Scene()
    for n in range(30):
        scene.agent(f"agent {n}", idle_since=n)

    assert offered(scene.contact("ask", preferred="agent 29")) == pairs(("ask", "agent 29"))


@pytest.mark.parametrize(
    ("queue", "state"),
    [("sales", Presence.AVAILABLE), ("support", Presence.AWAY)],
    ids=["in another queue", "away"],
)
def test_a_preferred_agent_who_cannot_is_not_waited_for(queue: str, state: Presence) -> None:
    scene = Scene()
    scene.agent("ann")
    scene.agent("bob", queue, state=state)

    assert offered(scene.contact("ask", preferred="bob")) == pairs(("ask", "ann"))


def test_an_excluded_agent_is_passed_over_and_gets_the_next_contact() -> None:
    scene = Scene()
    scene.contact("not for ann", excluded=("ann",))
    scene.contact("for anybody")

    assert offered(scene.agent("ann")) == pairs(("for anybody", "ann"))
    assert offered(scene.agent("bob")) == pairs(("not for ann", "bob"))


def test_a_place_freed_goes_to_the_older_contact_and_not_to_one_just_come_back() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("young", arrived=50)
    scene.contact("old", arrived=60)

    told = scene.declines("ann", "young")

    assert offered(told) == pairs(("old", "ann"))


def test_who_just_took_a_contact_is_the_last_to_be_offered_another() -> None:
    scene = Scene()
    scene.agent("ann", chat=2, idle_since=100)
    scene.agent("bob", chat=2, idle_since=200)
    scene.contact("first")
    scene.accepts("ann", "first")

    assert offered(scene.contact("second")) == pairs(("second", "bob"))


def test_an_agent_may_be_spared_more_than_one_offer_ringing_at_once() -> None:
    scene = Scene(Rules(ringing_at_once=1))
    scene.agent("ann", mail=10)

    told = [*scene.contact("first", channel="mail"), *scene.contact("second", channel="mail")]

    assert offered(told) == pairs(("first", "ann"))
    assert offered(scene.accepts("ann", "first")) == pairs(("second", "ann"))


def test_channels_that_ring_together_ring_in_turn() -> None:
    in_turn = {"mail": ("mail", "sms"), "sms": ("mail", "sms")}
    scene = Scene(Rules(ringing_at_once=1, rung_together=in_turn))
    scene.agent("ann", mail=10, sms=10, chat=10)

    told = [
        *scene.contact("letter", channel="mail"),
        *scene.contact("text", channel="sms"),
        *scene.contact("talk", channel="chat"),
    ]

    assert offered(told) == pairs(("letter", "ann"), ("talk", "ann"))
    assert offered(scene.accepts("ann", "letter")) == pairs(("text", "ann"))


def test_a_contact_told_twice_is_there_once() -> None:
    scene = Scene()
    scene.contact("ask")
    scene.contact("ask", "sales")

    assert [(count.queue, count.waiting) for count in scene.engine.counts()] == [
        (an_id("support"), 1)
    ]


def test_a_restored_engine_matches_nothing_before_it_is_told_to_go_on() -> None:
    scene = Scene(suspended=True)
    scene.agent("ann", idle_since=200)
    scene.agent("bob", idle_since=100)
    scene.contact("young", arrived=20)

    assert scene.contact("old", arrived=10) == []
    told = scene.do(Resume())
    assert offered(told) == pairs(("old", "bob"), ("young", "ann"))
    assert {made.decision.trigger for made in only(OfferMade, told)} == {Trigger.RESUMED}


def test_a_cool_down_outlives_a_restart() -> None:
    scene = Scene(suspended=True)
    opens = scene.now + 5 * SECOND
    scene.agent("ann")
    scene.contact("ask", excluded=(Exclusion(an_id("ann"), opens),))

    assert scene.do(Resume()) == []
    assert scene.engine.next_due() == opens
    assert offered(scene.pass_time(5)) == pairs(("ask", "ann"))


def test_waiting_contacts_are_read_in_order_and_counted() -> None:
    scene = Scene()
    scene.contact("mail", channel="mail", arrived=20)
    scene.contact("late", arrived=30)
    scene.contact("early", arrived=10)
    scene.contact("elsewhere", "sales", arrived=5)
    scene.do(ContactLeft(an_id("late"), Leaving.ABANDONED))

    assert list(scene.engine.waiting(an_id("support"))) == [an_id("early"), an_id("mail")]
    assert scene.engine.counts()[1] == QueueCounts(
        queue=an_id("support"),
        channel="chat",
        waiting=1,
        offered=0,
        oldest_us=10 * SECOND,
        entered=2,
        answered=0,
        abandoned=1,
        flowed_out=0,
    )

"""Where other routers fail: stale accepts, agents who vanish, offers that bounce for ever."""

from kernel.limits import OVERFLOW_HOPS
from routing.commands import AgentVanished, ContactHeld, ContactLeft, OfferAccepted
from routing.effects import AgentNotReady, ContactAssigned, OfferMade, OfferWithdrawn, Refused
from routing.model import Ended, Leaving, Presence, Refusal, Rules
from routing.rules import Overflow, Ring
from tests.routing.scene import SECOND, Scene, an_id, offered, only, pairs

RULES = Rules(offer_timeout_us=30 * SECOND, decline_cool_down_us=60 * SECOND)


def ringing() -> Scene:
    """Ann is the only one available and "ask" rings at her."""
    scene = Scene(RULES)
    scene.agent("ann")
    scene.contact("ask")
    return scene


def test_a_second_accept_of_one_offer_is_refused_and_names_the_holder() -> None:
    scene = ringing()
    offer = scene.ringing[an_id("ask")].offer
    scene.accepts("ann", "ask")

    told = scene.do(OfferAccepted(offer, an_id("ann"), an_id("ask")))

    assert told == [
        Refused(Refusal.OFFER_GONE, an_id("ask"), an_id("ann"), owner=an_id("ann"), offer=offer)
    ]


def test_an_accept_after_the_offer_went_on_is_refused_and_names_who_has_it() -> None:
    scene = ringing()
    scene.agent("bob")
    stale = scene.ringing[an_id("ask")].offer
    scene.pass_time(30)

    told = scene.do(OfferAccepted(stale, an_id("ann"), an_id("ask")))

    assert told == [
        Refused(Refusal.OFFER_GONE, an_id("ask"), an_id("ann"), owner=an_id("bob"), offer=stale)
    ]
    assert only(ContactAssigned, scene.accepts("bob", "ask"))


def test_an_accept_at_the_very_end_of_its_offer_is_too_late() -> None:
    scene = ringing()
    scene.now += 30 * SECOND

    told = scene.accepts("ann", "ask")

    assert [gone.reason for gone in only(OfferWithdrawn, told)] == [Ended.MISSED]
    assert [refused.reason for refused in only(Refused, told)] == [Refusal.OFFER_GONE]


def test_nobody_accepts_the_offer_of_another() -> None:
    scene = ringing()
    scene.agent("bob")

    assert [refused.reason for refused in only(Refused, scene.accepts("bob", "ask"))] == [
        Refusal.OFFER_GONE
    ]


def test_an_accept_of_a_contact_that_left_is_refused() -> None:
    scene = ringing()
    scene.do(ContactLeft(an_id("ask"), Leaving.ABANDONED))

    assert [refused.reason for refused in only(Refused, scene.accepts("ann", "ask"))] == [
        Refusal.UNKNOWN_CONTACT
    ]


def test_what_a_vanished_agent_held_or_was_offered_waits_at_its_old_place() -> None:
    scene = Scene(RULES)
    scene.agent("ann", chat=2)
    scene.contact("held", arrived=10)
    scene.accepts("ann", "held")
    scene.contact("rings", arrived=20)
    scene.contact("waits", arrived=15)

    told = scene.do(AgentVanished(an_id("ann")))

    assert list(scene.engine.waiting(an_id("support"))) == [
        an_id("held"),
        an_id("waits"),
        an_id("rings"),
    ]
    assert only(AgentNotReady, told) == [AgentNotReady(an_id("ann"), Ended.AGENT_VANISHED)]


def test_what_was_held_before_a_restart_waits_again_when_its_agent_vanishes() -> None:
    scene = Scene(RULES)
    scene.agent("ann")
    scene.do(
        ContactHeld(
            contact=an_id("held"),
            queue=an_id("support"),
            channel="chat",
            virtual_arrival_us=10,
            agent=an_id("ann"),
        )
    )

    assert offered(scene.contact("next")) == []
    scene.do(AgentVanished(an_id("ann")))
    assert list(scene.engine.waiting(an_id("support"))) == [an_id("held"), an_id("next")]


def test_a_vanished_agent_who_comes_back_starts_with_all_its_places() -> None:
    scene = ringing()
    scene.accepts("ann", "ask")
    scene.do(AgentVanished(an_id("ann")))

    assert offered(scene.sets("ann", Presence.AVAILABLE)) == pairs(("ask", "ann"))


def test_a_missed_contact_does_not_bounce_off_an_agent_who_is_not_there() -> None:
    scene = ringing()
    scene.pass_time(30)

    told = [effect for _ in range(100) for effect in scene.pass_time(60)]

    assert told == []
    assert offered(scene.contact("another")) == []


def test_a_profile_sent_again_does_not_bring_back_an_agent_who_missed_an_offer() -> None:
    scene = ringing()
    scene.pass_time(30)

    assert offered(scene.agent("ann")) == []
    assert offered(scene.sets("ann", Presence.AVAILABLE)) == pairs(("ask", "ann"))


def test_a_contact_declined_by_all_rings_nowhere_until_a_cool_down_ends() -> None:
    scene = ringing()
    scene.agent("bob")
    scene.declines("ann", "ask")
    scene.now += SECOND

    assert offered(scene.declines("bob", "ask")) == []
    assert offered(scene.pass_time(58)) == []
    assert offered(scene.pass_time(1)) == pairs(("ask", "ann"))


def test_time_that_runs_back_lengthens_nothing() -> None:
    scene = ringing()
    scene.now -= 3_600 * SECOND
    made = only(OfferMade, [*scene.agent("bob"), *scene.contact("second")])

    assert made[0].expires_at_us == scene.ringing[an_id("ask")].expires_at_us


def test_a_ring_opens_on_time_even_while_the_contact_rings_in_the_first() -> None:
    """Elsewhere the widening is forgotten when its moment falls into a ringing offer."""
    scene = Scene(RULES)
    scene.queue(rings=(Ring(after_us=10 * SECOND, also_queues=(an_id("sales"),)),))
    scene.agent("ann")
    scene.agent("bob", "sales")
    scene.contact("ask")
    scene.pass_time(15)

    assert offered(scene.declines("ann", "ask")) == pairs(("ask", "bob"))


def test_the_first_ring_is_asked_at_once_whatever_the_later_ones_wait_for() -> None:
    """Elsewhere agents of level 1 wait for a level 0 that nobody is in."""
    scene = Scene(RULES)
    scene.queue(rings=(Ring(after_us=3_600 * SECOND, also_queues=(an_id("sales"),)),))
    scene.agent("ann")

    assert offered(scene.contact("ask")) == pairs(("ask", "ann"))


def test_rings_that_open_in_one_moment_still_ask_the_nearest_agents_first() -> None:
    """Elsewhere a step that ends before anybody looked is skipped, and its agents with it."""
    scene = Scene(RULES)
    scene.queue(
        skills=((an_id("tax"), 3),),
        rings=(
            Ring(after_us=1, skills=((an_id("tax"), 2),)),
            Ring(after_us=2, skills=((an_id("tax"), 1),)),
        ),
    )
    scene.agent("low", skills={"tax": 1}, idle_since=1)
    scene.agent("middle", skills={"tax": 2}, idle_since=2)

    told = scene.contact("ask", arrived=900)

    assert offered(told) == pairs(("ask", "middle"))


def test_a_contact_nobody_answers_does_not_go_round_for_ever() -> None:
    """Two queues that overflow into one another pass a contact on a few times, then it rests."""
    scene = Scene(RULES)
    scene.queue("support", overflow=Overflow(to=an_id("sales"), nobody_there=True))
    scene.queue("sales", overflow=Overflow(to=an_id("support"), nobody_there=True))

    told = scene.contact("ask")

    assert len(told) == OVERFLOW_HOPS
    assert offered(scene.agent("ann", "support", "sales")) == pairs(("ask", "ann"))

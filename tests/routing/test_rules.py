"""What administrators decide is what happens: skills, rings, bands, blending, overflow."""

from uuid import UUID

import pytest

from routing.commands import (
    CallbackAsked,
    ContactClosed,
    ContactLeft,
    MoveToQueue,
    PinToAgent,
    WaitAnnounced,
    WrapUpBegun,
)
from routing.effects import (
    CallbackCancelled,
    ContactRequeued,
    ContactTurnedAway,
    Effect,
    OfferMade,
    OfferWithdrawn,
    WrapUpEnded,
)
from routing.model import Ended, Leaving, Presence
from routing.rules import Blending, Overflow, Priority, Ring, Strategy, Terms, WhenClosed
from tests.routing.scene import SECOND, Scene, an_id, offered, only, pairs

UKRAINIAN = an_id("ukrainian")


def test_a_contact_goes_only_to_who_has_its_skill_at_the_level_asked_for() -> None:
    scene = Scene()
    scene.queue(skills=((UKRAINIAN, 2),))
    scene.agent("ann", skills={"ukrainian": 1})
    scene.agent("bob", skills={"ukrainian": 3})

    assert offered(scene.contact("ask")) == pairs(("ask", "bob"))
    assert offered(scene.contact("next")) == []


def test_what_the_contact_asks_for_comes_on_top_of_what_its_queue_does() -> None:
    scene = Scene()
    scene.queue(skills=((UKRAINIAN, 1),))
    scene.agent("ann", skills={"ukrainian": 2})
    scene.agent("bob", skills={"ukrainian": 2, "tax": 1})

    assert offered(scene.contact("ask", skills=((an_id("tax"), 1),))) == pairs(("ask", "bob"))


def test_after_a_while_agents_with_less_are_asked_as_well_behind_the_others() -> None:
    scene = Scene()
    scene.queue(
        skills=((UKRAINIAN, 2),), rings=(Ring(after_us=30 * SECOND, skills=((UKRAINIAN, 0),)),)
    )
    scene.agent("ann", chat=2)
    scene.contact("ask")

    assert offered(scene.pass_time(29.9)) == []
    assert offered(scene.pass_time(0.1)) == pairs(("ask", "ann"))
    scene.agent("bob", skills={"ukrainian": 2})
    told = scene.contact("next", arrived=900)
    assert offered(told) == pairs(("next", "bob"))


def test_a_ring_borrows_the_members_of_another_queue() -> None:
    scene = Scene()
    scene.queue(rings=(Ring(after_us=10 * SECOND, also_queues=(an_id("sales"),)),))
    scene.agent("ann", "sales")
    scene.contact("ask")

    assert offered(scene.pass_time(9)) == []
    told = scene.pass_time(1)
    assert offered(told) == pairs(("ask", "ann"))
    assert only(OfferMade, told)[0].decision.ring == 1


def test_a_higher_band_goes_first_however_short_its_wait() -> None:
    scene = Scene()
    scene.contact("old", arrived=100)
    scene.contact("urgent", priority=Priority(band=1))

    assert offered(scene.agent("ann", chat=2)) == pairs(("urgent", "ann"), ("old", "ann"))


def test_a_shorter_target_overtakes_only_once_it_has_waited_for_its_share() -> None:
    scene = Scene()
    hour, minute = Priority(target_us=3_600 * SECOND), Priority(target_us=60 * SECOND)
    scene.contact("slow", arrived=400, priority=hour)
    scene.contact("quick", arrived=995, priority=minute)

    decision = only(OfferMade, scene.agent("ann"))[0].decision

    assert decision.contact == an_id("slow")
    scene.pass_time(10)
    assert offered(scene.agent("bob")) == pairs(("quick", "bob"))


@pytest.mark.parametrize(
    ("strategy", "chosen"),
    [
        (Strategy.LONGEST_IDLE, "ann"),
        (Strategy.MOST_SPARE, "cem"),
        (Strategy.BEST_PROFICIENCY, "bob"),
        (Strategy.LEAST_FLEXIBLE, "dee"),
    ],
)
def test_each_strategy_asks_another_agent_first(strategy: Strategy, chosen: str) -> None:
    scene = Scene()
    scene.queue(strategy=strategy, skills=((UKRAINIAN, 1),))
    scene.agent("ann", "support", "sales", skills={"ukrainian": 1}, idle_since=10, chat=2)
    scene.agent("bob", "support", "sales", skills={"ukrainian": 5}, idle_since=20, chat=2)
    scene.agent("cem", "support", "sales", skills={"ukrainian": 1}, idle_since=30, chat=9)
    scene.agent("dee", "support", skills={"ukrainian": 1}, idle_since=40, chat=2)
    for name in ("ann", "bob", "cem", "dee"):
        scene.contact(f"busy {name}", preferred=name, skills=((UKRAINIAN, 1),))

    assert offered(scene.contact("ask")) == pairs(("ask", chosen))


def test_round_robin_gives_everybody_a_turn() -> None:
    scene = Scene()
    scene.queue(strategy=Strategy.ROUND_ROBIN)
    for name in ("ann", "bob", "cem"):
        scene.agent(name, chat=9)

    told = [made for n in range(6) for made in offered(scene.contact(f"contact {n}"))]

    names = ["ann", "bob", "cem", "ann", "bob", "cem"]
    assert [agent for _, agent in told] == [an_id(name) for name in names]


def test_an_agent_takes_the_queue_of_lower_rank_first_and_another_only_after_its_delay() -> None:
    scene = Scene()
    late = Terms(rank=1, delay_us=20 * SECOND)
    scene.agent("ann", "support", terms=late)
    scene.contact("ask")

    assert offered(scene.pass_time(19)) == []
    assert offered(scene.pass_time(1)) == pairs(("ask", "ann"))


def test_a_call_has_an_agent_for_itself_and_may_interrupt_mails() -> None:
    scene = Scene()
    blending = Blending(exclusive=("voice",), interrupts={"voice": ("mail",)})
    scene.agent("ann", blending=blending, voice=1, mail=3, chat=2)
    scene.contact("mail", channel="mail")

    assert offered(scene.contact("call", channel="voice")) == pairs(("call", "ann"))
    assert offered(scene.contact("chat")) == []
    assert offered(scene.contact("another mail", channel="mail")) == []


def test_channels_share_a_budget_in_their_own_units() -> None:
    scene = Scene()
    scene.agent("ann", blending=Blending(budget=5, units={"chat": 2}), chat=9, mail=9)

    told = [*scene.contact("one"), *scene.contact("two"), *scene.contact("three")]
    told += [*scene.contact("mail", channel="mail"), *scene.contact("late", channel="mail")]

    assert offered(told) == pairs(("one", "ann"), ("two", "ann"), ("mail", "ann"))


def test_a_contact_waits_for_its_busy_agent_alone_for_as_long_as_it_is_held() -> None:
    scene = Scene()
    scene.queue(hold_us=300 * SECOND)
    scene.agent("ann")
    scene.agent("bob")
    scene.contact("first", preferred="ann")
    scene.accepts("ann", "first")

    assert offered(scene.contact("again", preferred="ann")) == []
    assert offered(scene.do(ContactClosed(an_id("first")))) == pairs(("again", "ann"))
    scene.accepts("ann", "again")
    scene.contact("third", preferred="ann")
    assert offered(scene.pass_time(300)) == pairs(("third", "bob"))


def test_nobody_is_waited_for_who_leaves() -> None:
    scene = Scene()
    scene.queue(hold_us=300 * SECOND)
    scene.agent("ann")
    scene.agent("bob")
    scene.contact("first", preferred="ann")
    scene.accepts("ann", "first")
    scene.contact("again", preferred="ann")

    assert offered(scene.sets("ann", Presence.AWAY)) == pairs(("again", "bob"))


def test_a_pinned_contact_waits_for_one_agent_whatever_its_queue() -> None:
    scene = Scene()
    scene.agent("ann", "sales", state=Presence.AWAY)
    scene.contact("ask")
    scene.do(PinToAgent(an_id("ask"), an_id("ann")))

    assert offered(scene.agent("bob")) == []
    assert offered(scene.sets("ann", Presence.AVAILABLE)) == pairs(("ask", "ann"))


def test_of_several_asked_at_once_the_first_to_accept_has_it() -> None:
    scene = Scene()
    scene.queue(offers_at_once=2)
    scene.agent("ann")
    scene.agent("bob")
    made = only(OfferMade, scene.contact("ask"))

    assert offered(list(made)) == pairs(("ask", "ann"), ("ask", "bob"))
    told = scene.accepts("bob", "ask")
    assert [(gone.agent, gone.reason) for gone in only(OfferWithdrawn, told)] == [
        (an_id("ann"), Ended.ANSWERED_ELSEWHERE)
    ]


def went_on(told: list[Effect]) -> list[tuple[UUID, UUID, Ended]]:
    return [(one.contact, one.queue, one.reason) for one in only(ContactRequeued, told)]


def test_who_waits_too_long_goes_on_and_keeps_its_place() -> None:
    scene = Scene()
    scene.queue(overflow=Overflow(to=an_id("sales"), after_us=60 * SECOND))
    scene.contact("ask")
    scene.pass_time(30)
    scene.contact("younger", "sales")

    assert went_on(scene.pass_time(29.9)) == []
    told = scene.pass_time(0.1)
    assert went_on(told) == [(an_id("ask"), an_id("sales"), Ended.WAITED_TOO_LONG)]
    assert offered(scene.agent("ann", "sales")) == pairs(("ask", "ann"))


def test_who_comes_to_a_line_that_is_too_long_goes_on_at_once() -> None:
    scene = Scene()
    scene.queue(overflow=Overflow(to=an_id("sales"), longer_than=1))

    assert went_on(scene.contact("first")) == []
    told = scene.contact("second")
    assert went_on(told) == [(an_id("second"), an_id("sales"), Ended.QUEUE_TOO_LONG)]


def test_who_waits_where_the_last_agent_signs_out_goes_on() -> None:
    scene = Scene()
    scene.queue(overflow=Overflow(to=an_id("sales"), nobody_there=True))
    scene.agent("ann", state=Presence.AWAY)

    assert went_on(scene.contact("ask")) == []
    told = scene.sets("ann", Presence.OFFLINE)
    assert went_on(told) == [(an_id("ask"), an_id("sales"), Ended.NOBODY_THERE)]


def test_after_too_many_offers_a_contact_goes_on() -> None:
    scene = Scene()
    scene.queue(offers_most=2, overflow=Overflow(to=an_id("sales")))
    scene.agent("ann")
    scene.agent("bob")
    scene.agent("eve", "sales")
    scene.contact("ask")
    scene.declines("ann", "ask")

    assert offered(scene.declines("bob", "ask")) == pairs(("ask", "eve"))


def test_a_closed_queue_offers_nothing_until_it_opens() -> None:
    scene = Scene()
    opens = scene.now + 60 * SECOND
    scene.queue(hours=((opens, opens + 60 * SECOND),))
    scene.agent("ann")

    assert offered(scene.contact("ask")) == []
    assert scene.engine.next_due() == opens
    assert offered(scene.pass_time(60)) == pairs(("ask", "ann"))
    scene.pass_time(60)
    scene.agent("bob")
    assert offered(scene.contact("late")) == []


@pytest.mark.parametrize("treatment", [WhenClosed.TURN_AWAY, WhenClosed.OVERFLOW])
def test_a_closed_queue_sends_contacts_away_or_on(treatment: WhenClosed) -> None:
    scene = Scene()
    closed = scene.now + 60 * SECOND
    scene.queue(hours=((0, closed),), when_closed=treatment, overflow=Overflow(to=an_id("night")))
    scene.contact("early")

    told = [*scene.pass_time(60), *scene.contact("late")]

    away = [gone.contact for gone in only(ContactTurnedAway, told)]
    on = [gone.contact for gone in only(ContactRequeued, told)]
    both = [an_id("early"), an_id("late")]
    assert (away, on) == ((both, []) if treatment is WhenClosed.TURN_AWAY else ([], both))


def test_wrap_up_ends_by_itself_when_its_time_is_up() -> None:
    scene = Scene()
    scene.agent("ann")
    scene.contact("first")
    scene.accepts("ann", "first")
    scene.contact("next")

    scene.do(WrapUpBegun(an_id("first"), scene.now + 20 * SECOND))

    assert offered(scene.pass_time(19)) == []
    told = scene.pass_time(1)
    assert only(WrapUpEnded, told) == [WrapUpEnded(an_id("first"), an_id("ann"))]
    assert offered(told) == pairs(("next", "ann"))


def test_a_callback_keeps_its_place_though_the_client_hangs_up() -> None:
    scene = Scene()
    scene.contact("caller", arrived=100)
    scene.contact("other", arrived=200)
    scene.do(CallbackAsked(an_id("caller"), an_id("client")))
    scene.do(ContactLeft(an_id("caller"), Leaving.ABANDONED))

    assert offered(scene.agent("ann")) == pairs(("caller", "ann"))


def test_who_calls_in_again_has_the_place_of_the_callback_and_is_not_called_back() -> None:
    scene = Scene()
    scene.contact("caller", arrived=100)
    scene.contact("other", arrived=200)
    scene.do(CallbackAsked(an_id("caller"), an_id("client")))

    told = scene.contact("again", arrived=900, client=an_id("client"))

    assert only(CallbackCancelled, told) == [
        CallbackCancelled(an_id("caller"), an_id("again"), 100 * SECOND)
    ]
    assert offered(scene.agent("ann", chat=3)) == pairs(("again", "ann"), ("other", "ann"))


def test_rules_that_change_hold_for_those_who_wait_already() -> None:
    scene = Scene()
    scene.queue(skills=((UKRAINIAN, 1),))
    scene.agent("ann")
    scene.contact("ask")

    assert offered(scene.queue()) == pairs(("ask", "ann"))


def test_a_bumped_contact_is_the_first() -> None:
    scene = Scene()
    scene.contact("first")
    scene.contact("second")
    scene.do(MoveToQueue(an_id("second"), an_id("support"), virtual_arrival_us=0))

    assert offered(scene.agent("ann")) == pairs(("second", "ann"))


def test_the_estimate_grows_with_those_ahead_and_its_error_is_measured() -> None:
    scene = Scene()
    scene.agent("ann", chat=1)
    for n in range(4):
        scene.contact(f"contact {n}")
    first = scene.engine.estimate(an_id("contact 1"))
    last = scene.engine.estimate(an_id("contact 3"))
    scene.do(WaitAnnounced(an_id("contact 1"), first.mean_us))

    assert (first.ahead, last.ahead) == (0, 2)
    assert first.mean_us < last.mean_us
    assert first.p50_us < first.p80_us
    scene.accepts("ann", "contact 0")
    scene.pass_time(10)
    scene.do(ContactClosed(an_id("contact 0")))
    scene.accepts("ann", "contact 1")
    counts = scene.engine.counts()[0]
    assert counts.announced == 1
    assert counts.error_us == abs(10 * SECOND - first.mean_us)

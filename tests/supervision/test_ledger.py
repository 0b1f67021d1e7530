"""Figures follow from the journal: every visit counts once, where it began."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest

from kernel.entries import Noted
from supervision.counts import AgentClock, AgentCounts, QueueCounts, passed, quarter_of, share_of
from supervision.ledger import Ledger

NINE = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
SALES, HELP = UUID(int=1), UUID(int=2)
IVAN, OKSANA = UUID(int=11), UUID(int=12)
TARGETS = {SALES: 20, HELP: 20}


class Story:
    """Journal entries told in seconds after nine."""

    def __init__(self) -> None:
        self.told: list[Noted] = []
        self._seq: Iterator[int] = count(1)

    def tell(
        self, second: float, kind: str, contact: int, queue: UUID = SALES, **data: Any
    ) -> None:
        self.told.append(
            Noted(
                seq=next(self._seq),
                at=NINE + timedelta(seconds=second),
                kind=kind,
                contact_id=UUID(int=100 + contact) if contact else None,
                ticket_id=UUID(int=200 + contact),
                client_id=UUID(int=300 + contact),
                queue_id=queue,
                actor_id=None,
                team_id=None,
                assignee_id=None,
                only_agent_id=None,
                data=data,
            )
        )

    def enters(self, second: float, contact: int, queue: UUID = SALES) -> None:
        self.tell(second, "ContactQueued", contact, queue, channel="webchat")

    def asks_to_be_called(self, second: float, contact: int, due: str | None = None) -> None:
        self.tell(second, "CallbackAsked", contact, due_at=due)

    def answered(self, second: float, contact: int, agent: UUID = IVAN) -> None:
        self.tell(second, "ContactAnswered", contact, agent_id=str(agent))

    def ends(
        self, second: float, contact: int, state: str = "closed", agent: UUID | None = None
    ) -> None:
        by = None if agent is None else str(agent)
        self.tell(second, "ContactEnded", contact, state=state, agent_id=by)

    def presence(self, second: float, state: str, agent: UUID = IVAN) -> None:
        self.tell(second, "PresenceChanged", 0, agent_id=str(agent), state=state)

    def ledger(self) -> Ledger:
        ledger = Ledger((), (), TARGETS)
        for entry in self.told:
            ledger.take(entry)
        return ledger

    def total(self, queue: UUID = SALES) -> QueueCounts:
        of = self.ledger().of_queues
        return sum((one for key, one in of.items() if key[1] == queue), QueueCounts())

    def agent(self, agent: UUID = IVAN) -> AgentCounts:
        of = self.ledger().of_agents
        return sum((one for key, one in of.items() if key[1] == agent), AgentCounts())


@pytest.fixture
def story() -> Story:
    return Story()


def test_an_answered_contact_counts_its_wait_and_its_handling(story: Story) -> None:
    story.enters(0, 1)
    story.answered(15, 1)
    story.ends(75, 1, agent=IVAN)

    assert story.total() == QueueCounts(
        offered=1,
        answered=1,
        within_target=1,
        handled=1,
        answered_wait_ms=15_000,
        handle_ms=60_000,
    )


@pytest.mark.parametrize(("wait", "within"), [(20, 1), (20.001, 0)])
def test_the_target_is_met_up_to_its_last_moment(story: Story, wait: float, within: int) -> None:
    story.enters(0, 1)
    story.answered(wait, 1)

    assert story.total().within_target == within


@pytest.mark.parametrize(("wait", "short"), [(4.999, 1), (5, 0)])
def test_who_leaves_at_once_is_told_apart_from_who_gave_up(
    story: Story, wait: float, short: int
) -> None:
    story.enters(0, 1)
    story.ends(wait, 1, "abandoned")

    assert story.total() == QueueCounts(
        offered=1, abandoned=1, short_abandoned=short, abandoned_wait_ms=int(wait * 1_000)
    )


def test_a_contact_that_is_moved_flows_out_here_and_is_offered_there(story: Story) -> None:
    story.enters(0, 1)
    story.tell(30, "ContactRequeued", 1, HELP, reason="moved")
    story.tell(40, "ContactAnswered", 1, HELP, agent_id=str(IVAN))

    assert story.total(SALES) == QueueCounts(offered=1, flowed_out=1)
    assert story.total(HELP) == QueueCounts(
        offered=1, answered=1, within_target=1, answered_wait_ms=10_000
    )


def test_who_asks_to_be_called_flows_out_and_the_callback_is_a_visit_of_its_own(
    story: Story,
) -> None:
    story.enters(0, 1)
    story.asks_to_be_called(10, 1)
    story.answered(100, 1)
    story.ends(160, 1, agent=IVAN)

    assert story.total() == QueueCounts(
        offered=2,
        flowed_out=1,
        answered=1,
        handled=1,
        handle_ms=60_000,
        callbacks=1,
        callbacks_answered=1,
        callback_wait_ms=100_000,
    )


def test_who_asks_twice_to_be_called_is_called_once(story: Story) -> None:
    story.enters(0, 1)
    story.asks_to_be_called(10, 1)
    story.asks_to_be_called(20, 1)

    assert story.total() == QueueCounts(offered=2, flowed_out=1, callbacks=1)


def test_a_callback_keeps_its_kind_and_its_wait_when_it_is_moved(story: Story) -> None:
    story.enters(0, 1)
    story.asks_to_be_called(10, 1)
    story.tell(30, "ContactRequeued", 1, HELP, reason="moved")
    story.tell(40, "ContactAnswered", 1, HELP, agent_id=str(IVAN))

    assert story.total(SALES) == QueueCounts(offered=2, flowed_out=2, callbacks=1)
    assert story.total(HELP) == QueueCounts(
        offered=1, answered=1, callbacks=1, callbacks_answered=1, callback_wait_ms=40_000
    )


def test_a_callback_at_a_wished_time_is_one_visit_from_that_time_on(story: Story) -> None:
    story.enters(0, 1)
    story.asks_to_be_called(10, 1, due="2030-01-07T09:10:00+00:00")
    story.ends(10, 1, "flowed_out")
    story.tell(600, "ContactQueued", 2, channel="webchat", callback=True)
    story.asks_to_be_called(600, 2)
    story.answered(630, 2)

    assert story.total() == QueueCounts(
        offered=2,
        flowed_out=1,
        answered=1,
        callbacks=1,
        callbacks_answered=1,
        callback_wait_ms=30_000,
    )


def test_who_comes_after_all_is_no_callback_any_more(story: Story) -> None:
    story.enters(0, 1)
    story.asks_to_be_called(10, 1)
    story.tell(15, "CallbackCancelled", 1, reason="client")
    story.answered(20, 1)

    assert story.total() == QueueCounts(
        offered=2, flowed_out=1, answered=1, within_target=1, answered_wait_ms=10_000
    )


def test_a_contact_that_is_pinned_where_it_waits_is_offered_once(story: Story) -> None:
    story.enters(0, 1)
    story.tell(30, "ContactRequeued", 1, SALES, reason="moved")

    assert story.total() == QueueCounts(offered=1)


def test_who_chooses_another_queue_has_flowed_out_and_is_offered_there_once(story: Story) -> None:
    story.enters(0, 1, HELP)
    story.tell(30, "QueueChosen", 1, SALES, choice="Sales")
    story.tell(31, "ContactRequeued", 1, SALES, reason="moved")
    story.answered(40, 1)

    assert story.total(HELP) == QueueCounts(offered=1, flowed_out=1)
    assert story.total() == QueueCounts(
        offered=1, answered=1, within_target=1, answered_wait_ms=10_000
    )


def test_a_contact_that_an_agent_gives_back_is_offered_once_more(story: Story) -> None:
    story.enters(0, 1)
    story.answered(10, 1)
    story.tell(40, "ContactRequeued", 1, SALES, reason="agent_vanished")

    total = story.total()
    assert (total.offered, total.answered, total.waiting) == (2, 1, 1)
    assert (total.handled, total.handle_ms) == (1, 30_000)
    assert story.agent().handled == 1


def test_a_contact_given_to_a_colleague_was_answered_once_and_handled_by_both(
    story: Story,
) -> None:
    story.enters(0, 1)
    story.answered(10, 1, IVAN)
    story.answered(40, 1, OKSANA)
    story.ends(100, 1, agent=OKSANA)

    total = story.total()
    assert (total.answered, total.handled, total.handle_ms) == (1, 1, 90_000)
    assert story.agent(IVAN).handle_ms == 30_000
    assert story.agent(OKSANA).handle_ms == 60_000
    assert story.agent(OKSANA).handled == 1


def test_an_answer_written_before_anybody_took_it_is_an_answer(story: Story) -> None:
    story.enters(0, 1)
    story.ends(12, 1, "closed", agent=IVAN)

    total = story.total()
    assert (total.answered, total.handled, total.answered_wait_ms) == (1, 1, 12_000)
    assert story.agent() == AgentCounts(answered=1, handled=1)


def test_what_is_closed_without_an_agent_flowed_out(story: Story) -> None:
    story.enters(0, 1)
    story.ends(12, 1, "closed")

    assert story.total() == QueueCounts(offered=1, flowed_out=1)


def test_an_answer_taken_back_was_not_handled_yet(story: Story) -> None:
    story.enters(0, 1)
    story.answered(10, 1)
    story.ends(20, 1, agent=IVAN)
    story.tell(23, "ContactReopened", 1, agent_id=str(IVAN))
    assert (story.total().handled, story.agent().handled) == (0, 0)

    story.ends(33, 1, agent=IVAN)

    assert (story.total().handled, story.agent().handled) == (1, 1)
    assert story.total().handle_ms == 20_000


def test_a_visit_counts_where_it_began_however_late_it_ends(story: Story) -> None:
    story.enters(899, 1)
    story.answered(910, 1)

    assert list(story.ledger().of_queues) == [(quarter_of(NINE), SALES, "webchat")]


def test_time_is_cut_at_the_quarter(story: Story) -> None:
    story.presence(840, "available")
    story.enters(850, 1)
    story.answered(870, 1)
    story.ends(930, 1, agent=IVAN)
    story.presence(960, "offline")

    first = quarter_of(NINE)
    of = story.ledger().of_agents
    assert of[first, IVAN] == AgentCounts(
        answered=1, handle_ms=30_000, busy_ms=30_000, idle_ms=30_000, available_ms=60_000
    )
    assert of[first + 1, IVAN] == AgentCounts(
        handled=1, handle_ms=30_000, busy_ms=30_000, idle_ms=30_000, available_ms=60_000
    )


def test_two_contacts_at_once_are_handled_twice_and_busy_once(story: Story) -> None:
    story.presence(0, "available")
    for contact in (1, 2):
        story.enters(0, contact)
        story.answered(0, contact)
    for contact in (1, 2):
        story.ends(60, contact, agent=IVAN)

    assert story.agent() == AgentCounts(
        answered=2, handled=2, handle_ms=120_000, busy_ms=60_000, available_ms=60_000
    )


def test_pieces_of_time_add_up_to_the_whole(story: Story) -> None:
    for piece in range(1_000):
        story.presence(piece * 0.0123457, "available" if piece % 2 else "away")
    story.presence(12.345, "offline")

    assert story.agent().available_ms + story.agent().away_ms == 12_345


def test_who_is_away_is_neither_idle_nor_available() -> None:
    clock = AgentClock(agent_id=IVAN, state="away", counted_to=NINE)

    ((_, counts),) = passed(clock, NINE + timedelta(seconds=60))

    assert counts == AgentCounts(away_ms=60_000)


def test_time_that_runs_backwards_counts_nothing(story: Story) -> None:
    story.presence(60, "available")
    story.presence(30, "away")
    story.presence(90, "offline")

    assert story.agent() == AgentCounts(away_ms=30_000)


def test_what_nobody_saw_arriving_is_passed_over(story: Story) -> None:
    story.answered(10, 1)
    story.ends(20, 1)

    assert story.ledger().of_queues == {}


def happen(story: Story, random: Random, second: int) -> None:
    """Let anything happen to anybody."""
    contact = random.randint(1, 12)
    agent, queue = random.choice([IVAN, OKSANA]), random.choice([SALES, HELP])
    state = random.choice(["closed", "abandoned", "flowed_out"])
    presence = random.choice(["available", "away", "offline"])
    acts: list[Callable[[], None]] = [
        lambda: story.enters(second, contact, queue),
        lambda: story.answered(second, contact, agent),
        lambda: story.tell(second, "ContactRequeued", contact, queue, reason="moved"),
        lambda: story.ends(second, contact, state, random.choice([agent, None])),
        lambda: story.tell(second, "ContactReopened", contact, agent_id=str(agent)),
        lambda: story.asks_to_be_called(second, contact),
        lambda: story.tell(second, "CallbackCancelled", contact, queue, reason="client"),
        lambda: story.presence(second, presence, agent),
    ]
    random.choice(acts)()


@pytest.mark.parametrize("seed", range(50))
def test_offered_is_answered_abandoned_flowed_out_and_waiting_in_any_history(seed: int) -> None:
    random, story = Random(seed), Story()  # noqa: S311 - a history, not a secret
    for second in range(400):
        happen(story, random, second * 7)

    ledger = story.ledger()

    summed: dict[Any, QueueCounts] = {}
    outcomes: Counter[str] = Counter()
    for visit in ledger.new.values():
        key = (quarter_of(visit.entered_at), visit.queue_id, visit.channel)
        summed[key] = summed.get(key, QueueCounts()) + share_of(visit)
        outcomes[visit.outcome] += 1
    assert {key: one for key, one in ledger.of_queues.items() if one} == summed
    assert sum(one.waiting for one in summed.values()) == outcomes["waiting"]
    assert all(one.waiting >= 0 for one in summed.values())
    assert all(clock.held >= 0 for clock in ledger.clocks.values())

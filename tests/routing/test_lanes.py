"""Lines stay short and in order, however many contacts leave and agents come and go."""

from heapq import heappush
from random import Random

from routing.commands import ContactLeft
from routing.heaps import Entry, in_order
from routing.lanes import Lane, Line
from routing.model import Leaving, Presence
from tests.routing.scene import Scene, an_id, offered, pairs


def test_a_heap_is_read_in_order_without_being_changed() -> None:
    random = Random(7)  # noqa: S311 - repeatable numbers, not a secret
    heap: list[Entry[str]] = []
    for n in range(500):
        heappush(heap, (random.randrange(50), n, 0, ""))
    before = list(heap)

    assert list(in_order(heap)) == sorted(before)
    assert heap == before
    assert list(in_order([])) == []


def line_of(scene: Scene, queue: str) -> Line:
    return lane_of(scene, queue).line


def lane_of(scene: Scene, queue: str) -> Lane:
    return scene.engine._floor.lanes.at(an_id(queue), "chat")


def test_contacts_that_left_from_the_middle_do_not_stay_in_memory() -> None:
    scene = Scene()
    names = [f"contact {n}" for n in range(1_000)]
    for at, name in enumerate(names):
        scene.contact(name, arrived=at)
    for name in names[1:-1]:
        scene.do(ContactLeft(an_id(name), Leaving.ABANDONED))

    assert len(line_of(scene, "support").heap) < 100
    assert list(scene.engine.waiting(an_id("support"))) == [an_id(names[0]), an_id(names[-1])]


def test_agents_who_come_and_go_a_thousand_times_are_noted_a_few_times() -> None:
    scene = Scene()
    scene.agent("early", idle_since=1)
    scene.agent("ann")
    for n in range(1_000):
        scene.now += 1
        scene.sets("ann", Presence.AWAY if n % 2 else Presence.AVAILABLE)
    scene.sets("ann", Presence.AVAILABLE)

    assert len(lane_of(scene, "support").idle) < 100
    told = [*scene.contact("first"), *scene.contact("second")]
    assert offered(told) == pairs(("first", "early"), ("second", "ann"))


def test_a_queue_where_nobody_waits_is_not_looked_at() -> None:
    scene = Scene()
    scene.contact("ask")
    before = scene.engine._floor.lanes.nonempty
    scene.do(ContactLeft(an_id("ask"), Leaving.ABANDONED))

    assert (before, scene.engine._floor.lanes.nonempty) == (1, 0)

"""Lines stay short and in order, however many contacts leave and agents come and go."""

from heapq import heappush
from random import Random

from routing.commands import ContactLeft
from routing.contacts import Contact, Needs, Route
from routing.heaps import in_order
from routing.lines import Line
from routing.model import Leaving, Presence
from tests.routing.scene import Scene, an_id, offered, pairs


def test_a_heap_is_read_in_order_without_being_changed() -> None:
    random = Random(7)  # noqa: S311 - repeatable numbers, not a secret
    heap: list[tuple[int, int]] = []
    for n in range(500):
        heappush(heap, (random.randrange(50), n))
    before = list(heap)

    assert list(in_order(heap)) == sorted(before)
    assert heap == before
    empty: list[int] = []
    assert list(in_order(empty)) == []


def line_of(scene: Scene, queue: str) -> Line[Contact]:
    return route_of(scene, queue).lines[0]


def route_of(scene: Scene, queue: str) -> Route:
    return scene.engine._floor.routes.at(an_id(queue), Needs("chat"))


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

    assert len(route_of(scene, "support").lanes[0].pools[0]) < 100
    told = [*scene.contact("first"), *scene.contact("second")]
    assert offered(told) == pairs(("first", "early"), ("second", "ann"))


def test_a_queue_where_nobody_waits_is_not_looked_at() -> None:
    scene = Scene()
    scene.contact("ask")
    before = scene.engine._floor.routes.nonempty
    scene.do(ContactLeft(an_id("ask"), Leaving.ABANDONED))

    assert (before, scene.engine._floor.routes.nonempty) == (1, 0)

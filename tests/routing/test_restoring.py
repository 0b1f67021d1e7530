"""An engine that is told what there is decides nothing before it may act, and then all of it."""

from routing.commands import AgentSet, ContactHeld, QueueSet, Resume
from routing.effects import WrapUpEnded
from routing.model import Presence
from routing.rules import NO_TERMS, QueueRules
from tests.routing.scene import SECOND, Scene, an_id, only


def test_what_ran_out_meanwhile_is_told_once_the_engine_may_act() -> None:
    scene = Scene(suspended=True)
    queue, agent = an_id("support"), an_id("olena")
    told = scene.do(QueueSet(queue=queue, rules=QueueRules()))
    told += scene.do(
        AgentSet(
            agent=agent,
            queues={queue: NO_TERMS},
            capacity={"chat": 5},
            state=Presence.AVAILABLE,
        )
    )
    for name in ("first", "second"):
        told += scene.do(
            ContactHeld(
                contact=an_id(name),
                queue=queue,
                channel="chat",
                virtual_arrival_us=scene.now - 60 * SECOND,
                agent=agent,
                wrap_up=True,
                wrap_up_until_us=scene.now - SECOND,
            )
        )

    resumed = scene.do(Resume())

    assert only(WrapUpEnded, told) == []
    assert {one.contact for one in only(WrapUpEnded, resumed)} == {an_id("first"), an_id("second")}

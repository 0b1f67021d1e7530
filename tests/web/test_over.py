"""What is over cannot be moved, given back, bumped, reserved, taken or given away: it says so."""

from typing import Any
from uuid import UUID

import pytest

from kernel.errors import ConflictError
from routing import service as routing
from tests.desk.scripted import Post, mail
from tests.desk_api import DeskApi, RefusedError
from tests.web.world import add_mailbox

HANDS = ("move", "requeue", "bump", "pin", "take", "assign")


async def an_ended_contact(desk: DeskApi, how: str) -> dict[str, Any]:
    post = Post()
    lines = desk.center.house.lines
    lines._makers = {**lines._makers, "mail": post.make}
    account = await add_mailbox(desk, "Support")
    async with desk.live() as live:
        await desk.center.house.intake.accept([mail(UUID(account), "first", "Hello")])
        queued = await live.next("ContactQueued")
        contact: dict[str, Any] = (await desk.get(f"tickets/{queued['ticket_id']}"))["contact"]
        if how == "closed":
            await desk.post(f"contacts/{contact['id']}/close")
        else:
            await end(desk, contact["id"], how)
        await live.next("ContactEnded")
    return contact


async def end(desk: DeskApi, contact_id: str, state: str) -> None:
    house = desk.center.house
    async with house.database.transaction() as session:
        contact = await routing.find_contact(session, UUID(contact_id))
        await routing.end_contact(session, contact, state=state, now=house.clock.now())


@pytest.mark.parametrize(
    ("how", "word"), [("closed", "closed"), ("abandoned", "client"), ("flowed_out", "answer")]
)
async def test_nobody_lays_a_hand_on_a_contact_that_is_over(
    desk: DeskApi, how: str, word: str
) -> None:
    contact = await an_ended_contact(desk, how)
    me = {"agent_id": desk.me["agent"]["id"]}
    bodies = {"move": {"queue_id": contact["queue_id"]}, "pin": me, "assign": me}

    for hand in HANDS:
        with pytest.raises(RefusedError, match=word) as refused:
            await desk.post(f"contacts/{contact['id']}/{hand}", bodies.get(hand))
        assert (hand, refused.value.status, refused.value.code) == (hand, 409, "conflict")


async def test_a_contact_that_ended_on_the_way_to_the_router_is_refused_too(
    desk: DeskApi,
) -> None:
    """The router heard of the end; whoever asked before it was stored must not hear “done”."""
    contact = await an_ended_contact(desk, "closed")
    dispatcher, contact_id = desk.center.house.dispatcher, UUID(contact["id"])
    queue_id = UUID(contact["queue_id"])

    for asked in (
        dispatcher.move(contact_id, queue_id),
        dispatcher.move(contact_id, queue_id, virtual_arrival_us=1),
        dispatcher.pin(contact_id, None),
        dispatcher.take(contact_id, queue_id),
    ):
        with pytest.raises(ConflictError, match="over"):
            await asked

"""Accounts that are removed: without a trace when never used, with their history otherwise."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.accounts import is_used
from channels.tables import AccountRow
from kernel.errors import NotFoundError
from tests.desk.scripted import mail
from tests.desk_api import RefusedError
from tests.web.world import World, add_mailbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _row(world: World, account_id: str) -> AccountRow | None:
    async with world.center.house.database.reading() as session:
        return await session.get(AccountRow, UUID(account_id))


async def _listed(world: World) -> set[str]:
    return {one["id"] for one in await world.admin.get("accounts")}


async def _used_mailbox(world: World) -> tuple[str, dict[str, Any]]:
    """A mailbox through which a client wrote; with the ticket."""
    account = await add_mailbox(world.admin, "Old mail", queue_id=world.north.queue)
    name = uuid4().hex
    await world.deliver(mail(UUID(account), name, "Is anybody there?", subject=name))
    page = await world.admin.get("tickets", queue_id=world.north.queue, limit=1)
    return account, await world.admin.get(f"tickets/{page['items'][0]['id']}")


@pytest.mark.parametrize("kind", ["mail", "webchat"])
async def test_an_account_that_was_never_used_leaves_no_trace(world: World, kind: str) -> None:
    if kind == "mail":
        account = await add_mailbox(world.admin, "Typing error")
    else:
        body = {"kind": kind, "name": "Typing error", "settings": {}}
        account = (await world.admin.post("accounts", body))["id"]

    removed = await world.admin.delete(f"accounts/{account}")

    assert removed == {"archived": False}
    assert await _row(world, account) is None
    assert account not in await _listed(world)


async def test_a_used_account_is_archived_and_its_history_stays(world: World) -> None:
    account, ticket = await _used_mailbox(world)

    removed = await world.admin.delete(f"accounts/{account}")

    assert removed == {"archived": True}
    assert account not in await _listed(world)
    kept = await _row(world, account)
    assert kept is not None
    assert (kept.enabled, kept.secrets) == (False, {})
    after = await world.admin.get(f"tickets/{ticket['ticket']['id']}")
    assert after["messages"] == ticket["messages"]


async def test_an_archived_account_is_gone_for_everybody(world: World) -> None:
    account, _ = await _used_mailbox(world)
    async with world.admin.live() as live:
        await world.admin.delete(f"accounts/{account}")
        await live.next("AccountChanged", account_id=account, health="off")

    for method, body in (("DELETE", None), ("PATCH", {"version": 1, "enabled": True})):
        with pytest.raises(RefusedError) as refused:
            await world.admin.call(method, f"accounts/{account}", body)
        assert refused.value.status == 404
    with pytest.raises(NotFoundError):
        await world.deliver(mail(UUID(account), "late", "Am I too late?"))


async def test_answers_that_waited_to_be_sent_through_it_fail_with_the_reason(
    world: World,
) -> None:
    account, ticket = await _used_mailbox(world)
    path = f"tickets/{ticket['ticket']['id']}/messages"
    answer = {"id": str(uuid4()), "kind": "reply", "html": "<p>Yes.</p>"}
    assert (await world.admin.post(path, answer))["state"] == "pending"

    await world.admin.delete(f"accounts/{account}")

    page = await world.admin.get(path)
    failed = next(one for one in page["items"] if one["id"] == answer["id"])
    assert failed["state"] == "failed"
    assert "removed before it was sent" in failed["state_reason"]


async def test_whatever_belongs_to_an_account_counts_as_use(world: World) -> None:
    async with world.center.house.database.reading() as session:
        assert await is_used(session, UUID(world.north.account))
        assert not await is_used(session, uuid4())

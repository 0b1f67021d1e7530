"""How an account fares: what waits and since when, what passed in a day, and what went wrong."""

from dataclasses import replace
from uuid import UUID

from channels import health
from channels.errors import MessageRejectedError, ProviderUnavailableError
from channels.tables import AccountRow
from tests.desk.scene import Desk
from tests.desk.scripted import broken, mail
from tests.desk.test_courier import fails, promised


async def figures(office: Desk, account: UUID) -> health.Figures:
    async with office.database.reading() as session:
        return (await health.figures(session, office.clock.now())).get(account, health.NOTHING)


def at_hour(count: int, hours_ago: int) -> list[int]:
    counts = [0] * health.HOURS
    counts[health.HOURS - 1 - hours_ago] = count
    return counts


async def test_an_account_that_did_nothing_has_nothing_to_tell(office: Desk) -> None:
    assert await figures(office, await office.mailbox()) == health.NOTHING


async def test_what_came_and_went_is_counted_by_hour_for_a_day(office: Desk) -> None:
    account, _ = await promised(office, conversations=2)
    for _ in range(2):
        await office.carry(account)

    office.clock.advance(seconds=3 * 3600)
    later = await figures(office, account)
    office.clock.advance(seconds=24 * 3600)
    next_day = await figures(office, account)

    assert (later.received, later.sent) == (at_hour(2, 3), at_hour(2, 3))
    assert (later.waiting, later.failed, later.dead, later.troubles) == (0, 0, 0, [])
    assert next_day == health.NOTHING


async def test_what_is_tried_again_waits_since_it_was_promised(office: Desk) -> None:
    account, _ = await promised(office)
    promised_at = office.clock.now()
    office.office(account).on_send = fails(ProviderUnavailableError("the line is busy"))
    await office.carry(account)
    office.clock.advance(seconds=5)

    found = await figures(office, account)

    assert (found.waiting, found.oldest_at) == (1, promised_at)
    assert [(one.way, one.words) for one in found.troubles] == [("out", "the line is busy")]


async def test_what_failed_and_what_could_not_be_read_are_told_newest_first(office: Desk) -> None:
    account, (message_id,) = await promised(office)
    office.office(account).on_send = fails(MessageRejectedError("no such mailbox"))
    await office.carry(account)
    office.clock.advance(seconds=60)
    await office.arrive(replace(broken(account, "odd"), received_at=office.clock.now()))
    other = await office.mailbox("Other")
    await office.arrive(mail(other, "fine"))

    found = await figures(office, account)

    assert (found.failed, found.dead) == (1, 1)
    assert [(one.way, one.message_id) for one in found.troubles] == [
        ("in", None),
        ("out", message_id),
    ]
    assert found.troubles[1].words == "no such mailbox"
    assert (await figures(office, other)).troubles == []


async def test_every_account_says_when_it_was_last_heard_but_not_with_every_word(
    office: Desk,
) -> None:
    account = await office.mailbox()
    heard = []
    for number, wait in enumerate((0, 2, 60)):
        office.clock.advance(seconds=wait)
        await office.arrive(mail(account, str(number)))
        (row,) = await office.rows(AccountRow)
        heard.append((row.last_in_at, office.clock.now()))

    (first, at), (second, _), (third, later) = heard
    assert (first, second, third) == (at, at, later)

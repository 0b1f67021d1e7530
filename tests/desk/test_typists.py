"""A client sees that an agent writes, as often as their messenger shows it and never for long."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from channels.errors import ProviderUnavailableError
from desk.typists import Typists
from kernel.limits import TYPING_REST_SECONDS
from tests.desk.scene import Desk
from tests.desk.scripted import mail


class Shown:
    """What a provider was asked to show; `trouble` is what it says instead."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.trouble: Exception | None = None

    async def types(self, handle: str, thread_key: str) -> None:
        self.told.append((handle, thread_key))
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def typists(office: Desk) -> Typists:
    return Typists(office.database, office.clock, office.lines)


async def asked(office: Desk, shown: Shown, *words: str) -> list[UUID]:
    """Connect an account that shows typing; return the tickets of who wrote these words."""
    account = await office.mailbox()
    connector: Any = office.office(account)
    connector.types, connector.typing_lasts = shown.types, timedelta(seconds=5)
    for one in words:
        await office.arrive(mail(account, one))
    return [one.id for one in await office.tickets()]


async def test_it_is_told_again_only_when_it_is_shown_no_more(
    office: Desk, typists: Typists
) -> None:
    shown = Shown()
    (ticket,) = await asked(office, shown, "first")
    for seconds in (0, 4, 1):
        office.clock.advance(seconds=seconds)
        typists.note(ticket)
        typists.note(ticket)
        await typists.tell()

    assert shown.told == [("ann@client.example", "<first@client>")] * 2


async def test_a_provider_that_does_not_take_it_is_left_in_peace(
    office: Desk, typists: Typists
) -> None:
    shown = Shown()
    first, second = await asked(office, shown, "first", "second")
    shown.trouble = ProviderUnavailableError("slow down")
    for ticket in (first, second):
        typists.note(ticket)
        await typists.tell()
    office.clock.advance(seconds=TYPING_REST_SECONDS)
    typists.note(second)
    await typists.tell()

    assert len(shown.told) == 2


async def test_where_nobody_can_be_told_nobody_is_asked(office: Desk, typists: Typists) -> None:
    shown = Shown()
    (ticket,) = await asked(office, shown, "first")
    await office.messenger()
    for one in (UUID(int=1), ticket):
        typists.note(one)
    (account,) = [one.account_id for one in await office.tickets() if one.account_id]
    del office.office(account).types  # type: ignore[attr-defined]
    await typists.tell()

    assert shown.told == []

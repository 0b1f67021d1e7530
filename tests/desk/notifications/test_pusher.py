"""Browsers are pushed to once, readably for them alone, and no longer than they may be."""

import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete

from desk.notifications.choices import ByEvent, Ways
from desk.notifications.listing import read_ticket
from desk.notifications.pusher import Pusher
from desk.notifications.subscriptions import NewSubscription, ensure_key, public_key, subscribe
from desk.tables import PushJobRow, PushSubscriptionRow
from kernel.actor import Actor
from kernel.errors import ForbiddenError, InvalidInputError
from kernel.http import HttpClient
from kernel.ids import new_id
from kernel.limits import PUSH_SUBSCRIPTIONS_PER_AGENT, PUSH_TRIES
from kernel.secrets import Sealer
from staff.tables import SessionRow
from tests.desk.notifications.scene import Told, one_told
from tests.desk.scene import Desk
from tests.simulators.mail_servers import certificate_for
from tests.simulators.push_service import Browser, PushService, push_service

PUSHED = ByEvent(assigned=Ways(push=True), reply=Ways(push=True))


class Pushed:
    """One agent with a phone that is signed in, and the service that reaches it."""

    def __init__(self, told: Told, service: PushService, pusher: Pusher) -> None:
        self.told = told
        self.service = service
        self.pusher = pusher
        self.session_id = new_id()

    @property
    def actor(self) -> Actor:
        return Actor(
            agent_id=self.told.agent_id,
            name="Nora",
            permissions=frozenset(),
            session_id=self.session_id,
        )

    async def sign_in(self) -> None:
        now = self.told.office.clock.now()
        async with self.told.office.database.transaction() as session:
            await ensure_key(session, self.told.office.sealer, now)
            self.service.public_key = await public_key(session)
            session.add(
                SessionRow(
                    id=self.session_id,
                    token_hash=self.session_id.bytes,
                    agent_id=self.told.agent_id,
                    created_at=now,
                    seen_at=now,
                    idle_seconds=3_600,
                    expires_at=now + timedelta(days=14),
                    address="",
                    browser="",
                )
            )

    async def sign_out(self) -> None:
        async with self.told.office.database.transaction() as session:
            await session.execute(delete(SessionRow))

    async def subscribes(self, browser: Browser) -> UUID:
        wanted = NewSubscription(endpoint=browser.endpoint, browser="Phone", **browser.keys)
        async with self.told.office.database.transaction() as session:
            row = await subscribe(session, self.actor, wanted, self.told.office.clock.now())
            return row.id

    async def push(self) -> None:
        """Let the house tell what happened, and push it."""
        await self.told.step()
        while await self.pusher.step():
            pass

    async def jobs(self) -> int:
        return len(await self.told.office.rows(PushJobRow))

    async def subscriptions(self) -> int:
        return len(await self.told.office.rows(PushSubscriptionRow))


@pytest.fixture
async def pushed(office: Desk, tmp_path: Path) -> AsyncIterator[Pushed]:
    certificate = certificate_for(tmp_path, "127.0.0.1")
    trusts = ssl.create_default_context(cafile=str(certificate.cert))
    async with (
        push_service(certificate) as service,
        HttpClient(allow_private=True, tls=trusts) as http,
    ):
        told = await one_told(office)
        pusher = Pusher(office.database, office.clock, office.sealer, http, "https://desk.example")
        pushed = Pushed(told, service, pusher)
        await told.chooses(PUSHED)
        await pushed.sign_in()
        yield pushed


async def test_a_browser_shows_what_its_agent_is_told_of_once(pushed: Pushed) -> None:
    phone = pushed.service.browser()
    await pushed.subscribes(phone)

    await pushed.push()
    await pushed.push()

    ticket_id = pushed.told.ticket_id
    assert [(one["title"], one["url"], one["tag"]) for one in phone.shown] == [
        ("A ticket was assigned to you", f"/tickets/{ticket_id}", f"assigned {ticket_id}")
    ]
    assert await pushed.jobs() == 0
    assert pushed.service.asked[0]["content-encoding"] == "aes128gcm"
    assert pushed.service.asked[0]["ttl"] == "86400"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_not_pushed_to_again(pushed: Pushed, status: int) -> None:
    await pushed.subscribes(pushed.service.browser())
    pushed.service.answers = [status]

    await pushed.push()

    assert (await pushed.subscriptions(), await pushed.jobs()) == (0, 0)


async def test_a_service_in_trouble_is_tried_again_later_and_not_for_ever(pushed: Pushed) -> None:
    phone = pushed.service.browser()
    await pushed.subscribes(phone)
    pushed.service.answers = [503]

    await pushed.push()
    assert (phone.shown, await pushed.jobs()) == ([], 1)
    pushed.told.later(seconds=5)
    await pushed.push()
    assert len(phone.shown) == 1

    await pushed.told.client_writes()
    pushed.service.answers = [429] * 100
    for _ in range(PUSH_TRIES + 3):
        await pushed.push()
        pushed.told.later(minutes=30)
    assert 100 - len(pushed.service.answers) == PUSH_TRIES
    assert (await pushed.jobs(), await pushed.subscriptions()) == (0, 1)


async def test_a_refusal_is_not_repeated(pushed: Pushed) -> None:
    await pushed.subscribes(pushed.service.browser())
    pushed.service.answers = [400]

    await pushed.push()

    assert (await pushed.jobs(), len(pushed.service.asked)) == (0, 1)


async def test_what_was_read_meanwhile_is_not_pushed(pushed: Pushed) -> None:
    phone = pushed.service.browser()
    await pushed.subscribes(phone)
    await pushed.told.step()
    async with pushed.told.office.database.transaction() as session:
        now = pushed.told.office.clock.now()
        await read_ticket(session, pushed.told.agent_id, pushed.told.ticket_id, now)

    await pushed.push()

    assert (phone.shown, await pushed.jobs()) == ([], 0)


async def test_a_browser_that_was_signed_out_shows_nothing_more(pushed: Pushed) -> None:
    phone = pushed.service.browser()
    await pushed.subscribes(phone)
    await pushed.sign_out()

    await pushed.push()

    assert (phone.shown, await pushed.subscriptions()) == ([], 0)


async def test_whoever_subscribes_last_in_a_browser_has_it(pushed: Pushed) -> None:
    phone = pushed.service.browser()
    first = await pushed.subscribes(phone)
    second = await pushed.subscribes(phone)

    await pushed.push()

    assert first != second
    assert len(phone.shown) == 1


async def test_the_oldest_browser_makes_room(pushed: Pushed) -> None:
    for number in range(PUSH_SUBSCRIPTIONS_PER_AGENT + 2):
        await pushed.subscribes(pushed.service.browser(f"phone-{number}"))

    assert await pushed.subscriptions() == PUSH_SUBSCRIPTIONS_PER_AGENT


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/send",
        "https://169.254.169.254/latest",
        "https://user:word@push.example/send",
        "https://push.example:22/send",
        "javascript:alert(1)",
        "https://",
    ],
)
async def test_an_endpoint_that_is_no_push_service_is_refused(
    pushed: Pushed, endpoint: str
) -> None:
    browser = pushed.service.browser()
    browser.endpoint = endpoint

    with pytest.raises(InvalidInputError):
        await pushed.subscribes(browser)


async def test_an_address_inside_the_house_is_never_asked(pushed: Pushed, office: Desk) -> None:
    await pushed.subscribes(pushed.service.browser())
    async with HttpClient() as careful:
        pushed.pusher = Pusher(office.database, office.clock, office.sealer, careful, "https://x")
        await pushed.push()

    assert (pushed.service.asked, await pushed.subscriptions()) == ([], 0)


async def test_a_token_is_no_browser(pushed: Pushed) -> None:
    actor = Actor(agent_id=pushed.told.agent_id, name="Nora", permissions=frozenset())
    wanted = NewSubscription(
        endpoint="https://push.example/x", browser="", **pushed.service.browser().keys
    )
    async with pushed.told.office.database.transaction() as session:
        with pytest.raises(ForbiddenError):
            await subscribe(session, actor, wanted, pushed.told.office.clock.now())


async def test_a_key_that_nobody_can_open_is_replaced(pushed: Pushed) -> None:
    await pushed.subscribes(pushed.service.browser())
    async with pushed.told.office.database.transaction() as session:
        now = pushed.told.office.clock.now()
        await ensure_key(session, pushed.told.office.sealer, now)
        same = await public_key(session)
        await ensure_key(session, Sealer(bytes(range(1, 33))), now)
        other = await public_key(session)

    assert same == pushed.service.public_key != other
    assert await pushed.subscriptions() == 0

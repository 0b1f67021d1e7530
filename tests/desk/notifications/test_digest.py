"""What was not read is mailed when the agent wants it, once, and only what they may see."""

from collections.abc import Callable

import pytest

from channels.envelope import Outbound
from channels.tables import OutboxRow
from desk.notifications.choices import ByEvent, Quiet, Ways
from desk.notifications.digest import Digester
from desk.notifications.letter import Item, write_letter
from desk.notifications.listing import read_ticket
from desk.notifications.words import event_words
from kernel.ids import new_id
from staff.tables import AgentRow
from tests.desk.notifications.scene import Told, one_told
from tests.desk.scene import Desk

MAILED = ByEvent(assigned=Ways(mail=True), reply=Ways(app=True, mail=True))


class Post:
    """The digests of one agent, and the mailbox that carries them."""

    def __init__(self, told: Told, company: Callable[[], str] = lambda: "Wonder Shop") -> None:
        self.told = told
        self.digester = Digester(
            told.office.database,
            told.office.clock,
            public_url="https://desk.example/",
            company=company,
        )

    async def look(self) -> int:
        """Let the house tell what happened, then look whose digest is due."""
        await self.told.step()
        return await self.digester.step()

    async def carried(self) -> list[Outbound]:
        await self.told.office.carry(self.told.box)
        return self.told.office.office(self.told.box).sent


@pytest.fixture
async def post(office: Desk) -> Post:
    """Nora, to whom a ticket was assigned on a Monday at nine, UTC."""
    post = Post(await one_told(office))
    await post.told.chooses(MAILED, digest="hourly")
    return post


async def test_a_digest_leaves_at_the_full_hour_and_once(post: Post) -> None:
    post.told.later(minutes=30)
    await post.told.client_writes("Where is my parcel?")
    assert await post.look() == 0

    post.told.later(minutes=30)
    assert [await post.look(), await post.look()] == [1, 0]

    (mail,) = await post.carried()
    assert mail.recipient.handle == "nora@wonder.example"
    assert mail.subject == "Wonder Shop: not read yet (2)"
    assert "Where is my parcel?" in mail.text
    assert f"https://desk.example/tickets/{post.told.ticket_id}" in mail.text
    assert "https://desk.example/profile#notifications" in mail.text
    assert mail.automatic


async def test_what_was_read_meanwhile_is_not_mailed(post: Post) -> None:
    await post.told.step()
    async with post.told.office.database.transaction() as session:
        now = post.told.office.clock.now()
        await read_ticket(session, post.told.agent_id, post.told.ticket_id, now)
    post.told.later(hours=2)

    assert await post.look() == 0


async def test_what_breaks_before_the_commit_is_mailed_later_and_after_it_never_again(
    post: Post,
) -> None:
    await post.told.step()
    post.told.later(hours=1)

    def broken() -> str:
        raise RuntimeError("the process ends here")

    with pytest.raises(RuntimeError):
        await Post(post.told, company=broken).look()
    assert await post.told.office.rows(OutboxRow) == []

    assert await post.look() == 1
    assert await Post(post.told).look() == 0
    assert len(await post.told.office.rows(OutboxRow)) == 1


async def test_a_daily_digest_waits_for_its_hour_and_quiet_hours_for_their_end(post: Post) -> None:
    quiet = Quiet(on=True, starts="20:00", ends="09:30")
    await post.told.chooses(MAILED, digest_at="08:00", timezone="Europe/Kyiv", quiet=quiet)
    looked = []
    for _ in range(24 * 2):
        looked.append(await post.look())
        post.told.later(minutes=30)

    # Assigned at 11:00 in Kyiv; 08:00 the next day is quiet there until 09:30: 22.5 hours later.
    assert looked.index(1) == 45
    assert sum(looked) == 1


async def test_a_ticket_out_of_sight_and_an_agent_who_left_are_not_mailed(post: Post) -> None:
    await post.told.step()
    async with post.told.office.database.transaction() as session:
        (await session.get_one(AgentRow, post.told.agent_id)).active = False
    post.told.later(hours=1)

    assert await post.look() == 0
    assert await post.told.office.rows(OutboxRow) == []


async def test_it_is_written_in_the_language_of_its_reader(post: Post) -> None:
    async with post.told.office.database.transaction() as session:
        (await session.get_one(AgentRow, post.told.agent_id)).locale = "uk"
    await post.told.step()
    post.told.later(hours=1)
    await post.look()

    (mail,) = await post.carried()

    assert "Вам призначено звернення" in mail.text
    assert mail.subject == "Wonder Shop: ще не прочитано (1)"


def test_nothing_a_client_wrote_becomes_html() -> None:
    item = Item(
        event="reply",
        name="<b>Eve</b>",
        detail="<script>alert(1)</script>",
        ticket_id=new_id(),
        number=7,
        subject="<img src=x>",
    )

    letter = write_letter(
        [item], beyond=3, company="Wonder", public_url="https://desk.example", locale="en"
    )

    assert _tags(letter.html) == []
    assert "And 3 more" in letter.text
    assert letter.subject == "Wonder: not read yet (4)"


def _tags(html: str) -> list[str]:
    return [mark for mark in ("<script", "<img", "<b>Eve") if mark in html]


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "Visitor 3f2a wrote"), ("uk", "Відвідувач 3f2a пише")]
)
def test_a_visitor_without_a_name_is_told_of_in_the_readers_language(
    locale: str, words: str
) -> None:
    assert event_words(locale, "reply", "Visitor 3f2a") == words

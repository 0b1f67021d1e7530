"""What clients write to a bot comes in once, whole, and is confirmed only when it is stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from channels.envelope import Health, Reach
from channels.errors import MisconfiguredError
from channels.telegram.connector import TelegramConnector
from channels.telegram.cursor import read_position
from kernel.errors import CenterError
from kernel.limits import TELEGRAM_CONTESTED_PAUSE_SECONDS, TELEGRAM_CONTESTED_SECONDS
from tests.channels.scene import Desk, surroundings
from tests.channels.telegram.scene import account, following
from tests.clock import ManualClock
from tests.simulators.telegram import DATE, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


async def test_a_text_comes_in_with_who_wrote_it(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        await server.write("Where is my parcel?", chat=42)
        await stored.until(1)
        (said,) = await stored.said(bot)

    assert said.text == "Where is my parcel?"
    assert (said.sender.handle, said.sender.name) == ("42", "Ann")
    assert said.sender_proven
    assert said.attributes == {"name": "Ann", "locale": "uk"}
    assert said.sent_at is not None
    assert said.sent_at.timestamp() == DATE
    assert said.thread_key == "42:1"


async def test_an_update_is_confirmed_only_after_it_is_stored(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    stored.refusals = 1
    made = await server.write("Hello")

    with pytest.raises(RuntimeError, match="database is away"):
        await bot.listen(stored.deliver, stored.tell)
    assert server.confirmed == []
    async with following(bot, stored):
        await server.until_confirmed(made["update_id"])

    assert [one.text for one in await stored.said(bot)] == ["Hello"]


async def test_after_a_crash_what_was_stored_is_not_stored_twice(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        await server.write("First")
        await stored.until(1)
    cursor, stored.cursor = stored.cursor, None  # as if the cursor had been lost

    async with following(bot, stored):
        await server.write("Second")
        await stored.until(2)

    assert [one.text for one in await stored.said(bot)] == ["First", "Second"]
    position = read_position(cursor)
    assert position is not None
    assert position.offset == 700_000_002


async def test_ids_that_begin_anew_after_a_silent_week_lose_nothing(
    server: TelegramServer, stored: Desk
) -> None:
    clock = ManualClock()
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        async with following(bot, stored):
            await server.write("Before")
            await stored.until(1)
            await server.until_confirmed(700_000_001)
        clock.advance(days=8)
        server.next_update = 5

        async with following(bot, stored):
            await server.write("After")
            await stored.until(2)
            await server.until_confirmed(5)

        assert [one.text for one in await stored.said(bot)] == ["Before", "After"]


async def test_files_are_fetched_and_shown_by_what_their_bytes_are(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        await server.attach("photo", PNG, caption="Broken")
        await server.attach("document", b"%PDF-1.7 x", file_name="bill\u202efdp.exe")
        await server.attach("voice", b"OggS....")
        await server.attach("sticker", b"RIFF0000WEBPVP8 ", emoji="\N{WAVING HAND SIGN}")
        await stored.until(4)
        said = await stored.said(bot)

    assert [one.text for one in said] == ["Broken", "", "", "\N{WAVING HAND SIGN}"]
    files = [one.files[0] for one in said]
    assert [one.media_type for one in files] == [
        "image/png",
        "application/pdf",
        "audio/ogg",
        "image/webp",
    ]
    assert files[1].name == "bill fdp.exe"
    assert stored.files[files[0].blob or ""] == PNG


async def test_an_album_is_one_message_also_when_it_comes_in_pieces(
    server: TelegramServer, stored: Desk
) -> None:
    clock = ManualClock()
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        await server.attach("photo", PNG + b"1", caption="Three views", media_group_id="g")
        async with following(bot, stored):
            for looks, piece in ((2, b"2"), (3, b"3")):
                await clock.until_asleep()
                await server.attach("photo", PNG + piece, media_group_id="g")
                clock.advance(seconds=1.1)
                await server.until_asked("getUpdates", looks)
            await clock.until_asleep()
            clock.advance(seconds=1.1)
            await stored.until(3)
            (said,) = await stored.said(bot)

    assert said.text == "Three views"
    assert [stored.files[one.blob or ""][-1:] for one in said.files] == [b"1", b"2", b"3"]


async def test_a_file_that_bots_may_not_fetch_is_named_in_the_text(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    large = {"file_id": "far", "file_name": "film.mp4", "file_size": 34 * 1024 * 1024}
    async with following(bot, stored):
        await server.update(message=server.message(7001, document=large, caption="Look"))
        await server.update(message=server.message(7001, document={"file_id": "nowhere"}))
        await stored.until(2)
        too_large, missing = await stored.said(bot)

    assert too_large.text == "Look\n[film.mp4, 34.0 MB]"
    assert too_large.warnings == ("file_too_large",)
    assert missing.warnings == ("file_missing",)


async def test_a_file_is_fetched_again_after_a_hiccup(server: TelegramServer, stored: Desk) -> None:
    clock = ManualClock()
    server.fail("file", status=502, plain=True)
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        async with following(bot, stored):
            await server.attach("photo", PNG)
            await clock.until_asleep()
            clock.advance(seconds=5)
            await stored.until(1)
        (said,) = await stored.said(bot)

    assert len(said.files) == 1


async def test_places_cards_and_answers_become_words(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        spot = {"latitude": 50.45, "longitude": 30.52}
        await server.update(message=server.message(9, location=spot))
        own = {"phone_number": "380441234567", "first_name": "Ann", "user_id": 9}
        await server.update(message=server.message(9, contact=own))
        await server.update(message=server.message(9, contact={**own, "user_id": 10}))
        asked = {"message_id": 1, "date": DATE, "chat": {"id": 9, "type": "private"}}
        await server.write("Yes", chat=9, reply_to_message={**asked, "text": "Blue?"})
        await stored.until(4)
        place, card, other, answer = await stored.said(bot)

    assert place.text.startswith("50.450000, 30.520000\nhttps://www.openstreetmap.org/")
    assert card.text == "Ann, 380441234567"
    assert card.attributes["phone"] == "+380441234567"
    assert "phone" not in other.attributes
    assert (answer.text, answer.quoted) == ("Yes", "Blue?")


async def test_an_edit_comes_as_one_more_message_that_names_the_first(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        first = (await server.write("Order 4711"))["message"]
        await server.update(edited_message={**first, "text": "Order 4712", "edit_date": DATE + 5})
        await server.update(edited_message={**first, "text": "Order 4713", "edit_date": DATE + 5})
        await stored.until(3)
        said = await stored.said(bot)

    assert [one.text for one in said] == ["Order 4711", "Order 4712", "Order 4713"]
    assert [one.warnings for one in said] == [(), ("edited",), ("edited",)]
    assert said[1].references == ("7001:1",)


async def test_what_we_do_not_know_is_kept_as_a_readable_word(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    async with following(bot, stored):
        await server.update(message=server.message(7001, poll={"question": "Which?"}))
        await server.update(something_new={"a": 1})
        await stored.until(2)
        (said,) = await stored.said(bot)

    assert said.warnings == ("unsupported",)
    assert said.text == "[poll]"


async def test_groups_bots_and_the_start_button_are_no_clients(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    group = server.message(7001, text="Hi all") | {"chat": {"id": -100, "type": "group"}}
    async with following(bot, stored):
        await server.update(message=group)
        robot = {"from": {"id": 3, "is_bot": True, "first_name": "R"}}
        await server.update(message=server.message(3, text="beep") | robot)
        await server.write("/start from_the_site")
        await server.update(message=server.message(7001, pinned_message={"message_id": 1}))
        await stored.until(4)

        assert await stored.said(bot) == []


async def test_who_blocks_the_bot_is_told_at_once_and_who_lets_it_in_again(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    chat = {"id": 9, "type": "private"}
    about = {"chat": chat, "from": {"id": 9, "first_name": "Ann"}}
    async with following(bot, stored):
        for at, status in enumerate(("kicked", "member")):
            await server.update(
                my_chat_member={**about, "date": DATE + at, "new_chat_member": {"status": status}}
            )
        await stored.until(2)
        shut, opened = await bot.read(list(stored.stored.values()))

    assert not isinstance(shut, Exception)
    assert not isinstance(opened, Exception)
    assert [
        (one.handle, one.unreachable) for one in (*shut, *opened) if isinstance(one, Reach)
    ] == [
        ("9", "the client has blocked the bot; only they can let it in again"),
        ("9", None),
    ]


async def test_where_a_word_leads_is_written_out_and_scripts_are_not(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    links = [
        {"type": "text_link", "offset": 3, "length": 4, "url": "https://a.example/x"},
        {"type": "text_link", "offset": 12, "length": 4, "url": "javascript:alert(1)"},
    ]
    async with following(bot, stored):
        await server.write("\U0001f600 here and there", entities=links)
        await stored.until(1)
        (said,) = await stored.said(bot)

    assert said.text == "\U0001f600 here (https://a.example/x) and there"


async def test_a_webhook_of_before_is_taken_away_and_nothing_of_it_is_lost(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    server.hook.url = "https://elsewhere.example/hook"
    await server.write("I waited")

    async with following(bot, stored):
        await stored.until(1)

    assert server.hook.url == ""


@pytest.mark.parametrize(
    ("trouble", "health", "words"),
    [
        ({"status": 401, "description": "Unauthorized"}, Health.BAD_CREDENTIALS, "@BotFather"),
        ({"status": 502, "plain": True}, Health.WAITING, "502"),
        ({"status": 429, "retry_after": 9}, Health.WAITING, "pause"),
        ({"cut": "before"}, Health.WAITING, "broke off"),
    ],
    ids=["token", "gateway", "pause", "cut"],
)
async def test_health_has_words_and_never_the_token(
    bot: TelegramConnector,
    server: TelegramServer,
    stored: Desk,
    trouble: dict[str, object],
    health: Health,
    words: str,
) -> None:
    server.fail("getUpdates", **trouble)

    with pytest.raises(CenterError) as failed:
        await bot.listen(stored.deliver, stored.tell)

    assert stored.told[-1][0] is health
    assert words in stored.told[-1][1]
    assert "simulated-token" not in str(failed.value) + stored.told[-1][1]


@asynccontextmanager
async def contested(
    server: TelegramServer, stored: Desk, clock: ManualClock
) -> AsyncIterator[asyncio.Task[None]]:
    """A bot of which another program asks for news too, and which has met it for the first time."""
    server.another_program = True
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        listening = asyncio.create_task(bot.listen(stored.deliver, stored.tell))
        try:
            await clock.until_asleep()
            yield listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_a_poll_of_our_own_that_is_still_open_is_waited_for(
    server: TelegramServer, stored: Desk, clock: ManualClock
) -> None:
    await server.write("I waited")
    async with contested(server, stored, clock):
        server.another_program = False
        clock.advance(seconds=TELEGRAM_CONTESTED_PAUSE_SECONDS)
        await stored.until(1)

        assert [word for word, _ in stored.told] == [Health.CONNECTING, Health.CONNECTED]


async def test_another_program_that_goes_on_asking_is_named(
    server: TelegramServer, stored: Desk, clock: ManualClock
) -> None:
    async with contested(server, stored, clock) as listening:
        clock.advance(seconds=TELEGRAM_CONTESTED_SECONDS)
        with pytest.raises(MisconfiguredError, match="another program"):
            await listening

    assert stored.told[-1][0] is Health.MISCONFIGURED

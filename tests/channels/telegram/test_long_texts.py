"""A text too long for one message leaves in several, and it is said when not all arrived."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.envelope import Receipt
from channels.errors import OutcomeUnknownError, RecipientGoneError
from channels.telegram.connector import TelegramConnector
from channels.telegram.markup import rich_of
from channels.telegram.parts import parts_of
from tests.channels.scene import Desk, answer, surroundings
from tests.channels.telegram.scene import account
from tests.clock import ManualClock
from tests.simulators.telegram import TelegramServer

FACE = "\N{GRINNING FACE}"
LONG = "\n\n".join(f"Paragraph {at} " + "word " * 300 for at in range(5))


async def sent_long(server: TelegramServer, stored: Desk) -> "asyncio.Task[Receipt]":
    """Send the long text with buttons; time passes whenever it is waited for."""
    clock = ManualClock()
    async with TelegramConnector(account(server), surroundings(stored, clock)) as bot:
        html = f"<p>{LONG}</p>".replace("Paragraph 4", "<b>Paragraph 4</b>")
        sending = asyncio.create_task(bot.send(answer(LONG, html=html, choices=("Yes",))))
        while not sending.done():
            asleep = asyncio.create_task(clock.until_asleep())
            await asyncio.wait([sending, asleep], return_when=asyncio.FIRST_COMPLETED)
            asleep.cancel()
            await asyncio.gather(asleep, return_exceptions=True)
            clock.advance(seconds=5)
    return sending


async def test_a_long_text_leaves_in_parts_with_its_looks_and_buttons(
    server: TelegramServer, stored: Desk
) -> None:
    sending = await sent_long(server, stored)

    receipt = sending.result()
    first, second = server.sent
    assert first.text.startswith("Paragraph 0")
    assert first.text.endswith("word")
    assert " ".join(f"{first.text} {second.text}".split()) == " ".join(LONG.split())
    assert (first.looks, first.buttons) == ([], [])
    (bold,) = second.looks
    cut = second.text[bold["offset"] : bold["offset"] + bold["length"]]
    assert (cut, [words for words, _ in second.buttons]) == ("Paragraph 4", ["Yes"])
    assert receipt.external_id == f"7001:{first.message_id}"


async def test_what_passes_soon_is_waited_out_between_the_parts(
    server: TelegramServer, stored: Desk
) -> None:
    server.fail("sendMessage")
    server.fail("sendMessage", status=429, description="Too Many Requests", retry_after=3)
    server.fail("sendMessage", status=500, description="Internal")

    sending = await sent_long(server, stored)

    assert sending.exception() is None
    assert [one.text[:11] for one in server.sent] == ["Paragraph 0", server.sent[1].text[:11]]
    assert len(server.sent) == 2


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, "blocked"),
        ({"status": 429, "description": "Too Many", "retry_after": 600}, "pause"),
        ({"cut": "after"}, "may have this message"),
    ],
    ids=["blocked", "long pause", "lost"],
)
async def test_an_answer_of_which_only_a_part_arrived_says_so(
    server: TelegramServer, stored: Desk, trouble: dict[str, object], words: str
) -> None:
    server.fail("sendMessage")
    server.fail("sendMessage", **trouble)

    sending = await sent_long(server, stored)

    doubt = sending.exception()
    assert isinstance(doubt, OutcomeUnknownError)
    assert doubt.message.startswith("only 1 of 2 parts")
    assert words in doubt.message


async def test_a_first_part_that_never_left_leaves_no_doubt(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    server.blocked.add(7001)

    with pytest.raises(RecipientGoneError):
        await bot.send(answer(LONG))


@given(
    st.text(st.sampled_from(f"ab. \n{FACE}"), max_size=60),
    st.integers(3, 12),
    st.integers(0, 20),
    st.integers(1, 20),
)
def test_no_part_is_too_long_and_no_sign_or_look_is_lost(
    text: str, most: int, begin: int, size: int
) -> None:
    said = rich_of(f"{text[:begin]}<b>{text[begin : begin + size]}</b>{text[begin + size :]}")

    parts = list(parts_of(said, most))

    assert "".join("".join(one.text for one in parts).split()) == "".join(said.text.split())
    dressed = ""
    for one in parts:
        units = one.text.encode("utf-16-le")
        assert 0 < len(units) <= 2 * most
        for look in one.spans:
            piece = units[2 * look.offset : 2 * (look.offset + look.length)]
            assert len(piece) == 2 * look.length
            dressed += piece.decode("utf-16-le")
    meant = "".join(
        said.text.encode("utf-16-le")[2 * one.offset : 2 * (one.offset + one.length)].decode(
            "utf-16-le"
        )
        for one in said.spans
    )
    assert "".join(dressed.split()) == "".join(meant.split())

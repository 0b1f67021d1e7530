"""What an agent or a client formatted arrives so, and never costs a message."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.telegram.connector import TelegramConnector
from channels.telegram.markup import rich_of
from channels.telegram.shown import html_of
from channels.telegram.updates import Entity
from kernel.html import sanitise, to_text
from tests.channels.scene import Desk, answer
from tests.channels.telegram.scene import following
from tests.simulators.telegram import TelegramServer

PICTURE = ("a.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"picture")
FACE = "\N{GRINNING FACE}"


async def test_what_an_agent_formatted_arrives_so(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    html = f"<p>{FACE} <b>Two</b> things &amp; <a href='https://a.example'>one</a> link</p>"

    await bot.send(answer("plain", html=html))
    await bot.send(answer("plain", PICTURE, html="<p>See <i>here</i></p>"))
    await bot.send(answer("plain", PICTURE, PICTURE, html="<p>See <i>here</i></p>"))

    text, *captions = server.sent
    assert text.text == f"{FACE} Two things & one link"
    assert text.looks == [
        {"type": "bold", "offset": 3, "length": 3},
        {"type": "text_link", "offset": 16, "length": 3, "url": "https://a.example"},
    ]
    italic = [{"type": "italic", "offset": 4, "length": 4}]
    assert [(one.text, one.looks) for one in captions] == [("See here", italic)] * 2


@pytest.mark.parametrize(
    ("html", "text", "looks"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc", []),
        ("<ul><li><p>a</p></li><li>b<ul><li>c</li></ul></li></ul>", "• a\n• b\n  • c", []),
        ("<p>x</p><ol><li>a</li><li>b</li></ol><p>y</p>", "x\n\n1. a\n2. b\n\ny", []),
        ("<pre>  a\n b</pre><p>c</p>", "  a\n b\n\nc", [("pre", 0, 6)]),
        ("<p><code>a <b>b</b></code></p>", "a b", [("code", 0, 3)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        (
            "<blockquote>a<blockquote>b</blockquote></blockquote>c",
            "a\nb\nc",
            [("blockquote", 0, 3)],
        ),
        ("<h2>Title</h2><p>a</p>", "Title\n\na", [("bold", 0, 5)]),
        ("<p>write <a href='mailto:a@b.example'>us</a></p>", "write us (a@b.example)", []),
        ("<p>1 < 2 && *no* _mark_ [up](x)</p>", "1 < 2 && *no* _mark_ [up](x)", []),
        ("<p> </p><b> </b>", "", []),
    ],
)
def test_markup_becomes_a_text_and_stretches_of_it(
    html: str, text: str, looks: list[tuple[str, int, int]]
) -> None:
    rich = rich_of(html)

    assert rich.text == text
    assert [(one.type, one.offset, one.length) for one in rich.spans] == looks


async def test_looks_that_telegram_refuses_cost_only_themselves(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    refusal = "Bad Request: can't parse entities: unsupported"
    server.fail("sendMessage", status=400, description=refusal)
    server.fail("sendPhoto", status=400, description="Bad Request: ENTITY_BOUNDS_INVALID")

    await bot.send(answer("Two", html="<p><b>Two</b></p>"))
    await bot.send(answer("Two", PICTURE, html="<p><b>Two</b></p>"))

    assert [(one.text, one.looks) for one in server.sent] == [("Two", []), ("Two", [])]
    assert server.asked.count("sendMessage") == 2


async def test_tags_do_not_count_and_what_only_looks_too_long_goes_plain(
    bot: TelegramConnector, server: TelegramServer
) -> None:
    words = "x" * 1_000
    mail = " <a href='mailto:someone@somewhere.example'>y</a>"

    await bot.send(answer(words, PICTURE, html="<p>" + "<b>x</b>" * 1_000 + "</p>"))
    await bot.send(answer(f"{words} y", PICTURE, html=f"<p><b>{words}</b>{mail}</p>"))

    bold, plain = server.sent
    assert (bold.text, len(bold.looks)) == (words, 100)
    assert (plain.text, plain.looks) == (f"{words} y", [])


async def test_what_a_client_formatted_is_kept_beside_its_text(
    bot: TelegramConnector, server: TelegramServer, stored: Desk
) -> None:
    bold = {"type": "bold", "offset": 3, "length": 4}
    both = {"type": "italic", "offset": 5, "length": 6}
    link = {"type": "text_link", "offset": 3, "length": 4, "url": "javascript:alert(1)"}
    async with following(bot, stored):
        await server.write(f"{FACE} <b>x and", entities=[bold, both])
        await server.write("To shop", entities=[link])
        await server.write("Plain @ann", entities=[{"type": "mention", "offset": 6, "length": 4}])
        await server.attach(
            "photo", PICTURE[2], caption="Look", caption_entities=[bold | {"offset": 0}]
        )
        await stored.until(4)
        said = await stored.said(bot)

    assert [one.text for one in said] == [f"{FACE} <b>x and", "To shop", "Plain @ann", "Look"]
    dressed = f"{FACE} <b>&lt;b<i>&gt;x</i></b><i> and</i>"
    assert said[0].html == dressed
    assert "javascript" not in str(said[1].html)
    assert said[2].html is None
    assert said[3].html == "<b>Look</b>"


_HTML = st.recursive(
    st.text(st.sampled_from(f"ab <&>\n{FACE}\u0457"), max_size=8).map(
        lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
    ),
    lambda inner: st.tuples(
        st.sampled_from(["b", "i", "p", "li", "ul", "ol", "pre", "code", "blockquote", "a", "div"]),
        st.lists(inner, max_size=3),
    ).map(lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"),
    max_leaves=12,
)


@settings(max_examples=50)
@given(_HTML)
def test_no_word_is_lost_and_no_stretch_leaves_its_text(html: str) -> None:
    clean = sanitise(html).html
    rich = rich_of(clean)

    assert _letters(rich.text) == _letters(to_text(clean))
    units = len(rich.text.encode("utf-16-le")) // 2
    for one in rich.spans:
        assert 0 <= one.offset < one.offset + one.length <= units
        rich.text.encode("utf-16-le")[2 * one.offset : 2 * (one.offset + one.length)].decode(
            "utf-16-le"
        )


@given(
    st.text(st.sampled_from(f"ab <&>\n{FACE}"), max_size=12),
    st.lists(
        st.builds(
            Entity,
            type=st.sampled_from(["bold", "italic", "pre", "text_link", "url", "blockquote", "?"]),
            offset=st.integers(-2, 14),
            length=st.integers(-1, 14),
            url=st.just('https://a.example/"><script>'),
        ),
        max_size=5,
    ),
)
def test_any_stretches_of_a_client_leave_the_words_as_they_are(
    text: str, entities: list[Entity]
) -> None:
    html = html_of(text, entities)

    if html is not None:
        assert "<script" not in html
        shown = to_text(html).replace("\N{REPLACEMENT CHARACTER}", "").replace(FACE, "")
        assert _letters(shown) == _letters(text.replace(FACE, ""))


def _letters(text: str) -> str:
    """Return what is said without its layout: marks of items and quotes, numbers and spaces."""
    return re.sub(r"[\s•>\-.()\d]", "", text)

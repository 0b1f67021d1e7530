"""Markdown becomes HTML that can do nothing, in time that grows with the text."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.limits import ARTICLE_CHARS
from knowledge_base.render import render

POLYGLOT = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A%0d%0a//"
    "</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e"
)


class Elements(HTMLParser):
    """Collects what a browser would make elements and attributes of."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_what_editors_use_is_shown() -> None:
    shown = render(
        "# Refunds\n\n**Money** comes *back* ~~never~~ in `10` days:\n\n1. ask\n2. wait\n\n"
        "| card | days |\n|---|---|\n| Visa | 3 |\n\n> note\n\n[more](https://shop.example/a?b=1&c)"
    )

    tags = set(Elements(shown.html).tags)
    assert {"h1", "strong", "em", "s", "code", "ol", "li", "table", "td", "blockquote", "a"} <= tags
    assert ("href", "https://shop.example/a?b=1&c") in Elements(shown.html).attributes


def test_html_of_the_writer_is_text() -> None:
    shown = render("<b onclick=x>bold</b>\n\n<script>alert(1)</script>\n\n<h1 id=app>x</h1>")

    assert set(Elements(shown.html).tags) == {"p"}
    assert "<b onclick=x>bold</b>" in shown.text


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        '[x](https://a.example "onmouseover=alert(1) \\" x=")',
        "[x]: javascript:alert(1)\n\n[x]",
        '![a" onerror="alert(1)](x" onerror="alert(1))',
        "![x](javascript:alert(1))",
        "![x](https://track.example/pixel.png)",
        '# a" onmouseover="alert(1)',
        "# <img src=x onerror=alert(1)>",
        "# `</h1><script>`",
        "$$</p><script>alert(1)</script>$$",
        '```html" onload="x\n<script>\n```',
        "~~<svg onload=alert(1)>~~",
        "|a|\n|-|\n|<script>|",
        POLYGLOT,
        f"# {POLYGLOT}",
        f"[{POLYGLOT}](https://a.example/{POLYGLOT})",
        f"![{POLYGLOT}]({POLYGLOT})",
    ],
)
def test_nothing_active_survives(source: str) -> None:
    seen = Elements(render(source).html)

    active = {"script", "svg", "img", "iframe", "style", "object", "math", "form", "input", "base"}
    assert active.isdisjoint(seen.tags)
    assert not any(name.startswith("on") or name in {"src", "style"} for name, _ in seen.attributes)
    links = [value for name, value in seen.attributes if name == "href"]
    assert all(link.startswith(("https://", "http://", "mailto:", "tel:")) for link in links)


def test_an_image_is_a_link_to_it() -> None:
    shown = render("![A map](https://shop.example/map.png)")

    assert Elements(shown.html).tags == ["p", "a"]
    assert shown.text == "A map"


def test_headings_have_ids_of_their_own() -> None:
    shown = render('# Як повернути?\n\n## Як повернути?\n\n### "><b>\n\n# app')

    ids = [value for name, value in Elements(shown.html).attributes if name == "id"]
    assert ids == ["kb-як-повернути", "kb-як-повернути-2", "kb-b", "kb-app"]


def test_an_excerpt_has_no_signs_of_a_list() -> None:
    shown = render("Send us:\n\n- a photo\n- your order - or its date\n")

    assert shown.excerpt == "Send us: a photo your order - or its date"


def test_an_excerpt_ends_between_words() -> None:
    shown = render("Перший рядок.\n\n" + "слово " * 200)

    assert shown.excerpt.startswith("Перший рядок. слово")
    assert shown.excerpt.endswith("слово…")
    assert len(shown.excerpt) <= 241


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["[", "**a**", "![", "*a ", "[a](", "`", "> ", "<", "|a", "- ", "#\n", "~~", "&#1;", "\\",
     "[a]: /b\n", "* " * 50 + "a\n", "a\n===\n", "```\n", "&"],
)  # fmt: skip
def test_any_text_is_shown_in_bounded_time(unit: str) -> None:
    source = unit * (50_000 // len(unit))
    started = time.process_time()

    render(source)

    assert time.process_time() - started < 5.0


def test_text_past_the_bound_is_left_out() -> None:
    shown = render("a " * ARTICLE_CHARS)

    assert len(shown.text) <= ARTICLE_CHARS


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab<>\"'`*_[]()!#|-=&;:/\\\n \x00\u202ejavscriptonload", max_size=200))
def test_no_text_becomes_active(source: str) -> None:
    seen = Elements(render(source).html)

    assert {"script", "svg", "img", "iframe", "style"}.isdisjoint(seen.tags)
    assert not any(name.startswith("on") for name, _ in seen.attributes)

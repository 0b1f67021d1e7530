"""Nothing active, remote or placeable leaves the sanitiser, and nothing makes it slow."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.html import from_editor, plain_to_html, sanitise, to_text
from kernel.limits import HTML_BYTES, HTML_TAGS

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror=alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'>",
    "<svg><feImage href='//t.example/x'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img src=1 onerror=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<html xmlns:x='http://www.w3.org/1999/xhtml'><x:script>alert(1)</x:script>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='//t.example/x.swf'>",
    "<form action='//t.example'><input name=a><button formaction=javascript:alert(1)>x</form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='//t.example/x'>x</a>",
    "<a href='/admin/delete'>x</a>",
    "<a ping='//t.example' href='https://ok.example'>x</a>",
    "<a href='https://ok.example' target=_self onclick=alert(1)>x</a>",
    "<base href='//t.example/'>",
    "<link rel=stylesheet href='//t.example/x.css'>",
    "<link rel=dns-prefetch href='//t.example'>",
    "<meta http-equiv=refresh content='0;url=//t.example'>",
    "<style>@import '//t.example/x.css'; input[value^=a]{background:url(//t.example)}</style>",
    "<div style='background:url(//t.example/x)'>x</div>",
    "<div style='background-image:u\\72l(//t.example/x)'>x</div>",
    "<div style='background-color:red;background:image-set(\"//t.example/x\" 1x)'>x</div>",
    "<div style='position:fixed;top:0;left:0;width:100%;z-index:9999999'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='-moz-binding:url(//t.example)'>x</div>",
    "<div style='behavior:url(//t.example)'>x</div>",
    "<div style=\"font-family:'</style><img src=x onerror=alert(1)>'\">x</div>",
    "<table background='//t.example/x'><tr><td background='//t.example/y'>x</table>",
    "<body background='//t.example/x' onload=alert(1)>",
    "<img srcset='//t.example/x 2x' src='//t.example/x'>",
    "<picture><source srcset='//t.example/x'></picture>",
    "<video poster='//t.example/x' src='//t.example/y' autoplay></video>",
    "<audio src='//t.example/x' autoplay></audio>",
    "<img src='cid:x\" onerror=\"alert(1)'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src='data:text/html;base64,AAAA'>",
    "<img src='https://t.example/x\" onerror=\"alert(1)'>",
    "<img src=`x` onerror=alert(1)>",
    "<img alt='\"><script>alert(1)</script>' src='https://t.example/x'>",
    "<p id=app class=modal name=token>x</p>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<select><option><img src=x onerror=alert(1)></select>",
    "<details ontoggle=alert(1) open>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<isindex action=javascript:alert(1)>",
    "<p dir='\"><script>alert(1)</script>'>x</p>",
]
ALLOWED_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
NEVER = {"script", "style", "svg", "math", "iframe", "object", "embed", "form", "input", "link"}
NEVER |= {"meta", "base", "template", "video", "audio", "picture", "source", "title", "textarea"}


class Inspector(HTMLParser):
    """Looks at what a browser would find in the result."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in NEVER
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"id", "class", "name", "srcset", "background", "ping", "poster"}
            if name == "href":
                assert ALLOWED_LINK.match(value or "")
            if name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|webp);base64,|/files/", value or "")
            if name == "style":
                assert not re.search(
                    r"url|position|expression|import|\\", value or "", re.IGNORECASE
                )
        if tag == "a":
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow ugc"
            assert dict(attrs)["target"] == "_blank"


def inspect(html: str) -> None:
    Inspector().feed(html)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_active_or_remote_is_left(hostile: str) -> None:
    inspect(sanitise(f"<p>before</p>{hostile}<p>after</p>").html)
    inspect(from_editor(hostile).html)


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=6).map("".join))
@settings(max_examples=200, deadline=None)
def test_nothing_active_is_left_of_mixtures_and_cleaning_again_changes_nothing(html: str) -> None:
    clean = sanitise(html).html

    inspect(clean)
    assert to_text(clean).count("\x00") == 0


def test_remote_pictures_load_nothing_until_asked_for() -> None:
    clean = sanitise('<img src="https://t.example/a?b=1&amp;c=2" alt="x" width="10">')

    assert clean.html == (
        '<img alt="x" width="10" data-remote-src="https://t.example/a?b=1&amp;c=2">'
    )
    assert clean.remote_images == 1


def test_pictures_of_the_mail_point_to_our_copies() -> None:
    html = '<img src="cid:known@x"><img src="cid:other%40x">'

    clean = sanitise(html, cid_urls={"known@x": "/files/1"}).html

    assert clean == '<img src="/files/1"><img data-cid="other@x">'


def test_harmless_formatting_stays() -> None:
    html = '<p style="color:red;margin:1px"><b>a</b> <a href="https://x.example/?q=1">b</a></p>'

    clean = sanitise(html).html

    assert 'style="color:red;margin:1px"' in clean
    assert "<b>a</b>" in clean
    assert 'href="https://x.example/?q=1"' in clean


def test_a_mail_link_carries_nothing_but_the_address() -> None:
    clean = sanitise('<a href="mailto:a@b.example?bcc=evil@x.example&body=x">w</a>').html

    assert 'href="mailto:a@b.example"' in clean


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * (HTML_TAGS + 1),
        "<div>" * 1_999,
        "<ul><li>" * 9_000,
        "x" * (HTML_BYTES + 1),
        "&#a" * 300_000,
        "<" * 1_000_000,
        "<!--" * 300_000,
        "<script" * 200_000,
        "<blockquote>" * (HTML_TAGS + 1) + "x",
        "<a href='" + "x" * 1_000_000,
        "<p " + "a=b " * 400_000,
        " " * 1_000_000,
        "<head" * 300_000,
    ],
    ids=lambda html: html[:12],
)
def test_whatever_comes_is_cleaned_and_read_in_bounded_time(html: str) -> None:
    started = time.process_time()

    clean = sanitise(html)
    to_text(html)

    assert time.process_time() - started < 3.0
    inspect(clean.html)


def test_what_is_too_heavy_is_shown_as_its_text() -> None:
    clean = sanitise("<p>hello</p>" + "<i>" * HTML_TAGS)

    assert clean.truncated
    assert clean.html == "hello"


def test_text_reads_like_the_page() -> None:
    html = (
        "<head><title>t</title><style>p{}</style></head><header>top</header>"
        "<p>Hi <b>there</b>,<br>you &amp; me</p><ul><li>one<li>two</ul>"
        "<table><tr><td>a</td><td>b</td></tr></table>"
        "<blockquote>old<blockquote>older</blockquote></blockquote>end<script>x()</script>"
    )

    text = to_text(html)

    assert text == "top\n\nHi there,\nyou & me\n\n- one\n- two\n\na\tb\n> old\n>> older\nend"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("a\nb", "a<br>\nb"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("vbscript:x feed:javascript:1", "vbscript:x feed:javascript:1"),
    ],
)
def test_plain_text_is_escaped(text: str, html: str) -> None:
    assert plain_to_html(text) == html


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ('http://a.example"onmouseover=alert(1)', "http://a.example"),
        ("see https://x.example/a?b=1&c=2.", "https://x.example/a?b=1&amp;c=2"),
        ("(http://x.example/a)", "http://x.example/a"),
        ("HTTPS://X.example'onclick=1", "HTTPS://X.example"),
        ("mailto:a@b.example?bcc=evil", "mailto:a@b.example"),
        ("call tel:+380441234567", "tel:+380441234567"),
        ("http://x.example/%22%3E%3Cscript%3E", "http://x.example/%22%3E%3Cscript%3E"),
    ],
)
def test_only_safe_addresses_become_links(text: str, link: str) -> None:
    html = plain_to_html(text)

    assert f'<a href="{link}" target="_blank" rel="noopener noreferrer nofollow ugc">' in html
    assert html.count("<a ") == 1
    inspect(html)

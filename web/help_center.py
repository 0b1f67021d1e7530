"""The public help page: published articles for everybody, with search, without scripts."""

import html
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from kernel.errors import NotFoundError
from kernel.limits import PAGE_ROWS
from knowledge_base import categories, queries
from knowledge_base.articles import Brief
from knowledge_base.audience import Audience
from web.house import HOUSE

LOCALES: Final = ("en", "uk", "ru")
QUERY_CHARS: Final = 200

WORDS: Final = {
    "en": {
        "title": "Help",
        "search": "Search for an answer",
        "button": "Search",
        "none": "Nothing found. Try other words.",
        "empty": "No articles yet.",
        "back": "All articles",
        "results": "Results for “{}”",
        "skip": "Skip to content",
        "language": "Language",
    },
    "uk": {
        "title": "Довідка",
        "search": "Знайти відповідь",
        "button": "Знайти",
        "none": "Нічого не знайдено. Спробуйте інші слова.",
        "empty": "Статей ще немає.",
        "back": "Усі статті",
        "results": "Знайдено за «{}»",
        "skip": "Перейти до змісту",
        "language": "Мова",
    },
    "ru": {
        "title": "Помощь",
        "search": "Найти ответ",
        "button": "Найти",
        "none": "Ничего не найдено. Попробуйте другие слова.",
        "empty": "Статей пока нет.",
        "back": "Все статьи",
        "results": "Найдено по запросу «{}»",
        "skip": "Перейти к содержанию",
        "language": "Язык",
    },
}

STYLE: Final = """:root{color-scheme:light dark;--ink:#1b2430;--soft:#556170;--line:#dfe4ea;
--paper:#fff;--tint:#f4f6f9;--accent:#0b63ce}@media(prefers-color-scheme:dark){:root{--ink:#e7ebf0;
--soft:#a3aebb;--line:#313a46;--paper:#14181e;--tint:#1c222a;--accent:#7db4ff}}
*{box-sizing:border-box}body{margin:0;font:17px/1.6 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}a{color:var(--accent)}header,main{max-width:46rem;margin:0 auto;
padding:1.5rem 1.25rem}header{display:flex;gap:1rem;align-items:center;flex-wrap:wrap}
header b{flex:1;font-size:1.05rem}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem}
nav a{margin-left:.75rem}nav a[aria-current]{color:var(--ink);text-decoration:none;font-weight:600}
form{display:flex;gap:.5rem;margin:0 0 2rem}
input{flex:1;min-width:0;font:inherit;padding:.6rem .8rem;
color:inherit;background:var(--tint);border:1px solid var(--line);border-radius:.5rem}
button{font:inherit;padding:.6rem 1rem;border:0;border-radius:.5rem;background:var(--accent);
color:var(--paper);font-weight:600}h1{font-size:1.9rem;line-height:1.25;text-wrap:balance}
h2{margin:2rem 0 .5rem;font-size:1.15rem}ul.list{list-style:none;margin:0;padding:0}
ul.list li{border-top:1px solid var(--line);padding:.9rem 0}ul.list a{font-weight:600}
ul.list p{margin:.2rem 0 0;color:var(--soft);font-size:.95rem}article img{max-width:100%}
article pre{overflow:auto;background:var(--tint);padding:1rem;border-radius:.5rem}
article table{border-collapse:collapse;display:block;overflow:auto}article td,article th{
border:1px solid var(--line);padding:.4rem .7rem}"""

PAGE: Final = """<!doctype html><html lang="{locale}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="/help/style.css"></head><body>
<a class="skip" href="#content">{skip}</a><header><b><a href="/help?lang={locale}">{company}</a></b>
<nav aria-label="{language}">{languages}</nav></header>
<main id="content">{body}</main></body></html>"""

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


async def index(request: web.Request) -> web.Response:
    """All published articles by category, or those that match the words asked for."""
    locale = _locale(request)
    asked = request.query.get("q", "").strip()[:QUERY_CHARS]
    async with request.app[HOUSE].database.reading() as session:
        if asked:
            found = await queries.search(session, Audience.EVERYONE, asked, locale=locale)
            body = _results(found, asked, locale)
        else:
            shown, _ = await queries.list_articles(
                session, Audience.EVERYONE, locale=locale, limit=PAGE_ROWS * 4
            )
            shelves = await categories.list_categories(session, Audience.EVERYONE)
            body = _shelves(shown, shelves, locale)
    return _page(request, locale, WORDS[locale]["title"], _form(asked, locale) + body)


async def article(request: web.Request) -> web.Response:
    """One published article in the reader's language, or the nearest it has."""
    locale = _locale(request)
    async with request.app[HOUSE].database.reading() as session:
        try:
            found = await queries.find_by_slug(
                session, request.match_info["slug"], Audience.EVERYONE
            )
        except NotFoundError:
            missing = f"<p>{WORDS[locale]['none']}</p>"
            return _page(request, locale, "404", _form("", locale) + missing, status=404)
    text = found.text(locale)
    back = f'<p><a href="/help?lang={locale}">← {WORDS[locale]["back"]}</a></p>'
    body = (
        f'{back}<article lang="{text.locale}"><h1>{html.escape(text.title)}</h1>'
        f"{text.html}</article>"
    )
    return _page(request, locale, text.title, body)


async def style(_request: web.Request) -> web.Response:
    return web.Response(
        text=STYLE, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


def _form(asked: str, locale: str) -> str:
    words = WORDS[locale]
    value = html.escape(asked, quote=True)
    return (
        f'<form action="/help" role="search"><input type="hidden" name="lang" value="{locale}">'
        f'<input type="search" name="q" value="{value}" maxlength="{QUERY_CHARS}" '
        f'aria-label="{words["search"]}" placeholder="{words["search"]}">'
        f"<button>{words['button']}</button></form>"
    )


def _results(found: list[Brief], asked: str, locale: str) -> str:
    words = WORDS[locale]
    heading = f"<h1>{html.escape(words['results'].format(asked))}</h1>"
    return heading + (_list(found, locale) if found else f"<p>{words['none']}</p>")


def _shelves(shown: list[Brief], shelves: list[categories.Category], locale: str) -> str:
    words = WORDS[locale]
    if not shown:
        return f"<h1>{words['title']}</h1><p>{words['empty']}</p>"
    parts = [f"<h1>{words['title']}</h1>"]
    for shelf in shelves:
        here = [one for one in shown if one.category_id == shelf.id]
        if here:
            parts.append(f"<h2>{html.escape(shelf.name(locale))}</h2>{_list(here, locale)}")
    placed = {shelf.id for shelf in shelves}
    parts.append(_list([one for one in shown if one.category_id not in placed], locale))
    return "".join(parts)


def _list(found: list[Brief], locale: str) -> str:
    lines = [
        f'<li><a lang="{one.locale}" href="/help/{one.slug}?lang={locale}">'
        f"{html.escape(one.title)}</a><p>{html.escape(one.excerpt)}</p></li>"
        for one in found
    ]
    return f'<ul class="list">{"".join(lines)}</ul>' if lines else ""


def _page(
    request: web.Request, locale: str, title: str, body: str, *, status: int = 200
) -> web.Response:
    company = request.app[HOUSE].options.company
    words = WORDS[locale]
    links = []
    for one in LOCALES:
        here = ' aria-current="true"' if one == locale else ""
        query = html.escape(urlencode({**request.query, "lang": one}), quote=True)
        path = html.escape(request.path, quote=True)
        links.append(f'<a href="{path}?{query}" hreflang="{one}"{here}>{one.upper()}</a>')
    text = PAGE.format(
        locale=locale,
        title=html.escape(f"{title} · {company}"),
        skip=words["skip"],
        language=words["language"],
        company=html.escape(company),
        languages="".join(links),
        body=body,
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=60"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def _locale(request: web.Request) -> str:
    """The language asked for, else the browser's first that we have, else the center's."""
    asked = request.query.get("lang", "")
    if asked in LOCALES:
        return asked
    for wish in request.headers.get("Accept-Language", "").split(","):
        short = wish.strip().split(";")[0].split("-")[0].lower()
        if short in LOCALES:
            return short
    default = request.app[HOUSE].options.default_locale
    return default if default in LOCALES else "en"


ROUTES = [
    web.get("/help", index),
    web.get("/help/style.css", style),
    web.get("/help/{slug}", article),
]

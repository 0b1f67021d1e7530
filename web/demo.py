"""A small shop that shows a widget as a visitor meets it, under the strictest page policy."""

from html import escape
from pathlib import Path
from string import Template
from typing import Final

from aiohttp import web

from channels.webchat.texts import LOCALES
from web.chat_room import CHAT
from web.demo_shop import PRODUCTS, WORDS, Product, Words
from web.house import HOUSE

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_STYLE: Final = Path(__file__).with_name("demo_shop.css")
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<path fill="#2f8f63" d="M2 14C2 6 6 2 14 2c0 8-4 12-12 12Z"/></svg>'
)
_PAGE: Final = Template(
    """<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$shop</title>
<link rel="icon" type="image/svg+xml" href="/demo/$key/icon.svg">
<link rel="stylesheet" href="/demo/$key/shop.css">
</head>
<body>
<header>
<p class="brand">$shop</p>
<nav aria-label="$menu"><a href="#goods">$goods</a> <a href="#delivery">$delivery</a></nav>
<nav class="languages" aria-label="$language">$languages</nav>
</header>
<main>
<section class="hero"><h1>$headline</h1><p>$lead</p></section>
$box<section id="goods" aria-label="$goods"><ul class="goods">$products</ul></section>
<section id="delivery"><h2>$delivery</h2><p>$delivery_text</p></section>
</main>
<footer><p>$note</p></footer>
<script src="/widget.js" $widget async></script>
</body>
</html>
"""
)
_BOX: Final = '<section id="chat" class="chat"></section>'
_PRODUCT: Final = Template(
    """<li><svg viewBox="0 0 120 90" aria-hidden="true" class="$shade"><path d="$drawing"/></svg>
<h2>$name</h2><p>$about</p><p class="price">$price</p></li>"""
)


async def get_shop(request: web.Request) -> web.Response:
    """The shop's only page, in the language asked for; with `form=inline` the chat is in it."""
    widget = await request.app[CHAT].widget(request)
    locale = _locale(request)
    tag = f'data-key="{escape(widget.public_key)}" data-locale="{locale}"'
    inline = request.query.get("form") == "inline"
    if inline:
        tag += ' data-target="#chat"'
    return _answer(_page(widget.public_key, locale, WORDS[locale], tag, box=_BOX if inline else ""))


async def get_preview(request: web.Request) -> web.Response:
    """The same page with a widget that is still being edited: the console tells it how to look."""
    locale = _locale(request)
    return _answer(_page("preview", locale, WORDS[locale], "data-preview"))


async def get_style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(_STYLE, headers={"Cache-Control": "public, max-age=300"})


async def get_icon(_request: web.Request) -> web.Response:
    return web.Response(
        text=_ICON, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=300"}
    )


def _locale(request: web.Request) -> str:
    asked = request.query.get("lang", request.app[HOUSE].options.default_locale)
    return asked if asked in LOCALES else "en"


def _answer(page: str) -> web.Response:
    return web.Response(
        text=page,
        content_type="text/html",
        headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
    )


def _page(key: str, locale: str, words: Words, widget: str, *, box: str = "") -> str:
    return _PAGE.substitute(
        lang=locale,
        widget=widget,
        box=box,
        key=escape(key),
        shop=escape(words.shop),
        menu=escape(words.menu),
        goods=escape(words.goods),
        delivery=escape(words.delivery),
        delivery_text=escape(words.delivery_text),
        language=escape(words.language),
        headline=escape(words.headline),
        lead=escape(words.lead),
        note=escape(words.note),
        languages=" ".join(_language(one, locale) for one in LOCALES),
        products="".join(_product(product, locale) for product in PRODUCTS),
    )


def _language(one: str, chosen: str) -> str:
    current = ' aria-current="true"' if one == chosen else ""
    return f'<a href="?lang={one}" lang="{one}"{current}>{escape(WORDS[one].own_name)}</a>'


def _product(product: Product, locale: str) -> str:
    return _PRODUCT.substitute(
        shade=product.shade,
        drawing=product.drawing,
        name=escape(product.names[locale]),
        about=escape(product.about[locale]),
        price=escape(product.price),
    )


ROUTES: list[web.RouteDef] = [
    web.get("/demo/preview", get_preview),
    web.get("/demo/{public_key}", get_shop),
    web.get("/demo/{public_key}/shop.css", get_style),
    web.get("/demo/{public_key}/icon.svg", get_icon),
]

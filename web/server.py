"""The site: every route of the house on one page."""

import logging
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import istr

from desk.telephone.own_phone import signalling_of
from kernel.limits import UPLOAD_BYTES
from web import chat, demo, help_center, hooks, lent, openapi, probes
from web.api import (
    accounts,
    alerts,
    call_flows,
    callbacks,
    calls,
    canned,
    center,
    clients,
    day,
    files,
    knowledge,
    listening,
    live,
    lost,
    messages,
    notifications,
    push,
    reports,
    routing_setup,
    saved_views,
    search,
    settings_history,
    staff,
    steering,
    templates,
    tickets,
    what_if,
    widgets,
    work,
    written_flows,
)
from web.chat_room import CHAT, ChatRoom
from web.errors import refusals
from web.house import HOUSE, House
from web.routes import API, Route, endpoint

logger = logging.getLogger(__name__)

API_ROUTES: list[Route] = [
    *center.ROUTES,
    *staff.ROUTES,
    *clients.ROUTES,
    *tickets.ROUTES,
    *day.ROUTES,
    *templates.ROUTES,
    *notifications.ROUTES,
    *push.ROUTES,
    *saved_views.ROUTES,
    *messages.ROUTES,
    *files.ROUTES,
    *work.ROUTES,
    *reports.ROUTES,
    *alerts.ROUTES,
    *steering.ROUTES,
    *listening.ROUTES,
    *callbacks.ROUTES,
    *calls.ROUTES,
    *call_flows.ROUTES,
    *written_flows.ROUTES,
    *lost.ROUTES,
    *routing_setup.ROUTES,
    *what_if.ROUTES,
    *canned.ROUTES,
    *search.ROUTES,
    *settings_history.ROUTES,
    *knowledge.ROUTES,
    *accounts.ROUTES,
    *widgets.ROUTES,
]

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src {connect}; frame-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CONSOLE_POLICY = _POLICY.format(connect="'self'")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=()",
}
_BY_DEFAULT = [
    (istr(name), value)  # so that the case of their letters is settled once
    for name, value in {**HEADERS, "Content-Security-Policy": CONSOLE_POLICY}.items()
]
FOR_EVER = "public, max-age=31536000, immutable"


def build_site(house: House) -> web.Application:
    site = web.Application(middlewares=[_headers, refusals], client_max_size=UPLOAD_BYTES)
    site[HOUSE] = house
    site[CHAT] = ChatRoom(house)
    site[hooks.TALLY] = hooks.HookTally()
    for route in API_ROUTES:
        site.router.add_route(route.method, API + route.path, endpoint(route))
    site.add_routes(
        [
            web.get("/live", live.watch),
            *openapi.routes(API_ROUTES),
            *probes.ROUTES,
            *hooks.ROUTES,
            *lent.ROUTES,
            *chat.ROUTES,
            *demo.ROUTES,
            *help_center.ROUTES,
            web.get("/widget.js", _widget),
            web.get("/assets/{name}", _asset),
            web.get("/{page:.*}", _console),
        ]
    )
    site.on_shutdown.append(_hang_up)
    return site


@web.middleware
async def _headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say on every answer how a browser must treat it; a handler may be stricter."""
    response = await handler(request)
    if not response.prepared:
        for name, value in _BY_DEFAULT:
            response.headers.setdefault(name, value)
    return response


async def _console(request: web.Request) -> web.StreamResponse:
    """The console's one page for every path a person may have bookmarked."""
    if request.path.startswith(("/api/", "/chat/", "/hooks/", "/assets/")):
        raise web.HTTPNotFound
    root = _static(request) / "console"
    name = request.match_info["page"]
    if name in _top_files(root):
        # The service worker, above all, must never be an old one.
        return web.FileResponse(root / name, headers={"Cache-Control": "no-cache"})
    page = root / "index.html"
    if not page.is_file():
        raise web.HTTPServiceUnavailable(reason="the console is not built; run “make console”")
    policy = _console_policy(request.app[HOUSE])
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}
    return web.FileResponse(page, headers=headers)


def _console_policy(house: House) -> str:
    """Let the page speak with us alone, and where agents are called in their browsers, with whoever
    brings those calls."""
    listened = {signalling_of(line) for line in house.lines.all()} - {""}
    return _POLICY.format(connect=" ".join(["'self'", *sorted(listened)]))


async def _asset(request: web.Request) -> web.StreamResponse:
    root = _static(request) / "console" / "assets"
    name = request.match_info["name"]
    if name not in _top_files(root):
        raise web.HTTPNotFound
    return web.FileResponse(root / name, headers={"Cache-Control": FOR_EVER})


async def _widget(request: web.Request) -> web.StreamResponse:
    script = _static(request) / "widget" / "widget.js"
    if not script.is_file():
        raise web.HTTPServiceUnavailable(reason="the widget is not built; run “make widget”")
    headers = {
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }
    return web.FileResponse(script, headers=headers)


def _static(request: web.Request) -> Path:
    return request.app[HOUSE].options.static_dir


def _top_files(root: Path) -> Iterable[str]:
    """Names that may be served: real files directly in the folder, no path from outside."""
    return {entry.name for entry in root.iterdir() if entry.is_file()} if root.is_dir() else ()


async def _hang_up(site: web.Application) -> None:
    site[HOUSE].hub.close()
    site[HOUSE].visitors.close()

"""Describes the API by itself: OpenAPI 3.1 from the routes, and a page to read it."""

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, get_args, get_origin

import msgspec
from aiohttp import web

from web.routes import API, Route, give
from web.shapes import ErrorView

REF = "#/components/schemas/{name}"
ERRORS = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Does not exist, or is not yours to see",
    409: "Somebody changed this first",
    422: "A field is wrong: which, and the cure",
    429: "Too many tries",
    503: "Nothing was stored; try again shortly",
}

BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem}}code{{font:13px ui-monospace,monospace}}
li{{margin:.2rem 0}}.m{{display:inline-block;min-width:4.5rem;font-weight:600}}</style></head>
<body><h1>REST API</h1><p>The whole description: <a href="/api/openapi.json">openapi.json</a>.
Sign in with a cookie session or send <code>Authorization: Bearer &lt;token&gt;</code>.</p>
{groups}</body></html>"""


def routes(described: Sequence[Route]) -> list[web.RouteDef]:
    @cache  # described when somebody asks first: it takes longer than the rest of a start
    def document() -> bytes:
        return msgspec.json.encode(describe(described))

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=document(), content_type="application/json")

    async def docs(_request: web.Request) -> web.Response:
        return web.Response(text=_page(described), content_type="text/html")

    async def unknown(_request: web.Request) -> web.Response:
        return give(ErrorView(error="not_found", message="there is no such route"), status=404)

    return [
        web.get("/api/openapi.json", openapi),
        web.get("/api/docs", docs),
        web.route("*", "/api/{rest:.*}", unknown),
    ]


def describe(described: Sequence[Route]) -> dict[str, Any]:
    """Return the OpenAPI document of the routes."""
    kinds = [kind for route in described for kind in _kinds(route)] + [ErrorView]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    schema_of = dict(zip(map(str, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        operation = _operation(route, schema_of)
        paths.setdefault(API + route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Contact center",
            "version": "1",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "cc_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    types = route.types
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "tags": [_group(route)],
        "security": [] if route.public else [{"session": []}, {"token": []}],
        "parameters": [*_path_parameters(route), *_query_parameters(types.get("query"))],
        "responses": _responses(route, types.get("return"), schema_of),
    }
    if route.permission:
        operation["description"] = f"Needs the permission `{route.permission}`."
    if "body" in types:
        content = {"application/json": {"schema": schema_of[str(types["body"])]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.raw_body:
        operation["requestBody"] = {"required": True, "content": BYTES}
    return operation


def _responses(route: Route, answer: Any, schema_of: dict[str, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": schema_of[str(ErrorView)]}}
    good: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if _is_view(answer):
        good["content"] = {"application/json": {"schema": schema_of[str(answer)]}}
    else:
        good["content"] = {"*/*": BYTES["application/octet-stream"]}
    refused = {
        str(status): {"description": words, "content": error} for status, words in ERRORS.items()
    }
    return {str(route.status): good, **refused}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    shape = {"type": "string", "format": "uuid"}
    return [{"name": name, "in": "path", "required": True, "schema": shape} for name in names]


def _query_parameters(query: Any) -> list[dict[str, Any]]:
    if query is None:
        return []
    (schema,), components = msgspec.json.schema_components([query], ref_template=REF)
    named = components.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    required = named.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in named.get("properties", {}).items()
    ]


def _kinds(route: Route) -> list[Any]:
    types = route.types
    return [
        types[name]
        for name in ("body", "return")
        if name in types and (name == "body" or _is_view(types[name]))
    ]


def _is_view(kind: Any) -> bool:
    if kind is None or kind is type(None):
        return False
    origin = get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, web.StreamResponse):
        return False
    return kind is not object and (
        isinstance(origin, type) or any(_is_view(one) for one in get_args(kind))
    )


def _group(route: Route) -> str:
    return route.path.split("/")[1]


def _page(described: Sequence[Route]) -> str:
    groups: dict[str, list[str]] = {}
    for route in described:
        line = (
            f'<li><span class="m">{route.method}</span> <code>{API}{route.path}</code> '
            f"— {route.summary}</li>"
        )
        groups.setdefault(_group(route), []).append(line)
    parts = [f"<h2>{name}</h2><ul>{''.join(lines)}</ul>" for name, lines in groups.items()]
    return PAGE.format(groups="".join(parts))

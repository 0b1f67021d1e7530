"""How a route is declared: method, path, handler; body, query and answer come from its types."""

import json
import typing
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError, SignInRequiredError
from kernel.limits import JSON_BODY_BYTES
from kernel.setting_changes import acting
from web.house import HOUSE, House
from web.session import actor_of, refuse_foreign_origin

API = "/api/v1"
SAFE_METHODS = frozenset({"GET", "HEAD"})

Handler = Callable[..., Awaitable[object]]


class Call(Struct):
    """One request as a handler sees it: who asks, for what, and the house to ask."""

    request: web.Request
    house: House
    who: Actor | None

    @property
    def actor(self) -> Actor:
        if self.who is None:
            raise SignInRequiredError
        return self.who

    def id(self, name: str = "id") -> UUID:
        """Return the id in the path; what is no id names nothing that exists."""
        try:
            return UUID(self.request.match_info[name])
        except ValueError as error:
            raise NotFoundError from error


class Route(Struct, frozen=True, kw_only=True):
    """One line of the API. `permission` is needed besides being signed in; `public` needs neither.

    A handler takes the call, optionally `body` (a strict JSON object) and `query`, and returns a
    view to be encoded, or a ready response; `answer` then says what that response holds.
    """

    method: str
    path: str
    handler: Handler
    permission: str | None = None
    public: bool = False
    status: int = 200
    answer: Any = None
    raw_body: bool = False
    """The body is the bytes of a file, whatever they are."""

    @property
    def types(self) -> dict[str, Any]:
        hints = typing.get_type_hints(self.handler)
        return hints if self.answer is None else {**hints, "return": self.answer}

    @property
    def summary(self) -> str:
        words = (self.handler.__doc__ or self.handler.__name__.replace("_", " ")).strip()
        return words.splitlines()[0].rstrip(".")


def get(path: str, handler: Handler, permission: str | None = None, **more: Any) -> Route:
    return Route(method="GET", path=path, handler=handler, permission=permission, **more)


def post(path: str, handler: Handler, permission: str | None = None, **more: Any) -> Route:
    return Route(method="POST", path=path, handler=handler, permission=permission, **more)


def put(path: str, handler: Handler, permission: str | None = None, **more: Any) -> Route:
    return Route(method="PUT", path=path, handler=handler, permission=permission, **more)


def patch(path: str, handler: Handler, permission: str | None = None, **more: Any) -> Route:
    return Route(method="PATCH", path=path, handler=handler, permission=permission, **more)


def delete(path: str, handler: Handler, permission: str | None = None, **more: Any) -> Route:
    return Route(method="DELETE", path=path, handler=handler, permission=permission, **more)


def endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Make the aiohttp handler of a route: who, may they, what do they send, answer."""
    types = route.types
    body_type, query_type = types.get("body"), types.get("query")
    unsafe = route.method not in SAFE_METHODS

    async def answer(request: web.Request) -> web.StreamResponse:
        house = request.app[HOUSE]
        if unsafe:
            refuse_foreign_origin(request, house)
        who = None if route.public else await actor_of(request, house)
        if who is not None and route.permission is not None:
            who.require(route.permission)
        taken: dict[str, Any] = {}
        if body_type is not None:
            taken["body"] = await read_body(request, body_type)
        if query_type is not None:
            taken["query"] = read_query(request, query_type)
        with acting(who.agent_id if who else None):
            given = await route.handler(Call(request, house, who), **taken)
        return given if isinstance(given, web.StreamResponse) else give(given, status=route.status)

    return answer


def give(view: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(view),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def changes_of(body: msgspec.Struct) -> dict[str, Any]:
    """Return what a patch names: the fields that were given, without the version it was made on."""
    return {
        name: value
        for name, value in msgspec.structs.asdict(body).items()
        if value is not msgspec.UNSET and name != "version"
    }


async def read_body(request: web.Request, kind: type[Any]) -> Any:
    """Decode a strict JSON body, or say which field is wrong and how."""
    if request.content_type != "application/json":
        raise InvalidInputError("send JSON with “Content-Type: application/json”")
    return decode(await read_capped(request, JSON_BODY_BYTES), kind)


def decode(raw: bytes, kind: type[Any]) -> Any:
    """Decode JSON strictly: no unknown field, no name twice, no NUL, which no database keeps."""
    try:
        body = msgspec.json.decode(raw, type=kind)
        json.loads(raw, object_pairs_hook=_checked, parse_int=str, parse_float=str)
    except UnicodeDecodeError as error:
        raise InvalidInputError("this is not UTF-8") from error
    except RecursionError as error:
        raise InvalidInputError("this is nested too deeply") from error
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise invalid(error) from error
    return body


def _checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise InvalidInputError("this field is given twice", field=name)
        if "\x00" in name or _holds_nul(value):
            raise InvalidInputError("text cannot hold the character NUL", field=name)
        seen[name] = value
    return seen


def _holds_nul(value: Any) -> bool:
    """Look into texts and lists; an object inside was looked at when it was read."""
    if isinstance(value, list):
        return any(_holds_nul(one) for one in value)
    return isinstance(value, str) and "\x00" in value


async def read_capped(request: web.Request, most: int) -> bytes:
    """Read a body of at most `most` bytes; what is larger is cut off, not buffered."""
    if (request.content_length or 0) > most:
        raise InvalidInputError(f"this is larger than {most} bytes")
    held = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        held += chunk
        if len(held) > most:
            raise InvalidInputError(f"this is larger than {most} bytes")
    return bytes(held)


def read_query(request: web.Request, kind: type[Any]) -> Any:
    """Decode the query string; each name at most once, unknown ones refused."""
    asked = request.query
    if len(asked) != len(set(asked)):
        raise InvalidInputError("a query parameter is given twice")
    try:
        # What no database keeps is not there: a search for it finds what it finds without.
        given = {name: value.replace("\x00", "") for name, value in asked.items()}
        return msgspec.convert(given, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def invalid(error: Exception) -> InvalidInputError:
    """Split msgspec's sentence "… - at `$.field`" into the field and the words."""
    words, _, where = str(error).partition(" - at `$")
    field = where.rstrip("`").lstrip(".")
    if not field and "unknown field `" in words:
        field = words.partition("unknown field `")[2].rstrip("`")
    return InvalidInputError(words, field=field)

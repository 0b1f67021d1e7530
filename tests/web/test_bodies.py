"""Every body and query is strict: what is unknown, missing, too long or wrong is named."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import msgspec.inspect as shapes
import pytest
from msgspec import Struct, json

from kernel.errors import InvalidInputError
from kernel.limits import JSON_BODY_BYTES
from tests.desk_api import PASSWORD, DeskApi
from tests.web.world import World
from web.routes import API, decode
from web.server import API_ROUTES

BODIES = sorted(
    {route.types["body"] for route in API_ROUTES if "body" in route.types},
    key=lambda kind: str(kind.__name__),
)
QUERIES = sorted(
    {route.types["query"] for route in API_ROUTES if "query" in route.types},
    key=lambda kind: str(kind.__name__),
)
LISTED = re.compile(r"^\^\((\w+)\|")
"""One word of a list; its first is as good as any."""
PATTERNS = {
    r"^[^@\s]+@[^@\s]+$": "ann@client.example",
    r"^[\w-]+$": "hello",
    r"^[0-9+() .\-/x]*$": "+380 44 123 45 67",
    r"^[0-9+() .\-/]*$": "+380 44 123 45 67",
    r"^(\+[1-9][0-9 ().-]{5,24}|sips?:[^@\s]+@[^@\s]+|browser|)$": "+380 44 123 45 67",
    r"^[0-9*#wW]+$": "12",
    r"^[0-9*#]?$": "1",
    r"^[\w.-]+$": "hello",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "08:30",
    r"^[a-z0-9-]*$": "hello",
    r"^[a-z0-9-]+$": "hello",
}
TEXT = {"locale": "en", "title": "x", "markdown": "x"}
SOME_ID = "018d3a2b000070008000000000000001"
SIMPLE: dict[type[shapes.Type], Any] = {
    shapes.BoolType: True,
    shapes.UUIDType: str(uuid4()),
    shapes.AnyType: "x",
    shapes.DateTimeType: "2026-01-02T03:04:05Z",
}
ANOTHER_KIND: list[Any] = [None, True, 1.5, "text", 7, [], {}, [[]]]


def fields_of(kind: type[Struct]) -> tuple[shapes.Field, ...]:
    found = shapes.type_info(kind)
    assert isinstance(found, shapes.StructType)
    assert found.forbid_unknown_fields, f"{kind.__name__} takes unknown fields"
    return found.fields


def example(kind: shapes.Type, inside: frozenset[type] = frozenset()) -> Any:
    """Return a small value that this type takes; `inside` are the shapes that it is a part of."""
    while isinstance(kind, shapes.Metadata):
        kind = kind.type
    if isinstance(kind, shapes.StrType):
        return _text(kind)
    if isinstance(kind, shapes.ListType):
        return [example(kind.item_type, inside)]
    if isinstance(kind, shapes.DictType):
        return {"en": example(kind.value_type, inside)}
    if isinstance(kind, shapes.StructType):
        return _struct(kind, inside | {kind.cls})
    if isinstance(kind, shapes.UnionType):
        return example(_first(kind, inside), inside)
    if isinstance(kind, shapes.LiteralType):
        return kind.values[0]
    if isinstance(kind, shapes.IntType):
        return max(kind.ge or 0, 1)
    return SIMPLE[type(kind)]


def _struct(kind: shapes.StructType, inside: frozenset[type]) -> dict[str, Any]:
    tag = {} if kind.tag_field is None else {kind.tag_field: kind.tag}
    return tag | {one.encode_name: example(one.type, inside) for one in kind.fields if one.required}


def _first(kind: shapes.UnionType, inside: frozenset[type]) -> shapes.Type:
    """Return the first of the types that ends: a group of rules may hold a group, but need not."""
    return next(
        one
        for one in kind.types
        if not isinstance(one, shapes.NoneType)
        and not (isinstance(one, shapes.StructType) and one.cls in inside)
    )


def _text(kind: shapes.StrType) -> str:
    if kind.pattern is not None:
        listed = LISTED.match(kind.pattern)
        return listed[1] if listed else PATTERNS[kind.pattern]
    return "long enough to be taken"[: kind.max_length].ljust(kind.min_length or 0)


def whole(kind: type[Struct]) -> dict[str, Any]:
    """Return a body with every field filled in."""
    return {one.encode_name: example(one.type) for one in fields_of(kind)}


def refused(kind: type[Struct], body: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        decode(body if isinstance(body, bytes) else json.encode(body), kind)
    return error.value


def parts_of(kind: shapes.Type, inside: frozenset[type] = frozenset()) -> Iterator[shapes.Type]:
    """Walk a type and everything inside it; a shape within itself is walked once."""
    yield kind
    match kind:
        case shapes.Metadata():
            inner: tuple[shapes.Type, ...] = (kind.type,)
        case shapes.UnionType():
            inner = kind.types
        case shapes.ListType():
            inner = (kind.item_type,)
        case shapes.DictType():
            inner = (kind.key_type, kind.value_type)
        case shapes.StructType() if kind.cls not in inside:
            inside |= {kind.cls}
            inner = tuple(one.type for one in kind.fields)
        case _:
            inner = ()
    for one in inner:
        yield from parts_of(one, inside)


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_whole_body_is_taken_and_nothing_beside_it(kind: type[Struct]) -> None:
    decode(json.encode(whole(kind)), kind)

    for name in ("id", "role", "created_at", "password_hash", "__class__", "constructor", ""):
        if name in whole(kind):
            continue
        assert refused(kind, {**whole(kind), name: "x"}).field == name or name == ""


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_missing_field_is_named(kind: type[Struct]) -> None:
    for one in fields_of(kind):
        if one.required:
            body = {name: value for name, value in whole(kind).items() if name != one.encode_name}
            error = refused(kind, body)
            assert one.encode_name in (error.field, *error.message.split("`"))


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_value_of_another_kind_is_refused_with_its_field(kind: type[Struct]) -> None:
    for one in fields_of(kind):
        verdicts = [
            verdict(kind, {**whole(kind), one.encode_name: value}) for value in ANOTHER_KIND
        ]
        wrong = [field for field in verdicts if field is not None]
        assert {re.split(r"[.\[]", field)[0] for field in wrong} == {one.encode_name}
        assert len(wrong) >= 4, one.encode_name


def verdict(kind: type[Struct], body: Any) -> str | None:
    """Return the field that is refused, or None when the body is taken."""
    try:
        decode(json.encode(body), kind)
    except InvalidInputError as error:
        return error.field
    return None


@pytest.mark.parametrize("kind", [*BODIES, *QUERIES], ids=lambda kind: kind.__name__)
def test_nothing_that_a_caller_sends_is_without_bounds(kind: type[Struct]) -> None:
    for one in fields_of(kind):
        for part in parts_of(one.type):
            match part:
                case shapes.StrType() | shapes.ListType() | shapes.DictType():
                    assert part.max_length or getattr(part, "pattern", None), one.encode_name
                case shapes.IntType():
                    assert part.le is not None, one.encode_name
                case _:
                    pass


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_text_or_list_beyond_its_bound_is_refused_with_its_field(kind: type[Struct]) -> None:
    for one in fields_of(kind):
        for part in (one.type, *getattr(one.type, "types", ())):
            if isinstance(part, shapes.StrType) and part.max_length:
                value: Any = "x" * (part.max_length + 1)
            elif isinstance(part, shapes.ListType) and part.max_length:
                value = [example(part.item_type)] * (part.max_length + 1)
            else:
                continue
            assert refused(kind, {**whole(kind), one.encode_name: value}).field == one.encode_name


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"{}x",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999999}',
        b'{"a": ' + b"9" * 6_000 + b"}",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"settings":' + b'{"a":' * 50_000,
        b'{"settings":' + b"[" * 50_000,
    ],
    ids=lambda raw: raw[:16].decode("latin-1"),
)
def test_what_is_no_body_is_refused_and_never_breaks_us(kind: type[Struct], raw: bytes) -> None:
    assert refused(kind, raw).message


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_a_name_given_twice_is_refused(kind: type[Struct]) -> None:
    for name, value in whole(kind).items():
        once = json.encode({name: value})[1:-1]
        rest = json.encode(whole(kind))[1:]

        assert refused(kind, b"{" + once + b"," + rest).field == name


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": "a\\u0000b"}',
        b'{"settings": {"a": ["x", ["\\u0000"]]}, "kind": "mail", "name": "x"}',
        b'{"settings": {"a\\u0000": 1}, "kind": "mail", "name": "x"}',
        b'{"settings": {"a": 1, "a": 2}, "kind": "mail", "name": "x"}',
    ],
)
def test_text_that_no_database_keeps_is_refused_wherever_it_hides(raw: bytes) -> None:
    kind = next(one for one in BODIES if one.__name__ == ("NewNote", "NewAccount")[b"kind" in raw])

    assert refused(kind, raw).field


def test_an_escaped_backslash_before_u0000_is_only_text() -> None:
    kind = next(one for one in BODIES if one.__name__ == "NewNote")

    assert decode(b'{"text": "a\\\\u0000b"}', kind).text == "a\\u0000b"


# Over HTTP: the same words reach the caller, with 422 and the field.


async def _send(
    who: DeskApi, method: str, path: str, data: Any, content_type: str | None
) -> tuple[int, dict[str, Any]]:
    headers = {"Origin": who._origin}
    if content_type is not None:
        headers["Content-Type"] = content_type
    status, _, body = await who.raw(method, API + path, data=data, headers=headers)
    return status, json.decode(body)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_refusal_names_the_field_and_the_cure(world: World) -> None:
    status, answer = await _send(
        world.admin, "POST", "/clients", b'{"name": "x", "nmae": "y"}', "application/json"
    )

    assert (status, answer["error"], answer["field"]) == (422, "invalid", "nmae")
    assert "nmae" in answer["message"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
async def test_only_json_is_read(world: World, content_type: str | None) -> None:
    """What a form of another site can send is never taken for a body."""
    before = await world.admin.get("clients", q="Formed")

    status, answer = await _send(
        world.admin, "POST", "/clients", b'{"name": "Formed"}', content_type
    )

    assert (status, answer["error"]) == (422, "invalid")
    assert await world.admin.get("clients", q="Formed") == before


@pytest.mark.asyncio(loop_scope="module")
async def test_a_body_beyond_its_size_is_cut_off(world: World) -> None:
    async def drip() -> Any:
        for _ in range(JSON_BODY_BYTES // 65_536 + 2):
            yield b" " * 65_536

    for data in (BytesIO(b" " * (JSON_BODY_BYTES + 1)), drip()):
        status, answer = await _send(world.admin, "POST", "/clients", data, "application/json")
        assert (status, answer["error"]) == (422, "invalid")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("tickets", "unknown=1"),
        ("tickets", "limit=0"),
        ("tickets", "limit=1000000000"),
        ("tickets", "limit=1.5"),
        ("tickets", "limit=10&limit=20"),
        ("tickets", "limit="),
        ("tickets", "view=everything"),
        ("tickets", "status=open,none"),
        ("tickets", "client_id=1"),
        ("tickets", "client_id[]=1"),
        ("tickets", "cursor=x"),
        ("tickets", f"cursor={'9' * 30}.{SOME_ID}"),
        ("tickets", f"cursor=-{'9' * 18}.{SOME_ID}"),
        ("tickets", f"cursor={'9' * 900}.x"),
        ("clients", "cursor=x"),
        ("clients", "cursor=%00"),
        ("clients", "cursor=WyJhIl0"),
        ("articles", "cursor=x"),
        ("articles", "locale=de"),
        ("articles", "limit=-1"),
        ("search", ""),
        ("search", "q="),
        ("search", "q=" + "x" * 201),
        ("contacts", "state=none"),
        ("contacts", "cursor=x"),
        ("dead-letters", "cursor=1"),
    ],
)
async def test_a_query_is_as_strict_as_a_body(world: World, path: str, query: str) -> None:
    status, _, body = await world.supervisor.raw("GET", f"{API}/{path}", params=query)

    assert (status, json.decode(body)["error"]) == (422, "invalid")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("cursor", ["x", "²", "-1", "9" * 30, "9" * 900, "1.5", "%00"])
async def test_a_history_takes_only_its_own_cursor(world: World, cursor: str) -> None:
    ticket_id = world.north.ids["ticket"]

    status, _, body = await world.north.agent.raw(
        "GET", f"{API}/tickets/{ticket_id}/history", params=f"cursor={cursor}"
    )

    assert (status, json.decode(body)["error"]) == (422, "invalid")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "words", ['"', "NEAR(", "*", ":&!", "%_\\", "a'--", "a\x00b", "😀", "( | )"]
)
async def test_any_words_may_be_searched_for(world: World, words: str) -> None:
    for path in ("search", "clients", "articles"):
        assert "items" in await world.supervisor.get(path, q=words)
    status, _, _ = await world.admin.raw("GET", "/help", params={"q": words})
    assert status == 200


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "canned-replies", {"shortcut": "x1", "title": "x", "html": "x"}, "team_id"),
        ("POST", "queues", {"name": "x1"}, "team_id"),
        ("POST", "queues", {"name": "x2"}, "member_ids"),
        ("POST", "queues", {"name": "x3", "channels": ["pigeon"]}, "channels"),
        ("POST", "agents", {"name": "x", "email": "x@y", "password": PASSWORD}, "role_id"),
        ("POST", "teams", {"name": "x1"}, "member_ids"),
        ("POST", "clients", {"name": "x"}, "organisation_id"),
        ("POST", "contacts/{contact}/assign", {}, "agent_id"),
        ("POST", "tickets/{ticket}/messages", {"kind": "note", "html": "x"}, "mentions"),
        ("POST", "tickets/{ticket}/messages", {"kind": "reply", "html": "x"}, "article_ids"),
        ("POST", "tickets/{ticket}/messages", {"kind": "reply", "html": "x"}, "attachment_ids"),
        ("POST", "tickets/{ticket}/messages", {"kind": "reply", "html": "x"}, "account_id"),
        ("PATCH", "tickets/{ticket}", {}, "assignee_id"),
        ("PATCH", "tickets/{ticket}", {}, "team_id"),
        (
            "POST",
            "articles",
            {"texts": [{"locale": "en", "title": "x", "markdown": "x"}]},
            "category_id",
        ),
        ("POST", "accounts", {"kind": "webchat", "name": "x", "settings": {}}, "queue_id"),
        ("POST", "accounts/check", {"kind": "webchat", "settings": {}}, "account_id"),
        ("PATCH", "agents/{agent}", {}, "role_id"),
        ("PATCH", "agents/{agent}", {}, "team_ids"),
        ("PATCH", "queues/{queue}", {}, "team_id"),
        ("PATCH", "teams/{team}", {}, "member_ids"),
        ("POST", "clients/{client}/merge", {}, "source_id"),
        ("POST", "contacts/{contact}/move", {}, "queue_id"),
    ],
)
async def test_an_id_in_a_body_that_names_nothing_is_refused(
    world: World, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    """Every foreign key of every body, replaced by one of nothing: no row, no 500 (A-02)."""
    ids = {**world.north.ids, "agent": world.south.agent.me["agent"]["id"]}
    ids |= {"queue": world.north.queue, "team": world.north.team}
    made = dict(body)
    if path.endswith("/messages"):
        made["id"] = str(uuid4())
    if method == "PATCH" and not path.startswith("teams"):
        made["version"] = await _version_of(world, path.split("/", maxsplit=1)[0], ids)
    if "channels" not in made:
        made[field] = (
            [str(uuid4())] if field.endswith("ids") or field == "mentions" else str(uuid4())
        )

    status, _, raw = await world.admin.raw(
        method, f"{API}/{path.format(**ids)}", json=made, headers={"Origin": world.admin._origin}
    )

    answer = json.decode(raw)
    assert status in {404, 422}, answer
    assert status == 404 or answer["field"] == field


async def _version_of(world: World, kind: str, ids: dict[str, str]) -> int:
    if kind == "tickets":
        return int((await world.admin.get(f"tickets/{ids['ticket']}"))["ticket"]["version"])
    wanted = ids[kind.rstrip("s")]
    return int(next(one["version"] for one in await world.admin.get(kind) if one["id"] == wanted))

"""docs/api.md and docs/live.md say what the code does: every route, every kind, every field."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from kernel.entries import Entry
from kernel.errors import CenterError
from web.errors import STATUS
from web.live import GOING_AWAY, RESYNC, SIGNED_OUT
from web.server import API_ROUTES

DOCS = Path(__file__).parent.parent.parent / "docs"
ROW = re.compile(r"^\| `(\w+) (/[^`]*)` \| (?:`([\w.]+)`|([\w-]+)) \| (.+) \|$", re.MULTILINE)
KIND = re.compile(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def kinds(of: type[Entry] = Entry) -> Iterator[type[Entry]]:
    """Every kind the product declares; other tests of this process may have made some up."""
    for kind in of.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield kind
        yield from kinds(kind)


def errors(of: type[CenterError] = CenterError) -> Iterator[type[CenterError]]:
    for kind in of.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield kind
        yield from errors(kind)


def test_every_route_is_documented_with_what_it_needs() -> None:
    documented = {
        (method, path): (permission or word, words)
        for method, path, permission, word, words in ROW.findall((DOCS / "api.md").read_text())
    }

    assert documented == {
        (route.method, route.path): (
            "nobody" if route.public else route.permission or "sign-in",
            route.summary,
        )
        for route in API_ROUTES
    }


def test_every_refusal_of_the_api_is_documented() -> None:
    text = (DOCS / "api.md").read_text()

    reach_the_edge = {one.code for one in errors()} & STATUS.keys()
    for code in reach_the_edge - {"unsigned_call"}:
        assert re.search(rf"^\| {int(STATUS[code])} \|.*`{code}`", text, re.MULTILINE), code


def test_every_refusal_has_a_status_of_its_own() -> None:
    for error in errors():
        if error.__module__.startswith(("kernel.errors", "staff.")) and error.code != "settings":
            assert error.code in STATUS, error
            assert STATUS[error.code] is not HTTPStatus.BAD_REQUEST


def test_every_kind_of_entry_is_documented_with_its_data() -> None:
    own = Entry.__struct_fields__
    documented = {
        name: re.findall(r"`(\w+)`", data)
        for name, data, _, _ in KIND.findall((DOCS / "live.md").read_text())
    }

    assert documented == {
        kind.__name__: [name for name in kind.__struct_fields__ if name not in own]
        for kind in kinds()
    }


def test_every_way_of_hanging_up_is_documented() -> None:
    text = (DOCS / "live.md").read_text()

    for code in (GOING_AWAY, SIGNED_OUT, RESYNC):
        assert f"| {code} |" in text

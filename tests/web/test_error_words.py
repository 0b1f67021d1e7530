"""Every code a refusal may carry has words in each language of the console."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

import pytest
from aiohttp import web

from kernel.errors import CenterError
from web.errors import STATUS

ROOT = Path(__file__).parent.parent.parent
ROOMS = [
    "kernel",
    "channels",
    "clients",
    "knowledge_base",
    "routing",
    "staff",
    "tickets",
    "desk",
    "web",
    "contact_center",
]
LOCALES = ROOT / "web" / "console" / "src" / "locales"
OF_THE_CONSOLE = {"unreachable", "broken", "aborted"}
"""Said by the console itself: nobody answered, or not in our way."""
BY_THE_HTTP_SERVER = {400, 404, 405, 413}
"""What aiohttp answers by itself to a request that reaches no handler."""
_KEY = re.compile(r"^    (\w+): ", re.MULTILINE)


def _kinds(of: type[CenterError] = CenterError) -> Iterator[type[CenterError]]:
    yield of
    for kind in of.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield from _kinds(kind)


def _import_everything() -> None:
    for room in ROOMS:
        for found in pkgutil.walk_packages([str(ROOT / room)], f"{room}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                import_module(found.name)


def _raised_by_hand() -> Iterator[int]:
    """The HTTP exceptions that our handlers raise."""
    for path in (ROOT / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr.startswith("HTTP"):
                status = getattr(getattr(web, node.attr, None), "status_code", -1)
                if status >= HTTPStatus.BAD_REQUEST:
                    yield status


def _written_by_hand() -> Iterator[str]:
    """The codes that stand as text where a refusal is made."""
    for path in (ROOT / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = [one.value for one in node.keywords if one.arg == "error"]
            if node.func.id == "_answer" and path.name == "errors.py":
                given += node.args[1:2]
            if node.func.id in {"ErrorView", "_answer"}:
                for one in given:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


def _codes() -> set[str]:
    _import_everything()
    statuses = BY_THE_HTTP_SERVER | set(_raised_by_hand())
    codes = (
        {kind.code for kind in _kinds()}
        | set(STATUS)
        | {HTTPStatus(status).name.lower() for status in statuses}
        | set(_written_by_hand())
    )
    return codes - {"unsigned_call"}  # said to providers alone


@pytest.mark.parametrize("locale", ["en", "uk", "ru"])
def test_every_code_has_words_in_the_console(locale: str) -> None:
    text = (LOCALES / locale / "house.ts").read_text()
    block = text[text.index("  errors: {") :]
    known = set(_KEY.findall(block[: block.index("\n  },")]))

    assert known == _codes() | OF_THE_CONSOLE

"""The API describes itself, and truly: every route, every answer, whatever is sent."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from msgspec import json

from tests.web.world import World
from web.openapi import describe
from web.routes import API
from web.server import API_ROUTES
from web.session import COOKIE

EXAMPLES = 6
LEFT_ALONE = {"delete_session"}
"""Would sign out the browser that asks."""


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.decode(json.encode(describe(API_ROUTES)))
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [one for inner in value.values() for one in references(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in references(inner)]
    return []


def test_every_route_is_described_once_with_words_and_answers() -> None:
    described = document()

    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert operations.keys() == {f"{one.method} {API}{one.path}" for one in API_ROUTES}
    assert len({one["operationId"] for one in operations.values()}) == len(operations)
    for route in API_ROUTES:
        operation = operations[f"{route.method} {API}{route.path}"]
        assert route.handler.__doc__, route.path
        assert operation["summary"][0].isupper()
        assert operation["responses"][str(route.status)]["content"]
        assert (operation["security"] == []) == route.public
        assert ("requestBody" in operation) == ("body" in route.types or route.raw_body)
        if route.permission is not None:
            assert route.permission in operation["description"]


def test_every_reference_leads_somewhere() -> None:
    described = document()

    names = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) == names


def test_bodies_are_described_as_strict_as_they_are() -> None:
    described = document()
    bodies = {
        reference.rpartition("/")[2]
        for methods in described["paths"].values()
        for operation in methods.values()
        for reference in references(operation.get("requestBody", {}))
    }

    assert bodies
    for name in bodies:
        assert described["components"]["schemas"][name]["additionalProperties"] is False


@pytest.mark.asyncio(loop_scope="module")
async def test_the_description_and_its_page_are_served(world: World) -> None:
    _, headers, body = await world.admin.raw("GET", "/api/openapi.json")
    status, page_headers, page = await world.admin.raw("GET", "/api/docs")

    assert json.decode(body) == document()
    assert headers["Content-Type"] == "application/json"
    assert (status, page_headers["Content-Type"].split(";")[0]) == (200, "text/html")
    for route in API_ROUTES:
        assert f"<code>{API}{route.path}</code>" in page.decode()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_is_sent_the_answer_is_one_that_is_described(world: World) -> None:
    """Generated calls of every operation: no 5xx, no undocumented status, no other shape."""
    # Here alone: every process that collects tests would pay a third of a second for it.
    import schemathesis  # noqa: PLC0415
    from schemathesis import checks  # noqa: PLC0415

    cookies = {one.key: one.value for one in world.admin._http.cookie_jar}
    schema = schemathesis.openapi.from_dict(document())
    broken: list[str] = []
    answered: Counter[int] = Counter()

    def calls(operation: Any) -> Callable[[], None]:
        @seed(7)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            answer = case.call_and_validate(
                base_url=str(world.admin.url),
                headers={"Origin": world.admin._origin},
                cookies={COOKIE: cookies[COOKIE]},
                checks=[
                    checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )
            answered[answer.status_code] += 1

        return call

    def everything() -> None:
        for found in schema.get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]
            if operation.definition.raw["operationId"] in LEFT_ALONE:
                continue
            try:
                calls(operation)()
            except BaseException as error:  # noqa: BLE001 - each operation is judged by itself
                broken.append(f"{operation.label}: {error}"[:1_500])

    await asyncio.to_thread(everything)

    assert broken == []
    assert answered[200] > len(API_ROUTES) / 2
    assert answered[404]
    assert answered[422]

"""Reads a scenario from TOML or JSON and checks that its parts fit: each fault with its cure."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct

from kernel.errors import InvalidInputError
from kernel.limits import REHEARSAL_AGENTS, REHEARSAL_ARRIVALS
from routing.forecast.scenario import (
    AgentGroup,
    Arrivals,
    QueueOfDay,
    Scenario,
    coming,
    intervals,
    seconds_into_day,
    span_seconds,
)

Fault = tuple[str, str]
"""The field and what to do about it."""


def example_text() -> str:
    """Return the built-in example as it is written, to begin one's own with."""
    return (resources.files("routing.forecast") / "example.toml").read_text(encoding="utf-8")


def read_scenario(text: str, *, form: str = "toml") -> Scenario:
    """Return the scenario in a text of the `form` toml or json.

    Raises InvalidInputError that names the field and says what would be right.
    """
    try:
        raw = tomllib.loads(text) if form == "toml" else msgspec.json.decode(text)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError) as error:
        raise InvalidInputError(f"this is not {form.upper()}: {error}") from error
    try:
        scenario = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error
    check(scenario)
    return scenario


def check(scenario: Scenario) -> None:
    """Raise InvalidInputError for the first part that does not fit the others."""
    for where, words in _faults(scenario):
        raise InvalidInputError(f"{where}: {words}", field=where)


def _faults(scenario: Scenario) -> Iterator[Fault]:
    if seconds_into_day(scenario.ends) <= seconds_into_day(scenario.starts):
        yield "ends", "the day must end after it starts; two days are two scenarios"
        return
    yield from _twice("queues", (queue.name for queue in scenario.queues))
    yield from _twice("agents", (group.name for group in scenario.agents))
    names = [queue.name for queue in scenario.queues]
    for place, queue in enumerate(scenario.queues):
        yield from _queue_faults(f"queues[{place}]", queue, names)
    yield from _circles(scenario)
    for place, arrivals in enumerate(scenario.arrivals):
        yield from _arrival_faults(f"arrivals[{place}]", arrivals, scenario, names)
    for place, group in enumerate(scenario.agents):
        yield from _group_faults(f"agents[{place}]", group, scenario, names)
    yield from _too_much(scenario)


def _twice(where: str, names: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield where, f"“{name}” is there twice; give one of them another name"
        seen.add(name)


def _queue_faults(where: str, queue: QueueOfDay, names: list[str]) -> Iterator[Fault]:
    yield from _spans(f"{where}.open", queue.open)
    for place, ring in enumerate(queue.rings):
        yield from _unknown(f"{where}.rings[{place}].also_queues", ring.also_queues, names)
    if queue.overflow is None:
        return
    yield from _unknown(f"{where}.overflow.to", [queue.overflow.to], names)


def _circles(scenario: Scenario) -> Iterator[Fault]:
    """Find contacts that would overflow for ever."""
    onward = {queue.name: queue.overflow.to for queue in scenario.queues if queue.overflow}
    for place, queue in enumerate(scenario.queues):
        at, seen = onward.get(queue.name), {queue.name}
        while at is not None and at not in seen:
            seen.add(at)
            at = onward.get(at)
        if at is not None:
            yield f"queues[{place}].overflow.to", "this goes in a circle; let one queue end it"


def _arrival_faults(
    where: str, arrivals: Arrivals, scenario: Scenario, names: list[str]
) -> Iterator[Fault]:
    yield from _unknown(f"{where}.queue", [arrivals.queue], names)
    if arrivals.redial_percent and arrivals.patience_seconds is None:
        yield f"{where}.redial_percent", "who never gives up never calls again; give them patience"
    wanted, given = len(intervals(scenario)), len(arrivals.per_interval)
    if arrivals.per_hour is not None:
        if given:
            yield f"{where}.per_hour", "give either per_hour or per_interval, not both"
    elif given != wanted:
        yield (
            f"{where}.per_interval",
            (
                f"the day has {wanted} intervals of {scenario.interval_minutes} minutes and here "
                f"are {given} numbers; give one for each, or per_hour"
            ),
        )


def _group_faults(
    where: str, group: AgentGroup, scenario: Scenario, names: list[str]
) -> Iterator[Fault]:
    yield from _unknown(f"{where}.queues", group.queues, names)
    yield from _unknown(f"{where}.ranks", group.ranks, group.queues)
    yield from _unknown(f"{where}.delays", group.delays, group.queues)
    yield from _spans(f"{where}.shifts", group.shifts)
    least = min((q.offer_seconds for q in scenario.queues if q.name in group.queues), default=None)
    if least is not None and group.answer_seconds >= least:
        yield (
            f"{where}.answer_seconds",
            (
                f"must be below {least}, the offer_seconds of one of its queues, "
                "or they would miss every offer"
            ),
        )
    if group.decline_percent + group.miss_percent > 100:
        yield f"{where}.miss_percent", "with decline_percent this is more than 100 of 100 offers"


def _too_much(scenario: Scenario) -> Iterator[Fault]:
    agents = sum(group.count for group in scenario.agents)
    if agents > REHEARSAL_AGENTS:
        yield "agents", f"{agents} agents are more than {REHEARSAL_AGENTS}; take fewer"
    most = coming(scenario)
    if most > REHEARSAL_ARRIVALS:
        yield "arrivals", f"{most:.0f} contacts a day are more than {REHEARSAL_ARRIVALS}"


def _spans(where: str, spans: list[str] | None) -> Iterator[Fault]:
    last = -1
    for place, span in enumerate(spans or []):
        begins, ends = span_seconds(span)
        if ends <= begins:
            yield f"{where}[{place}]", "must end after it begins, on the same day"
        if begins < last:
            yield f"{where}[{place}]", "put the times in order, without overlaps"
        last = ends


def _unknown(where: str, named: Iterable[str], names: Iterable[str]) -> Iterator[Fault]:
    known = list(names)
    for name in named:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            yield where, f"there is no queue “{name}” here" + _did_you_mean(near)


def _did_you_mean(near: list[str]) -> str:
    return f"; did you mean “{near[0]}”?" if near else ""


def _refusal(said: str) -> InvalidInputError:
    """Add to what msgspec says the cure: what the field may be, or the nearest name."""
    words, _, where = said.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    part, meaning = _declared(path)
    if "unknown field `" in words:
        wrong = words.partition("unknown field `")[2].rstrip("`")
        known = [] if part is None else list(part.__struct_fields__)
        near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.0)
        at = f"{path}.{wrong}".lstrip(".")
        return InvalidInputError(f"{at}: there is no such field{_did_you_mean(near)}", field=at)
    if "missing required field `" in words:
        absent = words.partition("missing required field `")[2].rstrip("`")
        path = f"{path}.{absent}".lstrip(".")
        _, meaning = _declared(path)
        words = "this is missing"
    cure = f"; give {meaning}" if meaning else ""
    return InvalidInputError(f"{path or 'the scenario'}: {words}{cure}", field=path)


def _declared(path: str) -> tuple[type[Struct] | None, str]:
    """Walk a path as `agents[0].count`; return the last struct on it and the last description."""
    kind: Any = Scenario
    part: type[Struct] | None = Scenario
    meaning = ""
    for step in path.replace("[", ".[").split("."):
        if not step:
            continue
        kind = _inside(kind, step)
        meaning = _description(kind) or meaning
        inner = _struct_in(kind)
        part = inner if inner is not None else part
    return part, meaning


def _inside(kind: Any, step: str) -> Any:
    if step.startswith("["):
        return _last(_bare(kind))
    struct = _struct_in(kind)
    return None if struct is None else get_type_hints(struct, include_extras=True).get(step)


def _last(kind: Any) -> Any:
    """Return what a list or mapping holds."""
    held = get_args(kind)
    return held[-1] if held else None


def _bare(kind: Any) -> Any:
    """Return a type without its constraints and without the None of "left out"."""
    if hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    options = [one for one in get_args(kind) if one is not type(None)]
    return _bare(options[0]) if type(None) in get_args(kind) else kind


def _struct_in(kind: Any) -> type[Struct] | None:
    bare = _bare(kind)
    return bare if isinstance(bare, type) and issubclass(bare, Struct) else None


def _description(kind: Any) -> str:
    if kind is None:
        return ""
    if not hasattr(kind, "__metadata__"):
        kind = next((one for one in get_args(kind) if hasattr(one, "__metadata__")), kind)
    found = (one for one in getattr(kind, "__metadata__", ()) if isinstance(one, Meta))
    return next((one.description for one in found if one.description), "")

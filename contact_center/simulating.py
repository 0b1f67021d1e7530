"""`contact-center simulate`: a day rehearsed on the router, printed for people or programs."""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from pathlib import Path

import msgspec

from contact_center.backups.snapshot import open_database, require_current_schema
from contact_center.settings import Settings
from desk.own_day import own_day
from kernel.clock import SystemClock
from kernel.errors import InvalidInputError
from routing.forecast.reading import example_text, read_scenario
from routing.forecast.replay import rehearse
from routing.forecast.report import Figures, QueueReport, Report, report
from routing.forecast.scenario import Scenario, intervals, seeds
from routing.forecast.staffing import Required
from routing.forecast.tallies import DayTally

Say = Callable[[str], object]

_COLUMNS = ("offered", "answered", "left", "on", "waits", "level", "mean", "p50", "p95", "busy")
_LEGEND = (
    "left: clients who gave up; on: sent on or away; level: answered in time; mean, p50, p95: "
    "seconds until the answer; busy: of the agents there; need: agents at their desks / on the "
    "payroll"
)


def from_file(path: Path | None) -> Scenario:
    """Read a scenario, or the built-in example; InvalidInputError says what is wrong with it."""
    if path is None:
        return read_scenario(example_text())
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8") from error
    form = "json" if path.suffix == ".json" else "toml"
    try:
        return read_scenario(text, form=form)
    except InvalidInputError as error:
        raise InvalidInputError(f"{path}: {error.message}", field=error.field) from error


async def from_center(settings: Settings, days: int, zone: tzinfo) -> Scenario:
    """Make a scenario of this center and its past days; NotFoundError when nothing came."""
    clock = SystemClock()
    async with open_database(settings, clock) as database:
        async with database.reader.connect() as connection:
            await connection.run_sync(require_current_schema)
        async with database.reading() as session:
            return await own_day(session, days=days, zone=zone, now=clock.now())


def shown(scenario: Scenario) -> str:
    """Return a scenario as JSON to be kept, changed and read again."""
    told = msgspec.json.encode(scenario)
    return msgspec.json.format(told, indent=2).decode()


def rehearse_all(scenario: Scenario, tell: Callable[[int], object]) -> Report:
    """Rehearse every day; `tell` hears how many are done."""

    def days() -> Iterator[DayTally]:
        for done, seed in enumerate(seeds(scenario), 1):
            yield rehearse(scenario, seed)
            tell(done)

    return report(scenario, days())


def as_json(found: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def print_report(found: Report, scenario: Scenario, took: float, say: Say) -> None:
    """Say it in tables: all queues, then each, interval by interval; counts are of one day."""
    spans = intervals(scenario)
    lived = (spans[-1][1] - spans[0][0]) * found.days
    say(
        f"{found.contacts} contacts, {found.agents} agents, {found.days} × "
        f"{scenario.starts}-{scenario.ends}, seed {found.seed}: {lived / 3600:g} hours in "
        f"{took:.1f} s, {lived / max(took, 1e-3):,.0f} times as fast as life"
    )
    say(_LEGEND)
    if len(found.queues) > 1:
        _print_part("All queues", found.total, found, found.days, say)
    for queue in found.queues:
        promise = f"{queue.service_level_percent} % in {queue.target_seconds} s"
        _print_part(f"{queue.name} ({promise})", queue.total, queue, found.days, say)


def _print_part(
    title: str, total: Figures, part: Report | QueueReport, days: int, say: Say
) -> None:
    say("")
    say(title)
    say(_line("", *_COLUMNS, "need"))
    for one in part.intervals:
        say(_line(one.starts, *_cells(one.figures, days), _need(one.required)))
    say(_line("day", *_cells(total, days), ""))
    for told in _choices(total, days):
        say(f"  {told}")


def _choices(total: Figures, days: int) -> Iterator[str]:
    """Say what clients and agents chose, where a scenario leaves something to choose."""
    if total.redials:
        answered = total.redials_answered / days
        yield f"of the offered {total.redials / days:.4g} called again; answered {answered:.4g}"
    if total.callbacks:
        answered, wait = total.callbacks_answered / days, _seconds(total.callback_wait_mean)
        yield (
            f"{total.callbacks / days:.4g} asked to be called back; called {answered:.4g}, "
            f"in the mean {wait} s after they came"
        )
    if total.declined or total.missed:
        yield (
            f"agents declined {total.declined / days:.4g} offers and missed "
            f"{total.missed / days:.4g}"
        )


def _cells(figures: Figures, days: int) -> Iterator[str]:
    counts = (
        figures.offered,
        figures.answered,
        figures.abandoned,
        figures.flowed_out,
        figures.waiting,
    )
    yield from (f"{count / days:.4g}" for count in counts)
    yield _percent(figures.service_level)
    yield from (_seconds(one) for one in (figures.wait_mean, figures.wait_p50, figures.wait_p95))
    yield _percent(figures.occupancy)


def _line(first: str, *cells: str) -> str:
    return (f"  {first:<6}" + "".join(f"{cell:>9}" for cell in cells)).rstrip()


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f}"


def _need(required: Required | None) -> str:
    return "-" if required is None else f"{required.agents} / {required.staffed}"

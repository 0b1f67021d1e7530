"""Counts the tests that were run, from the reports their runners wrote."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Tree


@dataclass(frozen=True)
class Tally:
    """So many passed, failed (or broke outside their own code), and were left out."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def __str__(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def of_pytest(report: Path) -> Tally:
    """Count a JUnit report; a test that failed and then broke in its teardown is one test."""
    if not report.exists():
        return Tally()
    worst: dict[tuple[str, str], str] = {}
    for case in Tree.parse(report).iter("testcase"):  # noqa: S314 - written by our own test run
        name = (case.get("classname", ""), case.get("name", ""))
        outcomes = [worst.get(name, "passed"), _outcome(child.tag for child in case)]
        worst[name] = max(outcomes, key=("passed", "skipped", "failed").index)
    values = list(worst.values())
    return Tally(values.count("passed"), values.count("failed"), values.count("skipped"))


def of_vitest(report: Path) -> Tally:
    """Count a JSON report; a file that could not even be loaded is one failed test."""
    if not report.exists():
        return Tally()
    told = json.loads(report.read_text())
    broken = sum(
        1
        for file in told["testResults"]
        if file["status"] == "failed" and not file["assertionResults"]
    )
    left_out = told["numPendingTests"] + told.get("numTodoTests", 0)
    return Tally(told["numPassedTests"], told["numFailedTests"] + broken, left_out)


def _outcome(tags: Iterable[str]) -> str:
    found = set(tags)
    if found & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in found else "passed"

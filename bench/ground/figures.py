"""One measured figure, as one line of JSON: its value, what it is compared with, its limit."""

import asyncio
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`limit` speaks of the value, or of the ratio when `limits_ratio`; `at_most` says which way.

    `reference` is the same work done barely, measured in the same run on the same machine, and
    `ratio` is value / reference. A figure without a limit is told for comparison.
    """

    name: str
    value: float
    unit: str
    n: int
    reference: float | None = None
    limit: float | None = None
    limits_ratio: bool = False
    at_most: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def ok(self) -> bool:
        judged = self.ratio if self.limits_ratio else self.value
        if self.limit is None or judged is None:
            return self.limit is None
        return judged <= self.limit if self.at_most else judged >= self.limit


def told(figure: Figure) -> dict[str, Any]:
    """Return the figure as it is printed."""
    return {
        "name": figure.name,
        "value": rounded(figure.value),
        "unit": figure.unit,
        "reference": rounded(figure.reference),
        "ratio": rounded(figure.ratio),
        "limit": figure.limit,
        "limited": "ratio" if figure.limits_ratio else "value",
        "at_most": figure.at_most,
        "ok": figure.ok,
        "n": figure.n,
        "machine": machine(),
        "details": figure.details,
    }


def run(measure: Callable[[], Awaitable[Sequence[Figure]]]) -> None:
    """Measure, print a line for each figure, and end with 1 when a limit is missed."""
    figures = asyncio.run(_all_of(measure))
    for figure in figures:
        sys.stdout.write(msgspec.json.encode(told(figure)).decode() + "\n")
    sys.stdout.flush()
    sys.exit(0 if all(figure.ok for figure in figures) else 1)


async def _all_of(measure: Callable[[], Awaitable[Sequence[Figure]]]) -> Sequence[Figure]:
    return await measure()


def rounded(value: float | None) -> float | None:
    """Three digits are more than such a measurement holds."""
    if value is None or value == 0:
        return value
    return float(f"{value:.3g}") if abs(value) < 1_000 else float(round(value))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of all values do not exceed."""
    ordered = sorted(values)
    place = max(0, min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1))
    return ordered[int(place)]


def machine() -> str:
    """Name what it ran on: processor, cores we may use, memory, system, Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    words = [_processor(), f"{cores} cores", _memory(), platform.system()]
    return ", ".join(word for word in words if word) + f", Python {platform.python_version()}"


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 2**20:.0f} GB"
    return ""


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def now() -> datetime:
    return datetime.now(UTC)


def note(words: str) -> None:
    """Tell whoever waits how far it is; figures alone go to standard output."""
    sys.stderr.write(f"{words}\n")

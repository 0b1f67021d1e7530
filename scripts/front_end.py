"""Builds the console and the widget, each only when what it is made of has changed."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.shell import (
    NOTES,
    ROOT,
    TroubleError,
    fingerprint,
    main,
    noted,
    output_of,
    run,
    say,
    write_note,
)

_NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", "tests"})
_QUICK, _FULL = "build:only", "build"


@dataclass(frozen=True)
class Part:
    """One npm project and the folder that its build fills."""

    name: str
    folder: Path
    built: Path

    def scripts(self) -> frozenset[str]:
        return frozenset(self._package().get("scripts", {}))

    def oldest_node(self) -> int:
        wanted = re.search(r"\d+", self._package().get("engines", {}).get("node", "0"))
        return int(wanted.group()) if wanted else 0

    def sources(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder).parts
            if path.is_file() and not _NOT_SOURCES.intersection(inner):
                yield path

    def _package(self) -> dict[str, Any]:
        path = self.folder / "package.json"
        if not path.exists():
            raise TroubleError(f"{path.relative_to(ROOT)} is missing; is the checkout whole?")
        package: dict[str, Any] = json.loads(path.read_text())
        return package


PARTS = tuple(
    Part(name, ROOT / "web" / name, ROOT / "web" / "static" / name)
    for name in ("console", "widget")
)


def ensure_installed(part: Part) -> None:
    """Have the locked npm packages of `part`."""
    _check_node(part)
    lock = part.folder / "package-lock.json"
    if not lock.exists():
        raise TroubleError(f"{lock.relative_to(ROOT)} is missing; run npm install in its folder")
    wanted = fingerprint([lock])
    note = part.folder / "node_modules" / ".locked"
    if noted(note) == wanted:
        return
    say(f"installing the packages of the {part.name}")
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=part.folder)
    write_note(note, wanted)


def ensure_built(part: Part, *, full: bool = False) -> None:
    """Build `part` unless it stands as built from these sources; `full` also checks its types."""
    wanted = fingerprint(part.sources(), *sorted(part.scripts()))
    note = NOTES / f"{part.name}.built"
    have = noted(note).split()
    if part.built.is_dir() and have[:1] == [wanted] and (not full or have[1:] == [_FULL]):
        return
    ensure_installed(part)
    script = _FULL if full or _QUICK not in part.scripts() else _QUICK
    say(f"building the {part.name}")
    run(["npm", "run", "--silent", script], cwd=part.folder)
    if not part.built.is_dir():
        raise TroubleError(f"the build of the {part.name} left nothing in {part.built}")
    write_note(note, f"{wanted} {script}")


def _check_node(part: Part) -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise TroubleError(f"{program} is missing; on Debian: apt-get install nodejs npm")
    version = int(output_of(["node", "--version"]).lstrip("v").split(".")[0])
    if version < part.oldest_node():
        raise TroubleError(
            f"Node {part.oldest_node()} or newer is needed for the {part.name}; this is {version}"
        )


def _work() -> int:
    wanted = set(sys.argv[1:]) - {"--full"}
    for part in PARTS:
        if not wanted or part.name in wanted:
            ensure_built(part, full="--full" in sys.argv[1:])
    return 0


if __name__ == "__main__":
    main(_work)

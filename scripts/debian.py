"""Installs missing Debian packages when it may, and says how when it may not."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.shell import TroubleError, run, say

BROWSERS = ("chromium-headless-shell", "chromium")
"""Programs and packages alike. The first draws the same pages with a third less of the processor:
it is Chromium without windows."""
SEARCHED = ":".join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/sbin"])


def ensure(programs: Mapping[str, str]) -> None:
    """Have every program, given with its Debian package; `TroubleError` tells the cure."""
    missing = {package for program, package in programs.items() if not found(program)}
    if not missing:
        return
    install(sorted(missing))
    still = [program for program in programs if not found(program)]
    if still:
        raise TroubleError(f"installed {', '.join(missing)}, but found no {', '.join(still)}")


def ensure_browser() -> None:
    """Have a browser; older systems know only the whole one."""
    if browser() is not None:
        return
    try:
        ensure({BROWSERS[0]: BROWSERS[0]})
    except TroubleError:
        ensure({BROWSERS[1]: BROWSERS[1]})


def browser() -> str | None:
    """Return where the browser is that tests and pictures are made with."""
    return next(filter(None, map(found, BROWSERS)), None)


def install(packages: Sequence[str]) -> None:
    """Install Debian packages, or raise `TroubleError` with the very command that would."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    cure = f"apt-get update && {' '.join(command)}"
    if shutil.which("apt-get") is None:
        raise TroubleError(f"missing: {', '.join(packages)}; on Debian: {cure}")
    if os.geteuid() != 0:
        raise TroubleError(f"missing: {', '.join(packages)}; as root run: {cure}")
    say(f"installing from Debian: {', '.join(packages)}")
    unattended = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=unattended)
    run([*command, "-qq"], env=unattended)


def found(program: str) -> str | None:
    """Return where `program` is, also where only root usually looks."""
    return shutil.which(program, path=SEARCHED)


def postgres_programs() -> Path | None:
    """Return the newest Debian PostgreSQL's own programs, which are not on the search path."""
    homes = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parents[1].name),
    )
    return homes[-1].parent if homes else None

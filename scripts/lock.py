"""Renews the lock files: what is run is a subset of what is tested, by exact version and hash."""

import sys
from pathlib import Path

from scripts.environment import DEV_LOCK, OLDEST, RUNTIME_LOCK, TOOLS_LOCK, ensure_uv
from scripts.shell import ROOT, Word, main, run

PROJECT = "pyproject.toml"
TOOLS_LIST = "requirements.tools.in"


def _compiled(source: list[str], lock: Path, *, upgrade: bool) -> None:
    python = ".".join(map(str, OLDEST))
    command: list[Word] = [ensure_uv(), "pip", "compile", "-q", "--python-version", python, *source]
    options = ["--generate-hashes", "--no-annotate", "--custom-compile-command", "make lock"]
    run([*command, *options, *(["--upgrade"] if upgrade else []), "-o", lock.relative_to(ROOT)])


def _work() -> int:
    upgrade = "--upgrade" in sys.argv[1:]
    _compiled([TOOLS_LIST], TOOLS_LOCK, upgrade=upgrade)
    _compiled([PROJECT, "--group", "dev"], DEV_LOCK, upgrade=upgrade)
    _compiled([PROJECT, "-c", DEV_LOCK.name], RUNTIME_LOCK, upgrade=upgrade)
    return 0


if __name__ == "__main__":
    main(_work)

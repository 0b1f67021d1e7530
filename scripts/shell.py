"""Runs other programs, and tells in one sentence what went wrong and what to do about it."""

import hashlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = ROOT / ".tools"
NOTES = ROOT / ".make"


Word = str | Path


class TroubleError(Exception):
    """Something is missing or failed; the message names it and the cure."""


def say(text: str) -> None:
    """Write one line to whoever started this, at once and in order with other programs' output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def spelled(command: Sequence[Word]) -> str:
    return shlex.join(str(part) for part in command)


def status_of(
    command: Sequence[Word],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> int:
    """Run `command` and return its exit status; with `quiet` its output is dropped."""
    sink = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(  # noqa: S603 - the command is ours, word by word, and no shell
            [str(part) for part in command],
            cwd=cwd,
            env=_environment(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            check=False,
        ).returncode
    except OSError as error:
        raise TroubleError(f"{command[0]} cannot be run: {error.strerror}") from error


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return ours and `more`; what is compiled is kept whatever we were told.

    Tests start several hundred processes; without it, each compiles a thousand modules anew.
    """
    ours = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, **more}


def run(command: Sequence[Word], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run `command`; `TroubleError` when it fails."""
    status = status_of(command, cwd=cwd, env=env)
    if status:
        raise TroubleError(f"failed with status {status}: {spelled(command)}")


def output_of(command: Sequence[Word]) -> str:
    """Return what `command` prints; `TroubleError` when it fails."""
    try:
        return subprocess.run(  # noqa: S603 - see above
            [str(part) for part in command], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise TroubleError(f"{spelled(command)} failed: {error}") from error


def main(work: Callable[[], int | None]) -> None:
    """Do `work` and end the program with its status; a trouble is one line, not a trace."""
    try:
        status = work() or 0
    except TroubleError as trouble:
        say(f"error: {trouble}")
        status = 1
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """Return a hash of the names and contents of `files` and of `more`; times play no part."""
    total = hashlib.sha256()
    for path in sorted(files):
        inner = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT)}\0{inner}\n".encode())
    for text in more:
        total.update(f"{text}\n".encode())
    return total.hexdigest()


def noted(note: Path) -> str:
    """Return what `note` says, or nothing when it was never written."""
    return note.read_text().strip() if note.exists() else ""


def write_note(note: Path, text: str) -> None:
    """Remember that a step is done; written last, so that a broken-off step is done again."""
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(text + "\n")

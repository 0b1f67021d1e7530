"""Makes the virtual environment exactly as the lock file says; a second time it takes no time."""

import os
import shutil
import sys
from pathlib import Path

from scripts import debian
from scripts.shell import (
    PYTHON,
    ROOT,
    TOOLS,
    VENV,
    TroubleError,
    Word,
    fingerprint,
    main,
    noted,
    run,
    say,
    status_of,
    write_note,
)

RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements.dev.lock"
TOOLS_LOCK = ROOT / "requirements.tools.lock"
UV = TOOLS / "bin" / "uv"
OLDEST = (3, 11)

_PIP_INSTALL = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes")


def ensure_environment(*, dev: bool) -> None:
    """Have `.venv` hold the locked packages; the development set serves for running, too."""
    if sys.version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise TroubleError(f"Python {needed} or newer is needed: make PYTHON=python{needed} …")
    runtime, full = _prints()
    note = VENV / "locked"
    have = noted(note).split()
    if PYTHON.exists() and (have == [runtime, full] or (not dev and have == [runtime])):
        return
    lock = DEV_LOCK if dev else RUNTIME_LOCK
    say(f"installing the packages of {lock.name}")
    if _have_uv():
        _sync_with_uv(lock)
    else:
        _install_with_pip(lock)
    write_note(note, f"{runtime} {full}" if dev else runtime)


def ensure_uv() -> Path:
    """Return uv, for work that only it can do."""
    if not _have_uv():
        raise TroubleError("uv cannot be installed; is the package index reachable?")
    return UV


def _prints() -> tuple[str, str]:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    runtime = fingerprint([RUNTIME_LOCK], python)
    return runtime, fingerprint([RUNTIME_LOCK, DEV_LOCK], python)


def _have_uv() -> bool:
    """Install uv apart from everything else; without it pip does the work, more slowly."""
    note = TOOLS / "locked"
    wanted = fingerprint([TOOLS_LOCK])
    if UV.exists() and noted(note) == wanted:
        return True
    _make_venv(TOOLS)
    pip: list[Word] = [
        TOOLS / "bin" / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    if status_of([*pip, "--require-hashes", "--only-binary=:all:", "-r", TOOLS_LOCK]):
        say("uv cannot be had here; using pip")
        return False
    write_note(note, wanted)
    return True


def _sync_with_uv(lock: Path) -> None:
    if not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        run([UV, "venv", "-q", "--no-project", "--python", sys.executable, VENV], env=_plain())
    sync: list[Word] = [UV, "pip", "sync", "-q", "--require-hashes", "--python", PYTHON, lock]
    run(sync, env=_plain())


def _install_with_pip(lock: Path) -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    _make_venv(VENV)
    run([PYTHON, *_PIP_INSTALL, "-r", lock])


def _make_venv(path: Path) -> None:
    if (path / "bin" / "pip").exists():
        return
    if status_of([sys.executable, "-c", "import ensurepip, venv"], quiet=True):
        debian.install(["python3-venv"])  # Debian keeps this part of Python in its own package
    run([sys.executable, "-m", "venv", path])


def _plain() -> dict[str, str]:
    """Keep uv to the Python that runs this and away from any other active environment."""
    return {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV), "UV_NO_PROGRESS": "1"}


def _work() -> int:
    os.chdir(ROOT)
    ensure_environment(dev="--dev" in sys.argv[1:])
    return 0


if __name__ == "__main__":
    main(_work)

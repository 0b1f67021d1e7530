"""What the center stands on: the directory, the disk, the key, the libraries, the built pages."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aiohttp import http_parser

from contact_center.app import STATIC
from contact_center.doctor.finding import Finding, bad, good, warning
from contact_center.keys import KEY_FILE
from contact_center.settings import Settings
from kernel.errors import SettingsError
from kernel.limits import MIB
from kernel.secrets import load_master

DISK_WARNS_BELOW: Final = 0.15
DISK_BAD_BELOW: Final = 0.05
_OTHERS: Final = 0o077


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that can be looked at without the database."""
    yield from _settings(settings)
    yield _user()
    yield _directory(settings.data_dir)
    yield disk(settings.data_dir, shutil.disk_usage(_existing(settings.data_dir)))
    yield _key(settings.data_dir / KEY_FILE)
    yield _parser()
    yield from built_pages(STATIC)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield good("settings", f"reached at {settings.public_url}, data in {settings.data_dir}")
    local = settings.listen_host in {"127.0.0.1", "::1", "localhost"}
    if not local and settings.public_url.startswith("http:"):
        yield warning(
            "https",
            f"{settings.public_url} is not encrypted, and the center listens beyond this machine",
            "put a web server with a certificate in front and set public_url to its https address",
        )


def _user() -> Finding:
    if os.geteuid() == 0:
        return warning("user", "root", "run the center as a user of its own")
    return good("user", f"number {os.geteuid()}")


def _directory(path: Path) -> Finding:
    if not path.is_dir():
        return bad("data", f"{path} is not there", "start the center once, or correct data_dir")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return bad("data", f"{path} cannot be written", "give it to the user who runs the center")
    if path.stat().st_mode & _OTHERS:
        return warning("data", f"{path} is open to other users", f"run: chmod 700 {path}")
    return good("data", str(path))


def disk(path: Path, usage: "shutil._ntuple_diskusage") -> Finding:
    """Say how much is left: a warning below 15 %, bad below 5 %, when mail may soon be refused."""
    free = usage.free / usage.total
    detail = f"{free:.0%} free ({usage.free // MIB:,} MiB) where {path} lies"
    cure = "make room; when the disk is full nothing more is accepted until there is room again"
    if free < DISK_BAD_BELOW:
        return bad("disk", detail, cure)
    return warning("disk", detail, cure) if free < DISK_WARNS_BELOW else good("disk", detail)


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _key(path: Path) -> Finding:
    if not path.exists():
        return bad(
            "key",
            f"{path} is not there: stored passwords cannot be opened",
            "restore it from your backup; if it is lost for good, run: contact-center new-key",
        )
    try:
        keys = load_master(path)
    except SettingsError as error:
        detail, _, cure = error.message.partition("; ")
        return bad("key", detail, cure)
    return good("key", f"{len(keys)} in {path}, readable by its owner alone")


def _parser() -> Finding:
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        return warning(
            "aiohttp",
            "its compiled parser is missing; every request costs several times as much",
            "install aiohttp from a wheel, or with a C compiler at hand",
        )
    return good("aiohttp", "with its compiled parser")


def built_pages(static: Path) -> Iterator[Finding]:
    """Say whether the pages that browsers load were built."""
    for name, page in (("console", "console/index.html"), ("widget", "widget/widget.js")):
        if (static / page).is_file():
            yield good(name, "built")
        else:
            yield bad(name, "not built: browsers get nothing", f"run: make {name}")

"""The repository installs from wherever the machine's own clients are told to look."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not name them either.
HOSTS = [".".join(parts) for parts in (("npmjs", "org"), ("pypi", "org"), ("pythonhosted", "org"))]


def _tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry() -> None:
    pattern = re.compile("|".join(map(re.escape, HOSTS)).encode())

    assert [str(path) for path in _tracked() if pattern.search(path.read_bytes())] == []


@pytest.mark.parametrize("part", ["console", "widget"])
def test_npm_packages_are_locked_by_hash_and_not_by_place(part: str) -> None:
    lock = json.loads((ROOT / "web" / part / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}

    assert [name for name, each in packages.items() if "resolved" in each] == []
    assert [name for name, each in packages.items() if "integrity" not in each] == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements.dev.lock", "requirements.tools.lock"]
)
def test_python_packages_are_locked_by_version_and_hash(name: str) -> None:
    entries = re.findall(r"^\S+==\S+(?: ;.*)? \\$", (ROOT / name).read_text(), re.MULTILINE)
    text = (ROOT / name).read_text()
    starts = re.findall(r"^[a-z0-9].*$", text, re.MULTILINE)

    assert starts == entries
    assert len(starts) == len(re.findall(r"^[a-z0-9].*\\\n +--hash=sha256:", text, re.MULTILINE))


def test_what_runs_is_what_is_tested() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / name).read_text()
        return set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", text, re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements.dev.lock")


def test_what_make_begins_with_needs_nothing_but_python() -> None:
    makefile = (ROOT / "Makefile").read_text()
    waiting, seen, others = set(re.findall(r"\$\(DO\)\.(\w+)", makefile)), set(), set()
    while waiting:
        seen.add(name := waiting.pop())
        text = (ROOT / "scripts" / f"{name}.py").read_text()
        ours = set(re.findall(r"^from scripts\.(\w+) import", text, re.MULTILINE))
        for names in re.findall(r"^from scripts import (.+)", text, re.MULTILINE):
            ours |= set(names.split(", "))
        others |= set(re.findall(r"^(?:from|import) (?!scripts)(\w+)", text, re.MULTILINE))
        waiting |= ours - seen

    assert {"environment", "shell", "debian", "tally"} <= seen
    assert others <= sys.stdlib_module_names

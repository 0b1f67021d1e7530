"""A front end is built when what it is made of has changed, and not otherwise."""

import json
from pathlib import Path

import pytest

from scripts import front_end, shell
from scripts.front_end import Part, ensure_built
from scripts.shell import TroubleError

NODE = "#!/bin/sh\necho v20.1.0\n"
NPM = """#!/bin/sh
echo "$@" >> {calls}
case "$*" in
  ci*) /bin/mkdir -p node_modules ;;
  run*) /bin/mkdir -p {built} ;;
esac
"""


class Checkout:
    """A small npm project, and an npm that notes what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.part = Part("console", folder / "web" / "console", folder / "web" / "static")
        self._calls = folder / "calls"
        self.write("package-lock.json", "{}")
        self.write("src/main.ts", "start()")
        self.describe(">=20", build="vite build", **{"build:only": "vite build"})
        for name, program in (("node", NODE), ("npm", NPM)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(program.format(calls=self._calls, built=self.part.built))
            path.chmod(0o700)

    def describe(self, node: str, **scripts: str) -> None:
        self.write("package.json", json.dumps({"engines": {"node": node}, "scripts": scripts}))

    def write(self, name: str, text: str) -> None:
        path = self.part.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def calls(self) -> list[str]:
        """Return the words npm was called with since last asked, without its options."""
        told = self._calls.read_text().splitlines() if self._calls.exists() else []
        self._calls.unlink(missing_ok=True)
        return [" ".join(word for word in line.split() if word[0] != "-") for line in told]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for module in (shell, front_end):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(front_end, "NOTES", tmp_path / ".make")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return Checkout(tmp_path)


def test_the_first_build_installs_and_the_second_does_nothing(checkout: Checkout) -> None:
    ensure_built(checkout.part)
    assert checkout.calls() == ["ci", "run build:only"]

    ensure_built(checkout.part)
    assert checkout.calls() == []


def test_a_changed_source_is_built_again_without_installing(checkout: Checkout) -> None:
    ensure_built(checkout.part)
    checkout.calls()

    checkout.write("src/main.ts", "start(twice)")
    checkout.write("tests/main.test.ts", "it works")
    ensure_built(checkout.part)

    assert checkout.calls() == ["run build:only"]


def test_changed_locks_are_installed_again(checkout: Checkout) -> None:
    ensure_built(checkout.part)
    checkout.calls()

    checkout.write("package-lock.json", '{"lockfileVersion": 3}')
    ensure_built(checkout.part)

    assert checkout.calls() == ["ci", "run build:only"]


def test_a_full_build_serves_for_a_quick_one_but_not_the_other_way(checkout: Checkout) -> None:
    ensure_built(checkout.part)
    ensure_built(checkout.part, full=True)
    ensure_built(checkout.part)

    assert checkout.calls() == ["ci", "run build:only", "run build"]


def test_a_build_that_was_removed_is_made_again(checkout: Checkout) -> None:
    ensure_built(checkout.part)
    checkout.calls()

    checkout.part.built.rmdir()
    ensure_built(checkout.part)

    assert checkout.calls() == ["run build:only"]


def test_a_checkout_without_the_project_is_told_so(checkout: Checkout) -> None:
    (checkout.part.folder / "package.json").unlink()

    with pytest.raises(TroubleError, match=r"web/console/package\.json is missing"):
        ensure_built(checkout.part)


def test_an_old_node_is_named_with_the_one_that_is_needed(checkout: Checkout) -> None:
    checkout.describe(">=22.3", build="vite build")

    with pytest.raises(TroubleError, match="Node 22 or newer is needed for the console"):
        ensure_built(checkout.part)


def test_a_machine_without_npm_is_told_what_to_install(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "bin" / "npm").unlink()

    with pytest.raises(TroubleError, match="npm is missing; on Debian: apt-get install"):
        ensure_built(checkout.part)

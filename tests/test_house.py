"""The house matches its plan: every room is on a floor, packaged, checked and on the map."""

import re
import tomllib
from pathlib import Path

import channels

ROOT = Path(__file__).parent.parent
BUILD = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
MAP = (ROOT / "ARCHITECTURE.md").read_text()
NOT_ROOMS = {"tests", "bench", "demo", "scripts"}


def rooms() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_ROOMS


def named_on_the_map(room: str) -> str:
    (line,) = [line for line in MAP.splitlines() if line.startswith(f"| `{room}/`")]
    return line


def test_every_room_is_on_a_floor() -> None:
    floors = BUILD["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip().split(".")[0] for floor in floors for name in floor.split("|")}

    assert placed == rooms()


def test_every_room_is_packaged_and_checked() -> None:
    assert set(BUILD["hatch"]["build"]["targets"]["wheel"]["packages"]) == rooms()
    assert set(BUILD["importlinter"]["root_packages"]) == rooms()
    assert set(BUILD["mypy"]["packages"]) - NOT_ROOMS == rooms()


def test_the_roof_names_every_one_of_its_modules_on_a_floor() -> None:
    floors = BUILD["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for floor in floors for name in floor.split("|")}
    roof = {path.stem for path in (ROOT / "contact_center").glob("*.py")} - {"__init__"}

    assert {f"contact_center.{name}" for name in roof} <= placed


def test_the_rooms_are_ours_and_not_the_test_folders() -> None:
    assert Path(channels.__file__).parent == ROOT / "channels"


def test_every_module_is_on_the_map() -> None:
    missing = [
        f"{room}/{path.name}"
        for room in sorted(rooms())
        for path in sorted((ROOT / room).glob("*.py"))
        if not _is_named(path.stem, named_on_the_map(room))
    ]

    assert missing == []


def test_every_file_named_in_the_drawing_exists() -> None:
    named = set(re.findall(r"\b(?:[a-z_]+/)+[a-z_]+\.py\b", MAP))

    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_folder_of_tests_is_a_package_all_the_way_up() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}

    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


def _is_named(module: str, line: str) -> bool:
    """`chat…` on the map stands for every module that begins so."""
    if module in {"__init__", "__main__", "tables", "events"}:
        return True
    names = re.findall(r"`([a-z_…/]+)`", line)
    return any(
        module == name or (name.endswith("…") and module.startswith(name.rstrip("…")))
        for name in names
    )

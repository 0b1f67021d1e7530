"""`contact-center simulate`: a day for people and for programs, refused with a cure."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contact_center.cli import main

SMALL = """
starts = "09:00"
ends = "11:00"
[[queues]]
name = "Support"
[[arrivals]]
queue = "Support"
per_hour = 30
[[agents]]
name = "All"
count = 4
queues = ["Support"]
"""


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("simulate", *arguments), catch_exceptions=False)


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "day.toml"
    path.write_text(SMALL)
    return str(path)


def test_a_day_is_printed_for_people(small: str) -> None:
    done = simulate(small)

    assert done.exit_code == 0
    assert "4 agents, 1 × 09:00-11:00, seed 1" in done.output
    assert "Support (80 % in 60 s)" in done.output
    assert "  10:30 " in done.output


def test_for_programs_it_is_json_and_the_same_each_time(small: str) -> None:
    first, second = simulate(small, "--json").output, simulate(small, "--json").output

    assert first == second
    total = json.loads(first)["queues"][0]["total"]
    assert total["offered"] > 0
    assert total["offered"] == (
        total["answered"] + total["abandoned"] + total["flowed_out"] + total["waiting"]
    )


def test_another_seed_and_more_days_are_asked_for_in_the_command(small: str) -> None:
    told = json.loads(simulate(small, "--json", "--seed", "7", "--days", "3").output)

    assert (told["seed"], told["days"]) == (7, 3)


def test_the_example_can_be_shown_kept_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(simulate("--show").output)

    shown = simulate(str(path), "--show")

    assert json.loads(shown.output)["queues"][0]["name"] == "Orders"
    (tmp_path / "day.json").write_text(shown.output)
    again = simulate(str(tmp_path / "day.json"), "--show")
    assert again.output == shown.output


def test_a_wrong_scenario_is_one_sentence_with_the_field_and_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "day.toml"
    path.write_text(SMALL.replace("count = 4", "cuont = 4"))

    done = simulate(str(path))

    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "agents[0].cuont: there is no such field; did you mean “count”?" in done.output


def test_a_file_and_the_center_at_once_are_refused(small: str) -> None:
    assert "give either" in simulate(small, "--center").output


@pytest.mark.slow
def test_a_center_without_a_past_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTACT_CENTER_DATA_DIR", str(tmp_path / "var"))
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0

    done = simulate("--center")

    assert done.exit_code == 1
    assert "no contact came in the last 14 days" in done.output

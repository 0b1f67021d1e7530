"""The last line of a test run is the truth about it."""

import json
from pathlib import Path

import pytest

from scripts import tally
from scripts.checks import _FAULTS_FOLDER, _GROUPS, Outcome, _closed, _count
from scripts.tally import Tally

JUNIT = """<testsuites><testsuite tests="6">
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure/></testcase>
<testcase classname="a" name="fails"><error/></testcase>
<testcase classname="a" name="breaks in its setup"><error/></testcase>
<testcase classname="a" name="is skipped"><skipped/></testcase>
<testcase classname="b" name="passes"><system-out>x</system-out></testcase>
</testsuite></testsuites>"""


def test_every_test_of_a_pytest_report_counts_once(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(JUNIT)

    assert tally.of_pytest(report) == Tally(passed=2, failed=2, skipped=1)


def test_a_file_that_vitest_could_not_load_is_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "console.json"
    told = {
        "numPassedTests": 3,
        "numFailedTests": 1,
        "numPendingTests": 0,
        "numTodoTests": 1,
        "testResults": [
            {"status": "passed", "assertionResults": [{}, {}]},
            {"status": "failed", "assertionResults": [{}, {}]},
            {"status": "failed", "assertionResults": []},
        ],
    }
    report.write_text(json.dumps(told))

    assert tally.of_vitest(report) == Tally(passed=3, failed=2, skipped=1)


@pytest.mark.parametrize("count", [tally.of_pytest, tally.of_vitest])
def test_a_runner_that_left_no_report_ran_no_test(count: object, tmp_path: Path) -> None:
    assert callable(count)
    assert count(tmp_path / "nothing") == Tally()


@pytest.mark.parametrize(
    ("found", "status", "well"),
    [
        (Tally(passed=3), 0, True),
        (Tally(passed=3, failed=1), 1, False),
        (Tally(passed=3), 1, False),
        (Tally(passed=3, skipped=1), 0, False),
        (Tally(), 5, False),
        (Tally(), 0, False),
    ],
    ids=["all pass", "one fails", "the runner broke", "one left out", "none found", "none ran"],
)
def test_a_run_is_well_only_when_every_group_ran_and_passed(
    found: Tally, status: int, *, well: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Outcome([], Tally(passed=10))

    _count(outcome, "unit", found, status)
    code = _closed(outcome)

    last = capsys.readouterr().out.splitlines()[-1]
    assert (code == 0) is well
    assert last == str(Tally(passed=10) + found)
    assert last.startswith(f"{10 + found.passed} passed, {found.failed} failed")


def test_every_test_belongs_to_exactly_one_group() -> None:
    """The faults, and of all others each mark makes a group; `make test` runs them as one."""
    marks = {
        group: dict(zip(words[::2], words[1::2], strict=False)).get("-m")
        for group, words in _GROUPS.items()
    }
    peaceful = {group for group, words in _GROUPS.items() if f"--ignore={_FAULTS_FOLDER}" in words}

    assert peaceful == {"unit", "slow", "browser"}
    assert _FAULTS_FOLDER not in " ".join(_GROUPS["all"])
    assert marks == {
        "unit": "not slow and not browser",
        "slow": "slow and not browser",
        "browser": "browser",
        "faults": None,
        "all": None,
    }

"""The operator's commands: what they print, what they exit with, and what they leave behind."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contact_center.cli import main

pytestmark = pytest.mark.slow

PASSWORD = "three blue parcels"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of one's own, with the data in `var`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTACT_CENTER_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CONTACT_CENTER_LISTEN_PORT", "1")
    return tmp_path


def command(*arguments: str, **env: str) -> Result:
    return CliRunner().invoke(main, arguments, env=env, catch_exceptions=False)


def add(email: str, *more: str) -> Result:
    who = ("add-agent", "--name", "Ann", "--email", email, "--password", PASSWORD)
    return command(*who, *more)


def test_migrate_makes_the_database_and_says_so_again(home: Path) -> None:
    first, second = command("migrate"), command("migrate")

    assert (home / "var" / "center.db").is_file()
    assert first.output == second.output == "the database is up to date: schema 0001\n"


@pytest.mark.parametrize("role", ["agent", "supervisor", "Administrator"])
def test_somebody_is_added_with_a_role(home: Path, role: str) -> None:
    done = add("ann@example.com", "--role", role)

    assert (done.exit_code, done.output) == (0, f"ann@example.com can sign in as {role}\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--role", "boss"), "there is no role boss; there are administrator, agent, supervisor"),
        (("--email", "not an address"), "this is not an e-mail address"),
        (("--password", "short"), "the password needs"),
        (("--name", "\u202e"), "give a name"),
    ],
    ids=["role", "address", "password", "name"],
)
def test_what_will_not_do_is_said_in_one_sentence(
    home: Path, arguments: tuple[str, str], says: str
) -> None:
    done = add("ann@example.com", *arguments)

    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert says in done.output


def test_an_address_is_added_once(home: Path) -> None:
    add("ann@example.com")

    assert "a colleague has this e-mail address" in add("Ann@Example.com").output


def test_a_backup_is_made_checked_and_restored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add("ann@example.com")
    command("check-channel")  # makes the key

    made = command("backup", "center.tar")
    checked = command("restore", "--check", "center.tar")
    monkeypatch.setenv("CONTACT_CENTER_DATA_DIR", str(home / "new"))
    restored = command("restore", "center.tar")

    assert made.exit_code == checked.exit_code == restored.exit_code == 0
    assert "rows, 0 files" in made.output
    assert checked.output.startswith("whole: made 20")
    assert "0 messages that waited to be sent are held back" in restored.output
    assert stat.S_IMODE((home / "center.tar").stat().st_mode) == 0o600
    assert "a colleague has this" in add("ann@example.com").output


def test_a_damaged_backup_is_told_and_not_restored(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ann@example.com")
    command("check-channel")
    command("backup", "center.tar")
    whole = (home / "center.tar").read_bytes()
    (home / "center.tar").write_bytes(whole.replace(b"ann@example.com", b"eve@example.com"))
    monkeypatch.setenv("CONTACT_CENTER_DATA_DIR", str(home / "new"))

    checked = command("restore", "--check", "center.tar")
    restored = command("restore", "center.tar")

    assert checked.exit_code == restored.exit_code == 1
    assert "tables/agent/000001.jsonl is not as it was written" in restored.output
    assert not any((home / "new").iterdir())


def test_without_its_key_a_backup_says_what_is_needed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ann@example.com")

    made = command("backup", "center.tar", "--without-key")
    monkeypatch.setenv("CONTACT_CENTER_DATA_DIR", str(home / "new"))
    restored = command("restore", "center.tar")

    assert "keep" in made.output
    assert "this backup has no key: put yours" in restored.output


def test_a_backup_to_nowhere_is_one_sentence(home: Path) -> None:
    add("ann@example.com")

    done = command("backup", "no/such/folder/center.tar")

    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1


def test_checking_an_account_that_is_not_there_says_so(home: Path) -> None:
    command("migrate")

    done = command("check-channel", "nobody@example.com")

    assert (done.exit_code, done.output) == (
        1,
        "Error: there is no account called nobody@example.com\n",
    )


def test_the_doctor_of_a_fresh_machine_says_what_to_do(home: Path) -> None:
    done = command("doctor")

    assert done.exit_code == 1
    assert "there is no database at" in done.output
    assert "bad      data" in done.output
    assert not (home / "var").exists()


def test_a_wrong_setting_is_one_sentence(home: Path) -> None:
    done = command("doctor", CONTACT_CENTER_LOG_LEVEL="loud")

    assert done.exit_code == 1
    assert done.output.count("\n") == 1


def test_sample_data_comes_and_goes_by_a_command(home: Path) -> None:
    add("ann@example.com", "--role", "administrator")

    added = command("sample-data", "add")
    again = command("sample-data", "add")
    removed = command("sample-data", "remove")

    assert (added.exit_code, again.exit_code, removed.exit_code) == (0, 1, 0)
    assert "10 × ticket" in added.output
    assert again.output == "Error: the sample data is there already\n"
    assert "10 × ticket" in removed.output
    assert "kept" not in removed.output


def test_sample_data_needs_somebody_whose_name_it_bears(home: Path) -> None:
    add("ann@example.com")

    done = command("sample-data", "add")

    assert done.output == "Error: nobody administers this center yet; make the first account\n"

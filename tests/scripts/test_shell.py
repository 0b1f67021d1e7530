"""A step is done again exactly when what it is made of has changed."""

import os
from pathlib import Path

import pytest

from scripts import debian, shell
from scripts.shell import TroubleError, fingerprint, noted, output_of, run, write_note


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shell, "ROOT", tmp_path)
    return tmp_path


def test_contents_and_names_make_the_print_and_times_do_not(folder: Path) -> None:
    one, two = folder / "one", folder / "two"
    one.write_text("a")
    two.write_text("b")
    before = fingerprint([one, two])

    os.utime(one, (1, 1))
    touched = fingerprint([two, one])
    one.write_text("b")
    two.write_text("a")

    assert touched == before
    assert fingerprint([one, two]) != before
    assert fingerprint([one, two], "3.12") != fingerprint([one, two], "3.11")


def test_a_note_is_read_back_and_missing_is_empty(folder: Path) -> None:
    note = folder / "notes" / "done"

    assert noted(note) == ""
    write_note(note, "abc")
    assert noted(note) == "abc"


def test_a_command_that_fails_is_named(folder: Path) -> None:
    with pytest.raises(TroubleError, match="failed with status 3: sh -c 'exit 3'"):
        run(["sh", "-c", "exit 3"], cwd=folder)
    with pytest.raises(TroubleError, match="no-such-program"):
        run(["no-such-program"], cwd=folder)
    with pytest.raises(TroubleError, match="sh -c"):
        output_of(["sh", "-c", "exit 3"])


def test_what_may_not_be_installed_is_told_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(TroubleError, match=r"apt-get install -y .* dovecot-imapd"):
        debian.install(["dovecot-imapd"])

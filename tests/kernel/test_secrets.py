"""Secrets show themselves to nobody, and only the right key for the right purpose opens them."""

import asyncio
import pickle
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from kernel.errors import SettingsError
from kernel.secrets import (
    Sealer,
    SealError,
    Secret,
    decode_secret,
    encode_secret,
    load_master,
    make_master,
)

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


class Login(Struct):
    user: str
    password: Secret


def test_a_secret_is_masked_wherever_it_is_shown() -> None:
    login = Login("ann", Secret("hunter2-long"))

    shown = [str(login), f"{login.password}", repr([login.password]), f"{login.password!s:>9}"]

    assert not any("hunter2" in text for text in shown)
    assert login.password.reveal() == "hunter2-long"


def test_a_secret_is_read_from_the_wire_and_never_written_to_it() -> None:
    login = msgspec.json.decode(
        b'{"user": "ann", "password": "hunter2"}', type=Login, dec_hook=decode_secret
    )

    assert login.password == Secret("hunter2")
    assert msgspec.json.encode(login, enc_hook=encode_secret) == b'{"user":"ann","password":"***"}'
    with pytest.raises(TypeError):
        msgspec.json.encode(login)


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hunter2"))


def test_what_was_sealed_is_opened_for_the_same_purpose_only() -> None:
    sealer = Sealer(NEW)
    sealed = sealer.seal("mail account", "пароль")

    assert sealer.unseal("mail account", sealed) == "пароль"
    assert "пароль" not in sealed
    with pytest.raises(SealError):
        sealer.unseal("widget", sealed)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-2], lambda s: "A" + s[1:], lambda s: "é", str.lower]
)
def test_a_changed_seal_is_refused(change: object) -> None:
    assert callable(change)
    sealer = Sealer(NEW)

    with pytest.raises(SealError):
        sealer.unseal("mail account", change(sealer.seal("mail account", "x")))


def test_an_older_master_still_opens_and_resealing_lets_it_go() -> None:
    sealed = Sealer(OLD).seal("mail account", "hunter2")
    both = Sealer(NEW, OLD)

    resealed = both.reseal("mail account", sealed)

    assert both.unseal("mail account", sealed) == "hunter2"
    assert Sealer(NEW).unseal("mail account", resealed) == "hunter2"
    with pytest.raises(SealError):
        Sealer(NEW).unseal("mail account", sealed)


def test_proof_keys_differ_by_purpose_and_master_and_the_newest_comes_first() -> None:
    both = Sealer(NEW, OLD)

    keys = {both.proof_key("thread"), both.proof_key("widget"), Sealer(OLD).proof_key("thread")}

    assert len(keys) == 3
    assert both.proof_keys("thread") == (
        Sealer(NEW).proof_key("thread"),
        Sealer(OLD).proof_key("thread"),
    )


def test_the_first_start_makes_a_private_key_that_the_second_finds(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret.key"

    made = make_master(path)

    assert load_master(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_a_missing_key_is_not_invented_by_who_wants_to_read_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"secret\.key is not there; restore it"):
        load_master(tmp_path / "secret.key")

    assert list(tmp_path.iterdir()) == []


async def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"

    with ThreadPoolExecutor(16) as pool:
        loop = asyncio.get_running_loop()
        keys = await asyncio.gather(
            *(loop.run_in_executor(pool, make_master, path) for _ in range(64))
        )

    assert len(set(keys)) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# only a comment\n",
        "changeme\n",
        "c2hvcnQ=\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "c2FtcGxlLXNlY3JldC1rZXktMTIzNDU2Nzg5MC1hYmNkZWZn\n",
        "not base64 at all!\n",
    ],
    ids=["empty", "comment", "changeme", "short", "zeros", "sample phrase", "not a key"],
)
def test_a_weak_or_sample_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(SettingsError, match=r"secret\.key"):
        load_master(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    make_master(path)
    path.chmod(0o640)

    with pytest.raises(SettingsError, match="chmod 600"):
        load_master(path)

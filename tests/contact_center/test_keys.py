"""The master key is made for a fresh center only; a lost one is missed, never replaced silently."""

from pathlib import Path

import pytest

from channels import accounts
from channels.tables import AccountRow
from contact_center import operating
from contact_center.keys import key_path, open_sealer
from contact_center.settings import Settings
from desk.connecting import NewLine
from kernel.database import Database
from kernel.errors import SettingsError
from kernel.secrets import SealError, Secret
from tests.clock import ManualClock


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path / "var", database_url=Secret(database_url), listen_port=1)


async def _connect_mailbox(settings: Settings, database: Database, clock: ManualClock) -> None:
    """Seal the password of a mailbox with the key of a first start."""
    wanted = NewLine(kind="mail", name="Support", settings={}, secrets={"imap_password": "horse"})
    sealer = await open_sealer(settings, database)
    async with database.transaction() as session:
        await accounts.create_account(session, sealer, wanted, now=clock.now())


async def _only_account(database: Database) -> AccountRow:
    async with database.reading() as session:
        (row,) = await accounts.list_accounts(session)
    return row


async def test_a_fresh_center_makes_its_key_once(settings: Settings, database: Database) -> None:
    first = await open_sealer(settings, database)
    second = await open_sealer(settings, database)

    assert second.unseal("account", first.seal("account", "horse")) == "horse"


async def test_a_center_that_sealed_something_does_not_start_without_its_key(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await _connect_mailbox(settings, database, clock)
    key_path(settings).unlink()

    with pytest.raises(SettingsError, match=r"restore the file .*new-key"):
        await open_sealer(settings, database)

    assert not key_path(settings).exists()


async def test_with_its_key_back_it_opens_what_it_sealed(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await _connect_mailbox(settings, database, clock)
    kept = key_path(settings).rename(settings.data_dir.parent / "kept.key")
    kept.rename(key_path(settings))

    sealer = await open_sealer(settings, database)

    account = accounts.open_account(sealer, await _only_account(database))
    assert account.secrets == {"imap_password": "horse"}


async def test_a_key_lost_for_good_is_replaced_on_demand_and_passwords_are_forgotten(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await _connect_mailbox(settings, database, clock)
    before = await _only_account(database)
    key_path(settings).unlink()

    forgotten = await operating.new_key(settings)

    after = await _only_account(database)
    assert (forgotten, after.secrets, after.version) == (1, {}, before.version + 1)
    with pytest.raises(SealError):
        (await open_sealer(settings, database)).unseal("account", before.secrets["imap_password"])


async def test_a_key_that_is_there_is_not_replaced(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await _connect_mailbox(settings, database, clock)
    key = key_path(settings).read_bytes()

    with pytest.raises(SettingsError, match="nothing was lost"):
        await operating.new_key(settings)

    assert key_path(settings).read_bytes() == key
    assert (await _only_account(database)).secrets


async def test_no_key_is_made_for_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", listen_port=1)

    with pytest.raises(SettingsError):
        await operating.new_key(settings)

    assert not key_path(settings).exists()

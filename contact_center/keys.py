"""The master key: made once for a fresh center, never invented for one that sealed something."""

from pathlib import Path
from typing import Final

from sqlalchemy import select

from channels import accounts
from channels.tables import AccountRow
from contact_center.settings import Settings
from kernel.database import Database
from kernel.errors import SettingsError
from kernel.secrets import Sealer, load_master, make_master

KEY_FILE: Final = "secret.key"


def key_path(settings: Settings) -> Path:
    return settings.data_dir / KEY_FILE


async def open_sealer(settings: Settings, database: Database) -> Sealer:
    """Return what opens stored secrets; the database must have its schema.

    Raises SettingsError when the key is missing although accounts were connected: a new one could
    not open their passwords, nor know our own Message-IDs in clients' replies.
    """
    path = key_path(settings)
    if path.exists():
        return Sealer(*load_master(path))
    async with database.reading() as session:
        used = await session.scalar(select(AccountRow.id).limit(1)) is not None
    if used:
        raise SettingsError(
            f"the master key {path} is missing, but this database holds what it sealed: restore "
            "the file from your backup; if it is lost for good, run: contact-center new-key"
        )
    return Sealer(*make_master(path))


async def replace_lost_key(settings: Settings, database: Database) -> int:
    """Forget every stored secret, then make a new key; return how many accounts lost theirs.

    Raises SettingsError while the old key is still there: then nothing needs to be forgotten.
    """
    path = key_path(settings)
    if path.exists():
        raise SettingsError(f"{path} is there; nothing was lost")
    async with database.transaction() as session:
        forgotten = await accounts.forget_secrets(session)
    make_master(path)
    return forgotten

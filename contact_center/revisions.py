"""Runs the migrations, by Alembic, on a connection that is handed over."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def run_to(connection: Connection, revision: str) -> None:
    """Run what is missing up to `revision`, inside the transaction of `connection`."""
    command.upgrade(alembic_config(connection), revision)

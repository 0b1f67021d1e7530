"""A desk whose tickets are looked at closely."""

from tests.desk.conftest import database, migrated_file, office

__all__ = ["database", "migrated_file", "office"]

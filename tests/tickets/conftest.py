"""A desk whose tickets are looked at closely."""

from tests.desk.conftest import office

__all__ = ["office"]

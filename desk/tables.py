"""What the house knows of itself: whose it is, how far its first hour came, what is a sample."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table


class CompanyRow(Table):
    """Whose center this is: one row at most; what is empty there, the operator's settings say."""

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    default_locale: Mapped[str | None]
    steps: Mapped[list[str]]
    """The steps of the first hour that were done or skipped."""
    welcomed_at: Mapped[datetime | None]
    """When the first hour was declared over."""


class SampleRow(Table):
    """One thing that was added as a sample, so that removal takes exactly what was added."""

    __tablename__ = "sample"

    kind: Mapped[str] = mapped_column(primary_key=True)
    """The name of its table."""
    id: Mapped[UUID] = mapped_column(primary_key=True)

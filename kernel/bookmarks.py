"""How far a reader of the journal came, kept so that a restart goes on from there."""

from sqlalchemy import BigInteger
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables import Table
from kernel.upsert import put_row


class BookmarkRow(Table):
    __tablename__ = "bookmark"

    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


async def read_bookmark(session: AsyncSession, name: str) -> int:
    row = await session.get(BookmarkRow, name)
    return row.seq if row else 0


async def set_bookmark(session: AsyncSession, name: str, seq: int) -> None:
    await put_row(session, BookmarkRow, {"name": name, "seq": seq}, key=("name",))

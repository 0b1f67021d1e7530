"""The shelves of the knowledge base: added, renamed, moved and taken down."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import NAME_CHARS
from knowledge_base.audience import Audience, readable_by
from knowledge_base.events import CategoryChanged
from knowledge_base.service import EDIT
from knowledge_base.tables import ArticleRow, CategoryRow
from knowledge_base.writing import LOCALES


class Category(Struct, frozen=True, kw_only=True):
    id: UUID
    names: dict[str, str]
    position: int

    def name(self, locale: str) -> str:
        """Return the name in `locale`, or in the first language it has one in."""
        return next(self.names[one] for one in (locale, *LOCALES) if one in self.names)


async def list_categories(session: AsyncSession, audience: Audience) -> list[Category]:
    """Return the shelves in order; readers are told only of those with something for them."""
    statement = select(CategoryRow).order_by(CategoryRow.position, CategoryRow.id)
    if audience is Audience.EVERYONE:
        statement = statement.where(
            exists().where(ArticleRow.category_id == CategoryRow.id, readable_by(audience))
        )
    return [
        Category(id=row.id, names=row.names, position=row.position)
        for row in await session.scalars(statement)
    ]


async def add_category(
    session: AsyncSession, actor: Actor, *, names: Mapping[str, str], position: int = 0
) -> Category:
    actor.require(EDIT)
    row = CategoryRow(id=new_id(), names=_checked(names), position=position)
    session.add(row)
    await session.flush()
    _tell(session, actor, row.id)
    return Category(id=row.id, names=row.names, position=position)


async def change_category(
    session: AsyncSession,
    actor: Actor,
    category_id: UUID,
    *,
    names: Mapping[str, str],
    position: int,
) -> Category:
    """Rename and place a shelf anew; raises NotFoundError when there is none."""
    actor.require(EDIT)
    checked = _checked(names)
    changed = await session.execute(
        update(CategoryRow)
        .where(CategoryRow.id == category_id)
        .values(names=checked, position=position)
        .returning(CategoryRow.id)
    )
    if changed.first() is None:
        raise NotFoundError(f"no category {category_id}")
    _tell(session, actor, category_id)
    return Category(id=category_id, names=checked, position=position)


async def remove_category(session: AsyncSession, actor: Actor, category_id: UUID) -> None:
    """Take a shelf down; its articles stay, on no shelf. An unknown one is no error."""
    actor.require(EDIT)
    await session.execute(
        update(ArticleRow).where(ArticleRow.category_id == category_id).values(category_id=None)
    )
    await session.execute(delete(CategoryRow).where(CategoryRow.id == category_id))
    _tell(session, actor, category_id)


def _tell(session: AsyncSession, actor: Actor, category_id: UUID) -> None:
    record(session, CategoryChanged(actor_id=actor.agent_id, category_id=category_id))


def _checked(names: Mapping[str, str]) -> dict[str, str]:
    clean = {locale: " ".join(name.split()) for locale, name in names.items()}
    if not clean or not clean.keys() <= set(LOCALES):
        raise InvalidInputError(f"name it in one of {', '.join(LOCALES)}", field="names")
    if any(not name or len(name) > NAME_CHARS for name in clean.values()):
        raise InvalidInputError(f"a name has 1 to {NAME_CHARS} letters", field="names")
    return clean

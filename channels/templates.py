"""Texts that a provider has approved before, kept of each account as its provider lists them."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import TemplateUse
from channels.tables import TemplateRow
from kernel.errors import InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.limits import TEMPLATE_CHARS, TEMPLATE_VALUE_CHARS, TEMPLATES
from kernel.urls import check_url

APPROVED: Final = "approved"
_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_.]{1,80})\s*\}\}")
_GAP: Final = re.compile(r"[\r\n\t]|    ")


class Template(Struct, frozen=True, kw_only=True):
    """One text in one language. Variables stand in its parts as `{{key}}`; a key is unique in the
    whole template."""

    external_id: str
    name: str
    language: str
    category: str
    """`marketing`, `utility`, `authentication`, or the provider's word; empty: it says none."""
    status: str
    """`approved`, or the provider's word why not."""
    header: str = ""
    body: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    """What stands on them; of one that opens a page, its address behind an arrow."""
    links: tuple[str, ...] = ()
    """Variables that are addresses of files, beside those in the text."""
    examples: Mapping[str, str] = msgspec.field(default_factory=dict)
    unusable: str = ""
    """Why we cannot send it, though it is approved; in words."""

    @property
    def variables(self) -> list[str]:
        """The keys of what must be filled in, in the order of the text."""
        parts = (self.header, self.body, self.footer, *self.buttons)
        found = [key for part in parts for key in _VARIABLE.findall(part)]
        return list(dict.fromkeys([*self.links, *found]))

    def rendered(self, values: Mapping[str, str]) -> str:
        """Return how it reads with these values; a variable without one stays as it is."""
        paragraphs = [
            *(f"[{values[key]}]" for key in self.links if key in values),
            *(filled(part, values) for part in (self.header, self.body, self.footer)),
            " ".join(f"[{filled(one, values)}]" for one in self.buttons),
        ]
        return "\n\n".join(one for one in paragraphs if one)


class Kept(Struct, frozen=True, kw_only=True):
    """A template with our own id of it."""

    id: UUID
    account_id: UUID
    seen_at: datetime
    template: Template


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their variables."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def keyed(text: str, place: str) -> str:
    """Prefix each variable of a part with its place, so that its key is unique."""
    return _VARIABLE.sub(lambda found: f"{{{{{place}.{found[1]}}}}}", text)


def use_of(template: Template, values: Mapping[str, str]) -> TemplateUse:
    """Return what is sent; raises InvalidInputError, naming `template`, for what its provider would
    refuse: it is not approved, or a value is missing, unknown, too long or of the wrong kind."""
    if template.status != APPROVED:
        raise _wrong(f"“{template.name}” is not approved ({template.status}); choose another one")
    if template.unusable:
        raise _wrong(f"“{template.name}” cannot be sent from here: {template.unusable}")
    wanted = template.variables
    given = {key: value.strip() for key, value in values.items()}
    if missing := [key for key in wanted if not given.get(key)]:
        raise _wrong(f"fill in every variable of the template; missing: {', '.join(missing)}")
    if unknown := sorted(set(given) - set(wanted)):
        raise _wrong(f"the template has no variable {', '.join(unknown)}")
    for key in wanted:
        _check(template, key, given[key])
    if len(template.rendered(given)) > TEMPLATE_CHARS:
        raise _wrong("the template with these values is too long; shorten them")
    return TemplateUse(
        external_id=template.external_id,
        name=template.name,
        language=template.language,
        values={key: given[key] for key in wanted},
    )


def _check(template: Template, key: str, value: str) -> None:
    if len(value) > TEMPLATE_VALUE_CHARS:
        raise _wrong(f"the value of {key} has more than {TEMPLATE_VALUE_CHARS:,} characters")
    if _GAP.search(value):
        raise _wrong(f"the value of {key} holds a new line, a tab or a row of spaces; take it out")
    if key in template.links:
        try:
            check_url(value, allow_private=False)
        except InvalidInputError as error:
            raise _wrong(f"{key}: {error.message}") from error


async def keep(
    session: AsyncSession, account_id: UUID, found: Sequence[Template], now: datetime
) -> int:
    """Make what is kept of an account what its provider lists now; return how many there are."""
    rows = await session.scalars(select(TemplateRow).where(TemplateRow.account_id == account_id))
    known = {(row.name, row.language): row for row in rows}
    listed = {(one.name, one.language): one for one in found[:TEMPLATES]}
    for key, template in listed.items():
        row = known.pop(key, None)
        if row is None:
            row = TemplateRow(id=new_id(), account_id=account_id)
            session.add(row)
        row.name, row.language, row.status = template.name, template.language, template.status
        row.content, row.seen_at = msgspec.to_builtins(template), now
    if known:
        gone = [row.id for row in known.values()]
        await session.execute(delete(TemplateRow).where(TemplateRow.id.in_(gone)))
    return len(listed)


async def list_templates(session: AsyncSession, account_ids: Collection[UUID]) -> list[Kept]:
    """Return what is kept of these accounts, by name and language."""
    rows = await session.scalars(
        select(TemplateRow)
        .where(TemplateRow.account_id.in_(account_ids))
        .order_by(TemplateRow.name, TemplateRow.language, TemplateRow.id)
    )
    return [_kept(row) for row in rows]


async def find_template(session: AsyncSession, template_id: UUID) -> Kept:
    row = await session.get(TemplateRow, template_id)
    if row is None:
        raise NotFoundError("this template is gone; refresh the list and choose another one")
    return _kept(row)


def _kept(row: TemplateRow) -> Kept:
    return Kept(
        id=row.id,
        account_id=row.account_id,
        seen_at=row.seen_at,
        template=msgspec.convert(row.content, Template),
    )


def _wrong(words: str) -> InvalidInputError:
    return InvalidInputError(words, field="template")

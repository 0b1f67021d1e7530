"""Texts that providers have approved before: kept, refreshed, chosen in the composer."""

from uuid import UUID

from msgspec import Struct

from channels import templates
from channels.templates import APPROVED, Kept
from web.routes import Call, get, post
from web.template_shapes import TemplatesListed, TemplateView, VariableView


class TemplateQuery(Struct, forbid_unknown_fields=True):
    account_id: UUID


async def list_templates(call: Call, query: TemplateQuery) -> list[TemplateView]:
    """Templates of an account, as its provider listed them last"""
    async with call.house.database.reading() as session:
        found = await templates.list_templates(session, [query.account_id])
    return [_view(one) for one in found]


async def refresh_templates(call: Call) -> TemplatesListed:
    """Ask the provider for the templates of an account now"""
    return TemplatesListed(count=await call.house.templates.refresh(call.id()))


def _view(kept: Kept) -> TemplateView:
    one = kept.template
    return TemplateView(
        id=kept.id,
        account_id=kept.account_id,
        name=one.name,
        language=one.language,
        category=one.category,
        status=one.status,
        usable=one.status == APPROVED and not one.unusable,
        unusable=one.unusable,
        header=one.header,
        body=one.body,
        footer=one.footer,
        buttons=list(one.buttons),
        variables=[
            VariableView(key=key, example=one.examples.get(key, ""), link=key in one.links)
            for key in one.variables
        ],
        seen_at=kept.seen_at,
    )


ROUTES = [
    get("/templates", list_templates, "ticket.reply"),
    post("/accounts/{id}/templates/refresh", refresh_templates, "ticket.reply"),
]

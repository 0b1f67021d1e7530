"""The center itself: its name and language, its first hour, and the sample data."""

from typing import Any, cast

from msgspec import UnsetType, structs
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from desk.company import Company, CompanyChange, change_company, read_company
from desk.quiet_hours import QuietHours
from desk.samples.adding import add_samples, has_samples
from desk.samples.removing import remove_samples
from web.center_shapes import CenterPatch, CenterView, QuietHoursBody, QuietHoursView, SamplesView
from web.routes import Call, delete, get, patch, post

MANAGE = "center.manage"


async def get_center(call: Call) -> CenterView:
    """Whose center this is, how far its first hour came, whether sample data is there"""
    async with call.house.database.reading() as session:
        company = await read_company(session, _usual(call))
        return await _view(session, company)


async def patch_center(call: Call, body: CenterPatch) -> CenterView:
    """Change name, language or what agents see, or note a step of the first hour"""
    change = CompanyChange(
        name=body.company,
        default_locale=body.default_locale,
        steps=body.steps,
        welcomed=body.welcomed,
        tells_reading=body.tells_reading,
        quiet_hours=_quiet_hours(body.quiet_hours),
    )
    async with call.house.database.transaction() as session:
        company = await change_company(
            session, change, _usual(call), by=call.actor.agent_id, now=call.house.clock.now()
        )
        view = await _view(session, company)
    call.house.options = replace(
        call.house.options, company=company.name, default_locale=company.default_locale
    )
    return view


async def post_samples(call: Call) -> SamplesView:
    """Add the sample data: clients, tickets, articles, canned replies, a widget"""
    async with call.house.database.transaction() as session:
        added = await add_samples(
            session, call.house.sealer, actor=call.actor, now=call.house.clock.now()
        )
    return SamplesView(added=added)


async def delete_samples(call: Call) -> SamplesView:
    """Remove exactly what was added as sample data"""
    async with call.house.database.transaction() as session:
        removed = await remove_samples(session, actor=call.actor, now=call.house.clock.now())
    return SamplesView(gone=removed.gone, kept=removed.kept)


def _usual(call: Call) -> Company:
    options = call.house.options
    return Company(name=options.company, default_locale=options.default_locale)


async def _view(session: AsyncSession, company: Company) -> CenterView:
    quiet = company.quiet_hours
    return CenterView(
        company=company.name,
        default_locale=cast("Any", company.default_locale),
        steps=cast("Any", list(company.steps)),
        welcomed=company.welcomed,
        samples=await has_samples(session),
        tells_reading=company.tells_reading,
        quiet_hours=None if quiet is None else QuietHoursView(**structs.asdict(quiet)),
    )


def _quiet_hours(body: QuietHoursBody | UnsetType | None) -> QuietHours | UnsetType | None:
    if body is None or isinstance(body, UnsetType):
        return body
    return QuietHours(**structs.asdict(body))


ROUTES = [
    get("/center", get_center, MANAGE),
    patch("/center", patch_center, MANAGE),
    post("/samples", post_samples, MANAGE, status=201),
    delete("/samples", delete_samples, MANAGE),
]

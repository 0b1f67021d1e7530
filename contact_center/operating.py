"""What the commands of the operator do, each on the center that the settings name."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from contact_center import migrate as migrating
from contact_center.account_checks import AccountCheck, check_accounts
from contact_center.backups.checking import Checked, check_archive
from contact_center.backups.restoring import Restored, restore_backup
from contact_center.backups.snapshot import open_database, require_current_schema
from contact_center.backups.writing import Written, write_backup
from contact_center.doctor.finding import Level
from contact_center.doctor.visit import examine
from contact_center.keys import open_sealer, replace_lost_key
from contact_center.serving import held_alone
from contact_center.settings import Settings
from desk.samples import adding, removing
from desk.samples.removing import Removed
from desk.whose import tell_whose
from kernel.actor import Actor
from kernel.clock import SystemClock
from kernel.database import Database
from kernel.errors import InvalidInputError, NotFoundError
from staff import queries
from staff import service as staff
from staff.passwords import Passwords, check_password
from staff.permissions import ADMINISTRATOR, READY_ROLES
from staff.service import NewAgent

Say = Callable[[str], object]
"""Prints one line for the operator."""


async def migrate(settings: Settings) -> str:
    """Bring the database, which is made if absent, to this version's schema; return which."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url.reveal(), SystemClock())
    try:
        await migrating.upgrade(database)
    finally:
        await database.close()
    return migrating.newest_revision()


async def add_agent(settings: Settings, email: str, name: str, role: str, password: str) -> None:
    """Add somebody with a ready-made role; InvalidInputError when something will not do.

    The database is made first when there is none.
    """
    known = {ready.name.casefold(): ready for ready in READY_ROLES}
    if role.casefold() not in known:
        raise InvalidInputError(f"there is no role {role}; there are {', '.join(sorted(known))}")
    check_password(password, email=email, name=name)
    clock = SystemClock()
    hashed = await Passwords().hash(password)
    who = NewAgent(
        name=name,
        email=email,
        password_hash=hashed,
        role_id=known[role.casefold()].id,
        locale=settings.default_locale,
    )
    await migrate(settings)
    async with open_database(settings, clock) as database, database.transaction() as session:
        await staff.add_agent(session, who, clock.now())


async def check_channels(settings: Settings, name: str | None, say: Say) -> bool:
    """Try one account, or all that are on, and say how far each came; True when all work."""
    clock = SystemClock()
    async with open_database(settings, clock) as database:
        async with database.reader.connect() as connection:
            await connection.run_sync(require_current_schema)
        sealer = await open_sealer(settings, database)
        checks = await check_accounts(database, settings, sealer, clock, name=name)
    if name is not None and not checks:
        raise NotFoundError(f"there is no account called {name}")
    for check in checks:
        _say_check(check, say)
    if not checks:
        say("no account is switched on")
    return all(check.ok for check in checks)


async def new_key(settings: Settings) -> int:
    """Replace a master key that is lost for good; return how many accounts need passwords anew."""
    with held_alone(settings.data_dir):
        async with open_database(settings, SystemClock()) as database:
            async with database.reader.connect() as connection:
                await connection.run_sync(require_current_schema)
            return await replace_lost_key(settings, database)


async def backup(settings: Settings, target: Path, *, with_key: bool = True) -> Written:
    """Write everything to one archive while the center runs."""
    return await write_backup(settings, target, SystemClock(), with_key=with_key)


async def restore(settings: Settings, source: Path) -> Restored:
    """Restore an archive into an empty center that does not run."""
    with held_alone(settings.data_dir):
        return await restore_backup(settings, source, SystemClock())


async def add_samples(settings: Settings) -> dict[str, int]:
    """Add the sample data in the name of an administrator; return how many of each kind."""
    clock = SystemClock()
    async with open_database(settings, clock) as database:
        sealer = await open_sealer(settings, database)
        database.before_commit(tell_whose)
        async with database.transaction() as session:
            who = await _administrator(session)
            return await adding.add_samples(session, sealer, actor=who, now=clock.now())


async def remove_samples(settings: Settings) -> Removed:
    """Remove exactly the sample data."""
    clock = SystemClock()
    async with open_database(settings, clock) as database:
        database.before_commit(tell_whose)
        async with database.transaction() as session:
            who = await _administrator(session)
            return await removing.remove_samples(session, actor=who, now=clock.now())


async def _administrator(session: AsyncSession) -> Actor:
    for one in await queries.list_agents(session):
        if one.active and one.role_id == ADMINISTRATOR.id:
            return Actor(agent_id=one.id, name=one.name, permissions=ADMINISTRATOR.permissions)
    raise NotFoundError("nobody administers this center yet; make the first account")


def check_backup(source: Path) -> Checked:
    """Read an archive to its end; ArchiveError when it could not be restored."""
    return check_archive(source)


async def doctor(settings: Settings, say: Say) -> bool:
    """Say how everything is; False when something is bad, while a warning is no failure."""
    counts = dict.fromkeys(Level, 0)
    async for finding in examine(settings, SystemClock()):
        counts[finding.level] += 1
        say(str(finding))
    say(", ".join(f"{count} {level}" for level, count in counts.items()))
    return counts[Level.BAD] == 0


def _say_check(check: AccountCheck, say: Say) -> None:
    say(f"{check.name} ({check.kind}), now {check.health.replace('_', ' ')}")
    for step in check.steps:
        mark = "ok" if step.ok else "FAILED"
        say(f"  {mark:<7}{step.name:<16}{step.detail}".rstrip())
        if step.cure:
            say(f"         -> {step.cure}")

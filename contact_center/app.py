"""The roof: the one place that knows every room and puts the parts together."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from msgspec import Struct

from channels.webchat.hub import VisitorHub
from contact_center.connectors import connector_makers
from contact_center.keys import open_sealer
from contact_center.migrate import upgrade
from contact_center.settings import Settings
from desk.calling_back import CallingBack
from desk.chat_continuation import ChatContinuation
from desk.chat_live import ChatLive
from desk.company import Company, read_company
from desk.courier import Courier
from desk.dispatch import Dispatcher
from desk.farewells import Farewells
from desk.first_start import furnish
from desk.housekeeping import Housekeeper
from desk.indexer import Indexer
from desk.intake import Intake
from desk.later import Scheduler
from desk.lines import Lines
from desk.notifications.digest import Digester
from desk.notifications.pusher import Pusher
from desk.notifications.subscriptions import ensure_key
from desk.notifications.teller import Teller
from desk.seen import ReadMarks
from desk.settings_history import watch
from desk.snoozing import Waker
from desk.tally import Tally
from desk.telephone.beside import Beside
from desk.telephone.controls import Controls
from desk.telephone.switchboard import Switchboard
from desk.templates import TemplateKeeper
from desk.typists import Typists
from desk.vigil import Vigil
from desk.watch import FloorWatch, standing_of
from desk.whose import tell_whose
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.feed import Feed
from kernel.guests import Guests
from kernel.http import HttpClient
from kernel.secrets import Sealer
from kernel.supervise import Supervisor
from staff import service as staff
from staff.passwords import Passwords
from staff.sessions import Terms
from staff.throttle import Throttle
from web.house import House, SiteOptions
from web.live import Hub
from web.rights import keep_rights
from web.server import build_site

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent.parent / "web" / "static"
MAIL_GUESTS = 1


class Center(Struct, frozen=True, kw_only=True):
    """A running center: the site to serve and the house behind it."""

    site: web.Application
    house: House


@asynccontextmanager
async def open_center(settings: Settings, clock: Clock) -> AsyncIterator[Center]:
    """Open every part in order; leaving the block closes them in the opposite one.

    Stopping is: consoles are asked to come back, listening ends, the parcel in hand is finished,
    providers are hung up on, the database closes last.
    """
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings.database_url.reveal(), clock)
        stack.push_async_callback(database.close)
        database.before_commit(tell_whose)
        database.before_flush(watch)
        await upgrade(database)
        sealer = await open_sealer(settings, database)
        async with database.transaction() as session:
            await furnish(session, clock.now())
            await ensure_key(session, sealer, clock.now())
        house = await _build(stack, settings, clock, sealer, database)
        site = build_site(house)
        await _start(house)
        yield Center(site=site, house=house)
        house.hub.close()


async def _build(
    stack: AsyncExitStack, settings: Settings, clock: Clock, sealer: Sealer, database: Database
) -> House:
    blobs = BlobStore(settings.data_dir / "blobs")
    feed = Feed(database, clock)
    guests = await stack.enter_async_context(Guests("channels.mail.guest", MAIL_GUESTS))
    http = HttpClient(allow_private=settings.allow_private_hosts)
    await stack.enter_async_context(http)
    visitors = VisitorHub()
    hub = Hub()
    supervisor = Supervisor(clock)
    makers = connector_makers(settings, clock, sealer, database, guests, blobs)
    lines = Lines(database, clock, sealer, supervisor, makers)
    intake = Intake(database, clock, blobs, lines)
    courier = Courier(database, clock, blobs)
    lines.join(intake.accept, courier)
    stack.push_async_callback(lines.close)
    await stack.enter_async_context(supervisor)
    dispatcher = Dispatcher(database, clock, _node_name(settings.data_dir))
    music = f"{settings.public_url.rstrip('/')}/telephone/music.wav"
    switchboard = Switchboard(database, clock, lines, dispatcher, blobs, music)
    return House(
        options=await _options(settings, database),
        clock=clock,
        database=database,
        feed=feed,
        blobs=blobs,
        sealer=sealer,
        supervisor=supervisor,
        intake=intake,
        courier=courier,
        dispatcher=dispatcher,
        lines=lines,
        vigil=Vigil(database, clock, hub.present),
        farewells=Farewells(database, clock, hub.present),
        calling_back=CallingBack(database, clock, dispatcher),
        switchboard=switchboard,
        controls=Controls(database, clock, lines, dispatcher, switchboard.errands),
        beside=Beside(database, clock, lines, switchboard.errands),
        indexer=Indexer(database, clock),
        read_marks=ReadMarks(database, clock, lines),
        typists=Typists(database, clock, lines),
        templates=TemplateKeeper(database, clock, lines),
        tally=Tally(database, clock),
        waker=Waker(database, clock),
        scheduler=Scheduler(database, clock),
        teller=Teller(database, clock),
        pusher=Pusher(database, clock, sealer, http, settings.public_url),
        hub=hub,
        visitors=visitors,
        chat=ChatLive(database, clock, visitors),
        chat_continuation=ChatContinuation(database, clock, visitors, lines),
        passwords=Passwords(),
        throttle=Throttle(clock),
        setup_token=await _setup_token(database),
    )


async def _start(house: House) -> None:
    """Subscribe the readers of the journal, then start every loop."""
    await house.feed.start()
    house.hub.start(house.feed.seq)
    for hear in (
        house.dispatcher.hear,
        house.hub.hear,
        house.courier.hear,
        house.lines.hear,
        house.indexer.hear,
        house.read_marks.hear,
        house.templates.hear,
        house.tally.hear,
        house.farewells.hear,
        house.calling_back.hear,
        house.switchboard.hear,
        house.chat.hear,
        house.waker.hear,
        house.scheduler.hear,
        house.teller.hear,
        house.pusher.hear,
    ):
        house.feed.subscribe(hear)
    await house.switchboard.come_back()
    await house.lines.settle()
    for name, loop in (
        ("feed", house.feed.run),
        ("intake", house.intake.run),
        ("dispatch", house.dispatcher.run),
        ("lines", house.lines.run),
        ("vigil", house.vigil.run),
        ("farewells", house.farewells.run),
        ("callbacks", house.calling_back.run),
        ("telephone", house.switchboard.run),
        ("indexer", house.indexer.run),
        ("read marks", house.read_marks.run),
        ("typists", house.typists.run),
        ("templates", house.templates.run),
        ("tally", house.tally.run),
        ("floor watch", _floor_watch(house).run),
        ("housekeeping", Housekeeper(house.database, house.clock, house.blobs).run),
        ("waker", house.waker.run),
        ("scheduler", house.scheduler.run),
        ("notifications", house.teller.run),
        ("push", house.pusher.run),
        ("digest", _digester(house).run),
        ("chat", house.chat.run),
        ("chat continuation", house.chat_continuation.run),
        ("rights", lambda: keep_rights(house.database, house.hub)),
    ):
        house.supervisor.keep(name, loop)


def _floor_watch(house: House) -> FloorWatch:
    return FloorWatch(house.database, house.clock, standing_of(house.dispatcher))


def _digester(house: House) -> Digester:
    return Digester(
        house.database,
        house.clock,
        public_url=house.options.public_url,
        company=lambda: house.options.company,
    )


async def _options(settings: Settings, database: Database) -> SiteOptions:
    """What the console said of the company wins over the operator's settings."""
    usual = Company(name=settings.company_name, default_locale=settings.default_locale)
    async with database.reading() as session:
        company = await read_company(session, usual)
    return SiteOptions(
        public_url=settings.public_url,
        company=company.name,
        static_dir=STATIC,
        secure_cookies=settings.sends_secure_cookies,
        trusted_proxies=settings.trusted_proxies,
        default_locale=company.default_locale,
        undo_window=timedelta(seconds=settings.undo_seconds),
        session_terms=Terms(
            idle=timedelta(hours=settings.session_idle_hours),
            life=timedelta(hours=settings.session_life_hours),
        ),
    )


def _node_name(data_dir: Path) -> str:
    """Name this node, the same after every start: only one center runs on a data directory."""
    file = data_dir / "node"
    if not file.exists():
        file.write_text(secrets.token_hex(8))
    return file.read_text()


async def _setup_token(database: Database) -> str | None:
    """A one-time word for the first administrator, printed on the console."""
    async with database.reading() as session:
        needed = await staff.needs_setup(session)
    return secrets.token_urlsafe(12) if needed else None

"""What a handler may ask the house for."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from aiohttp import web
from msgspec import Struct

from channels.webchat.hub import VisitorHub
from desk.calling_back import CallingBack
from desk.chat_continuation import ChatContinuation
from desk.chat_live import ChatLive
from desk.courier import Courier
from desk.dispatch import Dispatcher
from desk.farewells import Farewells
from desk.indexer import Indexer
from desk.intake import Intake
from desk.later import Scheduler
from desk.lines import Lines
from desk.notifications.pusher import Pusher
from desk.notifications.teller import Teller
from desk.rehearsal import Rehearsals
from desk.seen import ReadMarks
from desk.snoozing import Waker
from desk.tally import Tally
from desk.telephone.beside import Beside
from desk.telephone.controls import Controls
from desk.telephone.switchboard import Switchboard
from desk.templates import TemplateKeeper
from desk.typists import Typists
from desk.vigil import Vigil
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.database import Database
from kernel.feed import Feed
from kernel.limits import UNDO_WINDOW
from kernel.secrets import Sealer
from kernel.supervise import Supervisor
from staff.passwords import Passwords
from staff.sessions import DEFAULT_TERMS, Terms
from staff.throttle import Throttle
from web.live import Hub


class SiteOptions(Struct, frozen=True, kw_only=True):
    """What the web floor needs to know of the settings."""

    public_url: str
    company: str
    static_dir: Path
    secure_cookies: bool
    trusted_proxies: tuple[str, ...] = ()
    default_locale: str = "en"
    undo_window: timedelta = UNDO_WINDOW
    session_terms: Terms = DEFAULT_TERMS


@dataclass(slots=True, kw_only=True)
class House:
    """The running parts, as the edge sees them."""

    options: SiteOptions
    clock: Clock
    database: Database
    feed: Feed
    blobs: BlobStore
    sealer: Sealer
    supervisor: Supervisor
    intake: Intake
    courier: Courier
    dispatcher: Dispatcher
    lines: Lines
    vigil: Vigil
    farewells: Farewells
    calling_back: CallingBack
    switchboard: Switchboard
    controls: Controls
    beside: Beside
    indexer: Indexer
    read_marks: ReadMarks
    typists: Typists
    templates: TemplateKeeper
    tally: Tally
    waker: Waker
    scheduler: Scheduler
    teller: Teller
    pusher: Pusher
    hub: Hub
    visitors: VisitorHub
    chat: ChatLive
    chat_continuation: ChatContinuation
    passwords: Passwords
    throttle: Throttle
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    token_marks: dict[UUID, float] = field(default_factory=dict)
    """When each API token was last noted as used, by the monotonic clock."""
    setup_token: str | None = field(default=None, repr=False)


HOUSE = web.AppKey("house", House)

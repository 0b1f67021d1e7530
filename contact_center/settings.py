"""What an operator may set, from a TOML file and the environment, checked before anything runs."""

import ipaddress
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from kernel.configuration import read_settings
from kernel.errors import SettingsError
from kernel.limits import NAME_CHARS, SESSION_IDLE, SESSION_LIFE
from kernel.secrets import Secret

PREFIX = "CONTACT_CENTER_"
CONFIG_VARIABLE = "CONTACT_CENTER_CONFIG"
DEFAULT_FILE = Path("contact-center.toml")

_HOUR_SECONDS = 3_600
_SQLITE = "sqlite+aiosqlite:///"
_DATABASES = frozenset(
    {"postgresql", "postgres", "postgresql+asyncpg", "sqlite", "sqlite+aiosqlite"}
)


class Settings(Struct, frozen=True, kw_only=True):
    """The whole configuration; each field's description is its documentation."""

    listen_host: Annotated[
        str, Meta(description="The address to listen on; `0.0.0.0` is every IPv4 interface.")
    ] = "127.0.0.1"
    listen_port: Annotated[
        int, Meta(ge=0, le=65535, description="The port to listen on; `0` takes any free one.")
    ] = 8080
    public_url: Annotated[
        str,
        Meta(
            description="Where people reach the center, as they type it. Every link we send and "
            "every origin we accept comes from here, never from a request. "
            "Left empty: `http://`, the host and the port to listen on."
        ),
    ] = ""
    data_dir: Annotated[
        Path,
        Meta(
            description="Files, the SQLite database and the master key lie here (made if absent)."
        ),
    ] = Path("var")
    database_url: Annotated[
        Secret,
        Meta(
            description="`postgresql://user:password@host/name`, or `sqlite:///path`. "
            "Left empty: the file `center.db` in `data_dir`."
        ),
    ] = Secret("")
    database_allow_unsafe_commits: Annotated[
        bool,
        Meta(
            description="Start on a PostgreSQL whose `fsync`, `full_page_writes` or "
            "`synchronous_commit` is off: a power cut then loses mail that was acknowledged. "
            "For throw-away databases of tests only."
        ),
    ] = False
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks of reverse proxies whose `X-Forwarded-For` is "
            "believed. In the environment: separated by commas."
        ),
    ] = ()
    secure_cookies: Annotated[
        bool | None,
        Meta(
            description="Whether cookies travel over https only. "
            "Left out: as `public_url` is, https or not."
        ),
    ] = None
    session_idle_hours: Annotated[
        int, Meta(ge=1, le=24 * 31, description="A session nobody uses ends after so many hours.")
    ] = int(SESSION_IDLE.total_seconds()) // _HOUR_SECONDS
    session_life_hours: Annotated[
        int, Meta(ge=1, le=24 * 366, description="Every session ends after so many hours.")
    ] = int(SESSION_LIFE.total_seconds()) // _HOUR_SECONDS
    undo_seconds: Annotated[
        int,
        Meta(ge=0, le=60, description="How long an answer by mail can be taken back, in seconds."),
    ] = 5
    allow_private_hosts: Annotated[
        bool,
        Meta(
            description="Let channels connect to servers in your own network "
            "(`10.0.0.0/8`, `192.168.0.0/16`, this machine …). Off, only public addresses."
        ),
    ] = False
    company_name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=NAME_CHARS,
            description="The name clients see in the help center, the widget and mails.",
        ),
    ] = "Contact Center"
    default_locale: Annotated[
        Literal["en", "uk", "ru"],
        Meta(description="The language of people who have not chosen one."),
    ] = "en"
    time_zone: Annotated[
        str, Meta(description="The time zone of days and hours, by its IANA name: `Europe/Kyiv`.")
    ] = "UTC"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least severity that is logged."),
    ] = "info"
    log_format: Annotated[
        Literal["json", "pretty"],
        Meta(description="One JSON object a line for programs, or plain lines for people."),
    ] = "json"

    def __post_init__(self) -> None:
        """Fill in what depends on other settings, then refuse what cannot work together."""
        faults = [fault for check in _CHECKS if (fault := check(self))]
        if faults:
            raise SettingsError("\n".join(faults))
        force_setattr(self, "data_dir", self.data_dir.expanduser().absolute())
        force_setattr(self, "public_url", self.public_url.rstrip("/") or _own_url(self))
        if self.secure_cookies is None:
            force_setattr(self, "secure_cookies", self.public_url.startswith("https:"))
        force_setattr(self, "database_url", Secret(_database_url(self)))

    @property
    def sends_secure_cookies(self) -> bool:
        return bool(self.secure_cookies)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file, then the environment over it; `SettingsError` tells every fault at once.

    The file is `path`, else what `CONTACT_CENTER_CONFIG` names, else `contact-center.toml` where
    the program was started, which alone may be absent.
    """
    variables = dict(os.environ if environ is None else environ)
    named = variables.pop(CONFIG_VARIABLE, "")
    if path is None and named:
        path = Path(named)
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    return read_settings(Settings, path, variables, prefix=PREFIX)


def _own_url(settings: Settings) -> str:
    host = settings.listen_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.listen_port}"


def _database_url(settings: Settings) -> str:
    """Return the URL with the drivers we use: asyncpg, aiosqlite."""
    url = settings.database_url.reveal()
    if not url:
        return f"{_SQLITE}{settings.data_dir / 'center.db'}"
    scheme, rest = url.split("://", 1)
    if scheme.startswith("sqlite"):
        return f"sqlite+aiosqlite://{rest}"
    # libpq's name of the option, which asyncpg spells otherwise.
    return f"postgresql+asyncpg://{rest.replace('sslmode=', 'ssl=')}"


def _listen_fault(settings: Settings) -> str | None:
    try:
        address = ipaddress.ip_address(settings.listen_host)
    except ValueError:
        if settings.listen_host == "localhost":
            return None
        return "listen_host must be an IP address of this machine, or localhost"
    if address.is_unspecified and not settings.public_url:
        return (
            f"listen_host {settings.listen_host} is every interface; then public_url must say "
            "where people reach the center, for example https://desk.example.com"
        )
    return None


def _public_url_fault(settings: Settings) -> str | None:
    if not settings.public_url:
        return None
    cure = "public_url must be like https://desk.example.com"
    try:
        url = urlsplit(settings.public_url)
        host, _ = url.hostname, url.port
    except ValueError:
        return cure
    if url.scheme not in {"http", "https"} or not host or "*" in host:
        return cure
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        return f"{cure}: without a path, a query or a user name"
    return None


def _database_fault(settings: Settings) -> str | None:
    url = settings.database_url.reveal()
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _DATABASES:
        return (
            "database_url must begin with postgresql:// or sqlite:///, "
            "for example postgresql://desk@db.example.com/desk"
        )
    if scheme.startswith("sqlite"):
        if rest.removeprefix("/").split("?")[0] in {"", ":memory:"}:
            return "database_url: SQLite needs a file, for example sqlite:///var/center.db"
    elif not rest.partition("/")[2].split("?")[0]:
        return "database_url: name the database, for example postgresql://desk@db.example.com/desk"
    return None


def _proxies_fault(settings: Settings) -> str | None:
    for proxy in settings.trusted_proxies:
        try:
            network = ipaddress.ip_network(proxy)
        except ValueError:
            return f"trusted_proxies: “{proxy}” is not an address or a network like 10.0.0.0/24"
        if network.prefixlen == 0:
            return f"trusted_proxies: {proxy} would let anybody choose their address; name proxies"
    return None


def _cookies_fault(settings: Settings) -> str | None:
    https = settings.public_url.startswith("https:")
    if settings.secure_cookies is False and https:
        return "secure_cookies cannot be false when public_url is https; leave it out"
    if settings.secure_cookies and not https:
        return "secure_cookies needs a public_url with https, or nobody could sign in"
    return None


def _sessions_fault(settings: Settings) -> str | None:
    if settings.session_idle_hours > settings.session_life_hours:
        return "session_idle_hours must not be more than session_life_hours"
    return None


def _time_zone_fault(settings: Settings) -> str | None:
    try:
        ZoneInfo(settings.time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return f"time_zone: “{settings.time_zone}” is unknown; use a name like Europe/Kyiv"
    return None


def _data_dir_fault(settings: Settings) -> str | None:
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        return f"data_dir: {settings.data_dir} is not a directory"
    return None


_CHECKS: tuple[Callable[[Settings], str | None], ...] = (
    _listen_fault,
    _public_url_fault,
    _database_fault,
    _proxies_fault,
    _cookies_fault,
    _sessions_fault,
    _time_zone_fault,
    _data_dir_fault,
)

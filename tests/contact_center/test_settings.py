"""What an operator may set: refused with the cure when it cannot work, and all documented."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contact_center.settings import Settings, load_settings
from kernel.configuration import settings_of
from kernel.errors import SettingsError
from kernel.limits import SESSION_IDLE, SESSION_LIFE
from kernel.secrets import Secret

PAGE = Path(__file__).parents[2] / "docs" / "operating" / "settings.md"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of the developer's own takes part."""
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = load_settings(environ={})

    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url.reveal() == f"sqlite+aiosqlite:///{tmp_path}/var/center.db"
    assert settings.data_dir == tmp_path / "var"
    assert settings.secure_cookies is False
    assert settings.zone == ZoneInfo("UTC")
    assert timedelta(hours=settings.session_idle_hours) == SESSION_IDLE
    assert timedelta(hours=settings.session_life_hours) == SESSION_LIFE


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "center.toml"
    path.write_text('listen_port = 9000\ncompany_name = "Bikes"\ntrusted_proxies = ["10.0.0.1"]\n')

    settings = load_settings(path, {"CONTACT_CENTER_LISTEN_PORT": "9001", "HOME": "/root"})

    assert (settings.listen_port, settings.company_name) == (9001, "Bikes")
    assert settings.trusted_proxies == ("10.0.0.1",)


def test_the_file_is_found_by_name_by_variable_and_by_default(tmp_path: Path) -> None:
    default, named, given = (tmp_path / name for name in ("contact-center.toml", "b", "c"))
    for port, path in enumerate((default, named, given), start=1):
        path.write_text(f"listen_port = {port}\n")
    variable = {"CONTACT_CENTER_CONFIG": str(named)}

    ports = [
        load_settings(environ={}).listen_port,
        load_settings(environ=variable).listen_port,
        load_settings(given, variable).listen_port,
    ]

    assert ports == [1, 2, 3]


def test_every_kind_of_value_can_come_from_the_environment() -> None:
    settings = load_settings(
        environ={
            "CONTACT_CENTER_ALLOW_PRIVATE_HOSTS": "true",
            "CONTACT_CENTER_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16",
            "CONTACT_CENTER_PUBLIC_URL": "https://desk.example.com/",
            "CONTACT_CENTER_DATA_DIR": "/srv/desk",
            "CONTACT_CENTER_LISTEN_HOST": "::",
            "CONTACT_CENTER_TIME_ZONE": "Europe/Kyiv",
        }
    )

    assert settings.allow_private_hosts
    assert settings.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    assert settings.public_url == "https://desk.example.com"
    assert settings.secure_cookies
    assert settings.data_dir == Path("/srv/desk")
    assert settings.zone.key == "Europe/Kyiv"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://desk:pw@db/desk", "postgresql+asyncpg://desk:pw@db/desk"),
        ("postgres://db/desk?sslmode=require", "postgresql+asyncpg://db/desk?ssl=require"),
        ("postgresql+asyncpg://db/desk", "postgresql+asyncpg://db/desk"),
        ("postgresql:///desk?host=/run/pg", "postgresql+asyncpg:///desk?host=/run/pg"),
        ("sqlite:////srv/center.db", "sqlite+aiosqlite:////srv/center.db"),
    ],
)
def test_the_database_gets_the_driver_we_use(given: str, used: str) -> None:
    assert Settings(database_url=Secret(given)).database_url.reveal() == used


def test_settings_do_not_show_the_database_password() -> None:
    settings = Settings(database_url=Secret("postgresql://desk:hunter2@db/desk"))

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


BOOT_MATRIX: list[tuple[str, Mapping[str, str], str]] = [
    # What is wrong with it, what was set, and what the refusal must name.
    ("an unknown setting", {"LISTEN_PROT": "80"}, "mean CONTACT_CENTER_LISTEN_PORT"),
    ("an invented setting", {"DEBUG": "1"}, "CONTACT_CENTER_DEBUG .* is not a setting"),
    ("a small letter in the name", {"log_level": "info"}, "mean CONTACT_CENTER_LOG_LEVEL"),
    ("a port that is no number", {"LISTEN_PORT": "http"}, "LISTEN_PORT .* a whole number from 0"),
    ("a port above all ports", {"LISTEN_PORT": "65536"}, "from 0 to 65535"),
    ("a port below all ports", {"LISTEN_PORT": "-1"}, "from 0 to 65535"),
    ("a host that is no address", {"LISTEN_HOST": "everywhere"}, "listen_host must be an IP"),
    ("every interface without a URL", {"LISTEN_HOST": "0.0.0.0"}, "public_url must say"),
    ("every v6 interface without a URL", {"LISTEN_HOST": "::"}, "public_url must say"),
    ("a URL without a scheme", {"PUBLIC_URL": "desk.example.com"}, "public_url must be like"),
    ("a URL of another scheme", {"PUBLIC_URL": "ftp://desk.example.com"}, "public_url must be"),
    ("a wildcard origin", {"PUBLIC_URL": "https://*.example.com"}, "public_url must be like"),
    ("a URL with a path", {"PUBLIC_URL": "https://example.com/desk"}, "without a path"),
    ("a URL with a password", {"PUBLIC_URL": "https://a:b@example.com"}, "or a user name"),
    ("a URL with a broken port", {"PUBLIC_URL": "https://example.com:x"}, "public_url must be"),
    ("a database of another make", {"DATABASE_URL": "mysql://db/desk"}, "begin with postgresql"),
    ("a database driver we lack", {"DATABASE_URL": "postgresql+psycopg://db/d"}, "begin with"),
    ("a database without a scheme", {"DATABASE_URL": "center.db"}, "database_url must begin"),
    ("a database without a name", {"DATABASE_URL": "postgresql://db/"}, "name the database"),
    ("a database in memory", {"DATABASE_URL": "sqlite:///:memory:"}, "SQLite needs a file"),
    ("SQLite without a file", {"DATABASE_URL": "sqlite://"}, "SQLite needs a file"),
    ("a proxy that is no address", {"TRUSTED_PROXIES": "proxy.local"}, "trusted_proxies: “proxy"),
    ("everybody a proxy", {"TRUSTED_PROXIES": "10.0.0.1,0.0.0.0/0"}, "anybody choose"),
    ("everybody a v6 proxy", {"TRUSTED_PROXIES": "::/0"}, "anybody choose"),
    ("a network with host bits", {"TRUSTED_PROXIES": "10.0.0.1/8"}, "trusted_proxies"),
    ("a maybe", {"ALLOW_PRIVATE_HOSTS": "maybe"}, "ALLOW_PRIVATE_HOSTS .* true or false"),
    ("open cookies on https", {"SECURE_COOKIES": "false", "PUBLIC_URL": "https://a.b"}, "leave"),
    ("secure cookies on http", {"SECURE_COOKIES": "true"}, "nobody could sign in"),
    ("no hours at all", {"SESSION_IDLE_HOURS": "0"}, "from 1 to"),
    ("a session idle beyond its life", {"SESSION_LIFE_HOURS": "1"}, "must not be more"),
    ("a time zone nobody has", {"TIME_ZONE": "Mars/Olympus"}, "like Europe/Kyiv"),
    ("a time zone that is a folder", {"TIME_ZONE": "Europe"}, "like Europe/Kyiv"),
    ("a time zone outside", {"TIME_ZONE": "../../etc/passwd"}, "like Europe/Kyiv"),
    ("a language we do not speak", {"DEFAULT_LOCALE": "tlh"}, "one of en, uk, ru"),
    ("a level nobody knows", {"LOG_LEVEL": "chatty"}, "one of debug, info, warning, error"),
    ("an unknown format", {"LOG_FORMAT": "xml"}, "one of json, pretty"),
    ("no name for the company", {"COMPANY_NAME": ""}, "a text of 1 to"),
    ("a name beyond all bounds", {"COMPANY_NAME": "x" * 10_000}, "characters"),
    ("no data directory", {"DATA_DIR": ""}, "DATA_DIR .* a path"),
    ("a file as data directory", {"DATA_DIR": str(PAGE)}, "is not a directory"),
    ("a file that is not there", {"CONFIG": "/nowhere/center.toml"}, "cannot be read"),
]


@pytest.mark.parametrize(
    ("environ", "says"), [row[1:] for row in BOOT_MATRIX], ids=[row[0] for row in BOOT_MATRIX]
)
def test_the_center_does_not_start_with(environ: Mapping[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(environ={f"CONTACT_CENTER_{name}": text for name, text in environ.items()})


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("listen_port = ", "is not TOML"),
        ('listen_port = "8080"', "listen_port .* a whole number"),
        ("listen_port = true", "listen_port .* a whole number"),
        ("listen_port = 80.5", "listen_port .* a whole number"),
        ("listen_prt = 80", "did you mean listen_port"),
        ("[server]\nlisten_port = 80", "server .* is not a setting"),
        ("trusted_proxies = '10.0.0.1'", "trusted_proxies .* a list of texts"),
        ("database_url = 5", "database_url .* a text"),
        ("data_dir = 5", "data_dir .* a path"),
        ("CONTACT_CENTER_LISTEN_PORT = 80", "did you mean"),
    ],
)
def test_the_file_is_as_strict(tmp_path: Path, toml: str, says: str) -> None:
    path = tmp_path / "center.toml"
    path.write_text(toml)

    with pytest.raises(SettingsError, match=says):
        load_settings(path, {})


def test_all_faults_are_told_at_once_and_no_value_is_repeated() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(
            environ={
                "CONTACT_CENTER_LISTEN_PORT": "hunter2",
                "CONTACT_CENTER_LOG_LEVEL": "hunter2",
                "CONTACT_CENTER_DATABASE_PASSWORD": "hunter2",
            }
        )

    assert len(refusal.value.message.splitlines()) == 3
    assert "hunter2" not in refusal.value.message


def test_the_page_tells_every_setting_with_its_value_default_and_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)

    expected = [
        (each.name, each.accepts, _shown(each.name), each.meaning)
        for each in settings_of(Settings).values()
    ]

    assert rows == expected


def _shown(name: str) -> str:
    default = Settings.__struct_defaults__[Settings.__struct_fields__.index(name)]
    if default in (None, "", ()) or default == Secret(""):
        return "–"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"

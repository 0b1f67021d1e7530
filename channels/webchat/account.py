"""What must be set for a widget, and what is wrong with it in words an administrator can use."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from channels.errors import MisconfiguredError
from channels.webchat.origins import Site, read_site
from channels.webchat.texts import WidgetTexts
from kernel.limits import CHAT_IDENTITY_SECRET_CHARS_MIN

KIND: Final = "webchat"
IDENTITY_SECRET: Final = "identity_secret"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (IDENTITY_SECRET,)

Need = Literal["off", "optional", "required"]
Locale = Literal["en", "uk", "ru"]
PerMinute = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class PreChat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a visitor is asked before the first word."""

    name: Need = "optional"
    email: Need = "optional"


class Launcher(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The button on the page. Distances are CSS pixels from the page's edge and foot."""

    icon: Literal["chat", "question", "mail", "hand"] = "chat"
    side: Annotated[int, msgspec.Meta(ge=0, le=200)] = 20
    bottom: Annotated[int, msgspec.Meta(ge=0, le=400)] = 20


class GreetingRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speak to a visitor first, once; the widget itself sees whether the rule is met."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    """By which a browser remembers that it was said."""
    page: Annotated[str, msgspec.Meta(max_length=300)] = ""
    """Where: a path such as `/cart*`, or a whole address; `*` is anything, empty every page."""
    seconds: Annotated[int, msgspec.Meta(ge=1, le=3_600)] = 20
    """After so long on such a page."""
    visitors: Literal["all", "new", "returning"] = "all"
    texts: dict[Locale, Annotated[str, msgspec.Meta(min_length=1, max_length=300)]]


class WidgetSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One widget: where it may stand, how it looks and speaks, whom it lets in."""

    allowed_domains: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)] = ()
    """Sites that may show it; empty: only the center's own pages."""
    colour: Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-fA-F]{6}$")] = "#2563eb"
    colour_dark: Annotated[str, msgspec.Meta(pattern=r"^(#[0-9a-fA-F]{6})?$")] = ""
    """The brand's colour on dark surfaces; empty: the same."""
    theme: Literal["auto", "light", "dark"] = "auto"
    position: Literal["right", "left"] = "right"
    launcher: Launcher = Launcher()
    texts: dict[Locale, WidgetTexts] = {}
    default_locale: Locale = "en"
    pre_chat: PreChat = PreChat()
    uploads: bool = True
    greetings: Annotated[tuple[GreetingRule, ...], msgspec.Meta(max_length=10)] = ()
    consent: bool = False
    """Nothing is stored, neither here nor in the browser, before the visitor has agreed."""
    privacy_url: Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    storage: Literal["local", "session"] = "local"
    """`session`: the browser forgets the visitor when the tab is closed."""
    rating: bool = True
    """Visitors are asked how the help was when a conversation is over."""
    articles: bool = True
    """Visitors may search the public articles before they ask."""
    reply_account_id: UUID | None = None
    """The mailbox through which an answer follows a visitor who has left."""
    identity_required: bool = False
    """Only users whom the site has signed in may write."""
    messages_per_minute: PerMinute = 60
    """Per visitor."""
    messages_per_minute_per_address: PerMinute = 600
    """Per network address: an office or a mobile carrier may stand behind one."""
    visitors_per_hour_per_address: PerMinute = 60
    flood_visitors_per_minute: PerMinute = 120
    """More new visitors than this, from anywhere, and each must show a small proof of work."""

    def sites(self) -> tuple[Site, ...]:
        return tuple(read_site(one) for one in self.allowed_domains)


def read_settings(
    settings: Mapping[str, object], secrets: Mapping[str, str] | None = None
) -> WidgetSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), WidgetSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"widget settings: {error}") from error
    found.sites()
    if secrets is not None:
        _check_secret(found, secrets.get(IDENTITY_SECRET, ""))
    return found


def _check_secret(found: WidgetSettings, secret: str) -> None:
    if secret and len(secret) < CHAT_IDENTITY_SECRET_CHARS_MIN:
        raise MisconfiguredError(
            f"{IDENTITY_SECRET}: at least {CHAT_IDENTITY_SECRET_CHARS_MIN} characters,"
            " drawn at random"
        )
    if found.identity_required and not secret:
        raise MisconfiguredError(
            f"identity_required needs {IDENTITY_SECRET}: without it nobody can prove who they are"
        )

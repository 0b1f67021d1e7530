"""A widget's settings, and what is said when they cannot work."""

import pytest

from channels.envelope import Account
from channels.errors import MisconfiguredError
from channels.webchat.account import read_settings
from channels.webchat.connector import WebChatConnector
from channels.webchat.texts import DEFAULTS, LOCALES, WidgetTexts, choose_locale, texts_for
from kernel.ids import new_id


def test_a_widget_works_with_no_settings_at_all() -> None:
    settings = read_settings({}, {})

    assert settings.allowed_domains == ()
    assert settings.pre_chat.email == "optional"


@pytest.mark.parametrize(
    ("settings", "secrets", "told"),
    [
        ({"color": "#000000"}, {}, "color"),
        ({"colour": "red"}, {}, "colour"),
        ({"colour": "#12345g"}, {}, "colour"),
        ({"colour_dark": "black"}, {}, "colour_dark"),
        ({"launcher": {"icon": "skull"}}, {}, "icon"),
        ({"launcher": {"side": 5_000}}, {}, "side"),
        ({"texts": {"en": {"launcher": "x" * 41}}}, {}, "launcher"),
        ({"greetings": [{"id": "A b", "texts": {"en": "x"}}]}, {}, "id"),
        ({"greetings": [{"id": "a", "seconds": 0, "texts": {"en": "x"}}]}, {}, "seconds"),
        ({"privacy_url": "javascript:x()"}, {}, "privacy_url"),
        ({"storage": "cookie"}, {}, "storage"),
        ({"position": "top"}, {}, "position"),
        ({"pre_chat": {"phone": "required"}}, {}, "phone"),
        ({"texts": {"fr": {"title": "x"}}}, {}, "texts"),
        ({"texts": {"en": {"title": "x" * 301}}}, {}, "title"),
        ({"allowed_domains": ["*"]}, {}, "allowed_domains"),
        ({"identity_required": True}, {}, "identity_secret"),
        ({}, {"identity_secret": "short"}, "identity_secret"),
        ({"messages_per_minute": 0}, {}, "messages_per_minute"),
        ({"reply_account_id": "mailbox"}, {}, "reply_account_id"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_setting_is_named(
    settings: dict[str, object], secrets: dict[str, str], told: str
) -> None:
    with pytest.raises(MisconfiguredError, match=told):
        read_settings(settings, secrets)


def test_own_words_stand_before_ours_and_every_language_has_words() -> None:
    own = {"uk": WidgetTexts(title="Пишіть")}

    assert texts_for("uk", own).title == "Пишіть"
    assert texts_for("uk", own).greeting == DEFAULTS["uk"].greeting
    for locale in LOCALES:
        for name in set(WidgetTexts.__struct_fields__) - {"launcher"}:
            assert getattr(texts_for(locale, {}), name)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("uk-UA,ru", "uk"),
        ("fr,RU_ru", "ru"),
        ("fr", "en"),
        ("", "en"),
        (" uk ", "uk"),
        ("x" * 9_000, "en"),
    ],
)
def test_the_language_is_the_first_that_both_speak(wanted: str, chosen: str) -> None:
    assert choose_locale(wanted, "en") == chosen


async def test_trying_a_widget_says_where_it_may_stand() -> None:
    settings = {"allowed_domains": ["shop.example"]}
    account = Account(id=new_id(), kind="webchat", name="Shop", settings=settings)

    async with WebChatConnector(account) as connector:
        steps = await connector.check()

    assert all(step.ok for step in steps)
    assert "shop.example" in [step.detail for step in steps]

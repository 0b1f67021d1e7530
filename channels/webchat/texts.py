"""What a widget says until an administrator says it better, in three languages."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

Words = Annotated[str, msgspec.Meta(max_length=300)]
LOCALES: Final = ("en", "uk", "ru")


class WidgetTexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words an administrator may choose; an empty one keeps the default."""

    title: Words = ""
    launcher: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """Beside the icon on the button; without it the button is a round icon."""
    greeting: Words = ""
    placeholder: Words = ""
    consent: Words = ""
    """Asked before anything is stored, where the widget waits for consent."""
    offline: Words = ""
    offline_mail: Words = ""
    """Said instead of `offline` where an answer can follow by mail."""


DEFAULTS: Final[Mapping[str, WidgetTexts]] = {
    "en": WidgetTexts(
        title="How can we help?",
        greeting="Hello! Write to us, we are glad to help.",
        placeholder="Write a message…",
        consent="To talk with you we store what you write, and remember this browser. "
        "Do you agree?",
        offline="Nobody is here right now. Leave a message and we will answer here.",
        offline_mail="Nobody is here right now. Leave a message: we will answer by e-mail.",
    ),
    "uk": WidgetTexts(
        title="Чим допомогти?",
        greeting="Вітаємо! Напишіть нам, ми охоче допоможемо.",
        placeholder="Напишіть повідомлення…",
        consent="Щоб розмовляти з вами, ми зберігаємо написане й запам’ятовуємо цей браузер. "
        "Згодні?",
        offline="Зараз нікого немає. Залиште повідомлення, і ми відповімо тут.",
        offline_mail="Зараз нікого немає. Залиште повідомлення: ми відповімо листом.",
    ),
    "ru": WidgetTexts(
        title="Чем помочь?",
        greeting="Здравствуйте! Напишите нам, мы с радостью поможем.",
        placeholder="Напишите сообщение…",
        consent="Чтобы говорить с вами, мы храним написанное и запоминаем этот браузер. "
        "Вы согласны?",
        offline="Сейчас никого нет. Оставьте сообщение, и мы ответим здесь.",
        offline_mail="Сейчас никого нет. Оставьте сообщение: мы ответим письмом.",
    ),
}

CONTINUED: Final[Mapping[str, str]] = {
    "en": "You wrote to us in the chat on our site and had left before we answered. "
    "Here is our answer; simply reply to this mail.",
    "uk": "Ви написали нам у чат на сайті, але пішли раніше, ніж ми відповіли. "
    "Ось наша відповідь; щоб продовжити, просто відповідайте на цей лист.",
    "ru": "Вы написали нам в чат на сайте, но ушли раньше, чем мы ответили. "
    "Вот наш ответ; чтобы продолжить, просто ответьте на это письмо.",
}
"""Said before an answer that followed a visitor by mail."""


def texts_for(locale: str, own: Mapping[str, WidgetTexts]) -> WidgetTexts:
    """Return the texts of `locale`, the administrator's words before ours."""
    default, chosen = DEFAULTS[locale], own.get(locale, WidgetTexts())
    return WidgetTexts(
        **{
            name: getattr(chosen, name) or getattr(default, name)
            for name in WidgetTexts.__struct_fields__
        }
    )


def choose_locale(wanted: str, default: str) -> str:
    """Return the first language of a list such as `uk-UA,en` that we speak, or the default."""
    for one in wanted[:200].split(","):
        primary = one.strip().lower().replace("_", "-").partition("-")[0]
        if primary in LOCALES:
            return primary
    return default

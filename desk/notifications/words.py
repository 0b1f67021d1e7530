"""A notification in words, in the language of who reads it away from the console."""

import re
from typing import Final
from uuid import UUID

EVENTS: Final = {
    "en": {
        "offer": "A contact is ringing",
        "missed": "You missed a contact",
        "mention": "{name} mentioned you",
        "assigned": "A ticket was assigned to you",
        "reply": "{name} wrote",
        "woken": "A snoozed ticket is back",
        "failed": "An answer needs your attention",
        "dead_letter": "Something came in that cannot be read",
        "spending": "{name} has nearly spent what it may in a day",
        "forced": "{name} set your presence",
    },
    "uk": {
        "offer": "Дзвонить контакт",
        "missed": "Ви пропустили контакт",
        "mention": "{name} згадує вас",
        "assigned": "Вам призначено звернення",
        "reply": "{name} пише",
        "woken": "Відкладене звернення повернулося",
        "failed": "Відповідь потребує вашої уваги",
        "dead_letter": "Надійшло те, що не вдається прочитати",
        "spending": "{name}: добову межу витрат майже вичерпано",
        "forced": "{name}: вашу присутність змінено",
    },
    "ru": {
        "offer": "Звонит контакт",
        "missed": "Вы пропустили контакт",
        "mention": "{name} упоминает вас",
        "assigned": "Вам назначено обращение",
        "reply": "{name} пишет",
        "woken": "Отложенное обращение вернулось",
        "failed": "Ответ требует вашего внимания",
        "dead_letter": "Пришло то, что не удаётся прочитать",
        "spending": "{name}: суточный предел расходов почти исчерпан",
        "forced": "{name}: ваше присутствие изменено",
    },
}
DIGEST: Final = {
    "en": {
        "subject": "{company}: not read yet ({n})",
        "more": "And {n} more in the console.",
        "list": "All of them",
        "settings": "Choose what is mailed to you, and when",
    },
    "uk": {
        "subject": "{company}: ще не прочитано ({n})",
        "more": "І ще {n} у консолі.",
        "list": "Усі сповіщення",
        "settings": "Виберіть, що й коли вам надсилати",
    },
    "ru": {
        "subject": "{company}: ещё не прочитано ({n})",
        "more": "И ещё {n} в консоли.",
        "list": "Все уведомления",
        "settings": "Выберите, что и когда вам присылать",
    },
}
VISITOR: Final = {"en": "Visitor", "uk": "Відвідувач", "ru": "Посетитель"}
USUAL: Final = "en"
_PLACES: Final = {"dead_letter": "/admin/dead-letters", "spending": "/admin/messengers"}
_NAMELESS: Final = re.compile(r"Visitor ([0-9a-f]{4})")


def event_words(locale: str, event: str, name: str) -> str:
    return EVENTS.get(locale, EVENTS[USUAL])[event].format(name=_named(locale, name))


def _named(locale: str, name: str) -> str:
    """Say "Visitor 3f2a", which stands for a name (`clients.naming`), in the reader's language."""
    nameless = _NAMELESS.fullmatch(name)
    return f"{VISITOR.get(locale, VISITOR[USUAL])} {nameless[1]}" if nameless else name


def place_of(event: str, ticket_id: UUID | None) -> str:
    """Return the path of the console that the event leads to."""
    if ticket_id is not None:
        return f"/tickets/{ticket_id}"
    return _PLACES.get(event, "/work")


def digest_words(locale: str) -> dict[str, str]:
    return DIGEST.get(locale, DIGEST[USUAL])

"""What the center itself says on the telephone, in every language; no I/O."""

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "welcome": {
        "en": "Welcome.",
        "uk": "Вітаємо.",
        "ru": "Здравствуйте.",
    },
    "choose_language": {
        "en": "For English, press {key}.",
        "uk": "Українською — натисніть {key}.",
        "ru": "Для русского языка нажмите {key}.",
    },
    "which_language": {
        "en": "Which language do you prefer?",
        "uk": "Якою мовою вам зручніше?",
        "ru": "На каком языке вам удобнее?",
    },
    "answer_here": {
        "en": "Thank you. We will answer you here.",
        "uk": "Дякуємо. Ми відповімо вам тут.",
        "ru": "Спасибо. Мы ответим вам здесь.",
    },
    "wrong_key": {
        "en": "Sorry, that is not one of the choices.",
        "uk": "Вибачте, такого вибору немає.",
        "ru": "Извините, такого варианта нет.",
    },
    "next_in_line": {
        "en": "You are next in line.",
        "uk": "Ви наступні в черзі.",
        "ru": "Вы следующий в очереди.",
    },
    "place": {
        "en": "You are number {place} in line.",
        "uk": "Ваш номер у черзі — {place}.",
        "ru": "Ваш номер в очереди — {place}.",
    },
    "wait_short": {
        "en": "The wait is about a minute.",
        "uk": "Очікування — близько хвилини.",
        "ru": "Ожидание — около минуты.",
    },
    "wait": {
        "en": "The wait is about {minutes} minutes.",
        "uk": "Приблизний час очікування у хвилинах: {minutes}.",
        "ru": "Примерное время ожидания в минутах: {minutes}.",
    },
    "wait_long": {
        "en": "The wait may be longer than half an hour.",
        "uk": "Очікування може тривати довше ніж пів години.",
        "ru": "Ожидание может длиться больше получаса.",
    },
    "press_callback": {
        "en": "Press 1 to be called back; you keep your place.",
        "uk": "Натисніть 1, і ми передзвонимо; ваше місце збережеться.",
        "ru": "Нажмите 1, и мы перезвоним; ваше место сохранится.",
    },
    "press_voicemail": {
        "en": "Press 2 to leave a message.",
        "uk": "Натисніть 2, щоб залишити повідомлення.",
        "ru": "Нажмите 2, чтобы оставить сообщение.",
    },
    "callback_promised": {
        "en": "We will call you back at this number when it is your turn. Goodbye.",
        "uk": "Ми передзвонимо на цей номер, коли настане ваша черга. До побачення.",
        "ru": "Мы перезвоним на этот номер, когда подойдёт ваша очередь. До свидания.",
    },
    "callback_refused": {
        "en": "We cannot call this number back. Please stay on the line.",
        "uk": "Ми не можемо передзвонити на цей номер. Будь ласка, залишайтеся на лінії.",
        "ru": "Мы не можем перезвонить на этот номер. Пожалуйста, оставайтесь на линии.",
    },
    "leave_message": {
        "en": "Please leave a message after the tone. Press hash when you are done.",
        "uk": "Залиште повідомлення після сигналу. Наприкінці натисніть решітку.",
        "ru": "Оставьте сообщение после сигнала. В конце нажмите решётку.",
    },
    "message_kept": {
        "en": "Thank you. We have your message. Goodbye.",
        "uk": "Дякуємо. Ваше повідомлення отримано. До побачення.",
        "ru": "Спасибо. Ваше сообщение получено. До свидания.",
    },
    "recording": {
        "en": "This call is being recorded.",
        "uk": "Ця розмова записується.",
        "ru": "Этот разговор записывается.",
    },
    "goodbye": {
        "en": "Goodbye.",
        "uk": "До побачення.",
        "ru": "До свидания.",
    },
    "our_turn": {
        "en": "It is our turn to call. Please hold the line, we are connecting you.",
        "uk": "Ми вам телефонуємо, як обіцяли. Залишайтеся на лінії, з’єднуємо.",
        "ru": "Мы вам звоним, как обещали. Оставайтесь на линии, соединяем.",
    },
    "trouble": {
        "en": "We have a technical problem. Please call again a little later.",
        "uk": "У нас технічна несправність. Будь ласка, зателефонуйте трохи пізніше.",
        "ru": "У нас технические неполадки. Пожалуйста, позвоните немного позже.",
    },
}
LONG_MINUTES: Final = 30


def phrase(name: str, language: str, /, **facts: object) -> str:
    """Return one of our own sentences; English when the language is not known."""
    said = _WORDS[name]
    return said.get(language, said["en"]).format(**facts)


def wait_words(ahead: int, seconds: float | None, language: str) -> str:
    """Say which place a caller has and how long it will probably take."""
    told = [
        phrase("place", language, place=ahead + 1) if ahead else phrase("next_in_line", language)
    ]
    if seconds is not None:
        minutes = max(1, round(seconds / 60))
        if minutes == 1:
            told.append(phrase("wait_short", language))
        elif minutes > LONG_MINUTES:
            told.append(phrase("wait_long", language))
        else:
            told.append(phrase("wait", language, minutes=minutes))
    return " ".join(told)


def known_phrases() -> Mapping[str, Mapping[str, str]]:
    return _WORDS

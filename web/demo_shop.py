"""What the demonstration shop sells and says, in three languages."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    own_name: str
    shop: str
    menu: str
    language: str
    goods: str
    delivery: str
    delivery_text: str
    headline: str
    lead: str
    note: str


class Product(Struct, frozen=True, kw_only=True):
    names: Mapping[str, str]
    about: Mapping[str, str]
    price: str
    shade: str
    drawing: str
    """The path of a line drawing, 120 by 90."""


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        own_name="English",
        shop="Windowsill",
        menu="Menu",
        language="Language",
        goods="Plants and pots",
        delivery="Delivery",
        delivery_text="We wrap every plant by hand and deliver within two days. If a leaf breaks "
        "on the way, send us a photo in the chat and we will send another plant.",
        headline="A little green for every window",
        lead="Plants that forgive, pots that last, and people who answer your questions.",
        note="This shop is a demonstration: nothing is sold here. The chat is real.",
    ),
    "uk": Words(
        own_name="Українська",
        shop="Підвіконня",
        menu="Меню",
        language="Мова",
        goods="Рослини й горщики",
        delivery="Доставка",
        delivery_text="Кожну рослину пакуємо вручну й доставляємо за два дні. Якщо дорогою "
        "зламався листок, надішліть фото в чат, і ми відправимо іншу рослину.",
        headline="Трохи зелені для кожного вікна",
        lead="Невибагливі рослини, міцні горщики й люди, які відповідають на запитання.",
        note="Це демонстраційна крамниця: тут нічого не продають. Чат справжній.",
    ),
    "ru": Words(
        own_name="Русский",
        shop="Подоконник",
        menu="Меню",
        language="Язык",
        goods="Растения и горшки",
        delivery="Доставка",
        delivery_text="Каждое растение упаковываем вручную и доставляем за два дня. Если в пути "
        "сломался лист, пришлите фото в чат, и мы отправим другое растение.",
        headline="Немного зелени для каждого окна",
        lead="Неприхотливые растения, прочные горшки и люди, которые отвечают на вопросы.",
        note="Это демонстрационный магазин: здесь ничего не продаётся. Чат настоящий.",
    ),
}

PRODUCTS: Final = (
    Product(
        names={"en": "Monstera", "uk": "Монстера", "ru": "Монстера"},
        about={
            "en": "Loves shade and patience",
            "uk": "Любить тінь і терпіння",
            "ru": "Любит тень и терпение",
        },
        price="€ 24",
        shade="leaf",
        drawing="M45 60h30l-4 24H49zM60 60V30m0 8C46 38 36 30 34 16c14 0 24 8 26 22m0 10c12 0 "
        "22-8 24-22-14 0-22 8-24 22",
    ),
    Product(
        names={"en": "Aloe", "uk": "Алое", "ru": "Алоэ"},
        about={
            "en": "Water it when you remember",
            "uk": "Поливайте, коли згадаєте",
            "ru": "Поливайте, когда вспомните",
        },
        price="€ 12",
        shade="sky",
        drawing="M45 62h30l-4 22H49zM60 62C54 46 44 36 38 30c4 12 8 22 14 32m8 0c0-20 0-34 "
        "0-44 4 14 4 30 0 44m0 0c6-16 16-26 22-32-4 12-8 22-14 32",
    ),
    Product(
        names={"en": "Clay pot", "uk": "Глиняний горщик", "ru": "Глиняный горшок"},
        about={
            "en": "Breathes, and keeps its colour",
            "uk": "Дихає й тримає колір",
            "ru": "Дышит и держит цвет",
        },
        price="€ 9",
        shade="clay",
        drawing="M32 22h56v14H32zM38 36l6 46h32l6-46M48 52h24",
    ),
    Product(
        names={"en": "Lavender", "uk": "Лаванда", "ru": "Лаванда"},
        about={
            "en": "For a sunny sill",
            "uk": "Для сонячного підвіконня",
            "ru": "Для солнечного подоконника",
        },
        price="€ 15",
        shade="plum",
        drawing="M46 62h28l-4 22H50zM52 62V26m8 36V16m8 46V26M48 30l4 4 4-4m-8-8 4 4 4-4M56 "
        "22l4 4 4-4m-8-8 4 4 4-4M64 30l4 4 4-4m-8-8 4 4 4-4",
    ),
)

"""Sentences in three languages to build mails, chats and tickets from; the same for each seed."""

import random
from typing import Final


def _each(words: str) -> list[str]:
    return words.split()


_WORDS: Final = {
    "en": _each(
        "order parcel delivery invoice refund address courier account password size colour shirt"
        " yesterday tomorrow please could broken missing received warranty exchange discount"
        " payment card number question answer waiting already still never week branch warehouse"
    ),
    "uk": _each(
        "замовлення посилка доставка рахунок повернення адреса кур'єр кабінет пароль розмір колір"
        " сорочка вчора завтра будь ласка зламаний немає отримав гарантія обмін знижка оплата"
        " картка номер питання відповідь чекаю вже досі ніколи тиждень відділення склад"
    ),
    "ru": _each(
        "заказ посылка доставка счёт возврат адрес курьер кабинет пароль размер цвет рубашка вчера"
        " завтра пожалуйста сломан нет получил гарантия обмен скидка оплата карта номер вопрос"
        " ответ жду уже никогда неделя отделение склад"
    ),
}
_NAMES: Final = {
    "en": (["Alice", "Brian", "Carol", "David"], ["Miller", "Stone", "Baker", "Young"]),
    "uk": (["Олена", "Іван", "Марія", "Тарас"], ["Шевченко", "Коваль", "Бондар", "Ткачук"]),
    "ru": (["Ольга", "Игорь", "Анна", "Пётр"], ["Иванова", "Петров", "Соколова", "Орлов"]),
}
LANGUAGES: Final = tuple(_WORDS)


class Writer:
    """Writes like clients do; two with the same seed write the same."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def language(self) -> str:
        return self.dice.choice(LANGUAGES)

    def name(self, language: str) -> str:
        first, last = _NAMES[language]
        return f"{self.dice.choice(first)} {self.dice.choice(last)}"

    def subject(self, language: str) -> str:
        return " ".join(self.dice.choices(_WORDS[language], k=self.dice.randint(3, 7))).capitalize()

    def sentence(self, language: str) -> str:
        words = self.dice.choices(_WORDS[language], k=self.dice.randint(6, 16))
        return " ".join(words).capitalize() + "."

    def paragraphs(self, language: str, count: int) -> list[str]:
        return [
            " ".join(self.sentence(language) for _ in range(self.dice.randint(1, 4)))
            for _ in range(count)
        ]

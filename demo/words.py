"""What the simulated clients ask and the scripted agents answer, in three languages."""

import random
from collections.abc import Sequence
from typing import Final

from msgspec import Struct


class Question(Struct, frozen=True, kw_only=True):
    """Something a client wants: the subject of a mail, and what they say one after another."""

    subject: str
    lines: Sequence[str]


class Tongue(Struct, frozen=True, kw_only=True):
    """One language of the demonstration."""

    locale: str
    names: Sequence[str]
    questions: Sequence[Question]
    answers: Sequence[str]
    goodbye: str


TONGUES: Final = (
    Tongue(
        locale="en",
        names=("Grace Hall", "Tom Becker", "Lucia Romano", "Henry Cole", "Ada Byron", "Max Frey"),
        questions=(
            Question(
                subject="A leaf is broken",
                lines=(
                    "Hello, my monstera arrived with a broken leaf. What can we do?",
                    "Order {number}. The pot is fine.",
                    "Another plant would be great, thank you!",
                ),
            ),
            Question(
                subject="Where is my order {number}?",
                lines=(
                    "Good morning, order {number} should have come on Tuesday. Where is it?",
                    "Nobody called me.",
                    "All right, tomorrow is fine.",
                ),
            ),
            Question(
                subject="Gift card",
                lines=(
                    "Do you sell gift cards? I need one for € 50.",
                    "Can it be sent by mail today?",
                    "Perfect, thanks!",
                ),
            ),
            Question(
                subject="Which pot fits?",
                lines=(
                    "Which pot do I need for an aloe 30 cm tall?",
                    "In terracotta, please.",
                    "I will take that one.",
                ),
            ),
        ),
        answers=(
            "Thank you for writing! I am looking at it right now. May I have your order number?",
            "I have found it. I will take care of it today and write to you when it is done.",
            "Done! Is there anything else I can do for you?",
        ),
        goodbye="Thank you and have a green day!",
    ),
    Tongue(
        locale="uk",
        names=("Тарас Гончар", "Леся Кравець", "Богдан Рудько", "Надія Лисенко", "Юрій Савчук"),
        questions=(
            Question(
                subject="Зламався листок",
                lines=(
                    "Добрий день! Монстера приїхала зі зламаним листком. Що робити?",
                    "Замовлення {number}. Горщик цілий.",
                    "Краще нову рослину, дякую!",
                ),
            ),
            Question(
                subject="Де замовлення {number}?",
                lines=(
                    "Вітаю, замовлення {number} мало бути ще вчора. Де воно?",
                    "Кур’єр не телефонував.",
                    "Добре, завтра буде зручно.",
                ),
            ),
            Question(
                subject="Полив лаванди",
                lines=(
                    "Як часто поливати лаванду на балконі?",
                    "Балкон сонячний, південний.",
                    "Зрозуміло, дуже дякую!",
                ),
            ),
        ),
        answers=(
            "Дякуємо за звернення! Зараз перевірю. Підкажіть, будь ласка, номер замовлення.",
            "Знайшла. Сьогодні ж усе владнаю й напишу вам, щойно буде готово.",
            "Готово! Чи можу ще чимось допомогти?",
        ),
        goodbye="Дякуємо, гарного дня!",
    ),
    Tongue(
        locale="ru",
        names=("Павел Орлов", "Нина Зайцева", "Игорь Белов", "Вера Котова", "Денис Громов"),
        questions=(
            Question(
                subject="Треснул горшок",
                lines=(
                    "Здравствуйте! Горшок приехал с трещиной. Можно вернуть деньги?",
                    "Заказ {number}, фото пришлю позже.",
                    "Спасибо, жду.",
                ),
            ),
            Question(
                subject="Изменить адрес заказа {number}",
                lines=(
                    "Добрый день, можно изменить адрес доставки для заказа {number}?",
                    "Новый адрес: Садовая, 14, квартира 8.",
                    "Отлично, спасибо!",
                ),
            ),
            Question(
                subject="Оптовый заказ",
                lines=(
                    "Нам в офис нужно 20 растений. Есть ли скидка?",
                    "Лучше неприхотливые, света мало.",
                    "Хорошо, жду счёт.",
                ),
            ),
        ),
        answers=(
            "Спасибо, что написали! Уже смотрю. Подскажите, пожалуйста, номер заказа.",
            "Нашёл. Сегодня всё улажу и напишу вам, как только будет готово.",
            "Готово! Могу ли ещё чем-нибудь помочь?",
        ),
        goodbye="Спасибо и хорошего дня!",
    ),
)


def asked(question: Question, dice: random.Random) -> Question:
    """Return the question with an order number of its own."""
    number = str(dice.randint(1_000, 9_999))
    return Question(
        subject=question.subject.replace("{number}", number),
        lines=[line.replace("{number}", number) for line in question.lines],
    )


def tongue_of(text: str) -> Tongue:
    """Guess the language of a message by its letters, as a person does at a glance."""
    letters = set(text.casefold())
    if letters & set("іїєґ’"):
        return TONGUES[1]
    if letters & set("ыэъёя"):
        return TONGUES[2]
    return TONGUES[0] if letters & set("abcdefghijklmnop") else TONGUES[2]

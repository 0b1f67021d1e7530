"""What was written this time stands apart from what was quoted, in three languages."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.quotes import split

CASES = {
    "gmail en": ("Hi\n\nOn Mon, 5 Jan 2026 at 10:00, Desk <d@desk.example> wrote:\n\n> old", "Hi"),
    "gmail en wrapped": (
        "Hi\n\nOn Mon, 5 Jan 2026 at 10:00, A Long Name Of Desk\n<d@desk.example> wrote:\n> old",
        "Hi",
    ),
    "gmail uk": ("Так\n\nпн, 5 січ. 2026 р. о 10:00 Desk <d@desk.example> пише:\n> old", "Так"),
    "gmail ru": ("Да\n\nпн, 5 янв. 2026 г. в 10:00, Desk <d@desk.example>:\n> old", "Да"),
    "thunderbird uk": ("Так\n\n05.01.2026 10:00, Desk пише:\n> old", "Так"),
    "thunderbird ru": ("Да\n\n05.01.2026 10:00, Desk пишет:\n> old", "Да"),
    "apple en": ("Hi\n\n> On 5 Jan 2026, at 10:00, Desk <d@desk.example> wrote:\n> old", "Hi"),
    "ukr.net": ('Так\n\n5 січня 2026, 10:00:00, від "Desk" <d@desk.example>:\nold', "Так"),
    "mail.ru": (
        "Да\n\nПонедельник, 5 января 2026, 10:00 +03:00 от Desk <d@desk.example>:\nold",
        "Да",
    ),
    "yandex": ('Да\n\n05.01.2026, 10:00, "Desk" <d@desk.example>:\nold', "Да"),
    "wrote with brackets": ("Да\n\n5 января 2026, Desk написал(а):\nold", "Да"),
    "outlook en": (
        "Hi\n\nFrom: Desk <d@desk.example>\nSent: Monday\nTo: Ann\nSubject: Re: x\n\nold",
        "Hi",
    ),
    "outlook uk": ("Так\n\nВід: Desk\nНадіслано: 5 січня\nКому: Ann\nТема: x\n\nold", "Так"),
    "outlook ru": ("Да\n\nОт: Desk\nОтправлено: 5 января\nКому: Ann\nТема: x\n\nold", "Да"),
    "original message": ("Hi\n\n-----Original Message-----\nold", "Hi"),
    "вихідне повідомлення": ("Так\n\n---- Вихідне повідомлення ----\nold", "Так"),
    "исходное сообщение": ("Да\n\n-------- Исходное сообщение --------\nold", "Да"),
    "marks alone": ("Hi\n> old\n> older", "Hi"),
    "signature": ("Hi\n\n-- \nAnn\n+380", "Hi"),
    "regards": ("Hi, it broke.\n\nBest regards,\nAnn", "Hi, it broke."),
    "повагою": ("Не працює.\n\nЗ повагою,\nІван Петренко", "Не працює."),
    "уважением": ("Не работает.\n\nС уважением, Иван", "Не работает."),
    "iphone": ("Hi\n\nSent from my iPhone", "Hi"),
    "телефон": ("Так\n\nНадіслано з iPhone", "Так"),
    "answer beneath": ("On 5 Jan 2026, Desk wrote:\n> old\n> older\n\nMy answer", "My answer"),
    "nothing quoted": ("Hi\n\nthere", "Hi\n\nthere"),
    "quote only": ("> old\n> older", "> old\n> older"),
    "forward only": (
        "---------- Forwarded message ---------\nFrom: x\nold",
        "---------- Forwarded message ---------\nFrom: x\nold",
    ),
    "a word that only looks like it": ("I wrote:\nplease help", "I wrote:\nplease help"),
    "a list": ("Two things:\n- one\n- two", "Two things:\n- one\n- two"),
    "thanks in the middle": ("Thanks, it works.\nBut one more thing", None),
    "a field that is a sentence": ("From: what I see, it is broken\nplease help", None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_new_words_are_found(name: str) -> None:
    text, new = CASES[name]

    assert split(text)[0] == (new if new is not None else text)


def test_answers_between_quotations_keep_them() -> None:
    text = "Hello\n\nOn 5 Jan 2026, Desk wrote:\n> one?\n\nyes\n\n> two?\n\nno\n\n> tail"

    new, quoted = split(text)

    assert "> one?\n\nyes\n\n> two?\n\nno" in new
    assert quoted == "> tail"


_line = st.sampled_from(
    ["Hi", "", "> old", "On 1 Jan, A <a@b.c> wrote:", "-- ", "Best regards,", "From: a", "To: b"]
)


@given(st.lists(_line | st.text(max_size=20), max_size=30).map("\n".join))
def test_nothing_is_lost(text: str) -> None:
    new, quoted = split(text)

    assert sorted("".join((new + quoted).split())) == sorted("".join(text.split()))


@pytest.mark.parametrize(
    "line",
    [
        "On ",
        "On 1\n",
        "> ",
        "From: a\n",
        " \n",
        "Thanks,\n",
        "- ",
        "1 <a@b>:\n",
        "wrote:",
        "1<" * 190 + ":\n",
        "- " * 190 + "\n",
    ],
)
def test_a_hostile_text_takes_no_longer_than_an_honest_one(line: str) -> None:
    text = line * (500_000 // len(line))

    started = time.process_time()
    split(text)

    assert time.process_time() - started < 2.0

"""The conversations of the sample data: a plant shop's clients, in three languages."""

from typing import Final

from desk.samples.script import Line, Someone, Story

STORIES: Final = (
    Story(
        client=Someone(name="Emma Fischer", locale="en"),
        subject="A leaf of my monstera came broken",
        hours_ago=0.3,
        status="new",
        assigned=False,
        waits=True,
        tags=("damage",),
        lines=(
            Line(0, "client", "Hello! My monstera arrived today, but the largest leaf is broken."),
            Line(2, "client", "The pot and the soil are fine. Can you send another plant?"),
        ),
    ),
    Story(
        client=Someone(
            name="Олена Коваленко", locale="uk", email="olena.kovalenko@client.example.com"
        ),
        subject="Де моє замовлення 2041?",
        hours_ago=1.2,
        status="new",
        priority="high",
        assigned=False,
        waits=True,
        tags=("delivery",),
        lines=(
            Line(
                0,
                "client",
                "Добрий день!\n\nЗамовлення 2041 мало приїхати вчора, але кур’єр не дзвонив. "
                "Підкажіть, будь ласка, де воно зараз?\n\nДякую,\nОлена",
            ),
        ),
    ),
    Story(
        client=Someone(
            name="Дмитрий Соколов", locale="ru", email="dmitry.sokolov@client.example.com"
        ),
        subject="Возврат за горшок",
        hours_ago=5,
        status="open",
        waits=True,
        tags=("refund",),
        lines=(
            Line(
                0,
                "client",
                "Здравствуйте!\n\nГоршок пришёл с трещиной. Хочу вернуть деньги, а не замену.",
            ),
            Line(
                25,
                "agent",
                "Здравствуйте, Дмитрий!\n\nПриносим извинения. Деньги вернутся на карту за "
                "три рабочих дня. Присылать горшок обратно не нужно.",
            ),
            Line(26, "note", "Refund of € 9 sent to accounting."),
            Line(230, "client", "Спасибо! А чек о возврате вы пришлёте?"),
        ),
    ),
    Story(
        client=Someone(name="Liam O'Connor", locale="en", email="liam.oconnor@client.example.com"),
        subject="Invoice with our VAT number",
        hours_ago=20,
        status="waiting",
        tags=("invoice",),
        lines=(
            Line(
                0,
                "client",
                "Hi,\n\nwe ordered 12 clay pots for the office. Could you send the invoice "
                "again with our VAT number on it?\n\nBest,\nLiam",
            ),
            Line(
                40,
                "agent",
                "Hi Liam,\n\ngladly! Please send me the VAT number and the exact company name, "
                "and you get the new invoice today.",
            ),
        ),
    ),
    Story(
        client=Someone(name="Марія Шевчук", locale="uk"),
        subject="Як часто поливати алое взимку?",
        hours_ago=26,
        status="solved",
        tags=("care",),
        lines=(
            Line(0, "client", "Вітаю! Як часто поливати алое взимку? Листя стало м’яким."),
            Line(
                3,
                "agent",
                "Вітаю, Маріє! Взимку досить раз на три–чотири тижні: ґрунт має повністю "
                "висохнути. М’яке листя зазвичай означає, що води забагато.",
            ),
            Line(5, "client", "Зрозуміло, більше не поливатиму так часто. Дякую!"),
            Line(6, "agent", "Будь ласка! Якщо за місяць не стане краще, напишіть нам."),
        ),
    ),
    Story(
        client=Someone(name="Анна Лебедева", locale="ru"),
        subject="Можно изменить адрес доставки?",
        hours_ago=2,
        status="open",
        tags=("delivery",),
        lines=(
            Line(0, "client", "Добрый день! Можно изменить адрес доставки для заказа 2057?"),
            Line(4, "agent", "Добрый день, Анна! Да, он ещё не отправлен. Напишите новый адрес."),
            Line(9, "client", "ул. Садовая, 14, кв. 8. Домофон 8."),
        ),
    ),
    Story(
        client=Someone(name="Sofia Rossi", locale="en", email="sofia.rossi@client.example.com"),
        subject="Do you deliver lavender to Italy?",
        hours_ago=50,
        status="solved",
        tags=("delivery", "abroad"),
        lines=(
            Line(0, "client", "Good morning! Do you deliver lavender to Milan, and how long?"),
            Line(
                65,
                "agent",
                "Good morning Sofia!\n\nYes: four to six days, and every plant travels with its "
                "plant passport. Delivery is free from € 60.",
            ),
            Line(300, "client", "Perfect, I have just ordered. Thank you!"),
        ),
    ),
    Story(
        client=Someone(name="Ірина Мельник", locale="uk", email="iryna.melnyk@client.example.com"),
        subject="Подарунковий сертифікат",
        hours_ago=75,
        status="closed",
        priority="low",
        lines=(
            Line(0, "client", "Чи є у вас подарункові сертифікати на 500 гривень?"),
            Line(
                90,
                "agent",
                "Так! Сертифікат надходить листом одразу після оплати й діє один рік.",
            ),
        ),
    ),
    Story(
        client=Someone(name="Noah Meyer", locale="en"),
        subject="My aloe looks sad",
        hours_ago=0.8,
        status="open",
        tags=("care",),
        lines=(
            Line(0, "client", "Hi, my aloe turns brown at the tips. Too much sun?"),
            Line(1, "agent", "Hi Noah! Does it stand in direct sun, and when did you last water?"),
            Line(4, "client", "South window, and… three weeks ago I think."),
            Line(5, "note", "See the article on watering; ask for a photo."),
        ),
    ),
    Story(
        client=Someone(name="Сергей Волков", locale="ru", email="sergey.volkov@client.example.com"),
        subject="Оптовый заказ: 40 кашпо",
        hours_ago=30,
        status="open",
        priority="urgent",
        assigned=False,
        tags=("wholesale",),
        lines=(
            Line(
                0,
                "client",
                "Здравствуйте!\n\nНам нужно 40 глиняных кашпо к 1 числу. Какая скидка возможна "
                "и когда сможете отгрузить?\n\nСергей",
            ),
        ),
    ),
)

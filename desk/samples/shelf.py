"""The articles and canned replies of the sample data."""

from typing import Final

from desk.samples.script import Leaf, Phrase

CATEGORY: Final = {
    "en": "Windowsill (sample)",
    "uk": "Підвіконня (зразок)",
    "ru": "Подоконник (образец)",
}

ARTICLES: Final = (
    Leaf(
        slug="sample-broken-on-the-way",
        public=True,
        texts={
            "en": (
                "A plant broke on the way",
                (
                    "Send us a **photo of the plant and of the parcel** within seven days.\n\n"
                    "1. Write in the chat or by mail and name your order.\n"
                    "2. Choose another plant or your money back.\n"
                    "3. Keep the broken plant: with light and patience it often recovers."
                ),
            ),
            "uk": (
                "Рослина зламалася дорогою",
                (
                    "Надішліть **фото рослини та посилки** протягом семи днів.\n\n"
                    "1. Напишіть у чат або листом і вкажіть номер замовлення.\n"
                    "2. Оберіть іншу рослину або повернення коштів.\n"
                    "3. Зламану рослину залиште собі: вона часто відновлюється."
                ),
            ),
            "ru": (
                "Растение сломалось в пути",
                (
                    "Пришлите **фото растения и посылки** в течение семи дней.\n\n"
                    "1. Напишите в чат или письмом и укажите номер заказа.\n"
                    "2. Выберите другое растение или возврат денег.\n"
                    "3. Сломанное растение оставьте себе: оно часто восстанавливается."
                ),
            ),
        },
    ),
    Leaf(
        slug="sample-watering-in-winter",
        public=True,
        texts={
            "en": (
                "Watering in winter",
                (
                    "In winter most plants rest and need **half the water** of summer.\n\n"
                    "- Aloe and other succulents: every three to four weeks.\n"
                    "- Monstera: when the upper third of the soil is dry.\n"
                    "- Lavender: rarely, and keep it cool."
                ),
            ),
            "uk": (
                "Полив узимку",
                (
                    "Узимку більшість рослин відпочиває, і їм потрібно **вдвічі менше води**.\n\n"
                    "- Алое та інші сукуленти: раз на три–чотири тижні.\n"
                    "- Монстера: коли верхня третина ґрунту суха.\n"
                    "- Лаванда: зрідка, і тримайте її в прохолоді."
                ),
            ),
            "ru": (
                "Полив зимой",
                (
                    "Зимой большинство растений отдыхает, и им нужно **вдвое меньше воды**.\n\n"
                    "- Алоэ и другие суккуленты: раз в три–четыре недели.\n"
                    "- Монстера: когда верхняя треть почвы сухая.\n"
                    "- Лаванда: изредка, и держите её в прохладе."
                ),
            ),
        },
    ),
    Leaf(
        slug="sample-delivery",
        public=True,
        texts={
            "en": (
                "Delivery times",
                (
                    "Inside the country **one to two days**, abroad four to six. "
                    "Free of charge from € 60. The courier calls an hour before."
                ),
            ),
            "uk": (
                "Терміни доставки",
                (
                    "У межах країни **один–два дні**, за кордон — чотири–шість. "
                    "Безкоштовно від 60 €. Кур’єр телефонує за годину."
                ),
            ),
            "ru": (
                "Сроки доставки",
                (
                    "По стране **один–два дня**, за границу — четыре–шесть. "
                    "Бесплатно от 60 €. Курьер звонит за час."
                ),
            ),
        },
    ),
    Leaf(
        slug="sample-refunds-for-colleagues",
        public=False,
        texts={
            "en": (
                "Refunds: how we do them",
                (
                    "Up to € 30 an agent decides alone. Above that ask a supervisor in a note, "
                    "and tell the client **today** that we are looking at it."
                ),
            ),
        },
    ),
)

PHRASES: Final = (
    Phrase(
        shortcut="sample-photo",
        title="Ask for a photo (sample)",
        html="<p>Hello {{client.first_name}},</p><p>we are sorry! Please send us a photo of the "
        "plant and of the parcel, and we will find a way.</p><p>{{agent.name}}</p>",
    ),
    Phrase(
        shortcut="sample-фото",
        title="Попросити фото (зразок)",
        html="<p>Вітаємо, {{client.first_name}}!</p><p>Нам дуже прикро. Надішліть, будь ласка, "
        "фото рослини та посилки.</p><p>{{agent.name}}</p>",
    ),
    Phrase(
        shortcut="sample-возврат",
        title="Возврат денег (образец)",
        html="<p>Здравствуйте, {{client.first_name}}!</p><p>Деньги вернутся на карту в течение "
        "трёх рабочих дней. Номер обращения: {{ticket.number}}.</p><p>{{agent.name}}</p>",
    ),
)

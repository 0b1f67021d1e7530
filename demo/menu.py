"""The menu that greets whoever begins to write to the shop's bot, in three languages."""

from typing import Any


def greeting_flow(orders: str) -> dict[str, Any]:
    """Return a flow whose first option leads into the queue `orders`."""
    return {
        "start": "hello",
        "languages": ["en", "uk", "ru"],
        "nodes": [
            {
                "kind": "greeting",
                "id": "hello",
                "text": {
                    "en": "Welcome to Windowsill, the shop for everything that grows on one.",
                    "uk": "Вітаємо у Windowsill — крамниці всього, що росте на підвіконні.",
                    "ru": "Добро пожаловать в Windowsill — магазин всего, что растёт на окне.",
                },
                "next": "menu",
            },
            {
                "kind": "menu",
                "id": "menu",
                "text": {
                    "en": "What is it about?",
                    "uk": "Про що йдеться?",
                    "ru": "О чём идёт речь?",
                },
                "choices": {"1": "orders", "2": "advice", "3": "hours"},
                "labels": {
                    "1": {"en": "My order", "uk": "Моє замовлення", "ru": "Мой заказ"},
                    "2": {"en": "Advice on a plant", "uk": "Порада щодо рослини", "ru": "Совет"},
                    "3": {"en": "Opening hours", "uk": "Години роботи", "ru": "Часы работы"},
                },
            },
            {"kind": "queue", "id": "orders", "queue_id": orders},
            {
                "kind": "queue",
                "id": "advice",
                "text": {
                    "en": "Tell us about your plant; a picture helps.",
                    "uk": "Розкажіть про вашу рослину; фото допоможе.",
                    "ru": "Расскажите о вашем растении; фото поможет.",
                },
            },
            {
                "kind": "announcement",
                "id": "hours",
                "text": {
                    "en": "We are here every day from nine to six.",
                    "uk": "Ми на зв’язку щодня з дев’ятої до шостої.",
                    "ru": "Мы на связи каждый день с девяти до шести.",
                },
            },
        ],
    }

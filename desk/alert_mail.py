"""The mail that tells a supervisor of an alert, in their language, through the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.envelope import Party
from desk.house_mail import HouseMail, promise_house_mail
from kernel.ids import new_id
from supervision.thresholds import Kind

_SUBJECT: Final = {"en": "Alert: {queue}", "uk": "Сповіщення: {queue}", "ru": "Оповещение: {queue}"}
_WORDS: Final = {
    "en": {
        Kind.LONGEST_WAIT: "Somebody has been waiting for {value} s (limit: {most} s).",
        Kind.WAITING: "Waiting now: {value} (limit: {most}).",
        Kind.SERVICE_LEVEL: "The service level is {value} % (limit: {most} %).",
        Kind.NOBODY_AVAILABLE: "Nobody is available.",
        Kind.LOST: "Waiting, and nobody can serve them: {value}.",
    },
    "uk": {
        Kind.LONGEST_WAIT: "Хтось чекає вже {value} с (межа: {most} с).",
        Kind.WAITING: "Чекають зараз: {value} (межа: {most}).",
        Kind.SERVICE_LEVEL: "Рівень обслуговування {value} % (межа: {most} %).",
        Kind.NOBODY_AVAILABLE: "Немає жодного доступного оператора.",
        Kind.LOST: "Чекають, і ніхто не може їх обслужити: {value}.",
    },
    "ru": {
        Kind.LONGEST_WAIT: "Кто-то ждёт уже {value} с (предел: {most} с).",
        Kind.WAITING: "Ждут сейчас: {value} (предел: {most}).",
        Kind.SERVICE_LEVEL: "Уровень обслуживания {value} % (предел: {most} %).",
        Kind.NOBODY_AVAILABLE: "Нет ни одного доступного оператора.",
        Kind.LOST: "Ждут, и никто не может их обслужить: {value}.",
    },
}


class Crossing(Struct, frozen=True, kw_only=True):
    """What there is to say."""

    alert_id: UUID
    kind: Kind
    queue: str
    most: int
    value: int


class Reader(Struct, frozen=True, kw_only=True):
    name: str
    email: str
    locale: str


def promise_mails(
    session: AsyncSession,
    crossing: Crossing,
    readers: Sequence[Reader],
    mailbox: UUID,
    now: datetime,
) -> None:
    """Promise each reader one mail, in the transaction that raises the alert."""
    for reader in readers:
        promise_house_mail(
            session,
            mailbox,
            HouseMail(
                to=Party(handle=reader.email, name=reader.name),
                subject=subject_of(crossing, reader.locale),
                text=text_of(crossing, reader.locale),
            ),
            key=new_id(),
            about=crossing.alert_id,
            now=now,
        )


def subject_of(crossing: Crossing, locale: str) -> str:
    return _SUBJECT.get(locale, _SUBJECT["en"]).format(queue=crossing.queue)


def text_of(crossing: Crossing, locale: str) -> str:
    words = _WORDS.get(locale, _WORDS["en"])[crossing.kind]
    said = words.format(value=crossing.value, most=crossing.most)
    return f"{crossing.queue}: {said}"

"""The Bot API as we use it: python-telegram-bot's methods, its refusals in the house's words."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageEntity,
)
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    TelegramError,
)

from channels.envelope import OutboundFile
from channels.errors import (
    ProviderUnavailableError,
)
from channels.telegram.account import TelegramSettings
from channels.telegram.collect import FileGoneError
from channels.telegram.compose import Parcel, Way
from channels.telegram.presses import data_of
from channels.telegram.refusals import in_our_words, refusal_of
from channels.telegram.updates import ALLOWED, Entity
from channels.telegram.wire import TooLarge, Wire
from kernel.http import HttpClient
from kernel.limits import (
    TELEGRAM_CALL_SECONDS,
    TELEGRAM_DOWNLOAD_BYTES,
    TELEGRAM_FILE_SECONDS,
    TELEGRAM_UPDATES,
)

_PICTURE_TROUBLE: Final = ("PHOTO_", "IMAGE_PROCESS_FAILED")
_LOOKS_TROUBLE: Final = ("PARSE", "ENTIT")
_HOOK_CONNECTIONS: Final = 20


class Me(Struct, frozen=True):
    """The bot as clients see it."""

    username: str
    name: str


class HookState(Struct, frozen=True):
    """What Telegram says of the webhook: where it calls, and what went wrong last."""

    url: str
    waiting: int
    trouble: str
    tells_all: bool
    """It is told of every kind of update that we ask for."""


class TelegramApi:
    """Speaks for one bot; raises the errors of `channels.errors`, none of which holds the token."""

    def __init__(self, token: str, settings: TelegramSettings, http: HttpClient) -> None:
        self._wire = Wire(http)
        self._bot = Bot(
            token,
            base_url=f"{settings.api_url}/bot",
            base_file_url=f"{settings.api_url}/file/bot",
            request=self._wire,
            get_updates_request=self._wire,
        )

    async def me(self) -> Me:
        with in_our_words():
            user = await self._bot.get_me()
        return Me(username=user.username or "", name=user.full_name)

    async def updates(self, offset: int | None, wait: int) -> list[bytes]:
        """Return what is unconfirmed from `offset` on, each as JSON; waits for news so many
        seconds. The library would confirm updates that it cannot read, so it is not asked."""
        asked = {"limit": TELEGRAM_UPDATES, "timeout": wait, "allowed_updates": _json(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        with in_our_words():
            given = await self._wire.post(
                f"{self._bot.base_url}/getUpdates?{urlencode(asked)}",
                read_timeout=wait + TELEGRAM_CALL_SECONDS,
            )
        if not isinstance(given, list):
            raise ProviderUnavailableError("Telegram's answer cannot be understood")
        return [msgspec.json.encode(one) for one in given]

    async def fetch(self, file_id: str) -> bytes:
        """Return a file's bytes; raises FileGoneError when it can never be fetched."""
        try:
            found = await self._bot.get_file(file_id)
            if not found.file_path:
                raise FileGoneError("file_missing")
            if (found.file_size or 0) > TELEGRAM_DOWNLOAD_BYTES:
                raise FileGoneError("file_too_large")
            data = await self._wire.retrieve(found.file_path, read_timeout=TELEGRAM_FILE_SECONDS)
        except TooLarge as error:
            raise FileGoneError("file_too_large") from error
        except BadRequest as error:
            large = "too big" in error.message.lower()
            raise FileGoneError("file_too_large" if large else "file_missing") from error
        except (InvalidToken, Forbidden) as error:
            # What the library takes for a wrong token is a file that is no longer there.
            raise FileGoneError("file_missing") from error
        except TelegramError as error:
            raise refusal_of(error, sending=False) from error
        return data

    async def send(self, parcel: Parcel) -> str:
        """Send one request; return the name that the message has for ever in its chat."""
        with in_our_words(sending=True):
            while True:
                try:
                    sent = await self._sent(parcel)
                except BadRequest as error:
                    simpler = _simpler(parcel, error)
                    if simpler is None:
                        raise
                    parcel = simpler
                else:
                    return f"{parcel.chat_id}:{sent.message_id}"

    async def heard(self, press_id: str) -> None:
        """Let a button that was pressed spin no more; of an old press that is nobody's business."""
        with in_our_words():
            await self._bot.answer_callback_query(press_id)

    async def put_away(self, chat_id: int, message_id: int) -> None:
        """Take the buttons from under a message of ours."""
        with in_our_words():
            await self._bot.edit_message_reply_markup(chat_id, message_id)

    async def show_typing(self, chat_id: int) -> None:
        with in_our_words():
            await self._bot.send_chat_action(chat_id, "typing")

    async def _sent(self, parcel: Parcel) -> Message:
        pictures = parcel.way is Way.PHOTOS
        looks = _looks(parcel.spans)
        files = [_input(one, attach=len(parcel.files) > 1) for one in parcel.files]
        caption = parcel.text or None
        if not files:
            return await self._bot.send_message(
                parcel.chat_id,
                parcel.text,
                entities=looks,
                reply_markup=_buttons(parcel.choices),
            )
        if len(files) > 1:
            kind = InputMediaPhoto if pictures else InputMediaDocument
            sent = await self._bot.send_media_group(
                parcel.chat_id,
                # The library's groups carry their text on the first piece.
                [
                    kind(one, caption=caption, caption_entities=looks) if not at else kind(one)
                    for at, one in enumerate(files)
                ],
            )
            return sent[0]
        if pictures:
            return await self._bot.send_photo(
                parcel.chat_id, files[0], caption=caption, caption_entities=looks
            )
        return await self._bot.send_document(
            parcel.chat_id,
            files[0],
            caption=caption,
            caption_entities=looks,
            disable_content_type_detection=True,
        )

    async def set_hook(self, url: str, secret: str) -> None:
        """Let Telegram call `url` from now on, proving itself by `secret`; nothing is dropped."""
        with in_our_words():
            await self._bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=ALLOWED,
                max_connections=_HOOK_CONNECTIONS,
                drop_pending_updates=False,
            )

    async def drop_hook(self) -> None:
        """Let Telegram keep updates until they are asked for; those that wait stay."""
        with in_our_words():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def hook(self) -> HookState:
        with in_our_words():
            info = await self._bot.get_webhook_info()
        return HookState(
            info.url,
            info.pending_update_count,
            info.last_error_message or "",
            set(ALLOWED) <= set(info.allowed_updates or ()),
        )


def _json(words: Sequence[str]) -> str:
    return msgspec.json.encode(words).decode()


def _input(file: OutboundFile, *, attach: bool) -> InputFile:
    """A group names its files by attachments of the request; a single one is its own field."""
    return InputFile(file.data, filename=file.name, attach=attach)


def _simpler(parcel: Parcel, error: BadRequest) -> Parcel | None:
    """Telegram took nothing: a picture it cannot show goes as the file it is, and a text whose
    looks it does not understand goes plain. None: that would not help."""
    said = error.message.upper()
    if parcel.way is Way.PHOTOS and any(mark in said for mark in _PICTURE_TROUBLE):
        return replace(parcel, way=Way.DOCUMENTS)
    if parcel.spans and any(mark in said for mark in _LOOKS_TROUBLE):
        return replace(parcel, spans=())
    return None


def _looks(spans: Sequence[Entity]) -> list[MessageEntity] | None:
    return [
        MessageEntity(one.type, one.offset, one.length, url=one.url or None) for one in spans
    ] or None


def _buttons(choices: Sequence[str]) -> InlineKeyboardMarkup | None:
    """Return buttons under the text, one on each line."""
    carried = zip(choices, data_of(choices), strict=True)
    rows = [[InlineKeyboardButton(words, callback_data=data)] for words, data in carried]
    return InlineKeyboardMarkup(rows) if rows else None

"""The Bot API as we use it: python-telegram-bot's methods, its refusals in the house's words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from telegram import (
    Bot,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyKeyboardMarkup,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    TelegramError,
)

from channels.envelope import OutboundFile
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.telegram.account import TelegramSettings
from channels.telegram.collect import FileGoneError
from channels.telegram.compose import Parcel, Way
from channels.telegram.parse import BLOCKED
from channels.telegram.updates import ALLOWED
from channels.telegram.wire import Pause, TooLarge, Unanswered, Wire
from kernel.http import HttpClient
from kernel.limits import (
    TELEGRAM_CALL_SECONDS,
    TELEGRAM_DOWNLOAD_BYTES,
    TELEGRAM_FILE_SECONDS,
    TELEGRAM_UPDATES,
)

_PICTURE_TROUBLE: Final = ("PHOTO_", "IMAGE_PROCESS_FAILED")
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
        with _in_our_words():
            user = await self._bot.get_me()
        return Me(username=user.username or "", name=user.full_name)

    async def updates(self, offset: int | None, wait: int) -> list[bytes]:
        """Return what is unconfirmed from `offset` on, each as JSON; waits for news so many
        seconds. The library would confirm updates that it cannot read, so it is not asked."""
        asked = {"limit": TELEGRAM_UPDATES, "timeout": wait, "allowed_updates": _json(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        with _in_our_words():
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
            raise _said(error, sending=False) from error
        return data

    async def send(self, parcel: Parcel) -> str:
        """Send one request; return the name that the message has for ever in its chat."""
        with _in_our_words(sending=True):
            try:
                sent = await self._sent(parcel, pictures=parcel.way is Way.PHOTOS)
            except BadRequest as error:
                # Telegram took nothing: a picture it cannot show goes as the file it is.
                if parcel.way is not Way.PHOTOS or not _is_picture_trouble(error):
                    raise
                sent = await self._sent(parcel, pictures=False)
        return f"{parcel.chat_id}:{sent.message_id}"

    async def _sent(self, parcel: Parcel, *, pictures: bool) -> Message:
        files = [_input(one, attach=len(parcel.files) > 1) for one in parcel.files]
        caption = parcel.text or None
        if not files:
            return await self._bot.send_message(
                parcel.chat_id, parcel.text, reply_markup=_keys(parcel.choices)
            )
        if len(files) > 1:
            kind = InputMediaPhoto if pictures else InputMediaDocument
            sent = await self._bot.send_media_group(
                parcel.chat_id,
                # The library's groups carry their text on the first piece.
                [kind(one, caption=caption if not at else None) for at, one in enumerate(files)],
            )
            return sent[0]
        if pictures:
            return await self._bot.send_photo(parcel.chat_id, files[0], caption=caption)
        return await self._bot.send_document(
            parcel.chat_id, files[0], caption=caption, disable_content_type_detection=True
        )

    async def set_hook(self, url: str, secret: str) -> None:
        """Let Telegram call `url` from now on, proving itself by `secret`; nothing is dropped."""
        with _in_our_words():
            await self._bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=ALLOWED,
                max_connections=_HOOK_CONNECTIONS,
                drop_pending_updates=False,
            )

    async def drop_hook(self) -> None:
        """Let Telegram keep updates until they are asked for; those that wait stay."""
        with _in_our_words():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def hook(self) -> HookState:
        with _in_our_words():
            info = await self._bot.get_webhook_info()
        return HookState(info.url, info.pending_update_count, info.last_error_message or "")


def _json(words: Sequence[str]) -> str:
    return msgspec.json.encode(words).decode()


def _input(file: OutboundFile, *, attach: bool) -> InputFile:
    """A group names its files by attachments of the request; a single one is its own field."""
    return InputFile(file.data, filename=file.name, attach=attach)


def _is_picture_trouble(error: BadRequest) -> bool:
    return any(mark in error.message.upper() for mark in _PICTURE_TROUBLE)


@contextmanager
def _in_our_words(*, sending: bool = False) -> Iterator[None]:
    try:
        yield
    except TelegramError as error:
        raise _said(error, sending=sending) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The answer was good, but is not what the library knows: whatever was asked is done.
        words = "Telegram's answer cannot be understood"
        raise (OutcomeUnknownError if sending else ProviderUnavailableError)(words) from error


def _said(error: TelegramError, *, sending: bool) -> Exception:
    """Return the error in the house's tree. BadRequest is a NetworkError too: it comes first."""
    if isinstance(error, Pause):
        return ProviderUnavailableError(
            "Telegram asks for a pause", retry_after=timedelta(seconds=error.seconds)
        )
    if isinstance(error, Unanswered) and error.maybe_done and sending:
        return OutcomeUnknownError(
            f"{error.message}: the client may have this message; look before you send it again"
        )
    if isinstance(error, Forbidden):
        return _gone(error.message)
    if isinstance(error, InvalidToken):
        return BadCredentialsError(
            "Telegram does not know this token; copy it anew from @BotFather"
        )
    if isinstance(error, BadRequest):
        return MessageRejectedError(f"Telegram refused it: {error.message}")
    if isinstance(error, Conflict):
        return MisconfiguredError(
            "another program reads this bot's messages; stop it, or make a bot for the center alone"
        )
    if isinstance(error, Unanswered):
        return ProviderUnavailableError(error.message)
    return ProviderUnavailableError("Telegram answered with an error")


def _gone(said: str) -> Exception:
    low = said.lower()
    if "blocked" in low:
        return RecipientGoneError(BLOCKED)
    if "deactivated" in low:
        return RecipientGoneError("this Telegram account was deleted")
    if "initiate" in low:
        return RecipientGoneError("the client has not written to this bot, so it may not write")
    return MessageRejectedError(f"Telegram refused it: {said}")


def _keys(choices: Sequence[str]) -> ReplyKeyboardMarkup | None:
    """Return keys that say their words when pressed, and vanish then."""
    if not choices:
        return None
    return ReplyKeyboardMarkup(
        [[one] for one in choices], resize_keyboard=True, one_time_keyboard=True
    )

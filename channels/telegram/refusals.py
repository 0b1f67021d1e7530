"""What Telegram's refusals mean, in the house's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError

from channels import errors
from channels.telegram.parse import BLOCKED
from channels.telegram.wire import Pause, Unanswered


@contextmanager
def in_our_words(*, sending: bool = False) -> Iterator[None]:
    try:
        yield
    except TelegramError as error:
        raise refusal_of(error, sending=sending) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The answer was good, but is not what the library knows: whatever was asked is done.
        words = "Telegram's answer cannot be understood"
        raise (errors.OutcomeUnknownError if sending else errors.ProviderUnavailableError)(
            words
        ) from error


def refusal_of(error: TelegramError, *, sending: bool) -> Exception:
    """Return the error in the house's tree. BadRequest is a NetworkError too: it comes first."""
    if isinstance(error, Pause):
        return errors.ProviderUnavailableError(
            "Telegram asks for a pause", retry_after=timedelta(seconds=error.seconds)
        )
    if isinstance(error, Unanswered) and error.maybe_done and sending:
        return errors.OutcomeUnknownError(
            f"{error.message}: the client may have this message; look before you send it again"
        )
    if isinstance(error, Forbidden):
        return _gone(error.message)
    if isinstance(error, InvalidToken):
        return errors.BadCredentialsError(
            "Telegram does not know this token; copy it anew from @BotFather"
        )
    if isinstance(error, BadRequest):
        return errors.MessageRejectedError(f"Telegram refused it: {error.message}")
    if isinstance(error, Conflict):
        return errors.MisconfiguredError(
            "another program reads this bot's messages; stop it, or make a bot for the center alone"
        )
    if isinstance(error, Unanswered):
        return errors.ProviderUnavailableError(error.message)
    return errors.ProviderUnavailableError("Telegram answered with an error")


def _gone(said: str) -> Exception:
    low = said.lower()
    if "blocked" in low:
        return errors.RecipientGoneError(BLOCKED)
    if "deactivated" in low:
        return errors.RecipientGoneError("this Telegram account was deleted")
    if "initiate" in low:
        return errors.RecipientGoneError(
            "the client has not written to this bot, so it may not write"
        )
    return errors.MessageRejectedError(f"Telegram refused it: {said}")

"""What the center may refuse, in words a person at the desk can act on."""

from typing import ClassVar


class CenterError(Exception):
    """The request was understood and cannot be done."""

    code: ClassVar[str] = "refused"
    reason: str = ""
    """Which refusal exactly, as a stable word (`phone.over`), where screens say it themselves."""

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        super().__init__(*([message] if message else []))
        self.reason = reason

    @property
    def message(self) -> str:
        return str(self) or (self.__doc__ or "").strip()


class NotFoundError(CenterError):
    """There is no such record, or it is not yours to see."""

    code = "not_found"


class ConflictError(CenterError):
    """Somebody changed this first; reload and try again."""

    code = "conflict"


class ForbiddenError(CenterError):
    """Your role does not allow this; ask an administrator."""

    code = "forbidden"


class SignInRequiredError(CenterError):
    """Sign in first."""

    code = "sign_in_required"


class TooManyTriesError(CenterError):
    """Too many tries; wait a minute and try again."""

    code = "too_many_tries"


class OverloadedError(CenterError):
    """The center cannot take this safely right now; nothing was stored, try again shortly."""

    code = "overloaded"


class ClashError(OverloadedError):
    """Somebody wanted the same at the same moment; nothing was stored, try again at once."""


class InvalidInputError(CenterError):
    """One field is not acceptable; `field` names it and the message says the cure."""

    code = "invalid"

    def __init__(self, message: str, *, field: str = "", reason: str = "") -> None:
        super().__init__(message, reason=reason)
        self.field = field


class SettingsError(CenterError):
    """The configuration is wrong; the message names the setting and the cure."""

    code = "settings"

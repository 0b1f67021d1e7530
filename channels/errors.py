"""The ways a provider says no; the courier treats each one differently."""

from datetime import timedelta

from kernel.errors import CenterError


class ProviderUnavailableError(CenterError):
    """The provider did not answer; try again later."""

    code = "provider_unavailable"

    def __init__(self, message: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MessageRejectedError(CenterError):
    """The provider will never accept this message."""

    code = "message_rejected"


class RecipientGoneError(MessageRejectedError):
    """Nothing that we send on this channel reaches the client any more."""


class OptedOutError(RecipientGoneError):
    """The client has forbidden us to write to them on this channel."""


class UnsignedCallError(CenterError):
    """This call does not prove that it comes from the provider."""

    code = "unsigned_call"


class OutcomeUnknownError(CenterError):
    """The provider may have taken the message, but its answer was lost."""

    code = "outcome_unknown"


class BadCredentialsError(CenterError):
    """The provider refused the user name or password; correct them on the channel's page."""

    code = "bad_credentials"


class MisconfiguredError(CenterError):
    """The channel's settings cannot work; correct them on the channel's page."""

    code = "misconfigured"


class UnreadableDeliveryError(CenterError):
    """What the provider handed over cannot be understood; it is kept as a dead letter."""

    code = "unreadable"

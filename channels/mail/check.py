"""Tries a mailbox's settings step by step, each with what was said and what would cure it."""

from typing import Final

from channels.envelope import CheckStep
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.mail.account import MailSettings
from channels.mail.imap import open_mailbox
from channels.mail.servers import find_servers
from channels.mail.smtp import Submission

_CURES: Final = {
    ("imap", BadCredentialsError): "Check imap_user and imap_password; many providers want an"
    " app password here.",
    ("imap", MisconfiguredError): "Check imap_host, imap_port, imap_tls and folder.",
    ("imap", ProviderUnavailableError): "Check imap_host and imap_port, and that the server is up.",
    ("smtp", BadCredentialsError): "Check smtp_user and smtp_password; many providers want an"
    " app password here.",
    ("smtp", MisconfiguredError): "Check smtp_host, smtp_port and smtp_tls: 465 goes with “tls”,"
    " 587 with “starttls”.",
    ("smtp", ProviderUnavailableError): "Check smtp_host and smtp_port, and that the server is up.",
}
_Failure = (BadCredentialsError, MisconfiguredError, ProviderUnavailableError)


async def check_mailbox(
    settings: MailSettings, password: str, submission: Submission, *, allow_private: bool
) -> list[CheckStep]:
    """Return one step each for connecting, signing in and the folder, for IMAP and for SMTP."""
    incoming = await _incoming(settings, password, allow_private=allow_private)
    return [*incoming, *await _outgoing(submission)]


async def _incoming(
    settings: MailSettings, password: str, *, allow_private: bool
) -> list[CheckStep]:
    steps: list[CheckStep] = []
    name = "imap_connect"
    try:
        servers = await find_servers(
            settings.imap_host,
            settings.imap_port,
            settings.imap_tls,
            allow_private=allow_private,
        )
        async with open_mailbox(settings, password, servers) as mailbox:
            steps += [CheckStep(name=name, ok=True), CheckStep(name="imap_sign_in", ok=True)]
            name = "imap_folder"
            await mailbox.open_folder(settings.folder)
            steps.append(CheckStep(name=name, ok=True, detail=settings.folder))
    except _Failure as error:
        if isinstance(error, BadCredentialsError):
            steps.append(CheckStep(name=name, ok=True))
            name = "imap_sign_in"
        steps.append(_failed(name, "imap", error))
    return steps


async def _outgoing(submission: Submission) -> list[CheckStep]:
    try:
        await submission.connect()
    except BadCredentialsError as error:
        return [CheckStep(name="smtp_connect", ok=True), _failed("smtp_sign_in", "smtp", error)]
    except _Failure as error:
        return [_failed("smtp_connect", "smtp", error)]
    return [CheckStep(name="smtp_connect", ok=True), CheckStep(name="smtp_sign_in", ok=True)]


def _failed(
    name: str,
    side: str,
    error: BadCredentialsError | MisconfiguredError | ProviderUnavailableError,
) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=error.message, cure=_CURES[side, type(error)])

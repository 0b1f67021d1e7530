"""What must be set for a number on WhatsApp's Cloud API, in an administrator's words."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.hooked.settings import checked_api_url, checked_hosts
from channels.meta.keys import APP_SECRET, VERIFY_TOKEN, Keys, keys_of
from kernel.limits import HOOKED_FILE_HOSTS, WHATSAPP_RATE, WHATSAPP_RATE_MAX

KIND: Final = "whatsapp_cloud"
ACCESS_TOKEN: Final = "access_token"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (APP_SECRET, ACCESS_TOKEN, VERIFY_TOKEN)
USUAL_API: Final = "https://graph.facebook.com/v26.0"

_Id = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{3,30}\Z")]


class WhatsAppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number: its id and its business account's id at Meta, and where Meta is."""

    phone_number_id: _Id
    """Whose messages are taken; those of other numbers, which the same app may hear of, are passed
    over."""
    business_account_id: _Id
    """The WhatsApp Business Account, which has the templates."""
    per_second: Annotated[float, msgspec.Meta(ge=0.1, le=WHATSAPP_RATE_MAX)] = WHATSAPP_RATE
    """Messages that the number may send each second."""
    api_url: Annotated[str, msgspec.Meta(max_length=300)] = USUAL_API
    media_hosts: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=253)], ...],
        msgspec.Meta(max_length=HOOKED_FILE_HOSTS),
    ] = ("fbsbx.com", "fbcdn.net", "whatsapp.net")
    """Where Meta keeps what clients send; the token is shown to them alone."""


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> WhatsAppSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), WhatsAppSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"WhatsApp settings: {error}") from error
    return msgspec.structs.replace(
        found,
        api_url=checked_api_url(found.api_url, allow_private=allow_private_hosts),
        media_hosts=checked_hosts("media_hosts", found.media_hosts),
    )


def read_keys(secrets: Mapping[str, str]) -> Keys:
    """Return the secrets; raises MisconfiguredError when one is missing or cannot be one."""
    return keys_of(secrets, ACCESS_TOKEN, how="make a lasting token of a system user", more="")


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the server it was saved for, and the verify token with it; the app's
    secret is sent to nobody."""
    before, after = saved.get("api_url", USUAL_API), wanted.get("api_url", USUAL_API)
    return {} if before == after else {ACCESS_TOKEN: "api_url", VERIFY_TOKEN: "api_url"}

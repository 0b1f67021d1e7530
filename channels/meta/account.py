"""What must be set for a Messenger page or an Instagram account, in an administrator's words."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from channels.errors import MisconfiguredError
from channels.hooked.settings import checked_api_url, checked_hosts
from channels.meta.keys import APP_SECRET, VERIFY_TOKEN, Keys, keys_of
from kernel.limits import HOOKED_FILE_HOSTS

PAGE_TOKEN: Final = "page_token"  # noqa: S105 - the name of the field, not a secret
SECRETS: Final = (APP_SECRET, PAGE_TOKEN, VERIFY_TOKEN)


class MetaSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One page or account: its id at Meta, and where Meta is."""

    page_id: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{3,30}\Z")]
    """Whose events are taken; those of others, which the same app may hear of, are passed over."""
    api_url: Annotated[str, msgspec.Meta(max_length=300)] = "https://graph.facebook.com/v26.0"
    media_hosts: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=253)], ...],
        msgspec.Meta(max_length=HOOKED_FILE_HOSTS),
    ] = ("fbcdn.net", "fbsbx.com", "cdninstagram.com")
    """Where Meta keeps what clients send."""


def read_settings(
    settings: Mapping[str, object], *, allow_private_hosts: bool = False
) -> MetaSettings:
    """Return the checked settings; raises MisconfiguredError naming the field and the cure."""
    try:
        found = msgspec.convert(dict(settings), MetaSettings, strict=True)
    except msgspec.ValidationError as error:
        raise MisconfiguredError(f"Meta settings: {error}") from error
    return msgspec.structs.replace(
        found,
        api_url=checked_api_url(found.api_url, allow_private=allow_private_hosts),
        media_hosts=checked_hosts("media_hosts", found.media_hosts),
    )


def read_keys(secrets: Mapping[str, str]) -> Keys:
    """Return the secrets; raises MisconfiguredError when one is missing or cannot be one."""
    return keys_of(
        secrets,
        PAGE_TOKEN,
        how="generate an access token",
        more=", and enter it beside the callback URL",
    )


def secrets_bound_elsewhere(
    saved: Mapping[str, object], wanted: Mapping[str, object]
) -> dict[str, str]:
    """The token goes only to the server it was saved for; the others are sent to nobody."""
    usual = "https://graph.facebook.com/v26.0"
    before, after = saved.get("api_url", usual), wanted.get("api_url", usual)
    return {} if before == after else {PAGE_TOKEN: "api_url"}

"""Whether a call really comes from Twilio: its signature over our public address and the form.

By Twilio's “Webhooks Security”: Base64(HMAC(key, address + every name and value of the form, names
sorted, values of one name sorted and each once)). SHA-1 with the Auth Token, or, when a header
says so, SHA-256 with a webhook key.
"""

import base64
import hmac
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from channels.errors import UnsignedCallError

SIGNATURE: Final = "x-twilio-signature"
SETTINGS: Final = "x-twilio-webhooks-signature-settings"
TOKEN: Final = "i-twilio-idempotency-token"  # noqa: S105 - the name of a header
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_FIELDS_MAX: Final = 1_000

Form = list[tuple[str, str]]


def read_form(body: bytes) -> Form:
    """Return the fields in their order; raises UnsignedCallError for what Twilio never sends."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError as error:
        raise UnsignedCallError from error


def refuse_unsigned(
    url: str, form: Form, headers: Mapping[str, str], *, token: str, webhook_key: str = ""
) -> None:
    """Raise UnsignedCallError unless the call proves itself over `url`, our public address.

    Twilio signs with the port in the address or without; both forms are tried, always. Nothing
    of the call's own Host or path is believed.
    """
    wanted = [signed(one, form, token, "sha1") for one in both_forms(url)]
    algorithm = _algorithm(headers.get(SETTINGS, ""))
    if algorithm is not None:
        strong = webhook_key if algorithm == "HMAC_SHA256" else ""
        wanted = [signed(one, form, strong, "sha256") for one in both_forms(url)]
        if not strong:
            raise UnsignedCallError
    offered = headers.get(SIGNATURE, "").encode()
    proofs = [hmac.compare_digest(offered, one.encode()) for one in wanted]
    if not any(proofs):
        raise UnsignedCallError


def signed(url: str, form: Iterable[tuple[str, str]], key: str, algorithm: str) -> str:
    """Return the signature that Twilio puts into its header."""
    said = url + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(key.encode(), said.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


def both_forms(url: str) -> tuple[str, str]:
    """Return the address with its port and without."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    port = parts.port
    bare = host.removesuffix(f":{port}") if port is not None else host
    shown = port or _USUAL_PORTS.get(parts.scheme, 443)
    return (
        parts._replace(netloc=bare).geturl(),
        parts._replace(netloc=f"{bare}:{shown}").geturl(),
    )


def _algorithm(settings: str) -> str | None:
    """Return the algorithm that a call signed with a webhook key names; None: the usual one."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip().upper() != "HMAC_SHA1":
            return value.strip().upper()
    return None

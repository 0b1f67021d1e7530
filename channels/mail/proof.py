"""Says whether our own mail server vouches for the address a mail claims to come from."""

from collections.abc import Sequence
from typing import Any, Final

from authres import AuthenticationResultsHeader

from channels.mail.mime.addresses import Address

_HEADER_CHARS: Final = 4_000


def vouched(sender: Address | None, results: Sequence[str], trusted: str | None) -> bool:
    """Return True only for a DMARC pass of the sender's domain (RFC 7489, RFC 8601).

    Only the newest Authentication-Results counts, and only under the trusted server's name:
    anything further down may have been written by the sender.
    """
    if sender is None or trusted is None or not results or len(results[0]) > _HEADER_CHARS:
        return False
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {results[0]}")
    except Exception:  # noqa: BLE001 - the parser raises all kinds of errors on broken headers
        return False
    if str(header.authserv_id).lower() != trusted.strip().lower():
        return False
    domain = sender.address.rpartition("@")[2]
    return any(_passes(result, domain) for result in header.results)


def _passes(result: Any, domain: str) -> bool:
    if result.method != "dmarc" or result.result != "pass":
        return False
    claimed = [
        str(one.value).lower().rstrip(".").rpartition("@")[2]
        for one in result.properties
        if (one.type, one.name) == ("header", "from")
    ]
    return claimed == [domain]

"""SMS and WhatsApp by Twilio: called when somebody writes, answered by its REST API."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from importlib import import_module
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from urllib.parse import parse_qs
from uuid import UUID

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    CheckStep,
    Deliver,
    Delivery,
    Envelope,
    Health,
    HookAnswer,
    HookCall,
    Outbound,
    Receipt,
    Status,
    Tell,
)
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
    UnreadableDeliveryError,
)
from channels.pace import Pace
from channels.templates import Template
from channels.twilio.account import WEBHOOK_KEY, read_settings, read_token
from channels.twilio.checking import Checking
from channels.twilio.compose import Parcel, address_of, compose
from channels.twilio.contents import Fields
from channels.twilio.kinds import SMS, WHATSAPP, Kind
from channels.twilio.listing import Looker, read_cursor
from channels.twilio.media import Media
from channels.twilio.parse import STATUSES, key_of, pack, read_packed, wanted_files
from channels.twilio.recall import same_message
from channels.twilio.signature import TOKEN, read_form, refuse_unsigned
from kernel.http import HttpClient
from kernel.limits import LENT_FILE, TWILIO_ASK_SECONDS, TWILIO_LOOK_SECONDS
from kernel.log import hide
from kernel.secrets import Secret

NOTHING: Final = HookAnswer(
    body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml"
)
"""We answer by the REST API, never in the call itself."""
CALL_AGAIN: Final = "#rc=2&rp=ct,rt,5xx"
"""Asks Twilio to call twice more when nobody answers (“Connection overrides”); never signed."""
_HEALTH_OF: Final = {
    BadCredentialsError: Health.BAD_CREDENTIALS,
    MisconfiguredError: Health.MISCONFIGURED,
    ProviderUnavailableError: Health.WAITING,
}
_Failure = (BadCredentialsError, MisconfiguredError, ProviderUnavailableError)


class TwilioConnector:
    """Speaks for one number; raises MisconfiguredError at once when its settings cannot work."""

    kind: ClassVar[str] = "twilio"

    def __init__(self, account: Account, around: Surroundings) -> None:
        self._kind: Kind = "sms" if account.kind == SMS else "whatsapp"
        self._settings = read_settings(
            self._kind, account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._token = read_token(account.secrets)
        self._webhook_key = account.secrets.get(WEBHOOK_KEY, "").strip()
        hide(Secret(self._token))
        if self._webhook_key:
            hide(Secret(self._webhook_key))
        self._account_id = account.id
        self._around = around
        self._hook_url = (
            f"{around.public_url.rstrip('/')}/hooks/{account.kind}/{account.public_key}"
        )
        self._is_public = around.allow_private_hosts or self._hook_url.startswith("https://")
        """Whether Twilio, somewhere on the Internet, may call the address that we know of us."""
        self._since = read_cursor(account.cursor)
        self.most_a_day = self._settings.most_a_day
        self._pace = Pace(around.clock, self._settings.per_second)
        self._known = around.known_of(account.id)
        self._keep_cursor = around.cursor_keeper(account.id)
        self._owners = around.sent_of(account.id)
        self._stack = AsyncExitStack()
        self._api: Any = None
        self._media: Any = None

    async def __aenter__(self) -> Self:
        # The library takes a moment to import: not at the start of a center without a number, and
        # not on the loop.
        library = await asyncio.to_thread(import_module, "channels.twilio.api")
        http = await self._stack.enter_async_context(
            HttpClient(allow_private=self._around.allow_private_hosts)
        )
        self._api = library.TwilioApi(self._settings, self._token, http)
        self._media = Media(
            self._settings, self._token, http, self._around.clock, self._around.keep_file
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def resume(self, cursor: str | None) -> None:
        """Go on from a stored cursor at the next `listen`; None keeps what is known."""
        self._since = read_cursor(cursor) or self._since

    async def listen(self, deliver: Deliver, tell: Tell) -> None:
        """Let Twilio call us, and catch up by listing until cancelled or Twilio fails."""
        tell(Health.CONNECTING, "connecting to Twilio")
        try:
            await self._api.account()
            await self._be_called()
            tell(Health.CONNECTED, self._settings.number)
            await self._look_for_ever(deliver)
        except _Failure as error:
            tell(_HEALTH_OF[type(error)], error.message)
            raise

    async def _look_for_ever(self, deliver: Deliver) -> None:
        called = self._is_public
        number = address_of(self._kind, self._settings.number)
        looker = Looker(
            self._api,
            self._around.clock,
            number,
            known=self._known,
            make=self._delivery,
            called=called,
        )
        if self._since is None:
            # What was written before the account was connected is not ours to answer.
            self._since = self._around.clock.now()
            await self._keep_cursor(self._since.isoformat(timespec="seconds"))
        while True:
            self._since = await looker.look(self._since, deliver, self._keep_cursor)
            await self._around.clock.sleep(TWILIO_LOOK_SECONDS if called else TWILIO_ASK_SECONDS)

    async def _be_called(self) -> None:
        """Tell Twilio where we are, for a number that is the account's own and in no service."""
        if not self._is_public or self._kind != SMS or self._settings.messaging_service:
            return
        own = await self._api.own_number(self._settings.number)
        if own is not None and own.hook_url.partition("#")[0] != self._hook_url:
            await self._api.call_us(own.sid, self._hook_url + CALL_AGAIN)

    async def receive(self, call: HookCall, deliver: Deliver) -> HookAnswer:
        """Hand over what one call brings; returns the empty answer once it is committed.

        Raises UnsignedCallError before anything is looked at when the call proves nothing.
        """
        form = read_form(call.body)
        url = f"{self._hook_url}?{call.query}" if call.query else self._hook_url
        refuse_unsigned(url, form, call.headers, token=self._token, webhook_key=self._webhook_key)
        fields = dict(form)
        key = key_of(fields, call.headers.get(TOKEN, ""), call.body)
        if wanted_files(fields) and key in await self._known([key]):
            return NOTHING
        await deliver([await self._delivery(key, call.body, fields, _message_in(call.query))])
        return NOTHING

    async def _delivery(
        self, key: str, form: bytes, fields: Fields, message: UUID | None = None
    ) -> Delivery:
        files = await self._media.fetched(wanted_files(fields))
        return Delivery(
            account_id=self._account_id,
            external_id=key,
            raw=pack(form, files, message),
            received_at=self._around.clock.now(),
        )

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        return [_read(delivery.raw) for delivery in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        """Ask for the message once, at the number's pace; the receipt names it for ever.

        Twilio knows no repetition: a lost answer raises OutcomeUnknownError, and `recall` then
        finds out what became of it.
        """
        parcel = self._composed(message)
        if parcel.files and not self._is_public:
            raise MessageRejectedError(
                "Twilio fetches files from public_url, which must be an https address for that"
            )
        files = [self._around.lend(file, LENT_FILE) for file in parcel.files]
        told_at = f"{self._hook_url}?message={message.key}{CALL_AGAIN}" if self._is_public else ""
        try:
            async with self._pace.turn(parcel.cost, bulk=message.bulk):
                return Receipt(await self._api.send(parcel, files, told_at))
        except ProviderUnavailableError as pause:
            if pause.retry_after is not None:
                self._pace.hold(pause.retry_after)
            raise

    def cost_of(self, message: Outbound) -> int:
        """Return what is billed for it: segments of an SMS; one for what cannot be sent at all."""
        try:
            return self._composed(message).cost
        except MessageRejectedError:
            return 1

    async def recall(self, message: Outbound, since: datetime) -> Receipt | None:
        """Return the receipt of a message whose answer was lost; None: Twilio never took it."""
        parcel = self._composed(message)
        listed = await self._api.sent_to(parcel.sender, parcel.to)
        owners = await self._owners([one.sid for one in listed])
        found = same_message(parcel, listed, since, owners, message.key)
        return Receipt(found.sid, STATUSES.get(found.status, Status.SENT)) if found else None

    async def templates(self) -> list[Template]:
        """Return what may be sent to WhatsApp out of its window; SMS has none."""
        return await self._api.templates() if self._kind == WHATSAPP else []

    async def check(self) -> list[CheckStep]:
        """Say whose account it is, whether the number is its own, and how messages come."""
        return await Checking(
            self._api, self._kind, self._settings, self._hook_url, public=self._is_public
        ).steps()

    def _composed(self, message: Outbound) -> Parcel:
        known = self._settings
        return compose(self._kind, known.number, known.messaging_service, message)


def _message_in(query: str) -> UUID | None:
    """Return the message that a status callback is about: it stands in the signed address."""
    try:
        return UUID(parse_qs(query).get("message", [""])[0])
    except ValueError:
        return None


def _read(raw: bytes) -> Sequence[Envelope] | Exception:
    try:
        return read_packed(raw)
    except UnreadableDeliveryError as error:
        return error

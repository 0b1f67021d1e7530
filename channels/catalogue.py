"""The one list of channels the house can speak; a new one is a folder and a line here."""

from collections.abc import Mapping
from typing import Final

from channels.channel import Channel
from channels.custom.channel import CHANNEL as CUSTOM
from channels.line.channel import CHANNEL as LINE
from channels.mail.channel import CHANNEL as MAIL
from channels.meta.channel import INSTAGRAM_CHANNEL as INSTAGRAM
from channels.meta.channel import MESSENGER_CHANNEL as MESSENGER
from channels.telegram.channel import CHANNEL as TELEGRAM
from channels.twilio.channel import SMS_CHANNEL as SMS
from channels.twilio.channel import WHATSAPP_CHANNEL as WHATSAPP
from channels.twilio.voice.channel import CHANNEL as VOICE
from channels.viber.channel import CHANNEL as VIBER
from channels.webchat.channel import CHANNEL as WEBCHAT
from channels.whatsapp.channel import CHANNEL as WHATSAPP_CLOUD

CHANNELS: Final[Mapping[str, Channel]] = {
    one.kind: one
    for one in (
        *(MAIL, WEBCHAT, TELEGRAM, SMS, WHATSAPP, WHATSAPP_CLOUD),
        *(CUSTOM, VIBER, LINE, MESSENGER, INSTAGRAM, VOICE),
    )
}

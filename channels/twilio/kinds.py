"""The two channels that numbers at Twilio carry."""

from typing import Final, Literal

Kind = Literal["sms", "whatsapp"]
SMS: Final = "sms"
WHATSAPP: Final = "whatsapp"

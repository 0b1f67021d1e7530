"""Browsers as telephones: what Twilio's Voice SDK needs to sign in.

An access token (Twilio's “Access Tokens”, a JWT signed with the secret of an API key) lets one
identity be called for a while, and nothing else: it can call nobody and reads nothing.
"""

from datetime import datetime

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from channels.twilio.voice.account import VoiceSettings
from channels.voice.legs import BrowserPass
from kernel.limits import VOICE_PASS_LIFE


def browser_pass(settings: VoiceSettings, secret: str, identity: str, now: datetime) -> BrowserPass:
    """Return the pass with which the browser of this identity is called."""
    ends_at = now + VOICE_PASS_LIFE
    token = AccessToken(
        settings.account_sid,
        settings.api_key_sid,
        secret,
        identity=identity,
        valid_until=int(ends_at.timestamp()),
    )
    token.add_grant(VoiceGrant(incoming_allow=True))
    return BrowserPass(
        realm=f"{settings.signalling_url}/{settings.account_sid}",
        identity=identity,
        token=str(token.to_jwt()),
        ends_at=ends_at,
        signalling=settings.signalling_url,
    )

"""What Twilio's voice API shows of a call, a conference, a party and a recording."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.simulators.twilio_exchange import OwnNumber
from tests.simulators.twilio_gate import ACCOUNT, API
from tests.simulators.twilio_legs import Leg, Recording, Room, Seat

Shown = dict[str, Any]


def _moment(at: datetime | None) -> str | None:
    return format_datetime(at) if at is not None else None


def number(own: OwnNumber) -> Shown:
    return {
        "sid": own.sid,
        "account_sid": ACCOUNT,
        "phone_number": own.number,
        "voice_url": own.voice_url,
        "voice_method": own.method,
        "voice_fallback_url": own.fallback_url,
        "voice_fallback_method": "POST",
        "status_callback": own.status_url,
        "status_callback_method": "POST",
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
    }


def call(leg: Leg) -> Shown:
    return {
        "sid": leg.sid,
        "account_sid": ACCOUNT,
        "parent_call_sid": leg.parent or None,
        "from": leg.sender,
        "to": leg.to,
        "status": leg.status,
        "direction": leg.direction,
        "date_created": _moment(leg.made_at),
        "date_updated": _moment(leg.ended_at or leg.answered_at or leg.made_at),
        "start_time": _moment(leg.answered_at or leg.made_at),
        "end_time": _moment(leg.ended_at),
        "duration": str(leg.seconds) if leg.over else None,
        "answered_by": leg.answered_by or None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{API}/Calls/{leg.sid}.json",
    }


def conference(room: Room) -> Shown:
    return {
        "sid": room.sid,
        "account_sid": ACCOUNT,
        "friendly_name": room.name,
        "status": room.status,
        "region": "us1",
        "reason_conference_ended": room.reason or None,
        "call_sid_ending_conference": room.ended_by or None,
        "date_created": _moment(room.made_at),
        "date_updated": _moment(room.made_at),
        "uri": f"{API}/Conferences/{room.sid}.json",
    }


def participant(seat: Seat) -> Shown:
    status = "complete" if seat.gone.done() else "connected"
    return {
        "account_sid": ACCOUNT,
        "call_sid": seat.leg.sid,
        "conference_sid": seat.room.sid,
        "label": seat.label or None,
        "muted": seat.muted,
        "hold": seat.held,
        "coaching": bool(seat.coaching),
        "call_sid_to_coach": seat.coaching or None,
        "start_conference_on_enter": seat.starts,
        "end_conference_on_exit": seat.ends,
        "status": status,
        "queue_time": None,
        "date_created": _moment(seat.leg.made_at),
        "date_updated": _moment(seat.leg.made_at),
    }


def recording(one: Recording) -> Shown:
    return {
        "sid": one.sid,
        "account_sid": ACCOUNT,
        "call_sid": one.call_sid or None,
        "conference_sid": one.conference_sid or None,
        "status": one.status,
        "source": one.source,
        "channels": one.channels,
        "duration": str(one.seconds) if one.ended else None,
        "start_time": _moment(one.made_at),
        "date_created": _moment(one.made_at),
        "date_updated": _moment(one.made_at),
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "media_url": f"https://api.twilio.com{API}/Recordings/{one.sid}",
        "uri": f"{API}/Recordings/{one.sid}.json",
    }

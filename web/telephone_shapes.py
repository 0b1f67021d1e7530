"""What the API takes and answers about the telephone."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, field

from channels.voice.flow import Flow
from kernel.limits import FLOW_ANSWER_CHARS, FLOW_SERVES, VOICE_DIGITS_TRIED, VOICE_DTMF
from web.shapes import Body, View

PhoneNumber = Annotated[str, Meta(max_length=40, pattern=r"^[0-9+() .\-/]*$")]
CallState = Literal["menu", "waiting", "connecting", "talking", "voicemail", "ended"]


class CallLegView(View):
    """Somebody in a call, or whom it calls."""

    id: UUID
    role: Literal["client", "agent", "consulted", "third", "supervisor"]
    agent_id: UUID | None
    name: str
    number: str
    state: Literal["dialling", "ringing", "joined", "ended"]
    why: str
    """Of one that ended: `completed`, `busy`, `no_answer`, `failed`, `canceled` or `refused`."""
    mode: Literal["", "listen", "whisper", "barge"]
    on_hold: bool
    muted: bool
    since: datetime
    """When it came into its state."""
    seconds: int | None
    """How long it was in the call, of one that ended."""


class RecordingView(View):
    id: UUID
    kind: Literal["talk", "voicemail"]
    state: Literal["running", "paused", "fetching", "kept", "lost"]
    seconds: int
    size: int
    started_at: datetime
    url: str | None
    """Its bytes, for who may `recording.listen`; absent until they are here."""


class BrowserPassView(View):
    """With this the browser that asked for it is my telephone, until it ends."""

    realm: str
    """One telephone in the browser for each."""
    identity: str
    token: str
    ends_at: datetime
    signalling: str
    """Where it listens for calls: scheme and host."""


class CallView(View):
    """One call: who is in it now, or how it went."""

    id: UUID
    account_id: UUID
    direction: Literal["inbound", "outbound"]
    state: CallState
    outcome: str
    """How it ended: `answered`, `abandoned`, `voicemail`, `callback`, `transferred`, `announced`,
    `turned_away`, `busy`, `no_answer` or `failed`."""
    number: str
    """The client's; empty when withheld."""
    own_number: str
    unverified: bool
    """The network shows this number, which proves nothing: ask before telling anything."""
    locale: str
    client_id: UUID | None
    client_name: str
    ticket_id: UUID | None
    contact_id: UUID | None
    queue_id: UUID | None
    message_id: UUID | None
    agent_id: UUID | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    waited_seconds: int | None
    talked_seconds: int | None
    recording: Literal["off", "on", "paused"]
    legs: list[CallLegView]
    recordings: list[RecordingView]


class NewCall(Body):
    """Whom to call: a client (their number, or the one given), from an account of the telephone."""

    client_id: UUID | None = None
    ticket_id: UUID | None = None
    """Where it is noted; its client is called."""
    number: PhoneNumber = ""
    """Empty: the client's own."""
    account_id: UUID | None = None
    """Empty: the only telephone account, or the ticket's."""
    anyway: bool = False
    """Although the client is to be left alone, or it is quiet hours where they are: without it the
    call is refused for this field then."""


class HoldCall(Body):
    on: bool
    leg_id: UUID | None = None
    """Empty: the client."""


class MuteCall(Body):
    on: bool
    leg_id: UUID | None = None
    """Empty: oneself."""


class CallKeys(Body):
    digits: Annotated[str, Meta(min_length=1, max_length=VOICE_DTMF, pattern=r"^[0-9*#wW]+$")]
    """`w` is half a second of silence."""
    leg_id: UUID | None = None


class CallWhom(Body):
    """A colleague or a number, one of the two."""

    agent_id: UUID | None = None
    number: PhoneNumber = ""


class TransferCall(Body):
    """To a colleague, a queue or a number, one of the three."""

    agent_id: UUID | None = None
    queue_id: UUID | None = None
    number: PhoneNumber = ""


class RecordCall(Body):
    what: Literal["start", "pause", "resume", "stop"]


class BesideCall(Body):
    mode: Literal["listen", "whisper", "barge"]


Serves = Annotated[list[UUID], Meta(max_length=FLOW_SERVES)]
Presses = Annotated[
    list[Annotated[str, Meta(pattern=r"^[0-9*#]?$")]], Meta(max_length=VOICE_DIGITS_TRIED)
]


class FlowProblemView(View):
    node: str
    field: str
    code: str
    message: str
    cure: str
    warns: bool
    """It can be saved all the same."""
    facts: dict[str, str]
    """What the sentence is about: `language`, `channel` (its kind), `has`, `most`, `label`."""


class CallFlowView(View):
    """A flow as it is stored; `version` 0 is the usual one, which nobody has changed."""

    account_id: UUID
    flow: Flow
    version: int
    languages: list[str]
    serves: list[UUID]
    """The messenger accounts on which who begins a conversation is led through it."""
    problems: list[FlowProblemView] = field(default_factory=list)


class CallFlowPut(Body):
    flow: Flow
    version: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    serves: Serves | None = None
    """Empty: as it is. A messenger account is served by one flow: it leaves the one before."""


class CallFlowCheck(Body):
    flow: Flow
    serves: Serves = field(default_factory=list)


class CallFlowTry(Body):
    """A call that nobody makes: which keys are pressed, one turn after the other."""

    flow: Flow | None = None
    """Empty: the one that is stored."""
    presses: Presses = field(default_factory=list)
    """Empty text: nothing is pressed until time is up."""
    language: Annotated[str, Meta(max_length=5)] = ""
    at: datetime | None = None
    """When it comes in; empty: now."""


Answers = Annotated[
    list[Annotated[str, Meta(max_length=FLOW_ANSWER_CHARS)]], Meta(max_length=VOICE_DIGITS_TRIED)
]


class WrittenFlowTry(Body):
    """A conversation that nobody has: what is written after the first word, one after the other."""

    flow: Flow | None = None
    """Empty: the one that is stored."""
    answers: Answers = field(default_factory=list)
    language: Annotated[str, Meta(max_length=5)] = ""
    at: datetime | None = None
    """When it begins; empty: now."""


class WrittenTurnView(View):
    """What the client wrote, and what the center says to it; empty: it is left to people."""

    wrote: str
    """Empty of the first turn, which answers whatever they begin with."""
    chose: str
    """The words of the option that it meant."""
    says: str
    options: list[str]
    language: str
    waits: bool
    """It led them into a queue."""
    queue_id: UUID | None
    """Which one; empty: the account's."""


class WrittenFlowTried(View):
    turns: list[WrittenTurnView]


class TriedTurnView(View):
    """One turn: where the call stands, what is heard there, and what comes then."""

    node: str
    language: str
    heard: list[dict[str, Any]]
    """`{"type": "Say", "text", "language"}`, `{"type": "Play", "url", "times"}`."""
    then: Literal["ask", "queue", "callback", "voicemail", "transfer", "hang_up"]
    pressed: str | None
    """What was pressed after it, if the call went on."""


class CallFlowTried(View):
    turns: list[TriedTurnView]


class RecordingHeardView(View):
    agent_id: UUID
    agent_name: str
    at: datetime

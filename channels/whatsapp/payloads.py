"""What the Cloud API's webhook tells, as far as we read it; fields that nobody knows are passed
over."""

from msgspec import Raw, Struct


class Text(Struct, frozen=True):
    body: str = ""


class Media(Struct, frozen=True):
    """A file that Meta keeps: it is asked for by its `id`."""

    id: str = ""
    caption: str = ""
    filename: str = ""
    voice: bool = False


class Location(Struct, frozen=True):
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


class CardName(Struct, frozen=True):
    formatted_name: str = ""


class CardPhone(Struct, frozen=True):
    phone: str = ""


class Card(Struct, frozen=True):
    name: CardName = CardName()
    phones: tuple[CardPhone, ...] = ()


class Chosen(Struct, frozen=True):
    title: str = ""
    description: str = ""


class Flow(Struct, frozen=True):
    """The answer to a form that was filled in."""

    name: str = ""
    body: str = ""


class Interactive(Struct, frozen=True):
    button_reply: Chosen | None = None
    list_reply: Chosen | None = None
    nfm_reply: Flow | None = None


class Button(Struct, frozen=True):
    """A button of a template that was pressed."""

    text: str = ""


class Reaction(Struct, frozen=True):
    """No `emoji`: the client took it back."""

    message_id: str
    emoji: str = ""


class System(Struct, frozen=True):
    """`wa_id` and `user_id` are the new ones."""

    type: str = ""
    body: str = ""
    wa_id: str = ""
    user_id: str = ""
    customer: str = ""


class Context(Struct, frozen=True):
    id: str = ""
    forwarded: bool = False
    frequently_forwarded: bool = False


class Referral(Struct, frozen=True):
    """The advertisement by which the client came."""

    source_url: str = ""
    headline: str = ""


class Message(Struct, frozen=True, rename={"sender": "from", "sender_id": "from_user_id"}):
    """`sender` is a number and `sender_id` a business-scoped id; one of them may be missing."""

    id: str
    type: str = ""
    sender: str = ""
    sender_id: str = ""
    timestamp: str = ""
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: tuple[Card, ...] = ()
    interactive: Interactive | None = None
    button: Button | None = None
    reaction: Reaction | None = None
    system: System | None = None
    context: Context | None = None
    referral: Referral | None = None


class Details(Struct, frozen=True):
    details: str = ""


class Fault(Struct, frozen=True):
    code: int = 0
    title: str = ""
    message: str = ""
    error_data: Details | None = None


class Told(Struct, frozen=True):
    """What became of a message of ours."""

    id: str
    status: str
    recipient_id: str = ""
    recipient_user_id: str = ""
    biz_opaque_callback_data: str = ""
    errors: tuple[Fault, ...] = ()


class Profile(Struct, frozen=True):
    name: str = ""
    username: str = ""


class Contact(Struct, frozen=True):
    wa_id: str = ""
    user_id: str = ""
    profile: Profile = Profile()


class Metadata(Struct, frozen=True):
    phone_number_id: str


class Value(Struct, frozen=True):
    metadata: Metadata
    contacts: tuple[Raw, ...] = ()
    messages: tuple[Raw, ...] = ()
    statuses: tuple[Raw, ...] = ()


class Change(Struct, frozen=True):
    value: Raw
    field: str = "messages"


class Entry(Struct, frozen=True):
    changes: tuple[Raw, ...] = ()


class Body(Struct, frozen=True):
    entry: tuple[Raw, ...]


class Stored(Struct, frozen=True, omit_defaults=True):
    """One thing of many that a call tells, with whom it is about, as it is kept."""

    message: Message | None = None
    status: Told | None = None
    contact: Contact = Contact()


class Kept(Struct, frozen=True, omit_defaults=True):
    """The same with its parts as they came."""

    message: Raw | None = None
    status: Raw | None = None
    contact: Raw | None = None

"""Who works in the demonstration: people to sign in as, and some who answer by themselves."""

from typing import Final

from msgspec import Struct

PASSWORD: Final = "three green windowsills"  # noqa: S105 - printed for everybody who starts it


class Colleague(Struct, frozen=True, kw_only=True):
    name: str
    email: str
    role: str
    locale: str = "en"
    scripted: bool = False
    what: str = ""
    phone: str = ""
    """Their own telephone, which rings when they take a call."""


STAFF: Final = (
    Colleague(
        name="Olena Bondar",
        email="admin@demo.example",
        role="administrator",
        what="administrator: sees and sets everything; when available, takes calls alone",
        phone="+380501110001",
    ),
    Colleague(
        name="Vera Klein",
        email="supervisor@demo.example",
        role="supervisor",
        what="supervisor: watches the floor",
        phone="+380501110002",
    ),
    Colleague(
        name="Alex Novak",
        email="agent@demo.example",
        role="agent",
        what="agent: takes contacts",
        phone="+380501110003",
    ),
    Colleague(
        name="Ірина Шевченко",
        email="iryna@demo.example",
        role="agent",
        locale="uk",
        what="agent, in Ukrainian",
        phone="+380501110004",
    ),
    Colleague(name="Oksana", email="oksana@demo.example", role="agent", scripted=True),
    Colleague(name="Emma", email="emma@demo.example", role="agent", scripted=True),
    Colleague(name="Dmitry", email="dmitry@demo.example", role="agent", scripted=True),
)

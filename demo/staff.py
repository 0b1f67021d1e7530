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


STAFF: Final = (
    Colleague(
        name="Olena Bondar",
        email="admin@demo.example",
        role="administrator",
        what="administrator: sees and sets everything",
    ),
    Colleague(
        name="Vera Klein",
        email="supervisor@demo.example",
        role="supervisor",
        what="supervisor: watches the floor",
    ),
    Colleague(
        name="Alex Novak", email="agent@demo.example", role="agent", what="agent: takes contacts"
    ),
    Colleague(
        name="Ірина Шевченко",
        email="iryna@demo.example",
        role="agent",
        locale="uk",
        what="agent, in Ukrainian",
    ),
    Colleague(name="Oksana", email="oksana@demo.example", role="agent", scripted=True),
    Colleague(name="Emma", email="emma@demo.example", role="agent", scripted=True),
    Colleague(name="Dmitry", email="dmitry@demo.example", role="agent", scripted=True),
)

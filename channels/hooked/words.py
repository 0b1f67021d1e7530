"""What messengers send that is no text, in words an agent can read; no I/O."""


def place(latitude: float, longitude: float, name: str = "", address: str = "") -> str:
    """Return where it is, with a link to a map."""
    at = f"{latitude:.6f}", f"{longitude:.6f}"
    link = f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=16/{at[0]}/{at[1]}"
    return "\n".join(part for part in (name, address, f"{at[0]}, {at[1]}", link) if part)


def card(name: str, number: str) -> str:
    """Return somebody's name and number on one line."""
    return ", ".join(part for part in (name.strip(), number.strip()) if part)


def unsupported(kind: str) -> str:
    """Return a placeholder for a kind of message that cannot be shown."""
    word = "".join(sign for sign in kind[:40] if sign.isalnum() or sign in "_-")
    return f"[{word or 'message'}]"

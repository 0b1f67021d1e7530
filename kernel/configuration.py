"""Reads a struct from a TOML file and the environment, telling every fault at once."""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from kernel.errors import SettingsError
from kernel.secrets import Secret, decode_secret

T = TypeVar("T", bound=Struct)


class Setting(Struct, frozen=True):
    """One setting as it is documented: its name, what it may be, and what it means."""

    name: str
    kind: Any
    accepts: str
    meaning: str


def settings_of(kind: type[Struct]) -> dict[str, Setting]:
    """Return the settings of `kind` by name, in the order they are declared."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _setting(name, hints[name]) for name in kind.__struct_fields__}


def read_settings(
    kind: type[T], path: Path | None, environ: Mapping[str, str], *, prefix: str
) -> T:
    """Return a `kind` from the file at `path`, and over it the variables that begin with `prefix`.

    Raises `SettingsError` naming every unknown setting with the nearest valid one and every
    wrong value with what would be right. No value is repeated in it: it may be a password.
    """
    known = settings_of(kind)
    faults: list[str] = []
    values = {} if path is None else _read(_table(path), known, faults, _InFile(path))
    variables = {name: text for name, text in environ.items() if name.startswith(prefix)}
    values |= _read(variables, known, faults, _InEnvironment(prefix))
    if faults:
        raise SettingsError("\n".join(faults))
    return kind(**values)


class _InFile:
    """Settings as TOML has them: typed, by their own names."""

    strict = True

    def __init__(self, path: Path) -> None:
        self.where = f"in {path}"

    def spell(self, name: str) -> str:
        return name


class _InEnvironment:
    """Settings as variables: texts, by a prefix and capitals; a list is separated by commas."""

    strict = False
    where = "in the environment"

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def spell(self, name: str) -> str:
        return self._prefix + name.upper()


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the configuration file {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error


def _read(
    table: Mapping[str, Any],
    known: Mapping[str, Setting],
    faults: list[str],
    source: _InFile | _InEnvironment,
) -> dict[str, Any]:
    spelled = {source.spell(name): setting for name, setting in known.items()}
    values: dict[str, Any] = {}
    for name, raw in table.items():
        setting = spelled.get(name)
        if setting is None:
            near = _nearest(name, spelled)
            faults.append(f"{name} ({source.where}) is not a setting; did you mean {near}?")
            continue
        try:
            values[setting.name] = _convert(raw, setting.kind, strict=source.strict)
        except msgspec.ValidationError:
            faults.append(f"{name} ({source.where}) must be {setting.accepts}")
    return values


def _nearest(name: str, valid: Iterable[str]) -> str:
    by_lower = {each.lower(): each for each in valid}
    return by_lower[difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.0)[0]]


def _convert(raw: Any, kind: Any, *, strict: bool) -> Any:
    if not strict and get_origin(_bare(kind)) is tuple:
        raw = [part.strip() for part in str(raw).split(",") if part.strip()]
    return msgspec.convert(raw, kind, strict=strict, dec_hook=_decode)


def _decode(kind: type, value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError("a text is needed")
    if kind is Path:
        if not value.strip():
            raise ValueError("a path is needed")
        return Path(value)
    return decode_secret(kind, value)


def _setting(name: str, kind: Any) -> Setting:
    meta = _meta(kind)
    return Setting(name, kind, _accepts(_bare(kind), meta), meta.description or "")


def _bare(kind: Any) -> Any:
    """Return the type without its constraints and without the `None` of "left out"."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    options = [each for each in get_args(kind) if each is not type(None)]
    return options[0] if type(None) in get_args(kind) else kind


def _meta(kind: Any) -> Meta:
    found = [each for each in getattr(kind, "__metadata__", ()) if isinstance(each, Meta)]
    return found[0] if found else Meta()


_WORDS: Mapping[Any, Callable[[Meta], str]] = {
    bool: lambda meta: "true or false",
    int: lambda meta: f"a whole number from {meta.ge} to {meta.le}",
    Path: lambda meta: "a path",
    Secret: lambda meta: "a text (kept secret)",
    str: lambda meta: (
        f"a text of {meta.min_length} to {meta.max_length} characters"
        if meta.max_length
        else "a text"
    ),
}


def _accepts(bare: Any, meta: Meta) -> str:
    if get_origin(bare) is Literal:
        return "one of " + ", ".join(str(each) for each in get_args(bare))
    if get_origin(bare) is tuple:
        return "a list of texts"
    return _WORDS[bare](meta)

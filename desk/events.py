"""What can happen to the house itself."""

from dataclasses import dataclass

from kernel.journal import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyChanged(Entry):
    name: str
    default_locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesChanged(Entry):
    """Sample data came or went: whoever shows a list asks for it again."""

    present: bool

"""Views of texts that a provider has approved before."""

from datetime import datetime
from uuid import UUID

from web.shapes import View


class VariableView(View):
    key: str
    example: str
    link: bool
    """Its value is the https address of a file, which the provider fetches."""


class TemplateView(View):
    """One text in one language; `{{key}}` stands where a variable is filled in."""

    id: UUID
    account_id: UUID
    name: str
    language: str
    category: str
    status: str
    """`approved`, or the provider's word why not."""
    usable: bool
    """It may be sent now."""
    unusable: str
    """Why it cannot be sent from here, in words, though it is approved."""
    header: str
    body: str
    footer: str
    buttons: list[str]
    variables: list[VariableView]
    seen_at: datetime
    """When the provider listed it last."""


class TemplatesListed(View):
    """How many templates the provider has of the account."""

    count: int

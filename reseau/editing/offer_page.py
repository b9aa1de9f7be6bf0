"""What the template of the form of an offer is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reseau.directory import offers, present
from reseau.directory.models import Service
from reseau.editing.offer_forms import OfferForm
from reseau.editing.values import phone

if TYPE_CHECKING:
    from pyramid.request import Request


class OfferPage:
    """The form of one offer. ``theirs``: what somebody else wrote meanwhile, (label, lines) of what is different."""

    def __init__(self, request: Request, row: Mapping[str, Any], form: OfferForm, theirs: Service | None) -> None:
        self.request, self.row, self.form = request, row, form
        self.id = request.matchdict.get("service")
        self.base = request.script_name + present.path(row["slug"], row["id"])
        self.theirs: list[tuple[str, list[str]]] | None = None
        if theirs is not None:
            mine, now = form.values, offers.content(theirs)
            different = [name for name in offers.CONTENT if (mine.get(name) or None) != (now[name] or None)]
            self.theirs = [(form[name].label.text, self._words(name, now[name])) for name in different]
            form.rev.data = str(theirs.rev)  # sent again, it replaces what has now been seen

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return f"{self.base}/offres/{self.id or 'nouvelle'}"

    def _words(self, name: str, value: Any) -> list[str]:
        codes: list[str] = value if isinstance(value, list) else [value] if value else []
        if name == "telephone":
            return [phone(one) for one in codes]
        choices = getattr(self.form[name], "choices", None) or []
        labels = {choice.value: choice.label for choice in choices}
        return [labels.get(one, one) for one in codes]

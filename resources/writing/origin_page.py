"""What changed in the original of a copy, as its authors read it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording
from reseau.web.i18n import _
from resources.base.addresses import path_of
from resources.base.content import Block, ContentError
from resources.base.diff import Piece, difference
from resources.base.models import Visibility
from resources.base.sentences import sentence
from resources.base.services import Published
from resources.base.shapes import BLOCK_LABELS, NIVEAUX
from resources.writing import adapting
from resources.writing.adapting import Change, NotThisWay
from resources.writing.forms import VOCABULARIES
from resources.writing.page import WritingPage
from resources.writing.words import BLOCK_LABELS as FIELD_LABELS
from resources.writing.words import HEADER_LABELS, RHYTHMS

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext


class OriginPage(WritingPage):
    """See the module. ``moved``: the original changed again while the page was open."""

    def __init__(self, request: Request, context: ResourceContext) -> None:
        super().__init__(request, context)
        found = adapting.origin_of(request.db, self.resource)
        self.original: Published | None = found if found and self._may_read(found) else None
        self.moved = False
        self.said = ""

    def _may_read(self, found: Published) -> bool:
        open_to_all = found.resource.visibility == Visibility.PUBLIC.value
        return open_to_all or bool(self.request.allows("network:read"))

    @cached_property
    def changes(self) -> list[Change]:
        """Section by section."""
        if self.original is None:
            return []
        return adapting.changes(self.request.db, self.resource, self.content, self.original.content)

    @property
    def original_url(self) -> str:
        """Where the original is."""
        return f"{self.request.script_name}{path_of(self.original.resource)}" if self.original else ""

    def refused(self, error: ContentError | NotThisWay) -> None:
        """What was to be taken cannot be kept."""
        wording = Wording.of(self.request.lang)
        self.said = error.said(wording) if isinstance(error, NotThisWay) else sentence(error, wording)

    def label(self, change: Change) -> str:
        """What a section is."""
        say = self.request.gettext
        if not change.is_block:
            return str(say(HEADER_LABELS[change.name]))
        block: Block = change.theirs or change.mine or change.then
        return block.title or f"{say(BLOCK_LABELS[block.kind])} : {self.extract(block)}"

    def lines(self, change: Change, value: Any) -> list[tuple[str, str]]:
        """(label, text) of one side of a change; [] when it is not there."""
        say = self.request.gettext
        if isinstance(value, Block):
            said = [(str(say(FIELD_LABELS[name])), getattr(value, name)) for name in ("title", "text", "alt", "note")]
            said += [
                (str(say(FIELD_LABELS[name])), ref.name) for name in ("image", "file") if (ref := getattr(value, name))
            ]
            said += [(str(say(FIELD_LABELS[name])), one) for name, one in value.data.items()]
            said += [(str(say(FIELD_LABELS["minutes"])), str(value.minutes))] if value.minutes is not None else []
            return [(label, text) for label, text in said if text]
        if value is None or value in ("", ()):
            return []
        return [("", self._in_words(change.name, value))]

    def news(self, change: Change) -> list[tuple[str, list[Piece]]]:
        """(label, pieces) of the original today, against what it was when it was copied."""
        then = dict(self.lines(change, change.then))
        return [(label, difference(then.get(label, ""), text)) for label, text in self.lines(change, change.theirs)]

    def _in_words(self, name: str, value: Any) -> str:
        say, lang = self.request.gettext, self.request.lang
        if name in VOCABULARIES:
            known = vocabulary(VOCABULARIES[name])
            return ", ".join(term.label(lang) if (term := known.get(code)) else code for code in value)
        if name == "groupe":
            return f"{value[0]}–{value[1]}"
        if name == "niveau":
            return str(say(NIVEAUX.get(value, value)))
        if name == "verifier_tous_les":
            return str(say(RHYTHMS[value]))
        return str(value)

    def nothing_of(self, change: Change, side: str) -> str:
        """Said when a side has nothing."""
        if not change.is_block:
            return str(self.request.gettext(_("non renseigné")))
        words = {"then": _("Ce bloc n’y était pas."), "theirs": _("Ce bloc a été retiré de l’original."),
                 "mine": _("Ce bloc n’est pas dans votre copie.")}  # fmt: skip
        return str(self.request.gettext(words[side]))

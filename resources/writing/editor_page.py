"""The page on which a resource is written: its header, its parts, what became of the last thing that was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.core.wording import Wording
from reseau.web.i18n import _
from resources.base.content import Block, ContentError
from resources.base.sentences import sentence
from resources.writing import adapting, drafting
from resources.writing.drafting import HeaderClash
from resources.writing.forms import HeaderForm, Pairs, show_error
from resources.writing.page import WritingPage
from resources.writing.words import HEADER_LABELS

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext

_SAID = {
    "enregistre": _("C’est enregistré dans le brouillon."),
    "cree": _("Votre brouillon est enregistré. Complétez-le, ou publiez-le."),
    "remis": _("Le bloc est revenu à sa place."),
    "copie": _("Votre copie est prête. Elle cite l’original."),
    "renonce": _("La demande de publication est annulée."),
    "abandonne": _("Les changements sont abandonnés : voici la version publiée."),
    "pris": _("Ces changements de l’original sont dans votre brouillon."),
}


class EditorPage(WritingPage):
    """See the module."""

    def __init__(
        self, request: Request, context: ResourceContext, pairs: Pairs | None = None, *, said: str = "",
        changed: Block | None = None,
    ) -> None:  # fmt: skip
        """:param said: why something was not done. :param changed: a block that somebody changed before it could be
        removed."""
        super().__init__(request, context)
        self.said, self.changed = said, changed
        only = adapting.licence_kept(request.db, self.resource)
        self.form = HeaderForm(request, self.content, pairs, fresh=self.is_new, licence=only)
        if pairs is None:
            self.form.vu.data = drafting.header_mark(self.content)
        self.theirs: list[tuple[str, str]] = []

    @property
    def done(self) -> str:
        """What was just done, in words; "" for nothing."""
        return next((str(self.request.gettext(said)) for name, said in _SAID.items() if name in self.request.GET), "")

    @property
    def is_open(self) -> bool:
        """Whether the header is shown unfolded."""
        return bool(self.form.refused or self.theirs)

    def save_header(self) -> bool:
        """Write the header; False when the form is to be shown again."""
        if not self.form.validate():
            return False
        values = self.form.values
        edit = drafting.put_header(self.form.vu.data or "", values)
        try:
            drafting.change(self.request.db, self.resource, edit, by=self.request.identity.person_id, now=self.now)
        except HeaderClash as clash:
            self._show_clash(clash)
            return False
        except ContentError as error:
            show_error(self.form, error, sentence(error, Wording.of(self.request.lang)), "titre")
            return False
        return True

    def _show_clash(self, clash: HeaderClash) -> None:
        say, mine = self.request.gettext, self.form.values
        for name, value in mine.items():
            theirs = getattr(clash.theirs, name)
            if theirs != value:
                said = ", ".join(theirs) if isinstance(theirs, tuple) and name != "groupe" else theirs
                self.theirs.append((str(say(HEADER_LABELS[name])), "" if said is None else str(said)))
        self.form.vu.data = drafting.header_mark(clash.theirs)

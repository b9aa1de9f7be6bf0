"""The page on which a resource is published, and what its form does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from reseau.core.wording import Wording
from reseau.members import drafts, places, profile
from reseau.web.i18n import _
from resources.base import provided, services
from resources.base.content import ContentError
from resources.base.models import Visibility
from resources.base.sentences import sentence
from resources.writing import adapting, drafting, keeping, lacking, outgoing, reviewing, telling
from resources.writing.forms import Pairs, PublishForm, complain, show_error
from resources.writing.page import Lack, WritingPage, guessed
from resources.writing.reviewing import Said
from resources.writing.words import HEADER_LABELS

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext

#: What the form itself asks for.
_ASKED_HERE = frozenset({"no-summary", "no-theme"})
_CHANGED = _("Cette ressource a changé depuis que vous avez ouvert la page. Relisez-la, puis publiez.")
_SAY_WHAT = _("Dites en une ligne ce qui a changé.")


class PublishPage(WritingPage):
    """See the module. ``published``: it is now; else a review was asked for."""

    def __init__(self, request: Request, context: ResourceContext, pairs: Pairs | None = None) -> None:
        super().__init__(request, context)
        themes, procedures = guessed(self.content)
        self.kept: drafts.Kept | None = None
        if pairs is None:
            self.kept = drafts.read(request.db, request.identity.person_id, self.kept_path)
            pairs = keeping.again(self.kept.fields, self.content, self.resource.draft_rev) if self.kept else None
        self.form = PublishForm(
            request, self.content, pairs, first=self.is_new,
            only=adapting.licence_kept(request.db, self.resource), resume=self.content.summary, themes=themes,
            demarches=procedures, licence=self.content.licence, visibilite=self._visibility(),
            rev=str(self.resource.draft_rev),
        )  # fmt: skip
        self.published = False
        self.changed_meanwhile = False
        self.detail: dict[str, Any] = {}

    @property
    def kept_path(self) -> str:
        """Under which what is typed is kept until it is published."""
        return f"{self.base}/publier"

    def keep_typed(self, pairs: Pairs) -> None:
        """Keep what was typed, until it is published or thrown away."""
        fields = keeping.to_keep(pairs, self.content)
        drafts.save(self.request.db, self.request.identity.person_id, self.kept_path, fields, self.now)

    def drop_typed(self) -> None:
        """It is published, or thrown away."""
        drafts.drop(self.request.db, self.request.identity.person_id, self.kept_path)

    def _visibility(self) -> str:
        return self.asked.said.visibility.value if self.asked else self.resource.visibility

    @property
    def chosen(self) -> list[str]:
        """The themes and procedures that are ticked, in words: shown while their lists are folded."""
        lists = (self.form.themes, self.form.demarches)
        return [option.label.text for one in lists for option in one if option.checked]

    @property
    def open_fields(self) -> list[Lack]:
        """What lacks and is not asked for on this page."""
        errors = [error for error in self.errors if error.code not in _ASKED_HERE]
        return [Lack(self._lack(error), self._where(error)) for error in errors]

    @property
    def hidden_links(self) -> list[Lack]:
        """Links that not all its readers could follow, by what is chosen now."""
        chosen = self.form.visibilite.data
        visibility = Visibility(chosen) if chosen in set(Visibility) else Visibility.PUBLIC
        found = lacking.hidden_links(self.request.db, self.content, visibility)
        say = self.request.gettext
        return [Lack(f"{self.name_of(block)} : {say(lacking.LINKS[code])}", f"{self.base}/modifier/{block.key}")
                for block, code in found]  # fmt: skip

    @cached_property
    def going(self) -> list[tuple[str, str]]:
        """(section, what becomes of it) of what readers would see change; [] for a first publication."""
        before = services.current(self.request.db, self.resource)
        if before is None:
            return []
        say = self.request.gettext
        return [
            (
                self.name_of(one.block) if one.block else str(say(HEADER_LABELS[one.name])),
                str(say(outgoing.WORDS[one.what])),
            )
            for one in outgoing.outgoing(before.content, self.content)
        ]

    @cached_property
    def last_writer(self) -> str:
        """Who wrote the draft last; "" for nobody, or somebody who is gone."""
        by = self.resource.draft_by
        return places.names(self.request.db, [by]).get(by, "") if by and self.resource.draft_at else ""

    def publish(self) -> bool:
        """Publish, or ask for a review; False when the form is to be shown again."""
        valid = self.form.validate()
        if valid and not self._says_what():
            complain(self.form, "note", self.request.gettext(_SAY_WHAT))
            valid = False
        provided.lock(self.request.db, self.resource)
        if self.form.seen_rev != self.resource.draft_rev:
            self.changed_meanwhile = True
            self.form.rev.data = str(self.resource.draft_rev)
            return False
        if not valid or self.open_fields:
            return False
        by = self.request.identity.person_id
        try:
            with self.request.db.begin_nested():
                self._write_header(by)
                self._publish(by)
        except services.NotReady:
            return False
        except adapting.NotThisWay as error:
            complain(self.form, error.field, error.said(Wording.of(self.request.lang)))
            return False
        except ContentError as error:
            show_error(self.form, error, sentence(error, Wording.of(self.request.lang)), "resume")
            return False
        return True

    def _says_what(self) -> bool:
        if self.form.first or self.form.orthographe.data or (self.form.note.data or "").strip():
            return True
        return not (self.has_changes or self._header_changes())

    def _header_changes(self) -> bool:
        return any(getattr(self.content, name) != value for name, value in self.form.header.items())

    def _write_header(self, by: Any) -> None:
        if self._header_changes():
            edit = drafting.put_header(drafting.header_mark(self.content), self.form.header)
            drafting.change(self.request.db, self.resource, edit, by=by, now=self.now)

    def _publish(self, by: Any) -> None:
        db, form, settings = self.request.db, self.form, self.request.config
        said = Said(
            note=(form.note.data or "").strip() if not form.first else "",
            minor=bool(not form.first and form.orthographe.data), verified=bool(form.verifie.data),
            visibility=form.visibility,
        )  # fmt: skip
        if self.may_publish:
            version = reviewing.publish(db, self.resource, said, by=by, now=self.now)
            telling.tell_published(db, self.resource, version, by, settings, self.now)
            self.published, self.detail = True, reviewing.detail(version, self.resource.visibility)
        else:
            reviewing.ask(db, self.resource, said, by=by, now=self.now)
            telling.tell_reviewers(db, self.resource, profile.active(db, by), settings, self.now)
            self.detail = {"asked": True, "visibility": said.visibility.value}

    @property
    def changed_words(self) -> str:
        """Said when somebody wrote it meanwhile."""
        return str(self.request.gettext(_CHANGED))

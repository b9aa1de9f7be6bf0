"""What the page of one block is given, and what its form does when it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from reseau.core.wording import Wording
from reseau.members import drafts
from reseau.web.i18n import _
from resources.base import langs
from resources.base.content import Block, ContentError, FileRef
from resources.base.sentences import sentence
from resources.base.shapes import BLOCK_LABELS, KIND_LABELS, BlockKind, Kind, Part, part_of
from resources.files import services as files
from resources.files.errors import UNREADABLE_TEXT
from resources.finding.search import ResourceSearch
from resources.writing import choosing, drafting, sending
from resources.writing.block_forms import BlockForm, differing, empty
from resources.writing.drafting import BlockClash
from resources.writing.forms import Pairs, complain
from resources.writing.sending import Sent
from resources.writing.words import BLOCK_HINTS

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.writing.routes import BlockContext


class BlockPage:
    """The form of a block, new or not."""

    def __init__(self, request: Request, context: BlockContext, sent: Sent | None = None) -> None:
        """:param sent: what was posted; None to open the form, with what the person had not yet saved."""
        self.request, self.context = request, context
        self.resource, self.content = context.resource, context.working
        self.now: datetime = request.registry["clock"]()
        self.key: str = request.matchdict.get("key", "")
        self.draft: drafts.Kept | None = None
        self.theirs: list[tuple[str, str, str]] = []
        self.gone = False
        self.found_none = False
        if self.key and context.block is None and sent is None:
            raise LookupError(self.key)
        self.sent = sent
        self.pairs: Pairs | None = sent.pairs if sent else None
        self.block = context.block or self._absent()
        if sent is None:
            self.draft = drafts.read(request.db, request.identity.person_id, self.draft_path)
        seen = drafting.mark(context.block)
        pairs = self.pairs if self.pairs is not None else self.draft.fields if self.draft else None
        self.form = BlockForm(request, self.content.kind, self.block, pairs, seen=seen)
        self.image = sending.read_ref(request.db, self.resource, self._said("image"), self.content)
        self.file = sending.read_ref(request.db, self.resource, self._said("fichier"), self.content)
        if "ressource" in self.form:
            self.form.choose(self._options())

    def _absent(self) -> Block:
        """A new block, or one that somebody removed while its form was open: its kind is in what was sent."""
        if not self.key:
            return empty(*self.context.slot)
        said = dict(self.pairs or [])
        part = part_of(self.content.kind, said.get("partie", ""))
        kind = next((kind for kind in BlockKind if kind.value == said.get("sorte")), None)
        if part is None or kind not in part.kinds:
            raise LookupError(self.key)
        return empty(part, kind)

    def _said(self, name: str) -> str:
        return str(self.form[name].data or "") if name in self.form else ""

    # --- what it does ---

    @property
    def draft_path(self) -> str:
        """Under which what is typed is kept until it is saved: the address of the form, which stays."""
        return self.form_url

    def keep_typed(self) -> bool:
        """Keep what was typed, not yet saved. :return: False: too long."""
        plain = [pair for pair in self.pairs or [] if len(pair[0]) < 100]
        return drafts.save(self.request.db, self.request.identity.person_id, self.draft_path, plain, self.now)

    def drop_typed(self) -> None:
        """What was typed is saved, or thrown away."""
        drafts.drop(self.request.db, self.request.identity.person_id, self.draft_path)

    def take_files(self) -> bool:
        """Keep the files that came with the form; False when one is refused: the field says why."""
        good = self.sent is not None
        if self.sent is None:
            return good
        for name, field in (("image", "image_fichier"), ("fichier", "fichier_fichier")):
            if name not in self.form:
                continue
            if self.sent.has(f"{name}_retirer"):
                self._put(name, None)
            ref, refused = sending.take(self.request, self.resource, self.sent, field)
            refused = refused or self._not_come(name)
            if ref and name == "image" and not sending.is_picture(self.request.db, ref.sha):
                ref, refused = None, self.request.gettext(_("Ce n’est pas une image que les navigateurs montrent."))
            if refused:
                complain(self.form, name, refused)
                good = False
            elif ref:
                self._put(name, ref)
        return good

    def _not_come(self, name: str) -> str:
        """Why files did not come, said at the first field of one."""
        return self.sent.refused if self.sent and name == ("image" if "image" in self.form else "fichier") else ""

    def _put(self, name: str, ref: FileRef | None) -> None:
        """The form that comes back names the file, so that it need not be sent again."""
        self.form[name].data = sending.written(ref)
        if name == "image":
            self.image = ref
        else:
            self.file = ref

    def save(self) -> Block | None:
        """Write the block; None when the form is to be shown again: nothing of it is lost."""
        valid = self.form.validate()
        if not (self.take_files() and valid):
            return None
        key = self.key or drafting.new_key(self.content, self.block.part, self.block.kind, self.form.titre.data or "")
        seen = self.form.vu.data or ""

        def made(current: Block | None) -> Block:
            applied = self.form.applied(current, image=self.image, file=self.file)
            return applied if current else replace(applied, key=key)

        edit = drafting.put_block(key, seen, made)
        try:
            content = drafting.change(
                self.request.db, self.resource, edit, by=self.request.identity.person_id, now=self.now
            )
        except BlockClash as clash:
            self._show_clash(clash.theirs)
            return None
        except ContentError as error:
            self.form.show(error, sentence(error, Wording.of(self.request.lang)))
            return None
        self.drop_typed()
        return content.block(key)

    def _show_clash(self, theirs: Block | None) -> None:
        """Both texts; the form gets the mark of theirs, so that sending it again decides."""
        self.gone = theirs is None
        if theirs is not None:
            mine = self.form.applied(theirs, image=self.image, file=self.file)
            self.theirs = differing(mine, theirs, self.form) or [("", "", self.request.gettext(_("Le même texte.")))]
        self.form.vu.data = drafting.mark(theirs)
        self.keep_typed()

    # --- resources to choose ---

    def _options(self) -> list[tuple[str, str]]:
        chosen, words = self._said("ressource"), self._said("chercher").strip()
        found = self._found(words) if words else []
        self.found_none = bool(words) and not found
        if chosen and chosen not in dict(found):
            found = [*self._found(chosen), *found]
        return found

    def _found(self, text: str) -> list[tuple[str, str]]:
        """(reference, title) of the resources that an address or words mean."""
        registry, network = self.request.registry, bool(self.request.allows("network:read"))
        facts = registry["finding.facts"].moment(self.request.db).facts
        search = ResourceSearch(facts, registry["search.engine"], network=network)
        rows = choosing.found(self.request.db, search, text, self.resource.id, network=network,
                              script_name=self.request.script_name)  # fmt: skip
        say = self.request.gettext
        return [(f"{row.kind}/{row.slug}", f"{row.title} ({say(KIND_LABELS[Kind(row.kind)])})") for row in rows]

    # --- what it shows ---

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return self.form_url

    @property
    def form_url(self) -> str:
        """The page of the form."""
        if self.key:
            return f"{self.edit_url}/{self.key}"
        part, kind = self.context.slot
        return f"{self.request.script_name}{self.context.path}/blocs/{part.code}/{kind.value}"

    @property
    def keep_url(self) -> str:
        """Where what is typed is kept."""
        return f"{self.form_url}/brouillon"

    @property
    def edit_url(self) -> str:
        """The outline of the resource."""
        return f"{self.request.script_name}{self.context.path}/modifier"

    @property
    def part(self) -> Part | None:
        """The part in which it is."""
        return part_of(self.content.kind, self.block.part)

    @property
    def kind_label(self) -> str:
        """What it is."""
        return str(self.request.gettext(BLOCK_LABELS[self.block.kind]))

    @property
    def hint(self) -> str:
        """What such a block is for."""
        return str(self.request.gettext(BLOCK_HINTS[self.block.kind]))

    @cached_property
    def file_note(self) -> str:
        """Said of a file whose words cannot be read; "" for another one."""
        if self.file is None:
            return ""
        known = files.about(self.request.db, [self.file.sha]).get(self.file.sha)
        return str(self.request.gettext(UNREADABLE_TEXT)) if known and known.text_state == "unreadable" else ""

    @cached_property
    def dir(self) -> str:
        """Direction of what is written."""
        return langs.direction(self.content.lang)

    def text_hint(self) -> str:
        """What to write in the text."""
        if self.block.kind is BlockKind.VIDEO:
            return str(self.request.gettext(_("Tout ce qui est dit dans la vidéo, pour qui ne l’entend pas.")))
        if self.block.kind is BlockKind.ETAPE:
            return str(self.request.gettext(_("Une seule consigne. Des phrases courtes.")))
        return ""

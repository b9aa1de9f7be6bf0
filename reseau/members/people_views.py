"""People of the network, for coordinators: the list, and lists of people brought from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.members import people, people_lists
from reseau.members.joining_emails import ROLE_NAMES
from reseau.members.joining_forms import PeopleListForm
from reseau.members.joining_routes import ListContext
from reseau.members.list_reading import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Unreadable, decode, read
from reseau.members.people_lists import Fate
from reseau.members.suspending import may_suspend
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

#: Code of ``Unreadable`` → what to do.
PROBLEMS = {
    "empty": _("La liste est vide : mettez une première ligne de titres, puis une ligne par personne."),
    "large": _("La liste est trop longue : %(kb)s ko au plus. Coupez-la en plusieurs listes."),
    "rows": _("La liste a trop de lignes : %(rows)s au plus. Coupez-la en plusieurs listes."),
    "columns": _("Une ligne a trop de colonnes : %(columns)s au plus. Vérifiez que c’est bien la liste des personnes."),
    "binary": _("Ce fichier ne peut pas être lu. Dans votre tableur, enregistrez-le au format CSV, puis recommencez."),
    "quotes": _("Un guillemet est ouvert et jamais fermé. Corrigez-le, puis recommencez."),
    "header": _(
        "La première ligne doit donner chaque titre une fois : courriel, nom, role, lieu. À revoir : %(detail)s."
    ),
}
FATES = {
    Fate.INVITE: _("Recevra une invitation"),
    Fate.CREATE: _("Lieu inconnu : il sera créé"),
    Fate.SENT: _("Invitation envoyée"),
    Fate.CREATED: _("Lieu créé, invitation envoyée"),
    Fate.NOT_CREATED: _("Lieu non créé, pas d’invitation"),
    Fate.MEMBER: _("Déjà dans l’équipe"),
    Fate.PENDING: _("A déjà une invitation en attente"),
    Fate.TWICE: _("Déjà plus haut dans la liste"),
    Fate.BAD_ADDRESS: _("Adresse mail incomplète ou fausse"),
    Fate.BAD_ROLE: _("Rôle inconnu : écrivez membre ou référent"),
    Fate.NO_PLACE: _("Lieu manquant"),
    Fate.UNKNOWN_PLACE: _("Lieu introuvable"),
    Fate.SEVERAL_PLACES: _("Plusieurs lieux ont ce nom : ajoutez la ville, ou l’adresse de la fiche"),
}


@view_defaults(permission=Permission.NETWORK_COORDINATE, renderer="templates/liste_importer.jinja2")
class PeoplePages:
    """The list of people, and bringing one in."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    @view_config(route_name="members.people", request_method="GET", renderer="templates/liste_personnes.jinja2")
    def people(self) -> dict[str, Any]:
        words = self.request.GET.get("q", "")[:200].replace("\x00", "")
        page = self.request.GET.get("page", "")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
        administers = self.request.allows(Permission.SITE_ADMINISTER)
        found = people.listed(self.request.db, words, number)
        me = self.request.identity.person_id
        kept = {one.person.id for one in found.rows if may_suspend(one.person, me, administers) is not None}
        return {"found": found, "words": words, "names": ROLE_NAMES, "administers": administers, "kept": kept}

    def _page(self, form: PeopleListForm, problem: str = "") -> dict[str, Any]:
        return {"form": form, "problem": problem, "max_rows": MAX_ROWS, "max_kb": MAX_BYTES // 1000}

    @view_config(route_name="members.people.import", request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(PeopleListForm(self.request))

    @view_config(route_name="members.people.import", request_method="POST", journal="people.list")
    def read(self) -> Any:
        form = PeopleListForm(self.request)
        try:
            lines = read(self._text(form))
        except Unreadable as error:
            words = {"kb": MAX_BYTES // 1000, "rows": MAX_ROWS, "columns": MAX_COLUMNS, "detail": error.detail}
            problem = self.request.gettext(PROBLEMS[error.code], **words)
            form.texte.data = (form.texte.data or "")[:MAX_BYTES].replace("\x00", "")
            return refuse(self.request, **self._page(form, problem))
        by = self.request.identity.person_id
        # Names are compared without holding up those who write: SQLite has one writer, and it is this request by now.
        self.request.tm.commit()
        self.request.tm.begin()
        with self.request.registry["read_sessions"]() as session:
            matched = people_lists.match(session, lines)
        id_ = people_lists.keep(self.request.db, lines, matched, by, self.now)
        self.request.journal(id_, rows=len(lines))
        return HTTPSeeOther(self.request.route_path("members.people.list", id=str(id_)))

    def _text(self, form: PeopleListForm) -> str:
        """What was pasted, else the file. :raises Unreadable: it is too large, or no text."""
        sent = self.request.POST.get("fichier")
        if not hasattr(sent, "file"):
            return form.texte.data or ""
        with sent.file as file:
            data = file.read(MAX_BYTES + 1)
        return decode(data) if data else form.texte.data or ""


@view_defaults(permission=Permission.NETWORK_COORDINATE, renderer="templates/liste_apercu.jinja2")
class ListPages:
    """One list: what would happen, then what happened."""

    def __init__(self, context: ListContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    @view_config(route_name="members.people.list", request_method="GET")
    def page(self) -> dict[str, Any]:
        tried = people_lists.result(self.request.db, self.context.row, self.now)
        return {
            "list": self.context.row, "tried": tried, "counts": people_lists.counts(tried), "fates": FATES,
            "names": ROLE_NAMES, "twice": "deja" in self.request.GET,
        }  # fmt: skip

    @view_config(route_name="members.people.apply", request_method="POST", journal="people.apply")
    def apply(self) -> HTTPSeeOther:
        id_, ticked = self.context.row.id, self.request.POST.getall("creer")
        create = {int(word) for word in ticked if isinstance(word, str) and word.isascii() and word.isdecimal()
                  and len(word) < 7}  # fmt: skip
        done = people_lists.apply(self.request.db, id_, create, self.request.actor, self.request.config, self.now)
        if done is None:
            self.request.journal_nothing()
        else:
            self.request.journal(id_, sent=done[Fate.SENT] + done[Fate.CREATED], made=done[Fate.CREATED])
        query = {} if done is not None else {"deja": "1"}
        return HTTPSeeOther(self.request.route_path("members.people.list", id=str(id_), _query=query))

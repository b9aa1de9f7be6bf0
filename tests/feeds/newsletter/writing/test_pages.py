"""The pages of the coordination: what they refuse, what they keep, how much they ask of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from webtest import AppError

from feeds.newsletter.models import Delivery, Issue, IssueState, LetterDate
from feeds.newsletter.writing import services
from reseau.core.audit import Audit
from reseau.core.mail import Mail
from resources.base import services as resources
from resources.base.models import Resource, Visibility
from tests.feeds.newsletter.writing.conftest import ONE_ENGINE, Desk, post_form
from tests.resources.conftest import a_kit

pytestmark = ONE_ENGINE
MOST_BYTES, MOST_STATEMENTS = 60_000, 10


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append(statement)

    sa.event.listen(desk.site.engine, "before_cursor_execute", hear)
    yield said
    sa.event.remove(desk.site.engine, "before_cursor_execute", hear)


def at(issue: Any, path: str = "") -> str:
    return f"/gestion/lettre/{issue.id}{path}"


def journaled(desk: Desk, issue: Any, action: str = "letter.plan") -> int:
    return len(desk.rows(Audit, Audit.action == action, Audit.object_id == issue.id))


@pytest.fixture
def ready(desk: Desk) -> Any:
    desk.nobody()
    desk.subscriber()
    issue = desk.letter()
    desk.add(issue, "Une information")
    return issue


def test_only_the_coordination_sees_it(desk: Desk, ready: Any) -> None:
    for who in ("membre", "referent", "personne"):
        for path in ("", "/apercu/courriel", "/suivi", "/preuve.csv", "/envoyer"):
            desk.browser(who).get(at(ready, path), status=403)
    desk.browser().get(at(ready), status=403)


def test_words_are_written_and_the_preview_saves_nothing(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    form = post_form(claire.get(at(ready) + "?avec=ar"), "?avec=ar")
    form["objet_fr"], form["objet_ar"], form["intro_fr"] = "Objet", "عنوان", "Du **gras** <script>alert(1)</script>"
    page = form.submit("apercu")
    assert "<strong>gras</strong>" in page.text
    assert "<script>alert" not in page.text
    assert desk.issue(ready.id).subject == ready.subject
    post_form(page, "?avec=ar").submit().follow()
    now = desk.issue(ready.id)
    assert (now.subject["fr"], now.subject["ar"], now.subject["en"]) == ("Objet", "عنوان", ready.subject["en"])


def test_an_empty_or_a_huge_subject_is_refused_and_nothing_is_lost(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    for subject, said in (("", "Écrivez un objet."), ("x" * 300, "Ce texte est trop long")):
        form = post_form(claire.get(at(ready)), "?avec=en")
        form["objet_fr"], form["intro_fr"] = subject, "Mon introduction"
        page = form.submit(status=422)
        assert said in page.text
        assert "Mon introduction" in page.text
    assert desk.issue(ready.id).subject == ready.subject


def test_the_second_of_two_coordinators_sees_both_texts(desk: Desk, ready: Any) -> None:
    first, second = (post_form(desk.browser(who).get(at(ready)), "?avec=en") for who in ("coordination", "autre"))
    first["objet_fr"], second["objet_fr"] = "Le premier objet", "Le second objet"
    first.submit().follow()
    page = second.submit(status=422)
    assert "Le premier objet" in page.text
    assert "Le second objet" in page.text
    post_form(page, "?avec=en").submit().follow()
    assert desk.issue(ready.id).subject["fr"] == "Le second objet"


def test_a_line_is_written_in_two_languages_and_leads_to_the_next(desk: Desk, ready: Any) -> None:
    desk.add(ready, "La suivante")
    (line, after) = [one for one in desk.lines(ready) if one.section == "mot"]
    claire = desk.claire()
    form = post_form(claire.get(at(ready, f"/lignes/{line.id}?avec=ar")), "?avec=ar")
    form["titre_ar"], form["texte_ar"], form["adresse"] = "خبر", "نص", "javascript:alert(1)"
    assert "Écrivez une adresse complète" in form.submit(status=422).text
    form["adresse"] = "/annuaire"
    page = form.submit("suivante").follow()
    assert page.request.path.endswith(str(after.id))
    assert desk.told(ready, "mot")["Une information"].texts["ar"] == {"title": "خبر", "text": "نص", "state": "hand"}
    form = post_form(claire.get(at(ready, f"/lignes/{line.id}?avec=ar")), "?avec=ar")
    form["titre_ar"] = form["titre_fr"] = ""
    assert "Écrivez un titre." in form.submit(status=422).text


def test_buttons_sort_and_take_out(desk: Desk, ready: Any) -> None:
    other = desk.add(ready, "Une autre")
    claire = desk.claire()
    form = post_form(claire.get(at(ready)), "/lignes")
    form.submit("monter", value=str(other.id)).follow()
    assert list(desk.told(ready, "mot")) == ["Une autre", "Une information"]
    page = post_form(claire.get(at(ready)), "/lignes").submit("retirer", value=str(other.id)).follow()
    assert "1 information retirée" in page.text
    post_form(page, "/lignes").submit("remettre", value=str(other.id)).follow()
    form["csrf_token"] = post_form(page, "/lignes")["csrf_token"].value
    claire.post(at(ready, "/lignes"), {"csrf_token": form["csrf_token"].value, "monter": "pas un id"}, status=303)


def test_the_preview_runs_nothing_and_shows_each_edition(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    page = claire.get(at(ready, "/apercu?edition=relay&en=ar&largeur=telephone"))
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "sandbox" in page.text
    mail = claire.get(at(ready, "/apercu/courriel?edition=relay&en=ar"))
    policy = mail.headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert 'dir="rtl"' in mail.text
    assert "leave.invalid" not in mail.text
    assert "subscribe.invalid" not in mail.text
    assert "Une information" in claire.get(at(ready, "/apercu?largeur=texte&en=xx")).text
    assert "unsafe-inline" not in claire.get(at(ready)).headers["Content-Security-Policy"]


def test_what_is_wrong_stops_the_launch(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    confirm = claire.get(at(ready, "/lancer?quand=maintenant"))
    with desk.site.sessions() as session:
        row = session.merge(desk.add(ready, "Un kit parti"))
        row.url = "/kits/il-n-y-en-a-pas"
        session.commit()
    assert "empêche" in claire.get(at(ready, "/envoyer")).text
    page = post_form(confirm, "/lancer").submit(status=422)
    assert "mène à une page du site qui n’existe pas" in page.text
    assert desk.issue(ready.id).state == IssueState.DRAFT.value
    assert desk.rows(Delivery, Delivery.issue_id == ready.id) == []


def test_what_changed_since_the_confirmation_is_read_again(desk: Desk, ready: Any) -> None:
    confirm = desk.claire().get(at(ready, "/lancer?quand=maintenant"))
    desk.add(ready, "Une information de plus")
    page = post_form(confirm, "/lancer").submit(status=422)
    assert "relisez-le" in page.text
    desk.nobody()
    page = post_form(desk.claire().get(at(ready, "/lancer?quand=maintenant")), "/lancer").submit(status=422)
    assert "Personne ne recevrait ce numéro" in page.text


def test_a_second_launch_launches_nothing(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    one, two = (claire.get(at(ready, "/lancer?quand=maintenant")) for _ in range(2))
    post_form(one, "/lancer").submit().follow()
    page = post_form(two, "/lancer").submit(status=303).follow(status=200)
    assert "une seule fois" in page.text
    assert len(desk.rows(Delivery, Delivery.issue_id == ready.id)) == 1
    assert journaled(desk, ready) == 1


def test_a_moment_that_is_over_when_it_is_confirmed_is_said(desk: Desk, ready: Any) -> None:
    form = post_form(desk.claire().get(at(ready, "/envoyer")), "/envoyer")
    form["quand"], form["jour"], form["heure"] = "date", "2026-11-24", "10:31"
    confirm = form.submit().follow()
    desk.later(minutes=2)
    page = post_form(confirm, "/lancer").submit(status=303).follow(status=200)
    assert "Ce moment est passé" in page.text
    form = post_form(confirm, "/lancer")
    form["quand"].force_value("jamais")
    assert "Ce moment" not in form.submit(status=303).follow(status=200).text
    assert (desk.issue(ready.id).state, journaled(desk, ready)) == ("draft", 0)


def test_what_is_uncertain_of_a_cancelled_issue_is_not_sent_again(desk: Desk, ready: Any) -> None:
    desk.launch(ready)
    with desk.site.sessions() as session:
        session.query(Delivery).filter(Delivery.issue_id == ready.id).update({"state": "unknown"})
        session.commit()
    claire = desk.claire()
    before = claire.get(at(ready, "/suivi"))
    assert "= 0 (acceptés) + 0 (refusés) + 1 (incertains)" in before.text
    page = post_form(before, "/suivi").submit("annule").follow()
    assert "il reste lisible sur le site" in page.text
    assert "Renvoyer" not in page.text
    page = post_form(before, "/suivi").submit("renvoye").follow()
    assert "partent à nouveau" not in page.text
    assert "rien n’a changé" in page.text
    assert [row.state for row in desk.rows(Delivery, Delivery.issue_id == ready.id)] == ["unknown"]
    assert journaled(desk, ready, "letter.drive") == 1


def test_a_row_of_the_ledger_that_is_lost_is_said(desk: Desk, ready: Any) -> None:
    desk.launch(ready)
    claire = desk.claire()
    assert "n’est pas juste" not in claire.get(at(ready, "/suivi")).text
    with desk.site.sessions() as session:
        session.query(Delivery).filter(Delivery.issue_id == ready.id).delete()
        session.commit()
    assert "Le compte n’est pas juste : 1 envois lancés, 0 retrouvés" in claire.get(at(ready, "/suivi")).text


def test_a_kept_line_that_no_edition_tells_is_said(desk: Desk, ready: Any) -> None:
    kit = desk.published(a_kit("Kit caché ensuite"))
    desk.update(ready)
    claire = desk.claire()
    assert "fiches : Kit caché ensuite" not in claire.get(at(ready, "/envoyer")).text
    with desk.site.sessions() as session:
        resources.set_visibility(session, session.get_one(Resource, kit.id), Visibility.NETWORK, desk.site.clock.now)
        session.commit()
    page = claire.get(at(ready, "/envoyer")).text
    assert page.count("kits, tutoriels et fiches : Kit caché ensuite") == 1
    assert "n’est pas dans la lettre" in page


def test_an_open_draft_is_gone_on_with(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    desk.later(minutes=1)
    ready = desk.letter()
    number = len(desk.rows(Issue))
    page = claire.get("/gestion/lettre")
    page = next(one for one in page.forms.values() if one.action.endswith("/gestion/lettre")).submit().follow()
    assert page.request.path == at(ready)
    assert "déjà en préparation" in page.text
    assert len(desk.rows(Issue)) == number


def test_an_issue_is_scheduled_taken_back_and_thrown_away(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    form = post_form(claire.get(at(ready, "/envoyer")), "/envoyer")
    form["quand"], form["jour"], form["heure"] = "date", "2020-01-01", "09:00"
    assert "Ce moment est passé" in form.submit(status=422).text
    form["jour"] = "2026-12-01"
    confirm = form.submit().follow()
    page = post_form(confirm, "/lancer").submit().follow()
    assert "C’est programmé" in page.text
    now = desk.issue(ready.id)
    assert now.scheduled_at is not None
    assert (now.state, now.scheduled_at.isoformat()) == ("scheduled", "2026-12-01T08:00:00+00:00")
    assert now.relay_at is not None
    assert now.relay_at.isoformat() == "2026-11-29T08:00:00+00:00"
    page = post_form(page, "/reprendre").submit().follow()
    page = post_form(page, "/supprimer").submit().follow()
    assert "Le brouillon est supprimé" in page.text
    assert desk.get(Issue, ready.id) is None


def test_a_test_goes_to_oneself(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    form = post_form(claire.get(at(ready, "/envoyer")), "/essai")
    assert "adresse" not in form.fields
    form.submit().follow()
    assert [mail.subject for mail in desk.mails("coordination@reseau.example")][-1].startswith("[Essai] ")
    claire.post(at(ready, "/essai"), {"csrf_token": form["csrf_token"].value, "adresse": "x@ailleurs.example"})
    assert desk.mails("x@ailleurs.example") == []
    with desk.site.sessions() as session:
        session.execute(sa.delete(Mail))
        session.commit()


def test_who_receives_it_is_counted_before_it_is_saved(desk: Desk, ready: Any) -> None:
    desk.subscriber(health=True)
    claire = desk.claire()
    form = post_form(claire.get(at(ready, "/destinataires")), "/destinataires")
    form["qui"], form["communes"] = ["health"], "Roubaix\nnulle part au monde"
    assert "nulle part au monde" in form.submit(status=422).text
    form["communes"] = ""
    page = form.submit("compter")
    assert "1 personne le recevrait" in page.text
    assert desk.issue(ready.id).segments == {}
    post_form(page, "/destinataires").submit().follow()
    assert desk.issue(ready.id).segments == {"who": ["health"]}


def test_pages_say_that_everybody_may_read_it_on_the_site(desk: Desk, ready: Any) -> None:
    for path in ("/destinataires", "/lancer?quand=maintenant"):
        assert "aussi lisible par tous sur le site" in desk.claire().get(at(ready, path)).text


def test_sending_is_paused_and_cancelled(desk: Desk, ready: Any) -> None:
    desk.launch(ready)
    claire = desk.claire()
    page = post_form(claire.get(at(ready, "/suivi")), "/suivi").submit("pause").follow()
    assert desk.issue(ready.id).state == IssueState.PAUSED.value
    page = post_form(page, "/suivi").submit("reprise").follow()
    page = post_form(page, "/suivi").submit("annule").follow()
    assert desk.issue(ready.id).state == IssueState.CANCELLED.value
    assert "Ce qui n’était pas parti ne partira pas" in page.text
    assert claire.get(at(ready), status=303).location.endswith("/suivi")


def test_the_calendar(desk: Desk) -> None:
    claire = desk.claire()
    page = claire.get("/gestion/lettre/calendrier")
    form = next(one for one in page.forms.values() if "jour" in one.fields)
    form["jour"], form["titre"] = "2020-01-01", "Un titre"
    assert "Ce jour est passé" in form.submit(status=422).text
    form["jour"] = "2027-01-15"
    page = form.submit().follow()
    assert "Un titre" in page.text
    (day,) = desk.rows(LetterDate, LetterDate.title == "Un titre")
    next(one for one in page.forms.values() if "jour" not in one.fields and one.action.endswith("calendrier")).submit(
        "retirer", value=str(day.id)
    ).follow()
    assert desk.get(LetterDate, day.id) is None


def test_long_issues_are_paged_and_pages_ask_little(desk: Desk, ready: Any) -> None:
    for number in range(120):
        desk.add(
            ready,
            f"Information {number:03} dont le titre est aussi long que ceux des vraies informations",
            text="x" * 300,
        )
    claire = desk.claire()
    for path in ("", "?page=2", "/destinataires", "/suivi", "/apercu"):
        with statements(desk) as said:
            page = claire.get(at(ready, path), status="*")
        assert len(said) <= MOST_STATEMENTS + 2 * (path == "/apercu"), path
        assert len(page.body) <= MOST_BYTES, path
    for _ in range(services.PER_PAGE):
        desk.letter()
    with statements(desk) as said:
        page = claire.get("/gestion/lettre")
    assert len(said) <= MOST_STATEMENTS
    assert len(page.body) <= MOST_BYTES
    shown = [claire.get(f"/gestion/lettre?page={number}").text for number in (1, 2)]
    assert sum(f"/gestion/lettre/{one.id}" in "".join(shown) for one in desk.rows(Issue)) > services.PER_PAGE
    with desk.site.sessions() as session:
        for issue in desk.rows(Issue, Issue.state == "draft"):
            services.delete(session, issue.id)
        session.commit()


def test_what_is_no_issue_is_not_found(desk: Desk, ready: Any) -> None:
    claire = desk.claire()
    nobody = "01a2062d-4ef1-72cc-bfd6-cac080598bb3"
    for path in (f"/gestion/lettre/{nobody}", f"/gestion/lettre/{nobody}/preuve.csv", at(ready, f"/lignes/{nobody}")):
        claire.get(path, status=404)
    with pytest.raises(AppError):
        claire.post(at(ready), {"objet_fr": "Sans jeton"})

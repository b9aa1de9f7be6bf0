"""What the coordination sees and does."""

from __future__ import annotations

from webtest import Upload

from feeds.newsletter.subscribing import services, suppressing
from reseau.core.audit import Audit
from tests.directory.site import Page
from tests.feeds.newsletter.subscribing.conftest import ONE_ENGINE, Mailing
from tests.members.conftest import csrf, post_form

pytestmark = ONE_ENGINE
LIST, INVITE = "/gestion/lettre/abonnes", "/gestion/lettre/abonnes/inviter"


def look(mailing: Mailing, email: str) -> object:
    """Search an address; the answer, redirections followed."""
    form = post_form(mailing.browser("coordination").get(LIST), "/abonnes")
    form["adresse"] = email
    return form.submit().maybe_follow()


def act(mailing: Mailing, email: str, what: str) -> object:
    """Press a button of the page of a subscriber."""
    browser = mailing.browser("coordination")
    path = f"{LIST}/{mailing.of(email).id}"
    sent = {"faire": what, "csrf_token": csrf(browser, path)}
    return browser.post(path, sent, status=303).follow()


def test_sums_cost_few_statements_whatever_there_is(mailing: Mailing) -> None:
    for number in range(30):
        mailing.active(lang=("fr", "en", "ar")[number % 3], health=number % 2 == 0)
    browser = mailing.browser("coordination")
    browser.get(LIST)
    with mailing.site.statements() as seen:
        page = browser.get(LIST)
    selects = [one for one in seen if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE"))]
    assert len(selects) <= 10, selects
    assert Page(page.text).errors == []
    assert len(page.body) < 60_000
    assert "exemple.fr" not in page.text  # no address to scroll
    lines = browser.get(f"{LIST}.csv").body.decode("utf-8-sig").splitlines()
    assert lines[0] == "quoi;lequel;nombre"
    assert "exemple.fr" not in "".join(lines)


def test_only_the_coordination_sees_them(mailing: Mailing) -> None:
    row = mailing.active()
    for path in (LIST, f"{LIST}.csv", INVITE, f"{LIST}/{row.id}"):
        mailing.browser("coordination").get(path, status=200)
        mailing.browser("personne").get(path, status=403)
        mailing.browser().get(path, status=403)


def test_help_somebody_who_telephones(mailing: Mailing) -> None:
    row = mailing.active()
    page = look(mailing, row.email.upper())
    assert "A confirmé" in page.text  # type: ignore[attr-defined]
    assert Page(page.text).errors == []  # type: ignore[attr-defined]
    act(mailing, row.email, "quitter")
    assert (mailing.state(row.email), mailing.reason(row.email)) == ("left", "asked")
    act(mailing, row.email, "inscrire")
    assert mailing.mails(row.email)[-1].kind == "letter-confirm"
    assert mailing.state(row.email) == "left"
    assert mailing.acts(row.email)[2:] == [("left", "desk"), ("asked", "desk")]
    id_ = row.id
    act(mailing, row.email, "effacer")
    assert (mailing.state(row.email), mailing.reason(row.email)) == ("", "asked")  # the first reason, as strong
    noted = sorted(mailing.rows(Audit, Audit.object_id == id_), key=lambda one: (one.at, one.id))
    assert {one.action for one in noted} == {"letter.look", "letter.leave-for", "letter.ask-for", "letter.erase"}
    mailing.browser("coordination").get(f"{LIST}/{id_}", status=404)


def test_an_address_that_is_not_there(mailing: Mailing) -> None:
    email = mailing.address()
    mailing.do(suppressing.suppress, mailing.secret, email, "erased", mailing.now)
    page = look(mailing, email)
    assert "Effacé à sa demande" in page.text  # type: ignore[attr-defined]
    form = next(one for one in page.forms.values() if "faire" in one.fields)  # type: ignore[attr-defined]
    assert "Un mail est parti" in form.submit().follow().text
    assert (mailing.state(email), mailing.mails(email)[0].kind) == ("pending", "letter-confirm")
    form = post_form(mailing.browser("coordination").get(LIST), "/abonnes")
    form["adresse"] = "pas une adresse"
    assert "adresse complète" in form.submit(status=422).text


def test_a_list_is_tried_then_invited(mailing: Mailing) -> None:
    first, second, known, relay = mailing.address(), mailing.address(), mailing.active(), mailing.relay()
    form = post_form(mailing.browser("coordination").get(INVITE), "/inviter")
    form["relais"] = str(relay)
    form["fichier"] = Upload(
        "liste.csv", f"courriel\r\n{first}\r\nrien du tout <b>\r\n{second}\r\n{known.email}\r\n".encode()
    )
    page = form.submit()
    assert Page(page.text).errors == []
    assert "rien du tout &lt;b&gt;" in page.text
    assert mailing.state(first) == ""
    done = post_form(page, "/inviter").submit().follow()
    assert "2 invitations partent" in done.text
    assert [mailing.of(email).edition for email in (first, second)] == ["relay", "relay"]


def test_lists_that_cannot_be_read(mailing: Mailing) -> None:
    browser = mailing.browser("coordination")
    for fields, said in (({"adresses": ""}, "La liste est vide"), ({"adresses": "x" * 200_001}, "trop lourde"),
                         ({"adresses": "a@exemple.fr", "langue": "xx"}, "réponses proposées"),
                         ({"adresses": "a@exemple.fr", "relais": "autre"}, "réponses proposées")):  # fmt: skip
        for more in ({}, {"faire": "inviter"}):
            sent = {"langue": "fr", "relais": "", "csrf_token": csrf(browser, INVITE), **fields, **more}
            assert said in browser.post(INVITE, sent, status=422).text
    form = post_form(browser.get(INVITE), "/inviter")
    form["fichier"] = Upload("liste.xlsx", b"PK\x03\x04" + bytes(range(256)))
    assert "ne peut pas être lu" in form.submit(status=422).text


def test_who_receives_is_sent_their_link(mailing: Mailing) -> None:
    row = mailing.active()
    act(mailing, row.email, "inscrire")
    assert mailing.mails(row.email)[-1].kind == "letter-already"
    assert mailing.state(row.email) == services.ACTIVE

"""From the desk to a letter that was received: what a newcomer does, and in how many clicks."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from feeds.newsletter.models import Edition, Issue
from feeds.newsletter.sending import ledger
from feeds.newsletter.sending.jobs import send_letters
from tests.feeds.newsletter.writing.conftest import ONE_ENGINE, Desk, post_form
from tests.resources.conftest import a_kit


@ONE_ENGINE
def test_from_the_desk_to_a_letter_that_was_received(desk: Desk) -> None:
    desk.nobody()
    desk.published(a_kit("Atelier : prendre rendez-vous"))
    for lang in ("fr", "fr", "en", "ar"):
        desk.subscriber(lang=lang)
    desk.subscriber("cpts@relais.example", edition=Edition.RELAY.value)
    claire = desk.claire()
    page = claire.get("/gestion").click("Préparer le prochain", href="/gestion/lettre$")
    page = post_form(page).submit().follow()  # 1: prepare the next issue
    assert "Atelier : prendre rendez-vous" in page.text
    page = post_form(page, "?avec=en").submit("suite", value="1").follow()  # 2: its words are saved
    assert "Rien n’empêche l’envoi" in page.text
    page = post_form(page, "/envoyer").submit().follow()  # 3: now
    assert "Envoyer à 5 personnes" in page.text
    page = post_form(page, "/lancer").submit().follow()  # 4: confirmed
    assert "Suivi de l’envoi" in page.text
    assert page.html.find(attrs={"data-follow": "10"})
    assert not page.html.find("meta", attrs={"http-equiv": "refresh"}), "WCAG 2.2.1"
    issue = next(one for one in desk.rows(Issue) if str(one.id) in page.request.path)
    assert (issue.state, issue.number) == ("sending", 1)
    send_letters(desk.tools())
    with desk.site.sessions() as session:
        counts = ledger.counts(session, issue.id)
    assert (counts.launched, counts.accepted, counts.waiting) == (5, 5, 0)
    letters = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in desk.site.settings.data_dir.rglob("*.eml")
    ]  # fmt: skip
    assert sorted(letter["content-language"] for letter in letters) == ["ar", "en", "fr", "fr", "fr"]
    page = claire.get(f"/gestion/lettre/{issue.id}/suivi")
    assert not page.html.find(attrs={"data-follow": True})
    assert "5 sur 5" in page.text
    proof = claire.get(f"/gestion/lettre/{issue.id}/preuve.csv")
    assert proof.text.count("\n") == 6
    assert "@" not in proof.text
    assert "5 acceptés sur 5" in claire.get("/gestion/lettre").text

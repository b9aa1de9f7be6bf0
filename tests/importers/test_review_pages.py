"""Pages of the review, with a browser without JavaScript. One engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from importers.matching.pairs import pair_of
from importers.models import MatchPair
from importers.pipeline.contract import How
from importers.targets.structures import Structures
from reseau.directory.apply import Incoming
from reseau.directory.models import SourceRecord, Structure
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.members.conftest import House

QUEUE = "/gestion/rapprochements"
FIELDS: dict[str, Any] = {"code_insee": "59512", "commune": "Roubaix", "code_postal": "59100"}


class Desk(House):
    """The house, with pairs."""

    def pair(self, one: str, other: str, score: float = 75, **fields: Any) -> UUID:
        """Two new places that may be one; ``fields`` are of the second."""
        self.site.put({"nom": one, "latitude": 50.69, "longitude": 3.18, **FIELDS}, {"nom": other, **FIELDS, **fields})
        left, right = pair_of(*(UUID(str(self.site.named(name)["id"])) for name in (one, other)))
        with self.site.sessions() as session:
            reasons = {"nom": 80, "adresse": 100, "telephone": "same", "distance": 12, "mots": ["bus"]}
            made = MatchPair(left_id=left, right_id=right, score=score, reasons=reasons)
            session.add(made)
            session.commit()
            return made.id

    def verdict(self, pair: UUID) -> str:
        return str(self.get(MatchPair, pair).verdict)

    def answer(self, browser: Any, path: str, verdict: str, **values: str) -> Any:
        (form,) = (f for f in browser.get(path).forms.values() if f.method.upper() == "POST" and "garder" in f.fields)
        for name, value in values.items():
            form[name] = value
        return form.submit("verdict", value=verdict, status="*")


@pytest.fixture(scope="module")
def _desk(make_site: Callable[..., Site]) -> Desk:  # noqa: F811
    house = Desk(make_site("sqlite"))
    for name in ("coordination", "autre"):
        house.people[name] = house.person(name, roles=["coordinator"]).id
    return house


@pytest.fixture
def desk(_desk: Desk) -> Desk:
    """The house; nothing is asked."""
    _desk.site.fresh()
    with _desk.site.sessions() as session:
        session.execute(sa.delete(MatchPair))
        session.commit()
    return _desk


def test_the_queue_says_who_and_why(desk: Desk) -> None:
    desk.pair("Maison Alpha", "Bus Maison Alpha", adresse="<b>9</b> rue Pellart")
    page = desk.browser("coordination").get(QUEUE)
    for words in ("Maison Alpha", "ressemblance : 75 sur 100", "noms proches", "même adresse", "même téléphone",
                  "à 12 m l’un de l’autre", "un seul des noms dit « bus »", "&lt;b&gt;9&lt;/b&gt; rue Pellart"):  # fmt: skip
        assert words in page.text, words
    assert "1 rapprochement à décider" in desk.browser("coordination").get(QUEUE + "?commune=59512").text
    assert "Il n’y a rien à décider" in desk.browser("coordination").get(QUEUE + "?commune=59350").text


def test_two_places_then_the_next_one_and_back(desk: Desk) -> None:
    first, second = desk.pair("Lieu Un", "Lieu Uno", 80), desk.pair("Lieu Deux", "Lieu Due", 70)
    browser = desk.browser("coordination")
    answer = desk.answer(browser, f"{QUEUE}/{first}", "distinct")
    assert answer.status_int == 303
    page = answer.follow()
    assert page.request.path == f"{QUEUE}/{second}"
    notice = page.text.split('role="status"')[1].split("</ul>")[0]
    for words in ("ce sont deux lieux", "Lieu Un<", "Lieu Uno<"):
        assert words in notice, words
    assert desk.verdict(first) == "distinct"
    back = next(f for f in page.forms.values() if f.action.endswith("/annuler"))
    again = back.submit().follow()
    assert again.request.path == f"{QUEUE}/{first}"
    assert "de nouveau posée" in again.text
    assert desk.verdict(first) == "open"


def test_i_do_not_know_leads_to_the_next_one_and_at_the_end_to_the_list(desk: Desk) -> None:
    first, second = desk.pair("Lieu Trois", "Lieu Tres", 80), desk.pair("Lieu Quatre", "Lieu Quattro", 70)
    browser = desk.browser("coordination")
    after = desk.answer(browser, f"{QUEUE}/{first}", "passer").follow()
    assert after.request.path == f"{QUEUE}/{second}"
    assert "Rien n’est décidé : ces deux lieux restent dans la liste" in after.text
    notice = after.text.split('role="status"')[1].split("</ul>")[0]
    assert ("Lieu Trois" in notice, "Lieu Tres" in notice) == (True, True), "of which two it speaks"
    assert desk.answer(browser, f"{QUEUE}/{second}", "passer").follow().request.path == QUEUE
    assert (desk.verdict(first), desk.verdict(second)) == ("open", "open")


def test_the_same_place_and_which_sheet_stays(desk: Desk) -> None:
    pair = desk.pair("Lieu Cinq", "Lieu Cinco")
    other = desk.site.named("Lieu Cinco")["id"]
    page = desk.answer(desk.browser("coordination"), f"{QUEUE}/{pair}", "same", garder=str(other)).follow()
    assert "n’en font plus qu’une" in page.text
    assert desk.get(Structure, desk.site.named("Lieu Cinq")["id"]).merged_into == other


def test_one_inside_the_other(desk: Desk) -> None:
    pair = desk.pair("Lieu Six", "Lieu Seis")
    desk.answer(desk.browser("coordination"), f"{QUEUE}/{pair}", "inside")
    found = desk.get(MatchPair, pair)
    assert desk.get(Structure, found.left_id).parent_id == found.right_id


def test_the_second_of_two_people_is_told(desk: Desk) -> None:
    pair = desk.pair("Lieu Sept", "Lieu Siete")
    one, other = desk.browser("coordination"), desk.browser("autre")
    late = next(f for f in other.get(f"{QUEUE}/{pair}").forms.values() if "garder" in f.fields)
    desk.answer(one, f"{QUEUE}/{pair}", "distinct")
    page = late.submit("verdict", value="same").follow()
    assert "Quelqu’un a décidé avant vous" in page.text
    assert desk.verdict(pair) == "distinct"
    seen = other.get(f"{QUEUE}/{pair}")
    assert "a déjà une réponse" in seen.text
    assert "garder" not in {name for form in seen.forms.values() for name in form.fields}


def test_a_pair_that_is_gone_leads_back_and_one_that_never_was_is_not_found(desk: Desk) -> None:
    pair = desk.pair("Lieu Huit", "Lieu Ocho")
    browser = desk.browser("coordination")
    desk.answer(browser, f"{QUEUE}/{pair}", "same")
    assert browser.get(f"{QUEUE}/{pair}").location.endswith("?fait=deja")
    assert browser.get(f"{QUEUE}/{UUID(int=5)}", status=404)


@pytest.mark.parametrize("said", ["", "open", "<script>", "x" * 5_000])
def test_what_is_no_answer_is_refused_kindly(desk: Desk, said: str) -> None:
    pair = desk.pair(f"Lieu {said[:8]} neuf", f"Lieu {said[:8]} nueve")
    answer = desk.answer(desk.browser("coordination"), f"{QUEUE}/{pair}", said)
    assert (answer.status_int, desk.verdict(pair)) == (422, "open")
    assert "Choisissez une réponse" in answer.text


def test_what_the_import_joined_can_be_separated(desk: Desk) -> None:
    fields = {"nom": "CCAS Pellart", "adresse": "9 rue Pellart", "telephone": "+33320815757", **FIELDS}
    with desk.site.sessions() as session:
        for id_ in ("SIILAB_1", "dora_2"):
            target = Structures()
            target.apply(
                session,
                How("cartographie", ("cartographie",), desk.site.clock.now),
                [Incoming(id_, (id_,), {}, fields)],
            )
        session.commit()
    browser = desk.browser("coordination")
    listed = browser.get(QUEUE + "/liens")
    assert "1 lieu réuni" in listed.text
    (joined,) = desk.rows(SourceRecord, SourceRecord.source_id == "dora_2")
    (link,) = listed.html.select("main a[aria-describedby]")
    sources = browser.get(f"/annuaire/x-{joined.structure_id}/sources", status="*")
    sources = sources.follow() if sources.status_int in (301, 302, 303) else sources
    assert link["href"] in sources.text, "the sheet's own page of sources leads there too"
    page = browser.get(link["href"])
    assert [cell.get_text() for cell in page.html.select("tbody tr:first-child td bdi")] == ["CCAS Pellart"] * 2
    form = next(f for f in page.forms.values() if "separer" in f.fields)
    done = form.submit("separer").follow()
    assert "Les deux lieux sont séparés" in done.text
    assert len(done.html.select(".review-about a")) == 2
    assert "L’import n’a encore rien réuni" in done.text
    (record,) = desk.rows(SourceRecord, SourceRecord.source_id == "dora_2")
    assert record.joined is None
    refused = form.submit("separer", status=422)
    assert "il n’y a rien à séparer" in refused.text or "n’est plus ouvert" in refused.text


def test_lists_are_paged_small_and_cheap(desk: Desk) -> None:
    for n in range(60):
        desk.pair(f"Lieu long numéro {n} " + "x" * 60, f"Lieu long numéro {n} bis " + "y" * 60, 70 + n / 10)
    browser = desk.browser("coordination")
    with desk.site.sessions() as session:
        answered = sa.select(MatchPair.id).order_by(MatchPair.id).limit(30)
        session.execute(sa.update(MatchPair).where(MatchPair.id.in_(answered)).values(verdict="distinct"))
        session.commit()
    for path in (QUEUE, QUEUE + "?page=2", QUEUE + "/liens", QUEUE + "?etat=decides", QUEUE + "?etat=decides&page=2"):
        with desk.site.statements() as seen:
            page = browser.get(path)
        assert len(seen) <= 10, seen
        assert len(page.body) < 60_000
    listed = browser.get(QUEUE).text
    assert listed.count('class="review-two"') == 25
    with desk.site.statements() as seen:
        page = browser.get(listed.split('card-title"><a href="')[1].split('"')[0])
    assert len(seen) <= 14, seen
    assert len(page.body) < 60_000


def test_what_was_decided_is_listed_and_can_be_asked_again(desk: Desk) -> None:
    two, one = desk.pair("Lieu Dix", "Lieu Diez"), desk.pair("Lieu Onze", "Lieu Once")
    browser = desk.browser("coordination")
    desk.answer(browser, f"{QUEUE}/{two}", "distinct")
    desk.answer(browser, f"{QUEUE}/{one}", "same")
    page = browser.get(QUEUE + "?etat=decides")
    assert "2 rapprochements décidés" in page.text
    for words in (
        "Ce sont deux lieux",
        "les fiches ont été réunies",
        "Deux fiches réunies ne peuvent pas être séparées ici",
    ):
        assert words in page.text, words
    (undo,) = (form for form in page.forms.values() if form.action.endswith("/annuler"))
    assert str(two) in undo.action
    undo.submit().follow()
    assert desk.verdict(two) == "open"
    assert "1 rapprochement décidé" in browser.get(QUEUE + "?etat=decides").text


@pytest.mark.parametrize(
    "town", ["%0D%0Aab", "%E2%82%AC", "%C3%A9", "a%26b%3Dc", "59512%0A", "%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5"]
)
def test_what_is_no_commune_is_left_aside_and_the_answer_kept(desk: Desk, town: str) -> None:
    pair = desk.pair(f"Lieu un {town}", f"Lieu uno {town}", 80)
    browser = desk.browser("coordination")
    page = browser.get(f"{QUEUE}/{pair}?commune={town}")
    (form,) = (f for f in page.forms.values() if "garder" in f.fields)
    form.action = f"{QUEUE}/{pair}?commune={town}"
    answer = form.submit("verdict", value="distinct")
    assert "commune" not in answer.location
    assert desk.verdict(pair) == "distinct"
    assert (
        "?commune=2A004" in desk.answer(browser, f"{QUEUE}/{desk.pair('Ici', 'Là')}?commune=2A004", "passer").location
    )


def test_only_what_differs_is_said_to_differ(desk: Desk) -> None:
    pair = desk.pair(
        "Lieu Douze", "LIEU DOUZE.", adresse="9 bd Pellart", telephone="+33320000001", latitude=50.69001, longitude=3.18
    )
    left = desk.get(MatchPair, pair).left_id
    with desk.site.sessions() as session:
        session.execute(sa.update(Structure).where(Structure.id == left).values(adresse="9, Boulevard Pellart"))
        session.commit()
    page = desk.browser("coordination").get(f"{QUEUE}/{pair}").html
    lines = {}
    for row in page.select("tbody tr"):
        mark = row.select_one(".review-mark")
        title = row.th.get_text(" ", strip=True)
        lines[title.removesuffix(mark.get_text()).strip() if mark else title] = mark.get_text() if mark else ""
        assert len(row.select("td")) == 2, "each value in its own cell"
    assert lines["Nom du lieu"] == "presque pareil"
    assert lines["Adresse"] == "presque pareil"
    assert lines["Place sur la carte"] == "presque pareil"
    assert lines["Téléphone"] == "seulement B"
    assert "différent" not in lines.values()
    assert not page.select(".review-differs")

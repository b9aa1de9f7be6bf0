"""The words of the network."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from resources.base.models import GlossaryTerm
from resources.translating import glossary
from resources.translating.glossary import Agreed, folded, hits, load_glossary, propose
from tests.resources.conftest import Base
from tests.resources.translating.conftest import ONE_ENGINE

STARTER = Path(__file__).parents[3] / "resources" / "starter" / "glossaire.toml"


def term(base: Base, source: str, target: str = "هدف", lang: str = "ar", **more: Any) -> GlossaryTerm:
    with base.site.sessions() as session:
        made = propose(session, source, lang, target, by=more.pop("by", None), now=base.site.clock.now, **more)
        session.commit()
        return made


def form(page: Any, end: str) -> Any:
    return next(one for one in page.forms.values() if one.action.endswith(end) and one.method.upper() == "POST")


def test_forms_of_a_word_are_one() -> None:
    assert folded("Mots de passe") == folded("le mot de passe")
    assert folded("et") == "et"
    assert folded("؟") == "؟"


def test_hits_of_a_text() -> None:
    terms = [GlossaryTerm(source="mot de passe", folded=folded("mot de passe"), lang="ar", target="كلمة السر", note="",
                          reviewed=True),
             GlossaryTerm(source="mail", folded=folded("mail"), lang="ar", target="بريد", note="", reviewed=False)]  # fmt: skip
    found = hits(terms, "Tapez vos mots de passe.", "اكتب كلمة السر")
    assert [(hit.source, hit.used, hit.reviewed) for hit in found] == [("mot de passe", True, True)]
    assert [hit.used for hit in hits(terms, "Un mail !", "شيء")] == [False]
    assert hits(terms, "Rien.", "") == []


def test_nobody_replaces_the_word_of_another(base: Base) -> None:
    mine, hers = base.people["membre"], base.people["voisine"]
    term(base, "guichet", "شباك", by=mine)
    term(base, "guichet", "الشباك", by=mine)
    with pytest.raises(Agreed):
        term(base, "Guichets", "آخر", by=hers)
    term(base, "guichet", "متفق", by=hers, replace=True, reviewed=True)
    with pytest.raises(Agreed) as caught:
        term(base, "guichet", "آخر", by=mine)
    assert caught.value.term.target == "متفق"
    (kept,) = base.rows(GlossaryTerm, GlossaryTerm.folded == folded("guichet"))
    assert (kept.target, kept.reviewed) == ("متفق", True)


def test_the_starter_glossary_is_loaded_once_and_leaves_people_alone(base: Base) -> None:
    with base.site.sessions() as session:
        first = load_glossary(session, STARTER, base.site.clock.now)
        assert first > 100
        assert load_glossary(session, STARTER, base.site.clock.now) == 0
        one = propose(
            session, "compte", "ar", "غيره", by=base.people["coordination"], now=base.site.clock.now, replace=True
        )
        assert load_glossary(session, STARTER, base.site.clock.now) == 0
        assert one.target == "غيره"
        tags = set(glossary.languages(session))
        assert {"ar", "en", "fr-x-falc"} <= tags
        session.rollback()


def test_a_bad_glossary_says_where(base: Base, tmp_path: Path) -> None:
    path = tmp_path / "g.toml"
    path.write_text('[[terme]]\nfr = "mot"\nxx-1 = "x"\n', encoding="utf-8")
    with base.site.sessions() as session, pytest.raises(ValueError, match="'xx-1'"):
        load_glossary(session, path, base.site.clock.now)


@ONE_ENGINE
def test_everyone_reads_the_network_proposes(base: Base) -> None:
    visitor, member = base.browser(), base.browser("membre")
    term(base, "borne", "كشك")
    page = visitor.get("/glossaire", {"q": "bornes", "vers": "ar"})
    assert "كشك" in page
    assert "Proposer un mot" not in page
    page = visitor.get("/glossaire", {"q": "كشك"})
    assert "1 mot" in page
    assert "Aucun mot trouvé" in visitor.get("/glossaire", {"q": "100%_\\"})
    sent = form(member.get("/glossaire"), "#proposer")
    assert sent.submit(status=422).text.count("Remplissez ce champ.") >= 3
    sent["mot"], sent["vers"], sent["traduction"] = "bornes", "ar", "غيره"
    answer = sent.submit(status=422)
    assert "Ce mot a déjà une traduction" in answer
    assert form(answer, "#proposer")["traduction"].value == "غيره"
    sent["mot"], sent["vers"] = "tablette", "zz9"
    assert "Ce code de langue n’existe pas." in sent.submit(status=422)
    sent["vers"] = "AR"
    assert "Le mot est dans le glossaire." in sent.submit().follow()
    sent["traduction"] = "x" * 301
    assert "trop long" in sent.submit(status=422)


@ONE_ENGINE
def test_coordinators_agree_and_delete(base: Base) -> None:
    one = term(base, "écran tactile", "شاشة")
    member = base.browser("membre")
    page = base.browser("coordination").get("/glossaire", {"q": "écran tactile"})
    token = form(member.get("/glossaire"), "#proposer")["csrf_token"].value
    for verb in ("relire", "supprimer"):
        member.post(f"/glossaire/{one.id}/{verb}", {"csrf_token": token}, status=403)
    form(page, f"{one.id}/relire").submit(status=303)
    assert base.get(GlossaryTerm, one.id).reviewed
    form(page, f"{one.id}/supprimer").submit(status=303)
    assert base.get(GlossaryTerm, one.id) is None
    form(page, f"{one.id}/relire").submit(status=404)


@ONE_ENGINE
def test_csv_for_a_spreadsheet(base: Base) -> None:
    term(base, "formule", "=1+1", lang="wo", by=base.people["membre"])
    answer = base.browser().get("/glossaire.csv", {"vers": "wo"})
    assert answer.content_type == "text/csv"
    assert answer.body.startswith(b"\xef\xbb\xbf"), "spreadsheets know by it that it is UTF-8"
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Mot en français", "Langue", "Traduction", "Remarque", "Relu"]
    assert rows[1] == ["formule", "wo", "'=1+1", "", "0"]
    assert len(list(csv.reader(io.StringIO(base.browser().get("/glossaire.csv").text)))) >= 2


@pytest.mark.parametrize("evil", [
    "=1+1", "+33 6", "-2", "@SUM(1)", "\t=1", " =1", '"=1', '";=1', "a;=1", "a,=1", 'a","=1', "a\n=1", "a\r\n @x", "\u200b=1",
    "\x01=1", "＝1", "mot, -er", "'=1;+2", ',"\t-1', "a|=1",
])  # fmt: skip
def test_no_cell_is_a_formula_whichever_separator_the_spreadsheet_believes_in(evil: str) -> None:
    one = GlossaryTerm(source=evil, folded="x", lang="ar", target=evil, note=evil, reviewed=False)
    text = glossary.as_csv([one], ["a", "b", "c", "d", "e"])
    for separator in (";", ",", "\t"):
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        cells += [cell for line in text.splitlines() for cell in line.split(separator)]
        for cell in cells:
            assert cell.strip('"\u200b\x01 \t\r\n')[:1] not in tuple("=+-@＝"), (separator, cell)
    (_, kept) = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert kept[0].replace("'", "") == evil.replace("'", ""), "nothing else is changed"


def test_a_note_about_another_language_is_not_shown() -> None:
    note = "Le mot du site. En arabe, toujours « كلمة ». En anglais « word »."
    assert glossary.note_in(note, "pl") == "Le mot du site."
    assert glossary.note_in(note, "ar") == "Le mot du site. En arabe, toujours « كلمة »."
    assert glossary.note_in(note, "en") == "Le mot du site. En anglais « word »."


@ONE_ENGINE
def test_the_translator_sees_the_words_of_the_section(base: Base) -> None:
    from tests.resources.conftest import a_tutorial
    from tests.resources.translating.conftest import Desk

    term(base, "geste", "حركة")
    one = Desk(base, base.published(a_tutorial()), "ar")
    page = base.browser("membre").get(one.path)
    assert 'data-term="حركة"' in page

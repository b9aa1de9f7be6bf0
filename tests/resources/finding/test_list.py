"""``/ressources`` and its twin: what is found, in which order, with which counts, for whom, at which cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from reseau.core.wording import Wording
from resources.base import services, translations
from resources.base.content import HEADER, FileRef
from resources.base.models import Opinion, Resource, ResourceUse, StoredFile, Visibility
from resources.base.shapes import Kind
from resources.base.translations import UnitState
from tests.directory.site import Page
from tests.resources.conftest import Base, a_kit, a_tutorial


def ask(base: Base, *pairs: tuple[str, Any], who: str | None = None, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = base.browser(who).get("/ressources.json?" + urlencode([*pairs, *query.items()])).json
    return found


def titles(answer: dict[str, Any]) -> list[str]:
    return [item["titre"] for item in answer["items"]]


def translate(base: Base, made: Resource, lang: str, section: str = HEADER, **words: str) -> None:
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        content = services.current(session, found).content
        translations.put(session, content, made.id, section, lang, words, state=UnitState.MACHINE, by=None,
                         now=base.site.clock.now)  # fmt: skip
        services.touched(session, found, base.site.clock.now)
        session.commit()
    base.site.reindex()


def hide(base: Base, made: Resource) -> None:
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, made.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    base.site.reindex()


def test_it_is_found_by_each_of_its_texts(base: Base) -> None:
    content = a_tutorial("Zinnia et ses amis", summary="Un resume sur le xylophone.")
    steps = [
        replace(b, note="Attention au wombat", note_kind="astuce") if b.key == "etape-1" else b for b in content.blocks
    ]
    steps[0] = replace(steps[0], file=FileRef("f" * 64, "affiche-quetzal.pdf"))
    with base.site.sessions() as session:
        session.add(
            StoredFile(sha="f" * 64, size=3, media_type="application/pdf", text="un ornithorynque", text_state="ok")
        )
        session.commit()
    made = base.published(replace(content, blocks=tuple(steps)))
    translate(base, made, "ar", title="زهرة الزينيا", text="ملخص")
    for words in ("zinnia", "xylophone", "wombat", "quetzal", "ornithorynque", "الزينيا", "zinia"):
        answer = ask(base, q=words)
        assert made.slug in [item["slug"] for item in answer["items"]], words
    extract = ask(base, q="ornithorynque")["items"][0]["extrait"]
    assert extract == {"texte": "un ornithorynque", "langue": "fr", "fichier": "affiche-quetzal.pdf"}
    page = Page(base.browser().get("/ressources?q=wombat").text)
    assert not page.errors
    assert "wombat" in page.text_of("mark")
    assert ask(base, q="zinia")["corrections"] == [{"ecrit": "zinia", "compris": "zinnia"}]


def test_labels_are_found_in_three_languages(base: Base) -> None:
    made = base.published(a_kit("Atelier grenadine", demarches=("mon-espace-sante",)))
    for words in ("grenadine mon espace santé", "grenadine kit"):
        assert titles(ask(base, q=words)) == [made.title], words


def test_what_is_not_published_is_not_there(base: Base) -> None:
    draft = base.draft(a_tutorial("Brouillon hippocampe"))
    gone = base.published(a_tutorial("Retrait hippocampe"))
    with base.site.sessions() as session:
        services.withdraw(session, session.get_one(Resource, gone.id), base.site.clock.now)
        session.commit()
    base.site.reindex()
    assert ask(base, q="hippocampe")["total"] == 0
    assert draft.slug not in base.browser("coordination").get("/ressources").text


def test_what_is_for_the_network_is_told_to_no_visitor(base: Base) -> None:
    made = base.published(a_tutorial("Secret tamanoir"))
    before = ask(base)["total"]
    hide(base, made)
    assert ask(base)["total"] == before - 1
    for query in ("tamanoir", "tamanoi", "secret"):
        answer = ask(base, q=query)
        assert (answer["total"], answer["corrections"]) == (0, []), query
        assert ask(base, who="personne", q=query)["total"] == 0
    assert base.browser().get("/ressources/suggestions.json?q=taman").json == []
    assert base.browser().get("/recherche/suggestions.json?q=taman").json == []
    assert "tamanoir" not in base.browser().get("/recherche?q=tamanoi").text.replace("tamanoi", "", 3)
    answer = ask(base, who="membre", q="tamanoir")
    assert [(item["titre"], item["visibilite"]) for item in answer["items"]] == [("Secret tamanoir", "network")]
    assert "Réservé au réseau" in base.browser("membre").get("/ressources?q=tamanoir").text


def test_filters_count_what_choosing_each_alone_would_give(base: Base) -> None:
    word = "mandragore"
    base.published(a_tutorial(f"Un {word}", niveau="debutant", publics=("parents",)))
    base.published(a_tutorial(f"Deux {word}", niveau="avance", licence="etalab-2.0", publics=("parents",)))
    base.published(a_kit(f"Trois {word}", niveau="debutant", supports=("article",)))
    for asked in ([], [("type", "tutoriel")], [("type", "tutoriel"), ("type", "kit"), ("niveau", "debutant")],
                  [("public", "parents"), ("niveau", "avance")]):  # fmt: skip
        answer = ask(base, ("q", word), *asked)
        for name, counts in answer["facettes"].items():
            others = [(n, v) for n, v in asked if n != name]
            for code, count in counts.items():
                if count or name in ("type", "niveau"):
                    assert ask(base, ("q", word), *others, (name, code))["total"] == count, (asked, name, code)
    answer = ask(base, ("q", word), ("type", "kit"), ("type", "tutoriels"), ("niveau", "debutant"))
    assert sorted(titles(answer)) == ["Trois mandragore", "Un mandragore"]
    assert answer["ignores"] == []


def test_what_makes_no_sense_is_ignored_and_said(base: Base) -> None:
    base.published()
    pairs = [("type", "roman"), ("theme", "x"), ("langue_contenu", "pas une langue"), ("tri", "couleur"), ("page", "-1"),
             ("q", "!!"), ("niveau", "x\0"), ("licence", "é" * 200)]  # fmt: skip
    answer = ask(base, *pairs)
    assert {one["parametre"] for one in answer["ignores"]} == {name for name, _ in pairs}
    assert answer["total"] == ask(base)["total"]
    assert answer["tri"] == "date"
    assert ask(base, tri="pertinence")["ignores"] == [{"parametre": "tri", "valeur": "pertinence"}]
    assert ask(base, page="999")["ignores"] == [{"parametre": "page", "valeur": "999"}]
    assert "nous n’avons pas compris" in base.browser().get("/ressources?type=roman").text


def test_a_title_is_shown_in_the_language_of_the_reader_or_says_which_it_is(base: Base) -> None:
    made = base.published(a_tutorial("Belladone", summary="En bref."))
    translate(base, made, "ar", title="ست الحسن", text="باختصار")
    arabic = base.browser(language="ar").get("/ressources.json?q=belladone").json["items"][0]
    assert (arabic["titre"], arabic["titre_langue"], arabic["langues"]) == ("ست الحسن", "ar", ["fr", "ar"])
    assert arabic["traduit_par_machine"]
    assert not ask(base, q="belladone")["items"][0]["traduit_par_machine"]
    said = Wording.of("ar").gettext("Traduit par une machine, pas encore relu")
    assert said in base.browser(language="ar").get("/ressources?q=belladone").text
    english = base.browser(language="en").get("/ressources?q=belladone")
    assert 'lang="fr" dir="ltr"><bdi><mark>Belladone</mark>' in english.text
    spoken = base.browser().get("/ressources?q=belladone&langue_contenu=ar")
    assert f"/tutoriels/{made.slug}/imprimer?contenu=ar" in spoken.text
    assert "Imprimer (Arabe)" in spoken.text
    assert ask(base, q="belladone", langue_contenu="EN")["total"] == 0


def test_orders(base: Base) -> None:
    word = "cyclamen"
    one, two = base.published(a_tutorial(f"B {word}")), base.published(a_tutorial(f"A {word}"))
    people = [base.person().id for _ in range(3)]
    with base.site.sessions() as session:
        for person, grade in zip(people, (4, 3, 1), strict=True):
            session.add(Opinion(resource_id=one.id, person_id=person, grade=grade, version=1, at=base.site.clock.now))
        for place in ("ici", "ici", "ailleurs"):
            session.add(ResourceUse(resource_id=one.id, structure_id=base.places[place], on_day="2026-11-01"))
        session.commit()
    assert titles(ask(base, q=word, tri="titre")) == [two.title, one.title]
    useful = ask(base, q=word, tri="utile")
    assert titles(useful) == [one.title, two.title]
    assert [(i["avis"], i["utile_pour_cent"], i["structures_utilisatrices"]) for i in useful["items"]] == [
        (3, 67, 2),
        (0, None, 0),
    ]
    page = base.browser().get(f"/ressources?q={word}").text
    assert "Utile à 67 % (3 avis)" in page
    assert "Utilisé par 2 structures" in page


def test_page_and_json_show_the_same_and_some_words_are_better_than_none(base: Base) -> None:
    made = [base.published(a_tutorial(f"Pivoine {n:02}")) for n in range(23)]
    for number in (1, 2):
        answer = ask(base, q="pivoine", page=number)
        shown = Page(base.browser().get(f"/ressources?q=pivoine&page={number}").text)
        assert [a["data-item"] for a in shown.all("li") if "data-item" in a] == [i["id"] for i in answer["items"]]
        assert (answer["total"], answer["pages"], len(answer["items"])) == (len(made), 2, 20 if number == 1 else 3)
    loose = ask(base, q="pivoine introuvablissime")
    assert (loose["mots_partiels"], loose["total"]) == (True, 23)
    page = base.browser().get("/ressources?q=introuvablissime&langue_contenu=ar").text
    assert "/ressources/demander?mots=introuvablissime&amp;langue_voulue=ar" in page


def test_a_visitor_who_has_the_page_is_told_so_until_something_changes(base: Base) -> None:
    made, browser = base.published(a_tutorial("Jonquille")), base.browser()
    for path in ("/ressources", "/ressources.json?q=jonquille", "/recherche?q=jonquille", "/"):
        tag = browser.get(path).headers["ETag"]
        browser.get(path, headers={"If-None-Match": tag}, status=304)
        with base.site.sessions() as session:
            session.add(ResourceUse(resource_id=made.id, structure_id=base.places["ici"], on_day="2026-11-01",
                                    at=base.site.clock.now))  # fmt: skip
            session.commit()
        assert browser.get(path, headers={"If-None-Match": tag}).status_int == 200, path


def test_an_opinion_that_changes_is_another_page(base: Base) -> None:
    made, browser = base.published(a_tutorial("Pervenche")), base.browser()
    path, who = "/ressources?q=pervenche", base.person().id
    with base.site.sessions() as session:
        session.add(Opinion(resource_id=made.id, person_id=who, grade=1, version=1, at=base.site.clock.now))
        session.commit()
    page = browser.get(path)
    assert "Utile à 0 %" in page.text
    with base.site.sessions() as session:  # at the same moment: what is said counts, not only when
        session.get_one(Opinion, (made.id, who)).grade = 4
        session.commit()
    again = browser.get(path, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_int == 200
    assert "Utile à 100 %" in again.text


def test_words_of_a_file_are_found_once_they_are_read_and_nothing_else_changes(base: Base) -> None:
    content = a_tutorial("Notice")
    step = replace(content.blocks[1], file=FileRef("e" * 64, "notice.pdf"))
    with base.site.sessions() as session:
        session.add(StoredFile(sha="e" * 64, size=3, media_type="application/pdf", text=""))
        session.commit()
    made = base.published(replace(content, blocks=(content.blocks[0], step)))
    assert ask(base, q="cachalot")["total"] == 0
    with base.site.sessions() as session:
        session.get_one(StoredFile, "e" * 64).text = "le cachalot"
        services.reread(session, session.get_one(Resource, made.id))
        session.commit()
    base.site.reindex()
    assert titles(ask(base, q="cachalot")) == ["Notice"]
    assert base.resource(made.id).rev == made.rev
    with base.site.sessions() as session:  # both in one batch of the index, and withdrawn
        found = session.get_one(Resource, made.id)
        services.touched(session, found, base.site.clock.now)
        services.reread(session, found)
        session.commit()
    base.site.reindex()
    assert titles(ask(base, q="cachalot")) == ["Notice"]
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        services.reread(session, found)
        services.withdraw(session, found, base.site.clock.now)
        session.commit()
    base.site.reindex()
    assert ask(base, q="cachalot")["total"] == 0


def test_an_extract_is_in_the_language_of_the_reader_else_of_the_source_else_in_any(base: Base) -> None:
    content = a_tutorial("Primevère")
    step = replace(content.blocks[1], text="Le morse nage.")
    made = base.published(replace(content, blocks=(content.blocks[0], step)))
    translate(base, made, "en", step.key, title="Step", text="A morse and an octopus.")

    def extract(words: str, language: str = "fr") -> tuple[str, str]:
        answer = base.browser(language=language).get("/ressources.json?" + urlencode({"q": words})).json
        (found,) = [item["extrait"] for item in answer["items"] if item["slug"] == made.slug]
        return found["langue"], found["texte"]

    assert extract("morse")[0] == "fr"
    assert extract("morse", "en")[0] == "en"
    assert extract("octopus") == ("en", "Step A morse and an octopus.")
    assert extract("octopus", "ar")[0] == "en"


@pytest.mark.parametrize("query", ["", "?q=glaieul", "?q=glaieul+introuvablissime", "?q=glaieul&tri=utile"])
def test_a_page_costs_the_same_for_one_result_and_for_many(base: Base, query: str) -> None:
    if not ask(base, q="glaieul")["total"]:
        with base.site.sessions() as session:
            for number in range(200):
                content = a_tutorial(f"Glaïeul {number}") if number else a_kit("Glaïeul seul")
                found = services.create(session, content, by=None, structure_id=None, now=base.site.clock.now)
                services.publish(session, found, by=None, now=base.site.clock.now)
            session.commit()
        base.site.reindex()
    browser = base.browser()
    for path in ("/ressources", "/ressources.json"):
        costs = []
        for more in ("type=kit", "type=tutoriel"):
            address = f"{path}{query}{'&' if query else '?'}{more}"
            browser.get(address)
            with base.site.statements() as statements:
                total = browser.get(address)
            looks = [one for one in statements if "search_document" in one]
            # PostgreSQL is its own search engine: a page that says what the other rooms answer looks there once more.
            assert len(statements) <= (11 if looks else 10), (address, statements)
            costs.append(len(statements))
        assert costs[0] == costs[1]
        assert total
    browser.get("/recherche" + query)
    with base.site.statements() as statements:
        browser.get("/recherche" + query)
    # PostgreSQL is its own search engine: each look at its index is a statement more.
    assert len(statements) <= 13, len(statements)  # one of them for the letter


def test_the_command_indexes_what_the_site_indexes(base: Base) -> None:
    from reseau.cli import main
    from reseau.search.commands import SOURCES

    assert main.commands["index"]
    assert base.site.wsgi.registry["search.sources"] == SOURCES


def test_kinds_of_resources_are_all_there() -> None:
    from resources.finding.params import codes

    assert codes("type") == tuple(kind.value for kind in Kind) == ("kit", "tutoriel", "experience", "outil", "lien")

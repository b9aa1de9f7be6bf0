"""What a page offers first, how much of it is translated, and what it keeps from whom."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup

from reseau.core.files import FileStore
from reseau.core.wording import Wording
from resources.base import services, translations
from resources.base.bidi import straight
from resources.base.content import Block, FileRef, checked, clean_text, one_line
from resources.base.models import Resource, Visibility
from resources.base.shapes import BlockKind
from resources.files import services as files
from resources.reading.page import page_of
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.reading.test_pages import statements, translate


def said(node: Any) -> str:
    return " ".join(node.get_text(" ", strip=True).split())


def a_long_kit(*more: Block) -> Any:
    parts = (Block("quoi", "materiel", text="Une salle."), Block("fin", "remettre", text="Une feuille."))
    return a_kit(blocks=(*a_kit().blocks, *parts, *more))


def test_a_long_page_says_what_it_holds(base: Base) -> None:
    made = base.published(a_long_kit())
    page = base.browser().get(base.at(made.id))
    toc = page.html.select_one("header .toc")
    parts = toc.select(".toc-parts a")
    assert [said(one) for one in parts] == [said(one) for one in page.html.select(".resource-part > h2")]
    assert all(page.html.select_one(one["href"]) for one in parts)
    quick = {said(one): one["href"] for one in toc.select(".toc-quick a")}
    pdf = f"{base.at(made.id)}/documents/affiche.pdf?contenu=fr"
    assert quick == {"Affiche (A4) (PDF)": pdf, "À remettre à la fin": "#partie-remettre"}
    assert (
        "contenu=ar" in base.browser().get(base.at(made.id), {"contenu": "ar"}).html.select_one(".toc-quick a")["href"]
    )


def test_a_short_page_has_no_table_of_contents(base: Base) -> None:
    for content in (a_kit(), a_tutorial()):
        assert not base.browser().get(base.at(base.published(content).id)).html.select(".toc")


def test_documents_of_one_layout_carry_their_title(base: Base) -> None:
    other = Block("autre", "avant", BlockKind.DOCUMENT, title="Grande affiche", text="Oui", data={"layout": "affiche"})
    made = base.published(a_long_kit(other))
    quick = base.browser().get(base.at(made.id)).html.select(".toc-quick a")
    assert [said(one) for one in quick[:2]] == ["Affiche (A4) – Affiche (PDF)", "Affiche (A4) – Grande affiche (PDF)"]


def store(base: Base, made: Resource, name: str, body: bytes) -> FileRef:
    where: FileStore = base.files
    with base.site.sessions() as session:
        ref = files.add(session, where, session.get_one(Resource, made.id), where.put(io.BytesIO(body), 10_000_000), name,
                        None, None, base.site.clock.now)  # fmt: skip
        session.commit()
        return ref


def test_a_shared_file_comes_first(base: Base) -> None:
    made = base.published(a_tutorial())
    ref = store(base, made, "affiche.pdf", b"%PDF-1.4\n" + b"x" * 812_000)
    base.publish(made.id, a_tutorial(blocks=(Block("f", "avant-de-commencer", BlockKind.FICHIER, file=ref),)))
    browser, path = base.browser(), base.at(made.id)
    buttons = browser.get(path).html.select("header .actions .button")
    assert said(buttons[0]) == "Télécharger affiche.pdf (PDF, 0,8 Mo)"
    assert buttons[0]["href"] == f"/fichiers/{ref.sha}/affiche.pdf"
    assert "button-quiet" not in buttons[0]["class"]
    assert said(buttons[1]) == "Imprimer"
    assert "button-quiet" in buttons[1]["class"]
    assert statements(base, lambda: browser.get(path)) <= 10
    english = browser.get(path, {"langue": "en"}).html.select_one("header .actions .button")
    assert "0.8" in said(english)


def test_a_file_among_words_is_no_button(base: Base) -> None:
    made = base.published(a_tutorial())
    ref = store(base, made, "petit.txt", b"Bonjour")
    base.publish(made.id, a_tutorial(blocks=(*a_tutorial().blocks, Block("f", "apres", BlockKind.FICHIER, file=ref))))
    assert said(base.browser().get(base.at(made.id)).html.select_one("header .actions .button")) == "Imprimer"


def test_a_language_says_how_much_of_it_there_is(base: Base) -> None:
    made = base.published(a_tutorial(steps=2))
    translate(base, made, "ar", "entete", "etape-1")
    translate(base, made, "en")
    found = {
        one["hreflang"]: said(one) for one in base.browser().get(base.at(made.id)).html.select(".content-languages a")
    }
    assert found["fr"] == "Français"
    assert found["en"] == "English"
    assert found["ar"].startswith("العربية (2 parties sur 4 ")
    assert "le reste n’est pas encore traduit" in found["ar"]
    with base.site.sessions() as session:
        published = services.current(session, session.get_one(Resource, made.id))
        page = page_of(session, published, "fr", Wording("fr"), "Europe/Paris")
    assert page.coverage == {"fr": (4, 4), "ar": (2, 4), "en": (4, 4)}


def test_what_must_match_and_is_stale_is_not_translated(base: Base) -> None:
    exact = a_tutorial(blocks=(Block("prix", "apres", text="12 euros", exact=True),))
    made = base.published(exact)
    translate(base, made, "ar")
    base.publish(made.id, a_tutorial(title=exact.title, blocks=(Block("prix", "apres", text="13 euros", exact=True),)))
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
        rows = translations.rows(session, [made.id])[made.id]
        assert translations.readable(content, rows)["ar"] == (1, 2)


def test_paper_says_how_to_print_without_a_script(base: Base) -> None:
    page = base.browser().get(base.at(base.published().id) + "/imprimer")
    without = BeautifulSoup(str(page.html.select_one("main noscript")), "html.parser")
    assert said(without) == "Pour imprimer : menu du navigateur, puis Imprimer."


def test_data_names_no_resource_that_its_reader_may_not_open(base: Base) -> None:
    hidden, shown = base.published(a_tutorial("Secret du réseau, en données")), base.published()
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, hidden.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    blocks = [Block(f"r-{n}", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{one.slug}"})
              for n, one in enumerate((hidden, shown))]  # fmt: skip
    path = base.at(base.published(a_kit(blocks=(*a_kit().blocks, *blocks))).id) + ".json"
    seen = base.browser().get(path)
    assert hidden.slug not in seen.text
    assert shown.slug in seen.text
    assert hidden.slug in base.browser("voisine").get(path).text


def test_what_changed_is_told_to_the_network_only(base: Base) -> None:
    block = Block("secret", "apres", title="Code de la porte du lieu", text="1234")
    made = base.published(a_tutorial(blocks=(*a_tutorial().blocks, block)))
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, made.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    base.publish(made.id, a_tutorial(), note="Un geste de moins")
    with base.site.sessions() as session:
        services.set_visibility(session, session.get_one(Resource, made.id), Visibility.PUBLIC, base.site.clock.now)
        session.commit()
    path = base.at(made.id) + "/versions"
    for who in (None, "personne"):
        page = base.browser(who).get(path)
        assert "Un geste de moins" in page.text, "a line for whoever uses it"
        assert "Code de la porte" not in page.text
    for who in ("voisine", "membre", "coordination"):
        assert "Enlevé : Code de la porte du lieu" in said(base.browser(who).get(path).html.main)


@pytest.mark.parametrize(("written", "kept"), [
    ("photo\u202efdp.exe", "photofdp.exe"),
    ("a\u202ab\u202bc\u202cd\u202de", "abcde"),
    ("\u2067seul", "seul"),
    ("seul\u2069", "seul"),
    ("\u2069a\u2068b", "ab"),
    ("le \u2068نص\u2069 reste", "le \u2068نص\u2069 reste"),
    ("\u2067\u2068a\u2069", "\u2068a\u2069"),
    ("\u200fa\u200e", "\u200fa\u200e"),
])  # fmt: skip
def test_nothing_turns_what_follows(written: str, kept: str) -> None:
    assert straight(written) == kept
    assert one_line(written) == kept
    assert clean_text(written) == kept


def test_isolates_are_closed_on_their_line() -> None:
    assert clean_text("\u2067un\ndeux\u2069") == "un\ndeux"


def test_names_of_files_are_straight() -> None:
    block = Block("a", "avant", BlockKind.FICHIER, file=FileRef("ab" * 32, "x\u202efdp.exe"))
    assert checked(a_kit(blocks=(block,))).blocks[0].file == FileRef("ab" * 32, "xfdp.exe")


def test_the_side_begins_with_what_is_taken(base: Base) -> None:
    page = base.browser("membre").get(base.at(base.published(a_kit()).id))
    sides = [one["aria-labelledby"] for one in page.html.select(".resource-side > section")]
    assert sides[:3] == ["r-faits", "s-telecharger", "r-langues"]
    assert sides.index("s-garder") < sides.index("s-ecrire") < sides.index("r-source")

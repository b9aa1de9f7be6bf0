"""The list, the Markdown and the page of Les Bases are read as they are, with their traps."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from importers.lesbases import documents, fetching, listing, making
from importers.lesbases.fetching import Session
from importers.lesbases.source import PUBLICS, THEMES, LesBases
from importers.pipeline.contract import Refused, Where
from tests.importers.lesbases.standin import (
    BY_SA,
    DATA,
    ETALAB,
    NO_LICENCE,
    PUBLIC_DOMAIN,
    SITE,
    Bases,
    Item,
    many,
    small,
)

ROW = {"id": "a", "slug": "s", "title": "T", "created": "2024-01-01T00:00:00.000Z", "updated": "2024-01-01T00:00:00.000Z",
       "deleted": None, "is_public": True, "published": "2024-01-01T00:00:00.000Z", "url": None}  # fmt: skip


def of(**changes: Any) -> tuple[listing.Entry, ...]:
    return listing.read(json.dumps({"data": [ROW | changes, ROW | {"id": "b"}]}).encode(), SITE).public[:-1]


def test_only_public_rows_with_a_title_are_read() -> None:
    assert len(of()) == 1
    for changes in ({"title": None}, {"title": " "}, {"is_public": False}, {"is_public": "true"}, {"published": None},
                    {"deleted": "2024-01-01T00:00:00.000Z"}, {"id": 7}, {"slug": None}, {"slug": ".."}, {"slug": "a/b"},
                    {"slug": "x" * 301}, {"updated": 5}):  # fmt: skip
        assert of(**changes) == (), changes


def test_the_address_of_a_page_is_the_one_of_its_slug() -> None:
    assert of()[0].url == f"{SITE}/ressources/s"
    assert of(slug="été à l'eau")[0].url == f"{SITE}/ressources/%C3%A9t%C3%A9%20%C3%A0%20l%27eau"
    for odd in ("javascript:alert(1)", "https://ailleurs.example/x", "https://a@b/ressources/s", 5):
        assert of(url=odd)[0].url == f"{SITE}/ressources/s"
    assert (
        of(url="https://lesbases.anct.gouv.fr/ressources/s?a")[0].url == "https://lesbases.anct.gouv.fr/ressources/s?a"
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"not-found", b"<html>", b"[]", b"{}", b'{"data":[]}', b'{"data":{}}', b'{"data":[1]}', b"[" * 5000,
     b'{"data":[{"id":"a","slug":"s","name":"autre"}]}'],
)  # fmt: skip
def test_a_list_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as error:
        listing.read(body, SITE)
    assert error.value.code == "forme-inattendue"


def test_the_markdown_of_the_stand_in() -> None:
    head = documents.head((DATA / "resource-full.md").read_text())
    assert head is not None
    assert head.description == "Support d'atelier d'une heure.\nÀ imprimer recto-verso."
    assert head.facets == {
        "themes": ["Numérique en santé", "Aide aux démarches administratives"],
        "supports": ["Ressources pédagogiques", "Boite à outils"],
        "publics": ["Seniors & personnes âgées", "Personne allophone / Réfugiés / demandeurs d’asile"],
        "secteurs": ["Aidants et médiateurs numériques"],
    }
    assert head.files == ["Fiche participant (été 2025).pdf", "diaporama.odp"], "null is a title or a caption"


def test_false_is_no_facet_and_null_no_word() -> None:
    head = documents.head((DATA / "resource-empty-indexation.md").read_text())
    assert head is not None
    assert head.description == "Ancienne fiche."
    assert set(map(len, head.facets.values())) == {0}
    assert documents.head("# null\n\nnull\n\nfalse\n\nfalse  \n\nfalse\n\nfalse\n\n\n\n").description == ""  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "not-found", "# Un titre", "Un titre\n\nfalse", "# x\n\n" + "a\n\n" * 50_000])
def test_what_is_no_document(text: str) -> None:
    assert documents.head(text) is None


def page_with(licence: str, **more: Any) -> documents.Page:
    found = documents.page(Item("a", "s", licence=licence, **more).view().encode(), SITE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (ETALAB, "etalab-2.0"), (BY_SA, "cc-by-sa-4.0"), (BY_SA.replace("by-sa", "by-nc-sa"), "cc-by-nc-sa-4.0"),
        (NO_LICENCE, ""), (PUBLIC_DOMAIN, ""), ("", ""), (ETALAB + BY_SA, ""),
        ("<p><a href='https://creativecommons.org/licenses/by-nd/4.0/'>Licence CC BY-ND 4.0</a></p>", ""),
        ("<p>Pas de licence</p>", ""),
    ],
)  # fmt: skip
def test_a_licence_is_read_or_there_is_none(part: str, code: str) -> None:
    """The page has a link to a licence in a block too: it is the author's, about something else."""
    assert page_with(part).licence == code


def test_a_block_called_informations_is_not_where_the_licence_is() -> None:
    html = Item("a", "s", licence=NO_LICENCE).view()
    block = f'<div data-testid="content-text"><div id="informations">{ETALAB}</div></div>'
    html = html.replace("</body>", f"{block}</body>")
    assert documents.page(html.encode(), SITE).licence == ""  # type: ignore[union-attr]


def test_names_of_files_come_from_the_markdown_and_addresses_from_the_page() -> None:
    files = (("", "https://storage.example.fr/u/V1S_un%20fichier.pdf"), ("vu.odt", "https://storage.example.fr/u/xx_b.odt"),
             ("", "https://storage.example.fr/u/seul.pdf"))  # fmt: skip
    assert [name for name, _ in documents.named(files, ["autre.pdf", "un fichier.pdf"])] == [
        "un fichier.pdf", "vu.odt", "seul.pdf"]  # fmt: skip
    page = page_with(ETALAB, files=("https://storage.example.fr/u/a_été (1).pdf", "javascript:alert(1)", "/x"))
    assert [address for _, address in page.files] == ["https://storage.example.fr/u/a_%C3%A9t%C3%A9%20%281%29.pdf"]


def test_what_is_no_page_gives_nothing() -> None:
    for html in (b"", b"not-found", b"<html></html>", b"\x00\xff" * 99, b"<div>" * 20_000):
        assert documents.page(html, SITE) is None


def test_missing_text_is_known_by_its_status_and_type() -> None:
    bases = many(1)
    visit = Session(bases, SITE)
    entry = visit.entries().public[0]
    bases.change("id-0000", public=False)
    assert bases.answer("/ressources/ressource-0/markdown") == (404, "image/webp", "not-found")
    assert visit.document(entry)["failed"] == "texte-absent"
    bases.change("id-0000", public=True, markdown="not-found")
    assert visit.document(entry)["failed"] == "texte-illisible"


def test_four_requests_a_second_at_most_and_one_list(tmp_path: Any) -> None:
    bases = many(40)
    LesBases().fetch(Where(""), bases, tmp_path)
    assert LesBases.pace == 0.25, "of the asker that a run is given"
    paths = bases.asked
    assert paths.count("/api/v1/resources") == 1
    # Three pages of 16 and the last one again; one of the other facet; text and page of each.
    assert len(paths) == 1 + 4 + 1 + 2 * 40
    assert unquote(unquote(paths[1])) == (
        "/rechercher/thematiques=NumeriqueEnSante&thematiques=AidesAuxDemarchesAdministratives&thematiques=Accessibilite"
        "/ressources?tri=recent&page=1"
    )


def test_themes_are_a_setting(tmp_path: Any) -> None:
    bases = many(2)
    bases.change("id-0001", themes=(("JeuxVideos", "Jeux vidéos"),))
    source = LesBases()
    options = {"themes": ["JeuxVideos", "Inconnu", 5, "Jeux vidéos"], "publics": []}
    path = source.fetch(Where("", options), bases, tmp_path).path
    assert path is not None
    assert [read.parts for read in source.read(path)] == [("id-0001",)]


def test_search_pages_without_any_resource_are_another_site(tmp_path: Any) -> None:
    bases = Bases([Item("a", "s", no_page=True)])
    with pytest.raises(Refused) as error:
        LesBases().fetch(Where(""), bases, tmp_path)
    assert error.value.code == "forme-inattendue"


def test_all_their_words_have_ours() -> None:
    """The taxonomies of March 2026: 29 themes, 9 types, 10 beneficiaries, each with a code of our vocabulary."""
    tables = making.taxonomies()
    assert {name: len(set(tables[name].values())) for name in ("themes", "supports", "publics")} == {
        "themes": 29, "supports": 9, "publics": 10}  # fmt: skip
    assert set(THEMES) <= set(tables["themes"])
    assert set(PUBLICS) <= set(tables["publics"])
    assert tables["themes"]["Numérique en santé"] == "numerique_en_sante"


def test_a_tool_is_a_tool_and_a_mail_of_a_person_is_masked() -> None:
    entry = small().items[4]
    listed = {"id": "a", "slug": "s", "title": "Un outil, jean.dupont@exemple.fr", "url": f"{SITE}/ressources/s",
              "updated": entry.updated, "published": "hier"}  # fmt: skip
    doc = {"facets": {"themes": ["Numérique en santé"], "supports": ["Outils Numériques"]}, "licence": "etalab-2.0",
           "description": "Écrire à jean.dupont@exemple.fr. " + "x" * 700, "text": "d", "files": [["a", "ftp://x"], 5]}  # fmt: skip
    found, unknown = making.incoming(listed, doc)
    content = found.content
    assert content is not None
    assert content.kind == "outil"
    assert unknown == ()
    assert content.title == "Un outil, …"
    assert content.summary.startswith("Écrire à …. xxx")
    assert (len(content.summary), content.summary[-1], content.blocks) == (600, "…", ())


def test_the_site_of_an_address() -> None:
    assert fetching.site_of("https://lesbases.anct.gouv.fr/api/v1/resources") == SITE
    assert fetching.site_of("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"
    assert fetching.site_of("") == fetching.site_of("fichier.jsonl") == SITE

"""PDFs: what they say, in which order, whose eyes they are for, and what cannot harm them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from resources.base.content import Block, FileRef
from resources.base.models import Resource, Visibility
from resources.base.services import set_visibility
from resources.base.shapes import BlockKind
from resources.taking import fonts, sheets, typesetter
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.taking.conftest import a_new_tutorial, a_picture, pages_of, text_of, translated

#: What a PDF looks like is the same on both engines: the archive's tests are of both.
pytestmark = pytest.mark.parametrize("_base", ["sqlite"], indirect=True, scope="module")


def test_a_tutorial_is_printed_large_on_one_page_with_what_it_is(base: Base, tutorial: Resource) -> None:
    answer = base.browser().get(base.at(tutorial.id) + ".pdf")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith(f'inline; filename="{tutorial.slug}-fr.pdf"')
    said = text_of(answer.body)
    assert pages_of(answer.body) == 1
    assert said.index("Geste 1") < said.index("Geste 2") < said.index("Geste 3")
    for words in (tutorial.title, "version 1 du", "Licence Ouverte 2.0", base.at(tutorial.id)):
        assert words in said
    assert re.search(rb"/Lang ?\(fr\)", answer.body)
    assert b"/StructTreeRoot" in answer.body  # tagged: it can be read aloud


def test_arabic_comes_out_in_the_order_in_which_it_is_read(base: Base, tutorial: Resource) -> None:
    answer = base.browser().get(base.at(tutorial.id) + ".pdf?contenu=ar")
    said = text_of(answer.body)
    assert "تفعيل الحساب" in said
    assert "شرح مبسط في ثلاث خطوات" in said
    assert said.index("فتح الموقع") < said.index("اختيار الزر")
    assert "monsite" in said
    assert {"Faites", "geste"} <= set(said.split())  # not translated: the French, and a line that says so
    assert re.search(rb"/Lang ?\(ar\)", answer.body)


def test_arabic_letters_are_joined(base: Base) -> None:
    """The letter ت has two shapes in one word: at its beginning and alone. Without shaping it would be one glyph."""
    tutorial = a_new_tutorial(base)
    with TTFont(fonts.FOLDER / "arabic-400.ttf") as font:
        features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {"init", "medi", "fina", "rlig"} <= features
    drawn = ink(base.browser().get(base.at(tutorial.id) + ".pdf?contenu=ar").body)
    translated(base, tutorial, {"entete": {"title": " ".join("تفعيل الحساب"), "text": "شرح"}})
    assert ink(base.browser().get(base.at(tutorial.id) + ".pdf?contenu=ar").body) != drawn


def ink(pdf: bytes) -> bytes:
    """The top of the first page as pixels."""
    document: Any = pypdfium2.PdfDocument(pdf)
    try:
        return bytes(document[0].render(scale=1, crop=(0, 700, 0, 0)).to_pil().tobytes())
    finally:
        document.close()


def test_a_machine_and_an_old_translation_are_said_on_paper(base: Base) -> None:
    tutorial = a_new_tutorial(base)
    browser = base.browser(language="en")
    translated(base, tutorial, {"entete": {"title": "Open it", "text": "Short."}}, "en")
    changed = a_tutorial(tutorial.title, summary="Un autre résumé.")
    base.publish(tutorial.id, changed)
    said = " ".join(text_of(browser.get(base.at(tutorial.id) + ".pdf?contenu=en").body).split())
    assert "Open it" in said
    assert re.search(r"machine", said)
    assert "2026" in said


@pytest.mark.parametrize(("key", "pages"), [("affiche", 1), ("petit", 1), ("jeu", 1), ("avis", 1)])
def test_each_document_is_one_sheet(base: Base, kit: Resource, key: str, pages: int) -> None:
    body = base.browser().get(f"{base.at(kit.id)}/documents/{key}.pdf").body
    assert pages_of(body) == pages
    if key == "jeu":
        said = text_of(body)
        assert said.index("Vrai") < said.index("Oui.") < said.index("Faux") < said.index("Non.")


def test_two_flyers_on_one_sheet(base: Base, kit: Resource) -> None:
    body = base.browser().get(f"{base.at(kit.id)}/documents/petit.pdf?format=2-par-page").body
    assert pages_of(body) == 1
    assert text_of(body).count("Venez !") == 2


def test_the_kit_has_its_plan_with_timings(base: Base, kit: Resource) -> None:
    said = text_of(base.browser().get(base.at(kit.id) + ".pdf").body)
    assert said.index("Accueil") < said.index("0:10") < said.index("Voir")
    assert "10 minutes" in said
    assert "Affiche (A4)" in said


def test_what_is_not_a_document_is_not_found(base: Base, kit: Resource) -> None:
    base.browser().get(f"{base.at(kit.id)}/documents/accueil.pdf", status=404)
    base.browser().get(f"{base.at(kit.id)}/documents/rien.pdf", status=404)


def test_a_draft_is_for_nobody_and_a_network_page_for_the_network(base: Base) -> None:
    draft, hidden = base.draft(), base.published()
    base.browser().get(base.at(draft.id) + ".pdf", status=404)
    with base.site.sessions() as session:
        set_visibility(session, session.get_one(Resource, hidden.id), Visibility.NETWORK, base.site.clock.now)
        session.commit()
    for path in (".pdf", ".zip", "/telecharger", "/qr.svg"):
        answer = base.browser().get(base.at(hidden.id) + path, expect_errors=True)
        assert answer.status_int in (303, 403)
    kept = base.browser("voisine").get(base.at(hidden.id) + ".pdf")
    assert kept.headers["Cache-Control"] == "private, no-store"


def test_the_browser_keeps_its_copy_until_a_word_changes(base: Base) -> None:
    tutorial = a_new_tutorial(base)
    browser, path = base.browser(), base.at(tutorial.id) + ".pdf"
    first = browser.get(path)
    assert first.headers["Cache-Control"].startswith("public")
    assert not first.headers["ETag"].startswith("W/")
    browser.get(path, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    part = browser.get(path, headers={"Range": "bytes=5-9", "If-Range": first.headers["ETag"]}, status=206)
    assert part.body == first.body[5:10]
    base.publish(tutorial.id, a_tutorial(tutorial.title, steps=2))
    assert browser.get(path, headers={"If-None-Match": first.headers["ETag"]}).body != first.body


def test_the_same_words_give_the_same_bytes(base: Base, tutorial: Resource) -> None:
    browser, path = base.browser(), base.at(tutorial.id) + ".pdf?contenu=ar"
    first = browser.get(path)
    for made in cache(base).glob("*.pdf"):
        made.unlink()
    assert browser.get(path).body == first.body


def cache(base: Base) -> Path:
    folder: Path = base.site.wsgi.registry["typesetter"].folder
    return folder


HOSTILE = (
    '#eval("1") #read("/etc/passwd") $x$ @ref <label> `raw` #include "x" \\ // /* */ [[ ]] {{ }} '
    "<script>alert(1)</script> [x](javascript:alert(1)) ![y](file:///etc/passwd) \u202e\u0000"
)


def test_nothing_of_a_resource_is_run(base: Base) -> None:
    step = Block("un", "etapes", BlockKind.ETAPE, title='#panic("t")', text=HOSTILE, note='#panic("n")')
    made = base.published(a_tutorial('#panic("titre")', blocks=(step,)))
    said = text_of(base.browser().get(base.at(made.id) + ".pdf").body)
    for words in ('#panic("titre")', '#eval("1")', '#read("/etc/passwd")', "<script>alert(1)</script>"):
        assert words in said
    assert "root:" not in said


def test_lists_a_hundred_deep_and_two_hundred_steps_are_printed(base: Base) -> None:
    deep = "\n".join("  " * n + "- point" for n in range(100)) + "\n\n" + "> " * 100 + "fond" + "**" * 500
    steps = tuple(Block(f"e{n}", "etapes", BlockKind.ETAPE, title=f"Geste {n}", text=deep if n == 0 else "Mot. " * 60)
                  for n in range(200))  # fmt: skip
    made = base.published(a_tutorial(blocks=steps))
    body = base.browser().get(base.at(made.id) + ".pdf").body
    assert pages_of(body) > 20
    assert "Geste 199" in text_of(body)


def test_letters_that_nobody_has_are_said_instead_of_boxes(base: Base, monkeypatch: Any) -> None:
    tutorial = a_new_tutorial(base)
    translated(base, tutorial, {"entete": {"title": "激活账户", "text": "三个步骤"}}, "zh")
    monkeypatch.setattr(fonts, "_of_the_server", dict)
    answer = base.browser().get(base.at(tutorial.id) + ".pdf?contenu=zh", status=409)
    assert "imprim" in answer.text.lower()
    assert f"{base.at(tutorial.id)}/imprimer?contenu=zh" in answer.text


def test_one_foreign_word_or_pictogram_is_no_reason_to_refuse(base: Base, monkeypatch: Any) -> None:
    monkeypatch.setattr(fonts, "_of_the_server", dict)
    made = base.published(
        a_tutorial(summary="Aussi en 中文 \U0001faf6 : demandez la fiche à la personne qui vous reçoit.")
    )
    assert "demandez la fiche" in text_of(base.browser().get(base.at(made.id) + ".pdf").body)


def test_a_pdf_that_takes_too_long_is_given_up_with_a_sentence(base: Base, monkeypatch: Any) -> None:
    made = base.published()
    monkeypatch.setattr(typesetter.Typesetter, "_run", staticmethod(lambda _given: {}))
    assert base.browser().get(base.at(made.id) + ".pdf", status=503).lxml.xpath("//h1")


def test_a_poster_that_fits_at_no_size_takes_more_pages(base: Base) -> None:
    content = a_kit()
    long = replace(content.blocks[1], text="Une phrase pour l’affiche.\n\n" * 300)
    made = base.published(replace(content, blocks=(content.blocks[0], long, content.blocks[2])))
    assert pages_of(base.browser().get(f"{base.at(made.id)}/documents/affiche.pdf").body) > 1


def test_pictures_are_bounded_together_and_those_left_out_are_said(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [FileRef(base.files.put([a_picture(width)]).sha, "vue.png") for width in (80, 81, 82)]
    steps = tuple(Block(f"vue-{n}", "etapes", BlockKind.ETAPE, title=f"Geste {n}", text="Regarder.", image=one,
                        alt="Un carré") for n, one in enumerate(images))  # fmt: skip
    made = base.published(replace(a_tutorial(), blocks=steps))
    monkeypatch.setattr(sheets, "MAX_TOGETHER", 80 * 40 + 81 * 40)
    said = text_of(base.browser().get(base.at(made.id) + ".pdf").body)
    assert said.count("Image trop lourde pour être imprimée") == 1
    assert said.index("Geste 2") < said.index("Image trop lourde")
    pictures, file = sheets.Pictures(), tmp_path / "one"
    file.write_bytes(b"x" * 60)
    monkeypatch.setattr(sheets, "MAX_PICTURES", 100)
    assert [pictures.take(name, file, 1) for name in ("a", "a", "b")] == [True, True, False], "one file comes once"

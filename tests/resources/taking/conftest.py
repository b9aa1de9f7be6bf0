"""Resources to take away, with words in Arabic, a picture and a file."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import pypdfium2
import pytest
from PIL import Image

from resources.base import services, translations
from resources.base.content import Block, FileRef
from resources.base.models import Resource
from resources.base.shapes import BlockKind
from resources.base.translations import UnitState
from tests.resources.conftest import Base, a_kit, a_tutorial

ARABIC = {
    "entete": {"title": "تفعيل الحساب", "text": "شرح مبسط في ثلاث خطوات."},
    "avoir": {"title": "ما تحتاجون", "text": "- هاتف"},
    "etape-1": {"title": "فتح الموقع", "text": "اكتبوا **monsite.example** في الشريط."},
    "etape-2": {"title": "اختيار الزر", "text": "اضغطوا على « Se connecter » ثم انتظروا."},
}


def a_picture(width: int = 80) -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (width, 40), "navy").save(out, "PNG")
    return out.getvalue()


def translated(base: Base, made: Resource, words: dict[str, dict[str, str]], lang: str = "ar") -> None:
    """Give a published resource words of a machine."""
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        content = services.current(session, row).content
        for section, said in words.items():
            translations.put(session, content, made.id, section, lang, said, state=UnitState.MACHINE, by=None,
                             now=base.site.clock.now)  # fmt: skip
        services.touched(session, row, base.site.clock.now)
        session.commit()


@dataclass
class Made:
    """What tests that change nothing share."""

    tutorial: Resource
    kit: Resource


_made: WeakKeyDictionary[Any, Made] = WeakKeyDictionary()


@pytest.fixture
def made(base: Base) -> Made:
    """One tutorial and one kit for each site."""
    if base.site not in _made:
        tutorial = a_new_tutorial(base)
        _made[base.site] = Made(tutorial, a_new_kit(base, tutorial))
    return _made[base.site]


@pytest.fixture
def tutorial(made: Made) -> Resource:
    """The tutorial of the house, for tests that change nothing of it."""
    return made.tutorial


def a_new_tutorial(base: Base) -> Resource:
    """A published tutorial in French and in Arabic (one step is missing there)."""
    made = base.published(a_tutorial(steps=3))
    translated(base, made, ARABIC)
    return made


@pytest.fixture
def kit(made: Made) -> Resource:
    """The kit of the house, for tests that change nothing of it."""
    return made.kit


def a_new_kit(base: Base, tutorial: Resource) -> Resource:
    """A published kit: every layout of document, a file, a picture, a tutorial to hand over; title in Arabic."""
    stored, image = base.files.put([b"nom;jour\n" * 1000]), base.files.put([a_picture()])
    blocks = (
        Block("jeu", "activite", BlockKind.DOCUMENT, title="Cartes", text="### Vrai\n\nOui.\n\n### Faux\n\nNon.",
              data={"layout": "cartes"}),
        Block("petit", "avant", BlockKind.DOCUMENT, title="Flyer", text="Venez !\n\n- gratuit", data={"layout": "flyer"}),
        Block("avis", "remettre", BlockKind.DOCUMENT, title="Avis", text="### Bien ?\n\n- oui\n- non\n\n……………",
              data={"layout": "evaluation"}),
        Block("liste", "avant", BlockKind.FICHIER, title="Liste", file=FileRef(stored.sha, "../../liste d’appel.csv")),
        Block("fiche", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{tutorial.slug}"}),
        Block("vue", "deroule", BlockKind.ETAPE, title="Voir", text="Regarder.", minutes=5, alt="Un carré bleu",
              image=FileRef(image.sha, "vue.png")),
    )  # fmt: skip
    content = a_kit()
    made = base.published(replace(content, blocks=(*content.blocks, *blocks)))
    translated(base, made, {"entete": {"title": "ورشة صغيرة", "text": "ساعة واحدة."}})
    return made


def text_of(pdf: bytes) -> str:
    """The text of a PDF, as a program that reads it aloud takes it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r", "")
    finally:
        document.close()


def pages_of(pdf: bytes) -> int:
    """How many pages."""
    document: Any = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()

"""Plain files: what is written is what was read, whatever the texts are; the starter content goes round unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.base import loading, services
from resources.base.content import Block, Content, ContentError, checked, from_json
from resources.base.models import Resource
from resources.base.plain import Translated, Translation, read_source, read_translation, write_source, write_translation
from resources.base.shapes import BlockKind, Kind
from resources.commands import STARTER
from tests.resources.conftest import Base, a_tutorial

#: Texts that look like our own marks, among others.
LINES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40),
    st.sampled_from(["## titre {#cle part=x}", "::: astuce", ":::", "\\## déjà", "---", "\\\\:::", "{#a}", "نص عربي"]),
)
TEXTS = st.lists(LINES, max_size=6).map("\n".join)
TITLES = st.one_of(st.text(max_size=60), st.sampled_from(["Titre {#cle}", "a {#b c", 'dit "ici"', "##", ":::", "---"]))


@st.composite
def contents(draw: Any) -> Content:
    blocks = tuple(
        Block(f"cle-{n}", "etapes", BlockKind.ETAPE, title=draw(TITLES), text=draw(TEXTS), note=draw(TEXTS),
              note_kind=draw(st.sampled_from(["astuce", "attention"])), alt=draw(TITLES), exact=draw(st.booleans()),
              minutes=draw(st.none() | st.integers(0, 90)))
        for n in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    return Content(Kind.TUTORIEL, "T" + draw(TITLES), summary=draw(TEXTS), blocks=blocks, credits=draw(TITLES),
                   periode=draw(st.sampled_from(["", "2018", "2018-05", "no", "null", "1e3"])))  # fmt: skip


@given(contents())
def test_whatever_the_texts_are(content: Content) -> None:
    try:
        clean = checked(content)
    except ContentError:
        return
    assert read_source(write_source(clean, {}, {})).content == clean
    assert from_json(clean.to_json()) == clean


@given(st.dictionaries(st.sampled_from(["a", "b", "entete"]), st.tuples(TITLES, TEXTS, TEXTS, TITLES), min_size=1))
def test_translations_too(words: dict[str, tuple[str, ...]]) -> None:
    names = {"entete": ("title", "text")}
    units = {}
    for key, values in words.items():
        block = Block("x", "etapes", BlockKind.ETAPE, *values[:2], note=values[2], alt=values[3])
        plain = checked(Content(Kind.TUTORIEL, "T", blocks=(block,))).blocks[0].words() if len(values[0]) < 150 else {}
        plain = {name: text for name, text in plain.items() if name in names.get(key, tuple(plain))}
        if plain:
            units[key] = Translated(plain, "published" if len(key) % 2 else "machine", "0123456789abcdef")
    written = write_translation(Translation("ar", units), {}, ["entete", "b", "a"], {})
    assert read_translation(written) == Translation("ar", units)


@pytest.mark.parametrize(("text", "code"), [
    ("", "no-front-matter"), ("---\n: [\n---\n", "bad-front-matter"), ("---\n- a\n---\n", "bad-front-matter"),
    ("---\ntype: film\n---\n", "unknown-value"), ("---\ntype: kit\n---\n", "no-title"),
    ("---\ntype: kit\ntitle: [1]\n---\n", "bad-front-matter"), ("---\ntype: kit\ntitle: a\nduree: x\n---\n", "bad-number"),
    ("---\ntype: kit\ntitle: a\n---\nmots\n", "text-before-block"), ("---\ntype: kit\ntitle: a\n---\n## Sans clé\n", "bad-heading"),
    ("---\ntype: kit\ntitle: a\n---\n## A {#a part=avant}\n::: astuce\n", "bad-side"),
    ("---\ntype: kit\ntitle: a\n---\n## A {#a part=etapes}\n", "wrong-part"),
    ("---\ntype: kit\ntitle: a\n---\n## A {#a part=avant}\n## B {#a part=avant}\n", "key-twice"),
    ("---\ntitle: &a [*a]\ntype: kit\n---\n", "bad-front-matter"),
    ("---\ntype: kit\ntitle: !!python/object/apply:os.system ['id']\n---\n", "bad-front-matter"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(text: str, code: str) -> None:
    with pytest.raises(ContentError) as caught:
        read_source(text)
    assert caught.value.code == code


def load(base: Base, folder: Path) -> loading.Loaded:
    from resources.commands import load_folder

    with base.site.sessions() as session:
        done = load_folder(session, base.files, folder, base.site.clock.now)
        session.commit()
    return done


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_starter_content_goes_round(base: Base, tmp_path: Path) -> None:
    """In, out, erased, in again, out again: the same files; and a second load does nothing."""
    done = load(base, STARTER)
    assert done.refused == []
    assert len(done.made) >= 5 + 12 + 10
    assert load(base, STARTER).made == []
    with base.site.sessions() as session:
        assert loading.export(session, base.files, tmp_path / "one") == len(done.made)
        session.query(Resource).delete()
        session.commit()
    assert load(base, tmp_path / "one").refused == []
    with base.site.sessions() as session:
        loading.export(session, base.files, tmp_path / "two")
        kit = services.find(session, Kind.KIT, "mon-espace-sante")
        assert kit is not None
        assert {"fr", "ar", "en"} <= set(kit.langs)
        session.query(Resource).delete()
        session.commit()
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    languages = {path.name for path in (tmp_path / "one" / "tutoriels").glob("*/*.md")}
    assert languages == {"fr.md", "fr-x-falc.md", "en.md", "ar.md"}


def test_files_and_versions_go_round(base: Base, tmp_path: Path) -> None:
    source = tmp_path / "in" / "tutoriels" / "avec-image"
    (source / "files").mkdir(parents=True)
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001"
        "a5f645400000000049454e44ae426082"
    )  # a transparent pixel
    (source / "files" / "pixel.png").write_bytes(picture)
    text = write_source(a_tutorial("Avec une image"), {"version": 4, "note": "La couleur"}, {})
    text = text.replace("{#etape-1 part=etapes kind=etape}\n\nFaites le geste 1.\n",
                        "{#etape-1 part=etapes kind=etape image=files/pixel.png}\n\nFaites.\n\n::: alt\nUn point\n:::\n")  # fmt: skip
    (source / "fr.md").write_text(text, encoding="utf-8")
    assert load(base, tmp_path / "in").refused == []
    with base.site.sessions() as session:
        made = services.find(session, Kind.TUTORIEL, "avec-image")
        found = services.current(session, made)
        assert (found.version.number, found.version.note) == (4, "La couleur")
        assert base.files.path(found.content.block("etape-1").image.sha).read_bytes() == picture
        loading.export(session, base.files, tmp_path / "out")
    out = tmp_path / "out" / "tutoriels" / "avec-image"
    assert (out / "files" / "pixel.png").read_bytes() == picture
    assert "image=files/pixel.png" in (out / "fr.md").read_text(encoding="utf-8")


def test_a_path_that_leaves_the_folder_is_refused(base: Base, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "in" / "tutoriels" / "sournois"
    folder.mkdir(parents=True)
    text = write_source(a_tutorial("Sournois"), {}, {}).replace("{#avoir ", "{#avoir file=../../../secret.txt ")
    (folder / "fr.md").write_text(text, encoding="utf-8")
    done = load(base, tmp_path / "in")
    assert [error.code for _, error in done.refused] == ["no-file"]
    with base.site.sessions() as session:
        assert services.find(session, Kind.TUTORIEL, "sournois") is None


def test_a_stale_translation_stays_stale(base: Base, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "tutoriels" / "perime"
    folder.mkdir(parents=True)
    content = a_tutorial("Périmé")
    (folder / "fr.md").write_text(write_source(replace(content), {}, {}), encoding="utf-8")
    (folder / "ar.md").write_text("---\nlang: ar\ntitle: قديم\nstate: published\n---\n\n## خطوة {#etape-1 of=00000000deadbeef}\n\nنص\n",
                                  encoding="utf-8")  # fmt: skip
    load(base, tmp_path / "in")
    with base.site.sessions() as session:
        made = services.find(session, Kind.TUTORIEL, "perime")
        assert services.reading(session, services.current(session, made), "ar")[0].stale == ["etape-1"]
        loading.export(session, base.files, tmp_path / "out")
    assert "of=00000000deadbeef" in (tmp_path / "out" / "tutoriels" / "perime" / "ar.md").read_text(encoding="utf-8")

"""Plain files: what is written is what was read, whatever the texts are; the starter content goes round unchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from reseau import demo
from reseau.core import changes
from reseau.core.wording import Wording
from resources.base import loading, services
from resources.base.content import Block, Content, ContentError, checked, from_json
from resources.base.models import Resource
from resources.base.plain import Translated, Translation, read_source, read_translation, write_source, write_translation
from resources.base.sentences import sentence
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
    ("---\ntype: kit\ntitle: a\nlang: x!\n---\n", "unknown-value"), ("---\ntype: kit\ntitle: a\nlicence: gpl\n---\n", "unknown-value"),
    ("---\ntype: kit\ntitle: a\nthemes: [rien]\n---\n", "unknown-value"), ("---\ntype: [kit]\n---\n", "bad-front-matter"),
    ("---\ntype: kit\ntitle: 0x" + "f" * 9000 + "\n---\n", "bad-front-matter"),
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


HEAD = "---\ntype: tutoriel\ntitle: Titre\nsummary: s\nthemes: [numerique_en_sante]\n{more}\n---\n\n## A {{#a part=avant-de-commencer}}\n"
ARABIC = "---\nlang: {lang}\ntitle: قديم\n{more}\n---\n\n## خطوة {{#a{attrs}}}\n\nنص\n"

#: name of a folder → (what more the source says, the translation, code of the refusal).
REFUSED = {
    "visibilite": ("visibilite: secret", "", "unknown-value"),
    "version-mot": ("version: deux", "", "bad-number"),
    "version-zero": ("version: 0", "", "bad-number"),
    "version-sans-fin": ("version: 99999999999999", "", "bad-number"),
    "publie-mot": ("publie_le: hier", "", "bad-date"),
    "publie-sans-heure": ("publie_le: 2026-01-02", "", "bad-date"),
    "publie-sans-fuseau": ("publie_le: 2026-01-02T10:00:00", "", "bad-date"),
    "publie-liste": ("publie_le: [1]", "", "bad-date"),
    "verifie-an-un": ("verifie_le: '0001-01-01T00:00:00+14:00'", "", "bad-date"),
    "structure-mot": ("structure: chez nous", "", "unknown-value"),
    "structure-id": ("structure: {id: 12, nom: x}", "", "unknown-value"),
    "note-liste": ("note: [a]", "", "bad-front-matter"),
    "resume-manque": ("summary: ''", "", "no-summary"),
    "langue": ("", ARABIC.format(lang="zz-zz-zz", more="", attrs=""), "unknown-value"),
    "langue-vide": ("", ARABIC.format(lang="''", more="", attrs=""), "unknown-value"),
    "langue-source": ("", ARABIC.format(lang="fr", more="", attrs=""), "unknown-value"),
    "etat": ("", ARABIC.format(lang="ar", more="state: in_review", attrs=""), "unknown-value"),
    "etat-titre": ("", ARABIC.format(lang="ar", more="header_state: draft", attrs=""), "unknown-value"),
    "etat-bloc": ("", ARABIC.format(lang="ar", more="", attrs=" state=draft"), "unknown-value"),
    "condense": ("", ARABIC.format(lang="ar", more="", attrs=" of=0000000000000000000000"), "unknown-value"),
    "titre-long": ("", ARABIC.format(lang="ar", more="", attrs="").replace("قديم", "x" * 151), "long-title"),
}


def test_what_is_wrong_is_said_and_the_rest_is_loaded(base: Base, tmp_path: Path) -> None:
    for name, (more, translation, _) in REFUSED.items():
        folder = tmp_path / "tutoriels" / name
        folder.mkdir(parents=True)
        (folder / "fr.md").write_text(HEAD.format(more=more), encoding="utf-8")
        if translation:
            (folder / "autre.md").write_text(translation, encoding="utf-8")
    for path, text in (("tutoriels/latin/fr.md", "---\ntype: tutoriel\ntitle: é\n---\n".encode("latin-1")),
                       ("kits/pas-un-kit/fr.md", HEAD.format(more="").encode()),
                       ("tutoriels/image/fr.md", HEAD.format(more="").replace("part=", "file=f.bin part=").encode()),
                       ("tutoriels/image/f.bin", b"MZ\x00\x01"), ("tutoriels/loin/fr.md", HEAD.format(more="").replace("part=", f"file={'x' * 5000} part=").encode()),
                       ("tutoriels/nul/fr.md", HEAD.format(more='note: "a\\0b"').encode()),
                       ("tutoriels/zz-bon/fr.md", HEAD.format(more="version: 3").encode())):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text)
    done = load(base, tmp_path)
    found = {(path if path.is_dir() else path.parent).name: error.code for path, error in done.refused}
    others = {"latin": "bad-front-matter", "pas-un-kit": "unknown-value", "image": "bad-file", "loin": "long-text"}
    assert found == {name: code for name, (_, _, code) in REFUSED.items()} | others
    assert done.made == ["tutoriel/nul", "tutoriel/zz-bon"]
    assert all(sentence(error, Wording.of("fr")) for _, error in done.refused)
    assert load(base, tmp_path).there == done.made


def test_the_log_is_told_of_all_languages_at_once(base: Base, tmp_path: Path) -> None:
    folder = tmp_path / "tutoriels" / "Deux Langues"
    folder.mkdir(parents=True)
    (folder / "fr.md").write_text(HEAD.format(more="publie_le: 2026-01-02T10:00:00+01:00\nlang: FR"), encoding="utf-8")
    (folder / "ar.md").write_text(ARABIC.format(lang="AR", more="", attrs=""), encoding="utf-8")
    assert load(base, tmp_path).made == ["tutoriel/deux-langues"]
    assert load(base, tmp_path).made == []
    with base.site.sessions() as session:
        made = services.find(session, Kind.TUTORIEL, "deux-langues")
        rows = session.scalars(sa.select(changes.Change).where(changes.Change.object_id == made.id)).all()
        content = services.current(session, made).content
        digest = changes.digest(
            {"content": content.to_json(), "version": 1, "visibility": "public", "langs": ["fr", "ar"]}
        )
        assert [(row.op, row.digest) for row in rows] == [("publish", digest)]
        assert (made.langs, made.due_on) == (["fr", "ar"], "2027-01-02")


def test_the_demonstration_says_what_it_refuses(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kits" / "mauvais").mkdir(parents=True)
    (tmp_path / "kits" / "mauvais" / "fr.md").write_text("rien", encoding="utf-8")
    (tmp_path / "glossaire.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(demo, "STARTER", tmp_path)
    app = SimpleNamespace(engine=base.site.sessions.kw["bind"], settings=base.site.settings)
    done = CliRunner().invoke(demo.demo, obj=app)
    assert done.exit_code == 1, done.output
    assert "Ce fichier n’a pas d’en-tête." in done.output

"""A register is written by strangers: whatever a row holds is text, on every page, and never more than text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reseau.directory.fields import FIELDS, Field
from tests.directory.site import COLUMNS, Page, Site, row

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = '=HYPERLINK("http://evil.example","x")'
JINJA = "{{ 7*7 }}{% for x in y %}"


def raw_value(field: Field, attack: str) -> object:
    """The attack, wherever text fits; links and hours are checked before they come in."""
    if field.name in ("site_web", "fiche_acces_libre", "prise_rdv", "horaires", "date_maj") or field.kind in (
        "number",
        "flag",
    ):
        return [] if field.kind == "list" else None
    text = (
        attack[:5] if field.name in ("code_postal", "code_insee") else attack[:14] if field.name == "pivot" else attack
    )
    return [text] if field.kind == "list" else text


@pytest.fixture(scope="module")
def hostile(make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Places of which every cell attacks."""
    made: Site = make_site("sqlite")
    rows = [row(f"all-{n}", **{c: f"{attack} {c}" for c in COLUMNS if c not in ("id", "code_insee", "code_postal")})
            for n, attack in enumerate((SCRIPT, IMAGE, FORMULA, JINJA, "‮evil‏", "&lt;b&gt;", "' OR 1=1 --", "%s%(x)s%%"))]  # fmt: skip
    rows += [
        row("long", nom="N" * 10_000, adresse="A" * 10_000, presentation_resume="R" * 50_000, horaires="H" * 20_000),
        row("links", site_web="javascript:alert(1)|https://bon.fr/?a=1&b=\"><script>", prise_rdv="JaVaScRiPt:alert(1)",
            fiche_acces_libre="data:text/html,<script>alert(1)</script>", courriels='"><script>@evil.fr',
            telephone='0320815757"><script>'),
        row("markdown", presentation_detail="[clic](javascript:alert(1)) ![x](https://evil.example/x.png)\n\n<iframe src=x>"
            "\n\n# Titre\n\n<a href='https://evil.example' onclick='x()'>a</a> [ok](https://bon.fr)"),
        row("tel", telephone="tel:0320815757;ext=<b>", complement_adresse=SCRIPT, structure_parente=IMAGE, source=SCRIPT),
        row("blank", nom=" \u200b\u202e Nom \u2066caché\u2069 ", commune="Roubaix"),
    ]  # fmt: skip
    made.add(*rows, path=tmp_path_factory.mktemp("hostile") / "f.csv")
    # What the importer would have cleaned, as a person or another register may bring it.
    made.put(
        *({field.name: raw_value(field, attack) for field in FIELDS} for attack in (SCRIPT, IMAGE, "'><svg onload=x>"))
    )
    return made


def pages(site: Site) -> list[str]:
    sheets = [f"/annuaire/{r['slug']}-{r['id']}" for r in site.rows()]
    return ["/annuaire", "/annuaire/carte", "/annuaire/imprimer", "/annuaire?q=alert", "/annuaire?q=evil"] + [
        sheet + suffix for sheet in sheets for suffix in ("", "/imprimer", "/signaler")
    ]


def test_no_page_breaks_or_gains_an_element(hostile: Site) -> None:
    calm = Page(hostile.app.get("/annuaire?q=xyzzyqwv").text)
    scripts = {s["src"] for s in calm.all("script")} | {"print", "form", "map", "leaflet", "position"}
    for path in pages(hostile):
        page = Page(hostile.app.get(path).text)
        assert page.errors == [], path
        for tag, attributes in page.elements:
            assert tag not in ("iframe", "object", "embed", "base", "style"), path
            assert not [name for name in attributes if name.startswith("on")], (path, attributes)
            href = (attributes.get("href") or "").strip().lower()
            assert not href.startswith(("javascript:", "data:", "vbscript:")), (path, href)
            if tag == "img":
                assert str(attributes["src"]).startswith("/annuaire/"), path
            if tag == "script":
                src = str(attributes["src"])
                assert src in scripts or any(f"/{name}.js" in src for name in scripts), (path, src)
        assert "49" not in page.text_of("h1")


def test_marks_that_turn_the_text_around_are_gone(hostile: Site) -> None:
    for path in [*pages(hostile), "/annuaire.json"]:
        text = hostile.app.get(path).text
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00"), path
    assert hostile.named("Nom caché")


def test_a_text_stays_readable_where_it_can(hostile: Site) -> None:
    names = {r["nom"] for r in hostile.rows()}
    assert f"{JINJA} nom" in names
    assert "' OR 1=1 -- nom" in names
    assert f"{FORMULA} nom" in names, "a formula is only text here; an export must disarm it"
    sheet = hostile.app.get(hostile.path(f"{JINJA} nom")).text
    assert "{{ 7*7 }}" in sheet


def test_a_very_long_name_is_cut_and_the_page_stays_small(hostile: Site) -> None:
    (long,) = (r for r in hostile.rows() if r["nom"].startswith("NNN"))
    assert len(long["nom"]) == 255
    assert len(long["slug"]) <= 60
    page = hostile.app.get("/annuaire?q=" + "N" * 100)
    assert len(page.text) < 100_000
    assert len(hostile.app.get("/annuaire").text) < 200_000, "a list shows extracts"


def test_only_links_that_lead_somewhere_are_links(hostile: Site) -> None:
    found = hostile.named("Lieu links")
    assert found["prise_rdv"] is None
    assert found["fiche_acces_libre"] is None
    assert all(url.startswith("https://bon.fr/") for url in found["site_web"])
    assert all("<" not in mail and '"' not in mail for mail in found["courriels"])
    assert hostile.named("Lieu markdown")["presentation_detail"]
    prose = hostile.app.get(hostile.path("Lieu markdown")).text
    assert "evil.example/x.png" not in [i.get("src") for i in Page(prose).all("img")]


def test_the_map_and_the_json_hold_text_only(hostile: Site) -> None:
    response = hostile.app.get("/annuaire.json")
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert hostile.app.get("/annuaire/carte.json").content_type == "application/geo+json"
    assert hostile.json()["total"] == len(hostile.rows()) == 16


def test_what_is_typed_comes_back_as_text(hostile: Site) -> None:
    for path in ("/annuaire", "/annuaire/carte", "/annuaire/imprimer"):
        for attack in (SCRIPT, IMAGE, JINJA, "'><svg onload=x>"):
            page = Page(hostile.app.get(path, {"q": attack, "commune": attack, "tri": attack}).text)
            assert page.errors == []
            assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]

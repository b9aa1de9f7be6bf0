"""Which language a page is in, and what that changes."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from reseau.web import addresses, catalogues, formats

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("header", "lang", "direction"),
    [
        (None, "fr", "ltr"),
        ("en-GB,en;q=0.9", "en", "ltr"),
        ("ar-DZ", "ar", "rtl"),
        ("de, ar;q=0.4, en;q=0.2", "ar", "rtl"),
        ("de", "fr", "ltr"),
        ("tr;;;;=,,,", "fr", "ltr"),
        ("*", "fr", "ltr"),
    ],
)
def test_the_browser_says_which_language(client: TestApp, header: Any, lang: str, direction: str) -> None:
    response = client.get("/page", headers={"Accept-Language": header} if header else {})
    root = response.html.html
    assert (root["lang"], root["dir"], response.headers["Content-Language"]) == (lang, direction, lang)
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_a_choice_in_the_address_is_remembered(client: TestApp) -> None:
    response = client.get("/page?langue=ar", headers={"Accept-Language": "en"})
    assert response.html.html["dir"] == "rtl"
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("langue=ar;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=31536000" in cookie
    assert "secure" not in cookie.lower()
    assert client.get("/page", headers={"Accept-Language": "en"}).html.html["lang"] == "ar"
    assert client.get("/page?langue=en").html.html["lang"] == "en"
    assert client.get("/page").html.html["lang"] == "en"


@pytest.mark.parametrize("path", ["/own", "/nowhere", "/boom", "/cached", "/page.json"])
def test_it_is_remembered_whatever_the_answer_is(client: TestApp, path: str) -> None:
    response = client.get(f"{path}?langue=en", status="*")
    assert "langue=en" in response.headers["Set-Cookie"]


def test_the_cookie_is_secure_outside_development(make_client: Any) -> None:
    assert "secure" in make_client(secure_cookies=True).get("/page?langue=en").headers["Set-Cookie"].lower()


@pytest.mark.parametrize("value", ["de", "", "../../etc", "fr-FR", "AR", "%00"])
def test_nonsense_is_ignored_and_not_remembered(client: TestApp, value: str) -> None:
    response = client.get(f"/page?langue={value}")
    assert response.html.html["lang"] == "fr"
    assert "Set-Cookie" not in response.headers


def test_a_forged_cookie_is_ignored(client: TestApp) -> None:
    client.set_cookie("langue", "xx")
    assert client.get("/page").html.html["lang"] == "fr"


def test_the_default_language_is_a_setting(make_client: Any) -> None:
    assert make_client(default_language="en").get("/page").html.html["lang"] == "en"


def test_changing_the_language_keeps_the_address(client: TestApp) -> None:
    html = client.get("/page?q=%C3%A9peule+1&service=a&service=b&langue=fr").html
    link = html.find("a", hreflang="ar")["href"]
    assert link == "/page?q=%C3%A9peule+1&service=a&service=b&langue=ar"


def test_alternates_of_public_pages_only(make_client: Any) -> None:
    client = make_client(public_url="https://ex.org/")
    html = client.get("/page?q=a&langue=en").html
    found = {tag["hreflang"]: tag["href"] for tag in html.find_all("link", rel="alternate", hreflang=True)}
    assert found["ar"] == "https://ex.org/page?q=a&langue=ar"
    assert found["x-default"] == "https://ex.org/page?q=a"
    assert set(found) == {"fr", "en", "ar", "x-default"}
    assert html.find("link", rel="canonical")["href"] == "https://ex.org/page?q=a&langue=en"
    for path in ("/form", "/nowhere", "/boom"):
        assert not client.get(path, status="*").html.find("link", rel="alternate", hreflang=True)


def test_machine_translation_says_so(client: TestApp) -> None:
    assert "machine" not in client.get("/page").html.footer.text
    assert "Translated by a machine, not yet reviewed." in client.get("/page?langue=en").html.footer.text
    assert "مترجمة آليًا" in client.get("/page?langue=ar").html.footer.text


def test_numbers_and_distances_follow_the_language(client: TestApp) -> None:
    assert "1,2 km" in client.get("/page").text.replace("\xa0", " ").replace("\u202f", " ")
    assert "12,345" in client.get("/page?langue=en").text


def test_formats() -> None:
    def plain(text: str) -> str:
        return text.replace("\xa0", " ").replace("\u202f", " ")

    assert plain(formats.format_distance(0, "fr")) == "0 m"
    assert plain(formats.format_distance(347, "fr")) == "350 m"
    assert plain(formats.format_distance(996, "fr")) == "1 km"
    assert plain(formats.format_distance(12345, "en")) == "12.3 km"
    assert "كم" in formats.format_distance(1234, "ar")
    assert formats.format_date(date(2026, 11, 3), "fr") == "3 novembre 2026"
    moment = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    assert formats.format_datetime(moment, "fr") == "1er août 2026, 00:30"
    assert formats.format_time(moment, "en") == "00:30"
    assert formats.format_day(0, "en") == "Monday"
    assert formats.format_list(["a", "b", "c"], "fr") == "a, b et c"


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (4, 9, [1, 2, 3, 4, 5, None, 9]),
        (9, 9, [1, None, 8, 9]),
    ],
)
def test_page_window(page: int, pages: int, shown: list[int | None]) -> None:
    assert addresses.page_window(page, pages) == shown


def test_every_string_of_the_web_floor_is_translated() -> None:
    names = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogues.extract(ROOT)
             if m.id and any("reseau/web/" in path for path, _ in m.locations)}  # fmt: skip
    assert len(names) > 60
    problems = catalogues.missing(ROOT)
    assert not [problem for problem in problems if any(repr(name) in problem for name in names)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project with one string, one plural and complete catalogues."""
    code = tmp_path / "reseau" / "web" / "templates"
    code.mkdir(parents=True)
    (code / "a.jinja2").write_text(
        "{{ _('Bonjour %(name)s', name=x) }}{{ ngettext('%(num)s lieu', '%(num)s lieux', n) }}"
    )
    locale = tmp_path / "reseau" / "locale"
    locale.mkdir()
    shutil.copy(ROOT / "reseau" / "locale" / "babel.cfg", locale)
    catalogues.update(tmp_path)
    fill(
        tmp_path,
        "en",
        {"Bonjour %(name)s": "Hello %(name)s", "%(num)s lieu": ("one place", "%(num)s places")},
    )
    fill(tmp_path, "fr", {"%(num)s lieu": ("%(num)s lieu", "%(num)s lieux")})
    fill(tmp_path, "ar", {"Bonjour %(name)s": "%(name)s", "%(num)s lieu": ("a", "b", "c", *["%(num)s"] * 3)})
    return tmp_path


def fill(root: Path, lang: str, words: dict[str, Any], **flags: Any) -> None:
    catalog = catalogues._read(root, lang)
    for message in catalog:
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        if key in words:
            message.string = words[key]
            message.flags.update(flags.get("flags", ()))
    catalogues._write(catalogues.po_path(root, lang), catalog)


def test_complete_catalogues_have_nothing_missing(tree: Path) -> None:
    assert catalogues.missing(tree) == []
    before = catalogues.po_path(tree, "ar").read_bytes()
    catalogues.update(tree)
    assert catalogues.po_path(tree, "ar").read_bytes() == before


def test_the_checker_finds_a_new_string(tree: Path) -> None:
    (tree / "reseau" / "new.py").write_text('x = _("Nouveau")\n')
    assert catalogues.missing(tree) == ["en: 'Nouveau': untranslated", "ar: 'Nouveau': untranslated"]


@pytest.mark.parametrize(
    ("words", "flags", "why"),
    [
        ({"Bonjour %(name)s": "Hello"}, (), "placeholders differ"),
        ({"Bonjour %(name)s": "Hello %(nom)s"}, (), "placeholders differ"),
        ({"Bonjour %(name)s": "100 % %(name)s"}, (), "percent sign"),
        ({"Bonjour %(name)s": "Hi %(name)s"}, ("fuzzy",), "fuzzy"),
        ({"%(num)s lieu": ("one", "")}, (), "2 forms are needed"),
    ],
)
def test_the_checker_finds_a_faulty_translation(tree: Path, words: Any, flags: Any, why: str) -> None:
    fill(tree, "en", words, flags=flags)
    (problem,) = catalogues.missing(tree)
    assert why in problem


def test_the_checker_finds_what_is_no_longer_used_and_what_is_not_there(tree: Path) -> None:
    (tree / "reseau" / "web" / "templates" / "a.jinja2").write_text("{{ _('Bonjour %(name)s', name=x) }}")
    assert [problem.split(": ")[-1] for problem in catalogues.missing(tree)] == ["obsolete"] * 3
    catalogues.po_path(tree, "fr").unlink()
    assert "does not exist" in catalogues.missing(tree)[0]


def test_compiling_does_only_what_has_changed(tree: Path) -> None:
    assert len(catalogues.compile_all(tree)) == 3
    assert catalogues.compile_all(tree) == []

"""The translator's page, as a translator's browser sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reseau.core.audit import Audit
from reseau.core.mail import Mail
from reseau.members.models import Draft, Person
from resources.translating import services
from tests.directory.site import Page
from tests.resources.conftest import a_tutorial
from tests.resources.translating.conftest import ARABIC, ONE_ENGINE, Desk

Make = Callable[..., Desk]
pytestmark = ONE_ENGINE


def form(page: Any, section: str = "etape-1", verb: str = "enregistrer") -> Any:
    return next(one for one in page.forms.values() if one.action.endswith(f"/{section}/{verb}"))


def press(page: Any, verb: str, section: str = "etape-1", status: Any = None, **typed: str) -> Any:
    """Fill a section in and press one of its buttons (``formaction``, without JavaScript)."""
    one = form(page, section)
    for name, value in typed.items():
        one[name] = value
    one.action = one.action.replace("/enregistrer", f"/{verb}")
    return one.submit(status=status)


def test_two_people_without_javascript(desk: Make) -> None:
    one = desk()
    mine, hers = one.base.browser("membre"), one.base.browser("voisine")
    page = press(mine.get(one.path), "enregistrer", **ARABIC).follow()
    assert "Votre brouillon est enregistré." in page
    assert page.request.path_qs.endswith("section=etape-1")
    page = press(page, "envoyer").follow()
    assert "Une autre personne va relire." in page
    assert "etape-1/publier" not in page
    page = hers.get(one.path)
    assert "etape-1/publier" in page
    page = press(page, "publier").follow()
    assert "C’est publié." in page
    assert "1 partie sur 5 est traduite et à jour." in page
    assert "Relu par" in page


def test_nobody_publishes_their_own_words_by_address(desk: Make) -> None:
    one = desk()
    browser = one.base.browser("coordination")
    page = press(browser.get(one.path), "envoyer", **ARABIC).follow()
    answer = press(page, "publier", status=422)
    assert "une autre personne doit la relire" in answer
    assert ARABIC["text"] in answer


def test_what_a_reviewer_types_is_not_lost_by_publishing(desk: Make) -> None:
    one = desk()
    one.save(send=True)
    page = one.base.browser("voisine").get(one.path)
    answer = press(page, "publier", status=422, text="افعل ذلك.")
    assert "Vous avez changé le texte." in answer
    assert form(answer)["text"].value == "افعل ذلك."
    assert press(answer, "envoyer").status_int == 303
    assert one.row().pending_by == one.name("voisine")  # type: ignore[union-attr]


def test_two_people_write_at_once_and_both_texts_are_shown(desk: Make) -> None:
    one = desk()
    page = one.base.browser("membre").get(one.path)
    one.save("voisine", words={"title": "غيري", "text": "نص غيري."})
    answer = press(page, "enregistrer", status=422, **ARABIC)
    assert "Quelqu’un a écrit cette partie pendant ce temps." in answer
    assert form(answer)["text"].value == ARABIC["text"]
    assert "نص غيري." in answer
    press(answer, "enregistrer")
    assert services.pending_words(one.row()) == ARABIC


def test_the_source_changes_under_the_translators_hands(desk: Make) -> None:
    one = desk()
    page = one.base.browser("membre").get(one.path)
    one.change_step("Faites autre chose.")
    answer = press(page, "enregistrer", status=422, **ARABIC)
    assert "Le texte d’origine a changé pendant que vous écriviez." in answer
    assert "Faites autre chose." in answer
    assert form(answer)["text"].value == ARABIC["text"]
    press(answer, "enregistrer")


def test_one_french_step_changes_and_the_page_says_which(desk: Make) -> None:
    one = desk()
    other = Desk(one.base, one.base.resource(one.id), "en")
    for each in (one, other):
        each.translate("etape-1")
        each.translate("etape-2")
    one.change_step("Faites le geste 1, doucement.")
    for each in (one, other):
        page = each.base.browser("membre").get(each.path)
        assert page.text.count("Le texte d’origine a changé</span>") == 1
        section = page.text.split('id="s-etape-1"')[1]
        assert "<ins>" in section.split("</section>")[0]
        assert "doucement" in section.split("</section>")[0]
        assert "1 à mettre à jour" in page
    one.change_step("Faites le geste 2 !", key="etape-2", minor=True)
    assert one.base.browser("membre").get(one.path).text.count("Le texte d’origine a changé</span>") == 1


def test_direction_and_language_of_each_side(desk: Make) -> None:
    one = desk()
    parsed = Page(one.base.browser("membre").get(one.path).text)
    assert parsed.errors == []
    boxes = [attrs for tag, attrs in parsed.elements if tag in ("textarea", "input") and "lang" in attrs]
    assert boxes
    assert {(box["lang"], box["dir"]) for box in boxes} == {("ar", "rtl")}
    assert {(a["lang"], a["dir"]) for _, a in parsed.elements if a.get("class") == "tr-text"} == {("fr", "ltr")}
    ids = [attrs["id"] for _, attrs in parsed.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("typed", "status", "path"), [
    ("wo", 200, "wo"), ("AR-ma", 303, "ar-MA"), ("fr-X-FALC", 303, "fr-x-falc"), ("xx-yy-zz", 404, ""), ("fr", 404, ""),
    ("ps", 200, "ps"),
])  # fmt: skip
def test_any_language(desk: Make, typed: str, status: int, path: str) -> None:
    one = desk()
    base = one.path.removesuffix("ar")
    answer = one.base.browser("membre").get(base + typed, status=status)
    if status == 303:
        assert answer.location.endswith(base + path)


def test_choosing_a_language(desk: Make) -> None:
    one = desk()
    browser, path = one.base.browser("membre"), one.path.removesuffix("/ar")
    assert "wolof" in browser.get(path)
    assert browser.get(path, {"vers": "ar", "autre": ""}, status=303).location.endswith("/traduire/ar")
    assert browser.get(path, {"vers": "ar", "autre": "wo"}, status=303).location.endswith("/traduire/wo")
    assert "Ce code de langue n’existe pas" in browser.get(path, {"autre": "zz9"}, status=422)


def test_too_long_is_said_and_nothing_is_lost(desk: Make) -> None:
    one = desk()
    answer = press(one.base.browser("membre").get(one.path), "enregistrer", status=422, title="x" * 151, text="y")
    assert "Ce titre est trop long : 150 caractères au plus." in answer
    assert form(answer)["title"].value == "x" * 151
    assert form(answer)["text"].value == "y"


def test_a_draft_is_kept_as_one_types(desk: Make) -> None:
    one = desk()
    browser = one.base.browser("membre")
    page = browser.get(one.path)
    fields = [*form(page).submit_fields()]
    fields = [(k, v) for k, v in fields if k not in ("title", "text")] + [("title", "ع"), ("text", "لم يحفظ")]
    browser.post(one.path + "/etape-1/brouillon", fields, status=204)
    assert one.row() is None
    page = browser.get(one.path)
    assert form(page)["text"].value == "لم يحفظ"
    assert "Nous avons remis ce que vous aviez écrit" in page
    press(page, "enregistrer")
    assert one.base.rows(Draft, Draft.path.contains(one.path)) == []
    big = [(k, v) for k, v in fields if k != "text"] + [("text", "x" * 70_000)]
    browser.post(one.path + "/etape-1/brouillon", big, status=413)


def test_sent_back_and_told_once_a_day(desk: Make) -> None:
    one = desk()
    one.save(section="etape-1", send=True)
    one.save(section="etape-2", send=True)
    address = one.base.get(Person, one.name("membre")).email
    before = len(one.base.mails(address))
    page = one.base.browser("voisine").get(one.path)
    press(page, "publier", "etape-2")
    back = form(page, "etape-1", "renvoyer")
    assert "Dites en quelques mots" in back.submit(status=422)
    back["mot"] = "Plus simple, s’il te plaît."
    back.submit(status=303)
    mails: list[Mail] = one.base.mails(address)[before:]
    assert [mail.kind for mail in mails] == ["traduction"]
    assert one.path in mails[0].text
    page = one.base.browser("membre").get(one.path)
    assert "Plus simple, s’il te plaît." in page


def test_all_at_once(desk: Make) -> None:
    one = desk()
    one.save(section="etape-1")
    one.save(section="etape-2")
    mine, hers = one.base.browser("membre"), one.base.browser("voisine")
    page = form_of(mine.get(one.path), "tout-envoyer").submit().follow()
    assert "2 parties envoyées à relire." in page
    page = hers.get(one.path)
    again = hers.get(one.path)
    assert "2 parties publiées." in form_of(page, "tout-publier").submit().follow()
    assert "La liste a changé" in form_of(again, "tout-publier").submit(status=422)


def form_of(page: Any, end: str) -> Any:
    return next(one for one in page.forms.values() if one.action.endswith(end))


def test_machine_text_and_engine(desk: Make) -> None:
    one = desk()
    browser = one.base.browser("membre")
    page = browser.get(one.path)
    assert "/moteur" not in page
    press(page, "moteur", status=404)
    page = browser.get(one.path)
    page = press(page, "machine", **ARABIC).follow()
    assert "Traduit par une machine, à relire" in page
    assert "/relire" not in page
    assert "une autre personne doit la relire" in press(page, "relire", status=422)
    hers = one.base.browser("voisine").get(one.path)
    assert "/relire" in hers
    assert "n’est plus signalé" in press(hers, "relire").follow()

    class Engine:
        def translate(self, texts: Any, source: str, target: str) -> list[str] | None:
            return [f"{source}>{target} {text}" for text in texts] if "2" in texts[0] else None

    registry = one.base.site.wsgi.registry
    null, registry["translation.engine"] = registry["translation.engine"], Engine()
    try:
        page = browser.get(one.path)
        assert "n’a pas répondu" in press(page, "moteur", "etape-3", status=422)
        press(page, "moteur", "etape-2")
    finally:
        registry["translation.engine"] = null
    row = one.row("etape-2")
    assert row is not None
    assert (row.state, row.words) == ("machine", {"title": "fr>ar Geste 2", "text": "fr>ar Faites le geste 2."})
    assert row.author_id is None
    assert "n’est plus signalé" in press(browser.get(one.path), "relire", "etape-2").follow()


def test_who_may_translate(desk: Make) -> None:
    one = desk()
    for who, status in ((None, 403), ("personne", 403), ("membre", 200), ("admin", 200)):
        one.base.browser(who).get(one.path, status=status)
    draft = one.base.draft()
    one.base.browser("membre").get(one.base.at(draft.id) + "/traduire/ar", status=404)


def test_the_journal_has_no_words(desk: Make) -> None:
    one = desk()
    press(one.base.browser("membre").get(one.path), "envoyer", **ARABIC)
    (entry,) = one.base.rows(Audit, Audit.object_id == one.id)
    assert (entry.action, entry.detail) == ("translation.send", {"section": "etape-1", "lang": "ar"})


def test_two_hundred_sections_come_in_pages(desk: Make) -> None:
    one = desk(a_tutorial(steps=199))
    for number in range(1, 40):
        one.translate(f"etape-{number}") if number % 20 == 0 else None
    one.change_step("Nouveau.", key="etape-20")
    browser = one.base.browser("membre")
    path = one.path
    with one.base.site.statements() as seen:
        page = browser.get(path)
    said = [statement for statement in seen if not statement.startswith("PRAGMA")]
    assert len(said) <= 10, said
    assert len(page.body) < 400_000
    assert page.text.count('class="sheet-part tr-section"') == 20
    page = browser.get(one.path, {"section": "etape-150"})
    assert 'id="s-etape-150"' in page
    page = browser.get(one.path, {"montrer": "a-relire", "page": "99"})
    assert "Rien à montrer ici." in page


def test_long_sections(desk: Make) -> None:
    one = desk()
    for number in (1, 2, 3):
        one.change_step("Un mot. " * 2_400, key=f"etape-{number}")
        one.save(section=f"etape-{number}", words={"title": "ع", "text": "كلمة واحدة. " * 1_500})
    page = one.base.browser("membre").get(one.path)
    assert len(page.body) < 400_000
    assert page.text.count('class="sheet-part tr-section"') == 3
    assert "Un mot. Un mot." in page
    assert "page=3" in page

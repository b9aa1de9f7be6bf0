"""The archive as everybody reads it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from lxml import etree, html
from PIL import Image

from feeds.newsletter.models import Issue, Line
from tests.feeds.newsletter.reading.conftest import LEFT, Letters, line


def page_of(answer: Any) -> Any:
    return html.document_fromstring(answer.text)


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def at(issue: Issue, year: int = 2026) -> str:
    return f"/lettre/{year}/{issue.slug}"


def test_the_archive_lists_what_has_left_newest_first(letters: Letters) -> None:
    old, new = letters.issue(), letters.issue(langs=["fr", "ar"], subject={"fr": "Le nouveau", "ar": "الجديد"})
    letters.issue(launched_at=None, state="draft", slug="", number=None)
    letters.issue(state="cancelled", called_back=True)
    page = page_of(letters.site.app.get("/lettre/archives"))
    cards = page.xpath("//ul[contains(@class, 'letter-list')]/li")
    assert [words(one.find(".//h2")) for one in cards] == ["Le nouveau", f"Objet {old.number}"]
    assert cards[0].find(".//a").get("href") == at(new)
    assert "10 novembre 2026" in words(cards[0])
    arabic = page_of(letters.site.client("ar").get("/lettre/archives"))
    first = arabic.xpath("//ul[contains(@class, 'letter-list')]/li//a")[0]
    assert (first.text, first.get("lang"), first.get("dir")) == ("الجديد", "ar", "rtl")


def test_an_empty_archive_says_so(letters: Letters) -> None:
    assert "Aucun numéro n’est encore parti." in words(page_of(letters.site.app.get("/lettre/archives")))


def test_an_issue_is_a_page_of_the_site_without_anything_personal(letters: Letters) -> None:
    issue = letters.issue(
        line("Un kit", text="Pour **huit**.", url="/kits/x", note="Kit"), line("Une date", section="dates"),
        intro={"fr": "# Un mot\n\nVoyez [ici](/annuaire)."},
    )  # fmt: skip
    answer = letters.site.app.get(at(issue))
    page = page_of(answer)
    main = page.get_element_by_id("contenu")
    assert [(one.tag, words(one)) for one in main.xpath(".//h1 | .//h2 | .//h3")] == [
        ("h1", f"Objet {issue.number}"), ("h2", "Un mot"), ("h2", "Les dates à venir"), ("h3", "Une date"),
        ("h2", "Nouveaux kits, tutoriels et fiches"), ("h3", "Un kit"),
    ]  # fmt: skip
    assert f"Lettre n° {issue.number} – 10 novembre 2026" in words(main)
    assert main.xpath(".//h3/a/@href") == ["http://localhost:6543/kits/x"]
    assert ".invalid" not in answer.text
    assert "/lettre/d/" not in answer.text
    langs = {one.get("hreflang") for one in page.xpath("//link[@rel='alternate'][@hreflang]")}
    assert langs >= {"fr", "en", "ar"}


def test_drafts_and_what_was_called_back_are_nowhere(letters: Letters) -> None:
    for more in ({"launched_at": None, "state": "draft"}, {"launched_at": None, "state": "scheduled"},
                 {"state": "cancelled", "called_back": True}, {"launched_at": None, "relay_launched_at": LEFT, "state": "scheduled"}):  # fmt: skip
        issue = letters.issue(**more)
        letters.site.app.get(at(issue), status=404)
        letters.site.app.get(f"{at(issue)}/imprimer", status=404)
    letters.site.app.get("/lettre/2026/jamais", status=404)
    letters.site.app.get("/lettre/26/jamais", status=404)


@pytest.mark.parametrize("state", ["sending", "paused", "sent"])
def test_what_is_leaving_can_be_read(letters: Letters, state: str) -> None:
    letters.site.app.get(at(letters.issue(state=state)), status=200)


def test_another_year_leads_to_the_right_one(letters: Letters) -> None:
    issue = letters.issue(launched_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # already 2027 in Roubaix
    letters.site.app.get(at(issue, 2027), status=200)
    answer = letters.site.app.get(f"{at(issue, 2026)}?langue=ar", status=301)
    assert answer.location.endswith(f"/lettre/2027/{issue.slug}?langue=ar")


def test_an_issue_in_the_language_of_its_reader(letters: Letters) -> None:
    issue = letters.issue(
        line("Un kit", texts={"fr": {"title": "Un kit"}, "ar": {"title": "حقيبة", "state": "machine"}}), line("Sans"),
        langs=["fr", "ar"], subject={"fr": "Objet", "ar": "موضوع"}, intro={"fr": "Bonjour.", "ar": "مرحبا."},
    )  # fmt: skip
    page = page_of(letters.site.client("ar").get(at(issue)))
    items = page.xpath("//ul[@class='letter-items']/li")
    assert [(one.get("lang"), one.get("dir")) for one in items] == [("ar", "rtl"), ("fr", "ltr")]
    assert words(page.find(".//h1")) == "موضوع"
    assert page.xpath("//div[contains(@class, 'letter-intro')]")[0].get("dir") == "rtl"
    english = page_of(letters.site.client("en").get(at(issue)))
    assert (english.find(".//h1").get("lang"), words(english.find(".//h1"))) == ("fr", "Objet")
    assert len(english.xpath("//*[contains(@class, 'notice-info')]")) == 1
    assert not page.xpath("//*[contains(@class, 'notice-info')]")


def test_a_line_about_what_is_gone_is_not_told(letters: Letters) -> None:
    issue = letters.issue(line("Ici", object_kind="structure", object_id=letters.place),
                          line("Parti", object_kind="resource", object_id=uuid4()))  # fmt: skip
    page = page_of(letters.site.app.get(at(issue)))
    assert [words(one) for one in page.xpath("//h3")] == ["Ici"]


def test_paper_speaks_the_language_of_the_issue_and_has_a_code(letters: Letters) -> None:
    issue = letters.issue(line("Un kit"))
    page = page_of(letters.site.client("ar").get(f"{at(issue)}/imprimer"))
    (article,) = page.iter("article")
    assert (article.get("lang"), article.get("dir")) == ("fr", "ltr")
    assert article.xpath(".//img/@src") == ["/lettre/qr.svg"]
    assert f"En ligne : http://localhost:6543{at(issue)}" in words(article)


def test_issues_before_and_after(letters: Letters) -> None:
    first, second, third = (letters.issue() for _ in range(3))
    page = page_of(letters.site.app.get(at(second)))
    assert page.xpath("//a[@rel='prev']/@href") == [at(first)]
    assert page.xpath("//a[@rel='next']/@href") == [at(third)]


def test_unchanged_pages_are_304_until_the_log_says_more(letters: Letters) -> None:
    issue = letters.issue()
    for path in ("/lettre/archives", at(issue)):
        etag = letters.site.app.get(path).headers["ETag"]
        letters.site.app.get(path, headers={"If-None-Match": etag}, status=304)
        letters.issue()
        letters.site.app.get(path, headers={"If-None-Match": etag}, status=200)


def test_many_issues_are_paged_in_few_statements(letters: Letters) -> None:
    with letters.site.sessions() as session:
        for n in range(45):
            session.add(Issue(number=1000 + n, slug=f"s{n}", state="sent", subject={"fr": f"S{n}"}, langs=["fr"],
                              launched_at=LEFT))  # fmt: skip
        session.commit()
    with letters.site.statements() as seen:
        answer = letters.site.app.get("/lettre/archives?page=2")
    assert len(seen) <= 10, seen
    assert len(page_of(answer).xpath("//ul[contains(@class, 'letter-list')]/li")) == 20
    last = page_of(letters.site.app.get("/lettre/archives?page=999"))
    assert len(last.xpath("//ul[contains(@class, 'letter-list')]/li")) == 5


def test_an_issue_of_many_lines_is_read_in_few_statements(letters: Letters) -> None:
    kinds = ("structure", "thread", "resource", "event", "watch", "")
    lines = [line(f"t{n}", object_kind=kinds[n % 6], object_id=uuid4() if kinds[n % 6] else None) for n in range(198)]
    issue = letters.issue(*lines)
    with letters.site.statements() as seen:
        answer = letters.site.app.get(at(issue))
    assert len(seen) <= 10, seen
    assert len(answer.body) < 60_000
    assert len(page_of(answer).xpath("//ul[@class='letter-items']/li")) == 66  # of elsewhere, and about nothing


def test_qr_codes_of_the_public_address(letters: Letters) -> None:
    letters.relay()
    for path in ("/lettre/qr.png", "/lettre/qr/K7PM.png", "/lettre/qr/k7pm.png"):
        answer = letters.site.app.get(path)
        assert answer.content_type == "image/png"
        width, height = Image.open(io.BytesIO(answer.body)).size
        assert width == height >= 200
        assert "Set-Cookie" not in answer.headers
    assert letters.site.app.get("/lettre/qr/K7PM.png").body == letters.site.app.get("/lettre/qr/k7pm.png").body
    assert letters.site.app.get("/lettre/qr.png").body != letters.site.app.get("/lettre/qr/K7PM.png").body
    assert letters.site.app.get("/lettre/qr/K7PM.svg").content_type == "image/svg+xml"
    letters.site.app.get("/lettre/qr/AUTRE.png", status=404)
    letters.site.app.get("/lettre/logo/K7PM.png", status=404)


def test_a_relay_that_is_none_any_more_has_no_code(letters: Letters) -> None:
    letters.relay(active=False)
    letters.site.app.get("/lettre/qr/K7PM.png", status=404)


def test_a_logo_is_shown_as_png(letters: Letters) -> None:
    sha = "ab" * 32
    letters.relay(logo_sha=sha)
    path = letters.site.wsgi.registry["files"].beside(sha, ".1200.webp")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (1200, 600), "#2b2a6b").save(path, "WEBP")
    answer = letters.site.app.get("/lettre/logo/K7PM.png")
    image = Image.open(io.BytesIO(answer.body))
    assert (image.format, image.size) == ("PNG", (320, 160))


def test_searching_for_all_finds_issues_by_what_they_tell(letters: Letters) -> None:
    issue = letters.issue(line("Un atelier de poterie numérique"), subject={"fr": "Objet rare"})
    letters.issue(line("xylophone"), state="cancelled", called_back=True)
    page = page_of(letters.site.app.get("/recherche?q=poterie"))
    (group,) = page.xpath("//section[@id='lettre']")
    assert group.xpath(".//h3/a/@href") == [at(issue)]
    assert "(0)" in words(page_of(letters.site.app.get("/recherche?q=xylophone")).xpath("//section[@id='lettre']")[0])


def test_the_feed_of_the_letter_has_each_issue_and_is_found_from_its_pages(letters: Letters) -> None:
    issue = letters.issue()
    for path in ("/lettre/archives", at(issue)):
        page = page_of(letters.site.app.get(path))
        assert "/flux/lettre.atom" in page.xpath("//link[@type='application/atom+xml']/@href")
    feed = etree.fromstring(letters.site.app.get("/flux/lettre.atom").body)
    (entry,) = feed.iter("{http://www.w3.org/2005/Atom}entry")
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == f"Objet {issue.number}"
    assert entry.find("{http://www.w3.org/2005/Atom}link").get("href") == f"http://localhost:6543{at(issue)}"


def test_what_was_hidden_in_an_issue_is_not_indexed(letters: Letters) -> None:
    letters.issue(line("saxophone", object_kind="resource", object_id=uuid4()))
    assert "(0)" in words(page_of(letters.site.app.get("/recherche?q=saxophone")).xpath("//section[@id='lettre']")[0])
    with letters.site.sessions() as session:
        assert session.query(Line).count() == 1

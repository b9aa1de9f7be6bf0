"""Every feed in every format, with what people write at their worst; what is kept; what a page costs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from icalendar import Calendar

from reseau.agenda import services as agenda
from reseau.agenda.models import Event, EventState
from reseau.core.changes import Entry, Op, record
from reseau.core.ids import new_id
from reseau.label.models import Criteria, Label
from reseau.threads.base.models import Thread, Topic
from reseau.threads.moderating import moves, topics
from reseau.threads.moderating.topics import Wanted
from resources.base import services as resources
from resources.base.models import Resource, Visibility
from tests.conftest import TUESDAY
from tests.feeds.syndication.polling import Poller
from tests.feeds.syndication.validator import A, atom_problems, calendar_problems, json_problems, whole
from tests.resources.conftest import a_kit
from tests.threads.conftest import Talk

HOSTILE = "<script>alert(1)</script> ]]> &amp; \x01\x1b\x7f \u202e “é” سؤال 🙂"
FEEDS = ("tout", "annuaire", "ressources", "echanges", "agenda", "label")
SEARCHES = (
    "/flux/annuaire.{}?commune=59512", "/flux/annuaire.{}?q=script&tri=nom&page=3",
    "/flux/ressources.{}?theme=numerique_en_sante", "/flux/ressources.{}?type=kit&langue_contenu=fr",
    "/flux/echanges.{}?sujet=essai-public", "/flux/echanges.{}?q=script", "/flux/echanges.{}?etat=sans-reponse",
)  # fmt: skip


def an_event(session: Any, title: str, **more: Any) -> Event:
    values = {"id": new_id(), "uid": str(new_id()), "title": title, "rev": 1, "digest": "", "created_at": TUESDAY,
              "updated_at": TUESDAY, "starts_at": TUESDAY + timedelta(days=3), "state": EventState.KEPT.value}  # fmt: skip
    event = Event(**{**values, **more})
    session.add(event)
    agenda.log(session, event, Op.PUBLISH)
    return event


@pytest.fixture(scope="module")
def full(_talk: Talk) -> Talk:
    """The house with something hostile of every kind, in the index."""
    talk, site = _talk, _talk.site
    talk.thread(
        f"{HOSTILE} fil"[:150],
        f"{HOSTILE} [x](javascript:alert(1)) [y](/annuaire?q=a&p=1) [z](suite) <img src=x onerror=alert(1)>",
    )
    talk.published(a_kit(f"Kit {HOSTILE}", summary=HOSTILE))
    site.put({"nom": f"Lieu {HOSTILE}", "commune": "Roubaix", "code_insee": "59512", "presentation_resume": HOSTILE})
    with site.sessions() as session:
        an_event(session, HOSTILE, description=f"{HOSTILE}\r\nBEGIN:VEVENT\n\nsuite", place=HOSTILE, url="https://x.example/a b",
                 ends_at=TUESDAY + timedelta(days=3, hours=1))  # fmt: skip
        an_event(session, "À l’envers", ends_at=TUESDAY, timezone="Lune/Tranquillité", url="javascript:alert(1)")
        an_event(session, "Journée", all_day=True, ends_at=TUESDAY + timedelta(days=5), lang="pas une langue !")
        criteria = Criteria(id=new_id(), version="1", from_on=date(2026, 1, 1), texts={"fr": ""}, created_at=TUESDAY)
        session.add(criteria)
        session.flush()
        label = Label(id=new_id(), structure_id=talk.places["ici"], criteria_id=criteria.id, rev=1, decided_on=date(2026, 11, 1),
                      starts_on=date(2026, 11, 1), ends_on=date(2027, 10, 31), created_at=TUESDAY)  # fmt: skip
        session.add(label)
        record(session, Entry("label", label.id, 1, Op.PUBLISH))
        session.commit()
    site.reindex()
    return talk


def addresses(extension: str) -> list[str]:
    own = [f"/flux/{name}.{extension}" for name in FEEDS] + [one.format(extension) for one in SEARCHES]
    more = ["/echanges/flux.atom", "/echanges/sujets/essai-public/flux.atom"] if extension == "atom" else []
    return [*own, *more]


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_every_feed_is_valid_and_read_by_readers(full: Talk, lang: str) -> None:
    for path in addresses("atom"):
        answer = full.site.client(lang).get(path)
        assert answer.content_type == "application/atom+xml"
        assert atom_problems(answer.body) == [], path
        read = feedparser.parse(answer.body)
        assert not read.bozo, (path, read.get("bozo_exception"))
        assert read.entries, path
        assert ElementTree.fromstring(answer.body).get("{http://www.w3.org/XML/1998/namespace}lang") == lang
    for path in addresses("json"):
        answer = full.site.client(lang).get(path)
        assert answer.content_type == "application/feed+json"
        assert json_problems(answer.body) == [], path
        assert answer.json["items"], path


def test_formats_tell_the_same_and_no_name_of_a_person(full: Talk) -> None:
    for name in FEEDS:
        root = ElementTree.fromstring(full.browser().get(f"/flux/{name}.atom").body)
        items = full.browser().get(f"/flux/{name}.json").json["items"]
        told = [(entry.findtext(A + "id"), entry.findtext(A + "title")) for entry in root.findall(A + "entry")]
        assert told == [(item["id"], item["title"]) for item in items]
        authors = {item["authors"][0]["name"] for item in items}
        assert not {one for one in authors if "membre" in one.lower() or "voisine" in one.lower()}
    own = full.browser().get("/flux/tout.json").json
    assert {item["url"].split("/")[3].split("?")[0] for item in own["items"]} >= {"annuaire", "kits", "echanges"}
    assert "_reseau" in own
    assert json.loads(json.dumps(own)) == own


def test_the_agenda_as_a_calendar(full: Talk) -> None:
    answer = full.browser().get("/flux/agenda.ics")
    assert (answer.content_type, calendar_problems(answer.body)) == ("text/calendar", [])
    made: Any = Calendar.from_ical(answer.body)
    events = {str(event["SUMMARY"]): event for event in made.walk("VEVENT")}
    assert set(events) == {HOSTILE.replace("\x01\x1b", "").strip(), "À l’envers", "Journée"}, "three, and none forged"
    assert "DTEND" not in events["À l’envers"]
    assert [events["Journée"][name].dt for name in ("DTSTART", "DTEND")] == [date(2026, 11, 27), date(2026, 11, 29)]
    with full.site.sessions() as session:
        event = an_event(session, "Secret repris")
        session.commit()
        agenda.drop(session, [event.id], by=None, now=TUESDAY)
        session.commit()
    again = full.browser().get("/flux/agenda.ics", headers={"If-None-Match": answer.headers["ETag"]})
    assert "Secret" not in again
    made = Calendar.from_ical(again.body)
    (gone,) = [one for one in made.walk("VEVENT") if str(one["UID"]).startswith(str(event.id))]
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 2)
    assert calendar_problems(again.body) == []


def test_what_is_kept_is_asked_for_again_and_weighs_nothing(full: Talk) -> None:
    for path in ("/flux/tout.atom", "/flux/agenda.ics", "/flux.opml", "/flux/annuaire.json?commune=59512"):
        first = full.site.client().get(path)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert first.headers["ETag"].startswith('W/"')
        same = full.site.client().get(path, headers={"If-None-Match": first.headers["ETag"]}, status=304)
        assert (same.body, same.headers["ETag"]) == (b"", first.headers["ETag"])
        assert full.site.client("ar").get(path, headers={"If-None-Match": first.headers["ETag"]}).status_int == 200
        head = full.site.client().head(path)
        assert (head.body, head.headers["ETag"]) == (b"", first.headers["ETag"])
    path, client = "/flux/label.atom", full.site.client()
    first = client.get(path)
    with full.site.sessions() as session:
        for _ in range(3):
            record(session, Entry("autre", new_id(), 1, Op.PUBLISH))
        session.commit()
    client.get(path, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    client.get(
        path, headers={"If-None-Match": '"other"', "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, status=200
    )
    spoken = full.site.client().get(path + "?langue=en")
    assert "Set-Cookie" not in spoken.headers
    full.site.client().get(path + "?langue=en", headers={"If-None-Match": spoken.headers["ETag"]}, status=304)
    signed = full.browser("membre").get(path)
    assert (signed.headers["Cache-Control"], "ETag" in signed.headers) == ("private, no-store", False)


def test_the_date_of_the_last_change(full: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    from feeds.syndication import caching
    from reseau.core.clock import utcnow

    path = "/flux/label.atom"
    monkeypatch.setattr(caching, "utcnow", lambda: utcnow() + timedelta(minutes=1))
    first = full.site.client().get(path)
    changed = first.headers["Last-Modified"]
    full.site.client().get(path, headers={"If-Modified-Since": changed}, status=304)
    full.site.client().get(path, headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, status=200)
    full.site.client().get(path, headers={"If-Modified-Since": "hier"}, status=200)
    monkeypatch.setattr(caching, "utcnow", lambda: utcnow() - timedelta(minutes=1))
    assert "Last-Modified" not in full.site.client().get(path).headers, "more may come in the same second"


@pytest.mark.parametrize("path", [
    "/flux/inconnu.atom", "/flux/tout.rss", "/flux/tout/archives/99999.atom", "/flux/tout/archives/999999999.json",
    "/flux/lettre/archives/0.atom", "/flux/echanges.atom?sujet=essai-groupe", "/flux/echanges.atom?sujet=essai-reseau",
    "/flux/echanges.atom?sujet=x", "/flux/ressources.atom?theme=rien", "/flux/annuaire.atom?commune=Zzyzx",
    "/flux/tout/archives/-1.atom",
])  # fmt: skip
def test_what_is_not_there_is_not_found(full: Talk, path: str) -> None:
    full.browser().get(path, status=404)
    full.browser("coordination").get(path, status=404)


def test_a_search_gives_what_its_page_gives(full: Talk) -> None:
    full.published(a_kit("Kit de la tension", summary="Mesurer sa tension"))
    listed = full.browser().get("/ressources.json?q=tension").json["items"]
    items = full.browser().get("/flux/ressources.json?q=tension").json["items"]
    assert {item["id"] for item in items} == {f"urn:uuid:{one['id']}" for one in listed} != set()
    assert full.browser().get("/flux/ressources.json?q=tension+introuvable").json["items"] == [], (
        "not some of the words"
    )
    atom = full.browser().get("/flux/ressources.atom?type=kit&q=tension&tri=titre&page=2").text
    assert '/flux/ressources.atom?q=tension&amp;type=kit"' in atom, "its own address is canonical"
    assert f"/ressources?{quote('q', safe='')}=tension&amp;type=kit" in atom


def test_what_only_some_read_is_not_told(full: Talk) -> None:
    full.thread("Secret du flux", topic="groupe")
    hidden = full.thread("Réseau du flux", topic="reseau")
    full.reply(hidden)
    for who in (None, "membre", "coordination"):
        for path in ("/flux/tout.atom", "/flux/echanges.atom", "/flux/echanges.json?q=flux"):
            page = full.browser(who).get(path)
            assert "du flux" not in page
            assert str(hidden.id) not in page, "nor that there is something"


def test_a_topic_that_closes_takes_its_threads_away(full: Talk) -> None:
    with full.site.sessions() as session:
        made = topics.create(session, Wanted({"fr": "Se ferme"}), now=TUESDAY)
        session.commit()
        full.topics["ferme"] = made.id
    thread = full.thread("Bientôt entre nous", topic="ferme")
    reader = Poller(full.site.client(), "/flux/echanges.atom")
    reader.poll()
    assert f"urn:uuid:{thread.id}" in reader.known
    for seen, told in (("network", ""), ("public", "Bientôt entre nous")):
        with full.site.sessions() as session:
            topics.edit(session, session.get_one(Topic, made.id), Wanted({"fr": "Se ferme"}, seen=seen))
            session.commit()
        assert (f"urn:uuid:{thread.id}", told) in reader.poll()
    with full.site.sessions() as session:
        topics.edit(session, session.get_one(Topic, made.id), Wanted({"fr": "Se ferme"}, seen="network"))
        session.commit()
    full.site.client().get("/flux/echanges.atom?sujet=" + made.slug, status=404)


def test_what_opens_comes_out_of_its_archive(full: Talk, short: None) -> None:
    with full.site.sessions() as session:
        made = topics.create(session, Wanted({"fr": "S’ouvre"}, seen="network"), now=TUESDAY)
        session.commit()
        full.topics["ouvre"] = made.id
    thread = full.thread("Bientôt pour tous", topic="ouvre")
    for n in range(12):
        full.thread(f"Après elle {n}")
    reader = Poller(full.site.client(), "/flux/echanges.atom")
    reader.poll()
    assert reader.archives
    with full.site.sessions() as session:
        topics.edit(session, session.get_one(Topic, made.id), Wanted({"fr": "S’ouvre"}))
        session.commit()
    assert reader.poll() == [(f"urn:uuid:{thread.id}", "Bientôt pour tous")]


def test_what_moves_among_fewer_readers_is_gone(full: Talk) -> None:
    thread = full.thread("Entre nous ensuite")
    reader = Poller(full.site.client(), "/flux/echanges.atom")
    reader.poll()
    with full.site.sessions() as session:
        moves.move(session, session.get_one(Thread, thread.id), session.get_one(Topic, full.topics["groupe"]))
        session.commit()
    assert reader.poll() == [(f"urn:uuid:{thread.id}", "")]


def test_a_kit_that_goes_to_the_network_is_gone_for_those_who_knew_it(full: Talk) -> None:
    now = full.site.clock.now
    made = full.published(a_kit("Kit qui se retire"))
    reader = Poller(full.site.client(), "/flux/ressources.atom")
    reader.poll()
    with full.site.sessions() as session:
        resources.set_visibility(session, session.get_one(Resource, made.id), Visibility.NETWORK, now)
        session.commit()
    assert reader.poll() == [(f"urn:uuid:{made.id}", "")]


def test_a_kit_that_was_never_for_everybody_is_not_told(full: Talk) -> None:
    made, now = full.draft(a_kit("Kit du réseau")), full.site.clock.now
    with full.site.sessions() as session:
        resources.set_visibility(session, session.get_one(Resource, made.id), Visibility.NETWORK, now)
        session.commit()
    full.publish(made.id)
    with full.site.sessions() as session:
        resources.withdraw(session, session.get_one(Resource, made.id), now)
        session.commit()
    assert str(made.id) not in full.site.client().get("/flux/ressources.atom")


def test_a_page_offers_them_all(full: Talk) -> None:
    with full.site.statements() as statements:
        page = full.browser().get("/flux")
    assert len([one for one in statements if one.startswith("SELECT")]) <= 10
    assert len(page.body) < 60_000
    root = ElementTree.fromstring(full.browser().get("/flux.opml").body)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    outlines = [one for one in root.iter("outline") if one.get("xmlUrl")]
    assert all(one.get("type") == "rss" and one.get("text") and whole(one.get("xmlUrl")) for one in outlines)
    for outline in outlines:
        parts = urlsplit(outline.get("xmlUrl"))
        full.browser().get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        assert parts.path in page
    for path in ("/", "/annuaire?q=a", "/ressources?type=kit", "/echanges"):
        assert 'type="application/atom+xml"' in full.browser().get(path)
    assert 'href="/flux/ressources.atom?type=kit"' in full.browser().get("/ressources?type=kit")


def test_documents_take_few_statements(full: Talk) -> None:
    for path in addresses("atom"):
        with full.site.statements() as statements:
            full.site.client().get(path)
        ran = [one for one in statements if one.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
        assert len(ran) <= 10, (path, ran)

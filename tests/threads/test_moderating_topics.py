"""Topics on the desk: one name each, their places, those that are taken away."""

from __future__ import annotations

import itertools
from typing import Any

from reseau.notices.models import Subscription
from reseau.threads.base.models import TOPIC_KIND, Topic
from reseau.threads.moderating import topics
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk, post_form
from tests.threads.test_moderating_posts import ops_of, send

DESK = "/gestion/echanges"
_numbers = itertools.count(1)


def created(talk: Talk, **more: Any) -> Topic:
    with talk.site.sessions.begin() as session:
        wanted = topics.Wanted({"fr": f"À part n° {next(_numbers)}"}, **more)
        return topics.create(session, wanted, now=talk.tick())


@ONE_ENGINE
def test_two_topics_have_two_names(talk: Talk) -> None:
    one, other = created(talk), created(talk)
    name = one.titles["fr"]
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/nouveau"), "/nouveau")
    form["titre_fr"] = name.upper()
    refused = form.submit(status=422)
    assert "déjà ce nom" in refused.text
    assert Page(refused.text).errors == []
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/{other.id}"), str(other.id))
    form["titre_fr"] = name
    form.submit(status=422)
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/{one.id}"), str(one.id))
    form["description"] = "La même, sous son nom."
    form.submit(status=303)
    assert talk.get(Topic, one.id).description == "La même, sous son nom."


def test_an_empty_topic_is_taken_away_one_that_holds_something_is_not(talk: Talk) -> None:
    empty, full = created(talk), created(talk)
    talk.topics["plein"] = full.id
    talk.thread(topic="plein", waits=True)
    with talk.site.sessions.begin() as session:
        session.add(Subscription(person_id=talk.people["voisine"], object_kind=TOPIC_KIND, object_id=empty.id,
                                 level="follow", at=talk.tick()))  # fmt: skip
    for topic in (empty, full, talk.topic("groupe")):
        send(talk, "coordination", f"{DESK}/sujets/{topic.id}/supprimer")
    assert not talk.rows(Topic, Topic.id == empty.id)
    assert not talk.rows(Subscription, Subscription.object_id == empty.id)
    assert ops_of(talk, empty.id) == ["publish", "withdraw"]
    assert talk.rows(Topic, Topic.id == full.id)
    assert talk.topic("groupe")


def test_a_topic_goes_to_its_place(talk: Talk) -> None:
    created(talk)
    topic = created(talk)
    for wanted, there in ((1, 1), (2, 2), (999, None)):
        with talk.site.sessions.begin() as session:
            assert topics.place(session, topic.id, wanted)
            assert not topics.place(session, topic.id, wanted)
            last = len([one for one in topics.listed(session) if one.group is None])
            assert topics.place_of(session, session.get_one(Topic, topic.id)) == (there or last)
    form = post_form(talk.browser("coordination").get(f"{DESK}/sujets/{topic.id}"), str(topic.id))
    form["place"] = "1"
    form.submit(status=303)
    with talk.site.sessions() as session:
        assert topics.place_of(session, topic) == 1
        ours = [one.topic.id for one in topics.listed(session)]
    assert ours[0] == topic.id
    form["place"] = "0"
    assert "1 pour le premier" in form.submit(status=422).text

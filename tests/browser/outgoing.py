"""A demonstration in which everything that goes out is there, for the browser (see ``tests/feeds/matrix_world.py``)."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from feeds.newsletter import links
from feeds.newsletter.models import Subscriber, SubscriberState
from reseau.core.db import session_factory
from reseau.members.models import Person
from reseau.members.places import join_structure
from tests.browser.demo import Demo
from tests.conftest import TUESDAY
from tests.feeds.matrix_world import READERS, follows, sent
from tests.label import making


def fill(demo: Demo) -> None:
    """What the pages name; the relay of the demonstration belongs to the place that passes the letter on."""
    settings = demo.registry.settings_typed
    with session_factory(demo.engine).begin() as session:

        def person(name: str) -> UUID:
            found: UUID = session.scalars(sa.select(Person.id).where(Person.email == f"{name}@demo.example")).one()
            return found

        reader = person("mediatrice")
        demo.names["stop"] = follows(session, settings, reader, TUESDAY)["avis/stop/recherches"]
        place = making.place(session, "CPTS inventée de Roubaix", TUESDAY)
        join_structure(session, person("cpts"), place, "member", None)
        made = sent(session, settings, demo.registry["files"], place, person("comite-label"), reader, TUESDAY)
        demo.names.update({name: str(id_) for name, id_ in made.ids.items()})
        demo.names.update(made.words)
        for lang, name in READERS.items():
            email = f"{name}@lecteurs.example"
            one = session.scalars(sa.select(Subscriber).where(Subscriber.email == email)).one()
            demo.names[f"reader_{lang}"] = links.of_reader(settings.secret, one.key)
            if lang == "en":
                one.state, one.left_at = SubscriberState.LEFT.value, TUESDAY
    with demo.registry["read_sessions"]() as session:
        demo.registry["search.indexer"].catch_up(session)

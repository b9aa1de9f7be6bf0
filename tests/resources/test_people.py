"""What the base holds of a person: given whole, forgotten when they leave."""

from __future__ import annotations

import json

from reseau.core.letters import Letter
from reseau.core.letters import Site as Sender
from reseau.members import export, leaving
from reseau.members.models import Person
from resources.base.models import Collection, Opinion, ResourceAuthor, ResourceReport, ResourceRequest
from tests.resources.conftest import Base

SITE = Sender("Réseau", "http://localhost:6543", "Réseau <non@reseau.example>")


def test_a_person_who_leaves_takes_what_is_theirs_alone(base: Base) -> None:
    someone = base.person()
    base.people["partante"] = someone.id
    shared, alone = base.published(by="partante"), base.draft(by="partante", place=None)
    with_others = base.draft(by="partante", place=None)
    with base.site.sessions() as session:
        session.add_all([
            ResourceAuthor(resource_id=with_others.id, person_id=base.people["membre"]),
            Opinion(resource_id=shared.id, person_id=someone.id, grade=4, comment="Très clair", version=1),
            Collection(title="Mes ateliers", person_id=someone.id, secret="s" * 32),
            ResourceReport(resource_id=shared.id, reason="wrong", text="x", contact=someone.email, version=1),
            ResourceRequest(words="loupe", author_id=someone.id, contact=someone.email),
        ])  # fmt: skip
        session.commit()
    with base.site.sessions() as session:
        given = export.everything(session, someone.id, base.site.clock.now)
        assert [row["comment"] for row in given["avis"]] == ["Très clair"]
        assert {len(given[name]) for name in ("signalements", "ressources_demandees", "collections")} == {1}
        assert len(given["ressources_creees"]) == 3
        assert "s" * 32 not in json.dumps(given)
        person = session.get_one(Person, someone.id)
        assert leaving.leave(session, person, Letter("x", "fr", "x", ("x",)), site=SITE, now=base.site.clock.now)
        session.commit()
    assert base.resource(shared.id) is not None
    assert base.resource(with_others.id) is not None
    assert base.resource(alone.id) is None
    assert base.rows(Opinion, Opinion.resource_id == shared.id) == []
    assert base.rows(Collection, Collection.person_id == someone.id) == []
    assert [one.contact for one in base.rows(ResourceReport, ResourceReport.resource_id == shared.id)] == [None]
    assert [one.contact for one in base.rows(ResourceRequest, ResourceRequest.words == "loupe")] == [None]

"""On one's own page a draft is named by its resource and section; what others are writing is not told."""

from __future__ import annotations

from reseau.members import account, drafts
from resources.finding.drafts import named
from tests.resources.conftest import Base, a_tutorial


def test_a_draft_is_named_by_what_it_is_about(base: Base) -> None:
    author, other = base.people["membre"], base.people["coordination"]
    made = base.draft(a_tutorial("Tutoriel de la groseille"))
    path = f"/tutoriels/{made.slug}/modifier/etape-1"
    with base.site.sessions() as session:
        for person in (author, other):
            drafts.save(session, person, path, [("texte", "x")], base.site.clock.now)
        session.commit()
        (mine,) = [one for one in account.my_drafts(session, author, named=named) if one.path == path]
        (foreign,) = [one for one in account.my_drafts(session, other, named=named) if one.path == path]
    assert (mine.resource, bool(mine.section)) == ("Tutoriel de la groseille", True)
    assert (foreign.resource, foreign.section) == ("", "")

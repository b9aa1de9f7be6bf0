"""Who is in which group, what groups write: services, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reseau.core import cards
from reseau.core.changes import Change, current_seq
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.groups import access, belonging, documents, loading, mailing, personal, services, telling
from reseau.groups.belonging import Done
from reseau.groups.documents import Clash, Taken, Writing
from reseau.groups.models import Belonging, GroupDocument, GroupMember, WorkingGroup
from reseau.groups.services import Said
from reseau.members.models import Person
from reseau.notices import delivering, deriving, following
from reseau.notices import services as notices
from reseau.notices.models import LogCursor, Notice, NoticeChoice
from reseau.notices.preferences import KINDS
from tests.groups.conftest import World
from tests.people import at_once


def test_addresses_are_free_and_readable(world: World) -> None:
    made = [world.group(name=name).slug for name in ("Même nom", "Même nom", "Nouveau", "مجموعة")]
    assert made[:2] == ["meme-nom", "meme-nom-2"]
    assert all(slug.startswith("groupe") for slug in made[2:])
    assert made[2] != made[3]


def test_an_open_group_lets_in_at_once(world: World) -> None:
    group = world.group(joining="open")
    assert world.join(group, "voisine") is Done.IN
    assert world.join(group, "voisine") is Done.NOTHING
    assert world.stands(group, "voisine") == "in"
    assert world.do(following.level, world.people["voisine"], ("group", group.id)) == "follow"


def test_asking_then_yes_or_no(world: World) -> None:
    group = world.group()
    assert world.join(group, "voisine", "Je fais des ateliers.") is Done.ASKED
    row = world.get(GroupMember, (group.id, world.people["voisine"]))
    assert (row.belonging, row.message) == ("asked", "Je fais des ateliers.")
    assert world.do(belonging.refuse, group.id, world.people["voisine"]) is Done.CHANGED
    assert world.stands(group, "voisine") == ""
    world.join(group, "voisine")
    for expected in (Done.IN, Done.NOTHING):
        assert world.do(belonging.accept, group.id, world.people["voisine"], world.site.clock.now) is expected
    assert world.stands(group, "voisine") == "in"


def test_a_group_by_invitation(world: World) -> None:
    group, now = world.group(joining="invite"), world.site.clock.now
    assert world.join(group, "voisine") is Done.CLOSED
    assert world.do(belonging.accept, group.id, world.people["voisine"], now) is Done.NOTHING
    assert world.do(belonging.invite, group.id, world.people["voisine"], now) is Done.INVITED
    assert world.do(belonging.invite, group.id, world.people["voisine"], now) is Done.NOTHING
    assert world.join(group, "voisine") is Done.IN


def test_inviting_who_asked_lets_them_in(world: World) -> None:
    group = world.group()
    world.join(group, "voisine")
    assert world.do(belonging.invite, group.id, world.people["voisine"], world.site.clock.now) is Done.IN


def test_a_closed_group_takes_nobody(world: World) -> None:
    group, now = world.group(joining="open"), world.site.clock.now
    assert world.do(services.archive, group.id, True, now)
    assert not world.do(services.archive, group.id, True, now)
    assert world.join(group, "voisine") is Done.CLOSED
    assert world.do(belonging.invite, group.id, world.people["voisine"], now) is Done.CLOSED
    assert world.do(services.archive, group.id, False, now)
    assert world.join(group, "voisine") is Done.IN


def test_the_last_animator_stays(world: World) -> None:
    group, me, other = world.group(members=["voisine"]), world.people["membre"], world.people["voisine"]
    assert world.do(belonging.leave, group.id, me) is Done.LAST
    assert world.do(belonging.set_animator, group.id, me, False) is Done.LAST
    assert world.do(belonging.remove, group.id, me) is Done.LAST
    assert world.do(belonging.set_animator, group.id, other, True) is Done.CHANGED
    assert world.do(belonging.leave, group.id, me) is Done.LEFT
    assert world.stands(group, "membre") == ""
    assert world.do(following.level, me, ("group", group.id)) is None


def test_two_animators_who_leave_at_the_same_time(world: World) -> None:
    group = world.group(members=["voisine"])
    world.do(belonging.set_animator, group.id, world.people["voisine"], True)
    found = at_once(*(lambda who=who: world.do(belonging.leave, group.id, world.people[who])  # type: ignore[misc]
                      for who in ("membre", "voisine")))  # fmt: skip
    assert sorted(found) == [Done.LAST, Done.LEFT]


def test_somebody_by_name_or_address(world: World) -> None:
    with world.site.sessions() as session:
        voisine = session.get_one(Person, world.people["voisine"])
        for text in (voisine.email, f" {voisine.email.upper()} ", voisine.name, voisine.name.upper()):
            (found,) = belonging.named(session, text)
            assert found.id == voisine.id
            assert belonging.is_whole(found, text), text
        outsider = session.get_one(Person, world.people["personne"])
        for text in (outsider.email, outsider.name, outsider.name[:4], "rien@reseau.example", "", "a"):
            assert outsider.id not in [one.id for one in belonging.named(session, text)], text
    for name in ("DeuxFois", "Deuxfoîs"):
        world.person(name, member_of=[world.places["ici"]])
    assert [one.name for one in world.do(belonging.named, "deuxfois")] == ["DeuxFois", "Deuxfoîs"]


def test_somebody_by_a_part_of_their_name(world: World) -> None:
    for name in ("Zohra Benali-Petit", "Zoheir Benali"):
        world.person(name, member_of=[world.places["ici"]])
    assert [one.name for one in world.do(belonging.named, "benali zoh")] == ["Zoheir Benali", "Zohra Benali-Petit"]
    assert len(world.do(belonging.named, "petit")) == 1
    (found,) = world.do(belonging.named, "ZOHR")
    assert not belonging.is_whole(found, "ZOHR")
    assert world.do(belonging.places_of_people, [found.id])[found.id]


def test_nobody_overwrites_a_group_unseen(world: World) -> None:
    group = world.group()
    said = Said(group.name, "Autre chose.", "fr", "public", "open")
    assert world.do(services.edit, group.id, said, seen_rev=1).rev == 2
    assert world.do(services.edit, group.id, said, seen_rev=1).rev == 2
    with pytest.raises(services.Clash):
        world.do(services.edit, group.id, Said("X", "", "fr", "public", "open"), seen_rev=1)


def test_documents(world: World) -> None:
    group, me, now = world.group(), world.people["voisine"], world.site.clock.now
    first, second = world.document(group), world.document(group)
    assert (first.slug, second.slug) == ("2026-11-20-reunion", "2026-11-20-reunion-2")
    assert world.document(group, "اجتماع", kind="page").slug == "page"
    with pytest.raises(Taken):
        world.document(group, id_=first.id)
    writing = Writing("Réunion", "Autre.", "fr", "2026-11-19")
    assert world.do(documents.change, first.id, writing, seen_rev=1, by=me, now=now).rev == 2
    with pytest.raises(Clash) as clash:
        world.do(documents.change, first.id, Writing("Z", "Z", "fr"), seen_rev=1, by=me, now=now)
    assert clash.value.theirs.text == "Autre."
    assert world.do(documents.delete, first.id, by=me)
    assert not world.do(documents.delete, first.id, by=me)
    assert world.do(documents.change, first.id, writing, seen_rev=2, by=me, now=now) is None
    assert [row.op for row in world.rows(Change, Change.object_id == first.id)] == ["publish", "update", "withdraw"]


def test_an_id_of_somebody_else_is_not_mine(world: World) -> None:
    group = world.group(members=["voisine"])
    made, mine, other = world.document(group), world.people["membre"], world.people["voisine"]
    assert world.do(documents.written_by, made.id, group.id, mine).slug == made.slug
    assert world.do(documents.written_by, made.id, group.id, other) is None
    assert world.do(documents.written_by, made.id, world.group().id, mine) is None
    assert not world.do(documents.own_id, made.id, mine)
    assert not world.do(documents.own_id, made.id, other)
    assert world.do(documents.own_id, new_id(), other)


def test_two_who_make_a_group_of_one_name_at_the_same_moment(world: World) -> None:
    for name in ("À deux en même temps", "مجموعة واحدة"):
        made = at_once(*(lambda name=name: world.group(name=name).slug for _ in range(4)))  # type: ignore[misc]
        assert len(set(made)) == 4
    group = world.group()
    found = at_once(*(lambda: world.document(group, "Le même jour").slug for _ in range(4)))
    assert sorted(found) == ["2026-11-20-le-meme-jour", *(f"2026-11-20-le-meme-jour-{n}" for n in (2, 3, 4))]


def test_an_address_is_never_longer_than_its_column(world: World) -> None:
    made = [world.group(name="Bon " + "x" * 90).slug for _ in range(2)]
    assert len(set(made)) == 2
    assert max(map(len, made)) <= 80


def test_a_letter_about_a_document_that_is_deleted_does_not_leave(world: World) -> None:
    world.do(lambda session: session.merge(LogCursor(name=deriving.CURSOR, seq=current_seq(session))))
    reader = world.person("Lectrice", member_of=[world.places["ici"]])
    world.people["lectrice"] = reader.id
    group, tools = world.group(members=["lectrice"]), Tools(world.site.sessions, world.site.settings, world.site.clock)
    world.do(notices.choose, reader.id, dict.fromkeys(KINDS, "aussitot"), hour=8, weekday=0, now=world.site.clock.now,
             timezone="Europe/Paris")  # fmt: skip
    world.site.clock.now += timedelta(minutes=1)
    gone, kept = world.document(group, "Compte rendu de trop"), world.document(group, "Compte rendu qui reste")
    for _again in range(2):
        deriving.derive(tools)
        world.site.clock.now += timedelta(minutes=10)
        delivering.deliver(tools)
        world.do(documents.delete, gone.id, by=reader.id)
    states = [(one.state, "de trop" in one.subject + one.text) for one in world.mails(reader.email)]
    assert states == [("cancelled", False), ("waiting", False)]
    assert kept.title in world.mails(reader.email)[-1].subject


def test_members_are_told_of_a_document(world: World) -> None:
    group = world.group(members=["voisine", "voisin"], seen="members")
    world.do(following.unfollow, world.people["voisin"], ("group", group.id), world.site.clock.now)
    world.site.clock.now += timedelta(minutes=1)
    made = world.document(group)
    world.site.clock.now += timedelta(minutes=1)
    world.do(belonging.invite, group.id, world.people["referent"], world.site.clock.now)
    world.join(group, "referent")
    found = world.do(lambda session: list(telling.candidates(session, [made.id], world.site.clock.now)))
    assert [(one.person_id, one.kind, one.object, one.about) for one in found] == [
        (world.people["voisine"], "groupes", ("group-document", made.id), ("group", group.id))
    ]


def test_what_a_notice_says_and_to_whom(world: World) -> None:
    group = world.group(members=["voisine"], seen="members", name="Les affiches")
    made = world.document(group)

    def said(who: str) -> list[str]:
        with world.site.sessions() as session:
            notice = Notice(id=new_id(), person_id=world.people[who], object_kind="group-document", object_id=made.id)
            found = telling.lines(session, session.get_one(Person, world.people[who]), [notice],
                                    world.site.settings, "fr")  # fmt: skip
            return [f"{one.said} | {one.author} | {one.text} | {one.path}" for one in found.values()]

    (line,) = said("voisine")
    assert "Les affiches" in line
    assert "Nous décidons." in line
    assert line.endswith("/groupes/les-affiches/documents/2026-11-20-reunion")
    assert said("voisin") == []
    assert said("coordination")
    world.do(documents.delete, made.id, by=world.people["membre"])
    assert said("voisine") == []


def test_cards(world: World) -> None:
    group = world.group(seen="members")
    made = world.document(group)
    paths = [f"/groupes/{group.slug}", f"/groupes/{group.slug}/documents/{made.slug}", "/groupes/nouveau", "/groupes/x"]
    found = world.do(cards.by_paths, paths)
    assert {path: card.ref for path, card in found.items()} == {
        paths[0]: ("group", group.id), paths[1]: ("group-document", made.id)
    }  # fmt: skip
    assert not found[paths[1]].readable(network=True)
    assert found[paths[1]].readable(network=True, owners=[group.id])
    known = world.do(cards.by_refs, [("group", group.id), ("group-document", made.id)])
    assert known[("group-document", made.id)].note == group.name


def test_one_mail_a_day_for_requests_and_none_for_who_wants_none(world: World) -> None:
    keeper = world.person(member_of=[world.places["ici"]])
    world.people[str(keeper.id)] = keeper.id
    group, settings, now = world.group(by=str(keeper.id)), world.site.settings, world.site.clock.now
    for _ in range(2):
        world.do(mailing.tell_asked, group, settings, now)
    (mail,) = world.mails(keeper.email)
    assert f"/groupes/{group.slug}/membres" in mail.text
    with world.site.sessions() as session:
        session.add(NoticeChoice(person_id=keeper.id, modes={"groupes": "site"}))
        session.commit()
    assert world.do(mailing.tell_asked, group, settings, now + timedelta(days=1)) == 0


def test_what_groups_hold_of_a_person(world: World) -> None:
    someone = world.person("Partant", member_of=[world.places["ici"]])
    world.people["partant"] = someone.id
    group = world.group(members=["partant"])
    made = world.document(group, by="partant")
    held = world.do(personal.rows_of, someone.id, someone.email)
    assert [len(held[name]) for name in ("groupes_de_travail", "documents_de_groupes", "groupes_crees")] == [1, 1, 0]
    world.do(personal.forget, someone.id, someone.email)
    assert world.stands(group, "partant") == ""
    assert world.get(GroupDocument, made.id).created_by is None


def test_the_groups_of_the_demonstration(world: World) -> None:
    people = {part: world.people[who] for part, who in
              (("coordination", "coordination"), ("mediatrice", "membre"), ("referent", "referent"))}  # fmt: skip
    told: list[str] = []
    arguments = (people, world.site.clock.now, [lambda _session, group, _now: told.append(group.slug)])
    made = world.do(loading.load, *arguments)
    assert world.do(loading.load, *arguments) == []
    assert told == [group.slug for group in made] == ["groupe-interet-numerique-en-sante", "groupe-communication"]
    for group in made:
        rows = world.rows(GroupDocument, GroupDocument.group_id == group.id)
        assert sorted(row.kind for row in rows) == ["minutes", "minutes", "page"]
    assert world.stands(made[0], "coordination") == "animates"
    world.do(lambda session: session.execute(sa.delete(WorkingGroup).where(WorkingGroup.slug.in_(told))))


def test_a_person_who_is_gone_is_not_counted(world: World) -> None:
    gone = world.person("Disparue", member_of=[world.places["ici"]])
    world.people["disparue"] = gone.id
    group = world.group(members=["disparue"])
    with world.site.sessions() as session:
        session.get_one(Person, gone.id).state = "suspended"
        session.commit()
        found = access.find(session, group.slug, access.Reader())
        assert found is not None
        assert found.members == 1
        assert [one.id for one in access.people(session, group.id, Belonging.IN)] == [world.people["membre"]]

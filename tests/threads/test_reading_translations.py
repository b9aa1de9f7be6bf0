"""Translations of posts that are written over or taken away; texts whose HTML is kept."""

from __future__ import annotations

import pytest

from reseau.core.ids import new_id
from reseau.threads.base import text
from reseau.threads.base.models import Post, PostState, PostTranslation, PostVersion
from reseau.threads.reading import gestures
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.reading_more import withdraw


def put(talk: Talk, post: Post, words: str, by: str = "voisine") -> None:
    with talk.site.sessions() as session:
        gestures.translate(session, post, "ar", words, talk.people[by], talk.tick())
        session.commit()


def test_what_was_written_over_is_kept_for_moderators(talk: Talk) -> None:
    post = talk.reply(talk.thread(), "Au dos.")
    put(talk, post, "Première")
    put(talk, post, "Première")
    assert talk.rows(PostVersion, PostVersion.post_id == post.id) == [], "the same again is no change"
    put(talk, post, "Seconde", by="membre")
    (kept,) = talk.rows(PostVersion, PostVersion.post_id == post.id)
    assert (kept.text, kept.lang, kept.by, kept.translation) == ("Première", "ar", talk.people["membre"], True)
    withdraw(talk, post, PostState.DELETED)
    put(talk, post, "Trop tard")
    assert [one.text for one in talk.rows(PostTranslation, PostTranslation.post_id == post.id)] == []


@ONE_ENGINE
def test_moderators_take_a_translation_away(talk: Talk) -> None:
    thread = talk.thread()
    post = talk.reply(thread, "Au dos.")
    put(talk, post, "Première")
    put(talk, post, "Moqueuse", by="membre")
    browser, history = talk.browser("coordination"), f"/echanges/messages/{post.id}/historique"
    assert history in browser.get(talk.address(thread))
    page = browser.get(history)
    assert "Première" in page
    assert "Ce message n’a jamais été modifié." in page, "of its translation only"
    form = next(one for one in page.forms.values() if one.action.endswith("/traduire/retirer"))
    page = form.submit(status=303).follow()
    assert "Moqueuse" in page
    assert not [one for one in page.forms.values() if one.action.endswith("/traduire/retirer")]
    assert "Moqueuse" not in talk.browser(language="ar").get(talk.address(thread))
    assert not talk.rows(PostTranslation, PostTranslation.post_id == post.id)
    token = form["csrf_token"].value
    browser.post(form.action, {"csrf_token": token, "langue": "ar"}, status=303)  # once more changes nothing
    browser.post(form.action, {"csrf_token": token, "langue": "?"}, status=400)
    assert len(talk.rows(PostVersion, PostVersion.post_id == post.id)) == 2


def test_long_texts_are_not_kept_as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    parser = text._parser()
    monkeypatch.setattr(text, "_parser", lambda: made.append("") or parser)
    short, long = f"Court {new_id()}", f"Long {new_id()} " + "mot " * 1_000
    for said, times in ((short, 1), (long, 2)):
        made.clear()
        assert text.to_html(said) == text.to_html(said)
        assert len(made) == times

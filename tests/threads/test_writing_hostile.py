"""What people write to harm, or by accident: nothing of it runs, is lost, or takes long."""

from __future__ import annotations

import time

import pytest

from reseau.core.ids import new_id
from reseau.threads.base.models import Thread
from reseau.threads.base.text import plain, to_html
from tests.directory.site import Page
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.test_writing_new import NEW, filled, form_of, send

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[clic](javascript:alert(1))",
    "[clic](JaVaScRiPt&#58;alert(1))",
    "[clic](data:text/html;base64,PHNjcmlwdD4=)",
    "[clic](vbscript:x)",
    '<https://a.example/"onmouseover="alert(1)>',
    "![pixel](https://espion.example/p.png)",
    "[a]: javascript:alert(1)\n\n[a]",
    "<svg/onload=alert(1)>",
    "`<script>alert(1)</script>`",
    "https://a.example/'onmouseover='alert(1)",
    "@<script>alert(1)</script>",
    "<!-- --><iframe srcdoc='<script>'></iframe>",
    '[x](https://a.example "\\"><script>alert(1)</script>")',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="https://a.example" style="position:fixed">x</a>',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_runs(text: str) -> None:
    page = Page(f"<main>{to_html(text)}</main>")
    assert not page.errors
    for tag, attributes in page.elements:
        assert tag not in {"script", "img", "svg", "iframe", "style", "object", "form"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert str(attributes.get("href") or "https:").split(":")[0] in {"https", "http", "mailto", "tel"}


@pytest.mark.parametrize(
    "text",
    [">" * 10_000 + " fin", "> " * 10_000, "[" * 10_000, "*" * 20_000, "`" * 19_999 + "a", "_a " * 6_000, "- " * 9_000,
     "![" * 9_000, "(" * 20_000, "<" * 20_000, "&#" * 9_000, "@a " * 6_000, "https://" * 2_500, "#" * 20_000,
     "|" * 20_000, "\u202e" * 20_000, "a\n" * 10_000, "[a](" * 5_000],
)  # fmt: skip
def test_nothing_takes_long(text: str) -> None:
    before = time.process_time()
    to_html(text[:20_000])
    plain(text[:20_000])
    assert time.process_time() - before < 2


@ONE_ENGINE
def test_control_characters_and_overrides_stay_in_their_place(talk: Talk) -> None:
    title = f"Titre \u202egnp.exe\u202c\x07 \u2066{new_id().hex}"
    form = filled(talk, titre=title, texte="Un\x00 texte\r\n\x1b[31m rouge \u202eà l’envers")
    send(form)
    (thread,) = [one for one in talk.rows(Thread) if title[-32:] in one.title]
    opened = sum(thread.title.count(one) for one in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    assert opened == sum(thread.title.count(one) for one in "\u202c\u2069")
    (post,) = talk.posts(thread)
    assert not set("\x00\x07\x1b\r") & set(thread.title + post.text)
    assert post.text.count("\u202e") == post.text.count("\u202c")


@ONE_ENGINE
def test_a_text_of_a_megabyte_is_refused_with_a_page(talk: Talk) -> None:
    form = filled(talk, texte="x" * 1_000_000)
    page = send(form, 422)
    assert "trop long" in Page(page.text).text
    assert form_of(page)["titre"].value == form["titre"].value
    fields = [(name, value) for name, value in form.submit_fields() if isinstance(value, str)]
    talk.browser("membre").post(NEW, fields, status=(400, 413))


@ONE_ENGINE
@pytest.mark.parametrize(
    "fields",
    [{}, {"numero": "x"}, {"numero": "\x00"}, {"type": "\x00"}, {"objet": "::"}, {"objet": "person:" + "0" * 32},
     {"retirer": "../../etc/passwd"}, {"format": "rouge"}, {"mention-": "x"}, {"fin": "\x00"}, {"lieu": "\ud7ff"},
     {"citer": "x", "rev": "y"}, {"options": "a\n" * 10_000, "type": "sondage"}, {"langue": "x" * 40_000}],
)  # fmt: skip
def test_a_form_that_nobody_made_is_refused_with_a_page(talk: Talk, fields: dict[str, str]) -> None:
    browser = talk.browser("voisin")
    token = form_of(browser.get(NEW))["csrf_token"].value
    for address in (NEW, f"{talk.address(talk.thread())}/repondre"):
        answer = browser.post(address, {"csrf_token": token, **fields}, status="*")
        assert answer.status_code in (200, 422), answer.status
        assert not Page(answer.text).errors
        browser.post(f"{address}/brouillon", {"csrf_token": token, **fields}, status=204)

"""Letters: text, HTML and headers say the same, and nothing that people write can become markup or a header."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core import letters
from reseau.core.letters import POLICY, Go, Letter, Site, Written, as_html, as_message, as_text
from reseau.settings import Settings

NAME, URL = "Réseau de Roubaix", "http://reseau.example"
LONG_URL = f"{URL}/invitation/" + "a1-" * 60
EVIL = '<script>alert("x")</script>&\'"'
ID = UUID("01936000-0000-7000-8000-000000000001")
MOMENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def letter(**values: object) -> Letter:
    return Letter(**{"kind": "test", "lang": "fr", "subject": "Bonjour", "paragraphs": ("Un texte.",), **values})  # type: ignore[arg-type]


@dataclass
class Row:
    """A stored mail."""

    recipient: str = "camille@reseau.example"
    subject: str = "Bonjour"
    lang: str = "fr"
    text: str = "Été\n"
    html: str = "<p>Été</p>"
    id: UUID = ID
    headers: dict[str, str] = field(default_factory=dict)
    created_at: datetime = MOMENT
    claimed_at: datetime | None = None


def sent(row: Row, sender: str = "Réseau <non@reseau.example>", **options: str) -> email.message.EmailMessage:
    """The message as it arrives: written out and read again."""
    raw = as_message(row, sender, **options).as_bytes()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.splitlines())
    return email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[return-value]


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


FULL = letter(
    paragraphs=("Bonjour Camille,", "mot " * 60 + "fin\nà la ligne"),
    facts=(("Lieu", "La Condition publique"), ("Date", "mardi\n24")),
    button=("Ouvrir", LONG_URL),
    after=("À bientôt.",),
    why="Vous recevez ce message parce que vous êtes membre.",
)


def test_text_is_narrow_and_whole() -> None:
    text = as_text(FULL, NAME, URL)
    assert all(len(line) <= 76 for line in text.splitlines() if "http" not in line)
    assert LONG_URL in text.splitlines()
    assert "fin\nà la ligne" in text
    assert "- Lieu\u00a0: La Condition publique\n- Date\u00a0: mardi 24\n" in text
    assert (
        text.index("Camille") < text.index("Lieu") < text.index("Ouvrir") < text.index("bientôt") < text.index("-- \n")
    )
    assert text.endswith(f"-- \n{NAME}\n{URL}\nVous recevez ce message parce que vous êtes membre.\n")


def test_an_address_inside_a_paragraph_is_not_broken() -> None:
    assert (
        LONG_URL
        in as_text(
            letter(paragraphs=(f"Voici une adresse assez longue pour déborder : {LONG_URL}",)), NAME, URL
        ).splitlines()
    )


def test_html_says_the_same_as_the_text() -> None:
    page, text = Page(as_html(FULL, NAME, URL)), as_text(FULL, NAME, URL)
    for word in ("Camille", "fin", "La Condition publique", "Ouvrir", LONG_URL, "bientôt", NAME, URL, "membre"):
        assert word in page.text
        assert word in text


def test_html_needs_nothing_from_elsewhere() -> None:
    page = Page(as_html(FULL, NAME, URL))
    names = {tag for tag, _ in page.tags}
    assert not names & {"img", "script", "style", "link", "iframe", "form", "input", "picture", "video", "object"}
    assert not [attrs for _, attrs in page.tags if {"src", "srcset", "background", "onclick"} & set(attrs)]
    assert "url(" not in as_html(FULL, NAME, URL)
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links == [LONG_URL, LONG_URL, URL]


def test_html_is_accessible() -> None:
    page = Page(as_html(FULL, NAME, URL))
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert "title" in names
    assert "table" not in names
    assert dict(page.tags)["html"] == {"lang": "fr", "dir": "ltr"}


def test_an_arabic_letter_runs_from_right_to_left() -> None:
    arabic = letter(lang="ar", subject="مرحبا", paragraphs=("أهلا وسهلا",), button=("افتح", URL))
    tags = Page(as_html(arabic, NAME, URL)).tags
    assert dict(tags)["html"] == {"lang": "ar", "dir": "rtl"}
    assert next(attrs.get("dir") for tag, attrs in tags if tag == "div") == "rtl"
    assert [attrs.get("dir") for tag, attrs in tags if tag == "a"] == [None, "ltr", "ltr"]
    message = sent(Row(subject="مرحبا", lang="ar", text=as_text(arabic, NAME, URL), html=as_html(arabic, NAME, URL)))
    assert message["Subject"] == "مرحبا"
    assert message["Content-Language"] == "ar"
    assert "أهلا وسهلا" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_all_that_people_write_is_escaped() -> None:
    evil = letter(
        subject=EVIL, paragraphs=(EVIL,), facts=((EVIL, EVIL),), button=(EVIL, f'{URL}/"onclick="x'), after=(EVIL,), why=EVIL
    )  # fmt: skip
    html = as_html(evil, EVIL, URL)
    page = Page(html)
    assert "<script" not in html
    assert {name for _, attrs in page.tags for name in attrs} <= {
        "lang",
        "dir",
        "style",
        "href",
        "charset",
        "name",
        "content",
    }
    assert page.text.count(EVIL) == 10


@given(st.text(), st.text(min_size=1))
def test_no_text_breaks_the_page(words: str, label: str) -> None:
    evil = letter(subject=words, paragraphs=(words,), facts=((label, words),), why=words)
    plain = letter(subject="s", paragraphs=("x",), facts=(("l", "v"),), why="w")
    tags = [tag for tag, _ in Page(as_html(evil, "n", URL)).tags if tag not in ("br", "p")]
    assert tags == [tag for tag, _ in Page(as_html(plain, "n", URL)).tags if tag not in ("br", "p")]
    as_text(evil, "n", URL)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/relative", "http://x y", "", "data:text/html,x", "http://x\n.y"]
)
def test_a_button_leads_to_the_web_only(url: str) -> None:
    with pytest.raises(ValueError, match="web address"):
        letter(button=("x", url))


def test_headers_of_a_message() -> None:
    message = sent(Row(), reply_to="Camille Dû <camille@reseau.example>")
    assert message["From"] == "Réseau <non@reseau.example>"
    assert message["To"] == "camille@reseau.example"
    assert message["Reply-To"] == "Camille Dû <camille@reseau.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message["Message-ID"] == "<01936000-0000-7000-8000-000000000001@reseau.example>"
    assert message["Date"].datetime == MOMENT
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in message.iter_parts()] == ["Été", "<p>Été</p>"]


def test_the_date_is_that_of_the_sending_the_id_that_of_the_mail() -> None:
    later = MOMENT.replace(hour=20)
    first, second = sent(Row()), sent(Row(claimed_at=later))
    assert second["Date"].datetime == later
    assert first["Message-ID"] == second["Message-ID"]


INJECTIONS = [
    "x\nBcc: y@evil.example",
    "x\r\nBcc: y@evil.example",
    "x\rBcc: y",
    "x\u2028Bcc: y",
    "x\x00y",
    "x\x85Bcc: y",
    "x\n\n<p>",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_subject_stays_one_line(text: str) -> None:
    message = sent(Row(subject=text))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("x ")
    assert [part.get_content().strip() for part in message.iter_parts()] == ["Été", "<p>Été</p>"]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_address_and_no_header_brings_another_one(text: str) -> None:
    for make in (
        lambda: as_message(Row(recipient=f"a@b.example{text[1:]}"), "a@b.example"),
        lambda: as_message(Row(), f"{text} <a@b.example>"),
        lambda: as_message(Row(), "a@b.example", reply_to=f"{text} <a@b.example>"),
        lambda: as_message(Row(headers={text: "x"}), "a@b.example"),
    ):
        with pytest.raises(ValueError):
            make()
    message = sent(Row(headers={"List-Unsubscribe": text}))
    assert message["Bcc"] is None
    assert message["List-Unsubscribe"].startswith("x ")
    assert sent(Row(lang=text))["Bcc"] is None


@pytest.mark.parametrize("name", ["From", "bcc", "To", "Message-ID", "Content-Type", "Subject", "Date"])
def test_headers_of_ours_are_not_given_by_others(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        as_message(Row(headers={name: "x"}), "a@b.example")


@pytest.mark.parametrize(
    "text",
    ["", "x", "@b.example", "a@", "a b@c.example", "a@b@c.example", "a@b.example, c@d.example", "a@b.example;c@d.example",
     "<a@b.example", "a@b.example>", "a@b c.example", "Nom <a@b.example> <c@d.example>", '"a b"@c.example', "(x)a@b.example"],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        letters.address(text)


def test_addresses() -> None:
    assert str(letters.address("a@b.example")) == "a@b.example"
    assert str(letters.address('"Réseau, Roubaix" <a@b.example>')) == '"Réseau, Roubaix" <a@b.example>'
    assert letters.address("Réseau, Roubaix <a@b.example>").display_name == "Réseau, Roubaix"
    assert letters.address("léa@mairie.example").addr_spec == "léa@mairie.example"
    assert letters.address("lea@santé.example").addr_spec == "lea@xn--sant-epa.example"
    assert letters.address("o'neil+tag@b.example").addr_spec == "o'neil+tag@b.example"


def test_the_site_of_the_settings() -> None:
    settings = Settings(secret="x" * 40, public_url=URL + "/", site_name=NAME, mail_from="R <r@reseau.example>")
    assert Site.of(settings) == Site(NAME, URL, "R <r@reseau.example>")


@pytest.mark.parametrize("value", [f"{URL}/x", "http://evil.example/verifier"])
def test_only_an_address_of_ours_becomes_a_link(value: str) -> None:
    """A place or a person can be named ``https://…``: their name must not be clickable in a mail of ours."""
    ours = letters.as_html(letter(facts=(("Fiche", letters.Link(value)),)), NAME, URL)
    theirs = letters.as_html(letter(facts=((value, value),), paragraphs=(value,), subject=value), NAME, URL)
    assert f'href="{value}"' in ours
    assert f'href="{value}"' not in theirs


def test_errors_do_not_say_addresses() -> None:
    with pytest.raises(ValueError) as caught:
        letters.address("nadia@@ici.example")
    assert "nadia" not in str(caught.value)
    with pytest.raises(ValueError) as caught:
        letter(button=("x", "/connexion/lien/abc"))
    assert "abc" not in str(caught.value)


def test_what_people_wrote_keeps_its_language_and_links_their_words() -> None:
    made = Letter(
        "essai", "fr", "Re: Titre", (Written("Un <b>\nدو", "ar", "rtl"), Go("Lire", URL + "/x"), Written("T", "en", "ltr", heads=True)),
        heading=Written("Titre", "ar", "rtl"), foot=(Go("Ne plus suivre", URL + "/stop"),),
    )  # fmt: skip
    html, text = as_html(made, NAME, URL), as_text(made, NAME, URL)
    assert 'lang="ar" dir="rtl">Titre</h1>' in html
    assert 'lang="ar" dir="rtl">Un &lt;b&gt;<br>' in html
    assert f'href="{URL}/x" style="color:#2d2b86;overflow-wrap:anywhere">Lire</a>' in html
    assert 'lang="en" dir="ltr">T</h2>' in html
    assert f"Lire\u00a0:\n{URL}/x\n\n* T" in text
    assert text.endswith(f"Ne plus suivre\u00a0:\n{URL}/stop\n")


@pytest.mark.parametrize("name", ["List-Unsubscribe", "References", "In-Reply-To"])
def test_a_long_address_in_a_header_stays_whole(name: str) -> None:
    value = f"<https://reseau.example/avis/stop/{'aB-_.' * 60}>"
    message = EmailMessage(policy=POLICY)
    message[name] = value
    assert message.as_bytes().splitlines()[0] == f"{name}: {value}".encode()

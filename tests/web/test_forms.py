"""Forms: what is refused comes back as it was filled in, with words that say what to do."""

from __future__ import annotations

from webtest import TestApp


def refused(client: TestApp, lang: str = "fr", **fields: str) -> TestApp:
    form = client.get(f"/form?langue={lang}").forms[1]
    for name, value in fields.items():
        form[name] = value
    return form.submit(status=422)


def test_errors_are_linked_and_nothing_is_lost(client: TestApp) -> None:
    html = refused(client, text="", mail="pas une adresse <i>").html
    summary = html.find(id="erreurs")
    assert "3 réponses à corriger" in summary.text
    assert summary["tabindex"] == "-1"
    assert [a["href"] for a in summary.find_all("a")] == ["#kind", "#text", "#mail"]
    for name in ("text", "mail"):
        one = html.find(id=name)
        assert one["aria-invalid"] == "true"
        assert html.find(id=one["aria-describedby"].split()[-1]).text.strip()
        assert html.find("label", {"for": name})
    assert html.find(id="mail")["value"] == "pas une adresse <i>"
    assert html.find(id="kind").name == "fieldset"
    assert html.find(id="kind-erreur").text.strip() == "Remplissez ce champ."
    assert html.find(id="text-erreur").text.strip() == "Remplissez ce champ."


def test_a_made_up_choice_is_refused_in_our_words(client: TestApp) -> None:
    page = client.get("/form")
    token = page.forms[1]["csrf_token"].value
    html = client.post("/form", {"csrf_token": token, "kind": "zzz", "text": "bonjour"}, status=422).html
    assert html.find(id="kind-erreur").text.strip() == "Choisissez une des réponses proposées."


def test_too_long_says_by_how_much_and_keeps_the_text(client: TestApp) -> None:
    html = refused(client, text="x" * 25, kind="a").html
    assert "25 caractères, 20 au plus" in html.find(id="text-erreur").text
    assert "1 réponse à corriger" in html.find(id="erreurs").text
    assert html.find(id="text").text == "x" * 25
    assert html.find("input", {"name": "kind", "value": "a"}).has_attr("checked")


def test_in_arabic_and_english(client: TestApp) -> None:
    html = refused(client, "ar", text="").html
    assert html.find("label", {"for": "text"}).text.strip() == "الدليل"
    assert "إجابتان للتصحيح" in html.find(id="erreurs").text
    assert html.find(id="mail")["dir"] == "ltr"
    english = refused(client, "en", text="").html
    assert english.find(id="text-erreur").text.strip() == "Fill in this field."
    assert "Open" in english.find(id="kind").text


def test_no_patient_data_is_said_in_the_form(client: TestApp) -> None:
    assert "N’écrivez rien sur la personne aidée" in client.get("/form").text


def test_the_decoy_is_hidden_and_tells_programs_apart(client: TestApp) -> None:
    page = client.get("/form")
    decoy = page.html.find("input", {"name": "adresse_du_site"})
    assert decoy["tabindex"] == "-1"
    assert decoy.find_parent(attrs={"aria-hidden": "true"})
    form = page.forms[1]
    form["text"], form["kind"], form["adresse_du_site"] = "bonjour", "a", "http://spam"
    assert form.submit().text == "spam"


def test_optional_fields_say_so(client: TestApp) -> None:
    html = client.get("/form").html
    assert "(facultatif)" in html.find("label", {"for": "mail"}).text
    assert "(facultatif)" not in html.find("label", {"for": "text"}).text
    assert html.find(id="text")["aria-required"] == "true"

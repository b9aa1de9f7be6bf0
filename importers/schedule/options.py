"""What each way of reading asks beside an address: plain fields of a form, kept in ``import_source.options``.

A secret is written and never shown again. An option that no field names (another version wrote it) is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from reseau.core.wording import _

MAX_LINES, MAX_LINE = 100, 500


@dataclass(frozen=True, slots=True)
class Option:
    """One option. ``kind``: ``line``, ``lines`` (a list, one word or code a line), ``address`` (http or https),
    ``secret``."""

    name: str
    kind: str
    label: str
    help: str = ""


_THEMES = Option(
    "themes", "lines", _("Thèmes à garder"),
    _("Un par ligne, comme la source les écrit. Vide : ceux qui sont prévus pour ce site."),
)  # fmt: skip
OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "lesbases": (
        _THEMES,
        Option(
            "publics", "lines", _("Publics à garder"), _("Un par ligne, comme Les Bases les écrit. Vide : ceux prévus.")
        ),
    ),
    "inclusion": (
        Option("services", "address", _("Adresse du fichier des services"), _("L’autre est celui des structures.")),
        Option(
            "token", "secret", _("Clé d’accès à l’API"),
            _(
                "Avec une clé, l’adresse est celle de l’API. Une clé enregistrée n’est plus jamais affichée ; si vous "
                "changez de site, elle est effacée : écrivez-la de nouveau."
            ),
        ),
        _THEMES,
    ),
    "veille": (
        Option("words", "lines", _("Garder seulement ce qui parle de"), _("Un mot par ligne. Vide : tout garder.")),
        Option("without", "lines", _("Écarter ce qui parle de"), _("Un mot par ligne.")),
        Option("theme", "line", _("Thème")),
        Option("lang", "line", _("Langue"), _("Un code : fr, en, ar…")),
    ),
    "agenda": (
        Option("structure", "line", _("Lieu qui organise"), _("Le numéro à la fin de l’adresse de sa fiche.")),
        Option("timezone", "line", _("Fuseau horaire"), _("Si l’agenda ne le dit pas : Europe/Paris…")),
        Option("lang", "line", _("Langue"), _("Un code : fr, en, ar…")),
    ),
}  # fmt: skip


def options_of(adapter: str) -> tuple[Option, ...]:
    """The options that a way of reading asks."""
    return OPTIONS.get(adapter, ())


def shown(option: Option, stored: Mapping[str, Any]) -> str:
    """An option as text for its field; of a secret, nothing."""
    value = stored.get(option.name)
    if value is None or option.kind == "secret":
        return ""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def merged(
    adapter: str, stored: Mapping[str, Any], written: Mapping[str, str], forgotten: Sequence[str]
) -> dict[str, Any]:
    """Options after a form. :param written: name → text. :param forgotten: names of secrets to take away."""
    found = dict(stored)
    for option in options_of(adapter):
        text = (written.get(option.name) or "").strip()
        if option.kind == "secret" and not text and option.name not in forgotten:
            continue
        value: Any = [line.strip() for line in text.splitlines() if line.strip()] if option.kind == "lines" else text
        if value:
            found[option.name] = value
        else:
            found.pop(option.name, None)
    return found


def without_secrets(adapter: str, found: Mapping[str, Any], written: Mapping[str, str]) -> dict[str, Any]:
    """Options without the secrets that are kept, but for those that are written anew: the addresses that they were
    for are no longer the same."""
    secrets = {option.name for option in options_of(adapter) if option.kind == "secret"}
    return {name: value for name, value in found.items() if name not in secrets or (written.get(name) or "").strip()}


def origins(adapter: str, location: str, stored: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Scheme, and host with its port, of all the addresses that a secret would be sent to."""
    named = (stored.get(option.name) for option in options_of(adapter) if option.kind == "address")
    found = set()
    for address in (location, *map(str, filter(None, named))):
        parts = urlsplit(address)
        port = {"http": ":80", "https": ":443"}.get(parts.scheme, "") if ":" not in parts.netloc else ""
        found.add((parts.scheme, parts.netloc.lower() + port))
    return frozenset(found)


def has_secret(option: Option, stored: Mapping[str, Any]) -> bool:
    """Whether a secret is kept."""
    return option.kind == "secret" and bool(stored.get(option.name))

"""What the DNS says of who may write in our name: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489).

A resolver that does not answer proves nothing: it is said, and is no fault of the site.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.resolver
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from reseau.settings import Settings, is_private_host

OK, WARN, BAD, SILENT = "ok", "attention", "erreur", "sans réponse"
SECONDS = 4.0  # for one question, all servers together
_NOBODYS = (".example", ".invalid", ".test", ".localhost", ".local")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at. ``code``: for programs. ``level``: of those above. ``said``: one French sentence."""

    code: str
    level: str
    said: str


#: (name, type) → the records as text; [] there is none; None: nobody answered.
Lookup = Callable[[str, str], "list[str] | None"]


def lookup(server: str = "") -> Lookup:
    """Asks the resolvers of the machine, or ``address`` or ``address:port``.

    :raises ValueError: it is no address.
    """
    try:
        resolver = dns.resolver.Resolver(configure=not server)
        if server:
            host, mark, port = server.rpartition(":")
            resolver.nameservers = [(host if mark else server).strip("[]")]
            resolver.port = int(port) if mark else 53
    except dns.resolver.NoResolverConfiguration:
        return lambda _name, _kind: None
    resolver.lifetime = SECONDS

    def ask(name: str, kind: str) -> list[str] | None:
        try:
            found = resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError):
            return None
        return [_text(one) for one in found]

    return ask


def _text(record: object) -> str:
    pieces = getattr(record, "strings", None)  # TXT: cut into pieces of 255 bytes
    return b"".join(pieces).decode("utf-8", "replace") if pieces else str(record)


def records(settings: Settings, sender: str, ask: Lookup) -> list[Finding]:
    """All of a site. :param sender: domain of the sender of its letters."""
    if is_private_host(sender) or f".{sender}".endswith(_NOBODYS):
        return [Finding("dns", WARN, f"L’adresse d’expéditeur est en « {sender} » : ce domaine n’existe pas sur"
                                     " internet. Réglez mail_from (et letter_from).")]  # fmt: skip
    back = settings.letter_bounces.rpartition("@")[2].lower()
    found = [_spf(back or sender, ask)]
    if back and back != sender:
        found.append(_spf(sender, ask))
    if back:
        found.append(_mx(back, ask))
    return [*found, _dkim(settings, sender, ask), _dmarc(sender, ask)]


def _silent(code: str, name: str) -> Finding:
    return Finding(code, SILENT, f"Pas de réponse du DNS pour {name} : rien n’a pu être vérifié.")


def _spf(domain: str, ask: Lookup) -> Finding:
    found = ask(domain, "TXT")
    if found is None:
        return _silent("spf", domain)
    policies = [one for one in found if re.match(r"v=spf1( |$)", one, re.I)]
    if not policies:
        return Finding("spf", WARN, f"{domain} n’a pas d’enregistrement SPF : ajoutez un TXT « v=spf1 … -all » qui"
                                    " nomme votre serveur de mail.")  # fmt: skip
    if len(policies) > 1:
        return Finding("spf", BAD, f"{domain} a {len(policies)} enregistrements SPF : un seul est permis, les serveurs"
                                   " les ignorent tous.")  # fmt: skip
    if re.search(r"(?:^| )\+?all( |$)", policies[0], re.I):
        return Finding("spf", BAD, f"Le SPF de {domain} se termine par « +all » : il permet à tout le monde d’écrire en"
                                   " son nom.")  # fmt: skip
    return Finding("spf", OK, f"SPF de {domain} : {policies[0][:120]}")


def _mx(domain: str, ask: Lookup) -> Finding:
    found = ask(domain, "MX")
    if found is None:
        return _silent("retours-mx", domain)
    if not found and not ask(domain, "A"):
        return Finding("retours-mx", BAD, f"Aucun serveur ne reçoit le mail de {domain} : les retours de letter_bounces"
                                          " se perdent.")  # fmt: skip
    return Finding("retours-mx", OK, f"Les retours arrivent chez {domain}.")


def _dkim(settings: Settings, domain: str, ask: Lookup) -> Finding:
    if not settings.dkim_selector:
        return Finding("dkim", WARN, "dkim_selector est vide : la signature DKIM n’a pas pu être vérifiée. Si votre"
                                     " serveur signe, donnez son sélecteur.")  # fmt: skip
    name = f"{settings.dkim_selector}._domainkey.{domain}"
    found = ask(name, "TXT")
    if found is None:
        return _silent("dkim", name)
    keys = [_tags(one).get("p", "") for one in found if "p=" in one]
    if not any(keys):
        why = "a été révoquée (p= vide)" if keys else "n’est pas publiée"
        return Finding("dkim", BAD, f"La clé DKIM {name} {why} : les signatures ne valent rien.")
    if settings.dkim_key:
        ours = public_key(Path(settings.dkim_key))
        if ours is None:
            return Finding("dkim", BAD, "Le fichier de dkim_key ne contient pas de clé privée lisible (PEM).")
        if not any(_same(ours, one) for one in keys):
            return Finding("dkim", BAD, f"La clé publiée en {name} n’est pas celle de dkim_key : les signatures sont"
                                        " fausses.")  # fmt: skip
    return Finding("dkim", OK, f"La clé DKIM {name} est publiée.")


def _dmarc(domain: str, ask: Lookup) -> Finding:
    """That of the domain, else of the domains above it; the last label is nobody's."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = "_dmarc." + ".".join(labels[start:])
        found = ask(name, "TXT")
        if found is None:
            return _silent("dmarc", name)
        policies = [one for one in found if re.match(r"v=DMARC1\s*(;|$)", one, re.I)]
        if len(policies) > 1:
            return Finding("dmarc", BAD, f"{name} a plusieurs enregistrements DMARC : les serveurs les ignorent tous.")
        if policies:
            policy = _tags(policies[0]).get("p", "")
            if policy not in ("none", "quarantine", "reject"):
                return Finding("dmarc", BAD, f"Le DMARC {name} ne dit pas quoi faire (p=none, quarantine ou reject).")
            return Finding("dmarc", OK, f"DMARC {name} : {policy}.")
    return Finding("dmarc", WARN, f"{domain} n’a pas d’enregistrement DMARC : commencez par « v=DMARC1; p=none » en"
                                  f" _dmarc.{domain}.")  # fmt: skip


def _tags(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, _mark, value in pairs}


def public_key(path: Path) -> bytes | None:
    """What the DNS has of a private key, in DER (raw for Ed25519, RFC 8463). None: it cannot be read."""
    try:
        public = load_pem_private_key(path.read_bytes(), None)
        if isinstance(public, Ed25519PrivateKey):
            return public.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return public.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm, AttributeError):
        return None


def _same(ours: bytes, published: str) -> bool:
    try:
        theirs = base64.b64decode(published, validate=True)
    except ValueError:
        return False
    return theirs == ours or (len(theirs) > 32 and ours.endswith(theirs))  # some publish the bare RSAPublicKey

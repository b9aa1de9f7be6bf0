"""DKIM signatures (RFC 6376; Ed25519: RFC 8463; key sizes: RFC 8301) of messages that we made ourselves.

Only signing, and only of what is already canonical: header fields are unfolded by who makes them, bodies hold no run of
spaces and none at the end of a line (``message`` sees to it). So "relaxed" costs nothing, and survives relays that
change spaces. The arithmetic is that of ``cryptography``; why no library does the rest: docs/decisions/034-dkim.md.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reseau.settings import Settings

LEAST_BITS = 1024  # RFC 8301 §3.2; 2048 is what one should have
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_WIDTH = 72
Field = tuple[str, str]


class WrongKey(ValueError):
    """The key or the selector cannot be used; its text says why, in French, to who runs the site."""


class Signer:
    """Signs for one domain. Any number of threads may use it at once.

    :param pem: private key, RSA or Ed25519, PEM without a password. :raises WrongKey: it is not one.
    """

    def __init__(self, pem: bytes, selector: str, domain: str) -> None:
        if not _SELECTOR.fullmatch(selector):
            raise WrongKey("reseau.dkim_selector n’est pas un sélecteur DKIM")
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise WrongKey("reseau.dkim_key n’est pas une clé privée PEM sans mot de passe") from None
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size < LEAST_BITS:
            raise WrongKey(f"reseau.dkim_key : une clé RSA de moins de {LEAST_BITS} bits n’est acceptée de personne")
        if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
            raise WrongKey("reseau.dkim_key n’est ni une clé RSA ni une clé Ed25519")
        self._key, self._selector, self._domain = key, selector, domain
        self._algorithm = "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"

    def header(self, fields: Sequence[Field], body_hash: bytes, now: datetime, more: Sequence[str] = ()) -> bytes:
        """The ``DKIM-Signature`` field, folded, with its line end.

        :param fields: (name, unfolded value) of what is signed, each name once. :param body_hash: SHA-256 of the body.
        :param more: names signed once more as absent: nobody can add a second one (RFC 6376 §8.15).
        """
        names = ":".join([*(name.lower() for name, _ in fields), *(name.lower() for name in more)])
        tags = [
            f"v=1; a={self._algorithm}; c=relaxed/relaxed; d={self._domain}; s={self._selector};",
            f"t={int(now.timestamp())};",
            f"h={names};",
            f"bh={base64.b64encode(body_hash).decode()};",
            "b=",
        ]
        signed = "".join(f"{relaxed(name, value)}\r\n" for name, value in fields)
        signed += relaxed("DKIM-Signature", " ".join(tags))  # itself last, without its line end (RFC 6376 §3.7)
        value = base64.b64encode(self._sign(signed.encode())).decode()
        lines = "\r\n ".join(value[at : at + _WIDTH] for at in range(0, len(value), _WIDTH))
        return ("DKIM-Signature: " + "\r\n ".join(tags) + lines + "\r\n").encode()

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(hashlib.sha256(signed).digest())  # RFC 8463 §3: of the hash


def relaxed(name: str, value: str) -> str:
    """A header field in the "relaxed" form (RFC 6376 §3.4.2), without its line end."""
    return f"{name.lower()}:{' '.join(value.split())}"


def signer_of(settings: Settings, domain: str) -> Signer | None:
    """Who signs for the domain of the sender, if the settings say so. :raises WrongKey: they say so, and it cannot be:
    letters then wait, rather than leave without what others ask of us."""
    if not settings.dkim_key:
        return None
    try:
        pem = Path(settings.dkim_key).read_bytes()
    except OSError as error:
        raise WrongKey(f"reseau.dkim_key ne se lit pas ({type(error).__name__})") from None
    return Signer(pem, settings.dkim_selector, domain)

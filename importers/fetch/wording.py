"""What sentences may say of addresses and of failures: no token, nor what a library says of the whole address."""

from __future__ import annotations

import re
import socket
import ssl
from urllib.parse import urlsplit, urlunsplit

import requests

from importers.fetch.guarding import causes
from reseau.core.masking import masked

#: Names of parameters that hold a secret; and values that look like one: long, of letters and figures mixed.
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[^a-z])(?:api[-_]?|access[-_]?|private[-_]?)?"
    r"(?:token|jeton|key|cle|secret|sig|signature|auth|passw(?:or)?d|pass|pwd|mdp|code)$"
)
_SECRET_VALUE = re.compile(r"(?=[^=]*\d)(?=[^=]*[A-Za-z])[\w.~+/-]{24,}={0,2}")
_NO_SUCH_HOST = (socket.EAI_NONAME, socket.EAI_NODATA) if hasattr(socket, "EAI_NODATA") else (socket.EAI_NONAME,)


def is_web(location: str) -> bool:
    """Whether it is an http(s) address, also one that is not valid; else it is a path."""
    return re.match(r"(?i)https?://", location) is not None


def shown(location: str) -> str:
    """``location`` as a sentence, a page or a log may show it: no password, no token, no mail address."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return masked(location)
    if not parts.netloc:  # a path
        return location
    pairs = [_without_secret(pair) for pair in parts.query.split("&")] if parts.query else []
    host = parts.netloc.rpartition("@")[2]
    return masked(urlunsplit((parts.scheme, host, parts.path, "&".join(pairs), "")))


def _without_secret(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if _SECRET_NAME.search(name) or _SECRET_VALUE.fullmatch(value or name):
        return f"{name}=…" if equals else "…"
    return pair


def said(error: BaseException) -> str:
    """A failure of the network, in plain words."""
    for cause in causes(error):
        if isinstance(cause, (ssl.SSLError, requests.exceptions.SSLError)):
            return "le certificat du serveur n’est pas valable"
        if isinstance(cause, socket.gaierror):
            return "le serveur est introuvable" if cause.errno in _NO_SUCH_HOST else "le nom du serveur ne répond pas"
        if isinstance(cause, ConnectionRefusedError):
            return "le serveur refuse la connexion"
        if isinstance(cause, (TimeoutError, requests.Timeout)):
            return "le serveur ne répond pas"
        if isinstance(cause, ValueError):
            return "l’adresse n’est pas valable"
    return "la connexion a été coupée"

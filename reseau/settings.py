"""Every setting of the application: one frozen object, read once, from the ini file and the environment.

The environment wins (``RESEAU_DATABASE_URL`` over ``reseau.database_url``). Nothing else in the house reads
``os.environ`` or a settings dictionary: a setting that is not a field here does not exist. Each field is
described in ``docs/operations.md``; a test compares the two.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

PREFIX_INI = "reseau."
PREFIX_ENV = "RESEAU_"


class SettingsError(ValueError):
    """A setting is missing or makes no sense: the application refuses to start and says which one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, typed. See ``docs/operations.md`` for what each one does and its default."""

    secret: str = field(repr=False)
    data_dir: Path = Path("var")
    database_url: str = ""
    search: str = ""
    search_interval: float = 1.0
    public_url: str = "http://localhost:6543"
    demo: bool = False
    secure_cookies: bool = True
    site_name: str = "Réseau"
    territory_name: str = ""
    territory: tuple[str, ...] = ()
    timezone: str = "Europe/Paris"
    country: str = "FR"
    default_language: str = "fr"
    sources: tuple[str, ...] = ("cartographie",)
    tiles_url: str = ""
    tiles_attribution: str = ""
    threads: int = 4
    trusted_proxy: str = ""
    allow_private_addresses: bool = False
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "Réseau <ne-pas-repondre@localhost>"
    files_quota: int = 2_000
    files_max: int = 200
    files_scan: str = ""
    resources_review: bool = False
    mail_replies: str = ""
    mail_inbox: str = field(default="", repr=False)
    letter_from: str = ""
    letter_bounces: str = ""
    letter_inbox: str = field(default="", repr=False)
    letter_rate: int = 300
    letter_domain_rate: int = 60
    letter_connections: int = 2
    letter_refusals: int = 10
    letter_approval: bool = False
    dkim_key: str = ""
    dkim_selector: str = ""
    data_licence: str = ""
    data_licence_url: str = ""

    def __post_init__(self) -> None:
        if len(self.secret) < 32:
            raise SettingsError(
                "reseau.secret (RESEAU_SECRET) is missing or shorter than 32 characters; "
                "`reseau init` writes one into the data folder"
            )
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data_dir / 'reseau.sqlite3'}")
        if not self.search:
            object.__setattr__(self, "search", "whoosh" if self.is_sqlite else "postgresql")
        if self.search not in ("whoosh", "postgresql", "null"):
            raise SettingsError(f"reseau.search: {self.search!r} is not one of whoosh, postgresql, null")
        if self.search == "postgresql" and self.is_sqlite:
            raise SettingsError("reseau.search: postgresql needs a PostgreSQL reseau.database_url")
        if self.default_language not in LANGUAGES:
            raise SettingsError(f"reseau.default_language: {self.default_language!r} is not one of {LANGUAGES}")
        if self.demo and not is_private_host(urlsplit(self.public_url).hostname or ""):
            raise SettingsError(
                f"reseau.demo: anyone signs in with one click, so it is refused for a public host ({self.public_url})"
            )
        self._check_files()
        if self.smtp_url:
            smtp_parts(self.smtp_url)
        self._check_replies()
        if not self.mail_from.isprintable() or not all(parseaddr(self.mail_from)[1].partition("@")):
            raise SettingsError(f"reseau.mail_from: {self.mail_from!r} is not of the form Name <address>")

    def _check_files(self) -> None:
        if not 1 <= self.files_max <= 2_000 or self.files_quota < self.files_max:
            raise SettingsError("reseau.files_max is 1 to 2000 (MB), and reseau.files_quota at least as much")
        scan_address(self.files_scan)

    def _check_replies(self) -> None:
        local, _, domain = self.mail_replies.rpartition("@")
        if self.mail_replies and not (
            local and domain and len(local) <= MAX_REPLIES and self.mail_replies.isascii()
            and self.mail_replies.isprintable() and not set("+ <>,;:\"()[]\\") & set(self.mail_replies)
        ):  # fmt: skip
            raise SettingsError(f"reseau.mail_replies is one plain address, {MAX_REPLIES} characters before the @")
        if self.mail_inbox:
            imap_parts(self.mail_inbox)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file of this machine."""
        return self.database_url.startswith("sqlite")

    @property
    def index_dir(self) -> Path:
        """Folder of the Whoosh index. It is a cache: it can be deleted at any time."""
        return self.data_dir / "index"

    @property
    def files_dir(self) -> Path:
        """Folder of what people share, by SHA-256. It is not a cache: it is part of what is backed up."""
        return self.data_dir / "files"


def is_private_host(host: str) -> bool:
    """Whether a host name is this machine's or of a private network: ``localhost``, ``*.localhost``, a private address.

    A name without a dot is a machine of the local network; any other name may be public, whatever it resolves to today.
    """
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(host) and (host.endswith(".localhost") or "." not in host)


def is_private_listener(host: str) -> bool:
    """Whether a server that listens there is heard by this machine or a private network only.

    ``0.0.0.0``, ``::`` and "" are every network of the machine. A name counts by what it means on this machine.
    """
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host or None, None, flags=socket.AI_PASSIVE)}
        listened = [ipaddress.ip_address(str(one).partition("%")[0]) for one in found]
    except (OSError, ValueError):
        return False
    listened = [getattr(one, "ipv4_mapped", None) or one for one in listened]
    return not any(one.is_unspecified or one.is_global for one in listened)


def smtp_parts(url: str) -> SplitResult:
    """The parts of ``smtp_url``.

    :raises SettingsError: it is not ``smtp://`` or ``smtps://`` with a host. It does not repeat the address: there may
        be a password in it.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in ("smtp", "smtps") and parts.hostname and parts.path in ("", "/") and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise SettingsError(
        "reseau.smtp_url is not smtp://host:port, smtp://user:password@host:port nor smtps://… "
        "(in the password, write / # @ : as %2F %23 %40 %3A)"
    ) from None


def imap_parts(url: str) -> SplitResult:
    """The parts of ``mail_inbox``; its path is the folder (``INBOX`` by default).

    :raises SettingsError: it is not ``imaps://user:password@host/folder`` (``imap://`` only of this machine or a
        private network: the password would be read on its way). It does not repeat the address.
    """
    try:
        parts = urlsplit(url)
        private = parts.scheme == "imap" and is_private_host(parts.hostname or "")
        if (parts.scheme == "imaps" or private) and parts.hostname and parts.username and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise SettingsError(
        "reseau.mail_inbox is not imaps://user:password@host/folder (in the password, write / # @ : as %2F %23 %40 %3A)"
    ) from None


def scan_address(setting: str) -> str | tuple[str, int] | None:
    """Where the virus scanner of ``files_scan`` listens: path of a Unix socket, or (host, port); "" for none.

    :raises SettingsError: it is neither ``unix:/path`` nor ``tcp:host:port``.
    """
    if not setting:
        return None
    kind, _, rest = setting.partition(":")
    host, _, port = rest.rpartition(":")
    if kind == "unix" and rest.startswith("/"):
        return rest
    if kind == "tcp" and host and port.isdecimal() and 0 < int(port) < 65536:
        return host.strip("[]"), int(port)
    raise SettingsError(f"reseau.files_scan: {setting!r} is neither unix:/path/of/socket nor tcp:host:port")


LANGUAGES = ("fr", "en", "ar")
#: Characters of ``mail_replies`` before its @: with "+" and 42 more they are 64 at most (RFC 5321 §4.5.3.1.1).
MAX_REPLIES = 21
_TRUE, _FALSE = {"1", "true", "yes", "on", "oui"}, {"0", "false", "no", "off", "non", ""}


def load(ini: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Build the settings from an ini section and the environment.

    :param ini: mapping with ``reseau.*`` keys (the ``[app:main]`` section); other keys are ignored.
    :param environ: defaults to ``os.environ``.
    :raises SettingsError: unknown ``reseau.*`` key, value of the wrong type, missing secret.
    """
    environ = os.environ if environ is None else environ
    raw = {k.removeprefix(PREFIX_INI): str(v) for k, v in (ini or {}).items() if k.startswith(PREFIX_INI)}
    known = {f.name: f for f in fields(Settings)}
    if unknown := sorted(set(raw) - set(known)):
        raise SettingsError(f"unknown setting: {', '.join(PREFIX_INI + name for name in unknown)}")
    for name in known:
        if (value := environ.get(PREFIX_ENV + name.upper())) is not None:
            raw[name] = value
    values = {name: _convert(name, known[name].type, value) for name, value in raw.items()}
    values.setdefault("data_dir", Path("var"))
    values.setdefault("secret", _stored_secret(values["data_dir"]))
    return Settings(**values)


def _stored_secret(data_dir: Path) -> str:
    """The secret that ``reseau init`` wrote, or "" (which ``Settings`` refuses)."""
    try:
        return (data_dir / "secret").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _convert(name: str, kind: object, value: str) -> Any:
    value = value.strip()
    if kind == "bool":
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise SettingsError(f"reseau.{name}: {value!r} is neither true nor false")
    try:
        if kind == "int":
            return int(value)
        if kind == "float":
            return float(value)
    except ValueError:
        raise SettingsError(f"reseau.{name}: {value!r} is not a number") from None
    if kind == "Path":
        return Path(value)
    if kind == "tuple[str, ...]":
        return tuple(part.strip() for part in value.replace("\n", ",").split(",") if part.strip())
    return value

"""Entering without a password: a mailed link, signed, that opens one session within 15 minutes.

Nothing here tells whether an address has an account: whoever asks gets the same answer, by the same statements; only
the mail differs. A link is used by a POST, in one UPDATE that can succeed only once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reseau.core import tokens
from reseau.core.actors import Actor, Side
from reseau.core.db import affected
from reseau.core.ids import new_id, parse_id
from reseau.core.letters import Letter, Site
from reseau.core.limits import Limit, allow, allow_network
from reseau.core.mail import queue
from reseau.members import drafts, emails, invitations, sessions
from reseau.members.models import Person, PersonSession, PersonState, SignIn
from reseau.web.csrf import renew
from reseau.web.security import SESSION_COOKIE, Role

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

PURPOSE = "sign-in"
VALID = timedelta(minutes=15)
KEPT = timedelta(hours=24)
#: From one network. One count for an address alone would let anybody keep its owner out.
PER_SENDER = Limit("sign-in:sender", 5, timedelta(hours=1))
#: From everywhere. Over it, a mail leaves only when no link that was mailed can be used any more.
PER_ADDRESS = Limit("sign-in:address", 20, timedelta(hours=1))
PER_NETWORK = Limit("sign-in:network", 30, timedelta(hours=1))
MAX_NEXT = 2000
#: What a path and a query may hold as it is (RFC 3986 §3.3, §3.4, and "%" of what is written already).
_KEPT_CHARS = "/?%:@!$&'()*+,;=~-._[]"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")


# --- where to go then -----------------------------------------------------------------------------------------


def safe_next(text: str | None) -> str:
    """``text`` if it is a path of this site, in ASCII, else "": nobody is sent elsewhere by a link of ours.

    Refused: what does not start with one ``/``, ``//`` and backslashes (browsers take them for another host), control
    characters (browsers drop them), over 2,000 characters, and the pages of sign-in themselves.
    """
    if not text or len(text) > MAX_NEXT or not text.startswith("/") or _CONTROL.search(text):
        return ""
    path = text.partition("#")[0]
    only_path = path.partition("?")[0]
    if "//" in only_path or re.search(r"/connexion(/|$)", only_path):
        return ""
    return quote(path, safe=_KEPT_CHARS, errors="replace")


# --- asking for a link ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone asks for. :param email: normal form. :param lang: of the mail to an unknown address.

    :param held: see :func:`hold`.
    """

    email: str
    lang: str
    next: str = ""
    held: dict[str, Any] | None = None


def may_ask(session: Session, email: str, network: str, now: datetime) -> bool:
    """Count one more link asked for this address from this network; judged before the address is looked up."""
    mine = allow_network(session, PER_SENDER, network, now, email)
    return mine and allow_network(session, PER_NETWORK, network, now)


def by_address(session: Session, email: str) -> Person | None:
    """The person of an address, whatever their state."""
    return session.scalars(sa.select(Person).where(Person.email == email)).first()


def ask(session: Session, asked: Asked, *, secret: str, site: Site, now: datetime) -> bool:
    """Mail a link, or say that the account is suspended. Links asked for before stay good until they expire.

    :param secret: of the site, to sign with.
    :return: False when no mail leaves: too many did (``PER_ADDRESS``), and the last one still serves. Who asks is told
        the same.
    """
    if not allow(session, PER_ADDRESS, asked.email, now) and _still_serves(session, asked.email, now):
        return False
    person = by_address(session, asked.email)
    suspended = person is not None and person.state != PersonState.ACTIVE.value
    row = SignIn(
        id=new_id(), email=asked.email, person_id=person.id if person else None, next=asked.next, held=asked.held,
        created_at=now, used_at=now if suspended else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    link = f"{site.url}/connexion/lien/{tokens.sign(secret, PURPOSE, str(row.id), now)}"
    queue(
        session, _letter(person, suspended, asked.lang, link), asked.email, site=site, now=now, expires_at=now + VALID
    )
    return True


def _still_serves(session: Session, email: str, now: datetime) -> bool:
    """Whether a link lies in that mailbox, or the answer to someone suspended, who gets no link."""
    unused = sa.or_(SignIn.used_at.is_(None), Person.state == PersonState.SUSPENDED.value)
    found = sa.select(SignIn.id).outerjoin(Person, Person.id == SignIn.person_id)
    young = (SignIn.email == email, SignIn.created_at > now - VALID)
    return session.execute(found.where(*young, unused).limit(1)).first() is not None


def _letter(person: Person | None, suspended: bool, lang: str, link: str) -> Letter:
    if person is None:
        return emails.create_account(lang, link)
    return emails.suspended(person.lang) if suspended else emails.open_session(person.lang, link)


# --- a form that was sent without a session -------------------------------------------------------------------


def hold(path: str, fields: drafts.Fields, browser: str) -> dict[str, Any] | None:
    """A form to be sent again once its sender is signed in (``SignIn.held``).

    :param path: where it goes; only a path of this site. :param browser: the anti-forgery token of the browser that
        asks: only that browser may send it. Anybody can ask a link for the address of someone else, and could hand
        them, signed in, a form of their own making.
    :return: None when there is nothing to hold, or too much.
    """
    clean = [[name.replace("\x00", ""), value.replace("\x00", "")] for name, value in fields]
    if not (safe := safe_next(path)) or not clean or drafts.size([(k, v) for k, v in clean]) > drafts.MAX_SIZE:
        return None
    return {"path": safe, "fields": clean, "browser": tokens.digest(browser)}


@dataclass(frozen=True, slots=True)
class Resumable:
    """A held form as shown to who is signed in. ``own``: sent by this browser; else it is only shown, to be copied."""

    path: str
    fields: drafts.Fields
    own: bool


def resumable(session: Session, session_id: UUID) -> Resumable | None:
    """The form that waits in a session, or None."""
    held = session.get_one(PersonSession, session_id).resume
    if not held:
        return None
    return Resumable(held["path"], [(name, value) for name, value in held["fields"]], held["own"])


def discard(session: Session, session_id: UUID) -> None:
    """Throw the held form of a session away."""
    if row := session.get(PersonSession, session_id):  # none: its owner has just deleted their account
        row.resume = None


# --- using a link ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is now. ``person``: whose session it opens; None: an account is to be made.

    ``alive``: it can still be used. ``next`` and ``held`` are good for a new link even when it cannot.
    """

    row: SignIn
    person: Person | None
    alive: bool


def find(session: Session, token: str, *, secret: str, now: datetime) -> Link | None:
    """What a link means; None when it was not written by us for this, or was forgotten since."""
    payload = tokens.read(secret, PURPOSE, token, KEPT, now)
    id_ = parse_id(payload) if isinstance(payload, str) else None
    row = session.get(SignIn, id_) if id_ else None
    if row is None:
        return None
    person = session.get(Person, row.person_id) if row.person_id else by_address(session, row.email)
    # An address that was changed since: the link went to a mailbox that opens that account no more.
    theirs = person is None or (person.state == PersonState.ACTIVE.value and person.email == row.email)
    young = tokens.read(secret, PURPOSE, token, VALID, now) is not None
    return Link(row, person, young and theirs and row.used_at is None)


def held_by(session: Session, token: str, email: str, *, secret: str, now: datetime) -> dict[str, Any] | None:
    """The form that a link which expired was holding, for another link to the same address."""
    link = find(session, token, secret=secret, now=now)
    return link.row.held if link and link.row.email == email and link.row.used_at is None else None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody without an account says of themselves."""

    name: str
    lang: str


@dataclass(frozen=True, slots=True)
class Entering:
    """Who enters by a link. ``next``: a path of this site, or "". ``held``: for ``PersonSession.resume``."""

    person: Person
    next: str
    held: dict[str, Any] | None


def use(session: Session, link: Link, newcomer: Newcomer | None, token: str, now: datetime) -> Entering | None:
    """Use a link up; make the account first when there is none. The session is for :func:`enter` to open.

    :param newcomer: needed when ``link.person`` is None. :param token: see ``browser`` of :func:`hold`.
    :return: None when the link was used meanwhile.
    """
    once = sa.update(SignIn).where(SignIn.id == link.row.id, SignIn.used_at.is_(None)).values(used_at=now)
    if not link.alive or affected(session, once) != 1:
        return None
    person = link.person or _create(session, link.row.email, newcomer, now)
    if person is None:
        return None
    held = None
    if was := link.row.held:
        held = {"path": was["path"], "fields": was["fields"], "own": was["browser"] == tokens.digest(token)}
    link.row.held = None  # it is the session's now
    return Entering(person, link.row.next, held)


def _create(session: Session, email: str, newcomer: Newcomer | None, now: datetime) -> Person | None:
    """A new account; the one that another link made at the same moment; None when that one cannot be entered."""
    if newcomer is None:
        raise ValueError("a link without an account needs a name")
    made = Person(id=new_id(), email=email, name=newcomer.name, lang=newcomer.lang, created_at=now, last_seen_at=now)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        known = by_address(session, email)
        return known if known and known.state == PersonState.ACTIVE.value else None
    return made


def first_page(session: Session, person: Person, now: datetime) -> str:
    """Where somebody goes who did not ask for a page: the desk for those whom work awaits, else their account, where
    they see the invitations that wait for their yes.
    """
    if person.email and invitations.pending_for(session, person.email, now):
        return "/compte"
    at_desk = {Role.COORDINATOR.value, Role.ADMINISTRATOR.value} & set(person.roles)
    refers = Role.REFERENT in sessions.places_of(session, person.id).values()
    return "/gestion" if at_desk or refers else "/compte"


# --- the session of a browser ---------------------------------------------------------------------------------


def enter(request: Request, person: Person, response: Response, held: dict[str, Any] | None = None) -> Response:
    """Sign a person in to the browser that asks: a new session and a new anti-forgery token, whatever it had before.

    Whoever was signed in there is signed out. :param response: gets the cookies. :return: the same response.
    """
    db, now = request.db, request.registry["clock"]()
    if request.identity:
        sessions.end_session(db, request.identity.session_id, request.identity.person_id, now)
    opened_on, network = device(request.user_agent), request.network
    secret = sessions.open_session(db, person.id, now, device=opened_on, network=network, held=held)
    send_cookie(request, response, secret)
    _renewed(request)
    # Who acts here is who comes in, not who was there before.
    request.actor = Actor(Side.PERSON, person.id, request.network)
    return response


def leave(request: Request, response: Response) -> Response:
    """Take the session's cookie away from the browser that asks. The session itself is ended by the caller."""
    acting = request.actor  # who leaves, for the journal: in a moment nobody is signed in
    response.delete_cookie(SESSION_COOKIE, path=request.script_name or "/")
    _renewed(request)
    request.actor = acting
    return response


def send_cookie(request: Request, response: Response, secret: str) -> None:
    """Give the browser its session for ``sessions.LASTS`` from now."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=sessions.LASTS,
        path=request.script_name or "/",
        secure=request.config.secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def _renewed(request: Request) -> None:
    renew(request)
    request.registry["security.policy"].forget_identity(request)


# --- the browser, in words ------------------------------------------------------------------------------------

#: First match wins: most browsers also claim to be the others.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
             ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device(user_agent: str | None) -> str:
    """``Firefox / Windows``, for the list of sessions; "" when unknown. Names only: no version, no fingerprint."""
    found = user_agent or ""
    names = [next((name for mark, name in table if mark in found), "") for table in (_BROWSERS, _SYSTEMS)]
    return " / ".join(filter(None, names))

"""What a server's words mean for an address: dead, not now, or nothing of its own. Pure.

Enhanced status codes: RFC 3463 and the IANA registry; where servers use them otherwise, their text decides: the same
``5.5.0`` says "unknown mailbox" at one provider and "protocol error" at another.
"""

from __future__ import annotations

import enum
import re

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.])([45])([0-5])(\d)(?=[ \-:;,.)\]]|$)(?!\.\d)")


class Verdict(enum.StrEnum):
    """``HARD``: nobody is there. ``SOFT``: gave up for now (full, away, too slow). ``POLICY``: our letter was refused,
    not the address."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


#: Words by which servers say that nobody is there: Postfix, Exim, Exchange, qmail, Gmail, Orange, Free, LaPoste.
_UNKNOWN = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|mailbox|local)|no such (?:user|recipient|mailbox|person)|"
    r"no mailbox (?:here )?by that name|does(?:n.t| not) exist|not (?:a )?(?:known|valid) (?:user|recipient|mailbox)|"
    r"invalid (?:recipient|mailbox|user)|address(?:ee)? (?:rejected: undeliverable|unknown)|mailbox (?:not found|"
    r"unavailable)|recipient(?:s)? (?:not found|unknown|address rejected: user)|recipnotfound|recipientnotfound|"
    r"account (?:is )?(?:disabled|inactive|closed|that you tried to reach)|mailbox (?:is )?(?:disabled|inactive)|"
    r"user (?:not found|doesn.t|does not)|unrouteable address|host (?:or domain name )?not found|"
    r"domain (?:name )?not found|"
    r"(?:utilisateur|destinataire|compte|adresse|boite?|bo[iî]te aux lettres|domaine)\b.{0,40}?"
    r"(?:inconnu|inexistant|introuvable|n.existe pas|d[ée]sactiv|invalide|ferm[ée])|adresse .{0,20}n.a pas [ée]t[ée] "
    r"trouv",
    re.I | re.S,
)
_FULL = re.compile(
    r"(?:mailbox|quota|inbox|account|disk|storage|bo[iî]te|espace)\b.{0,40}?(?:full|exceed|over|pleine?|satur|d[ée]pass|"
    r"insuffi)|over\s?quota|quota exceeded|insufficient (?:system )?storage|out of (?:storage|disk)",
    re.I | re.S,
)
_POLICY = re.compile(
    r"\bspam\b|\bspf\b|\bdkim\b|\bdmarc\b|blocklist|block list|blacklist|black list|rbl\b|dnsbl|reputation|"
    r"ind[ée]sirable|unsolicited|content (?:rejected|refused)|message (?:rejected|refused|blocked) (?:as|due|for|"
    r"because)|policy|authentication|authentifi|too many (?:messages|connections)|rate limit|access denied|"
    r"not authori[sz]ed|relay(?:ing)? (?:access )?denied|unable to relay|too (?:large|big)|size (?:limit|exceed)|"
    r"trop (?:gros|volumineux)|virus",
    re.I,
)
#: By subject and detail. What is not here: 5.1 hard, 5.7 and 5.6 policy, all others by their words.
_BY_CODE = {
    "5.1.7": Verdict.POLICY, "5.1.8": Verdict.POLICY,  # it is our address as a sender that they do not like
    "5.1.9": Verdict.POLICY,
    "5.2.1": Verdict.HARD, "5.2.2": Verdict.SOFT, "5.2.3": Verdict.POLICY, "5.2.4": Verdict.HARD,
    "5.3.4": Verdict.POLICY, "5.4.4": Verdict.HARD, "5.4.6": Verdict.SOFT, "5.4.7": Verdict.SOFT,
    "5.4.14": Verdict.SOFT, "5.4.310": Verdict.HARD, "5.4.316": Verdict.SOFT,
}  # fmt: skip


def status_in(text: str) -> str:
    """The first enhanced status code in a text (``5.1.1``), else the class of a reply code (``550`` → ``5.0.0``), else
    ""."""
    if found := _STATUS.search(text):
        return ".".join(str(int(one)) for one in found.groups())
    if reply := _REPLY.search(text):
        return f"{reply[1]}.0.0"
    return ""


def verdict(status: str, said: str) -> Verdict:
    """What a failure means for the address. :param status: ``5.1.1``, or "" when nobody said. :param said: the server's
    own words."""
    if status.startswith("4"):
        return Verdict.SOFT  # it was tried for days
    if status.startswith("5.7."):
        return Verdict.POLICY  # RFC 3463 §3.8: security or policy, whatever the words (Mailman issue 624)
    if status in _BY_CODE:
        return _BY_CODE[status]
    if status == "5.4.1":  # "no answer from host"; Exchange Online says it of unknown recipients
        return Verdict.HARD if re.search(r"recipient address rejected|access denied", said, re.I) else Verdict.SOFT
    if status.startswith("5.1."):
        return Verdict.HARD
    if status.startswith("5.6."):
        return Verdict.POLICY
    return _by_words(status, said)


def _by_words(status: str, said: str) -> Verdict:
    if _FULL.search(said):
        return Verdict.SOFT
    if _UNKNOWN.search(said):
        return Verdict.HARD
    if _POLICY.search(said):
        return Verdict.POLICY
    return Verdict.SOFT if not status or status.startswith(("5.3.", "5.4.", "5.5.")) else Verdict.HARD

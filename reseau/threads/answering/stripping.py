"""What a person wrote in a mail, without the mail that they answer, without signature: Markdown for a post.

``quotequail`` knows the lines that open a quotation in ten languages; what French and Arabic programs write besides is
here. A line opens a quotation only if it names a moment or an address: "Le médecin a écrit :" stays. When in doubt a
line stays: a reader skips a signature, nobody guesses a sentence that is gone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import quotequail

MAX_LINES = 10_000
MAX_OPENINGS, MAX_TRIES = 100, 300  # of quotations in a mail; lines that may be one, for ``quotequail``
READ = 1_000  # characters of a line that rules look at
CARD = 15  # lines of a signature at most
WIDTH = 72  # programs that break lines break them from here on
#: With which the lines end that ``quotequail`` knows.
_ENDINGS = (":", ">", "-", "_")
_HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WROTE = re.compile(
    r"(le\b.{1,300}\ba [ée]crit|(في|بتاريخ|يوم)\b.{1,300}(كتب|كتبت|تمت كتابة ما يلي بواسطة)\b.{0,200})\s*:?$", re.I
)
_MOMENT, _NUMBER = re.compile(r"\d\s?[:h]\s?\d\d|@"), re.compile(r"\d")
_RULE = re.compile(
    r"[-_*]{3,}\s*(message (d.origine|original|transf[ée]r[ée])|original message|forwarded message|mail original|"
    r"الرسالة الأصلية|رسالة أصلية|الرسالة المعاد توجيهها)\s*[-_*]{3,}|"
    r"d[ée]but du (message|mail) (transf[ée]r|r[ée]exp[ée]di)[ée] ?:|begin forwarded message ?:",
    re.I,
)
_FROM = re.compile(r"\W{0,4}(de|from|exp[ée]diteur|من|المرسل)\s*:", re.I)
_HEAD = re.compile(
    r"\W{0,4}(envoy[ée]( le)?|date|[àa]|pour|to|sent|objet|subject|sujet|cc|copie [àa]|"
    r"إلى|التاريخ|تاريخ|تم الإرسال|الموضوع)\s*:",
    re.I,
)
_SUBJECT = re.compile(r"\W{0,4}(objet|subject|sujet|الموضوع)\s*:", re.I)
_DEVICE = re.compile(
    r"\W*(envoy[ée]e? |sent (from|with|via) |get |obten(ez|ir) |t[ée]l[ée]charge[rz] |provenance ?:|"
    r"أُ?رسلت? |تم الإرسال |مرسل |garanti |virus-free|sans virus).{0,60}"
    r"(iphone|ipad|android|galaxy|samsung|huawei|xiaomi|mobile|smartphone|t[ée]l[ée]phone|tablette|appareil|outlook|yahoo|"
    r"mail orange|sfr mail|proton|la ?poste|gmail|courrier pour windows|blackberry|avast|avg|هاتف|جهاز|جوال)",
    re.I,
)
_CLOSING = re.compile(
    r"\W*((bien |tr[èe]s )?(cordialement|amicalement)|cdl?t|bien [àa] (vous|toi)|salutations.{0,30}|"
    r"(avec mes |mes )?(sinc[èe]res|meilleures|respectueuses) salutations|bonne (journ[ée]e|r[ée]ception|soir[ée]e)|"
    r"(best|kind|warm) regards|regards|مع (أطيب )?(التحيات|تحياتي)|تحياتي|مع التحية)\W*",
    re.I,
)
_CONTACT = re.compile(r"@\w|\d\d[ .]?\d\d[ .]?\d\d|https?://|www\.", re.I)
_DISCLAIMER = re.compile(
    r"\W*((ce (message|courriel|mail|courrier)|this (e-?mail|message))\b.{0,250}"
    r"(confidenti|intended|destinataires? (indiqu|d[ée]sign)|par erreur|in error)|"
    r"(pensez|think).{0,40}environ|n.imprimez)",
    re.I,
)
_LIST = re.compile(r"\s*([-*+•–]|\d{1,3}[.)]|#{1,6}|>|\|)\s")


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines in a row that are all quoted, or none."""

    quoted: bool
    lines: list[str]


def written(text: str, flowed: str = "") -> str:
    """What was written, "" for nothing. :param flowed: as ``Incoming.flowed``."""
    lines = _lines(text)
    lines = _unflowed(lines, flowed) if flowed else lines
    runs = [_Run(run.quoted, run.lines if run.quoted else _unsigned(run.lines)) for run in _runs(_without_heads(lines))]
    runs = [run for run in runs if any(_bare(line) for line in run.lines)]
    kept = _kept(runs)
    if kept and not kept[-1].quoted:
        kept[-1] = _Run(False, _unclosed(kept[-1].lines))
    blocks = ["\n".join(run.lines if run.quoted else _rewrapped(run.lines)).strip("\n") for run in kept]
    whole = "\n\n".join(block for block in blocks if block.strip())
    whole = "\n".join(line.rstrip() for line in whole.splitlines())
    return re.sub(r"\n{3,}", "\n\n", whole).strip("\n").replace("\u00a0", " ").strip()


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MAX_LINES]


def _bare(line: str) -> str:
    """A line as rules read it: no invisible character, plain spaces."""
    return " ".join(_HIDDEN.sub("", line[:READ]).split())


def _is_quoted(line: str) -> bool:
    return _HIDDEN.sub("", line[:READ]).lstrip(" ").startswith(">")


def _unflowed(lines: Sequence[str], flowed: str) -> list[str]:
    """Paragraphs whose lines end with a space become one line (RFC 3676). Quoted lines stay as they are."""
    found: list[list[str]] = []
    going = False
    for line in lines:
        quoted = line.startswith(">")
        plain = line[1:] if line.startswith(" ") else line
        going_on = not quoted and plain.endswith(" ") and plain != "-- "
        piece = line if quoted else plain[:-1] if going_on and flowed == "delsp" else plain
        if going and not quoted:
            found[-1].append(piece)
        else:
            found.append([piece])
        going = going_on
    return ["".join(pieces) for pieces in found]


# --- where the other mail begins --------------------------------------------------------------------------------


def _without_heads(lines: list[str]) -> list[str]:
    """The lines without those that open a quotation; and without all that follows one, if it is not marked by ">"."""
    kept: list[str] = []
    at = 0
    for start, end in itertools.islice(_openings(lines), MAX_OPENINGS):
        kept += lines[at:start]
        after = next((line for line in itertools.islice(lines, end, None) if _bare(line)), "")
        if not _is_quoted(after):
            return kept
        at = end
    return kept + lines[at:]


def _openings(lines: list[str]) -> Iterator[tuple[int, int]]:
    """(first line, line after the last) of each opening of a quotation. Each line is looked at once."""
    known = ["" if _is_quoted(line) else _bare(line) for line in lines]
    tries = iter(range(MAX_TRIES))
    at = 0
    while at < len(lines):
        end = _ends(lines, at) if known[at] else 0
        end = end or (_theirs(lines, known, at) if _may_open(known, at) and next(tries, None) is not None else 0)
        if end:
            yield at, end
        at = end or at + 1


def _may_open(known: Sequence[str], at: int) -> bool:
    """Whether ``quotequail`` is worth asking: what it knows ends so; lines full of brackets would cost it a second."""
    near = known[at : at + 3]
    joined = " ".join(near)
    return bool(near[0]) and any(line[-1:] in _ENDINGS for line in near if line) and joined.count("<") <= 3


def _ends(lines: list[str], at: int) -> int:
    """The line after an opening that begins at a line; 0: none begins there."""
    line = _bare(lines[at])
    if not line or _is_quoted(lines[at]):
        return 0
    if _RULE.fullmatch(line):
        return at + 1
    if _FROM.match(line):
        heads = sum(bool(_HEAD.match(_bare(one))) for one in lines[at + 1 : at + 7])
        return at + 1 if heads >= 2 and any(_SUBJECT.match(_bare(one)) for one in lines[at + 1 : at + 8]) else 0
    if re.fullmatch(r"_{20,}", line):
        following = next((_bare(one) for one in lines[at + 1 : at + 4] if _bare(one)), "")
        return at + 1 if _FROM.match(following) else 0
    if not re.match(r"(?i)le\b|في\b|بتاريخ\b|يوم\b", line):
        return 0
    for end in range(at + 1, min(at + 4, len(lines) + 1)):
        joined = " ".join(_bare(one) for one in lines[at:end])
        if _WROTE.fullmatch(joined):
            return end if _plausible(joined, lines, end) else 0
    return 0


def _plausible(opening: str, lines: Sequence[str], end: int) -> bool:
    """Whether it opens a quotation: it has an hour or an address; a day is enough before lines marked by ">"."""
    if _MOMENT.search(opening):
        return True
    after = next((line for line in lines[end : end + 4] if _bare(line)), "")
    return bool(_NUMBER.search(opening)) and _is_quoted(after)


def _theirs(lines: list[str], known: Sequence[str], at: int) -> int:
    """The line after an opening of ``quotequail`` that begins at a line, if it names a moment or an address; else 0."""
    near = "\n".join(known[at : at + 3])
    parts = quotequail.quote(near, quote_intro_line=True)
    if len(parts) < 2 or parts[0][1] or not parts[1][1]:
        return 0
    end = at + len(quotequail.quote(near)[0][1].split("\n"))
    two = " ".join(known[max(end - 2, at) : end])
    return end if _plausible(two, lines, end) or re.search(r"[-_]{3,}", known[end - 1]) else 0


# --- what of it is theirs ---------------------------------------------------------------------------------------


def _runs(lines: Sequence[str]) -> Iterator[_Run]:
    run: list[str] = []
    quoted = False
    for line in lines:
        now = _is_quoted(line) or (quoted and not _bare(line))
        if now != quoted:
            yield _Run(quoted, run)
            run, quoted = [], now
        run.append(line)
    yield _Run(quoted, run)


def _kept(runs: Sequence[_Run]) -> list[_Run]:
    """All that is theirs; when they answered between the lines, what each answer is about too."""
    first = next((at for at, run in enumerate(runs) if run.quoted), len(runs))
    answers = [at for at in range(first + 1, len(runs)) if not runs[at].quoted]
    between = len(answers) >= 2 or (len(answers) == 1 and answers[0] < len(runs) - 1)
    wanted = {at - 1 for at in answers} if between else set()
    return [
        _Run(True, _trimmed(run.lines)) if run.quoted else run
        for at, run in enumerate(runs)
        if not run.quoted or at in wanted
    ]


def _trimmed(lines: list[str]) -> list[str]:
    """The end of a quotation: ten lines are enough to know what an answer is about."""
    marked = [_HIDDEN.sub("", line).strip() for line in lines if _bare(line)]
    return [re.sub(r"^>\s?", "> ", line) for line in marked[-10:]]


def _unsigned(lines: list[str]) -> list[str]:
    """Without the signature (RFC 3676 §4.3), the lawyers' words, the name of the telephone at the end."""
    known = [_bare(line) for line in lines]
    left = sum(map(bool, known))
    end, before = len(lines), False
    for at, bare in enumerate(known):
        marked = bare in ("--", "—") and left <= CARD
        if marked or (bare and before and _DISCLAIMER.match(" ".join(known[at : at + 4]))):
            end = at
            break
        left -= bool(bare)
        before = before or bool(bare)
    while end and (not known[end - 1] or (len(known[end - 1]) < 90 and _DEVICE.match(known[end - 1]))):
        end -= 1
    return lines[:end]


def _unclosed(lines: list[str]) -> list[str]:
    """Without a closing formula and the card under it: name, work, telephone. One that is followed by a sentence, or by
    no way to reach anybody and more than a name, stays."""
    there = [at for at, line in enumerate(lines) if _bare(line)]
    for at in there[-12:]:
        under = [_bare(line) for line in lines[at + 1 :] if _bare(line)]
        if not _CLOSING.fullmatch(_bare(lines[at])) or at == there[0]:
            continue
        short = len(under) <= 10 and all(len(line) <= 90 and not re.search(r"[?!…]$|\w{3}\.$", line) for line in under)
        if short and any(_CONTACT.search(line) for line in under):
            return lines[:at]
    return lines


def _rewrapped(lines: Sequence[str]) -> list[str]:
    """Lines that a program broke are whole again: one is broken when the next word did not fit."""
    found: list[list[str]] = []
    last = ""
    for line in lines:
        word = line.strip().split(" ", 1)[0] if line.strip() else ""
        whole = re.search(r"[.!?…:;]$", last.rstrip())  # a sentence that ends there may have been ended by its author
        broken = word and not whole and last.strip() and len(last) <= 80 and len(last.rstrip()) + 1 + len(word) > WIDTH
        if broken and not _LIST.match(line) and not line.startswith("    "):
            found[-1][-1] = found[-1][-1].rstrip()
            found[-1].append(line.strip())
            last = line.strip()
        else:
            found.append([line])
            last = line
    return [" ".join(pieces) for pieces in found]


def hidden(text: str) -> bool:
    """Whether something follows the line that opens a quotation without being marked as quoted: an answer written there
    cannot be told from the mail that it answers."""
    lines = _lines(text)
    _start, end = next(_openings(lines), (0, len(lines)))
    return any(_bare(line) and not _is_quoted(line) for line in itertools.islice(lines, end, None))

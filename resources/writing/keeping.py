"""What is typed on the page of publication, kept while something else is mended."""

from __future__ import annotations

from resources.base.content import Content
from resources.writing import drafting

Pairs = list[tuple[str, str]]
#: Of the form: those that are also in the header, which may be written elsewhere meanwhile.
_HEADER = ("resume", "themes", "demarches", "licence")
_KEPT = (*_HEADER, "visibilite", "note", "orthographe", "verifie")
_MARK = "entete"


def to_keep(pairs: Pairs, content: Content) -> Pairs:
    """What of a form is kept, and of which header it was typed."""
    return [*(pair for pair in pairs if pair[0] in _KEPT), (_MARK, drafting.header_mark(content))]


def again(kept: Pairs, content: Content, rev: int) -> Pairs:
    """The form as it was typed; but what somebody wrote into the header since is what it says now."""
    found = [pair for pair in kept if pair[0] in _KEPT]
    if (_MARK, drafting.header_mark(content)) not in kept:
        found = [pair for pair in found if pair[0] not in _HEADER]
        found += [("resume", content.summary), ("licence", content.licence)]
        found += [("themes", code) for code in content.themes] + [("demarches", code) for code in content.demarches]
    return [*found, ("rev", str(rev))]

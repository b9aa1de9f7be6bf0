"""How the sending of an issue goes: the ledger that adds up, pause, resume, cancel, the file that proves."""

from __future__ import annotations

import csv
import io
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from feeds.newsletter.audience import Segments
from feeds.newsletter.models import IssueState
from feeds.newsletter.sending import launching, ledger
from feeds.newsletter.writing import planning, reaching
from feeds.newsletter.writing.base_views import IssuePage
from feeds.newsletter.writing.words import DELIVERIES, DONE, EDITIONS, STATES, WHY_STOPPED
from reseau.web.security import Permission

COORDINATE = Permission.NETWORK_COORDINATE
REFRESH = 10
"""Seconds between two looks while it is being sent."""
COLUMNS = ("message", "edition", "langue", "etat", "essais", "moment_utc", "reponse", "retour")


class FollowPages(IssuePage):
    """The follow-up."""

    @view_config(
        route_name="letter.follow", request_method="GET", permission=COORDINATE, renderer="templates/follow.jinja2"
    )
    def show(self) -> Any:
        issue = self.issue
        if not self.left and issue.relay_launched_at is None:
            return HTTPSeeOther(self.request.script_name + self.at)
        counts = ledger.counts(self.db, issue.id)
        busy = launching.under_way(issue) and bool(counts.waiting)
        return {
            "issue": issue, "at": self.at, "counts": counts, "by_lang": ledger.by_language(self.db, issue.id),
            "reasons": ledger.reasons(self.db, issue.id), "states": STATES, "editions": EDITIONS,
            "deliveries": DELIVERIES, "done": DONE.get(self.asked.get("fait", ""), ""),
            "why": WHY_STOPPED.get(issue.stopped, ""),
            "refresh": REFRESH if busy else 0, "under_way": launching.under_way(issue), "tab": "suivi",
            "paused": issue.state == IssueState.PAUSED.value, "draft": False,
            "cancelled": issue.state == IssueState.CANCELLED.value, "to_come": self._to_come(),
        }  # fmt: skip

    def _to_come(self) -> int | None:
        """How many subscribers would receive it today, while only the relays have it; else None."""
        if self.issue.state != IssueState.SCHEDULED.value:
            return None
        segments = Segments.of(self.issue.segments)
        return reaching.reach(self.db, self.issue, segments, self.settings.timezone, self.now).people

    @view_config(route_name="letter.follow", request_method="POST", permission=COORDINATE, journal="letter.drive")
    def drive(self) -> HTTPSeeOther:
        act = next((name for name in ("pause", "reprise", "annule", "renvoye") if name in self.request.POST), "")
        try:
            number = self._do(act)
        except launching.NotNow:
            self.request.journal_nothing()
            return self.here("/suivi", fait="deja")
        if number is None or (act == "renvoye" and not number):
            self.request.journal_nothing()
            return self.here("/suivi", fait="deja" if act else "")
        self.request.journal(self.issue.id, what=act, number=number)
        return self.here("/suivi", fait=act)

    def _do(self, act: str) -> int | None:
        if act == "pause":
            launching.pause(self.db, self.issue)
        elif act == "reprise":
            launching.resume(self.db, self.issue, self.now)
        elif act == "annule":
            return launching.cancel(self.db, self.issue, self.now, planning.untold)
        elif act == "renvoye":
            return ledger.resend_unknown(self.db, self.issue, self.now)
        else:
            return None
        return 0

    @view_config(route_name="letter.proof", request_method="GET", permission=COORDINATE)
    def proof(self) -> Response:
        """What became of each delivery, without who."""
        out = io.StringIO(newline="")
        rows = csv.writer(out, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        for one in ledger.proofs(self.db, self.issue.id):
            at = one.settled_at.isoformat(timespec="seconds") if one.settled_at else ""
            rows.writerow((one.message_id, one.edition, one.lang, one.state, one.attempts, at, ledger.code(one.said),
                           one.bounce))  # fmt: skip
        answer = Response(out.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="lettre-{self.issue.number or "brouillon"}.csv"'
        return answer

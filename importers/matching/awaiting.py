"""What of the review awaits the coordination."""

from __future__ import annotations

from importers.matching.review import number, oldest
from reseau.desk.awaiting import Awaiting, register

register(
    Awaiting(
        kind="rapprochements",
        path="/gestion/rapprochements",
        label=lambda say, n: say.ngettext("%(num)s rapprochement à décider", "%(num)s rapprochements à décider", n),
        number=number,
        oldest=oldest,
    )
)

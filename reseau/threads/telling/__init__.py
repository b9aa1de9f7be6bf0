"""What people are told of the exchanges: who is to hear of a post, and what it looks like to them today.

What it is: the sources of ``reseau.notices`` for posts, for questions that wait too long, for translations that are
asked for. Imported by pages and by the worker (``reseau.registered``).

What it is not: it writes no notice and no mail. No table, no address, no permission of its own.
"""

from __future__ import annotations

from reseau.core.wording import _
from reseau.groups.models import KIND as GROUP_KIND
from reseau.notices import sources
from reseau.notices.sources import Candidates, Source, Stop
from reseau.threads.base.models import HELP_KIND, KIND, POST_KIND, TOPIC_KIND, WISH_KIND
from reseau.threads.telling import cards as _cards  # noqa: F401 (registers the cards of topics)
from reseau.threads.telling.hearers import of_posts
from reseau.threads.telling.helpers import of_questions, of_wishes
from reseau.threads.telling.lines import lines
from reseau.threads.telling.readers import of_groups, of_topics, readers, shown

_STOP = Stop(
    _("Ne plus suivre ce fil"), _("Vous ne recevrez plus de mail de ce fil, sauf si quelqu’un y parle de vous.")
)
_HANGS = {TOPIC_KIND: of_topics, GROUP_KIND: of_groups}


def _source(kind: str, candidates: Candidates) -> Source:
    return Source(kind, candidates, lines, shown, KIND, readers, _STOP, _HANGS)


for _kind, _candidates in ((POST_KIND, of_posts), (HELP_KIND, of_questions), (WISH_KIND, of_wishes)):
    sources.register(_kind, _source(_kind, _candidates))

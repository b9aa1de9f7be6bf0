"""What people are told of the exchanges: who is to hear of a post, and what it looks like to them today.

What it is: the sources of ``reseau.notices`` for posts, for questions that wait too long, for translations that are
asked for. Imported by pages and by the worker (``reseau.registered``).

What it is not: it writes no notice and no mail. No table, no address, no permission of its own.
"""

from __future__ import annotations

from reseau.notices import sources
from reseau.notices.sources import Source
from reseau.threads.base.models import HELP_KIND, KIND, POST_KIND, WISH_KIND
from reseau.threads.telling import cards as _cards  # noqa: F401 (registers the cards of topics)
from reseau.threads.telling.hearers import of_posts
from reseau.threads.telling.helpers import of_questions, of_wishes
from reseau.threads.telling.lines import lines

sources.register(POST_KIND, Source(POST_KIND, of_posts, lines, about=(KIND,)))
sources.register(HELP_KIND, Source(HELP_KIND, of_questions, lines))
sources.register(WISH_KIND, Source(WISH_KIND, of_wishes, lines))

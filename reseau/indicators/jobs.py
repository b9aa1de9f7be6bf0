"""Every day, the counts are written for the present month: the last ones stay, as what the month ended with."""

from __future__ import annotations

import logging
from datetime import timedelta

from reseau.core.counting import counts
from reseau.core.jobs import Job, Tools
from reseau.indicators import counts as _ours  # noqa: F401 (registers itself)
from reseau.indicators import services

log = logging.getLogger(__name__)


def count_all(tools: Tools) -> str | None:
    """Write each, in a transaction of its own: one that fails keeps no other from being written.

    :raises RuntimeError: names those that failed.
    """
    failed, now = [], tools.clock()
    for count in counts():
        try:
            with tools.sessions.begin() as session:
                services.write(session, count, now)
        except Exception:
            log.exception("the indicator %s could not be counted", count.name)
            failed.append(count.name)
    if failed:
        raise RuntimeError(f"indicators that could not be counted: {', '.join(failed)}")
    return f"indicateurs : {len(counts())}"


JOBS: tuple[Job, ...] = (Job("indicateurs", timedelta(days=1), count_all),)

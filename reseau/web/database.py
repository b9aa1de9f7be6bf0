"""``request.db``: one session and one transaction a request (``pyramid_tm``, explicit manager).

GET and HEAD get a session that cannot write; the others one that writes from its first statement. ``pyramid_retry``
runs a request again when the database could not serialise it, so a view never mails nor calls out before commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyramid_tm
import zope.sqlalchemy

from reseau.core.db import ReseauSession, create_engine, session_factory

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def includeme(config: Configurator) -> None:
    """Engine at ``registry["engine"]``, session makers, ``request.db``."""
    settings = config.registry.settings_typed
    # A search may hold two connections: its request's and, on PostgreSQL, the engine's.
    engine = create_engine(settings.database_url, pool_size=2 * settings.threads + 2)
    config.registry["engine"] = engine
    config.registry["read_sessions"] = session_factory(engine, read_only=True, timezone=settings.timezone)
    config.registry["write_sessions"] = session_factory(engine, timezone=settings.timezone)
    # pyramid_tm would ask who is signed in before anything else, to note it where we never read: that begins the
    # writing transaction of the request, and looks at the session before the token is checked.
    config.add_settings(
        {"tm.manager_hook": pyramid_tm.explicit_manager, "tm.annotate_user": False, "retry.attempts": 3}
    )
    config.include("pyramid_retry")
    config.include("pyramid_tm")
    config.add_request_method(_db, "db", reify=True)


def _db(request: Request) -> ReseauSession:
    reading = request.method in READING
    session: ReseauSession = request.registry["read_sessions" if reading else "write_sessions"]()
    # "changed" from the start: a lone Core statement would otherwise be rolled back without a word.
    state = "active" if reading else "changed"
    zope.sqlalchemy.register(session, initial_state=state, transaction_manager=request.tm)
    return session

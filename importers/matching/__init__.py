"""Whether two records are one place.

What it is: a score (``reading``, ``scoring``: pure; ``words.toml``: words, weights, thresholds), candidates (``pool``),
the matcher that imports ask (``matcher``), and the queue in which people decide what the score cannot.

What it is not: it joins no sheets itself (``directory.lifecycle.merge``, ``directory.splitting``), and does not look at
places that were both there already.

Table: ``match_pair``; ``source_record.joined`` says what was joined without asking. Addresses:
``/gestion/rapprochements`` and what is below. Permission: ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views, what awaits the coordination."""
    from importers.matching import awaiting  # noqa: F401 (registers itself)

    config.include("importers.matching.routes")
    config.scan("importers.matching.review_views")

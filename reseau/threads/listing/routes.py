"""Addresses of the lists. They are fixed names, tried before the address of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reseau.threads.base.routes import TOPIC, TopicContext

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in (
        ("threads.list", "/echanges"),
        ("threads.list.json", "/echanges.json"),
        ("threads.similar", "/echanges/semblables.json"),
        ("threads.read-all", "/echanges/tout-lu"),
        ("threads.topics", "/echanges/sujets"),
    ):
        config.add_route(name, pattern)
    config.add_route("threads.topic", TOPIC, factory=TopicContext)
    config.add_route("threads.topic.follow", f"{TOPIC}/suivre", factory=TopicContext)

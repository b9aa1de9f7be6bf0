"""Requests for a resource, asked to the people of the network: a thread of kind ``demande`` beside the request.

What it is: the thread that is born with a request (``/ressources/demander``, by who is signed in; by the coordination
for a visitor's), and answering it by a resource, by which the thread and the request close.

What it is not: it keeps no request (``resources.finding.asking``), shows no thread, and never publishes the address of
whoever asked.

Tables: none of its own (``thread.request_id``, ``thread.answer_ref_*``). Addresses:
``/echanges/{slug}-{id}/ressource``, ``…/pas-cela``, ``/echanges/demandes/{id of a request}``. Permissions:
``thread:write``, ``thread:answered``, ``thread:moderate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes, views; what happens beside a request for a resource, and is shown with it."""
    from reseau.threads.requests import beside

    registry = config.registry
    registry.setdefault("resource.asked", []).append(beside.asked)
    registry.setdefault("resource.answered", []).append(beside.answered)
    registry.setdefault("resource.asked.panels", []).append(beside.PANEL)
    config.add_request_method(beside.threads_of_requests, "threads_of_requests")
    config.include("reseau.threads.requests.routes")
    config.scan("reseau.threads.requests.requests_views")

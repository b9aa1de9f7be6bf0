"""The local label: which structures hold it, from when to when, under which version of the criteria, by whose decision.

What it is not (yet): how a structure asks for it; a badge that others can check. It holds nothing about persons.

Tables: ``label_criteria``, ``label``. Addresses: ``/label``, ``/label/criteres``, ``/gestion/label``.
Permissions: ``directory:read``, ``label:decide``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views."""

"""data·inclusion v1: structures and services that the cartography does not describe.

What it is: a reader of the weekly open files (JSON, CSV, Parquet where ``pyarrow`` is installed) or of the API by
token; what concerns the territory and the themes becomes places and offers. What it is not: an importer of the whole of
France; a second importer of the cartography (its own rows, ``mediation-numerique``, are left out); a reader of people
(``contact_nom_prenom`` is never read).

Source: data-inclusion-schema v1 (Licence Ouverte 2.0).
"""

from __future__ import annotations

from datetime import timedelta

from importers.inclusion.source import Inclusion
from importers.pipeline.contract import Adapter
from reseau.core.wording import _

ADAPTERS = (Adapter("inclusion", _("data·inclusion (services)"), Inclusion, every=timedelta(days=7), complete=True),)

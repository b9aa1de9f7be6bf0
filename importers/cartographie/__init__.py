"""The national cartography of digital-mediation places, read from its published files.

What it is: a reader of files (``formats``: CSV, JSON or GeoJSON, gzipped or not, streamed; ``nested``: answers of the
APIs) and a translator of one row into the fields of standard-mediation-num 1.0.2 (``columns``, ``values``, ``lists``,
``mapping``: pure functions; what is mended, is by the rules of ``importers.cleaning``). Files of 0.1.0, of the drafts
between the two and mixes of all of them are read alike, because that is what territories publish.

What it is not: a client of the cartography's API (its exporter refuses robots), a reader of mediators
(names, mails and telephones of people: never imported), a geocoder (blind geocoding moved 512 places to
another département), nor a deduplicator (ids are sets of parts; the pipeline joins on any shared part).

Source: LaMednum/standard-mediation-num 1.0.2 and 0.1.0 (Licence Ouverte 2.0); the national file of
data.gouv.fr, resource b5e5a1e1-122e-4f87-b6cf-d1ce342671be.
"""

from importers.cartographie.source import Cartographie
from importers.pipeline.contract import Adapter
from reseau.core.wording import _

source = Cartographie()
ADAPTERS = (
    Adapter("cartographie", _("Cartographie nationale"), Cartographie, complete=True),
    Adapter("regional", _("Fichier d’un territoire au schéma national (CSV, JSON, GeoJSON)"), Cartographie),
    Adapter("carto-api", _("Cartographie nationale, une commune à la fois (ancien service)"), Cartographie),
)

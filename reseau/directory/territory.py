"""The territory of the site: the places that its coordination looks after."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from reseau.directory.models import Structure


def in_territory(territory: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a structure is of the territory: by its commune, or because somebody added it.

    :param territory: INSEE codes of the setting; none: everywhere.
    """
    return sa.or_(Structure.code_insee.in_(territory), Structure.in_territory) if territory else sa.true()

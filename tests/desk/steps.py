"""What the tests of the life of places do and look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from webtest import TestApp

from reseau.core.audit import Audit
from reseau.core.changes import Change
from reseau.directory.models import FieldChange
from tests.desk.conftest import Desk, post_form


def ops(desk: Desk, id_: UUID) -> list[str]:
    with desk.site.sessions() as session:
        found = sa.select(Change.op).where(Change.object_id == id_).order_by(Change.seq)
        return list(session.scalars(found))


def journal(desk: Desk, id_: UUID) -> list[str]:
    return [row.action for row in desk.rows(Audit, Audit.object_id == id_)]


def history(desk: Desk, id_: UUID) -> list[tuple[str, str]]:
    rows = desk.rows(FieldChange, FieldChange.structure_id == id_)
    return [(row.cause, row.field) for row in sorted(rows, key=lambda row: row.id)]


def fill(browser: TestApp, path: str, **values: Any) -> Any:
    form = post_form(browser.get(path))
    for name, value in values.items():
        form[name] = value
    return form


def close(desk: Desk, id_: UUID, who: str = "coordination", **values: Any) -> Any:
    said = {"le": "2026-11-20", "raison": "A déménagé à Lille", "sur": True, **values}
    return fill(desk.browser(who), desk.at(id_) + "/fermer", **said).submit(expect_errors=True)

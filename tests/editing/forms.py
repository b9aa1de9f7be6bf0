"""What the tests of forms share: which form is it, and what it holds."""

from __future__ import annotations

from typing import Any

from webtest import TestApp

from tests.editing.conftest import Keepers


def main_form(page: Any, end: str = "/modifier") -> Any:
    """The form whose address ends so."""
    (found,) = {id(form): form for form in page.forms.values() if form.action.endswith(end)}.values()
    return found


def open_form(app: TestApp, site: Keepers, structure_id: Any = None) -> Any:
    """The form of a sheet, just opened."""
    return main_form(app.get(site.sheet_path(structure_id) + "/modifier"))


def edit(app: TestApp, site: Keepers, structure_id: Any = None, **values: Any) -> Any:
    """Open the form, write, send."""
    form = open_form(app, site, structure_id)
    for name, value in values.items():
        form[name.replace("__", "-")] = value
    return form.submit(status="*")

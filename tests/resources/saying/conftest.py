"""One site on each engine for all the files of this folder: each test makes the resources that it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.directory.site import Site
from tests.resources.conftest import Base, house_of

#: For what the database does not decide: one engine is enough.
ONE_ENGINE = pytest.mark.parametrize("_base", ["sqlite"], indirect=True)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _base(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Base:
    return house_of(make_site, request.param, tmp_path_factory.mktemp("rows"))

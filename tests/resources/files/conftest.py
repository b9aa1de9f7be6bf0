"""The base with the form of ``room``, and files made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

import tests.directory.site
from reseau import ROOMS
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site, row
from tests.resources.conftest import Base
from tests.resources.files.room import ROOM

BOUNDARY = "----limite"


def form(*parts: tuple[str, str | tuple[str, bytes]], token: str = "", end: bool = True) -> bytes:
    """A multipart form: (name, text) or (name, (file name, bytes))."""
    made = b""
    for name, value in (("csrf_token", token), *parts) if token else parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        body = value if isinstance(value, str) else value[1]
        if not isinstance(value, str):
            head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
        made += (
            f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + (body.encode() if isinstance(body, str) else body) + b"\r\n"
        )
    return made + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def png(width: int = 60, height: int = 40, **more: Any) -> bytes:
    """A picture."""
    return image("PNG", width, height, **more)


def image(kind: str, width: int = 60, height: int = 40, **more: Any) -> bytes:
    """A picture, red on the left."""
    made = Image.new("RGB", (width, height), "white")
    made.paste("red", (0, 0, width // 2, height))
    found = io.BytesIO()
    made.save(found, kind, **more)
    return found.getvalue()


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", method) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return found.getvalue()


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def _base(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Base:  # noqa: F811
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tests.directory.site, "rooms_of", lambda _settings: (*ROOMS, ROOM))
        house = Base(make_site(request.param))
    house.site.add(row("Ici"), row("Ailleurs"), path=tmp_path_factory.mktemp("rows") / "rows.csv")
    here, there = (house.site.named(name)["id"] for name in ("Lieu Ici", "Lieu Ailleurs"))
    house.places = {"ici": here, "ailleurs": there}
    for name, more in {
        "coordination": {"roles": ["coordinator"]},
        "membre": {"member_of": [here]},
        "voisine": {"member_of": [there]},
        "personne": {},
    }.items():
        house.people[name] = house.person(name, **more).id
    return house

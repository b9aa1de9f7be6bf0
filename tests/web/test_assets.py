"""What frontend/build.py makes, and what the application does when it has not been run."""

from __future__ import annotations

import gzip
import importlib.util
import os
import re
from pathlib import Path
from typing import Any

import pytest

from reseau.web.assets import STATIC_DIR, stale_copies

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def build() -> Any:
    """The build script, as a module."""
    spec = importlib.util.spec_from_file_location("frontend_build", ROOT / "frontend" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_communes_are_sorted_and_know_their_parent(build: Any) -> None:
    today = {"code": "01015", "nom": "Arboys", "departement": "01", "type": "commune-actuelle", "population": 7,
             "codesPostaux": ["01300", "01301"]}  # fmt: skip
    former = {
        "code": "01015",
        "nom": "Arbignieu",
        "departement": "01",
        "type": "commune-deleguee",
        "chefLieu": "01015",
    }
    part = {"code": "13201", "nom": "Marseille 1er", "departement": "13", "type": "arrondissement-municipal",
            "commune": "13055", "codesPostaux": ["13001"], "population": 9}  # fmt: skip
    assert list(build.commune_lines([part, former, today])) == [
        "01015\tArboys\t01\t7\t01300,01301\t\n",
        "01015\tArbignieu\t01\t\t\t01015\n",
        "13201\tMarseille 1er\t13\t9\t13001\t13055\n",
    ]


def test_compressed_copies_follow_their_source(build: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.css"
    source.write_text("a{}" * 100)
    assert build.compress_static(tmp_path) == 1
    assert build.compress_static(tmp_path) == 0
    assert gzip.decompress((tmp_path / "a.css.gz").read_bytes()) == source.read_bytes()
    assert stale_copies(tmp_path) == []
    later = source.stat().st_mtime_ns + 10**9
    os.utime(source, ns=(later, later))
    assert stale_copies(tmp_path) == [tmp_path / "a.css.gz"]
    source.unlink()
    assert build.compress_static(tmp_path) == 0
    assert not list(tmp_path.iterdir())


def test_the_lock_file_names_no_download_host() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert lock.count('"integrity": "sha512-') >= 4
    manifest = (ROOT / "frontend" / "package.json").read_text()
    assert not re.search(r'"[\^~]', manifest)


def test_style_sheet_uses_logical_properties_only() -> None:
    css = re.sub(r"/\*.*?\*/", "", (STATIC_DIR / "css" / "reseau.css").read_text(), flags=re.S)
    physical = r"[{;\s](?:(?:margin|padding|border)-(?:left|right)|left|right|text-align:\s*(?:left|right)|float)\b\s*:"
    assert not re.findall(physical, css)
    assert len(gzip.compress(css.encode())) < 8 * 1024


def test_every_icon_that_a_template_names_exists() -> None:
    known = set(re.findall(r'symbol id="([\w-]+)"', (STATIC_DIR / "icons.svg").read_text()))
    for template in (ROOT / "reseau").rglob("*.jinja2"):
        used = set(re.findall(r"""\bicon\(['"]([\w-]+)['"]""", template.read_text()))
        assert used <= known, template

"""Arrows point one way (docs/architecture.md): core ← search, web ← rooms ← importers, feeds ← application, commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "home",
    "directory",
    "members",
    "editing",
    "desk",
    "demonstration",
    "threads",
    "notices",
    "groups",
    "label",
    "agenda",
    "relays",
    "indicators",
}
LEVELS = {"core": 0, "settings": 0, "search": 1, "web": 2, "rooms": 3, "importers": 4, "feeds": 4, "top": 5}
#: Below the views, a module that imports Pyramid is a view in disguise.
MAY_IMPORT_PYRAMID = ("web/", "__init__.py", "views.py", "routes.py", "_views.py")


def level(module: str) -> str:
    parts = module.split(".")
    if parts[0] in ("importers", "feeds"):
        return parts[0]
    if parts[0] == "resources":
        return "rooms"
    if len(parts) > 1 and parts[1] in ROOMS:
        return "rooms"
    return parts[1] if len(parts) > 1 and parts[1] in LEVELS else "top"


def sources() -> list[Path]:
    return sorted(p for top in ("reseau", "importers", "resources", "feeds") for p in (ROOT / top).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, bool]]:
    """(module imported, inside ``if TYPE_CHECKING``)."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in typing_only) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", id(node) in typing_only) for alias in node.names]
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_of_views(module: str) -> bool:
    """Whether what is imported is a module of views, or is in one; a function may be called ``override_views``."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").exists() or path.is_dir():
            return parts[end - 1] == "views" or parts[end - 1].endswith("_views")
    return False


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_point_one_way(path: Path) -> None:
    here = level(module_of(path))
    for module, typing_only in imports(path):
        if module.split(".")[0] not in ("reseau", "importers", "resources", "feeds") or typing_only:
            continue
        assert LEVELS[level(module)] <= LEVELS[here], f"{module_of(path)} imports {module}"
        if is_of_views(module):
            assert module.split(".")[:2] == module_of(path).split(".")[:2], f"{module_of(path)} calls views: {module}"


#: Inside a package of parts: what is on a level knows what is below it, and nothing beside it. In the knowledge base
#: finding is below the rest: who writes a kit looks for the tutorials that it names.
PARTS: dict[str, dict[str, int]] = {
    "resources": {"base": 0, "files": 1, "reading": 2, "finding": 3, "taking": 4, "writing": 4, "saying": 4,
                  "translating": 4},
    "reseau.threads": {"base": 0, "telling": 1, "listing": 2, "reading": 2, "writing": 2, "requests": 2,
                       "moderating": 2, "answering": 2},
    "feeds.newsletter": {"models": 0, "content": 0, "links": 0, "audience": 1, "visits": 1, "composing": 2, "subscribing": 2,
                         "sending": 3, "bounces": 3, "reading": 3, "relaying": 3, "writing": 4},
    "importers": {"models": 0, "shallow": 0, "pipeline": 1, "fetch": 2, "sentences": 2, "locating": 2, "cleaning": 3, "matching": 3,
                  "targets": 4, "sheets": 4, "cartographie": 5, "lesbases": 5, "inclusion": 6, "veille": 5, "calendars": 5, "tableur": 6,
                  "checking": 6, "records": 6, "adapters": 7, "planning": 8, "conducting": 9, "schedule": 10},
}  # fmt: skip


def wrong_way(package: str, here: str, there: str) -> bool:
    """Whether a part of a package may not import another. ``__init__``, ``commands`` put the parts together."""
    levels = PARTS[package]
    return here in levels and there != here and levels.get(there, 99) >= levels[here]


def part(package: str, module: str) -> str:
    return f"{module}.".removeprefix(f"{package}.").split(".")[0]


def modules_of_parts() -> list[tuple[str, Path]]:
    return [(package, path) for package in PARTS for path in sorted((ROOT / package.replace(".", "/")).rglob("*.py"))]


@pytest.mark.parametrize(("package", "path"), modules_of_parts(), ids=lambda one: str(one).removeprefix(str(ROOT)))
def test_arrows_point_one_way_between_parts(package: str, path: Path) -> None:
    here = part(package, module_of(path))
    found = [module for module, typing_only in imports(path) if module.startswith(f"{package}.") and not typing_only]
    beside = [module for module in found if wrong_way(package, here, part(package, module))]
    assert not beside, f"{path} imports what is beside or above: {beside}"


def test_views_are_told_from_functions_of_that_name() -> None:
    assert is_of_views("reseau.directory.sheet_views.Sheet")
    assert is_of_views("reseau.directory.sheet_views")
    assert is_of_views("reseau.desk.views")
    assert not is_of_views("reseau.directory.reproject.override_views")


def test_the_arrow_test_of_parts_sees_one_that_runs_back() -> None:
    assert wrong_way("resources", "base", "files")
    assert wrong_way("resources", "finding", "taking")
    assert wrong_way("resources", "files", "commands")
    assert wrong_way("reseau.threads", "base", "telling")
    assert not wrong_way("resources", "writing", "files")
    assert not wrong_way("resources", "reading", "reading")
    assert not wrong_way("resources", "commands", "files")


def test_what_threads_stand_on_does_not_know_them() -> None:
    """Rooms say what people are told of (``notices.sources``) and what hangs on a group (``group.created``)."""
    for path in [path for room in ("notices", "groups") for path in sorted((ROOT / "reseau" / room).rglob("*.py"))]:
        assert not [module for module, _ in imports(path) if module.startswith("reseau.threads")], path


def test_the_room_of_members_knows_no_room_that_comes_after_it() -> None:
    """What others hold of people, they register (``core.personal``)."""
    for path in sorted((ROOT / "reseau" / "members").rglob("*.py")):
        assert not [module for module, _ in imports(path) if module.startswith("resources.")], path


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_views_know_pyramid(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if any(part in name for part in MAY_IMPORT_PYRAMID):
        return
    known = [module for module, typing_only in imports(path) if module.startswith("pyramid") and not typing_only]
    assert not known, f"{name} imports {known}"


def test_views_build_no_queries() -> None:
    for path in sources():
        if path.name.endswith("views.py"):
            assert "select(" not in path.read_text(), path


def test_arrow_test_sees_an_arrow_that_runs_back(tmp_path: Path) -> None:
    assert LEVELS[level("reseau.directory.models")] > LEVELS[level("reseau.core.db")]
    assert level("importers.pipeline") == "importers"
    assert level("reseau.cli") == "top"


FOREIGN_TEMPLATE = re.compile(r"reseau\.(?!directory\b|web\b)\w+:")


def test_templates_of_the_directory_take_nothing_from_other_rooms() -> None:
    """What others show on a sheet, they register ("sheet.panels")."""
    for path in sorted((ROOT / "reseau" / "directory" / "templates").glob("*.jinja2")):
        assert not FOREIGN_TEMPLATE.findall(path.read_text()), path
    assert FOREIGN_TEMPLATE.search('{% include "reseau.editing:templates/keep_panel.jinja2" %}')

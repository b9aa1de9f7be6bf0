"""The documentation says what is: settings, commands, parameters, codes, packages, links. See ``docs/``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from webtest import TestApp

from importers import commands, sentences
from importers.pipeline import Summary
from importers.schedule import showing
from reseau import ROOMS
from reseau.cli import main
from reseau.core import vocabularies
from reseau.directory import params, present
from reseau.directory.fields import FIELDS
from reseau.search.protocol import Engine
from reseau.settings import PREFIX_ENV, Settings
from reseau.worker import JOBS, _period

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
OPERATIONS, IMPORTING, API = DOCS / "operations.md", DOCS / "importing.md", DOCS / "api.md"
ARCHITECTURE, TRANSLATING = DOCS / "architecture.md", DOCS / "translating.md"

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
ENTRY = re.compile(r"^\| `([^`]+)`", re.M)
#: A command line of ours: not "reseau/core", "reseau.service", "reseau@6543" nor a word of a sentence.
COMMAND = re.compile(r"(?:^|[\s/(])reseau((?: (?:--?)?[a-zA-Z][\w.-]*)+)")
#: Safe to run on an empty data folder; their output is compared with what the page shows.
RUN = ("--help", "init", "index status")

ids = [str(page.relative_to(ROOT)) for page in PAGES]


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    return [body for language, body in FENCE.findall(text(page)) if not languages or language in languages]


def prose(page: Path) -> str:
    """A page without its blocks of code, where "#" and "[" mean something else."""
    return FENCE.sub("", text(page))


def section(page: Path, title: str) -> str:
    """From a heading of level 2 to the next one."""
    (found,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(page), re.M | re.S)
    return str(found)


def entries(page: Path, title: str) -> list[str]:
    """First cells, in code, of the tables of a section."""
    return ENTRY.findall(section(page, title))


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of headings."""
    found = set()
    for title in HEADING.findall(prose(page)):
        plain = unicodedata.normalize("NFC", title).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


# --- links, images, what must not be there ------------------------------------------------------------------


@pytest.mark.parametrize("doc", PAGES, ids=ids)
def test_links_lead_somewhere(doc: Path) -> None:
    for link in LINK.findall(prose(doc)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (doc.parent / path).resolve() if path else doc
        assert target.is_relative_to(ROOT), f"{link} leaves the repository"
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, pending = set[Path](), [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = [link.partition("#")[0] for link in LINK.findall(prose(page)) if "://" not in link]
        pending += [(page.parent / link).resolve() for link in links if link]
    assert not {page for page in PAGES if page.parent == DOCS} - reached


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert [name[:3] for name in names] == [f"{number:03d}" for number in range(1, len(names) + 1)]
    for name in names:
        content = text(DOCS / "decisions" / name)
        assert content.startswith(f"# {name[:3]}. ")
        for part in ("Context", "Choice", "Refused", "Consequence"):
            assert f"**{part}.**" in content, f"{name} has no {part}"


def test_the_picture_is_light() -> None:
    picture = DOCS / "images" / "annuaire.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 200_000


@pytest.mark.parametrize("doc", PAGES, ids=ids)
def test_only_our_own_hosts_and_no_path_of_a_machine(doc: Path) -> None:
    assert set(re.findall(r"https?://([\w.-]+)", text(doc))) <= {"localhost", "reseau", "reseau.example"}
    assert not re.findall(r"(?<!\w)/(?:home|Users)/\w+", text(doc))


def test_readme_fits_on_one_screen() -> None:
    assert len(text(ROOT / "README.md").splitlines()) <= 60


def documented_default(value: Any) -> str:
    if value is MISSING:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    shown = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{shown}`" if shown else "empty"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \| (.+) \|$", section(OPERATIONS, "Settings"), re.M)
    assert [name for name, *_ in rows] == [field.name for field in fields(Settings)]
    for (name, variable, default, what), field in zip(rows, fields(Settings), strict=True):
        assert variable == PREFIX_ENV + name.upper()
        assert default == documented_default(field.default), name
        assert what.strip(), name


def test_every_job_is_documented_with_its_period() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\d+ \w+) \|", section(OPERATIONS, "The worker"), re.M)
    assert rows == [(job.name, _period(job.every)) for job in JOBS]


@pytest.mark.parametrize("doc", PAGES, ids=ids)
def test_no_unknown_setting_is_named(doc: Path) -> None:
    known = {PREFIX_ENV + field.name.upper() for field in fields(Settings)} | {"RESEAU_CONFIG"}
    assert not set(re.findall(r"\bRESEAU_[A-Z_]+", text(doc))) - known


# --- commands -----------------------------------------------------------------------------------------------


def every_command(command: click.Command = main, path: str = "") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from every_command(inner, f"{path} {name}".strip())


COMMANDS = dict(every_command())


def options(command: click.Command) -> set[str]:
    return {
        name for one in command.params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)
    }


def command_lines(doc: Path) -> Iterator[str]:
    """What follows ``reseau`` in code, up to the end of the line."""
    shell = "\n".join(blocks(doc, "sh", "console", "ini"))
    for code in (*CODE.findall(prose(doc)), *shell.splitlines()):
        for match in COMMAND.finditer(code):
            yield code[match.start(1) :].strip()


@pytest.mark.parametrize("path", [path for path, command in COMMANDS.items() if not isinstance(command, click.Group)])
def test_every_command_and_option_is_documented(path: str) -> None:
    page = section(OPERATIONS, "Commands")
    assert f"| `reseau {path}` |" in page
    for option in options(COMMANDS[path]):
        assert f"`{option}`" in page, f"{path} {option}"


def test_options_of_all_commands_are_documented() -> None:
    assert all(f"`{option}`" in text(OPERATIONS) or f"reseau {option}" in text(OPERATIONS) for option in options(main))


def test_options_of_imports_are_explained() -> None:
    assert set(entries(IMPORTING, "Options")) == options(COMMANDS["import"])


@pytest.mark.parametrize("doc", PAGES, ids=ids)
def test_no_unknown_command_is_named(doc: Path) -> None:
    for line in command_lines(doc):
        words = re.findall(r"[^\s\[\]|]+", line)
        command, known = main, options(main) | {"--help"}
        for word in words:
            if word in ("#", "\\", "&&"):
                break
            if isinstance(command, click.Group) and word in command.commands:
                command = command.commands[word]
                known |= options(command)
            elif word.startswith("-"):
                assert word in known, f"reseau {line}: no option {word}"
            else:
                assert command is main or not isinstance(command, click.Group), f"no such command: reseau {line}"
        assert command is not main or any(word.startswith("-") for word in words), f"no such command: reseau {line}"


@pytest.mark.parametrize("doc", PAGES, ids=ids)
def test_every_make_target_exists(doc: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.M))
    code = "\n".join([*CODE.findall(prose(doc)), *blocks(doc, "sh", "console")])
    assert not set(re.findall(r"\bmake ([a-z]+)", code)) - targets


def shown() -> list[tuple[str, list[str]]]:
    """(arguments, lines shown after it) of the commands of ours in blocks marked ``console``."""
    found = []
    for doc in PAGES:
        for block in blocks(doc, "console"):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                line, *output = part.splitlines()
                if match := re.match(r"\.venv/bin/reseau (.+)", line):
                    found.append((match[1], [shown for shown in output if shown.strip()]))
    return found


@pytest.mark.parametrize("arguments, output", shown(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_shown_of_a_command_is_what_it_says(
    arguments: str, output: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert arguments in RUN, "only harmless commands are shown with their output"
    monkeypatch.chdir(tmp_path)
    environment = {"RESEAU_DATA_DIR": str(tmp_path / "data")}
    runner = CliRunner()
    assert runner.invoke(main, ["init"], env=environment, prog_name="reseau").exit_code == 0
    result = runner.invoke(main, arguments.split(), env=environment, prog_name="reseau")
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for line in output:
        assert line in result.output.splitlines()


# --- importing ----------------------------------------------------------------------------------------------


def test_every_refusal_reason_and_warning_is_explained() -> None:
    assert set(entries(IMPORTING, "What is refused")) == set(sentences.REFUSALS)
    assert set(entries(IMPORTING, "The summary")) == set(sentences.WARNINGS)
    assert sorted(entries(IMPORTING, "Reasons")) == sorted(sentences.REASONS)


def test_every_line_of_the_summary_is_explained() -> None:
    page = section(IMPORTING, "The summary")
    for label in showing.LABELS.values():
        assert f"\n| {label} | " in page


def test_every_source_is_documented() -> None:
    for name in commands.SOURCES:
        assert f"`{name}`" in text(IMPORTING)


# --- the interface for programs -----------------------------------------------------------------------------


def test_every_parameter_is_documented() -> None:
    known = {"q", "commune", "lat", "lon", "rayon", "tri", "page", "langue", *params.FILTERS}
    assert set(entries(API, "Parameters")) == known
    criteria = params.Criteria(
        q="x",
        where=params.Where("59512"),
        point=(50.0, 3.0),
        radius_km=1.0,
        filters={name: params.codes(name)[:1] for name in params.FILTERS},
        sort="nom",
    )
    written = set(re.findall(r"(?:^|&)([\w-]+)=", criteria.query(page=2)))
    assert written | {"langue"} == known, "params.py and this test disagree"


def test_values_that_are_not_of_a_vocabulary_are_documented() -> None:
    page = section(API, "Parameters")
    for value in (*params.OUVERT, *params.RDV, *params.SORTS, *params.EXTRA["modalite"]):
        assert f"`{value}`" in page


def test_every_field_is_documented() -> None:
    assert all(f"`{name}`" in section(API, "A list") for name in present.LISTED)
    assert all(f"`{field.name}`" in section(API, "A sheet") for field in FIELDS)


def test_figures_of_the_interface() -> None:
    from reseau.directory import views

    page = text(API)
    assert f"{params.PAGE_SIZE} places a page" in page
    assert f"{views.ON_MAP_AT_MOST:,} places" in page
    assert f"{params.MAX_QUERY} characters" in page
    assert f"{params.MAX_RADIUS_KM:g}" in page
    assert views.SUGGESTIONS == 8
    assert "at most eight words" in page


def examples(title: str) -> list[Any]:
    return [json.loads(body) for language, body in FENCE.findall(section(API, title)) if language == "json"]


def test_examples_have_the_keys_of_answers(app: TestApp, roubaix: Summary) -> None:
    (example,) = examples("A list")
    (query,) = re.findall(r"^`(/annuaire\.json\?\S+)`", section(API, "A list"), re.M)
    answer = app.get(query).json
    assert set(example) == set(answer)
    assert set(example["items"][0]) < set(answer["items"][0])
    for name in ("total", "page", "pages", "par_page", "tri", "ignores", "corrections", "mots_partiels"):
        assert example[name] == answer[name], name
    place = {
        name: value for name, value in example["items"][0].items() if name not in ("id", "url", "ouvert", "change_a")
    }
    assert place == {name: answer["items"][0][name] for name in place}
    named = {
        name for cell in re.findall(r"^\| ([^|]+) \|", section(API, "A list"), re.M) for name in CODE.findall(cell)
    }
    assert named == set(answer)
    assert all(f"`{name}`" in section(API, "A list") for name in answer["items"][0])

    (example,) = examples("A sheet")
    sheet = app.get(answer["items"][0]["url"] + ".json").json
    assert set(example) == set(sheet)
    assert set(example["champs"]["telephone"]) == set(sheet["champs"]["nom"])
    assert set(example["champs"]["frais_a_charge"]) == set(sheet["champs"]["services"])
    assert all(f"`{name}`" in section(API, "A list") + section(API, "A sheet") for name in sheet)

    (example,) = examples("The map")
    found = app.get("/annuaire/carte.json?commune=59512").json
    assert set(example["features"][0]["properties"]) == set(found["features"][0]["properties"])

    (example,) = examples("Errors")
    answer = app.get("/rien.json", status=404)
    assert answer.json == example
    assert answer.content_type in section(API, "Errors")


def test_values_shown_of_a_filter_are_its_values() -> None:
    assert str(list(params.codes("frais"))) in section(API, "Values")


def test_every_address_for_programs_is_documented() -> None:
    routes = (ROOT / "reseau" / "directory" / "routes.py").read_text(encoding="utf-8")
    for pattern in re.findall(r'"(/annuaire[^"]*\.json)"', routes):
        assert pattern in entries(API, "Addresses")


# --- architecture and translating ---------------------------------------------------------------------------


def test_every_package_is_described() -> None:
    named = entries(ARCHITECTURE, "Packages and arrows")
    packages = {path.parent for top in ("reseau", "importers") for path in (ROOT / top).rglob("__init__.py")}
    expected = {path.relative_to(ROOT).as_posix() for path in packages} - {"reseau"}
    expected = {name for name in expected if not name.startswith("reseau/threads/")}
    assert set(named) == expected | {"resources", "feeds"}
    threads = {path.parent.name for path in (ROOT / "reseau" / "threads").glob("*/__init__.py")}
    assert set(entries(ARCHITECTURE, "Exchanges")) == threads
    parts = {path.parent.name for path in (ROOT / "resources").glob("*/__init__.py")}
    assert set(entries(ARCHITECTURE, "Resources")) == parts | {"starter"}
    assert all(room.replace(".", "/") in named for room in ROOMS)


def test_every_named_file_exists() -> None:
    tops = ("reseau/", "importers/", "tests/", "frontend/", "alembic/", "docs/", "demo/", "bench/")
    for page in PAGES:
        for code in CODE.findall(prose(page)):
            if code.startswith(tops) and not re.search(r"[<>*{}\s]|NNNN|results\.json|static/vendor", code):
                assert (ROOT / code).exists(), f"{page.name}: {code}"


def test_every_method_of_the_engine_is_named() -> None:
    page = section(ARCHITECTURE, "Search")
    for name in vars(Engine):
        if not name.startswith("_"):
            assert f"`{name}`" in page


def test_tables_of_synonyms_are_described() -> None:
    import tomllib

    data = tomllib.loads((ROOT / "reseau" / "core" / "synonymes.toml").read_text(encoding="utf-8"))
    assert set(entries(TRANSLATING, "Synonyms")) == set(data)


def test_a_warning_stands_while_translations_are_not_reviewed() -> None:
    reviewed = [vocabularies.vocabulary(name).reviewed for name in vocabularies.names()]
    if not all(all(languages.values()) for languages in reviewed):
        assert "written by a machine" in text(TRANSLATING)
        assert "written by a machine" in text(ROOT / "README.md")

"""The message catalogues: what is missing in them, how they are updated, how they are compiled.

``missing(root)`` extracts the strings again and says what a reader would find untranslated; ``make check``
fails on it. ``update(root)`` writes the new strings into the ``.po`` files (``make translations``). Guesses
("fuzzy") are never made: a wrong sentence that looks finished is worse than an empty one that the check
refuses.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from reseau.settings import LANGUAGES
from reseau.web import DOMAIN

PACKAGES = ("reseau", "resources", "importers", "feeds")
SOURCE_LANGUAGE = "fr"
_PLACEHOLDER = re.compile(r"%\((\w+)\)")
_BOILERPLATE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Report-Msgid|Last-Translator|Language-Team|Generated-By).*\n', re.M
)
_COUNTS = {"num", "n"}  # a form for exactly none, one or two may say it in words


def po_path(root: Path, lang: str) -> Path:
    """The ``.po`` file of a language."""
    return root / "reseau" / "locale" / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract(root: Path) -> Catalog:
    """Every interface string of the packages under ``root`` (folders that do not exist are skipped)."""
    with (root / "reseau" / "locale" / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    template = Catalog(project="Réseau", charset="utf-8")
    for package in (root / name for name in PACKAGES):
        for name, _line, message, comments, context in extract_from_dir(package, methods, options):
            where = [((package / name).relative_to(root).as_posix(), 1)]
            template.add(message, None, where, auto_comments=comments, context=context)
    return template


def missing(root: Path) -> list[str]:
    """What is not as it should be in the catalogues; an empty list means complete.

    :param root: folder of the project (the one that holds ``reseau/``).
    :returns: one sentence a problem: untranslated, fuzzy, obsolete, placeholders that differ, file absent.
    """
    template, problems = extract(root), []
    for lang in LANGUAGES:
        if not po_path(root, lang).exists():
            problems.append(f"{lang}: {po_path(root, lang)} does not exist")
            continue
        catalog = _read(root, lang)
        for message in _needed(template, lang):
            translated = catalog.get(message.id, message.context)
            problems += [f"{lang}: {_key(message)!r}: {why}" for why in _faults(message, translated, catalog)]
        wanted = {_key(message) for message in _needed(template, lang)}
        left = [_key(message) for message in catalog if message.id and _key(message) not in wanted]
        problems += [f"{lang}: {key!r}: obsolete" for key in [*left, *map(_key, catalog.obsolete.values())]]
    return problems


def update(root: Path) -> None:
    """Bring the ``.po`` files up to the strings of the code: new ones empty, those no longer used taken out."""
    template = extract(root)
    for lang in LANGUAGES:
        path = po_path(root, lang)
        catalog = _read(root, lang) if path.exists() else Catalog(locale=lang)
        fresh = Catalog(locale=lang, project="Réseau", version="1", charset="utf-8", fuzzy=False)
        for message in _needed(template, lang):
            known = catalog.get(message.id, message.context)
            fresh.add(message.id, known.string if known else None, message.locations, context=message.context)
        fresh.header_comment = f"# Réseau, {lang}. Msgids are the French sentences of the interface."
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, fresh)


def compile_all(root: Path) -> list[Path]:
    """Compile what has changed; the files written. Safe when several processes do it at once."""
    written = []
    for lang in LANGUAGES:
        source = po_path(root, lang)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        partial = target.with_suffix(f".{os.getpid()}.tmp")
        with partial.open("wb") as out:
            write_mo(out, _read(root, lang))
        partial.replace(target)
        written.append(target)
    return written


def _read(root: Path, lang: str) -> Catalog:
    with po_path(root, lang).open("rb") as source:
        return read_po(source, locale=lang, domain=DOMAIN)


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as out:
        write_po(out, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)
    # Babel dates and signs the file each time: a change that nobody made, in every diff.
    text = _BOILERPLATE.sub("", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")


def _needed(template: Catalog, lang: str) -> Iterator[Message]:
    for message in template:
        if message.id and (lang != SOURCE_LANGUAGE or message.pluralizable):
            yield message


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def _forms(strings: object) -> list[str]:
    return [text or "" for text in strings] if isinstance(strings, tuple | list) else [str(strings or "")]


def _faults(message: Message, translated: Message | None, catalog: Catalog) -> Iterator[str]:
    forms = _forms(translated.string) if translated else [""]
    count = catalog.num_plurals if message.pluralizable else 1
    if len(forms) != count or not all(form.strip() for form in forms):
        yield "untranslated" if not any(forms) else f"{count} forms are needed"
        return
    if translated and translated.fuzzy:
        yield "fuzzy"
    names = set().union(*(_PLACEHOLDER.findall(text) for text in _forms(message.id)))
    optional = _COUNTS if message.pluralizable else set()
    for form in forms:
        found = set(_PLACEHOLDER.findall(form))
        if found - names or names - found - optional:
            yield f"placeholders differ: {sorted(names)} in French, {sorted(found)} in the translation"
        elif not _fills(form, names):
            yield "a percent sign that is neither %(name)s nor %%"


def _fills(text: str, names: set[str]) -> bool:
    try:
        return bool(text % dict.fromkeys(names, "1") or True)
    except (ValueError, TypeError, KeyError):
        return False


def main(arguments: list[str]) -> int:
    """``python -m reseau.web.catalogues check|update|compile [ROOT]``: 1 when the check finds something."""
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parents[2]
    action = arguments[0] if arguments else "check"
    if action == "check":
        for problem in (problems := missing(root)):
            print(problem)
        return int(bool(problems))
    {"update": update, "compile": compile_all}[action](root)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

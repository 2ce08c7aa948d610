"""Keep the translation catalogues in step with the Vietnamese texts in code and templates.

A message's id is the Vietnamese text itself, so Vietnamese needs no catalogue. Each folder of
translations/ is one other language.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def extract(root: Path) -> Catalog:
    """Return every marked text below root, with the files that it stands in.

    Which files are read, and how, is [tool.babel] in pyproject.toml.
    """
    template = Catalog(project="hai-long", charset="utf-8")
    for path, method, options in _sources(root):
        found = extract_from_file(method, path, KEYWORDS, options=options)
        for _line, message, comments, context in found:
            template.add(
                message,
                None,
                [(path.relative_to(root).as_posix(), 0)],
                auto_comments=comments,
                context=context,
            )
    return template


def _sources(root: Path) -> Iterator[tuple[Path, str, dict[str, str]]]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    for mapping in settings["tool"]["babel"]["mappings"]:
        method = mapping["method"]
        options = {key: mapping[key] for key in mapping.keys() - {"method", "pattern"}}
        patterns = mapping["pattern"]
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            for path in sorted(root.glob(pattern)):
                yield path, method, options


def catalogues(root: Path) -> list[Path]:
    """Return the catalogue of each language below root."""
    return sorted(root.glob("translations/*/LC_MESSAGES/messages.po"))


def read(path: Path) -> Catalog:
    """Return a catalogue; its language is the name of its folder."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def update(path: Path, template: Catalog) -> None:
    """Bring a catalogue to the texts of the template, keeping what is translated already.

    New texts come in empty, never guessed from similar ones; texts that are gone are dropped. No
    line numbers and no dates are written, so that a change shows only the texts that it touches.
    """
    catalogue = read(path)
    template.creation_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=100,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
        )


def compile_catalogue(path: Path) -> None:
    """Write the binary catalogue that the running system reads, beside its source.

    It appears under its name only when it is whole: a server may be reading the old one.
    """
    target = path.with_suffix(".mo")
    unfinished = target.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, read(path))
    unfinished.replace(target)


def compile_stale(root: Path) -> None:
    """Compile each catalogue whose binary is missing or older."""
    for path in catalogues(root):
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            compile_catalogue(path)


def problems(root: Path) -> list[str]:
    """Return what is wrong in the catalogues, a line a text.

    A text is missing, unused, not translated, unsure, or its placeholders differ.
    """
    wanted = _texts(extract(root))
    found = []
    for path in catalogues(root):
        name = path.relative_to(root).as_posix()
        catalogue = read(path)
        held = _texts(catalogue)
        found += [f"{name}: not in the catalogue: {text!r}" for text, _ in wanted - held]
        found += [f"{name}: no longer in any source: {text!r}" for text, _ in held - wanted]
        found += [f"{name}: {text}" for text in _faults(catalogue)]
    return sorted(found)


def _texts(catalogue: Catalog) -> set[tuple[str, str | None]]:
    return {(_text(message), message.context) for message in catalogue if message.id}


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _faults(catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if not message.id:
            continue
        label = repr(_text(message))
        strings = message.string or [""]
        if not all([strings] if isinstance(strings, str) else strings):
            yield f"not translated: {label}"
        elif message.fuzzy:
            yield f"marked as unsure (fuzzy): {label}"
        else:
            yield from (f"{error}: {label}" for error in message.check(catalogue))


def main() -> None:
    """Extract, update and compile, then list what is still to be translated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compile-only", action="store_true")
    if parser.parse_args().compile_only:
        compile_stale(ROOT)
        return
    template = extract(ROOT)
    for path in catalogues(ROOT):
        update(path, template)
        compile_catalogue(path)
    print("\n".join(problems(ROOT)) or f"{len(template)} texts, all translated.")


if __name__ == "__main__":
    main()

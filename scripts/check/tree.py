"""Rules for the files of the repository: where they may stand, their names, size and content."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

ALLOWED_AT_ROOT = frozenset(
    {
        *("survey", "kiosk", "templates", "static", "migrations", "translations", "cities"),
        *("docs", "scripts", "tests", "requirements", "requirements.txt", "pyproject.toml"),
        *("README.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci", ".gitignore"),
        *("wsgi.py", "gunicorn.conf.py"),
    }
)
MOST_LINES = 400
MEASURED = frozenset({".py", ".js", ".html", ".css"})
EMPTY_NAMES = re.compile(r"(utils?|helpers?|common|misc|services?|managers?)(\.\w+)?")
# Written in pieces, so that this file is not one of those that it refuses.
OUTSIDE_FOLDER = re.compile(re.escape("../" + "shared"))
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|farm|root|home/\w+|Users/\w+|tmp/bash_jobs)/")
INDEX_OPTION = re.compile(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b|\bfile:", re.M)


def problems(root: Path) -> list[str]:
    """Return the faults of all files that git tracks or would track, a line a fault."""
    found: list[str] = []
    for path in files(root):
        found += at_root(path) + named(path)
        text = content(root / path)
        if text is not None:
            for rule in CONTENT_RULES:
                found += rule(path, text)
    return found


def files(root: Path) -> list[PurePosixPath]:
    """Return the files of the working tree, those that git ignores left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    paths = {PurePosixPath(name) for name in listed.split("\0") if name}
    return sorted(path for path in paths if (root / path).is_file())


def content(path: Path) -> str | None:
    """Return a file's text, None where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def at_root(path: PurePosixPath) -> list[str]:
    """Name what stands at the root without being on its closed list."""
    if path.parts[0] in ALLOWED_AT_ROOT:
        return []
    return [f"{path}: {path.parts[0]} does not belong at the root of the repository"]


def named(path: PurePosixPath) -> list[str]:
    """Name folders and files whose name says nothing."""
    empty = [part for part in path.parts if EMPTY_NAMES.fullmatch(part)]
    return [f"{path}: the name {part} says nothing" for part in empty]


def reaching_outside(path: PurePosixPath, text: str) -> list[str]:
    """Name lines that reach outside the repository: a clone must work alone."""
    return [
        f"{path}:{number}: reaches outside the repository"
        for number, line in enumerate(text.splitlines(), 1)
        if OUTSIDE_FOLDER.search(line) or MACHINE_PATH.search(line)
    ]


def too_long(path: PurePosixPath, text: str) -> list[str]:
    """Name own code too long to read at one sitting; what others wrote is not ours to cut."""
    is_foreign = "vendor" in path.parts or path.parts[:2] == ("migrations", "versions")
    length = len(text.splitlines())
    if path.suffix not in MEASURED or is_foreign or length <= MOST_LINES:
        return []
    return [f"{path}: {length} lines, at most {MOST_LINES} are read at one sitting"]


def naming_an_index(path: PurePosixPath, text: str) -> list[str]:
    """Name requirements that tell where to get packages; that is the machine's affair."""
    if not path.name.startswith("requirements") and path.parts[0] != "requirements":
        return []
    return [f"{path}: names a package index or a folder"] if INDEX_OPTION.search(text) else []


def code_in_init(path: PurePosixPath, text: str) -> list[str]:
    """Name ``__init__.py`` files that hold more than a docstring and re-exports."""
    if path.name != "__init__.py":
        return []
    return [
        f"{path}:{statement.lineno}: only a docstring and re-exports belong here"
        for statement in ast.parse(text).body
        if not _is_docstring_or_export(statement)
    ]


def _is_docstring_or_export(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.Assign):
        return [ast.unparse(target) for target in statement.targets] == ["__all__"]
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


CONTENT_RULES: tuple[Callable[[PurePosixPath, str], list[str]], ...] = (
    reaching_outside,
    too_long,
    naming_an_index,
    code_in_init,
)

"""The check of the tree finds each fault, and only faults."""

import subprocess
from pathlib import Path, PurePosixPath

import pytest

from scripts.check import tree


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("/var/\n")
    (tmp_path / "README.md").write_text("# A project\n")
    return tmp_path


def test_clean_tree_has_no_fault(repository: Path):
    (repository / "var").mkdir()
    (repository / "var" / "anything.py").write_text("/work" + "/x\n" * 999)
    assert tree.problems(repository) == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("notes.md", "", "notes.md does not belong at the root"),
        ("survey/utils/dates.py", "", "the name utils says nothing"),
        ("survey/web/helpers.py", "", "the name helpers.py says nothing"),
        ("docs/a.md", "see ../" + "shared/x.md", "docs/a.md:1: reaches outside"),
        ("docs/a.md", "\nrun it in /wo" + "rk/main", "docs/a.md:2: reaches outside"),
        ("survey/a.py", "x = 1\n" * 401, "survey/a.py: 401 lines"),
        ("static/a.css", "\n" * 401, "static/a.css: 401 lines"),
        ("requirements.txt", "--index-url https://example.org/\n", "names a package index"),
        ("requirements/dev.txt", "a @ file:///x\n", "names a package index"),
        ("survey/a/__init__.py", '"""A."""\n\ndef f(): ...\n', "__init__.py:3: only a docstring"),
    ],
)
def test_fault_is_named(repository: Path, path: str, text: str, fault: str):
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text(text, encoding="utf-8")
    found = tree.problems(repository)
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("static/vendor/a.js", "\n" * 9999),
        ("migrations/versions/0001_a.py", "\n" * 500),
        ("survey/a/__init__.py", '"""A."""\n\nfrom survey.a.b import c\n\n__all__ = ["c"]\n'),
        ("docs/a.md", "https://example.org" + "/work" + "/a and network/x"),
        ("requirements.txt", "flask==3.1.3 \\\n    --hash=sha256:00\n    # via -r runtime.in\n"),
    ],
)
def test_what_is_allowed_is_not_named(repository: Path, path: str, text: str):
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text(text, encoding="utf-8")
    assert tree.problems(repository) == []


def test_untracked_and_removed_files(repository: Path):
    subprocess.run(["git", "add", "README.md"], cwd=repository, check=True)
    (repository / "README.md").unlink()
    (repository / "LICENSE").write_text("x")
    assert tree.files(repository) == [PurePosixPath(".gitignore"), PurePosixPath("LICENSE")]


def test_what_is_no_text_is_left_alone(repository: Path):
    (repository / "static").mkdir()
    (repository / "static" / "font.woff2").write_bytes(b"\xff\xfe/work" + b"/main/\x00")
    assert tree.problems(repository) == []

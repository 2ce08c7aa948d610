"""Catalogues follow the sources, and what they lack is named."""

import gettext
import shutil
from pathlib import Path

import pytest

from scripts.translate import ROOT, catalogues, compile_stale, extract, problems, read, update

PAGE = """{% trans %}Quý Ông/Bà{% endtrans %} {{ _("Gửi đánh giá") }}
{{ ngettext("%(num)s phiếu", "%(num)s phiếu", n) }}"""
MODULE = """from flask_babel import lazy_gettext
LABEL = lazy_gettext("Rất hài lòng")
"""
ENGLISH = {
    "Quý Ông/Bà": "Sir or Madam",
    "Gửi đánh giá": "Send the rating",
    "Rất hài lòng": "Very satisfied",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a translated page and module."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, text in (("templates/page.html", PAGE), ("survey/label.py", MODULE)):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text, encoding="utf-8")
    folder = tmp_path / "translations" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = folder / "messages.po"
    catalogue.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n')
    update(catalogue, extract(tmp_path))
    text = catalogue.read_text(encoding="utf-8")
    for vietnamese, english in ENGLISH.items():
        text = text.replace(
            f'msgid "{vietnamese}"\nmsgstr ""', f'msgid "{vietnamese}"\nmsgstr "{english}"'
        )
    text = text.replace('msgstr[0] ""', 'msgstr[0] "%(num)s rating"')
    text = text.replace('msgstr[1] ""', 'msgstr[1] "%(num)s ratings"')
    catalogue.write_text(text, encoding="utf-8")
    return tmp_path


def edit(project: Path, old: str, new: str) -> None:
    path = catalogues(project)[0]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_whole_catalogue_has_no_problem(project: Path):
    assert problems(project) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"Very satisfied"', '""', "not translated: 'Rất hài lòng'"),
        ('msgstr[1] "%(num)s ratings"', 'msgstr[1] ""', "not translated: '%(num)s phiếu'"),
        (
            'msgid "Rất hài lòng"',
            '#, fuzzy\nmsgid "Rất hài lòng"',
            "unsure (fuzzy): 'Rất hài lòng'",
        ),
        ('"%(num)s ratings"', '"%(n)s ratings"', "'%(num)s phiếu'"),
    ],
)
def test_problem_is_named(project: Path, old: str, new: str, problem: str):
    edit(project, old, new)
    found = problems(project)
    assert len(found) == 1
    assert found[0].endswith(problem)


def test_changed_text_is_missing_until_updated_and_never_guessed(project: Path):
    page = project / "templates" / "page.html"
    page.write_text(PAGE.replace("Gửi đánh giá", "Gửi  đánh giá đi"), encoding="utf-8")
    path = catalogues(project)[0]
    assert problems(project) == [
        "translations/en/LC_MESSAGES/messages.po: no longer in any source: 'Gửi đánh giá'",
        "translations/en/LC_MESSAGES/messages.po: not in the catalogue: 'Gửi  đánh giá đi'",
    ]
    update(path, extract(project))
    assert read(path).get("Gửi  đánh giá đi").string == ""
    assert read(path).get("Rất hài lòng").string == "Very satisfied"
    assert read(path).get("Gửi đánh giá") is None


def test_update_that_changes_nothing_writes_the_same_bytes(project: Path):
    path = catalogues(project)[0]
    update(path, extract(project))
    before = path.read_bytes()
    update(path, extract(project))
    assert path.read_bytes() == before


def test_compiled_catalogue_is_what_the_system_reads(project: Path):
    compile_stale(project)
    english = gettext.translation("messages", project / "translations", ["en"])
    assert english.gettext("Gửi đánh giá") == "Send the rating"
    assert english.ngettext("%(num)s phiếu", "%(num)s phiếu", 2) == "%(num)s ratings"


def test_unreadable_template_is_an_error(project: Path):
    (project / "templates" / "page.html").write_text("{% if %}", encoding="utf-8")
    with pytest.raises(Exception, match="Expected an expression"):
        extract(project)

"""Documents that lists in code must agree with."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETS = {"runtime": "requirements.txt"} | {
    name: f"requirements/{name}.txt" for name in ("dev", "bench", "tools")
}


def direct(name: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").split("\n")
    return {re.split(r"[\[=<>~ ]", line)[0] for line in lines if line and line[0] not in "-#"}


def pins(path: str) -> dict[str, str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", text, re.MULTILINE))


def justified(name: str) -> set[str]:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    section = text.partition(f"(`requirements/{name}.in`)")[2].partition("\n## ")[0]
    return {package for package, why in re.findall(r"^\| (\S+) \| (.+) \|$", section, re.M)} - {
        "package",
        "---",
    }


@pytest.mark.parametrize("name", SETS)
def test_each_direct_dependency_is_justified_and_no_other(name: str):
    assert justified(name) == direct(name)


@pytest.mark.parametrize("name", SETS)
def test_each_direct_dependency_is_pinned(name: str):
    assert direct(name) <= set(pins(SETS[name]))


@pytest.mark.parametrize("name", ["dev", "bench", "tools"])
def test_sets_that_share_the_environment_agree_on_every_pin(name: str):
    dev, other = pins(SETS["dev"]), pins(SETS[name])
    assert {package: other[package] for package in dev.keys() & other.keys()} == {
        package: dev[package] for package in dev.keys() & other.keys()
    }
    if name != "tools":
        assert pins(SETS["runtime"]).items() <= other.items()


def test_decision_records_are_numbered_once_and_listed():
    folder = ROOT / "docs" / "decisions"
    records = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\) \| \S.* \|$", index, re.M)
    assert [name for _, name in listed] == records
    assert [number for number, _ in listed] == [name[:4] for name in records]
    assert len({name[:4] for name in records}) == len(records)


def test_links_between_documents_lead_somewhere():
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    broken = []
    for name in listed.stdout.split():
        document = ROOT / name
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8")):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{name}: {target}")
    assert broken == []


def test_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").startswith("# Changes")

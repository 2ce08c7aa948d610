"""What a newcomer types first: make, and the two commands of the README."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# Steps of other targets, not commands of their own.
INNER = {"install-dev", "browser", "catalogues"}


def test_make_alone_lists_every_target():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)) - INNER
    assert set(re.findall(r"^  make (\S+) +\S", listed, re.MULTILINE)) == targets
    assert {"run", "test", "check", "bench", "screenshots", "translate", "audit"} <= targets


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_readme_names_the_command_on_its_first_screen(command: str):
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    assert any(line.strip().startswith(command) for line in first_screen)


def test_merge_gate_checks_then_tests_and_prints_nothing_after():
    gate = ROOT / ".ci" / "run"
    assert gate.stat().st_mode & 0o111
    assert gate.read_text(encoding="utf-8").rstrip().endswith("make check && make test")


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path):
    command = ["make", "-f", ROOT / "Makefile", "var/secrets.env"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    made = tmp_path / "var" / "secrets.env"
    text = made.read_text(encoding="ascii")
    assert made.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"SECRET_KEY=[0-9a-f]{64}\nDOSSIER_KEY=[0-9a-f]{64}\n", text)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert made.read_text(encoding="ascii") == text

"""What a newcomer types first: make, and the two commands of the README."""

import re
import shutil
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


@pytest.mark.parametrize(("failing", "printed"), [("", "1 passed"), ("test", "1 failed")])
def test_merge_gate_checks_then_tests_and_ends_with_the_tests_own_words(
    tmp_path: Path, failing: str, printed: str
):
    (tmp_path / ".ci").mkdir()
    gate = shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    stand_in = "check:\n\t@echo checked\ntest:\n\t@echo " + printed
    (tmp_path / "Makefile").write_text(f"{stand_in}; test $@ != '{failing}'\n")
    done = subprocess.run([gate], capture_output=True, text=True, check=False)
    assert done.stdout == f"checked\n{printed}\n"
    assert (done.returncode == 0) == (not failing)


def test_merge_gate_does_not_test_what_fails_the_check(tmp_path: Path):
    (tmp_path / ".ci").mkdir()
    gate = shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text("check:\n\t@false\ntest:\n\t@echo tested\n")
    done = subprocess.run([gate], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "tested" not in done.stdout


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path):
    command = ["make", "-f", ROOT / "Makefile", "var/secrets.env"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    made = tmp_path / "var" / "secrets.env"
    text = made.read_text(encoding="ascii")
    assert made.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"SECRET_KEY=[0-9a-f]{64}\nDOSSIER_KEY=[0-9a-f]{64}\n", text)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert made.read_text(encoding="ascii") == text

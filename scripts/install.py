"""Install one set of pinned, hashed packages into .venv; do nothing where it is there already.

Runs on the standard library alone, because nothing is installed yet when it is called.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {
    "runtime": ROOT / "requirements.txt",
    "dev": ROOT / "requirements" / "dev.txt",
    "bench": ROOT / "requirements" / "bench.txt",
    "tools": ROOT / "requirements" / "tools.txt",
}
OLDEST = (3, 11)


def fingerprint(requirements: Path) -> str:
    """Return what the stamp of an installed set holds: the digest of its compiled file."""
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def is_installed(stamp: Path, expected: str) -> bool:
    """Return whether the stamp names exactly this set."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == expected


def is_usable(venv: Path) -> bool:
    """Return whether an environment is whole, made by this Python and still where it was made.

    A moved environment starts with the old folder's programs, so it is made again.
    """
    settings = venv / "pyvenv.cfg"
    if not (settings.is_file() and (venv / "bin" / "pip").exists()):
        return False
    lines = settings.read_text(encoding="utf-8").splitlines()
    values = {
        key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)
    }
    series = tuple(values.get("version", "").split(".")[:2])
    is_same_python = series == tuple(str(part) for part in sys.version_info[:2])
    return is_same_python and values.get("command", str(venv)).endswith(str(venv))


def make_environment() -> None:
    """Create .venv; SystemExit with advice where this Python has no venv of its own."""
    print("Making the environment in .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    if made.returncode:
        sys.exit("This Python cannot make an environment; on Debian: apt-get install python3-venv")


def install(requirements: Path) -> None:
    """Install the packages of a compiled requirements file, each checked against its hash."""
    print(f"Installing {requirements.relative_to(ROOT)}", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", str(requirements)]
    if subprocess.run(command, check=False).returncode:
        sys.exit("The packages could not be installed; pip says why above.")


def main() -> None:
    """Install the set that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=SETS)
    name = parser.parse_args().set
    if sys.version_info < OLDEST:
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=…")
    stamp = VENV / f"installed-{name}"
    expected = fingerprint(SETS[name])
    if not is_usable(VENV):
        make_environment()
    if is_installed(stamp, expected):
        return
    install(SETS[name])
    stamp.write_text(expected, encoding="ascii")


if __name__ == "__main__":
    main()

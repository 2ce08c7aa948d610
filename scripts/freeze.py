"""Compile requirements/*.in into pinned, hashed files that install on every supported Python.

They are compiled for the lowest supported Python, since newer ones may resolve to releases that
no longer run on it, and without naming the index or folders of the machine that compiled them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWEST_PYTHON = "3.11"
# In this order: the later files build on the earlier ones.
COMPILED = {
    "requirements/runtime.in": "requirements.txt",
    "requirements/dev.in": "requirements/dev.txt",
    "requirements/bench.in": "requirements/bench.txt",
    "requirements/tools.in": "requirements/tools.txt",
}


def main() -> None:
    """Compile every set; further arguments (--upgrade) go to uv."""
    for source, target in COMPILED.items():
        print(f"{source} → {target}", flush=True)
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
        command += ["--no-header", "--python-version", LOWEST_PYTHON, source, "-o", target]
        done = subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(f"{source} could not be compiled.")


if __name__ == "__main__":
    main()

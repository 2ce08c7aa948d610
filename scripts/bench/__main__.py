"""Run every benchmark in turn, or the ones that are named; end with 1 where one of them fails."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    """Run each module of this folder as a program, so that none warms another's caches."""
    known = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    chosen = sys.argv[1:] or known
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
    failed = []
    for name in chosen:
        print(f"\n== {name}: .venv/bin/python -m scripts.bench.{name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"scripts.bench.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"\nFailed: {', '.join(failed)}")


if __name__ == "__main__":
    main()

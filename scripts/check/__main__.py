"""Run every check of the project's own; print the faults and end with 1 where there are any."""

import sys
from pathlib import Path

from scripts import translate
from scripts.check import templates, tree

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Check the tree, the templates and the catalogues."""
    faults = tree.problems(ROOT) + templates.problems(ROOT) + translate.problems(ROOT)
    if faults:
        sys.exit("\n".join(faults) + f"\n{len(faults)} faults.")
    print("Tree, templates and catalogues: no fault.")


if __name__ == "__main__":
    main()

"""Print the table of rights into docs/rights.md; a test holds the two against each other."""

from __future__ import annotations

from pathlib import Path

from survey.staff.rights import RIGHTS, Reach
from survey.staff.roles import Role

FILE = Path(__file__).resolve().parent.parent / "docs" / "rights.md"
BEGIN, END = "<!-- rights: begin -->", "<!-- rights: end -->"
_WORDS = {Reach.OWN: "own", Reach.ALL: "all", None: "–"}


def table() -> str:
    """Return the table as Markdown: a row a right, a column a role."""
    head = ["right", *(role.value for role in Role)]
    rows = [
        [f"`{right}`", *(_WORDS[reaches.get(role)] for role in Role)]
        for right, reaches in RIGHTS.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(text: str) -> str:
    """Return a document with the table in its place. ValueError where it has no place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{FILE.name} has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text(encoding="utf-8")), encoding="utf-8")

"""Reads the reference numbers and compares with them as each case asks."""

import json
import math
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "data" / "reference"


def cases(file: str, prefix: str = "") -> list[dict[str, Any]]:
    """First-round cases of one reference file whose id starts with the prefix."""
    content = json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))
    found = [
        case for case in content["cases"] if case["round"] == 1 and case["id"].startswith(prefix)
    ]
    assert found, f"no case {prefix!r} in {file}"
    return found


def close(
    got: float, want: float | None, tolerance: dict[str, float], abs_key: str = "abs"
) -> bool:
    """|got - want| <= max(abs, rel * |want|); a missing one counts as 0; null means NaN."""
    if want is None:
        return math.isnan(got)
    allowed = max(tolerance.get(abs_key, 0.0), tolerance.get("rel", 0.0) * abs(want))
    return abs(got - want) <= allowed

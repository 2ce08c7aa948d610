"""Reads the survey data of the reference cases and builds the design that a case describes."""

import csv
from functools import cache
from typing import Any

import numpy as np

from survey.stats.design import Design, survey_design
from tests.stats.reference import FOLDER


@cache
def table(file: str) -> dict[str, Any]:
    """Columns of one CSV: floats with NaN where every value is a number, else texts with None."""
    with (FOLDER / "data" / file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(texts: list[str]) -> Any:
    try:
        numbers = np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array([text or None for text in texts], object)
    return numbers


def design_of(case: dict[str, Any]) -> tuple[Design, dict[str, Any]]:
    """The design of a reference case and the columns of its data."""
    given = case["inputs"]["design"]
    data = table(given["data"])
    domains = "adjust" if case["inputs"].get("adjust_domain_lonely") else "leave"
    return survey_design(
        weights=None if given["weights"] is None else data[given["weights"]],
        strata=_columns(data, given["strata"]),
        stages=_columns(data, given["ids"]),
        fpc=_columns(data, given["fpc"]),
        nest=given["nest"],
        lonely=case["inputs"].get("lonely_psu", "fail"),
        lonely_domains=domains,
    ), data


def _columns(data: dict[str, Any], names: list[str] | None) -> list[Any] | None:
    return None if names is None else [data[name] for name in names]


def indicator(column: Any, success: str | int) -> Any:
    """1 where the value is the success, 0 where it is another, NaN where it is missing."""
    if column.dtype == object:
        return np.array([np.nan if value is None else value == str(success) for value in column])
    return np.where(np.isnan(column), np.nan, column == float(success))

"""The peers of the survey engine, each called as its own documentation shows.

A peer that is not installed is None and is named by the report; nothing else depends on it.
"""

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Columns = Mapping[str, Any]
Call = Callable[[], Any]


def installed(name: str) -> Any | None:
    """The module, None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def svy_domains(columns: Columns) -> Call | None:
    """Shares with logit intervals in each domain, from a data frame that is already there."""
    svy = installed("svy")
    if svy is None:
        return None
    frame = importlib.import_module("polars").DataFrame(dict(columns))

    def call() -> Any:
        design = svy.Design(stratum="stratum", psu="psu", wgt="weight")
        return svy.Sample(frame, design).estimation.prop("y", by="domain")

    return call


def svy_columns(found: Any) -> tuple[Any, ...]:
    """Standard error, low and high of the share of ones, in the order of the domains."""
    ones = [row for row in found.to_dicts() if row["y_level"] == 1]
    rows = sorted(ones, key=lambda row: int(row["by_level"][0]))
    return tuple(np.array([row[name] for row in rows]) for name in ("se", "lci", "uci"))


def samplics_domains(columns: Columns) -> Call | None:
    """Shares in each domain."""
    if installed("samplics") is None:
        return None
    estimation = importlib.import_module("samplics.estimation")
    parameters = importlib.import_module("samplics.utils.types")

    def call() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator = estimation.TaylorEstimator(parameters.PopParam.prop)
            estimator.estimate(
                y=columns["y"],
                samp_weight=columns["weight"],
                stratum=columns["stratum"],
                psu=columns["psu"],
                domain=columns["domain"],
            )
        return estimator

    return call


def svy_raking(columns: Columns, totals: Mapping[str, Mapping[int, float]]) -> Call | None:
    """Raking to 1e-10, from a data frame that is already there."""
    svy = installed("svy")
    if svy is None:
        return None
    frame = importlib.import_module("polars").DataFrame(dict(columns))

    def call() -> Any:
        sample = svy.Sample(frame, svy.Design(wgt="weight"))
        return sample.weighting.rake(
            controls={name: dict(levels) for name, levels in totals.items()},
            tol=1e-10,
            max_iter=200,
        )

    return call


def svy_weights(found: Any) -> Any:
    """The raked weights in the order of the rows."""
    return found.data["rk_wgt"].to_numpy()


def samplics_raking(columns: Columns, totals: Mapping[str, Mapping[int, float]]) -> Call | None:
    """Raking to 1e-10."""
    if installed("samplics") is None:
        return None
    weighting = importlib.import_module("samplics.weighting")
    margins = {name: columns[name] for name in totals}

    def call() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return weighting.SampleWeight().rake(
                samp_weight=columns["weight"],
                margins=margins,
                control={name: dict(levels) for name, levels in totals.items()},
                tol=1e-10,
                ctrl_tol=1e-6,
                max_iter=200,
            )

    return call

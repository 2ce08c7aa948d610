"""What weights were fitted to, kept so that standard errors know of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from survey.stats.counts import FloatArray

# Below this share of the largest, an eigenvalue is rounding: two margins add up to the same total.
SMALLEST_EIGENVALUE = 1e-11


@dataclass(frozen=True, eq=False)
class Calibration:
    """Auxiliaries whose weighted totals were made equal to known totals.

    Attributes
    ----------
    auxiliaries : scipy.sparse.csr_array, rows x q
        For margins, one column a level that is 1 in the rows that have it.
    base_weights : numpy.ndarray of float64
        The weights before calibration.

    Examples
    --------
    >>> fitted = Calibration(sparse.csr_array([[1.0], [1.0]]), np.array([1.0, 3.0]))
    >>> fitted.coefficients(sparse.csr_array([[2.0], [6.0]])).round(9).tolist()
    [[5.0]]
    """

    auxiliaries: Any
    base_weights: FloatArray

    @cached_property
    def inverse(self) -> FloatArray:
        """Generalised inverse of the weighted cross-products of the auxiliaries, q x q."""
        return general_inverse(weighted_products(self.auxiliaries, self.base_weights))

    def coefficients(self, columns: Any) -> FloatArray:
        """Regress sparse columns (rows x k) on the auxiliaries with the base weights: q x k."""
        weighted = scaled_rows(self.auxiliaries, self.base_weights)
        return np.asarray(self.inverse @ (weighted.T @ columns).toarray())


def weighted_products(columns: Any, weights: FloatArray) -> FloatArray:
    """Cross-products of sparse columns, each row counted with its weight."""
    return np.asarray((scaled_rows(columns, weights).T @ columns).toarray())


def general_inverse(products: FloatArray) -> FloatArray:
    """Inverse of a matrix of cross-products, whatever the columns' scales and ties among them.

    Examples
    --------
    >>> general_inverse(np.array([[4.0, 4.0], [4.0, 4.0]])).round(6).tolist()
    [[0.0625, 0.0625], [0.0625, 0.0625]]
    """
    scale = np.sqrt(np.diag(products))
    scale[scale == 0] = 1.0
    both = np.outer(scale, scale)
    return np.asarray(
        np.linalg.pinv(products / both, rcond=SMALLEST_EIGENVALUE, hermitian=True) / both
    )


def scaled_rows(columns: Any, weights: FloatArray) -> Any:
    """The same sparse columns, each row times its weight."""
    data = columns.data * np.repeat(weights, np.diff(columns.indptr))
    return sparse.csr_array((data, columns.indices, columns.indptr), shape=columns.shape)

"""What weights were fitted to, kept so that standard errors know of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from survey.stats.counts import FloatArray


@dataclass(frozen=True, eq=False)
class Calibration:
    """Auxiliaries whose weighted totals were made equal to known totals.

    Attributes
    ----------
    auxiliaries : scipy.sparse.csr_array, rows x q
        For margins, one column a level that is 1 in the rows that have it.
    base_weights : numpy.ndarray of float64
        The weights before calibration.
    inverse : numpy.ndarray of float64, q x q
        Generalised inverse of the weighted cross-products of the auxiliaries.
    """

    auxiliaries: Any
    base_weights: FloatArray
    inverse: FloatArray

    def coefficients(self, columns: Any) -> FloatArray:
        """Regress columns on the auxiliaries with the base weights.

        Parameters
        ----------
        columns : scipy.sparse.csr_array, rows x k

        Returns
        -------
        numpy.ndarray of float64, q x k
        """
        weighted = scaled_rows(self.auxiliaries, self.base_weights)
        return np.asarray(self.inverse @ (weighted.T @ columns).toarray())


def calibration_to(auxiliaries: Any, base_weights: FloatArray) -> Calibration:
    """Prepare the regression on the auxiliaries.

    Examples
    --------
    >>> fitted = calibration_to(sparse.csr_array([[1.0], [1.0]]), np.array([1.0, 3.0]))
    >>> fitted.coefficients(sparse.csr_array([[2.0], [6.0]])).tolist()
    [[5.0]]
    """
    products = (scaled_rows(auxiliaries, base_weights).T @ auxiliaries).toarray()
    # The levels of two margins add up to the same constant: the inverse must be a general one.
    scale = np.sqrt(np.maximum(np.diag(products), np.finfo(float).tiny))
    inverse = np.linalg.pinv(products / np.outer(scale, scale), rcond=1e-11, hermitian=True)
    return Calibration(auxiliaries, base_weights, inverse / np.outer(scale, scale))


def scaled_rows(columns: Any, weights: FloatArray) -> Any:
    """The same sparse columns, each row times its weight."""
    return sparse.csr_array(
        (columns.data * np.repeat(weights, np.diff(columns.indptr)), columns.indices,
         columns.indptr),
        shape=columns.shape,
    )  # fmt: skip

"""Small linear algebra whose sums run in a fixed order: the same input gives the same bits for any number of threads.

Belongs here: products, a Cholesky factor, a solver, least squares, for matrices of a handful of columns. Does not: statistics.
A library's routines split long sums among threads and by the processor's width; these do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def total(rows: Array) -> Array:
    """Sum over rows, in their order in pairs of fixed shape."""
    found: Array = np.add.reduce(np.ascontiguousarray(rows.T), axis=1)
    return found


def products(a: Array, b: Array) -> Array:
    """``a.T @ b``, each cell a sum in a fixed order."""
    return np.stack([total(a[:, [i]] * b) for i in range(a.shape[1])])


def applied(matrix: Array, rows: Array) -> Array:
    """``matrix @ row`` for every row."""
    found: Array = sum((rows[:, [i]] * matrix[:, i] for i in range(matrix.shape[1])), np.zeros(rows.shape))
    return found


def cholesky(cov: Array) -> Array:
    """The lower triangle ``root`` with ``root @ root.T == cov``. Raises ValueError where there is none."""
    root = np.zeros_like(cov)
    for i in range(len(cov)):
        for j in range(i + 1):
            rest = cov[i, j] - sum(root[i, k] * root[j, k] for k in range(j))
            if i == j and rest <= 0:
                raise ValueError("the covariance is not positive definite")
            root[i, j] = np.sqrt(rest) if i == j else rest / root[j, j]
    return root


def solved(matrix: Array, right: Array) -> Array:
    """``matrix^-1 @ right`` by elimination with the largest pivot of each column. Raises ValueError where there is none."""
    a, b = matrix.astype(float).copy(), right.astype(float).copy()
    for i in range(len(a)):
        best = i + int(np.argmax(np.abs(a[i:, i])))
        if a[best, i] == 0:
            raise ValueError("the matrix is singular")
        a[[i, best]], b[[i, best]] = a[[best, i]], b[[best, i]]
        for j in range(len(a)):
            if j != i:
                factor = a[j, i] / a[i, i]
                a[j], b[j] = a[j] - factor * a[i], b[j] - factor * b[i]
    found: Array = b / np.diag(a)[:, None]
    return found


def least_squares(y: Array, x: Array) -> Array:
    """The coefficients, shape (k,), of ``y``, shape (n,), on the columns of ``x``, shape (n, k). Raises ValueError if singular."""
    return solved(products(x, x), products(x, y[:, None]))[:, 0]

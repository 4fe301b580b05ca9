"""Scrambled Sobol points in four dimensions: those of scipy, whose module takes a second to import."""

from __future__ import annotations

import numpy as np

from needs_analysis.households.density import Array

DIMENSIONS = 4
_BITS = 30
# Joe and Kuo's polynomials (degree, inner coefficients) and first numbers of dimensions 2 to 4.
_POLYNOMIALS = ((1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)))


def scrambled(count: int, seed: int) -> Array:
    """Return the first points of a sequence scrambled by random triangular matrices and a shift.

    Parameters
    ----------
    count : int
        A power of two.
    seed : int
        Of the scrambling.

    Returns
    -------
    ndarray, shape (count, 4)
        From 0 up to, not including, 1: to the last bit `scipy.stats.qmc.Sobol(4, rng=...)`.

    References
    ----------
    Joe and Kuo (2008), Constructing Sobol sequences with better two-dimensional projections, SIAM
    Journal on Scientific Computing 30; Matousek (1998), On the L2-discrepancy for anchored boxes,
    Journal of Complexity 14.

    Examples
    --------
    >>> (scrambled(8, 1) * 8).astype(int)[:, 0].tolist()  # one in each eighth
    [2, 5, 7, 0, 1, 6, 4, 3]
    """
    rng = np.random.default_rng(seed).spawn(1)[0]
    weights = 1 << np.arange(_BITS, dtype=np.int64)
    shift = rng.integers(2, size=(DIMENSIONS, _BITS), dtype=np.uint32) @ weights
    lower = rng.integers(2, size=(DIMENSIONS, _BITS, _BITS), dtype=np.uint32)
    matrices = np.tril(lower, -1) + np.eye(_BITS, dtype=np.uint32)
    # Bits from the highest down: those of a number are a column of zeros and ones.
    bits = (_numbers()[:, None, :] >> np.arange(_BITS)[::-1, None]) & 1
    mixed = (matrices.astype(np.int64) @ bits) & 1
    numbers = weights[::-1] @ mixed
    index = np.arange(count)
    steps = index ^ (index >> 1)
    found = np.tile(shift, (count, 1))
    for one in range(_BITS):
        found ^= np.where((steps >> one) & 1, 1, 0)[:, None] * numbers[:, one]
    return found / 2.0**_BITS


def _numbers() -> np.ndarray:
    """Return the direction numbers, by dimension and step."""
    rows = [[1] * _BITS]
    for degree, inner, first in _POLYNOMIALS:
        row = list(first)
        while len(row) < _BITS:
            new = row[-degree] ^ (row[-degree] << degree)
            for back in range(1, degree):
                new ^= ((inner >> (degree - 1 - back)) & 1) * (row[-back] << back)
            row.append(new)
        rows.append(row)
    return np.array(rows, dtype=np.int64) << np.arange(_BITS)[::-1]

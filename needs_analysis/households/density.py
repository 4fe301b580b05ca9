"""The flattest density on an interval that has a given mean: what counts and amounts say, no more.

Inside a bounded class only the number of units and the sum of their values are known. Of all densities
with that mean the one of greatest entropy adds nothing to it: an exponential, tilted so that its mean is
the given one (Jaynes 1957; for tabulated incomes, Lee, Sasaki, Toda and Wang).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FLAT = 1e-5
"""Below this tilt the density is taken as even: the error is under 1e-11 of the interval."""
_EVEN = 1e-30
_STEPS = 6


def tilt(position: npt.ArrayLike) -> Array:
    r"""Return the tilt of the density on [0, 1] that has its mean at a position.

    .. math:: f(t) = \lambda e^{\lambda t} / (e^{\lambda} - 1), \qquad
              \frac{1}{1 - e^{-\lambda}} - \frac{1}{\lambda} = \bar{t}

    Parameters
    ----------
    position : array_like
        Mean within the interval, inside 0-1. Outside, where no density has it, and where it is
        missing, the density is even.

    Returns
    -------
    ndarray
        Tilt: 0 is even, negative leans to the lower end.

    References
    ----------
    Jaynes, E. T. (1957), Information Theory and Statistical Mechanics, Physical Review 106. The first
    guess is Cohen's (1991) of the inverse Langevin function.

    Examples
    --------
    >>> tilt([0.5, 0.25, 0.75, 1.2]).round(6).tolist()
    [0.0, -3.593512, 3.593512, 0.0]
    """
    given = np.asarray(position, dtype=float)
    inside = (given > 0) & (given < 1)
    lean = np.where(inside, np.abs(2 * given - 1), 0.0)
    found = 2 * lean * (3 - lean**2) / np.maximum(1 - lean**2, 1e-300)
    for _ in range(_STEPS):
        short = np.maximum(found, FLAT)
        inverse = _over_expm1(short)
        mean = 1 + inverse - 1 / short
        slope = 1 / short**2 - inverse * (1 + inverse)
        step = np.where(found > FLAT, ((lean + 1) / 2 - mean) / np.maximum(slope, 1e-300), 0.0)
        found = np.maximum(found + step, 0.0)
    return np.where(inside, np.where(given < 0.5, -found, found), 0.0)


def share_below(place: npt.ArrayLike, lean: npt.ArrayLike) -> Array:
    """Return the share of the density below a place of [0, 1].

    Examples
    --------
    >>> share_below([0.5, 0.5, 2.0], [0.0, -3.593512, 5.0]).round(4).tolist()
    [0.5, 0.8578, 1.0]
    """
    at, lean = np.clip(np.asarray(place, dtype=float), 0.0, 1.0), np.asarray(lean, dtype=float)
    # Leaning up is leaning down seen from the other end: no exponential overflows.
    down, up = _down(lean), lean > 0
    found = np.expm1(down * np.where(up, 1 - at, at)) / np.expm1(down)
    return np.asarray(np.where(up, 1 - found, found))


def quantile(share: npt.ArrayLike, lean: npt.ArrayLike) -> Array:
    """Return the place of [0, 1] below which a share of the density lies.

    Examples
    --------
    >>> quantile([0.5, 0.8578, 1.0], [0.0, -3.593512, 5.0]).round(3).tolist()
    [0.5, 0.5, 1.0]
    """
    start, span, at_0, slope = terms(lean)
    asked = np.clip(np.asarray(share, dtype=float), 0.0, 1.0)
    found = start + span * np.log1p(np.maximum(at_0 + slope * asked, LEAST))
    return np.asarray(np.clip(found, 0.0, 1.0))


LEAST = -1 + 2.0**-52
"""Below it the far end of a density that is all at the near one has no logarithm."""


def terms(lean: npt.ArrayLike) -> tuple[Array, Array, Array, Array]:
    """Return a, b, c, d of the quantile a + b log(1 + c + d u).

    Examples
    --------
    >>> [float(one.round(4)) for one in terms(np.float64(-3.593512))]
    [0.0, -0.2783, -0.0, -0.9725]
    """
    lean = np.asarray(lean, dtype=float)
    down, up = _down(lean), lean > 0
    slope = np.expm1(down)
    return (
        np.asarray(np.where(up, 1.0, 0.0)),
        np.asarray(np.where(up, -1 / down, 1 / down)),
        np.asarray(np.where(up, slope, 0.0)),
        np.asarray(np.where(up, -slope, slope)),
    )


def _down(lean: Array) -> Array:
    return np.asarray(-np.maximum(np.abs(lean), _EVEN))


def mean(lean: npt.ArrayLike) -> Array:
    """Return the mean of the density, inside 0-1.

    Examples
    --------
    >>> mean([0.0, -3.593509]).round(6).tolist()
    [0.5, 0.25]
    """
    lean = np.asarray(lean, dtype=float)
    safe = np.where(np.abs(lean) <= FLAT, 1.0, np.abs(lean))
    up = 1 + _over_expm1(safe) - 1 / safe
    up = np.where(np.abs(lean) <= FLAT, 0.5 + np.abs(lean) / 12, up)
    return np.asarray(np.where(lean < 0, 1 - up, up))


def _over_expm1(lean: Array) -> Array:
    """Return 1 / (e^lean - 1) of positive tilts; it does not overflow."""
    return np.asarray(-np.exp(-lean) / np.expm1(-lean))

"""Ratios, shares and quantiles over replications, with their intervals."""

from __future__ import annotations

from math import sqrt

import numpy as np

from needs_analysis.services.measures.intervals import student_t


def ratio(over: np.ndarray, under: np.ndarray, level: float) -> tuple[float, float, float]:
    """Return a ratio of sums over replications with its interval (delta method).

    A mean of each replication's ratio would favour replications in which few came.
    """
    if not under.sum():
        return np.nan, np.nan, np.nan
    value = over.sum() / under.sum()
    apart = over - value * under
    error = sqrt(apart.var(ddof=1) / len(apart)) / under.mean()
    half = float(student_t(len(apart) - 1, level)) * error
    return float(value), float(value - half), float(value + half)


def share_of(over: np.ndarray, under: np.ndarray, level: float) -> tuple[float, float, float]:
    """Return a share over replications, as :func:`ratio`, its interval inside 0 and 1."""
    value, low, high = ratio(over, under, level)
    return value, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def quantile(
    waits: np.ndarray, number: np.ndarray, replications: int, share: float, level: float
) -> tuple[float, float, float]:
    """Return a quantile of all waits; its interval inverts that of the share below it (Woodruff)."""
    if not len(waits):
        return np.nan, np.nan, np.nan
    value = np.quantile(waits, share)
    below = np.bincount(number[waits <= value], minlength=replications)
    every = np.bincount(number, minlength=replications)
    _, low, high = ratio(below - every * (below.sum() / every.sum() - share), every, level)
    low, high = np.quantile(waits, np.clip([low, high], 0, 1))
    return float(value), float(low), float(high)

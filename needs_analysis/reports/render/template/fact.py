"""What a name of a workbook stands for, and who knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from needs_analysis.figures import Quality


@dataclass(frozen=True)
class Fact:
    """A figure, or a word, as it may leave: its value, how it is printed, where it comes from.

    Parameters
    ----------
    value : int, float or str
        What a cell holds: shares are 0-1; the words where there is no number to tell.
    printed : str
        How it stands in a sentence.
    label, unit : str
        What it is, and its unit as printed.
    quality : Quality
        How it came to be.
    year, source : str
        The reference date, and the citations.
    """

    value: int | float | str
    printed: str
    label: str
    unit: str = ""
    quality: Quality = Quality.OBSERVED
    year: str = ""
    source: str = ""


class Known(Protocol):
    """Knows the figures of an area and of its municipalities by their names."""

    @property
    def units(self) -> Sequence[str]:
        """Return the codes of the municipalities, in order."""

    @property
    def names(self) -> Sequence[str]:
        """Return the names that the area has."""

    @property
    def of_municipalities(self) -> Sequence[str]:
        """Return the names that each municipality has."""

    def of(self, name: str, unit: str = ...) -> Fact | None:
        """Return a figure of the area, or of one of its municipalities; None of an unknown name."""

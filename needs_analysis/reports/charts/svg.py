"""Drawings written as SVG without a drawing library: shapes, and letters as their outlines.

Lengths are points (a 72nd of an inch), from the left and from the top.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from needs_analysis.reports.charts.drawing import INK, SVG_NAMESPACE

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

_EM = 100.0
"""Of the outlines: so many units are the size of a letter."""
_MIDDLE = 0.26
"""Of the size of letters: how far below the middle of a line they stand."""
_MARGIN = 3.6
# The font keeps one letter at a time.
_LOCK = Lock()


class Drawing:
    """Shapes and words, in the order in which they are drawn; the sheet is as large as they are.

    Examples
    --------
    >>> made = Drawing()
    >>> made.box(0, 0, 30, 8, "#1f4e79")
    >>> made.svg()[40:93]
    'width="37.2pt" height="15.2pt" viewBox="-3.6 -3.6 37.'
    """

    def __init__(self) -> None:
        self._drawn: list[str] = []
        self._letters: dict[tuple[str, bool], int] = {}
        self._across: list[float] = []
        self._down: list[float] = []

    def box(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        """Fill a box."""
        self._reach((left, left + width), (top, top + height))
        self._drawn.append(
            f'<rect x="{_short(left)}" y="{_short(top)}" width="{_short(width)}" '
            f'height="{_short(height)}" fill="{colour}"/>'
        )

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float
    ) -> None:
        """Draw a straight line."""
        self._reach((start[0], end[0]), (start[1], end[1]))
        (x, y), (to_x, to_y) = start, end
        self._drawn.append(
            f'<path d="M{_short(x)} {_short(y)}L{_short(to_x)} {_short(to_y)}" fill="none" '
            f'stroke="{colour}" stroke-width="{_short(width)}"/>'
        )

    def words(
        self, x: float, middle: float, text: str, size: float, *, bold: bool = False, right: bool = False
    ) -> None:  # fmt: skip
        """Write a line of letters around a height, from a place on or, `right`, up to it."""
        if not text:
            return
        placed, wide = _set(text, bold)
        left = x - wide * size / _EM if right else x
        base = middle + _MIDDLE * size
        self._reach((left, left + wide * size / _EM), (base - 0.8 * size, base + 0.25 * size))
        used = []
        for sign, at in placed:
            number = self._letters.setdefault((sign, bold), len(self._letters))
            used.append(f'<use href="#n{number}" x="{_short(at)}"/>')
        self._drawn.append(
            f'<g transform="translate({_short(left)} {_short(base)}) scale({size / _EM:g})" '
            f'fill="{INK}">{"".join(used)}</g>'
        )

    def svg(self) -> str:
        """Return what was drawn, on white."""
        left, top = (min(ends, default=0.0) - _MARGIN for ends in (self._across, self._down))
        right, bottom = (max(ends, default=0.0) + _MARGIN for ends in (self._across, self._down))
        wide, high = _short(right - left), _short(bottom - top)
        corner = f"{_short(left)} {_short(top)}"
        letters = "".join(
            f'<path id="n{number}" d={quoteattr(_outline(sign, bold)[0])}/>'
            for (sign, bold), number in self._letters.items()
        )
        return (
            f'<svg xmlns="{SVG_NAMESPACE}" width="{wide}pt" height="{high}pt" '
            f'viewBox="{corner} {wide} {high}"><defs>{letters}</defs>'
            f'<path d="M{corner}h{wide}v{high}h-{wide}z" fill="#ffffff"/>{"".join(self._drawn)}</svg>'
        )

    def _reach(self, across: Iterable[float], down: Iterable[float]) -> None:
        self._across += across
        self._down += down


def _short(number: float) -> str:
    """Print a length with at most two decimals.

    Examples
    --------
    >>> _short(1.5), _short(-0.001), _short(12.0)
    ('1.5', '0', '12')
    """
    shown = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _set(text: str, bold: bool) -> tuple[list[tuple[str, float]], float]:
    """Return the signs of a line with their places, and its length, both in units of the outlines."""
    at, before, placed = 0.0, "", []
    for sign in text:
        at += _kerned(before, sign, bold) if before else 0.0
        outline, step = _outline(sign, bold)
        if outline:
            placed.append((sign, at))
        at, before = at + step, sign
    return placed, at


@cache
def _outline(sign: str, bold: bool) -> tuple[str, float]:
    """Return the outline of a letter, from its foot upwards, and how far it is to the next."""
    from matplotlib.ft2font import LoadFlags

    with _LOCK:
        font = _font(bold)
        wide = font.load_char(ord(sign), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536
        points, kinds = font.get_path()
    drawn, at = [], 0
    letters = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3)}
    while at < len(kinds):
        letter, count = letters.get(int(kinds[at]), ("z", 1))
        ends = () if letter == "z" else points[at : at + count]
        drawn.append(letter + " ".join(f"{_short(x)} {_short(-y)}" for x, y in ends))
        at += count
    return "".join(drawn), wide


@cache
def _kerned(before: str, sign: str, bold: bool) -> float:
    """Return by how much a letter is moved that stands after another."""
    from matplotlib.ft2font import Kerning

    with _LOCK:
        font = _font(bold)
        pair = font.get_char_index(ord(before)), font.get_char_index(ord(sign))
        return font.get_kerning(pair[0], pair[1], Kerning.UNSCALED) * _EM / font.units_per_EM


@cache
def _font(bold: bool) -> FT2Font:
    """Return the letters of the drawings, which come with matplotlib."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(str(Path(get_data_path(), "fonts/ttf", name)))
    font.set_size(_EM, 72)
    return font

"""One column of figures as bars, a row a unit, in one line of a notebook."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators.declaration import registry, unit_of, wanted_column
from needs_analysis.reports.charts.bars import Bar, groups_of_bars
from needs_analysis.reports.charts.rows import check_fits
from needs_analysis.reports.language import QUALITY_LABELS, QUALITY_MARKS, own_unit, printed
from needs_analysis.territory.units import municipalities
from needs_analysis.words import ITALIAN, Voice


@dataclass(frozen=True, repr=False)
class Chart:
    """A drawing that a notebook shows.

    Parameters
    ----------
    svg : str
        It needs neither a font nor the network.
    """

    svg: str

    def _repr_svg_(self) -> str:
        """Return what a notebook shows: ids of its own, for it may stand in one page with others."""
        mark = hashlib.sha256(self.svg.encode()).hexdigest()[:8]
        return re.sub(r'(id="|href="#)', rf"\g<1>{mark}-", self.svg)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"<Chart: {len(self.svg)} letters of SVG>"

    def save(self, path: Path | str) -> None:
        """Write it as a file of SVG."""
        Path(path).write_text(self.svg, encoding="utf-8")


def chart(
    figures: Figures | pd.DataFrame,
    column: str,
    *,
    label: str = "",
    voice: Voice = ITALIAN,
) -> Chart:
    """Draw one column as bars, the highest value first, with its interval where it has one.

    What nobody counted carries the letter of its quality, as in the tables.

    Parameters
    ----------
    figures : Figures or DataFrame
        At most 60 units; of municipalities the names are printed.
    column : str
        A column of them, or the code of an indicator ("A1").
    label : str
        What is written over it; the indicator's label, or the column's name, when omitted.
    voice : Voice
        In which language.

    Returns
    -------
    Chart
        A notebook shows it; ``save(path)`` writes it.

    Raises
    ------
    Refused
        There is no such column of numbers, no value to draw, or more units than a page holds.

    Examples
    --------
    >>> frame = pd.DataFrame({"sportelli": [2.0, 1.0]}, index=["108033", "108041"])
    >>> chart(frame, "sportelli", label="Sportelli").svg[:4]
    '<svg'
    """
    name, given = wanted_column(as_figures(figures), column)
    known = registry().get(name)
    check_fits(given.data.index)
    order = given.data[name].astype(float).sort_values(ascending=False, kind="stable").index
    given = given.rows(order)
    values, low, high = (part[name].to_numpy(float) for part in (given.data, given.low, given.high))
    unit = unit_of(name) if known else own_unit(name, given.data[name])
    names = municipalities()["municipality_name"].reindex(order)
    grades = [Quality(int(one)) for one in given.quality[name]]
    marks = {one: voice.say(mark) for one, mark in QUALITY_MARKS.items() if one in grades}
    bars = [
        Bar(str(code) if pd.isna(called) else str(called),
            value, f"{printed(value, name, unit, voice)} {marks.get(grade, '')}".strip(), least, most)
        for code, called, value, grade, least, most in zip(
            order, names, values.tolist(), grades, low.tolist(), high.tolist(), strict=True
        )
    ]  # fmt: skip
    heading = label or (known.label_in(voice) if known else name)
    how = [f"{mark} {voice.say(QUALITY_LABELS[one])}" for one, mark in marks.items()]
    heading += f" ({'; '.join(how)})" if how else ""
    return Chart(groups_of_bars({heading: bars}))

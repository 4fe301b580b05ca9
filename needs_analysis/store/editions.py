"""Every edition of a table at hand, and not the newest only."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.provenance import Source
from needs_analysis.store import memo, recipes, shipped
from needs_analysis.store.kept import described, read


@dataclass(frozen=True, eq=False)
class Edition:
    """One edition of a table.

    Parameters
    ----------
    frame : DataFrame
        Its rows, keys as columns: as the table has them where it ships, as the source's reader gave
        them where it is the user's.
    source : Source
        With its own date and checksum.
    ships : bool
        Whether it ships with the program.
    """

    frame: pd.DataFrame
    source: Source
    ships: bool

    @property
    def date(self) -> str:
        """Return the reference date."""
        return self.source.reference_date


def editions(source_id: str) -> list[Edition]:
    """Return the user's editions of a source by date, before them what ships of it, if it is one.

    A table that is made of every edition ships as one: its date is that of all.

    Parameters
    ----------
    source_id : str
        Of a source, or of a citation ("mef_incomes", "omi_series").

    Returns
    -------
    list of Edition
        Up to the last date that may be used; of the user's files of one date the last.

    Examples
    --------
    >>> [(one.date, one.ships) for one in editions("mef_incomes")]
    [('2021', True)]
    """
    wanted(source_id, str)
    until = memo.selected().until
    found = [
        Edition(shipped.table(name), shipped.source_of(name), ships=True)
        for name, recipe in recipes.RECIPES.items()
        if source_id == (recipe.cited_as or recipe.source)
    ]
    files = described(path for path in memo.listed() if path.parent.name == source_id)
    by_date = {one.source.reference_date: one for one in files}
    found += [Edition(read(one).reset_index(), one.source, ships=False) for one in by_date.values()]
    return [one for one in found if recipes.dates_in(one.date)[-1][: len(until)] <= until]

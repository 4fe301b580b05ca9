"""The set of units that an index compares with: whose they are, how many, of which day."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from needs_analysis.territory import DAY, municipalities
from needs_analysis.territory.history import among
from needs_analysis.words import ITALIAN, N_, NN_, Voice

UNITS_MIN = 30
"""Fewer units than these are compared with themselves only where the caller says so."""
_WHOLE = 0.95  # of a territory's municipalities: the rest have been merged, or lack a value
_LEVELS = {"regione": "region_name", "provincia": "province_name"}


class SmallReference(UserWarning):
    """An index of few units was built without saying what they are compared with (``base=``)."""


class MixedEditions(UserWarning):
    """An index compares units whose indicators are of different editions (``panel.build``)."""


@dataclass(frozen=True)
class Reference:
    """The units from which ranges, means, bounds and weights were learned.

    Parameters
    ----------
    label : str
        The words that select them (``Italia``, ``regione:Lombardia``); empty where they are no whole
        territory.
    count : int
        How many have all that the index needs.
    day : str
        The day of the municipalities, as 2022-01-01; empty for other units.

    Examples
    --------
    >>> print(Reference("Italia", 7096, "2022-01-01"))
    Italia, 7.096 comuni al 01/01/2022
    """

    label: str
    count: int
    day: str

    def text(self, voice: Voice = ITALIAN) -> str:
        """Say it."""
        number = voice.number(self.count)
        if not self.day:
            return voice.plural(*_UNITS, self.count, number=number)
        counted = voice.plural(*_MUNICIPALITIES, self.count, number=number)
        of_day = voice.say(N_("{units} al {day}"), units=counted, day=pd.Timestamp(self.day))
        level, _, name = self.label.partition(":")
        place = voice.say(_PLACES[level], name=name) if name else voice.say(self.label)
        return ", ".join(filter(None, (place, of_day)))

    def __str__(self) -> str:
        """Say it in Italian."""
        return self.text()

    def as_mapping(self) -> dict[str, str | int]:
        """Return it as plain values, for the attributes of a table and for JSON."""
        return {"label": self.label, "count": self.count, "day": self.day}


_PLACES = {"regione": N_("regione {name}"), "provincia": N_("provincia {name}")}
_UNITS = NN_("{number} unità", "{number} unità")
_MUNICIPALITIES = NN_("{number} comune", "{number} comuni")


def reference_of(units: pd.Index, complete: int, attrs: Mapping[Hashable, object]) -> Reference:
    """Return the reference that a table is.

    Parameters
    ----------
    units : Index
        Of the table.
    complete : int
        How many of them have all values.
    attrs : mapping
        Of the table: its ``codes_on`` is the day of the municipalities where it is another.
    """
    day = pd.Timestamp(str(attrs.get("codes_on") or f"{DAY:%Y-%m-%d}"))
    listed = municipalities(day)
    of_years = isinstance(units, pd.MultiIndex)  # a panel of years is compared with its base
    if of_years or not len(units) or not among(units, listed.index).all():
        return Reference("", complete, "")
    return Reference(_label(units, listed), complete, f"{day:%Y-%m-%d}")


def _label(units: pd.Index, listed: pd.DataFrame) -> str:
    """Return the territory that the municipalities make up; nothing where they are a selection."""
    for level, column in _LEVELS.items():
        names = listed.loc[units, column].unique()
        if len(names) == 1:
            whole = (listed[column] == names[0]).sum()
            if len(units) >= _WHOLE * whole:
                return f"{level}:{names[0]}"
    return "Italia" if len(units) >= _WHOLE * len(listed) else ""


def warn_if_mixed(vintages: pd.DataFrame, known: pd.DataFrame) -> None:
    """Warn that an indicator is of one edition in some municipalities and of another in others.

    Parameters
    ----------
    vintages : DataFrame of str
        By unit and indicator.
    known : DataFrame of bool
        Which values there are.
    """
    if vintages.index.name != "municipality_code":
        return
    mixed = []
    for name, dated in vintages.where(known).items():
        dates = sorted(dated.dropna().unique())
        if len(dates) > 1:
            mixed.append(f"{name} ({', '.join(dates)})")
    if mixed:
        said = ITALIAN.say(
            N_(
                "indice che confronta comuni con dati di edizioni diverse: {names}. Costruirlo su "
                "panel.build(national=True), o dare base= con quello, per una sola edizione"
            ),
            names="; ".join(mixed),
        )
        warnings.warn(said, MixedEditions, stacklevel=3)


def warn_if_small(reference: Reference) -> None:
    """Warn that few units were compared with themselves."""
    if reference.count < UNITS_MIN:
        said = ITALIAN.say(
            N_(
                "indice confrontato solo con le sue {number} unità: dare base=, per esempio gli "
                "indicatori di tutta Italia, per un punteggio che valga anche fuori"
            ),
            number=reference.count,
        )
        warnings.warn(said, SmallReference, stacklevel=3)

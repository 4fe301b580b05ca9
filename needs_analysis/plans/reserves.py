"""The shares that the law sets apart: least and most, rounded once a year, owner and municipality."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import ParameterError
from needs_analysis.figures import wanted_frame
from needs_analysis.parameters import SHARE, Range
from needs_analysis.plans.schema import ORIGINS
from needs_analysis.words import N_

BODY = ("municipality_code", "owner")
_UNIT = (*BODY, "service", "unit_code")


@dataclass(frozen=True)
class Rule:
    """A share of the units available in a year that is set apart.

    Parameters
    ----------
    key : str
        Its name in tables.
    label : str
        As it is printed.
    article, version : str
        Where it stands, and as amended by what: the chain of amendments is not held to be complete.
    parameter : str
        The row of the share.
    side : {"least", "most"}
        Whether so much at least is set apart, rounded up, or at most, rounded down.
    base : str
        The units that the share is of, as they are printed.
    base_given : bool
        Whether the text seen says that base; else it is computed, said and asked for.
    by : tuple of str
        Of whom the base is: one owner in one municipality, or the municipality.
    rounding : str
        How the share becomes units, and whether the text says it.
    """

    key: str
    label: str
    article: str
    version: str
    parameter: str
    side: Literal["least", "most"]
    base: str
    base_given: bool = False
    by: tuple[str, ...] = BODY
    rounding: str = N_("arrotondato per difetto (il testo visto non dice come)")


_OF_OWNER = N_("alloggi SAP disponibili nell'anno, di ogni proprietario in ogni comune")


RULES: Mapping[str, Rule] = {
    one.key: one
    for one in (
        Rule("indigence", N_("Nuclei in indigenza"), N_("R.R. 4/2017 art. 13 c. 1 e 3"),
             N_("R.R. 3/2019 e R.R. 2/2025, fra le modifiche viste"), "plan_indigence_share", "least",
             _OF_OWNER, base_given=True,
             rounding=N_("arrotondato per eccesso, una volta l'anno, mai per avviso")),
        Rule("categories", N_("Categorie dell'art. 14"),
             N_("R.R. 4/2017 art. 14 c. 1 e art. 4 c. 3 lett. c bis"),
             N_("R.R. 3/2019 e R.R. 2/2025, fra le modifiche viste"), "plan_categories_share", "most",
             _OF_OWNER),
        Rule("transitional", N_("Servizi abitativi transitori (SAT)"), N_("L.R. 16/2016 art. 23 c. 13"),
             N_("come la riporta il Comune di Cologno Monzese"), "transitional_available_share",
             "most", _OF_OWNER),
        Rule("police", N_("Forze di polizia, vigili del fuoco, forze armate e polizia locale"),
             N_("R.R. 4/2017 art. 7 bis e 7 ter, art. 4 c. 3 lett. d bis"),
             N_("R.R. 2/2025, fra le modifiche viste"), "plan_police_share", "most",
             N_("alloggi SAP disponibili nell'anno nel comune, di tutti i proprietari"),
             by=("municipality_code",)),
    )
}  # fmt: skip


def exact(number: float) -> Fraction:
    """Return a number as it is written: 0.2 is a fifth, not the binary number nearest to it.

    Examples
    --------
    >>> exact(0.2)
    Fraction(1, 5)
    """
    return Fraction(repr(float(number)))


def least_units(base: int, share: float) -> int:
    r"""Return how many units a share is at least, rounded up.

    .. math:: u = \lceil s\,b \rceil

    Parameters
    ----------
    base : int
        Units available in the calendar year, of one owner in one municipality.
    share : float
        0-1.

    Raises
    ------
    ParameterError
        The base is no whole number from 0, or the share is not between 0 and 1.

    References
    ----------
    R.R. Lombardia 4/2017 art. 13 c. 1 and 3.

    Examples
    --------
    >>> [least_units(base, 0.2) for base in (0, 1, 4, 5, 6, 10, 11)]
    [0, 1, 1, 1, 2, 2, 3]
    """
    return math.ceil(_part(base, share))


def most_units(base: int, share: float) -> int:
    r"""Return how many units a share is at most, rounded down: the text seen does not say how.

    .. math:: u = \lfloor s\,b \rfloor

    Parameters
    ----------
    base, share
        As those of :func:`least_units`.

    Raises
    ------
    ParameterError
        As :func:`least_units`.

    Examples
    --------
    >>> most_units(9, 0.2), most_units(9, 0.1), most_units(10, 0.1)
    (1, 0, 1)
    """
    return math.floor(_part(base, share))


_WHOLE = Range(0, whole=True)


def _part(base: int, share: float) -> Fraction:
    wrong = (_WHOLE.wrong("base", base), SHARE.wrong("share", share))
    if problems := [one for one in wrong if one]:
        raise ParameterError(*problems)
    return exact(share) * int(base)


def counted_once(assignable: pd.DataFrame) -> pd.DataFrame:
    """Return the assignable rows with each unit counted once.

    Parameters
    ----------
    assignable : DataFrame
        Columns of the sheet "assegnabili".

    Returns
    -------
    DataFrame
        The same rows with `counted`: units less those counted in another row; of a unit that has a code
        and several rows (renovated and freed in the same year) the first origin of the law's order has
        it, the others 0.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "municipality_code": "108041", "owner": "aler", "service": "SAP",
    ...     "unit_code": ["A1", "A1", None], "origin": ["to_become_free", "renovation", "free"],
    ...     "units": [None, None, 3.0], "counted_elsewhere": [None, None, 1.0]})
    >>> counted_once(rows)["counted"].tolist()
    [0.0, 1.0, 2.0]
    """
    rows = wanted_frame(assignable, *_UNIT, "origin", "units", "counted_elsewhere").copy()
    units = rows["units"].astype(float)
    coded = rows["unit_code"].notna() & (rows["unit_code"] != "")
    units = units.mask(coded & units.isna(), 1.0)
    rows["counted"] = units - rows["counted_elsewhere"].astype(float).fillna(0.0)
    if coded.any():
        order = rows["origin"].map({one: at for at, one in enumerate(ORIGINS)}).astype(float)
        of = [rows.loc[coded, one] for one in _UNIT]
        first = order[coded].groupby(of, dropna=False).transform("min")
        again = order[coded] > first
        rows.loc[again.index[again], "counted"] = 0.0
    return rows


def available(assignable: pd.DataFrame) -> pd.DataFrame:
    """Return the base of the shares: public units (SAP) available in the year, by owner and place.

    Parameters
    ----------
    assignable : DataFrame
        Columns of the sheet "assegnabili", of all notices of the year.

    Returns
    -------
    DataFrame, by municipality_code and owner
        `base` units and the last `day` that they are of.
    """
    rows = counted_once(assignable)
    rows = rows[rows["service"] == "SAP"]
    by = rows.groupby([*BODY])
    return pd.DataFrame({"base": by["counted"].sum(), "day": by["day"].max()})


def due(assignable: pd.DataFrame, overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the units that each rule asks for at least, or allows at most.

    Parameters
    ----------
    assignable : DataFrame
        Columns of the sheet "assegnabili", of all notices of the year.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    DataFrame
        `rule`, `municipality_code`, `owner` ("" where the rule is of the municipality), `base` and its
        `day`, `share` and `units`: rounded once a year, owner and municipality, never by notice.

    Notes
    -----
    The base holds public units (SAP) alone: social ones (SAS) and those that are transitional already
    (SAT) are apart.

    Examples
    --------
    >>> rows = pd.DataFrame({  # two notices of two units each
    ...     "municipality_code": "108041", "owner": "municipality", "service": "SAP",
    ...     "unit_code": None, "origin": ["free", "to_become_free"], "units": [2.0, 2.0],
    ...     "counted_elsewhere": None, "day": pd.Timestamp("2026-11-30"), "notice": [1, 2]})
    >>> due(rows).set_index("rule")["units"].to_dict()
    {'indigence': 1, 'categories': 0, 'transitional': 0, 'police': 0}
    """
    base = available(assignable).reset_index()
    values = parameters.values(overrides)
    parts = []
    for rule in RULES.values():
        rows = base.groupby([*rule.by], as_index=False).agg(
            base=("base", "sum"), day=("day", "max")
        )
        share, rounded = values[rule.parameter], least_units if rule.side == "least" else most_units
        units = [rounded(int(one), share) for one in rows["base"]]
        parts.append(rows.assign(rule=rule.key, share=share, units=units))
    found = pd.concat(parts, ignore_index=True)
    found["owner"] = found["owner"].fillna("") if "owner" in found else ""
    return found[["rule", *BODY, "base", "day", "share", "units"]]

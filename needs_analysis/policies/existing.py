"""What an office already does, set against the catalogue: which of its policies exist here, how used.

The file is the template of local measures (``services template``); its counts are confidential: outputs
print what :func:`needs_analysis.told.policies.tell_existing` returns, never these frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from needs_analysis import parameters
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.policies.administrations import placed
from needs_analysis.policies.catalogue import Policy, every
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.services.files.office import read_policies
from needs_analysis.services.files.schema import TABLES
from needs_analysis.territory import normalise

_EMPTY_WORDS = frozenset(
    [
        "a",
        "ad",
        "al",
        "alla",
        "alle",
        "all",
        "con",
        "da",
        "dal",
        "dei",
        "del",
        "della",
        "delle",
        "dell",
        "di",
        "e",
        "gli",
        "i",
        "il",
        "in",
        "l",
        "la",
        "le",
        "lo",
        "nel",
        "per",
        "un",
        "una",
    ]
)
_ASIDE = re.compile(r"\([^)]*\)|\b(?:19|20)\d\d\b")


@dataclass(frozen=True, eq=False, repr=False)
class Existing:
    """The measures of some administrations, each with the catalogue's policy that it is. Confidential.

    Parameters
    ----------
    rows : DataFrame
        A row a measure, administration and year: the columns of the template, and `policy` (its id; ""
        where none is recognised), `by` ("id", "name" or ""), `likeness` (0-100, of names), `take_up`
        (0-1) and `take_up_of` ("admitted", "applications" or "").
    label : str
        ``INVENTED`` for invented data, else "".
    elsewhere : mapping of str to int
        Administrations that are not of the area, with how many rows of each were left out.
    unplaced : tuple of str
        Administrations that are not recognised: their rows stand.
    """

    rows: pd.DataFrame
    label: str = ""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say how many there are, without their counts."""
        return (
            f"<Existing of {len(self.rows)} rows: {len(self.policies)} policies of the catalogue>"
        )

    @property
    def policies(self) -> tuple[str, ...]:
        """Return the ids of the policies that exist, in the order of the catalogue."""
        found = set(self.rows["policy"])
        return tuple(one for one in every() if one in found)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Return the names of measures that are no policy of the catalogue, as they are written."""
        names = self.rows.loc[self.rows["policy"] == "", "measure_name"]
        return tuple(dict.fromkeys(names))

    def of(self, policy: str) -> pd.DataFrame:
        """Return the rows of a policy, each administration's last year only."""
        own = self.rows[self.rows["policy"] == policy]
        last = own.groupby(["measure_name", "administration_name"])["year"].transform("max")
        return own[own["year"] == last]


def existing(
    measures: pd.DataFrame | Path | str,
    overrides: Mapping[str, float] | None = None,
    *,
    codes: Iterable[str] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Existing:
    """Set the measures of an office against the catalogue.

    Parameters
    ----------
    measures : DataFrame or path
        Of ``services.read_policies``, or the file it reads.
    overrides : mapping of str to float, optional
        A study's parameters; `policy_name_likeness_min` is the one threshold for names.
    codes : iterable of str, optional
        The municipalities of an area: rows of administrations that are surely not of it are left out
        (:func:`needs_analysis.policies.administrations.placed`). Without any, all stand.
    codes_on : Timestamp or str, optional
        The day of those codes.

    Returns
    -------
    Existing
        Take-up of a row is beneficiaries over admitted applications, over all applications where the
        admitted were not told:

        .. math:: u = b / a

        It is missing where either was not transmitted or nobody applied: what is not transmitted is
        never 0.

    Raises
    ------
    PoliciesError
        A code of the column "codice del catalogo" is not in the catalogue: all are named.
    ParameterError
        The table is not of the template.
    SourceError
        The file cannot be read.

    Notes
    -----
    A blank code is filled by the name: the likeness of the words that matter, in any order (rapidfuzz
    ``token_sort_ratio``; brackets, years and small words aside), to the names of each policy. Two
    policies that are equally near are none.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> office = empty("measures").reindex([0, 1]).assign(
    ...     measure_name=["Contributo affitto 2025", "Banco alimentare"], administration_name="Sovico",
    ...     year=2025.0, applications=[40.0, 12.0], admitted=[30.0, None], beneficiaries=[24.0, None])
    >>> found = existing(office)
    >>> found.rows[["policy", "by", "take_up"]].values.tolist()
    [['P05', 'name', 0.8], ['', '', nan]]
    >>> found.unmatched
    ('Banco alimentare',)
    """
    wanted(measures, pd.DataFrame, Path, str)
    frame = measures if isinstance(measures, pd.DataFrame) else read_policies(measures)
    absent = tuple(one for one in TABLES["measures"].columns if one not in frame)
    if absent:
        raise ParameterError(problem("no_measures", columns=absent))
    least = parameters.values(overrides)["policy_name_likeness_min"]
    given = frame["policy_id"].fillna("").astype(str).str.strip().str.upper()
    unknown = sorted(set(given) - every().keys() - {""})
    if unknown:
        raise PoliciesError(
            *(problem("unknown", policy=one, known=tuple(every())) for one in unknown)
        )
    bodies = frame["administration_name"].fillna("").astype(str)
    known = None if codes is None else placed(bodies, codes, codes_on)
    apart = bodies.isin(known.elsewhere if known else ())
    rows = frame[~apart].reset_index(drop=True)
    given = given[~apart].reset_index(drop=True)
    names = {name: _recognised(name, least) for name in rows.loc[given == "", "measure_name"]}
    guessed = [names.get(one, ("", np.nan)) for one in rows["measure_name"]]
    by_name = (given == "") & pd.Series([bool(policy) for policy, _ in guessed])
    rows["policy"] = given.where(given != "", pd.Series([one for one, _ in guessed], dtype=str))
    rows["by"] = np.select([given != "", by_name], ["id", "name"], "")
    rows["likeness"] = pd.Series([like for _, like in guessed], dtype=float).where(by_name)
    of_admitted = rows["admitted"].notna()
    whole = rows["admitted"].where(of_admitted, rows["applications"])
    rows["take_up"] = (rows["beneficiaries"] / whole.where(whole > 0)).astype(float)
    told = rows["take_up"].notna()
    rows["take_up_of"] = np.select([told & of_admitted, told], ["admitted", "applications"], "")
    elsewhere = {name: int((bodies == name).sum()) for name in dict.fromkeys(bodies[apart])}
    unplaced = tuple(one for one in dict.fromkeys(bodies) if known and one in known.unknown)
    return Existing(rows, str(frame.attrs.get("label", "")), elsewhere, unplaced)


def _recognised(name: str, least: float) -> tuple[str, float]:
    """Return the policy that a free name is, with how like they are; none where two are as near."""
    likes = {one.id: _likeness(name, one) for one in every().values()}
    first, second = sorted(likes, key=lambda one: -likes[one])[:2]
    if likes[first] < least or likes[first] == likes[second]:
        return "", np.nan
    return first, likes[first]


def _likeness(name: str, policy: Policy) -> float:
    return max(
        fuzz.token_sort_ratio(_words(name), _words(one)) for one in (policy.name, *policy.names)
    )


def _words(name: str) -> str:
    """Return the words of a name that tell it from others.

    Examples
    --------
    >>> _words("Contributo per l'affitto 2025 (dati inventati)")
    'contributo affitto'
    """
    words = normalise(_ASIDE.sub(" ", name)).split()
    return " ".join(one for one in words if one not in _EMPTY_WORDS)

"""The municipalities of the day chosen: ISTAT's list of 2022 carried along the history of the codes."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_analysis import store
from needs_analysis.errors import AreaError
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, capitalised, day_of, listed
from needs_analysis.territory.problems import problem
from needs_analysis.territory.recode import links, recode

_SIZES = ["area_km2", "resident_population", "households"]
_NAMES = ["municipality_name", "municipality_name_it", "municipality_name_other"]
_PROVINCE = ["uts_code", "province_name", "province_abbreviation"]


def municipalities(codes_on: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Return the municipalities of a day, indexed by municipality_code: 7,904 on 1 January 2022.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        A day from 1 January 2022 on, which is the day when omitted.

    Returns
    -------
    DataFrame
        Names (as printed, Italian, other language), cadastral code, province, region, area in km2,
        resident population and households of 2021. Of a municipality made since of others, the sums
        of theirs; of one made of parts of others, a share by households, or equal shares.

    Raises
    ------
    ParameterError
        The day is before 1 January 2022, or no day.

    See Also
    --------
    unplaced : what ceased, or began, and is not among them.

    Examples
    --------
    >>> municipalities().loc["108033", ["municipality_name", "province_abbreviation"]].tolist()
    ['Monza', 'MB']
    >>> later = municipalities("2026-09-01")
    >>> len(later), later.loc["113017", ["municipality_name", "province_name"]].tolist()
    (7894, ['Olbia', 'Gallura Nord-Est Sardegna'])
    """
    return _municipalities(day_of(codes_on))


def rows_of(codes: Iterable[object], codes_on: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Return the rows of some municipalities of a day, in the order of their codes.

    Raises
    ------
    AreaError
        Codes that are of no municipality of the day; a few are named.

    Examples
    --------
    >>> rows_of(["108033", "015146"])["municipality_name"].tolist()
    ['Monza', 'Milano']
    """
    every, asked = municipalities(codes_on), pd.Index(list(codes), name="municipality_code")
    refuse_unknown(asked, every.index, codes_on)
    return every.loc[asked]


def refuse_unknown(
    asked: pd.Index, known: Iterable[object], codes_on: pd.Timestamp | str | None = None
) -> None:
    """Refuse codes, of municipalities or of provinces, that are not among those of a day.

    Raises
    ------
    AreaError
        A few of them are named.

    Examples
    --------
    >>> refuse_unknown(pd.Index(["108", "999"]), municipalities()["province_code"])
    Traceback (most recent call last):
    ...
    needs_analysis.errors.AreaError: il codice 999 non c'è al 2022-01-01
    """
    if len(absent := asked.difference(pd.Index(known))):
        few, day = tuple(map(str, absent[:5])), f"{day_of(codes_on):%Y-%m-%d}"
        raise AreaError(problem("unknown_codes", count=len(few), codes=few, day=day))


@store.remembered()
def _municipalities(day: pd.Timestamp) -> pd.DataFrame:
    before = listed()
    if day == DAY:
        return before
    given = before[_SIZES].assign(is_capital=before["is_capital"].astype(float))
    rules = dict.fromkeys(_SIZES, "sum") | {"is_capital": "max"}
    carried = recode(given, DAY, day, rules).frame
    frame = _names(before, day).reindex(carried.index).join(carried, validate="1:1")
    done = _with_provinces(frame.assign(is_capital=frame["is_capital"] > 0), before, day)
    found: pd.DataFrame = done[before.columns]
    return found.rename_axis("municipality_code")


def _names(before: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return codes and names of a day: ISTAT's where the archive's did not change since 2022."""
    archive = history.shipped()
    now, then = archive.on(day), archive.on(DAY)["municipality_name"]
    archived = now[["municipality_name", "municipality_name_other"]].map(capitalised)
    other = archived["municipality_name_other"]
    found = pd.DataFrame(
        {
            "municipality_code": now["municipality_code"],
            "municipality_name": archived["municipality_name"]
            + ("/" + other).where(other != "", ""),
            "municipality_name_it": archived["municipality_name"],
            "municipality_name_other": other,
            "province_abbreviation": now["province_abbreviation"],
        }
    )
    same = now.index[now["municipality_name"] == then.reindex(now.index)]
    own = before.set_index("cadastral_code")[_NAMES]
    kept = own.loc[own.index.intersection(same)]
    found.loc[kept.index, _NAMES] = kept
    return found.reset_index().set_index("municipality_code")


def _with_provinces(frame: pd.DataFrame, before: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Add the provinces by code: those of 2022, and those that came with later codes."""
    frame["province_code"] = frame.index.str[:3]
    known = before.drop_duplicates("province_code").set_index("province_code")[_PROVINCE]
    later = history.latest_codes().set_index("municipality_code")
    if len(later) and day >= history.RENUMBERED_FROM:
        named = later.set_index(later.index.str[:3])[_PROVINCE]
        known = pd.concat([named[~named.index.duplicated()], known])
        known = known[~known.index.duplicated()]
        frame["is_capital"] = later["is_capital"].reindex(frame.index).fillna(frame["is_capital"])
    found = known.reindex(frame["province_code"]).set_axis(frame.index)
    # A province that no list names is called by its abbreviation.
    found["uts_code"] = found["uts_code"].fillna(frame["province_code"])
    for name in ("province_abbreviation", "province_name"):
        found[name] = found[name].fillna(frame["province_abbreviation"])
    frame[_PROVINCE] = found
    linked = links(DAY, day).drop_duplicates("new").set_index("new")["old"]
    first = linked.reindex(frame.index)
    for name in ("region_code", "region_name"):
        frame[name] = before[name].reindex(first).to_numpy()
    return frame.astype({"is_capital": bool})


def unplaced(
    codes_on: pd.Timestamp | str | None = None, near: Iterable[str] | None = None
) -> pd.Series:
    """Return the municipalities that the history of the codes does not carry to a day, by code.

    Those of 1 January 2022 that ceased since without a successor in any list, and those of the day
    that no list says of what they were made. Their figures stand nowhere on that day.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        The day.
    near : iterable of str, optional
        Municipality codes: only what was in a province of theirs.

    Returns
    -------
    Series of str
        "Name (province)" by municipality_code.

    Examples
    --------
    >>> unplaced("2026-09-01").to_dict()
    {'018082': 'Lirio (PV)'}
    """
    day = day_of(codes_on)
    if day == DAY:
        return pd.Series(dtype="str")
    linked = links(DAY, day)
    before, now = listed(), history.shipped().on(day)
    ceased = before[~before.index.isin(linked["old"])]
    begun = now[(now.index != "") & ~now["municipality_code"].isin(linked["new"])]
    begun = begun.set_index("municipality_code")
    begun["municipality_name"] = begun["municipality_name"].map(capitalised)
    rows = pd.concat([ceased, begun])
    if near is not None:
        rows = rows[rows.index.str[:3].isin({code[:3] for code in near})]
    return rows["municipality_name"] + " (" + rows["province_abbreviation"] + ")"

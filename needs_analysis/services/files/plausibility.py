"""What registers, stays, referrals and measures say that is odd: warnings, which stop nothing.

Each names sheet, row and column, what was found and what to do; none repeats what identifies a guest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis import parameters, store
from needs_analysis.errors import Problem, Where, wanted
from needs_analysis.reading import MANY, personal, plain
from needs_analysis.services.files.cells import Loaded, Sheet
from needs_analysis.services.files.problems import of_rows, problem
from needs_analysis.services.files.schema import GROUPS, TABLES, Register, Stays

_FIRST_DAY = pd.Timestamp("1990-01-01")
"""Before this day a stay is rather a slip of the pen."""
_DAY_HOURS = 24
_ALIKE = 80
"""Similarity, 0-100, from which the name of an ambito is proposed."""
_AT_ONCE = 65_536
"""Stays whose numbers stand as numbers of Python at once."""
_AMBITO = re.compile(
    r"^(?:ambito|ambiti)(?: territoriale)?(?: sociale)?(?: (?:di|del|della|dell|dei|d))? "
)
_TODAY_DATES = ("referral_date", "answer_date", "entry_date", "exit_date")
"""What has happened already, where it is written."""


def proposed(text: str) -> tuple[Problem, ...]:
    """Return the proposal to write this instead, as one more end of a sentence; none for no text.

    Examples
    --------
    >>> print(*proposed("Monza"))
    proposta: «Monza»
    """
    return (problem("proposal", proposal=text),) if text else ()


def _earlier(sheet: Sheet, frame: pd.DataFrame, late: str, early: str, kind: str) -> list[Problem]:
    """Say where a date comes before the one that it follows."""
    turned = frame.index[frame[late] < frame[early]]
    return of_rows(
        sheet.at(late), turned,
        lambda row: problem(kind, found=frame[late][row], other=frame[early][row]),
    )  # fmt: skip


# --- register ------------------------------------------------------------------------------


def register_warnings(
    loaded: Loaded,
    frames: Mapping[str, pd.DataFrame],
    overrides: Mapping[str, float] | None = None,
) -> list[Problem]:
    """Return what a register says that deserves a look, by the thresholds of a study."""
    most = parameters.values(overrides)["transitional_dwelling_beds_max"]
    said = bodies(loaded.sheets["services"], frames["services"])
    said += _beds(loaded.sheets["dwellings"], frames, most)
    for name in ("dwellings", "places"):
        sheet, frame = loaded.sheets[name], frames[name]
        said += _earlier(sheet, frame, "closed", "opened", "closed_before_opened")
    places, dwellings = frames["places"], frames["dwellings"]
    gone = dwellings.loc[dwellings["closed"].notna(), "dwelling_code"]
    shut = places["closed"].notna() | places["dwelling_code"].isin(gone)
    taken = places.index[shut & (places["state"] == "occupied")]
    state = loaded.sheets["places"].at("state")
    return said + of_rows(state, taken, problem("shut_but_occupied"))


def _beds(sheet: Sheet, frames: Mapping[str, pd.DataFrame], most: float) -> list[Problem]:
    """Say where beds are too many for a transitional dwelling, or fewer than the open places."""
    dwellings, places = frames["dwellings"], frames["places"]
    kinds = frames["services"].set_index("service_code")["service_kind"]
    transitional = dwellings["service_code"].map(kinds) == "transitional_dwelling"
    many = dwellings.index[transitional & (dwellings["beds"] > most)]
    beds = dwellings["beds"]
    said = of_rows(
        sheet.at("beds"), many, lambda row: problem("many_beds", found=beds[row], most=most)
    )
    count = places[places["closed"].isna()].groupby("dwelling_code").size()
    held = pd.Series(count.reindex(dwellings["dwelling_code"]).to_numpy(float), dwellings.index)
    return said + of_rows(
        sheet.at("beds"), dwellings.index[held > beds],
        lambda row: problem("few_beds", found=beds[row], held=held.loc[row]),
    )  # fmt: skip


def without_addresses(
    sheet: Sheet, dwellings: pd.DataFrame, services: pd.DataFrame
) -> tuple[pd.DataFrame, list[Problem]]:
    """Leave out the addresses of protected services, saying where they stand."""
    secret = dwellings["service_code"].isin(services.loc[services["protected"], "service_code"])
    written = secret & dwellings["address"].notna()
    kept = dwellings.assign(address=dwellings["address"].mask(written))
    rows = dwellings.index[written]
    return kept, of_rows(sheet.at("address"), rows, problem("protected_address"))


def bodies(sheet: Sheet, frame: pd.DataFrame) -> list[Problem]:
    """Say, without repeating it, where a body is called as a person would be."""
    said = list[Problem]()
    for one in sheet.table.fields:
        if one.of_body:
            names = frame[one.name].dropna()
            persons = [name for name in names.unique() if personal.found_in(name) == personal.NAME]
            rows = names.index[names.isin(persons)]
            said += of_rows(sheet.at(one.name), rows, problem("body_like_person"))
    return said


def named_ambiti(sheet: Sheet, services: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Give each ambito one spelling: that of the archive, or the first of the file.

    Parameters
    ----------
    sheet : Sheet
        Of the services.
    services : DataFrame
        Its typed rows.

    Returns
    -------
    DataFrame, list of Problem
        The services, "MONZA" and "Ambito di Monza" now both "Monza"; a warning a name that the
        archive does not have, with the one it resembles where that is certain.
    """
    written = services["ambito_name"]
    known = {_folded(name): str(name) for name in store.table("ambiti")["ambito_name"].unique()}
    called = dict(known)
    for name in written.dropna().unique():
        called.setdefault(_folded(name), str(name))
    kept = written.map(lambda name: called[_folded(name)], na_action="ignore").astype("str")
    said = []
    for name in kept.dropna().unique():
        if _folded(name) not in known:
            rows = tuple(int(row) for row in kept.index[kept == name])
            hidden = personal.found_in(name)
            found = problem("found_name") if hidden else problem("found", cell=name[:60])
            advice = (problem("kept"), *proposed(_nearest(name, known)))
            where = sheet.at("ambito_name", rows)
            said.append(problem("unknown_ambito", where, found=found, kept=advice))
    return services.assign(ambito_name=kept), said


def _folded(name: str) -> str:
    """Return what tells one ambito from another: no case, no accents, no "Ambito di"."""
    said = plain(name)
    return _AMBITO.sub("", said) or said


def _nearest(name: str, known: Mapping[str, str]) -> str:
    """Return the only ambito that a misspelt name can mean; "" where it is not certain."""
    from rapidfuzz import fuzz, process

    ranked = process.extract(
        _folded(name), list(known), scorer=fuzz.ratio, limit=2, score_cutoff=_ALIKE
    )
    return known[ranked[0][0]] if len(ranked) == 1 else ""


# --- stays ---------------------------------------------------------------------------------


_WHO_WHERE_WHEN = ("guest", "household", "place_code", "entry_date", "exit_date")


def stays_warnings(
    loaded: Loaded,
    frames: Mapping[str, pd.DataFrame],
    overrides: Mapping[str, float] | None = None,
) -> list[Problem]:
    """Return what stays say that deserves a look, by the thresholds of a study."""
    months = int(parameters.values(overrides)["prolonged_stay_months_max"])
    frame, sheet = frames["stays"], loaded.sheets["stays"]
    entry, end = frame["entry_date"], frame["exit_date"]
    said = _earlier(sheet, frame, "exit_date", "entry_date", "exit_before_entry")
    nowhere = frame.index[entry.isna() & end.notna()]
    said += of_rows(sheet.at("entry_date"), nowhere, problem("exit_without_entry"))
    refused = frame.index[entry.notna() & (frame["answer"] == "refused")]
    said += of_rows(sheet.at("answer"), refused, problem("refused_but_entered"))
    # All columns of a million stays would be copied for the few that are looked at.
    said += _overlaps(sheet, frame.loc[entry.notna() & ~(end < entry), list(_WHO_WHERE_WHEN)])
    said += _impossible_days(sheet, frame, _TODAY_DATES)
    said += _earlier(sheet, frame, "answer_date", "referral_date", "answer_before_referral")
    said += _prolonged(sheet, frame, months)
    said += _beyond(sheet, frame, "goals_reached", "goals_set", "goals_beyond")
    if "absences" in frames:
        away = loaded.sheets["absences"], frames["absences"]
        said += _earlier(*away, "to_date", "from_date", "end_before_beginning")
        said += _away_elsewhere(*away, frame)
    if "activities" in frames:
        said += _endless_days(loaded.sheets["activities"], frames["activities"])
    return said


def _away_elsewhere(sheet: Sheet, absences: pd.DataFrame, stays: pd.DataFrame) -> list[Problem]:
    """Say which absences are not within their stay: those days are no absence."""
    # As in the check of references, a million codes in a million are Arrow's to look up.
    asked, known = (pa.array(one["stay_id"].array) for one in (absences, stays))
    at = pc.index_in(asked, value_set=known, skip_nulls=True)
    of = pc.fill_null(at, -1).to_numpy(zero_copy_only=False)
    entry, end = (
        stays[name].reset_index(drop=True).reindex(of).set_axis(absences.index)
        for name in ("entry_date", "exit_date")
    )
    never = (of >= 0) & entry.isna()
    out = (absences["from_date"] < entry) | (absences["to_date"] > end)
    return of_rows(sheet.at("from_date"), absences.index[never | out], problem("away_elsewhere"))


def _endless_days(sheet: Sheet, activities: pd.DataFrame) -> list[Problem]:
    """Say which activities of one day have more hours than a day."""
    hours = activities["hours"]
    return of_rows(
        sheet.at("hours"), activities.index[hours > _DAY_HOURS],
        lambda row: problem("endless_day", found=hours[row], most=_DAY_HOURS),
    )  # fmt: skip


def referrals_warnings(sheet: Sheet, frame: pd.DataFrame) -> list[Problem]:
    """Return what referrals say that deserves a look."""
    said = _impossible_days(sheet, frame, ("date", "answer_date"))
    own = frame.index[frame["from_member"] == frame["to_member"]]
    said += of_rows(sheet.at("to_member"), own, problem("to_itself"))
    return said + _earlier(sheet, frame, "answer_date", "date", "answer_before_referral")


def survey_warnings(sheet: Sheet, frame: pd.DataFrame) -> list[Problem]:
    """Return what a survey says that deserves a look."""
    asked = frame[["wave", "respondent_member", "about_member", "question"]]
    again = frame.index[asked.duplicated(keep=False)]
    return of_rows(sheet.at("question"), again, problem("answered_twice"))


def policies_warnings(sheet: Sheet, frame: pd.DataFrame) -> list[Problem]:
    """Return what local measures say that deserves a look."""
    more = _beyond(sheet, frame, "beneficiaries", "applications", "beneficiaries_beyond")
    more += _beyond(sheet, frame, "beneficiaries", "admitted", "beneficiaries_beyond_admitted")
    more += _beyond(sheet, frame, "admitted", "applications", "admitted_beyond")
    return bodies(sheet, frame) + more


def _beyond(sheet: Sheet, frame: pd.DataFrame, part: str, whole: str, kind: str) -> list[Problem]:
    """Say where a part is more than the whole."""
    some, every = frame[part], frame[whole]
    return of_rows(
        sheet.at(part), frame.index[some > every],
        lambda row: problem(kind, found=some[row], other=every[row]),
    )  # fmt: skip


def _impossible_days(sheet: Sheet, frame: pd.DataFrame, columns: Sequence[str]) -> list[Problem]:
    """Say which days have not come yet, or are too old to be true."""
    today, said = pd.Timestamp.now().normalize(), list[Problem]()
    for column in columns:
        days, where = frame[column], sheet.at(column)
        said += of_rows(
            where, frame.index[days > today],
            lambda row, days=days: problem("future", found=days.loc[row]),  # type: ignore[misc]
        )  # fmt: skip
        said += of_rows(
            where, frame.index[days < _FIRST_DAY],
            lambda row, days=days: problem("too_old", found=days.loc[row], year=_FIRST_DAY.year),  # type: ignore[misc]
        )  # fmt: skip
    return said


def _prolonged(sheet: Sheet, frame: pd.DataFrame, months: int) -> list[Problem]:
    """Say which stays are past the months that are usual."""
    # Those still present are counted up to the last day that the file knows.
    last = frame[["entry_date", "exit_date", "answer_date"]].max().max()
    last = min(last, pd.Timestamp.now().normalize()) if pd.notna(last) else last
    entry, end = frame["entry_date"], frame["exit_date"]
    past = (entry + pd.DateOffset(months=months) < end.fillna(last)).fillna(False)
    silent = frame["over_stay_reason"].isna()
    unsaid = problem("prolonged_unsaid", months=months, column=sheet.header("over_stay_reason"))
    said = problem("prolonged", months=months)
    return of_rows(
        sheet.at("exit_date"), frame.index[past & ~(end < entry)],
        lambda row: unsaid if silent.loc[row] else said,
    )  # fmt: skip


def _overlaps(sheet: Sheet, frame: pd.DataFrame) -> list[Problem]:
    """Say which stays share a guest, or a place with another household, on the same days."""
    every = pd.Series(np.arange(len(frame)), index=frame.index)
    guests = clashes(frame, pd.factorize(frame["guest"])[0], every)
    said = of_rows(
        sheet.at("entry_date"), sorted(guests), lambda row: problem("guest_twice", row=guests[row])
    )
    placed = frame[frame["place_code"].notna()]
    # A guest of no stated household is one of their own.
    family = pd.Series(pd.factorize(placed["household"].fillna(placed["guest"]))[0], placed.index)
    places = clashes(placed, pd.factorize(placed["place_code"])[0], family)
    return said + of_rows(
        sheet.at("place_code"), sorted(row for row in places if row not in guests),
        lambda row: problem("place_taken", row=places[row]),
    )  # fmt: skip


def clashes(frame: pd.DataFrame, groups: np.ndarray, parties: pd.Series) -> dict[int, int]:
    """Return the rows that begin before an earlier one of their group and another party ends.

    Parameters
    ----------
    frame : DataFrame
        Stays with an entry that do not end before it; the index is the row number.
    groups : array of int
        What two stays may not share, such as the place.
    parties : Series of int
        Who may: two stays of one party do not clash.

    Returns
    -------
    dict of int to int
        By row, the earlier one that lasts longest.
    """
    days = pd.DataFrame(
        {
            "group": groups,
            "party": parties.to_numpy(),
            "entry": frame["entry_date"].to_numpy().astype("int64"),
            "end": frame["exit_date"]
            .fillna(pd.Timestamp.max.normalize())
            .to_numpy()
            .astype("int64"),
            "row": frame.index.to_numpy(),
        }
    ).sort_values(["group", "entry", "end"], kind="stable")
    before = days.groupby("group")["end"].cummax().shift()
    same = days["group"].eq(days["group"].shift())
    crowded = days.loc[same & (days["entry"] < before), "group"].unique()
    rows = days[days["group"].isin(crowded)]
    return _clashes_in_order([rows[one].to_numpy() for one in rows.columns])


def _clashes_in_order(columns: Sequence[np.ndarray]) -> dict[int, int]:
    """Return the clashes of stays sorted by group and entry: group, party, entry, end, row.

    It is enough to know the stay that ends last, and the one that ends last of another party.
    """
    # Numbers of Python of a million stays at once would be the most memory that reading takes.
    starts = range(0, len(columns[0]), _AT_ONCE)
    stays = (
        stay
        for at in starts
        for stay in zip(*(one[at : at + _AT_ONCE].tolist() for one in columns), strict=True)
    )
    found: dict[int, int] = {}
    nobody = (np.iinfo(np.int64).min, -1, 0)
    first = second = nobody  # end, party, row
    here = -1
    for group, party, entry, end, row in stays:
        if group != here:
            here, first, second = group, nobody, nobody
        other = first if first[1] != party else second
        if entry < other[0]:
            found[row] = other[2]
        mine = (end, party, row)
        if party == first[1]:
            first = max(first, mine)
        elif end > first[0]:
            first, second = mine, first
        else:
            second = max(second, mine)
    return found


# --- register and stays --------------------------------------------------------------------


def unregistered(register: Register, stays: Stays) -> list[Problem]:
    """Return the services and places of the stays that the register does not have, with the rows.

    Parameters
    ----------
    register : Register
        The services and places.
    stays : Stays
        The stays in them.

    Returns
    -------
    list of Problem
        One a code; a code that is also a person's is not repeated.
    """
    said = list[Problem]()
    for kind, more, column, known in (
        ("unknown_service", "more_services", "service_code", register.services.index),
        ("unknown_place", "more_places", "place_code", register.places.index),
    ):
        codes = stays.stays[column]
        cells = pa.array(codes.astype("str").array, pa.string(), from_pandas=True)
        there = pc.is_in(cells, value_set=pa.array(known.astype("str").array, pa.string()))
        lost = codes[codes.notna() & ~there.to_numpy(zero_copy_only=False)]
        groups = lost.groupby(lost, sort=True)
        meant = {plain(str(code)).lstrip("0"): str(code) for code in known} if len(lost) else {}
        for code, rows in islice(groups, MANY):
            near = proposed(meant.get(plain(str(code)).lstrip("0"), ""))
            hidden = stays.origin is not None and str(code) in stays.origin.unsaid
            said.append(problem(
                kind, _where(stays, rows.index, column),
                code=problem("code_of_person") if hidden else problem("code", code=str(code)),
                cure=near[0] if near else problem("add_or_correct"),
            ))  # fmt: skip
        if len(groups) > MANY:
            said.append(problem(more, count=len(groups) - MANY))
    return said


def _where(stays: Stays, index: pd.Index, column: str) -> Where:
    """Return where some stays stand; their column alone where nobody knows."""
    header = TABLES["stays"].field(column).header
    if stays.origin is None:
        return Where(column=header)
    rows = sorted(stays.origin.rows.reindex(index).dropna().astype(int).tolist())
    return replace(stays.origin.where, rows=tuple(rows), column=header)


def check_together(register: Register, stays: Stays) -> tuple[Problem, ...]:
    """Return what does not agree between a register and its stays.

    Parameters
    ----------
    register : Register
        The services and places.
    stays : Stays
        The stays in them.

    Returns
    -------
    tuple of Problem
        Guests present in a place that is closed or to repair, or that does not take their group;
        stays out of a place's opening; more of a household than a place takes. What the register
        does not have is an error: :func:`unregistered`.
    """
    wanted(register, Register)
    wanted(stays, Stays)
    frame = stays.stays[stays.usable & stays.stays["place_code"].isin(register.places.index)]
    of = register.places.reindex(frame["place_code"]).set_index(frame.index)
    homes = register.dwellings.reindex(of["dwelling_code"]).set_index(frame.index)
    opened = pd.concat([of["opened"], homes["opened"]], axis=1).max(axis=1)
    closed = pd.concat([of["closed"], homes["closed"]], axis=1).min(axis=1)
    present = frame["exit_date"].isna()
    shut = (of["state"] == "closed") | closed.notna()
    inside = present & shut
    out = ~inside & (
        (frame["entry_date"] < opened)
        | (frame["entry_date"] >= closed)
        | (frame["exit_date"] > closed)
    )
    repair = present & ~shut & (of["state"] == "to_repair")
    said = list[Problem]()
    for mask, kind in (
        (inside, "place_shut"), (out, "place_not_open"), (repair, "place_to_repair"),
    ):  # fmt: skip
        said += _by_place(stays, frame[mask], "place_code", kind)
    other = present & _of_another_group(frame["target_group"], of["target_groups"])
    for group, some in frame[other].groupby("target_group"):
        label = GROUPS[str(group)].label
        said += _by_place(stays, some, "target_group", "place_not_for_group", group=label)
    return (*said, *_too_many(stays, frame, of["household_size_max"]))


def _of_another_group(group: pd.Series, groups: pd.Series) -> pd.Series:
    """Return where a stay's group is not among those that its place takes; both are stated."""
    taken = [f";{one};" in f";{some};" for one, some in zip(group, groups, strict=True)]
    return group.notna() & groups.notna() & ~pd.Series(taken, group.index, dtype=bool)


def _by_place(
    stays: Stays, some: pd.DataFrame, column: str, kind: str, **values: str
) -> list[Problem]:
    """Return a problem a place, with the rows of its stays."""
    groups = list(some.groupby("place_code"))
    said = [
        problem(kind, _where(stays, rows.index, column), place=str(code), **values)
        for code, rows in groups[:MANY]
    ]
    if (more := len(groups) - MANY) > 0:
        said.append(problem("same_in_places", _where(stays, some.index[:0], column), count=more))
    return said


def _too_many(stays: Stays, frame: pd.DataFrame, most: pd.Series) -> list[Problem]:
    """Say where more of one household are present at once than their place takes."""
    limited = frame[most.notna() & frame["place_code"].notna()]
    if limited.empty:
        return []
    family = limited["household"].fillna(limited["guest"])
    key = limited["place_code"].astype(str) + "\n" + family.astype(str)
    size = limited.groupby(key)["guest"].transform("nunique")
    said = []
    for _, rows in limited[size > most.reindex(limited.index)].groupby(key):
        limit = most[rows.index[0]]
        for stay, row in rows.iterrows():
            day = row["entry_date"]
            inside = rows[(rows["entry_date"] <= day) & ~(rows["exit_date"] <= day)]
            together = inside["guest"].nunique()
            if together > limit and stay in inside.index:
                said.append(problem(
                    "too_many_together", _where(stays, inside.index, "place_code"),
                    place=str(row["place_code"]), together=together, day=day, most=limit,
                ))  # fmt: skip
                break
    return said[:MANY]

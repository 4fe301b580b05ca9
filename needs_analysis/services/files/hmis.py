"""The HMIS CSV exchange format (HUD, FY2022, FY2024 and FY2026) becomes our register and stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from needs_analysis.errors import Problem
from needs_analysis.services.files.hmis_files import (
    Files,
    counted,
    place,
    read_files,
    where_in,
)
from needs_analysis.services.files.hmis_problems import problem
from needs_analysis.services.files.hmis_register import (
    code_of,
    filled_table,
    projects_of,
    register_of,
)
from needs_analysis.services.files.nights import OPEN, Ints, day_numbers
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.files.problems import problem as file_problem
from needs_analysis.services.files.pseudonyms import pseudonyms, read_key
from needs_analysis.services.files.schema import Register, Stays

_BED_NIGHT = "200"
"""Data element 4.14: the record of a night in a night-by-night shelter."""

DESTINATIONS_BY_CODE: Mapping[str, str] = {
    code: destination
    for destination, codes in {
        "autonomous_rent": "410 435 419 420 428 431 433 436 437 438 10 19 20 28 31 33",
        "sap_sas": "434 34",
        "owned": "411 421 11 21",
        "family_friends": "422 423 22 23",
        # Supported and dedicated housing (439, 440, formerly 3) is one more service.
        "other_service": "302 327 329 332 426 439 440 2 3 26 27 29 32",
        "institution": "204 205 206 207 215 225 4 5 6 7 15 25",
        "street": "101 116 118 1 16 18",
        # Relatives, friends and hotels for a while are no stable home, and no service either.
        "unknown": "312 313 314 335 336 12 13 14 35 36 8 9 17 24 30 37 99",
    }.items()
    for code in codes.split()
}
"""Lists 3.12.1 and 3.12.A of the HMIS data standards, and 3.12.1 before FY2024 (1 to 37)."""
_RENTED_WITH_SUBSIDY = "435"
"""The destination that list 3.12.A tells apart by the subsidy."""
_FOR_A_WHILE = ("312", "313", "314", "335", "336", "12", "13", "14", "35", "36")
_SUPPORTED = ("426", "439", "440", "3", "26")
_DECEASED = ("24",)
_CODE_LENGTH = 3
_TAKES_PART = "1"
"""List 2.08.1: the project takes part in the HMIS."""
_ENDLESS = pd.Timestamp("2200-01-01")
"""After every day that is read: where no end is written."""
GROUPS_BY_SITUATION: Mapping[str, str] = {
    code: group
    for group, codes in {
        "street": "101 116 118 1 16 18",
        "leaving_care": "204 205 206 207 215 225 4 5 6 7 15 25",
        "temporary_space": "302 314 327 329 332 2 14 27 29 32",
        "release_other": "312 313 335 336 12 13 35 36",
    }.items()
    for code in codes.split()
}
"""List 3.12.1, where a guest lived before, to our target groups; others are missing."""


def read_hmis(folder: Path | str, key: Path | str) -> tuple[Register, Stays]:
    """Read an HMIS CSV export as our register and stays; clients become pseudonyms.

    A project is a service, an inventory row a dwelling with one place a bed, an enrolment a stay
    from its entry to its exit. Three kinds of enrolment are not that:

    - in a night-by-night shelter a stay is a run of recorded nights, the last one with the exit's
      destination; those before it end with an unknown one;
    - in permanent housing and rapid re-housing a stay begins on the day of moving in, which is the
      head of household's where a member has none;
    - in a project without beds, and where nobody moved in or slept, the enrolment is accepted but
      has no entry: it counts no night, entry or exit.

    Where an export records no night, or no day of moving in, at all, the enrolment's dates stand.
    Enrolments do not say which bed, so stays have no place. Deleted rows are left out, with the
    enrolments of deleted projects and clients. Dates with slashes are read as the dates of their
    own file tell (a day over 12); where none does, the file is refused.

    Parameters
    ----------
    folder : Path or str
        A folder, or a zip, with Project.csv, Enrollment.csv and Exit.csv; Inventory.csv,
        Services.csv, Client.csv, Organization.csv, HMISParticipation.csv and Export.csv where they
        are there.
    key : Path or str
        The file of the secret key, outside the folder.

    Returns
    -------
    tuple of Register and Stays
        Their `warnings` count what has no equal and what was left out, by file, column and row.

    Raises
    ------
    SourceError
        With every problem: missing files and columns, wrong dates, dates of which nothing tells
        the day from the month, repeated identifiers. No identifier of a client is repeated.

    Notes
    -----
    Stays are what the system recorded, not what HUD's Longitudinal System Analysis would report.
    Of its rules 3.3 and 3.4 these are applied: no deleted rows; the day of moving in, the head's for
    the members, never before one's own entry or after one's own exit; nights from a recorded one to
    the morning after the last, none before the entry, from the exit on or after the project's
    closing; the end of stays at the closing.

    These are not applied, and a warning counts what they would change: households with no head or
    several are left out; members' days are cut to their head's; days before a project's opening, or
    outside its participation in the HMIS, are disregarded; a shelter's exit that is not the morning
    after the last night has an unknown destination.

    These are not applied, and nothing is counted: the choice of projects and days of a report
    (continuum, its code, victim services, seven years back), the exit after 90 days without a
    night, the night of who moves in on the day of the exit in rapid re-housing.

    References
    ----------
    U.S. Department of Housing and Urban Development, HMIS CSV Format Specifications, FY2022 to
    FY2026; HMIS Data Dictionary, elements 2.02, 3.12, 3.20 and 4.14; Longitudinal System Analysis,
    Programming Specifications, 3.3 and 3.4.
    """
    path = path_of(folder)
    secret = read_key(key, path)
    files = read_files(path)
    projects = projects_of(files)
    register = register_of(files, projects)
    noticed = [*files.noticed, *_covered(files)]
    enrolled = _enrolled(files, projects, noticed)
    stays = _stays(enrolled, _nights_slept(files, enrolled, noticed), secret, noticed)
    return register, Stays(stays, warnings=tuple(noticed))


def _covered(files: Files) -> list[Problem]:
    """Return what Export.csv says of the days and of the completeness of the export."""
    export = files.live["Export"]
    own = export[export["ExportID"].isin(files.live["Project"]["ExportID"])]
    export = export if own.empty else own
    noticed = []
    start, end = export["ExportStartDate"].max(), export["ExportEndDate"].max()
    if pd.notna(start) and pd.notna(end):
        noticed.append(problem("export_days", place("Export"), start=start, end=end))
    if (code_of(export["ExportDirective"]) == "1").any():
        noticed.append(problem("export_partial", place("Export", "ExportDirective")))
    return noticed


# --- enrolments ----------------------------------------------------------------------------


def _enrolled(files: Files, projects: pd.DataFrame, noticed: list[Problem]) -> pd.DataFrame:
    """Return the enrolments in known projects with their project's use, their exit and group."""
    every = files.live["Enrollment"]
    own = where_in(projects.index, every["ProjectID"])
    lost = pd.Series(own < 0, every.index)
    deleted = every["PersonalID"].isin(files.gone["Client"]) & ~lost
    clients = files.live["Client"]["PersonalID"]
    unknown = (where_in(clients, every["PersonalID"]) < 0) & ~lost & ~deleted & bool(len(clients))
    for kind, column, mask in (
        ("project_elsewhere", "ProjectID", lost),
        ("clients_deleted", "PersonalID", deleted),
        ("clients_elsewhere", "PersonalID", unknown),
    ):
        noticed += counted(kind, place("Enrollment", column), every.index[mask])
    read = ~lost & ~deleted
    enrolled, project = every[read], projects.iloc[own[read]]
    enrolled = enrolled.assign(
        use=project["use"].to_numpy(), project_closed=project["closed"].to_numpy(),
        head=(code_of(enrolled["RelationshipToHoH"]) == "1").to_numpy(),
    )  # fmt: skip
    _heads_notice(enrolled, noticed)
    left = _exits(files, enrolled, noticed)
    enrolled = enrolled.assign(group=_groups(enrolled), **left)
    opened = pd.Series(project["opened"].to_numpy(), enrolled.index)
    _unapplied_notices(files, enrolled, opened, noticed)
    return enrolled


def _heads_notice(enrolled: pd.DataFrame, noticed: list[Problem]) -> None:
    """Count the households that have not one head each."""
    named = enrolled["HouseholdID"].notna()
    if enrolled["RelationshipToHoH"].isna().all():
        return
    heads = enrolled.loc[named, "head"].groupby(enrolled.loc[named, "HouseholdID"]).sum()
    if wrong := int((heads != 1).sum()):
        where = place("Enrollment", "RelationshipToHoH")
        noticed.append(problem("heads", where, number=wrong))


def _unapplied_notices(
    files: Files, enrolled: pd.DataFrame, opened: pd.Series, noticed: list[Problem]
) -> None:
    """Count the enrolments that rules of the LSA would cut: days without the head, opening, HMIS."""
    entry, left = enrolled["EntryDate"], enrolled["left"].fillna(_ENDLESS)
    home = [enrolled["HouseholdID"], enrolled["ProjectID"]]
    came = entry.where(enrolled["head"]).groupby(home).transform("min")
    went = left.where(enrolled["head"]).groupby(home).transform("max")
    alone = ~enrolled["head"] & ((entry < came) | (left > went))
    periods = files.live["HMISParticipation"]
    taken = periods[code_of(periods["HMISParticipationType"]) == _TAKES_PART].set_index("ProjectID")
    begun, ended = (taken[f"HMISParticipationStatus{end}Date"] for end in ("Start", "End"))
    first, last = (
        ends.reindex(enrolled["ProjectID"]).set_axis(enrolled.index)
        for ends in (begun.groupby(level=0).min(), ended.fillna(_ENDLESS).groupby(level=0).max())
    )
    listed = enrolled["ProjectID"].isin(periods["ProjectID"])
    outside = (entry < first) | (left > last) | (listed & last.isna())
    for kind, column, mask in (
        ("without_head", "RelationshipToHoH", alone), ("before_opening", "EntryDate", entry < opened),
        ("outside_hmis", "EntryDate", outside),
    ):  # fmt: skip
        noticed += counted(kind, place("Enrollment", column), enrolled.index[mask])


def _exits(files: Files, enrolled: pd.DataFrame, noticed: list[Problem]) -> dict[str, Any]:
    """Return the day, the destination and the row of each enrolment's exit."""
    every = files.live["Exit"]
    known = where_in(files.live["Enrollment"]["EnrollmentID"], every["EnrollmentID"]) >= 0
    lost = every.index[~known & ~every["EnrollmentID"].isin(files.gone["Enrollment"])]
    undated = every.index[every["ExitDate"].isna()]
    at = where_in(every["EnrollmentID"], enrolled["EnrollmentID"])
    # An enrolment without an exit is at -1, where no row stands.
    out = every.reset_index(names="row").reindex(at).reset_index(drop=True)
    codes, subsidies = code_of(out["Destination"]), code_of(out["DestinationSubsidyType"])
    rented = (codes == _RENTED_WITH_SUBSIDY) & subsidies.isin(list(DESTINATIONS_BY_CODE))
    codes = codes.mask(rented, subsidies).where(out["ExitDate"].notna())
    destination = codes.map(DESTINATIONS_BY_CODE)
    noticed += counted("exits_elsewhere", place("Exit", "EnrollmentID"), lost)
    noticed += counted("exits_undated", place("Exit", "ExitDate"), undated)
    noticed += _destination_notices(codes, out["row"])
    # An exit that nobody described is an exit to nowhere known.
    left = out["ExitDate"].notna()
    return {
        "left": out["ExitDate"].to_numpy(), "exit_row": out["row"].to_numpy(),
        "destination": destination.mask(left & destination.isna(), "unknown").to_numpy(),
    }  # fmt: skip


def _destination_notices(codes: pd.Series, rows: pd.Series) -> list[Problem]:
    """Count the destinations that ours do not tell apart, and those that no list has."""
    where = place("Exit", "Destination")
    noticed = [
        problem(kind, where, number=count)
        for kind, known in (
            ("for_a_while", _FOR_A_WHILE), ("supported", _SUPPORTED), ("deceased", _DECEASED),
        ) if (count := int(codes.isin(known).sum()))
    ]  # fmt: skip
    strange = codes[codes.notna() & ~codes.isin(list(DESTINATIONS_BY_CODE))]
    # A long text may name a person.
    shown = strange.where(strange.str.len() <= _CODE_LENGTH, "")
    for code, at in rows[strange.index].groupby(shown).groups.items():
        found = file_problem("found", cell=code) if code else problem("found_text")
        every = rows[at].astype(int).sort_values()
        noticed += counted("no_destination", where, every, found=found)
    return noticed


def _groups(enrolled: pd.DataFrame) -> Any:
    """Return the target group by where a guest lived; the head's for those who were not asked."""
    situations = code_of(enrolled["LivingSituation"])
    own = situations.map(GROUPS_BY_SITUATION)
    heads = own[enrolled["head"]].groupby(enrolled["HouseholdID"]).first()
    shared = enrolled["HouseholdID"].map(heads)
    return own.mask(situations.isna(), shared).to_numpy()


def _moved_in(enrolled: pd.DataFrame, noticed: list[Problem]) -> pd.Series:
    """Return the day on which each guest of a housing project moved in; NaT for the others.

    It is recorded for the head of household; a member who joined later moved in on entering.
    """
    entry, left = enrolled["EntryDate"], enrolled["left"]
    own = enrolled["MoveInDate"].where(enrolled["use"] == "housed")
    wrong = (own < entry) | (own > left)
    where = place("Enrollment", "MoveInDate")
    noticed += counted("moved_in_outside", where, enrolled.index[wrong])
    own = own.mask(wrong)
    home = [enrolled["HouseholdID"], enrolled["ProjectID"]]
    head = own.where(enrolled["head"]).groupby(home).transform("min")
    head = head.where(enrolled["HouseholdID"].notna() & (enrolled["use"] == "housed"))
    joined = head.mask(head < entry, entry)
    return own.fillna(joined.mask(joined > left))


def _nights_slept(files: Files, enrolled: pd.DataFrame, noticed: list[Problem]) -> pd.DataFrame:
    """Return the runs of recorded nights: the enrolment's position, first night, morning after."""
    services = files.live["Services"]
    nightly = (enrolled["use"] == "nightly").to_numpy()
    beds = services[
        (code_of(services["RecordType"]) == _BED_NIGHT) & services["DateProvided"].notna()
    ]
    numbers = where_in(enrolled["EnrollmentID"], beds["EnrollmentID"])
    mine = np.r_[nightly, False][numbers]
    rows, at = beds.index[mine], numbers[mine]
    night = day_numbers(beds["DateProvided"], 0)[mine]
    entry = day_numbers(enrolled["EntryDate"], 0)[at]
    ends = [day_numbers(enrolled[one], OPEN)[at] for one in ("left", "project_closed")]
    outside = (night < entry) | (night >= np.minimum(*ends))
    noticed += counted("nights_outside", place("Services", "DateProvided"), rows[outside])
    _late_exits_notice(enrolled, at[~outside], night[~outside], noticed)
    # A night recorded twice is one: enrolment and night as one number, never below zero.
    both = at[~outside] * (2 * OPEN) + night[~outside] + OPEN
    at, night = np.divmod(np.unique(both), 2 * OPEN)
    night -= OPEN
    begins = np.r_[True, (np.diff(at) != 0) | (np.diff(night) != 1)][: len(at)]
    closes = np.r_[begins[1:], True][: len(at)]
    return pd.DataFrame({"at": at[begins], "first": night[begins], "past": night[closes] + 1})


def _late_exits_notice(
    enrolled: pd.DataFrame, at: Ints, night: Ints, noticed: list[Problem]
) -> None:
    """Count the exits that are not the morning after the last night recorded."""
    last = pd.Series(night, dtype="int64").groupby(at).max()
    left = day_numbers(enrolled["left"], OPEN)[last.index]
    late = last.index[(left != OPEN) & (left != last + 1)]
    rows = enrolled["exit_row"].iloc[late].dropna().sort_values()
    noticed += counted("exits_later", place("Exit", "ExitDate"), rows)


# --- stays ---------------------------------------------------------------------------------


def _stays(
    enrolled: pd.DataFrame, runs: pd.DataFrame, key: bytes, noticed: list[Problem]
) -> pd.DataFrame:
    """Return the stays of the enrolments."""
    entry, use = enrolled["EntryDate"].copy(), enrolled["use"]
    if enrolled.loc[use == "housed", "MoveInDate"].notna().any():
        entry = entry.where(use != "housed", _moved_in(enrolled, noticed))
    elif (use == "housed").any():
        noticed.append(problem("no_moving_in", place("Enrollment", "MoveInDate")))
    entry = entry.mask(use == "none")
    if len(runs):
        entry = entry.mask(use == "nightly")
    elif (use == "nightly").any():
        noticed.append(problem("no_nights", place("Services")))
    _never_notices(enrolled, entry, runs, noticed)
    bounded = _within_project(enrolled.assign(entry=entry), noticed)
    spells = _spells(bounded, runs)
    _spell_notices(enrolled, spells, runs, noticed)
    at = spells["at"].to_numpy()
    first = np.diff(at, prepend=-1) != 0  # one answer an enrolment
    return filled_table("stays", {
        "stay_id": _stay_codes(enrolled, spells, key),
        "guest": _hashed(enrolled["PersonalID"], key, "guest")[at],
        "household": _hashed(enrolled["HouseholdID"], key, "household")[at],
        "service_code": enrolled["ProjectID"].to_numpy()[at],
        "target_group": enrolled["group"].to_numpy()[at],
        "answer": pd.Series("accepted", index=range(len(at))).where(first).to_numpy(),
        "answer_date": enrolled["EntryDate"].iloc[at].where(first).to_numpy(),
        "entry_date": spells["entry"].to_numpy(), "exit_date": spells["left"].to_numpy(),
        "destination": spells["destination"].to_numpy(),
    })  # fmt: skip


def _never_notices(
    enrolled: pd.DataFrame, entry: pd.Series, runs: pd.DataFrame, noticed: list[Problem]
) -> None:
    """Count the enrolments that are no stay."""
    never, use = entry.isna(), enrolled["use"]
    slept = np.zeros(len(enrolled), dtype=bool)
    slept[runs["at"]] = True
    for own, kind in (
        ("none", "never_beds"), ("housed", "never_moved_in"), ("nightly", "never_slept"),
    ):  # fmt: skip
        if count := int((never & (use == own) & ~slept).sum()):
            noticed.append(problem(kind, place("Enrollment"), number=count))


def _within_project(enrolled: pd.DataFrame, noticed: list[Problem]) -> pd.DataFrame:
    """Return the enrolments without what goes beyond their project's closing."""
    entry, left, closed = (enrolled[one] for one in ("entry", "left", "project_closed"))
    after = entry >= closed
    over = (entry < closed) & ((left > closed) | left.isna())
    for mask, kind in ((after, "after_closing"), (over, "beyond_closing")):
        noticed += counted(kind, place("Enrollment", "ProjectID"), enrolled.index[mask])
    return enrolled.assign(
        entry=entry.mask(after), left=left.mask(over, closed),
        destination=enrolled["destination"].mask(over & left.isna(), "unknown"),
    )  # fmt: skip


def _spells(enrolled: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row a stay: the enrolment's position, entry, exit and destination.

    An enrolment without runs is one; a run before the last ends with an unknown destination.
    """
    counts = np.bincount(runs["at"], minlength=len(enrolled))
    at = np.repeat(np.arange(len(enrolled)), np.maximum(counts, 1))
    spells = enrolled[["entry", "left", "destination"]].iloc[at].reset_index(drop=True)
    spells.insert(0, "at", at)
    if len(runs):
        rows = np.flatnonzero(counts[at] > 0)
        last = np.r_[np.diff(runs["at"]) != 0, True]
        stated = spells["destination"].iloc[rows].where(last & spells["left"].iloc[rows].notna())
        spells.loc[rows, "entry"] = runs["first"].to_numpy().astype("datetime64[D]")
        spells.loc[rows, "left"] = runs["past"].to_numpy().astype("datetime64[D]")
        spells.loc[rows, "destination"] = stated.fillna("unknown")
    return spells


def _spell_notices(
    enrolled: pd.DataFrame, spells: pd.DataFrame, runs: pd.DataFrame, noticed: list[Problem]
) -> None:
    """Count the enrolments split by nights, and the stays that turn round or overlap."""
    if len(runs):
        nights = int((runs["past"] - runs["first"]).sum())
        noticed.append(problem(
            "nightly", place("Services"), enrolled=runs["at"].nunique(), nights=nights,
            stays=len(runs),
        ))  # fmt: skip
    turned = (spells["left"] < spells["entry"]).to_numpy()
    rows = enrolled["exit_row"].iloc[spells["at"][turned]].dropna().sort_values()
    noticed += counted("turned", place("Exit", "ExitDate"), rows)
    used = spells[~turned & spells["entry"].notna().to_numpy()]
    guest = pd.factorize(enrolled["PersonalID"])[0][used["at"]]
    order = np.lexsort((day_numbers(used["entry"], 0), guest))
    entry, left = day_numbers(used["entry"], 0)[order], day_numbers(used["left"], OPEN)[order]
    furthest = pd.Series(left).groupby(guest[order]).cummax().to_numpy()
    same = guest[order][1:] == guest[order][:-1]
    if both := int((same & (entry[1:] < furthest[:-1])).sum()):
        noticed.append(problem("overlapping", place("Enrollment"), number=both))


def _stay_codes(enrolled: pd.DataFrame, spells: pd.DataFrame, key: bytes) -> Any:
    """Return a code a stay: the enrolment's, numbered from its second run on.

    An enrolment whose identifier holds the client's gets a pseudonym, so that none leaves.
    """
    codes, persons = enrolled["EnrollmentID"].to_numpy(), enrolled["PersonalID"].to_numpy()
    shown = [
        person == code or (len(person) >= _TELLING and person in code)
        for code, person in zip(codes, persons, strict=True)
    ]
    if any(shown):
        hidden = _hashed(enrolled["EnrollmentID"], key, "guest")
        codes = np.where(shown, hidden, codes)
    at = spells["at"]
    number = at.groupby(at).cumcount().to_numpy()
    found = codes[at].astype(object)
    later = number > 0
    found[later] = [
        f"{one}/{count + 1}" for one, count in zip(found[later], number[later], strict=True)
    ]
    return found


_TELLING = 6
"""From how many characters a client's identifier inside another one is no accident."""


def _hashed(codes: pd.Series, key: bytes, kind: str) -> Any:
    """Return a pseudonym an identifier; capitals and signs tell a system's identifiers apart."""
    coded = pa.array(codes, pa.string()).dictionary_encode()
    exact = (one.encode().hex() for one in coded.dictionary.to_pylist())
    names = pseudonyms(exact, key, kind)
    return pa.array(names, pa.string()).take(coded.indices).to_pandas().to_numpy()

"""What registers, stays, referrals and measures say that is odd: warnings, which stop nothing.

Each names sheet, row and column, what was found and what to do; none repeats what identifies a guest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis import parameters, store
from needs_analysis.services import personal
from needs_analysis.services.cells import Loaded, Sheet
from needs_analysis.services.schema import GROUPS, STATES, TABLES, Origin, Register, Stays
from needs_analysis.sources.reading import MANY, plain

_FIRST_DAY = pd.Timestamp("1990-01-01")
"""Before this day a stay is rather a slip of the pen."""
_NAMED_ROWS = 5
"""How many rows a sentence about many names."""
_ALIKE = 80
"""Similarity, 0-100, from which the name of an ambito is proposed."""
_AMBITO = re.compile(
    r"^(?:ambito|ambiti)(?: territoriale)?(?: sociale)?(?: (?:di|del|della|dell|dei|d))? "
)
_TODAY_DATES = ("referral_date", "answer_date", "entry_date", "exit_date")
"""What has happened already, where it is written."""


# --- sentences -----------------------------------------------------------------------------


def _listed(
    sheet: Sheet, column: str, rows: Iterable[int], what: str | Callable[[int], str]
) -> list[str]:
    """Return one sentence a row, and one for those beyond `MANY`."""
    where, every = f"colonna «{sheet.header(column)}»", [int(row) for row in rows]
    said = [
        f"{sheet.place}, riga {row}, {where}: {what(row) if callable(what) else what}"
        for row in every[:MANY]
    ]
    if len(every) > MANY:
        said.append(f"{sheet.place}, {where}: lo stesso in altre {len(every) - MANY} righe")
    return said


def named_rows(rows: Sequence[int]) -> str:
    """Return row numbers in words.

    Examples
    --------
    >>> named_rows([4]), named_rows([4, 9]), named_rows([1, 2, 3, 4, 5, 6, 7])
    ('riga 4', 'righe 4 e 9', 'righe 1, 2, 3, 4, 5 e altre 2')
    """
    if len(rows) == 1:
        return f"riga {rows[0]}"
    shown = [str(row) for row in rows[:_NAMED_ROWS]]
    if len(rows) > _NAMED_ROWS:
        return f"righe {', '.join(shown)} e altre {len(rows) - _NAMED_ROWS}"
    return f"righe {', '.join(shown[:-1])} e {shown[-1]}"


def _number(frame: pd.DataFrame, row: int, column: str) -> str:
    """Return a number of a row as it is written in Italian."""
    return f"{frame[column][row]:g}".replace(".", ",")


def _earlier(
    sheet: Sheet, frame: pd.DataFrame, late: str, early: str, what: str, cure: str
) -> list[str]:
    """Say where a date comes before the one that it follows."""
    turned = frame.index[frame[late] < frame[early]]

    def said(row: int) -> str:
        one, other = frame[late][row], frame[early][row]
        return f"trovato {one:%d/%m/%Y}, prima {what} ({other:%d/%m/%Y}){cure}"

    return _listed(sheet, late, turned, said)


# --- register ------------------------------------------------------------------------------


def register_warnings(loaded: Loaded, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what a register says that deserves a look."""
    said = bodies(loaded.sheets["services"], frames["services"])
    said += _beds(loaded.sheets["dwellings"], frames)
    either = ": correggere una delle due date"
    for name in ("dwellings", "places"):
        sheet, frame = loaded.sheets[name], frames[name]
        said += _earlier(sheet, frame, "closed", "opened", "dell'apertura", either)
    places, dwellings = frames["places"], frames["dwellings"]
    gone = dwellings.loc[dwellings["closed"].notna(), "dwelling_code"]
    shut = places["closed"].notna() | places["dwelling_code"].isin(gone)
    taken = places.index[shut & (places["state"] == "occupied")]
    what = "posto «occupato», ma il posto o l'alloggio è chiuso: correggere lo stato o la chiusura"
    return said + _listed(loaded.sheets["places"], "state", taken, what)


def _beds(sheet: Sheet, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say where beds are too many for a transitional dwelling, or fewer than the open places."""
    dwellings, places = frames["dwellings"], frames["places"]
    kinds = frames["services"].set_index("service_code")["service_kind"]
    most = parameters.values()["transitional_dwelling_beds_max"]
    transitional = dwellings["service_code"].map(kinds) == "transitional_dwelling"
    many = dwellings.index[transitional & (dwellings["beds"] > most)]
    said = _listed(
        sheet, "beds", many,
        lambda row: f"trovato {_number(dwellings, row, 'beds')}, più di {most:g} posti letto in "
        "un'abitazione di transizione: controllare i posti letto, o il tipo di servizio",
    )  # fmt: skip
    count = places[places["closed"].isna()].groupby("dwelling_code").size()
    held = pd.Series(count.reindex(dwellings["dwelling_code"]).to_numpy(float), dwellings.index)
    return said + _listed(
        sheet, "beds", dwellings.index[held > dwellings["beds"]],
        lambda row: f"trovato {_number(dwellings, row, 'beds')}, ma i posti aperti "
        f"dell'alloggio sono {held.loc[row]:g}: correggere i posti letto o il foglio «posti»",
    )  # fmt: skip


def without_addresses(
    sheet: Sheet, dwellings: pd.DataFrame, services: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out the addresses of protected services, saying where they stand."""
    secret = dwellings["service_code"].isin(services.loc[services["protected"], "service_code"])
    written = secret & dwellings["address"].notna()
    what = "indirizzo di un servizio protetto, non letto: toglierlo dal file"
    kept = dwellings.assign(address=dwellings["address"].mask(written))
    return kept, _listed(sheet, "address", dwellings.index[written], what)


def bodies(sheet: Sheet, frame: pd.DataFrame) -> list[str]:
    """Say, without repeating it, where a body is called as a person would be."""
    said = []
    for one in sheet.table.fields:
        if one.of_body:
            names = frame[one.name].dropna()
            persons = [name for name in names.unique() if personal.found_in(name) == personal.NAME]
            what = "sembra un nome di persona (qui non ripetuto): qui va il nome dell'ente"
            said += _listed(sheet, one.name, names.index[names.isin(persons)], what)
    return said


def named_ambiti(sheet: Sheet, services: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give each ambito one spelling: that of the archive, or the first of the file.

    Parameters
    ----------
    sheet : Sheet
        Of the services.
    services : DataFrame
        Its typed rows.

    Returns
    -------
    DataFrame, list of str
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
            rows = [int(row) for row in kept.index[kept == name]]
            shown = "un nome" if personal.found_in(name) else f"«{name[:60]}»"
            near = _nearest(name, known)
            advice = f"; proposta: «{near}»" if near else ""
            said.append(
                f"{sheet.place}, {named_rows(rows)}, colonna «{sheet.header('ambito_name')}»: "
                f"trovato {shown}, che non è fra gli ambiti dell'archivio: tenuto così{advice}"
            )
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


def stays_warnings(loaded: Loaded, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what stays say that deserves a look."""
    frame, sheet = frames["stays"], loaded.sheets["stays"]
    entry, end = frame["entry_date"], frame["exit_date"]
    cure = ": accoglienza non contata, correggere una delle due date"
    said = _earlier(sheet, frame, "exit_date", "entry_date", "dell'ingresso", cure)
    nowhere = frame.index[entry.isna() & end.notna()]
    what = "manca, ma c'è un'uscita: accoglienza non contata, scrivere l'ingresso"
    said += _listed(sheet, "entry_date", nowhere, what)
    refused = frame.index[entry.notna() & (frame["answer"] == "refused")]
    what = "risposta «rifiutata», ma c'è un ingresso: correggere la risposta o togliere l'ingresso"
    said += _listed(sheet, "answer", refused, what)
    # All columns of a million stays would be copied for the few that are looked at.
    said += _overlaps(sheet, frame.loc[entry.notna() & ~(end < entry), list(_WHO_WHERE_WHEN)])
    said += _impossible_days(sheet, frame, _TODAY_DATES)
    either = ": correggere una delle due date"
    said += _earlier(sheet, frame, "answer_date", "referral_date", "della segnalazione", either)
    said += _prolonged(sheet, frame)
    goals = frame.index[frame["goals_reached"] > frame["goals_set"]]
    said += _listed(
        sheet, "goals_reached", goals,
        lambda row: f"trovato {_number(frame, row, 'goals_reached')}, più degli obiettivi fissati "
        f"({_number(frame, row, 'goals_set')}): correggere uno dei due",
    )  # fmt: skip
    if "absences" in frames:
        away = frames["absences"]
        said += _earlier(
            loaded.sheets["absences"], away, "to_date", "from_date", "dell'inizio", either
        )
    return said


def referrals_warnings(sheet: Sheet, frame: pd.DataFrame) -> list[str]:
    """Return what referrals say that deserves a look."""
    said = _impossible_days(sheet, frame, ("date", "answer_date"))
    cure = ": correggere una delle due date"
    return said + _earlier(sheet, frame, "answer_date", "date", "della segnalazione", cure)


def measures_warnings(sheet: Sheet, frame: pd.DataFrame) -> list[str]:
    """Return what local measures say that deserves a look."""
    more = frame.index[frame["beneficiaries"] > frame["applications"]]
    return bodies(sheet, frame) + _listed(
        sheet, "beneficiaries", more,
        lambda row: f"trovato {_number(frame, row, 'beneficiaries')}, più delle domande "
        f"({_number(frame, row, 'applications')}): controllare i due numeri",
    )  # fmt: skip


def _impossible_days(sheet: Sheet, frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Say which days have not come yet, or are too old to be true."""
    today, said = pd.Timestamp.now().normalize(), list[str]()
    for column in columns:
        days = frame[column]
        for odd, what in (
            (days > today, "nel futuro: correggerlo, o lasciarlo vuoto finché non è avvenuto"),
            (days < _FIRST_DAY, f"prima del {_FIRST_DAY.year}: controllare l'anno"),
        ):
            said += _listed(
                sheet, column, frame.index[odd],
                lambda row, days=days, what=what: f"trovato {days.loc[row]:%d/%m/%Y}, {what}",  # type: ignore[misc]
            )  # fmt: skip
    return said


def _prolonged(sheet: Sheet, frame: pd.DataFrame) -> list[str]:
    """Say which stays are past the months that are usual."""
    months = int(parameters.values()["prolonged_stay_months_max"])
    # Those still present are counted up to the last day that the file knows.
    last = frame[["entry_date", "exit_date", "answer_date"]].max().max()
    last = min(last, pd.Timestamp.now().normalize()) if pd.notna(last) else last
    entry, end = frame["entry_date"], frame["exit_date"]
    past = (entry + pd.DateOffset(months=months) < end.fillna(last)).fillna(False)
    silent = frame["over_stay_reason"].isna()
    header = sheet.header("over_stay_reason")
    cure = f": controllare le date, o scrivere il motivo in «{header}»"
    return _listed(
        sheet, "exit_date", frame.index[past & ~(end < entry)],
        lambda row: f"permanenza oltre {months} mesi{cure if silent.loc[row] else ''}",
    )  # fmt: skip


def _overlaps(sheet: Sheet, frame: pd.DataFrame) -> list[str]:
    """Say which stays share a guest, or a place with another household, on the same days."""
    every = pd.Series(np.arange(len(frame)), index=frame.index)
    guests = clashes(frame, pd.factorize(frame["guest"])[0], every)
    said = _listed(
        sheet, "entry_date", sorted(guests),
        lambda row: f"accoglienze sovrapposte: lo stesso ospite è presente con la riga "
        f"{guests[row]}: correggere le date",
    )  # fmt: skip
    placed = frame[frame["place_code"].notna()]
    # A guest of no stated household is one of their own.
    family = pd.Series(pd.factorize(placed["household"].fillna(placed["guest"]))[0], placed.index)
    places = clashes(placed, pd.factorize(placed["place_code"])[0], family)
    return said + _listed(
        sheet, "place_code", sorted(row for row in places if row not in guests),
        lambda row: f"posto già occupato da un'altra famiglia con la riga {places[row]}: "
        "correggere il posto o le date",
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
    return _clashes_in_order(*(rows[one].tolist() for one in rows.columns))


def _clashes_in_order(
    groups: Sequence[int],
    parties: Sequence[int],
    entries: Sequence[int],
    ends: Sequence[int],
    rows: Sequence[int],
) -> dict[int, int]:
    """Return the clashes of stays sorted by group and entry.

    It is enough to know the stay that ends last, and the one that ends last of another party.
    """
    found: dict[int, int] = {}
    nobody = (np.iinfo(np.int64).min, -1, 0)
    first = second = nobody  # end, party, row
    here = -1
    for group, party, entry, end, row in zip(groups, parties, entries, ends, rows, strict=True):
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


def unregistered(register: Register, stays: Stays) -> list[str]:
    """Return the services and places of the stays that the register does not have, with the rows.

    Parameters
    ----------
    register : Register
        The services and places.
    stays : Stays
        The stays in them.

    Returns
    -------
    list of str
        One sentence a code; a code that is also a person's is not repeated.
    """
    said = []
    for what, column, known in (
        ("servizio", "service_code", register.services.index),
        ("posto", "place_code", register.places.index),
    ):
        codes = stays.stays[column]
        cells = pa.array(codes.astype("str").array, pa.string(), from_pandas=True)
        there = pc.is_in(cells, value_set=pa.array(known.astype("str").array, pa.string()))
        lost = codes[codes.notna() & ~there.to_numpy(zero_copy_only=False)]
        groups = lost.groupby(lost, sort=True)
        meant = {plain(str(code)).lstrip("0"): str(code) for code in known} if len(lost) else {}
        for code, rows in islice(groups, MANY):
            near = meant.get(plain(str(code)).lstrip("0"), "")
            advice = f"proposta: «{near}»" if near else "aggiungerlo o correggerlo"
            where = _where(stays.origin, rows.index, column)
            hidden = stays.origin is not None and str(code) in stays.origin.unsaid
            shown = "(codice di una persona, qui non ripetuto)" if hidden else f"«{code}»"
            said.append(f"{where}{what} {shown} non nel registro: {advice}")
        if len(groups) > MANY:
            said.append(f"altri {len(groups) - MANY} codici di {what} non nel registro")
    return said


def _where(origin: Origin | None, index: pd.Index, column: str) -> str:
    """Return where some stays stand, as a sentence begins; "" where nobody knows."""
    header = TABLES["stays"].field(column).header
    rows = [] if origin is None else sorted(origin.rows.reindex(index).dropna().astype(int))
    if origin is None or not rows:
        return f"{len(index)} accoglienze, colonna «{header}»: "
    return f"{origin.place}, {named_rows(rows)}, colonna «{header}»: "


def check_together(register: Register, stays: Stays) -> tuple[str, ...]:
    """Return what does not agree between a register and its stays, in Italian.

    Parameters
    ----------
    register : Register
        The services and places.
    stays : Stays
        The stays in them.

    Returns
    -------
    tuple of str
        Guests present in a place that is closed or to repair, or that does not take their group;
        stays out of a place's opening; more of a household than a place takes. What the register
        does not have is an error: :func:`unregistered`.
    """
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
    taken = [
        f";{group};" in f";{groups};"
        for group, groups in zip(frame["target_group"], of["target_groups"], strict=True)
    ]
    stated = frame["target_group"].notna() & of["target_groups"].notna()
    other = present & stated & ~pd.Series(taken, frame.index, dtype=bool)
    broken = STATES["to_repair"].it
    said = []
    for mask, column, words in (
        (inside, "place_code", "chiuso ma ancora occupato: scrivere l'uscita, o riaprire il posto"),
        (out, "place_code", "accoglienza fuori dall'apertura del posto: correggere le date"),
        (
            repair,
            "place_code",
            f"«{broken}» ma occupato: aggiornare lo stato del posto, o l'uscita",
        ),
    ):
        said += _by_stay(stays, frame[mask], column, words)
    for group, some in frame[other].groupby("target_group"):
        words = f"non accoglie «{GROUPS[str(group)].it}»: correggere il gruppo o i «gruppi accolti»"
        said += _by_stay(stays, some, "target_group", words)
    return (*said, *_too_many(stays, frame, of["household_size_max"]))


def _by_stay(stays: Stays, some: pd.DataFrame, column: str, words: str) -> list[str]:
    """Return a sentence a place, with the rows of its stays."""
    groups = list(some.groupby("place_code"))
    said = [
        f"{_where(stays.origin, rows.index, column)}posto «{code}»: {words}"
        for code, rows in groups[:MANY]
    ]
    more = len(groups) - MANY
    return said + ([f"altri {more} posti: {words}"] if more > 0 else [])


def _too_many(stays: Stays, frame: pd.DataFrame, most: pd.Series) -> list[str]:
    """Say where more of one household are present at once than their place takes."""
    limited = frame[most.notna() & frame["place_code"].notna()]
    if limited.empty:
        return []
    family = limited["household"].fillna(limited["guest"])
    key = limited["place_code"].astype(str) + "\n" + family.astype(str)
    size = limited.groupby(key)["guest"].transform("nunique")
    said = []
    for _, rows in limited[size > most.reindex(limited.index)].groupby(key):
        code, limit = rows["place_code"].iloc[0], most[rows.index[0]]
        for stay, row in rows.iterrows():
            day = row["entry_date"]
            inside = rows[(rows["entry_date"] <= day) & ~(rows["exit_date"] <= day)]
            together = inside["guest"].nunique()
            if together > limit and stay in inside.index:
                where = _where(stays.origin, inside.index, "place_code")
                said.append(
                    f"{where}posto «{code}»: {together} componenti insieme dal {day:%d/%m/%Y}, al "
                    f"massimo {limit:g} nel registro: correggere il posto o «componenti al massimo»"
                )
                break
    return said[:MANY]

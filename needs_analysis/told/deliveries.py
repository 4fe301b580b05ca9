"""What was handed out before, remembered beside the key: what was told, not of whom.

A published delivery is audited together with those before it of the same network. What is kept is what
readers already have: the published counts, which cells are hidden, which amounts were told, checksums.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from needs_analysis.disclosure import TOTAL, Cell, CountTable, Protected
from needs_analysis.errors import OutputError, ParameterError, Problem, SourceError
from needs_analysis.provenance import checksum
from needs_analysis.reading import personal
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.files.problems import problem as file_problem
from needs_analysis.services.files.pseudonyms import read_key
from needs_analysis.services.files.schema import GROUP_LABELS, Period, Register, Stays
from needs_analysis.services.measures.declaration import MEASURES, Whole
from needs_analysis.told.amounts import AMBITO
from needs_analysis.told.over_days import OVER_DAYS, amounts_to_hide
from needs_analysis.told.overlaps import counts_to_hide
from needs_analysis.told.problems import problem
from needs_analysis.told.publication import Publication
from needs_analysis.told.spans import Clash, Hidden, Telling, Unsafe, period_of_span
from needs_analysis.words import N_, Voice
from needs_analysis.writing.files import written_file

KINDS: Mapping[str, str] = {
    "monitor": N_("tutte le misure"),
    "capacity": N_("richieste e posti necessari"),
    "study": N_("capitoli sui servizi di uno studio"),
}
"""What is handed out, by the command that makes it, and what it tells in few words."""
_FORMAT = 1
_REASON_MAX = 200  # characters
Tables = Callable[[Publication], Mapping[str, Protected]]


@dataclass(frozen=True)
class Delivery:
    """One delivery as it is remembered.

    Parameters
    ----------
    number : int
        From 1, never given twice.
    day : str
        On which it was first handed out.
    kind : str
        One of `KINDS`.
    telling : Telling
        What it told; nothing once forgotten.
    inputs : str
        Digest, under the key, of all that it was made from.
    network : tuple of str
        Digests, under the key, of the codes of its services.
    files : mapping of str to list of str
        Checksums of the files, by what they are called.
    beside : tuple of str
        Checksums of the deliveries that it was audited with.
    because : tuple of int
        Numbers of those for which some of its cells are hidden.
    forgotten : mapping
        The day and the reason; empty for one that counts.
    sha256 : str
        Checksum of what it told.
    """

    number: int
    day: str
    kind: str
    telling: Telling
    inputs: str
    network: tuple[str, ...]
    files: Mapping[str, list[str]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    because: tuple[int, ...] = ()
    forgotten: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""

    @property
    def hidden(self) -> int:
        """Return how many of its counts are hidden."""
        return sum(int(one.frame["count"].isna().sum()) for one in self.telling.tables.values())

    @property
    def shown(self) -> int:
        """Return how many of its counts are shown."""
        return sum(int(one.frame["count"].notna().sum()) for one in self.telling.tables.values())

    def line(self, voice: Voice) -> str:
        """Say in one line when it was handed out, of which days, what it told in few words.

        Examples
        --------
        >>> one = Delivery(1, "2025-08-01", "monitor", Telling(Period.year(2024), {}), "", ())
        >>> one.line(Voice("it")).partition(": ")[2]
        'tutte le misure, 0 conteggi detti e 0 nascosti'
        """
        first = voice.say(
            "{number}. {day}, periodo {period}",
            number=self.number,
            day=voice.day(pd.Timestamp(self.day)),
            period=_days(self.telling.period),
        )
        if self.forgotten:
            day, reason = voice.day(pd.Timestamp(self.forgotten["day"])), self.forgotten["reason"]
            told = voice.say("dimenticata il {day}: {reason}", day=day, reason=reason)
        else:
            told = voice.say(
                "{what}, {shown} conteggi detti e {hidden} nascosti",
                what=voice.say(KINDS[self.kind]),
                shown=voice.number(self.shown),
                hidden=voice.number(self.hidden),
            )
        said = [voice.say("profilo {profile}", profile="published")] * (not self.forgotten)
        said += [f"{name} {sums[-1][:12]}" for name, sums in self.files.items()]
        end = f"; sha256 {self.sha256[:12]} ({', '.join(said)})" if self.sha256 else ""
        return f"{first}: {told}{end}"


# --- the file ------------------------------------------------------------------------------------


def memory_of(key: Path | str) -> Path:
    """Return the file beside a key that remembers what was handed out under it.

    Examples
    --------
    >>> memory_of(Path("/chiavi/servizi.key")).name
    'servizi.key.deliveries.json'
    """
    file = path_of(key).resolve()
    return file.with_name(f"{file.name}.deliveries.json")


def deliveries(key: Path | str) -> list[Delivery]:
    """Return the deliveries remembered beside a key, the forgotten ones with their reason.

    Parameters
    ----------
    key : Path or str
        The file that :func:`create_key` wrote.

    Returns
    -------
    list of Delivery
        From the first; none where nothing was handed out.

    Raises
    ------
    SourceError
        The key cannot be used, or the memory is damaged or of another key.

    Examples
    --------
    >>> import tempfile
    >>> from needs_analysis.services.files.pseudonyms import create_key
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     deliveries(create_key(Path(folder) / "chiave"))
    []
    """
    return _read(memory_of(key), read_key(key))


def forget(key: Path | str, number: int, reason: str) -> Delivery:
    """Forget what a delivery told; its number, its checksum, the day and the reason are kept.

    Parameters
    ----------
    key : Path or str
        The file that :func:`create_key` wrote.
    number : int
        Of the delivery.
    reason : str
        Why later deliveries need not be audited with it: it never left, it was withdrawn.

    Returns
    -------
    Delivery
        As it is remembered from now on.

    Raises
    ------
    ParameterError
        There is no such delivery, no reason, or one that names a person.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > _REASON_MAX or not reason.isprintable():
        raise ParameterError(problem("forget_why", most=_REASON_MAX), cure=problem("say_why"))
    if personal.found_in(reason):
        raise ParameterError(problem("forget_names"), cure=problem("say_why"))
    secret, file = read_key(key), memory_of(key)
    with _locked(file):
        known = _read(file, secret)
        places = {one.number: at for at, one in enumerate(known) if not one.forgotten}
        if number not in places:
            raise ParameterError(problem("no_delivery", number=number, known=tuple(places)))
        at = places[number]
        gone = Telling(known[at].telling.period, {})
        day = f"{pd.Timestamp.today():%Y-%m-%d}"
        known[at] = replace(known[at], telling=gone, forgotten={"day": day, "reason": reason})
        _write(file, known, secret)
    return known[at]


def _read(file: Path, secret: bytes) -> list[Delivery]:
    if not file.exists():
        return []
    try:
        written = json.loads(file.read_text("utf-8"))
        if written["format"] != _FORMAT:
            raise SourceError.of_file(file, [problem("memory_newer")], problem("update_us"))
        mine = written["key"] == _digest(secret, "memory")
        found = [_delivery(one) for one in written["deliveries"]] if mine else []
        whole = all(one.forgotten or one.sha256 == _checksum(one.telling) for one in found)
    except OSError:
        raise SourceError.of_file(
            file, [file_problem("unreadable")], file_problem("check_path")
        ) from None
    except SourceError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError):
        mine, whole, found = True, False, []
    if not (mine and whole):
        wrong = problem("memory_damaged" if mine else "memory_of_other")
        raise SourceError.of_file(file, [wrong], problem("restore_memory"))
    return found


def _write(file: Path, known: Sequence[Delivery], secret: bytes) -> None:
    """Write the memory whole: the old one stays until the new one is on the disk."""
    document = {
        "format": _FORMAT,
        "key": _digest(secret, "memory"),
        "deliveries": [_entry(one) for one in known],
    }
    text = json.dumps(document, ensure_ascii=False, indent=0, sort_keys=True)
    with written_file(file) as beside:
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as target:
                target.write(text)
                target.flush()
                os.fsync(target.fileno())
        except OSError:
            full = problem("memory_not_written")
            raise OutputError.of_file(file, [full], problem("room_for_memory")) from None


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Wait until no other process reads or writes the memory; the system lets go if we are killed."""
    lock = file.with_name(f".{file.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        raise OutputError.of_file(
            file, [problem("memory_not_written")], problem("room_for_memory")
        ) from None
    try:
        try:
            _hold(descriptor)
        except OSError:
            held = problem("memory_not_locked")
            raise OutputError.of_file(file, [held], problem("other_disk")) from None
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _digest(secret: bytes, *parts: str) -> str:
    """Return a digest that only the key's owner repeats."""
    found = hashlib.blake2b(digest_size=16, key=secret, person=b"deliveries")
    for part in parts:
        found.update(f"{len(part)}:{part}".encode())
    return found.hexdigest()


def _entry(one: Delivery) -> dict[str, Any]:
    period = one.telling.period
    return {
        "number": one.number,
        "day": one.day,
        "kind": one.kind,
        "period": [f"{period.start:%Y-%m-%d}", f"{period.end:%Y-%m-%d}"],
        "inputs": one.inputs,
        "network": list(one.network),
        "tables": {name: _rows(table) for name, table in one.telling.tables.items()},
        "amounts": sorted(map(list, one.telling.amounts)),
        "files": dict(one.files),
        "beside": list(one.beside),
        "because": list(one.because),
        "forgotten": dict(one.forgotten),
        "sha256": one.sha256,
    }


def _rows(table: CountTable) -> dict[str, Any]:
    values = table.frame[list(table.dimensions)].astype(str).to_numpy().tolist()
    known = table.frame["count"].astype("Int64")
    counts = [None if pd.isna(count) else int(count) for count in known]
    return {
        "measure": table.measure,
        "dimensions": list(table.dimensions),
        "above": {name: dict(one) for name, one in table.hierarchies.items()},
        "rows": [[*row, count] for row, count in zip(values, counts, strict=True)],
    }


def _delivery(one: Mapping[str, Any]) -> Delivery:
    tables = {name: _table(name, written) for name, written in one["tables"].items()}
    amounts = frozenset((str(a), str(b), str(c)) for a, b, c in one["amounts"])
    telling = Telling(Period(*one["period"]), tables, amounts)
    kind = {name: name for name in KINDS}[one["kind"]]
    return Delivery(
        int(one["number"]), str(one["day"]), kind, telling, str(one["inputs"]),
        tuple(one["network"]), dict(one["files"]), tuple(one["beside"]), tuple(one["because"]),
        dict(one["forgotten"]), str(one["sha256"]),
    )  # fmt: skip


def _table(name: str, written: Mapping[str, Any]) -> CountTable:
    dimensions = tuple(written["dimensions"])
    frame = pd.DataFrame(written["rows"], columns=[*dimensions, "count"])
    frame = frame.astype({"count": "Int64"} | dict.fromkeys(dimensions, "str"))
    return CountTable(name, frame, dimensions, written["above"], written["measure"])


def _checksum(telling: Telling) -> str:
    told = _entry(Delivery(0, "", "", telling, "", ()))
    kept = {name: told[name] for name in ("period", "tables", "amounts")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


# --- handing out ---------------------------------------------------------------------------------


class Handing:
    """One delivery while it is made: audited with those before, remembered before it appears."""

    def __init__(self, key: Path, kind: str, lasting: ExitStack) -> None:
        self._key, self._kind, self._lasting = key, kind, lasting
        self._known: list[Delivery] | None = None
        self._own: Delivery | None = None

    def kept(
        self,
        found: Publication,
        inputs: Mapping[str, pd.DataFrame | None],
        tables: Tables = lambda found: found.counts,
    ) -> Publication:
        """Return what may be handed out beside the deliveries before; internal and invented as it is.

        Parameters
        ----------
        found : Publication
            As it may be handed out alone.
        inputs : mapping of str to DataFrame
            All that it is made from: the same again is given again as it was.
        tables : callable
            Takes a publication, returns the counts that are told of it.

        Raises
        ------
        OutputError
            A count that one of them hides could be worked out, and hiding more does not help.
        """
        if found.internal or found.label:
            return found
        secret, file = read_key(self._key), memory_of(self._key)
        self._lasting.enter_context(_locked(file))
        self._known = _read(file, secret)
        values = found.rules
        digest = _digest(
            secret, self._kind, _days(found.period),
            f"{values.count_min} {values.sensitive_count_min}",
            *(f"{name}\n{_text(frame)}" for name, frame in sorted(inputs.items())),
        )  # fmt: skip
        codes = found.run.records.register.services.index
        network = tuple(sorted(_digest(secret, "service", str(code)) for code in codes))
        again = self._again(digest, found, tables)
        if again is not None:
            return again
        earlier = [one for one in self._known if not one.forgotten and {*one.network} & {*network}]
        found, telling, because = _beside(found, tables, earlier)
        self._own = Delivery(
            number=1 + max((one.number for one in self._known), default=0),
            day=f"{pd.Timestamp.today():%Y-%m-%d}",
            kind=self._kind,
            telling=telling,
            inputs=digest,
            network=network,
            beside=tuple(one.sha256 for one in earlier),
            because=because,
            sha256=_checksum(telling),
        )
        return found

    def _again(self, digest: str, found: Publication, tables: Tables) -> Publication | None:
        """Return what the same inputs gave before, None where they did not."""
        for one in self._known or ():
            if one.inputs != digest or one.forgotten:
                continue
            cells: dict[str, set[Cell]] = {}
            for table in one.telling.tables.values():
                hidden = {cell for cell, count in table.counts.items() if count is None}
                cells.setdefault(table.measure, set()).update(hidden)
            whole = _telling(found, tables)
            given = found.withholding(cells, whole.amounts - one.telling.amounts)
            if _checksum(_telling(given, tables)) == one.sha256:
                self._own = one
                return given
        return None

    @property
    def beside(self) -> tuple[str, ...]:
        """Return the checksums of the deliveries that this one was audited with."""
        return self._own.beside if self._own else ()

    @property
    def warning(self) -> Problem | None:
        """Return for which earlier deliveries more is hidden, and what to do; None for none."""
        if self._own is None or not self._own.because:
            return None
        before = {one.number: one for one in self._known or ()}
        named = tuple(
            problem("delivery_named", number=n, period=_days(before[n].telling.period),
                    day=before[n].day)
            for n in self._own.because if n in before
        )  # fmt: skip
        return problem("coarsened", period=_days(self._own.telling.period), earlier=named)

    def remember(self, files: Mapping[str, Path]) -> None:
        """Remember the delivery and the checksums of its files, before they appear.

        Raises
        ------
        OutputError
            The memory cannot be written; the old one is whole, and nothing should be handed out.
        """
        if self._own is None or self._known is None:
            return
        known = {name: list(sums) for name, sums in self._own.files.items()}
        for name, path in files.items():
            sums = known.setdefault(name, [])
            sums += [one for one in [checksum(path)] if one not in sums]
        own = replace(self._own, files=known)
        others = [one for one in self._known if one.number != own.number]
        if known != self._own.files or len(others) == len(self._known):
            listed = sorted([*others, own], key=lambda one: one.number)
            _write(memory_of(self._key), listed, read_key(self._key))


@contextmanager
def handing(key: Path, kind: str) -> Iterator[Handing]:
    """Hand out one delivery: from its audit to its last file nobody else hands out under the key.

    Parameters
    ----------
    key : Path
        Of the pseudonyms.
    kind : str
        One of `KINDS`.
    """
    with ExitStack() as lasting:
        yield Handing(key, kind, lasting)


def frames(register: Register, stays: Stays) -> dict[str, pd.DataFrame | None]:
    """Return the tables that a monitoring is made from."""
    return {
        "services": register.services, "dwellings": register.dwellings, "places": register.places,
        "stays": stays.stays, "activities": stays.activities, "absences": stays.absences,
    }  # fmt: skip


def _text(frame: pd.DataFrame | None) -> str:
    return "" if frame is None else str(frame.to_csv())


def _days(period: Period) -> str:
    return f"{period.start:%Y-%m-%d}/{period.end:%Y-%m-%d}"


def _telling(found: Publication, tables: Tables) -> Telling:
    """Return what a publication tells, without what derives from its counts."""
    told = {name: _bare(name, one.published) for name, one in tables(found).items()}
    if "outcomes" not in told:
        return Telling(found.period, told)
    frame = found.figures[~found.figures["hidden"].astype(bool) & found.figures["value"].notna()]
    kin = {name for names in OVER_DAYS.values() for name in names}
    rows = frame.loc[frame["measure"].isin(kin), ["measure", "level", "level_value"]]
    amounts = frozenset(rows.itertuples(index=False, name=None))
    for row in frame[frame["level"] == "all"].to_dict("records"):
        name = str(row["measure"])
        way = MEASURES[name].told
        if isinstance(way, Whole) and way.of and way.stays:
            one = pd.DataFrame({"count": [int(row[way.of])]}).astype("Int64")
            told[f"some_{name}"] = CountTable(f"some_{name}", one, (), {}, f"some_{name}")
    return Telling(found.period, told, amounts)


def _bare(name: str, table: CountTable) -> CountTable:
    frame = table.frame[[*table.dimensions, "count"]]
    return CountTable(name, frame, table.dimensions, table.hierarchies, table.measure)


def _beside(
    found: Publication, tables: Tables, earlier: Sequence[Delivery]
) -> tuple[Publication, Telling, tuple[int, ...]]:
    """Hide what would be told beside earlier deliveries; return what is told, and for which of them."""
    old, telling = [one.telling for one in earlier], _telling(found, tables)
    try:
        hidden = counts_to_hide(telling, old, found.rules)
    except Unsafe as unsafe:
        raise _refusal(unsafe.clash, found.period, earlier) from None
    if hidden.cells:
        found = found.withholding(hidden.cells, _figures_of(hidden))
        telling = _telling(found, tables)
    amounts = amounts_to_hide(telling, old, found.rules, found.run.records)
    because = set(hidden.because)
    if amounts:
        found = found.withholding(hidden.cells, amounts | _figures_of(hidden))
        telling = replace(telling, amounts=telling.amounts - amounts)
        because |= {at for at, one in enumerate(old) if _share_days(one.period, found.period)}
    return found, telling, tuple(sorted(earlier[at].number for at in because if at >= 0))


def _share_days(one: Period, other: Period) -> bool:
    return bool(one.start <= other.end and other.start <= one.end)


def _figures_of(hidden: Hidden) -> set[tuple[str, str, str]]:
    """Return the figures that are counts of no table."""
    names = [one.removeprefix("some_") for one in hidden.cells if one.startswith("some_")]
    return {(name, "all", "") for name in names}


def _refusal(clash: Clash, period: Period, earlier: Sequence[Delivery]) -> OutputError:
    """Say beside which delivery a period tells what, and what to do instead."""
    old = earlier[clash.earlier]
    said = {
        "period": _days(period),
        "whom": _whom(clash),
        "earlier": problem(
            "delivery_named", number=old.number, period=_days(old.telling.period), day=old.day
        ),
    }
    if clash.corrected:
        wrong, cure = problem("unsafe_corrected", **said), problem("other_days", number=old.number)
        return OutputError(wrong, cure=cure)
    wrong = problem("unsafe_beside", **said, days=_days(period_of_span(clash.days)))
    rest = _rest(period, old.telling.period)
    cure = (
        problem("other_days", number=old.number)
        if rest is None
        else problem("rest_of_days", rest=_days(rest), number=old.number)
    )
    return OutputError(wrong, cure=cure)


def _rest(period: Period, old: Period) -> Period | None:
    """Return the days after an earlier period, None where it holds them all or begins later."""
    if old.start <= period.start <= old.end < period.end:
        return Period(old.end + pd.Timedelta(days=1), period.end)
    return None


def _whom(clash: Clash) -> Problem:
    """Name the persons of a cell, never how many they are."""
    own = dict(clash.cell)
    kind = own.get("begun") or own.get("outcome", "")
    code = f"whom_{kind}" if kind in ("entered", "exit", "present") else "whom"
    values = [
        GROUP_LABELS.get(value, value).removeprefix(AMBITO).removeprefix("protected:")
        for name, value in clash.cell
        if name not in ("begun", "month", "year") and value not in (kind, TOTAL)
    ]
    whom = problem(code)
    return problem("whom_where", whom=whom, where=tuple(values)) if values else whom

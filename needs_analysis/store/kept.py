"""The user's own official files: recognised by content, typed, kept as Parquet with their source.

A file is one Parquet, named by its source, date and checksum, whose metadata hold the citation:
there is no list beside it that two processes could disagree about.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from needs_analysis.errors import ParameterError, Problem, Refused, SourceError, wanted
from needs_analysis.figures import wanted_several
from needs_analysis.provenance import Extent, Source, checksum
from needs_analysis.store import memo, shipped
from needs_analysis.store.admission import admitted
from needs_analysis.store.extent import Coverage, coverage
from needs_analysis.store.problems import problem
from needs_analysis.store.recipes import RECIPES, SERIES, dates_in
from needs_analysis.writing.files import files_in, kept_folder, written_file

if TYPE_CHECKING:
    import pandas as pd

ARCHIVE_BYTES_MAX = 4_000_000_000
"""What an archive of official files may unpack to; each file has its reader's own limit."""
_ANY = Source("", "", "", "", "", "", "")


@dataclass(frozen=True)
class Kept:
    """A file of the user's store: where it is, what it is, its rows, what was said of it."""

    path: Path
    source: Source
    rows: int
    notices: tuple[Problem, ...] = field(default=(), hash=False)


@dataclass(frozen=True)
class Added:
    """What became of the files offered: those kept, why others were refused, what was passed over.

    `passed` are the names of files of a folder that are no official file known; one that is named
    itself, or looks like an official one gone wrong, is refused.
    """

    kept: tuple[Kept, ...]
    refused: tuple[Refused, ...]
    passed: tuple[str, ...] = ()


def add(
    paths: Iterable[Path | str],
    report: Callable[[Problem], None] = lambda _: None,
    *,
    as_of: str = "",
) -> Added:
    """Take official files into the user's store, each recognised by what it holds.

    Parameters
    ----------
    paths : iterable of Path or str
        Files or folders, as downloaded; archives are opened.
    report : callable
        Takes what is said of each file kept, and how much of Italy one that covers a part has.
    as_of : str
        The day of the figures, where a file does not say it: it is kept as said by the user.

    Returns
    -------
    Added
        A file is kept whole or not at all; one that is refused does not stop the others.

    Raises
    ------
    ParameterError
        If `as_of` is no day.
    """
    if as_of:
        said_day(as_of)
    kept: list[Kept] = []
    refused: list[Refused] = []
    passed: list[str] = []
    for path in map(Path, wanted_several(paths, str, Path)):
        for file in files_in(path) if path.is_dir() else [path]:
            try:
                for one in _take(file, as_of):
                    kept.append(one)
                    for said in (*_said(one), *one.notices):
                        report(said)
            except _UnknownFileError as error:
                if path.is_dir():
                    passed.append(error.path.name)
                else:
                    refused.append(error)
            except Refused as error:
                refused.append(error)
    if not kept and not refused:
        refused.append(SourceError(problem("none_recognised")))
    return Added(tuple(kept), tuple(refused), tuple(passed))


def _said(one: Kept) -> list[Problem]:
    source, extent = one.source, covered((one,))
    date: str | Problem = source.reference_date or problem("undated")
    if source.said_by_user:
        date = problem("day_said", day=source.reference_date)
    said = [problem("rows_kept", title=source.title, date=date, rows=one.rows)]
    if extent and not extent.whole:
        kind = "not_italy" if delivers(source.id).italy else "covers_part"
        said.append(problem(kind, places=extent.places, of=extent.of))
    return said


class _UnknownFileError(SourceError):
    """A file that no reader knows."""


def _take(path: Path, as_of: str) -> list[Kept]:
    from needs_analysis import sources
    from needs_analysis.reading import safe_name

    if not path.exists():
        lost = [problem("not_there")]
        raise SourceError.of_file(safe_name(path), lost, problem("check_path"))
    readers = sources.readers_of(path)
    if readers:
        return [one for reader in readers for one in _keep(reader, path, as_of)]
    inside = _take_members(path, as_of) if zipfile.is_zipfile(path) else []
    if inside:
        return inside
    if damage := sources.damage_of(path):
        raise SourceError.of_file(safe_name(path), [damage], problem("download_again"))
    unknown = [problem("unknown_file")]
    raise _UnknownFileError.of_file(safe_name(path), unknown, problem("content_counts"))


def _take_members(path: Path, as_of: str) -> list[Kept]:
    """Open an archive that no reader takes as it is and offer its members, one level deep."""
    from needs_analysis import sources
    from needs_analysis.reading import unpacked

    with tempfile.TemporaryDirectory() as folder:
        members = unpacked(path, Path(folder), _ANY, ARCHIVE_BYTES_MAX)
        return [
            kept
            for one in members
            for reader in sources.readers_of(one)
            for kept in _keep(reader, one, as_of)
        ]


def _keep(reader: ModuleType, path: Path, as_of: str = "") -> list[Kept]:
    from needs_analysis import sources

    frames, whole = sources.editions(reader, path), checksum(path)
    found = []
    for frame in frames:
        source = edition(reader.SOURCE, frame, path, whole, as_of)
        if len(frames) > 1:  # each edition has a mark of its own
            mark = hashlib.sha256(f"{whole} {source.reference_date}".encode()).hexdigest()
            source = replace(source, checksum=mark)
        notices = (
            *frame.attrs.get("notices", ()), *_admit(frame, source, path, alone=len(frames) == 1),
            *sources.said_of(reader, source.reference_date),
        )  # fmt: skip
        found.append(_kept_whole(frame, source, notices))
    return found


def _kept_whole(frame: pd.DataFrame, source: Source, notices: tuple[Problem, ...]) -> Kept:
    day = re.sub("[^0-9A-Za-z-]", "-", source.reference_date)
    target = kept_folder() / "figures" / source.id / f"{day}_{source.checksum[:12]}.parquet"
    frame.attrs["notices"] = notices
    with written_file(target) as beside:
        _write(frame, source, beside)
    memo.written()
    return Kept(target, source, len(frame), notices)


# --- the day of a file ---------------------------------------------------------------------

# Of these a year is an edition; population at 1 January is that of the day before.
_BY_YEAR = ("interno_evictions", "istat_accommodation")
_ENDING_YEAR = ("istat_population", "istat_posas")


def edition(source: Source, frame: pd.DataFrame, path: Path, whole: str, as_of: str = "") -> Source:
    """Return the source of a frame with its date and checksum.

    The date is what the file says, or else what the user said; of the very file that a shipped table
    was made from it is that table's. No other file has the date of what ships.

    Parameters
    ----------
    source : Source
        Of the reader.
    frame : DataFrame
        With what the file says of its date.
    path : Path
        For messages.
    whole : str
        The checksum of the file.
    as_of : str
        The day that the user said; "" for none.

    Raises
    ------
    SourceError
        If nobody says the date and it decides which edition is used, or two dates are said.
    """
    said = str(frame.attrs.get("reference_date", ""))
    day = said_day(as_of) if as_of else ""
    if said and day and not _agree(source.id, said, day):
        other = [problem("says_other_day", found=said, given=as_of)]
        raise SourceError.of_file(_shown(path), other, problem("without_as_of", given=as_of))
    given = _given(source.id, day) if day and not said else ""
    date = said or given or _of_the_same_file(source.id, whole)
    if not date and any(
        recipe.by_date for recipe in RECIPES.values() if source.id in recipe.sources
    ):
        by_year = source.id in _BY_YEAR
        lost = problem("no_year_said" if by_year else "no_day")
        example = "2018" if by_year else "2018-02-17"
        cure = problem("give_day", file=_shown(path).name, example=example)
        raise SourceError.of_file(_shown(path), [lost], cure)
    return replace(source, reference_date=date, checksum=whole, said_by_user=bool(given))


def _shown(path: Path) -> Path:
    from needs_analysis.reading import safe_name

    return safe_name(path)


def _given(source_id: str, day: str) -> str:
    """Return the day that the user said as the editions of a source are dated."""
    if len(day) == 4 and source_id not in _BY_YEAR:
        raise ParameterError(problem("whole_day", found=day), cure=problem("write_day"))
    return _as_dated(source_id, day)


def _as_dated(source_id: str, day: str) -> str:
    if source_id in _BY_YEAR:
        return day[:4]
    if source_id in _ENDING_YEAR and day.endswith("-01-01"):
        return f"{int(day[:4]) - 1}-12-31"
    return day


def _agree(source_id: str, said: str, day: str) -> bool:
    """Tell whether a file says the day that the user did; a file of many years says none."""
    own = _as_dated(source_id, day)
    return len(dates_in(said)) > 1 or said.startswith(own) or own.startswith(said)


def said_day(as_of: str) -> str:
    """Return a day, or a year alone, that the user wrote in any of the forms of publishers.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    from needs_analysis.sources.days import day_in

    day = as_of if re.fullmatch(r"(?:19|20)\d{2}", as_of) else day_in(as_of)
    if not day:
        raise ParameterError(problem("no_such_day", found=as_of), cure=problem("write_day"))
    return day


def _of_the_same_file(source_id: str, whole: str) -> str:
    """Return the date of the shipped table that was made from this very file; "" if none was."""
    # A table that was never compiled does not ship yet.
    for name in (one for one in RECIPES if one in shipped.package()):
        ships = shipped.source_of(name)
        if source_id in RECIPES[name].sources and ships.checksum == whole:
            return ships.reference_date
    return ""


def _admit(frame: pd.DataFrame, source: Source, path: Path, *, alone: bool) -> list[Problem]:
    """Refuse what no official file holds, and a part of what is published for all Italy only.

    Returns what was blanked.

    Such a part is kept, and never used, where it could stand behind no table: an older edition of
    what is used in its newest, or what feeds none; and where it is not `alone` in its file, whose other
    years may be whole: no national figure is made of it.
    """
    impossible, blanked = admitted(frame, source.reference_date)
    if impossible:
        raise SourceError.of_file(_shown(path), impossible, problem("not_as_published"))
    extent = coverage(frame, delivers(source.id), source.reference_date)
    part = delivers(source.id).italy and extent and not extent.whole
    if alone and part and extent and _would_serve(source):
        few = problem(
            "under_italy", places=extent.places, of=extent.of, date=source.reference_date
        )  # fmt: skip
        raise SourceError.of_file(_shown(path), [few], problem("download_italy"))
    return [problem("blanked", what=one) for one in blanked]


def _would_serve(source: Source) -> bool:
    """Return whether a table would use an edition of this date: a newer one, or any of a series."""
    for name, recipe in RECIPES.items():
        if source.id in recipe.sources and (
            recipe.every or source.reference_date >= shipped.source_of(name).reference_date
        ):
            return True
    return source.id in SERIES


@cache
def _extents() -> dict[str, Extent]:
    from needs_analysis import sources  # heavy readers: only where the user has files

    return {reader.SOURCE.id: reader.DELIVERS for reader in sources.READERS}


def delivers(source_id: str) -> Extent:
    """Return what a source declares that each of its files covers."""
    return _extents()[source_id]


def covered(files: Sequence[Kept]) -> Coverage | None:
    """Return how much of Italy files of one date cover together; None where rows are no places."""
    source = files[0].source
    if not delivers(source.id).places:
        return None
    return _covered(tuple(one.path for one in files), source.id, source.reference_date)


@cache  # a file of the store is named by its contents
def _covered(paths: tuple[Path, ...], source_id: str, date: str) -> Coverage | None:
    import pandas as pd
    import pyarrow.parquet as pq

    extent = delivers(source_id)
    parts = []
    for path in paths:
        wanted_columns = [extent.places, "year", "valid_to"]
        known = [name for name in wanted_columns if name in pq.read_schema(path).names]
        table = pq.read_table(path, columns=known)
        parts.append(pd.DataFrame({name: table.column(name).to_pandas() for name in known}))
    return coverage(pd.concat(parts, ignore_index=True), extent, date)


def remove(name: str, date: str = "") -> list[Kept]:
    """Take an edition out of the user's store.

    Parameters
    ----------
    name : str
        A source as ``data status`` lists it ("omi_values"), or a table that it feeds ("rents").
    date : str
        Of the edition ("2025/2"); not needed where there is one only.

    Returns
    -------
    list of Kept
        The files that were there: one, or all parts of the date.

    Raises
    ------
    Refused
        There is no such edition, or there are several: which ones is said.
    """
    wanted(name, str)
    fed = RECIPES.get(name)
    here = [one for one in kept() if one.source.id in (fed.sources if fed else (name,))]
    dates = tuple(dict.fromkeys(one.source.reference_date for one in here))
    taken = [one for one in here if not date or one.source.reference_date == date]
    if not taken:
        every = tuple(
            dict.fromkeys(f"{one.source.id} {one.source.reference_date}" for one in kept())
        )
        lost = problem("none_to_remove", name=" ".join(filter(None, (name, date))))
        raise Refused(lost, cure=problem("kept_ones", names=every) if every else None)
    if len(dates) > 1 and not date:
        raise Refused(
            problem("several_to_remove", name=name, dates=dates),
            cure=problem("say_date", name=name),
        )
    for one in taken:
        with suppress(FileNotFoundError):  # another process may have removed it
            one.path.unlink()
    memo.written()
    return taken


def _write(frame: pd.DataFrame, source: Source, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    notices = [one.as_dict() for one in frame.attrs.get("notices", ())]
    frame.attrs = {}
    if hasattr(frame, "geometry"):
        frame.to_parquet(path, compression="zstd")
        table = pq.read_table(path)
    else:
        table = pa.Table.from_pandas(frame)
    citation = {b"source": json.dumps(source.as_dict()).encode()}
    if notices:
        citation[b"notices"] = json.dumps(notices).encode()
    pq.write_table(
        table.replace_schema_metadata({**table.schema.metadata, **citation}),
        path,
        compression="zstd",
    )


def kept(source_id: str | None = None) -> list[Kept]:
    """Return the files of the user's store, of one source or of all, by source and date."""
    if source_id is not None:
        wanted(source_id, str)
    folder = kept_folder() / "figures"
    return described(sorted(folder.glob(f"{source_id or '*'}/*.parquet")))


def described(paths: Iterable[Path]) -> list[Kept]:
    """Return what files of the user's store say they are, by source and date."""
    import pyarrow.parquet as pq

    found = []
    for path in paths:
        try:
            metadata = pq.read_metadata(path)
            source = Source(**json.loads(metadata.metadata[b"source"]))
            notices = _noticed(metadata.metadata.get(b"notices"))
        except (OSError, KeyError, ValueError, TypeError) as error:  # ArrowInvalid is a ValueError
            damaged = [problem("kept_damaged", source=path.parent.name)]
            raise SourceError.of_file(path, damaged, problem("add_again")) from error
        found.append(Kept(path, source, metadata.num_rows, notices))
    return sorted(found, key=lambda one: (one.source.id, one.source.reference_date))


def _noticed(written: bytes | None) -> tuple[Problem, ...]:
    if not written:
        return ()
    import needs_analysis.sources.problems  # noqa: F401 - it has the sentences, and is heavy

    return tuple(Problem.of(one) for one in json.loads(written))


def read(one: Kept) -> pd.DataFrame:
    """Return the frame of a kept file, as its reader gave it."""
    import pyarrow.parquet as pq

    if b"geo" in (pq.read_schema(one.path).metadata or {}):
        import geopandas as gpd

        frame: pd.DataFrame = gpd.read_parquet(one.path)
    else:
        frame = pq.read_table(one.path).to_pandas()
    frame.attrs["reference_date"] = one.source.reference_date
    return frame

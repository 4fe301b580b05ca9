"""The user's own official files: recognised by content, typed, kept as Parquet with their source.

A file is one Parquet, named by its source, date and checksum, whose metadata hold the citation:
there is no list beside it that two processes could disagree about.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from needs_analysis.errors import Problem, Refused, SourceError, wanted
from needs_analysis.figures import wanted_several
from needs_analysis.provenance import Extent, Source, checksum
from needs_analysis.store import memo
from needs_analysis.store.admission import admitted
from needs_analysis.store.extent import Coverage, coverage
from needs_analysis.store.files import files_in, kept_folder, written_file
from needs_analysis.store.problems import problem

if TYPE_CHECKING:
    import pandas as pd

ARCHIVE_BYTES_MAX = 4_000_000_000
"""What an archive of official files may unpack to; each file has its reader's own limit."""
_ANY = Source("", "", "", "", "", "", "")


@dataclass(frozen=True)
class Kept:
    """A file of the user's store: where it is, what it is, how many rows it has."""

    path: Path
    source: Source
    rows: int


@dataclass(frozen=True)
class Added:
    """What became of the files offered: those kept, why others were refused, what was passed over.

    `passed` are the names of files of a folder that are no official file known; one that is named
    itself, or looks like an official one gone wrong, is refused.
    """

    kept: tuple[Kept, ...]
    refused: tuple[Refused, ...]
    passed: tuple[str, ...] = ()


def add(paths: Iterable[Path | str], report: Callable[[Problem], None] = lambda _: None) -> Added:
    """Take official files into the user's store, each recognised by what it holds.

    Parameters
    ----------
    paths : iterable of Path or str
        Files or folders, as downloaded; archives are opened.
    report : callable
        Takes what is said of each file kept, and how much of Italy one that covers a part has.

    Returns
    -------
    Added
        A file is kept whole or not at all; one that is refused does not stop the others.
    """
    kept: list[Kept] = []
    refused: list[Refused] = []
    passed: list[str] = []
    for path in map(Path, wanted_several(paths, str, Path)):
        for file in files_in(path) if path.is_dir() else [path]:
            try:
                for one in _take(file, report):
                    kept.append(one)
                    for said in _said(one):
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
    said = [problem("rows_kept", title=source.title, date=source.reference_date, rows=one.rows)]
    if extent and not extent.whole:
        kind = "not_italy" if delivers(source.id).italy else "covers_part"
        said.append(problem(kind, places=extent.places, of=extent.of))
    return said


class _UnknownFileError(SourceError):
    """A file that no reader knows."""


Report = Callable[[Problem], None]


def _take(path: Path, report: Report) -> list[Kept]:
    from needs_analysis import sources
    from needs_analysis.sources.reading import safe_name

    if not path.exists():
        lost = [problem("not_there")]
        raise SourceError.of_file(safe_name(path), lost, problem("check_path"))
    readers = sources.readers_of(path)
    if readers:
        return [_keep(reader, path, report) for reader in readers]
    inside = _take_members(path, report) if zipfile.is_zipfile(path) else []
    if inside:
        return inside
    if damage := sources.damage_of(path):
        raise SourceError.of_file(safe_name(path), [damage], problem("download_again"))
    unknown = [problem("unknown_file")]
    raise _UnknownFileError.of_file(safe_name(path), unknown, problem("content_counts"))


def _take_members(path: Path, report: Report) -> list[Kept]:
    """Open an archive that no reader takes as it is and offer its members, one level deep."""
    from needs_analysis import sources
    from needs_analysis.sources.reading import unpacked

    with tempfile.TemporaryDirectory() as folder:
        members = unpacked(path, Path(folder), _ANY, ARCHIVE_BYTES_MAX)
        return [_keep(reader, one, report) for one in members for reader in sources.readers_of(one)]


def _keep(reader: ModuleType, path: Path, report: Report) -> Kept:
    frame = reader.read(path)
    date = str(frame.attrs.get("reference_date", reader.SOURCE.reference_date))
    source: Source = replace(reader.SOURCE, reference_date=date, checksum=checksum(path))
    _admit(frame, source, path, report)
    name = f"{re.sub('[^0-9A-Za-z-]', '-', date)}_{source.checksum[:12]}.parquet"
    target = kept_folder() / "figures" / source.id / name
    with written_file(target) as beside:
        _write(frame, source, beside)
    memo.written()
    return Kept(target, source, len(frame))


def _admit(frame: pd.DataFrame, source: Source, path: Path, report: Report) -> None:
    """Refuse what no official file holds, and a part of what is published for all Italy only.

    Such a part is kept, and never used, where it could stand behind no table: an older edition of
    what is used in its newest, or what feeds none.
    """
    from needs_analysis.sources.reading import safe_name
    from needs_analysis.store import tables  # it reads the files that are kept here

    impossible, blanked = admitted(frame, source.reference_date)
    if impossible:
        raise SourceError.of_file(safe_name(path), impossible, problem("not_as_published"))
    extent = coverage(frame, delivers(source.id), source.reference_date)
    if delivers(source.id).italy and extent and not extent.whole and tables.would_serve(source):
        part = problem(
            "under_italy", places=extent.places, of=extent.of, date=source.reference_date
        )  # fmt: skip
        raise SourceError.of_file(safe_name(path), [part], problem("download_italy"))
    for one in blanked:
        report(problem("blanked", what=one))


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
    from needs_analysis.store import recipes

    wanted(name, str)
    fed = recipes.RECIPES.get(name)
    source_id = fed.source if fed else name
    here = [one for one in kept() if one.source.id == source_id]
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

    frame.attrs = {}
    if hasattr(frame, "geometry"):
        frame.to_parquet(path, compression="zstd")
        table = pq.read_table(path)
    else:
        table = pa.Table.from_pandas(frame)
    citation = {b"source": json.dumps(source.as_dict()).encode()}
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
        except (OSError, KeyError, ValueError, TypeError) as error:  # ArrowInvalid is a ValueError
            damaged = [problem("kept_damaged", source=path.parent.name)]
            raise SourceError.of_file(path, damaged, problem("add_again")) from error
        found.append(Kept(path, source, metadata.num_rows))
    return sorted(found, key=lambda one: (one.source.id, one.source.reference_date))


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

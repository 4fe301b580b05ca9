"""The one reader and writer of the figures that ship, and of what is computed once and kept."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType

import pandas as pd

from needs_analysis import rents
from needs_analysis.errors import NeedsAnalysisError, OutputError, SourceError
from needs_analysis.provenance import Source, checksum

SHIPPED = "needs_analysis.datasets"
_TYPES = {"b": "boolean", "i": "integer", "f": "number", "M": "date"}


@dataclass(frozen=True)
class Recipe:
    """How the frames of one source become one shipped table.

    `keys` is the primary key, `combine` turns the frames of all files recognised (each with its
    reference date) into the table.
    """

    table: str
    title: str
    keys: tuple[str, ...]
    combine: Callable[[Sequence[pd.DataFrame]], pd.DataFrame]


def _latest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return max(frames, key=lambda frame: str(frame.attrs.get("reference_date", ""))).reset_index()


def _distinct(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    # The publisher repeats some changes.
    return frames[0].drop_duplicates()


def _summed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    # A municipality stands in one regional file only; a sum over files would hide a double.
    return pd.concat(frames).reset_index()


def _by_year(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    dated = [frame.assign(year=int(frame.attrs["reference_date"])) for frame in frames]
    return pd.concat(dated).reset_index()


def _latest_rents(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    newest = max(frames, key=lambda frame: str(frame.attrs["reference_date"]))
    return rents.municipal(newest).reset_index()


def _since_1991(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    archive = frames[0]
    return archive[archive["valid_to"] > pd.Timestamp("1991-01-01")]


RECIPES: Mapping[str, Recipe] = {
    "istat_units": Recipe(
        "municipalities",
        "Comuni al 1-1-2022, popolazione e famiglie 2021",
        ("municipality_code",),
        _latest,
    ),
    "istat_population": Recipe(
        "population", "Residenti per classi di età", ("municipality_code",), _latest
    ),
    "istat_units_2011": Recipe(
        "residents_2011", "Popolazione legale 2011", ("cadastral_code",), _latest
    ),
    "mef_incomes": Recipe(
        "incomes", "Redditi dichiarati per comune", ("municipality_code",), _latest
    ),
    "omi_values": Recipe(
        "rents", "Canoni e prezzi OMI per comune", ("cadastral_code",), _latest_rents
    ),
    "interno_evictions": Recipe(
        "evictions", "Sfratti per provincia", ("province_abbreviation",), _latest
    ),
    "interno_series": Recipe(
        "evictions_series", "Sfratti in Italia, serie storica", ("year",), _latest
    ),
    "istat_census_areas": Recipe(
        "tenure_2011",
        "Famiglie e titolo di godimento nelle aree di censimento 2011",
        ("municipality_code",),
        _summed,
    ),
    "istat_classification": Recipe(
        "classification",
        "Grado di urbanizzazione e zona altimetrica",
        ("municipality_code",),
        _latest,
    ),
    "istat_accommodation": Recipe(
        "accommodation", "Posti letto turistici", ("year", "municipality_code"), _by_year
    ),
    "anpr_archive": Recipe(
        "code_history",
        "Archivio dei comuni dal 1991",
        ("cadastral_code", "valid_from", "municipality_code", "municipality_name"),
        _since_1991,
    ),
    "istat_variations": Recipe(
        "code_variations",
        "Variazioni amministrative dal 1991",
        ("kind", "old_code", "new_code", "old_name", "new_name"),
        _distinct,
    ),
}
# Kept by hand beside the compiled tables; the compiler lists them and leaves them as they are.
KEPT_BY_HAND = {
    "ambiti": ("Ambiti territoriali sociali", ("ambito_name", "municipality_code")),
    "province_names": ("Altri nomi delle province", ("name", "province_code")),
}


def _folder() -> Path:
    return Path(str(resources.files(SHIPPED)))


@cache
def package() -> dict[str, dict[str, object]]:
    """Return the resources of the shipped ``datapackage.json`` by name."""
    text = _folder().joinpath("datapackage.json").read_text("utf-8")
    return {resource["name"]: resource for resource in json.loads(text)["resources"]}


def table(name: str) -> pd.DataFrame:
    """Read a shipped table, typed by its schema; codes are text, blank numbers NaN.

    Parameters
    ----------
    name : str
        A resource of ``datasets/datapackage.json`` ("incomes").

    Returns
    -------
    DataFrame
        The rows in file order, with the columns of the schema.

    Examples
    --------
    >>> table("evictions").set_index("province_abbreviation").loc["MB", "orders"].item()
    710.0
    """
    fields: list[dict[str, str]] = package()[name]["schema"]["fields"]  # type: ignore[index]
    types = {field["name"]: field["type"] for field in fields}
    frame = pd.read_csv(
        _folder() / f"{name}.csv",
        dtype={
            k: "str" if t in {"string", "date"} else "float64" if t == "number" else "int64"
            for k, t in types.items()
            if t != "boolean"
        },
        keep_default_na=False,
        na_values={k: [""] for k, t in types.items() if t == "number"},
        true_values=["true"],
        false_values=["false"],
    )
    for column in (name for name, kind in types.items() if kind == "date"):
        frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d").astype("datetime64[s]")
    return frame


@cache
def cited() -> dict[str, Source]:
    """Return the sources of the shipped figures by id, with date and checksum of what was read."""
    found: dict[str, Source] = {}
    for resource in package().values():
        for given in resource["sources"]:  # type: ignore[attr-defined]
            found[given["id"]] = Source(
                id=given["id"],
                publisher=given["publisher"],
                title=given["title"],
                reference_date=given["reference_date"],
                licence=given["licence"],
                attribution=given["attribution"],
                retrieval=given["path"],
                checksum=given["checksum"],
            )
    return found


def source_of(name: str) -> Source:
    """Return the source of a shipped table."""
    given = package()[name]["sources"][0]  # type: ignore[index]
    return cited()[given["id"]]


def status() -> pd.DataFrame:
    """List the shipped tables: rows, reference date, publisher, licence, bytes."""
    rows = []
    for name, resource in package().items():
        source = source_of(name)
        rows.append(
            {
                "table": name,
                "title": resource["title"],
                "rows": resource["rows"],
                "reference_date": source.reference_date,
                "publisher": source.publisher,
                "licence": source.licence,
                "bytes": (_folder() / f"{name}.csv").stat().st_size,
            }
        )
    return pd.DataFrame(rows).set_index("table")


def compile_figures(
    folder: Path, out: Path, report: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Read a folder of official downloads and write the tables that ship.

    Every file is recognised by its content; where several editions of a source are found, the newest
    is kept. All problems are reported together, and nothing is written unless all was read.

    Parameters
    ----------
    folder : Path
        Official files as downloaded, in any arrangement of subfolders.
    out : Path
        The ``datasets`` folder: its hand-kept tables are left as they are.
    report : callable
        Takes a line on each file that was read.

    Returns
    -------
    list of Path
        The files written: one CSV a table, and ``datapackage.json``.

    Raises
    ------
    SourceError
        A recognised file cannot be read.
    NeedsAnalysisError
        No official file was found, or one of the sources is absent.
    """
    if not folder.is_dir():
        raise NeedsAnalysisError(f"{folder}: la cartella non esiste. Indicare i file scaricati.")
    found = _read_all(folder, report)
    absent = [recipe.title for key, recipe in RECIPES.items() if key not in found]
    if absent:
        raise NeedsAnalysisError(
            f"{folder}: non trovo i file di: {'; '.join(absent)}. Scaricarli dai siti ufficiali."
        )
    with _beside(out) as partial:
        listed = [_write(partial, key, found[key]) for key in RECIPES]
        listed += [_hand_kept(out, partial, name) for name in KEPT_BY_HAND]
        _write_package(partial, listed)
        out.mkdir(parents=True, exist_ok=True)
        for file in sorted(partial.iterdir()):
            os.replace(file, out / file.name)
        return [out / f"{recipe.table}.csv" for recipe in RECIPES.values()] + [
            out / "datapackage.json"
        ]


Read = list[tuple[pd.DataFrame, Source]]


def _read_all(folder: Path, report: Callable[[str], None]) -> dict[str, Read]:
    found: dict[str, Read] = {}
    problems: list[str] = []
    from needs_analysis import sources  # heavy readers: only needed here
    from needs_analysis.sources import istat_population

    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in [*files, istat_population.package_file()]:
        for reader in sources.readers_of(path):
            try:
                frame = reader.read(path)
            except SourceError as error:
                problems.append(str(error))
                continue
            found.setdefault(reader.SOURCE.id, []).append((frame, _dated(reader, frame, path)))
            report(f"{reader.SOURCE.title}: {len(frame)} righe")
    if problems:
        raise NeedsAnalysisError("\n".join(problems))
    return found


def _dated(reader: ModuleType, frame: pd.DataFrame, path: Path) -> Source:
    date = str(frame.attrs.get("reference_date", reader.SOURCE.reference_date))
    source: Source = reader.SOURCE
    return replace(source, reference_date=date, checksum=checksum(path))


def _write(folder: Path, key: str, read: Read) -> dict[str, object]:
    recipe = RECIPES[key]
    frame = recipe.combine([frame for frame, _ in read])
    keys = list(recipe.keys)
    frame = frame[keys + [name for name in frame.columns if name not in keys]]
    frame = frame.sort_values(keys, kind="stable").reset_index(drop=True)
    twice = frame.duplicated(keys)
    if twice.any():
        raise NeedsAnalysisError(
            f"{recipe.title}: chiavi ripetute {frame.loc[twice, keys].head(3).to_numpy().tolist()}. "
            "Togliere i file doppi dalla cartella."
        )
    path = folder / f"{recipe.table}.csv"
    fields = [{"name": name, "type": _type(frame[name])} for name in frame.columns]
    for field in fields:
        if field["type"] == "boolean":
            frame[field["name"]] = frame[field["name"]].map({True: "true", False: "false"})
    frame.to_csv(
        path, index=False, lineterminator="\n", float_format="%.10g", date_format="%Y-%m-%d"
    )
    used = _used(recipe, [source for _, source in read])
    return _resource(recipe.table, recipe.title, path, len(frame), fields, recipe.keys, used)


def _used(recipe: Recipe, read: Sequence[Source]) -> list[Source]:
    if recipe.combine in (_summed, _by_year):
        return list(read)
    return [max(read, key=lambda source: source.reference_date)]


def _type(column: pd.Series) -> str:
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all() and column.notna().all():
        return "number"
    return _TYPES.get(column.dtype.kind, "string")


def _hand_kept(out: Path, partial: Path, name: str) -> dict[str, object]:
    title, keys = KEPT_BY_HAND[name]
    path = out / f"{name}.csv"
    if not path.exists():
        path = Path(shutil.copyfile(_folder() / path.name, partial / path.name))
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    fields = [{"name": column, "type": "string"} for column in frame.columns]
    source = Source(
        id=name,
        publisher="needs-analysis",
        title=title,
        reference_date="2026",
        licence="BSD-3-Clause",
        attribution="needs-analysis",
        retrieval="datasets/README.md",
        checksum=checksum(path),
    )
    return _resource(name, title, path, len(frame), fields, keys, [source])


def _resource(
    name: str,
    title: str,
    path: Path,
    rows: int,
    fields: list[dict[str, str]],
    keys: Sequence[str],
    used: Sequence[Source],
) -> dict[str, object]:
    dates = sorted({source.reference_date for source in used})
    first = used[0]
    # Several regional files of one publication are one source: its checksum covers all of them.
    joined = first.checksum if len(used) == 1 else "+".join(source.checksum[:16] for source in used)
    return {
        "name": name,
        "title": title,
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": f"sha256:{checksum(path)}",
        "bytes": path.stat().st_size,
        "rows": rows,
        "schema": {"fields": fields, "primaryKey": list(keys), "missingValues": [""]},
        "sources": [
            {
                "id": first.id,
                "title": first.title,
                "path": first.retrieval,
                "publisher": first.publisher,
                "reference_date": " + ".join(dates),
                "licence": first.licence,
                "attribution": first.attribution,
                "checksum": joined,
            }
        ],
    }


def _write_package(folder: Path, listed: Sequence[dict[str, object]]) -> None:
    package = {
        "profile": "tabular-data-package",
        "name": "needs-analysis-figures",
        "title": "Figures compiled from official publications for needs-analysis",
        "description": "See README.md for what may be reused and how to cite.",
        "resources": [resource | {"profile": "tabular-data-resource"} for resource in listed],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    folder.joinpath("datapackage.json").write_text(text, "utf-8")


def kept_folder() -> Path:
    """Return the folder for what is computed once: ``NEEDS_ANALYSIS_DATA``, or the user's own."""
    import platformdirs

    given = os.environ.get("NEEDS_ANALYSIS_DATA")
    return Path(given) if given else Path(platformdirs.user_data_dir("needs-analysis", False))


def _unwritable(target: Path, error: OSError) -> OutputError:
    reasons = {
        FileExistsError: "una parte del percorso è un file",
        NotADirectoryError: "una parte del percorso è un file",
        PermissionError: "permesso negato",
    }
    reason = reasons.get(type(error), "disco pieno o non raggiungibile")
    return OutputError(
        f"{target}: non si può scrivere qui ({reason}). Scegliere un'altra cartella."
    )


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder next to `target`, removed at the end whatever happens."""
    new = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # what was written stays; folders made for nothing go
            for folder in new:
                folder.rmdir()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a folder to write in that becomes `target` only when all of it was written.

    A new `target` appears in one rename; in a folder that exists, each file replaces its old version
    and whatever else the user keeps there stays.

    Raises
    ------
    OutputError
        The folder cannot be written, or is a file.
    """
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: è un file. Indicare una cartella.")
    if target.is_dir() and not os.access(target, os.W_OK):
        raise OutputError(f"{target}: la cartella non è scrivibile. Scegliere un'altra cartella.")
    with _beside(target) as partial:
        inner = partial / "out"
        inner.mkdir()
        yield inner
        try:
            if target.exists():
                for file in sorted(inner.iterdir()):
                    os.replace(file, target / file.name)
            else:
                os.replace(inner, target)
        except OSError as error:
            raise _unwritable(target, error) from error


@contextmanager
def written_file(target: Path) -> Iterator[Path]:
    """Give a file to write in that takes the place of `target` only when it is whole.

    Raises
    ------
    OutputError
        The file cannot be written there, or is a folder.
    """
    if target.is_dir():
        raise OutputError(f"{target}: è una cartella. Indicare un file.")
    with _beside(target) as partial:
        yield partial / target.name
        os.replace(partial / target.name, target)

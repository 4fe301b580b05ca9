"""From a folder of official downloads to the tables that ship."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from types import ModuleType

import pandas as pd

from needs_analysis.errors import OutputError, Problem, Refused, SourceError, wanted
from needs_analysis.provenance import Source, checksum
from needs_analysis.store.kept import edition
from needs_analysis.store.problems import problem
from needs_analysis.store.recipes import KEPT_BY_HAND, RECIPES, Recipe, dates_of
from needs_analysis.store.shipped import folder as shipped_folder
from needs_analysis.writing import disk
from needs_analysis.writing.files import files_in, swapped

_TYPES = {"b": "boolean", "i": "integer", "f": "number", "M": "date"}


def compile_figures(
    folder: Path | str, out: Path, report: Callable[[Problem], None] = lambda _: None
) -> list[Path]:
    """Read a folder of official downloads and write the tables that ship.

    Every file is recognised by its content; where several editions of a source are found, the newest
    is kept. A file that is not recognised but looks like an official one gone wrong is a problem too.
    All problems are reported together, and nothing is written unless all was read: the tables then
    take the place of the old ones together.

    Parameters
    ----------
    folder : Path or str
        Official files as downloaded, in any arrangement of subfolders.
    out : Path
        The ``datasets`` folder: its hand-kept tables are left as they are.
    report : callable
        Takes what is said of each file that was read.

    Returns
    -------
    list of Path
        The files written: one CSV a table, and ``datapackage.json``.

    Raises
    ------
    SourceError
        A recognised file cannot be read, no official file was found, or one of the sources is
        absent.
    OutputError
        The folder cannot be written.
    """
    wanted(folder, str, Path)
    folder = Path(folder)
    if not folder.is_dir():
        absent = problem("no_folder", folder=str(folder))
        raise SourceError(absent, cure=problem("name_downloads"))
    if out.exists() and not out.is_dir():
        a_file = disk.problem("a_file", path=str(out))
        raise OutputError(a_file, cure=disk.problem("name_folder"))
    found = _read_all(folder, report)
    titles = [f"«{one.title}»" for one in RECIPES.values() if not found.keys() & set(one.sources)]
    if titles:
        lacking = problem("lacking_sources", folder=str(folder), titles=tuple(titles))
        raise SourceError(lacking, cure=problem("download_official"))
    with swapped(out) as partial:
        listed = [
            _write(partial, name, [read for one in recipe.sources for read in found.get(one, [])])
            for name, recipe in RECIPES.items()
        ]
        listed += [_hand_kept(out, partial, name) for name in KEPT_BY_HAND]
        _write_package(partial, listed)
    return [out / f"{name}.csv" for name in RECIPES] + [out / "datapackage.json"]


Read = list[tuple[pd.DataFrame, Source]]


def _read_all(folder: Path, report: Callable[[Problem], None]) -> dict[str, Read]:
    found: dict[str, Read] = {}
    refused: list[Refused] = []
    from needs_analysis import sources  # heavy readers: only needed here
    from needs_analysis.reading import OtherTableError, safe_name
    from needs_analysis.sources import istat_population

    wanted = {one for recipe in RECIPES.values() for one in recipe.sources}
    files = files_in(folder)
    for path in [*files, istat_population.package_file()]:
        readers = sources.readers_of(path)
        if not readers and (damage := sources.damage_of(path)):
            refused.append(SourceError.of_file(safe_name(path), [damage]))
        for reader in (one for one in readers if one.SOURCE.id in wanted):
            try:
                read = [(one, _dated(reader, one, path)) for one in sources.editions(reader, path)]
            except OtherTableError as error:
                report(problem("left_aside", file=error.path.name, why=error.problems[0]))
                continue
            except SourceError as error:
                refused.append(error)
                continue
            found.setdefault(reader.SOURCE.id, []).extend(read)
            rows = sum(len(frame) for frame, _ in read)
            report(problem("rows_read", title=reader.SOURCE.title, rows=rows))
            for said in read[0][0].attrs.get("notices", ()):
                report(said)
    if refused:
        # The first of each file comes first: only some are printed.
        turns = zip_longest(*(error.problems for error in refused))
        every = [one for turn in turns for one in turn if one]
        raise SourceError(*every, cure=problem("mend_or_remove"))
    return found


def _dated(reader: ModuleType, frame: pd.DataFrame, path: Path) -> Source:
    source = edition(reader.SOURCE, frame, path, checksum(path))
    frame.attrs["reference_date"] = source.reference_date
    return source


def _write(folder: Path, name: str, read: Read) -> dict[str, object]:
    recipe = RECIPES[name]
    frame = recipe.combine([frame for frame, _ in read])
    keys = list(recipe.keys)
    frame = frame[keys + [name for name in frame.columns if name not in keys]]
    frame = frame.sort_values(keys, kind="stable").reset_index(drop=True)
    twice = frame.duplicated(keys)
    if twice.any():
        rows = frame.loc[twice, keys].head(3).to_numpy().tolist()
        first = tuple("/".join(map(str, row)) for row in rows)
        repeated = problem("repeated_keys", title=recipe.title, keys=first)
        raise SourceError(repeated, cure=problem("remove_doubles"))
    path = folder / f"{name}.csv"
    fields = [
        {"name": field, "type": _TYPES.get(frame[field].dtype.kind, "string")}
        for field in frame.columns
    ]
    for field in fields:
        if field["type"] == "boolean":
            frame[field["name"]] = frame[field["name"]].map({True: "true", False: "false"})
    frame.to_csv(
        path, index=False, lineterminator="\n", float_format="%.10g", date_format="%Y-%m-%d"
    )
    used = _used(recipe, [source for _, source in read])
    return _resource(name, recipe.title, path, len(frame), fields, recipe.keys, used)


def _used(recipe: Recipe, read: Sequence[Source]) -> list[Source]:
    if recipe.every:
        return [replace(one, id=recipe.cited_as or one.id) for one in read]
    return [max(read, key=lambda source: source.reference_date)]


def _hand_kept(out: Path, partial: Path, name: str) -> dict[str, object]:
    title, keys = KEPT_BY_HAND[name]
    path = out / f"{name}.csv"
    if not path.exists():
        path = Path(shutil.copyfile(shipped_folder() / path.name, partial / path.name))
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    except ValueError:  # whatever the parser of pandas says of a broken table
        broken = [problem("no_hand_kept_table")]
        raise SourceError.of_file(path, broken, problem("mend_by_hand")) from None
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
                "reference_date": dates_of(source.reference_date for source in used),
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

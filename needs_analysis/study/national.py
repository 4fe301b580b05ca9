"""The national results that ship: what the first briefing of a machine would compute first of all."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tempfile
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import needs_analysis
from needs_analysis import households, store
from needs_analysis.errors import Messages, Refused
from needs_analysis.households import italy
from needs_analysis.patterns import national
from needs_analysis.provenance import checksum
from needs_analysis.study.declaration import Study
from needs_analysis.study.finding import find
from needs_analysis.territory import border
from needs_analysis.words import N_
from needs_analysis.writing.files import swapped

FOLDER = "national"
PACKAGE = "datapackage.json"
_ANY = "comune:Rho"
"""Whose findings ask for them: those of any area are the same."""

_CHAPTERS = ("gruppi",)
"""Who is in need and what can be done about it are not."""

problem = Messages(
    "national",
    {
        "same_number": N_(
            "«{result}»: il risultato è cambiato, il numero del suo metodo ({method}) no"
        ),
        "raise_number": N_("Aumentare METHOD in {module}, e ripetere il comando."),
    },
)


@dataclass(frozen=True)
class Result:
    """A national result that ships.

    Parameters
    ----------
    title : str
        What it is.
    method : int
        The number of its method.
    module : str
        Where that number stands.
    code : tuple of str
        The files whose code makes it of the figures: names inside the package, with wildcards. What
        makes the figures themselves is told by other results, not by other code.
    """

    title: str
    method: int
    module: str
    code: tuple[str, ...]


_MODEL = italy.METHOD, "households/italy.py", ("households/*.py",)
_PATTERNS = (
    national.METHOD, "patterns/national.py",
    ("patterns/*.py", "territory/boundaries.py", "territory/neighbours.py"),
)  # fmt: skip
RESULTS: Mapping[str, Result] = {
    "clusters": Result("Gruppi di comuni vicini con valori alti o bassi", *_PATTERNS),
    "households": Result("Famiglie in affitto oltre la soglia, per comune", *_MODEL),
    "households_tornado": Result("Quanto pesano le assunzioni: ciò che è nazionale", *_MODEL),
    "moran": Result("Somiglianza fra comuni vicini", *_PATTERNS),
    "types": Result("Tipi di comuni", *_PATTERNS),
    "near_switzerland": Result(
        "Comuni vicini alla Svizzera",
        border.METHOD,
        "territory/border.py",
        ("territory/border.py", "territory/boundaries.py"),
    ),
}


def compile_national(out: Path) -> list[Path]:
    """Compute the results that ship, from the figures that ship, and write them.

    A result that is as it was stays the file that it was, whatever else of its code changed.

    Parameters
    ----------
    out : Path
        The ``datasets`` folder; what stood in its folder ``national`` goes.

    Returns
    -------
    list of Path
        The files written: one Parquet a result, and their ``datapackage.json``.

    Raises
    ------
    Refused
        A result of the same figures changed and the number of its method did not.
    OutputError
        The folder cannot be written.
    """
    home = out / FOLDER
    with tempfile.TemporaryDirectory() as made:
        files = make(Path(made))
        there = {name: home / file.name for name, file in files.items()}
        there = {name: file for name, file in there.items() if file.is_file()}
        wrong = [
            name
            for name, file in there.items()
            if not alike(pd.read_parquet(files[name]), pd.read_parquet(file))
        ]
        if wrong:
            modules = tuple(dict.fromkeys(RESULTS[name].module for name in wrong))
            said = [problem("same_number", result=n, method=RESULTS[n].method) for n in wrong]
            raise Refused(*said, cure=problem("raise_number", module=modules))
        files |= there
        with swapped(home) as new:
            for file in files.values():
                (new / file.name).write_bytes(file.read_bytes())
            package = {
                "profile": "data-package",
                "name": "needs-analysis-national",
                "title": "National results computed from the figures that ship",
                "description": "Made by needs-analysis data compile --national; see CONTRIBUTING.md.",
                "resources": [_resource(name, file) for name, file in files.items()],
            }
            text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
            (new / PACKAGE).write_text(text, "utf-8")
        names = [PACKAGE, *(file.name for file in files.values())]
    for old in home.glob("*.parquet"):
        if old.name not in names:
            old.unlink()
    return [home / name for name in names]


def make(folder: Path) -> dict[str, Path]:
    """Compute every result from the figures that ship alone; returns their files by name."""
    shipped = {name: str(one["hash"]) for name, one in store.package().items()}
    with store.making(folder), store.using(store.Selection(pins=shipped)):
        ask()
    found = {file.name.rpartition("-")[0]: file for file in sorted(folder.glob("*.parquet"))}
    return {name: found[name] for name in RESULTS}


def alike(made: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Tell whether two frames are the same: numbers to 1e-9, whatever is no number exactly."""
    numbers = list(made.select_dtypes("float"))
    return (
        made.drop(columns=numbers).equals(other.drop(columns=numbers, errors="ignore"))
        and list(made) == list(other)
        and np.allclose(made[numbers], other[numbers], rtol=1e-9, atol=1e-12, equal_nan=True)
    )


def ask() -> None:
    """Ask for every result as a briefing does."""
    _ = households.national()
    found = find(Study(_ANY, chapters=_CHAPTERS))
    _ = households.national_tornado(found.codes, found.overrides, found.day)
    _ = found.clusters, found.moran, found.types


def resources(home: Path) -> list[dict[str, object]]:
    """Return what a folder of national results lists of each; none where there is no list."""
    listing = home / PACKAGE
    if not listing.is_file():
        return []
    found: list[dict[str, object]] = json.loads(listing.read_text("utf-8"))["resources"]
    return found


def _resource(name: str, file: Path) -> dict[str, object]:
    one = RESULTS[name]
    return {
        "name": name,
        "title": one.title,
        "path": file.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "hash": f"sha256:{checksum(file)}",
        "bytes": file.stat().st_size,
        "method": one.method,
        "code": code_of(one),
        "profile": "data-resource",
    }


def code_of(result: Result) -> str:
    """Return the checksum of the code that makes a result, without docstrings, comments and blanks."""
    package, found = Path(needs_analysis.__file__).parent, hashlib.sha256()
    for path in sorted({one for pattern in result.code for one in package.glob(pattern)}):
        found.update(path.relative_to(package).as_posix().encode())
        found.update("\n".join(code_lines(path.read_text("utf-8"))).encode())
    return f"sha256:{found.hexdigest()}"


def code_lines(text: str) -> Iterator[str]:
    r"""Yield the lines of code of a module, whichever Python reads it.

    Examples
    --------
    >>> list(code_lines("'Doc.'\n\n# why\nx = 1  # one\ny = '# two'\n"))
    ['x = 1', "y = '# two'"]
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            for row in range(first.lineno, (first.end_lineno or first.lineno) + 1):
                lines[row - 1] = ""
    yield from (line.rstrip() for line in lines if line.strip())

"""The office's input of a plan: the workbook to fill in, and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import ParameterError, Problem, SourceError, wanted
from needs_analysis.plans.judging import Asked, judge, whose
from needs_analysis.plans.problems import problem
from needs_analysis.plans.reserves import RULES
from needs_analysis.plans.schema import ABOUT, BOOKS, KINDS
from needs_analysis.reading import plain, safe_name
from needs_analysis.reading.sheets import titles_of
from needs_analysis.services.files.cells import CURE, load
from needs_analysis.services.files.office import typed_tables
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.files.templates import EXTRA_SHEETS, write_book
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    import geopandas as gpd

_GUIDE = (
    N_("Si compila quello che si sa: ciò che resta vuoto diventa una domanda nel piano."),
    N_("Vuoto vuol dire non trasmesso; 0 vuol dire che l'ufficio ha contato e non ce ne sono."),
    N_(
        "Un alloggio si conta una volta: ristrutturato e liberato nello stesso anno è uno. Con il "
        "codice alloggio ci pensa il programma; senza, si scrive quanti sono già in un'altra riga."
    ),
    N_("Le quote si arrotondano una volta l'anno, per comune e proprietario, mai per avviso."),
    N_("Accanto a ogni numero la sua data, come 31/12/2025."),
    N_("Mai nomi, codici fiscali, telefoni: la lettura li rifiuta."),
)
_LEAST = N_("{rule} (ISEE fino a {isee} €): almeno il {share} %, per eccesso ({article}).")
_MOST = N_("{rule}: al massimo il {share} %, per difetto ({article}).")


@dataclass(frozen=True, eq=False, repr=False)
class PlanBook:
    """What an office filled in for a plan. The lists of applications are confidential.

    Parameters
    ----------
    kind : str
        "annual", "triennial" or "zone".
    tables : mapping of str to DataFrame
        By name of `schema.BOOKS`, the columns of its sheet; the index is the user's row.
    file : str
        Its name.
    warnings : tuple of Problem
        What is odd and does not stop.
    """

    kind: str
    tables: Mapping[str, pd.DataFrame]
    file: str = ""
    warnings: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        """Say how much there is, without what."""
        filled = {name: len(frame) for name, frame in self.tables.items() if len(frame)}
        return f"<PlanBook {self.kind}: {filled}>"

    @property
    def about(self) -> pd.Series:
        """Return the one row that says whose plan it is."""
        return self.tables["about"].iloc[0]

    @property
    def year(self) -> int:
        """Return the first year of the plan."""
        return int(self.about["year"])


def write_template(
    path: Path | str,
    kind: str = "annual",
    area: gpd.GeoDataFrame | None = None,
    year: int | None = None,
    voice: Voice = ITALIAN,
) -> Path:
    """Write the workbook that an office fills in for a plan.

    Parameters
    ----------
    path : Path or str
        The .xlsx file.
    kind : {"annual", "triennial", "zone"}
        Of the plan.
    area : GeoDataFrame, optional
        Of :func:`needs_analysis.territory.select`: its municipalities stand there already.
    year : int, optional
        The first of the plan.
    voice : Voice
        What says how to fill it in; sheets, headers and lists are the same in every language.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.
    ParameterError
        No such kind.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(Path(folder) / "piano.xlsx", "zone").name
    'piano.xlsx'
    """
    known_kind(kind)
    begun: dict[str, pd.DataFrame] = {}
    if area is not None:
        about = {"ambito_name": area.attrs["name"], "kind": kind, "year": year}
        begun["about"] = pd.DataFrame([about]).astype({"year": float})
        begun |= _begun(kind, area["municipality_name"])
    guide = [voice.say(one) for one in _GUIDE]
    if kind == "annual":
        guide += _shares(voice)
    return write_book(path_of(path), BOOKS[kind], guide, voice, begun)


def _shares(voice: Voice) -> list[str]:
    """Say the shares of the law, as the parameters have them, a line each."""
    values = parameters.values()
    isee = voice.number(values["plan_indigence_isee_limit_eur"])
    lines = []
    for rule in RULES.values():
        said = {
            "rule": voice.say(rule.label), "article": voice.say(rule.article),
            "share": voice.number(100 * values[rule.parameter]),
        }  # fmt: skip
        least = rule.side == "least"
        lines.append(voice.say(_LEAST, isee=isee, **said) if least else voice.say(_MOST, **said))
    return lines


def _begun(kind: str, names: pd.Series) -> dict[str, pd.DataFrame]:
    """Return the rows of the municipalities, with both usual owners where the sheet has an owner."""
    places = names.sort_values().rename_axis("municipality_code").reset_index()
    owned = places.merge(pd.DataFrame({"owner": ["municipality", "aler"]}), how="cross")
    every = {"stock": owned, "reserves": owned, "choices": places, "empty": owned}
    return {table.name: every[table.name] for table in BOOKS[kind] if table.name in every}


def known_kind(kind: str) -> None:
    """Refuse a kind of plan that there is not.

    Raises
    ------
    ParameterError
        It is none of `schema.KINDS`.
    """
    if kind not in KINDS:
        raise ParameterError(problem("kind", found=str(kind), known=tuple(KINDS)))


def read_plan(path: Path | str, asked: Asked) -> PlanBook:
    """Read the workbook that an office filled in.

    Parameters
    ----------
    path : Path or str
        Made from the template of the kind.
    asked : Asked
        Of whom it has to be.

    Raises
    ------
    SourceError
        With every problem: sheet, row, column, what was found and what is expected; another area, kind
        or year, a renamed sheet, a municipality outside the area, more assignable units than the stock,
        a share that the law does not allow.
    """
    wanted(path, Path, str)
    file = path_of(path)
    if file.is_dir():
        raise SourceError.of_file(safe_name(file), [problem("not_csv")], problem("correct"))
    try:
        loaded = load(file, BOOKS[asked.kind])
        frames = typed_tables(file, loaded, judge=judge(asked, loaded.sheets, loaded.problems))
    except SourceError as error:
        raise _of_plan(file, asked, error) from None
    filled = {name: _filled(name, frame) for name, frame in frames.items()}
    odd = tuple(one for one in loaded.warnings if not one.code.endswith(".no_rows"))
    return PlanBook(asked.kind, filled, safe_name(file).name, odd)


def _of_plan(file: Path, asked: Asked, error: SourceError) -> SourceError:
    """Return what is wrong with an input: of another kind of plan, that alone and not what it lacks."""
    problems = list(error.problems)
    if all(one.code.endswith(".no_sheet") for one in problems):
        problems = _other_kind(file, asked) or problems + _renamed(file, asked.kind)
        return SourceError.of_file(safe_name(file), problems, problem("correct"))
    ours = error.cure is None or error.cure == CURE
    return SourceError(*problems, cure=problem("correct") if ours else error.cure)


def _other_kind(file: Path, asked: Asked) -> list[Problem]:
    """Return what the first sheet says, if it is of another kind of plan."""
    try:
        loaded = load(file, (ABOUT,))
        about = typed_tables(file, loaded)["about"]
    except SourceError:
        return []
    if asked.kind in [*about["kind"]]:
        return []
    return [what.at(loaded.sheets["about"].at(column, (row,)))
            for _, column, row, what in whose(asked, about)]  # fmt: skip


def _renamed(file: Path, kind: str) -> list[Problem]:
    """Return the sheets that the template does not have: one may be that which is absent."""
    known = {plain(one.sheet) for one in BOOKS[kind]} | set(map(plain, EXTRA_SHEETS))
    names = tuple(f"«{one[:60]}»" for one in titles_of(file) if plain(one) not in known)
    return [problem("renamed", names=names)] if names else []


def _filled(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that say something: a municipality without a number is not one."""
    names = {"municipality_code", "municipality_name", "owner", "day", "not_transmitted"}
    said = [one for one in frame.columns if one not in names]
    return frame if name == "about" else frame[frame[said].notna().any(axis=1)]

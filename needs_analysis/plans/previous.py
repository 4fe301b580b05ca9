"""The plan before: its rows beside those of the new one, with the difference and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from needs_analysis.errors import Problem, SourceError, wanted
from needs_analysis.plans.balance import rows_of
from needs_analysis.plans.files import PlanBook
from needs_analysis.plans.judging import Asked, whose
from needs_analysis.plans.problems import problem
from needs_analysis.plans.reserves import BODY
from needs_analysis.plans.schema import ABOUT, ASSIGNABLE, ITEMS, ROWS, STOCK
from needs_analysis.reading import safe_name
from needs_analysis.services.files.cells import CURE, load
from needs_analysis.services.files.office import typed_tables
from needs_analysis.services.files.problems import path_of
from needs_analysis.territory import normalise

_KEYS = [*BODY, "item"]


@dataclass(frozen=True, eq=False)
class Previous:
    """The rows of the plan before.

    Parameters
    ----------
    year : int
        Of that plan.
    rows : DataFrame, by municipality_code, owner and item
        `units`.
    """

    year: int
    rows: pd.DataFrame


def read_previous(path: Path | str, asked: Asked) -> Previous:
    """Read the plan before: the input that the office filled in, or the plan.xlsx made of it.

    Parameters
    ----------
    path : Path or str
        The .xlsx file.
    asked : Asked
        Of whom the new plan is.

    Raises
    ------
    SourceError
        It cannot be read, is neither of the two, is of another area, or of no year before.
    """
    wanted(path, Path, str)
    file = path_of(path)
    try:
        made = _of_plan(file, asked)
        found = made if made is not None else _of_input(file, asked)
    except SourceError as error:  # the templates are those of plans
        ours = error.cure is None or error.cure == CURE
        raise SourceError(
            *error.problems, cure=problem("correct") if ours else error.cure
        ) from None
    if found is None:
        raise _refused(file, problem("previous_unread"))
    if found.year >= asked.year:
        raise _refused(file, problem("previous_year", found=found.year, wanted=asked.year))
    return found


def _refused(file: Path, *problems: Problem) -> SourceError:
    return SourceError.of_file(safe_name(file), problems, problem("previous_cure"))


def _of_plan(file: Path, asked: Asked) -> Previous | None:
    """Return the rows of a finished plan; None where the file is none."""
    loaded = load(file, (), (ROWS,))
    if not loaded.sheets:
        return None
    rows = typed_tables(file, loaded)["rows"]
    names = set(rows["ambito_name"])
    if other := sorted(one for one in names if normalise(one) != normalise(asked.name)):
        raise _refused(file, problem("other_area", found=other[0], wanted=asked.name))
    _refuse_outside(file, rows, asked)
    year = int(rows["year"].max()) if len(rows) else asked.year
    return Previous(year, rows.dropna(subset=["units"]).set_index(_KEYS)[["units"]])


def _of_input(file: Path, asked: Asked) -> Previous | None:
    """Return the rows of the input of a plan; None where the file is none."""
    loaded = load(file, (), (ABOUT, STOCK, ASSIGNABLE))
    if "about" not in loaded.sheets:
        return None
    frames = typed_tables(file, loaded)
    about = frames["about"]
    if len(about) != 1:
        raise _refused(file, problem("about_rows", found=len(about)))
    wrong = [what for _, column, _, what in whose(asked, about) if column == "ambito_name"]
    if wrong:
        raise _refused(file, *wrong)
    for one in (frames[name] for name in ("stock", "assignable") if name in frames):
        _refuse_outside(file, one, asked)
    book = PlanBook(str(about.iloc[0]["kind"]), frames, safe_name(file).name)
    return Previous(book.year, rows_of(book))


def _refuse_outside(file: Path, rows: pd.DataFrame, asked: Asked) -> None:
    out = sorted(set(rows["municipality_code"]) - set(asked.places))
    if out:
        raise _refused(file, *(problem("outside", place=one) for one in out))


def beside(book: PlanBook, before: Previous) -> pd.DataFrame:
    """Return the rows of two plans beside each other.

    Parameters
    ----------
    book : PlanBook
        The input of the new plan.
    before : Previous
        The plan before.

    Returns
    -------
    DataFrame
        `municipality_code`, `owner`, `item`, `before`, `now` (NaN where a plan has no such row: missing
        is not 0), `difference`, `reason` ("" where nobody said it).
    """
    now = rows_of(book)["units"].rename("now")
    rows = pd.concat([before.rows["units"].rename("before"), now], axis=1)
    rows["difference"] = rows["now"] - rows["before"]
    reasons = book.tables.get("differences", pd.DataFrame(columns=[*_KEYS, "reason"]))
    said = reasons.set_index(_KEYS)["reason"]
    rows["reason"] = said.reindex(rows.index).fillna("")
    order = pd.Series({one: at for at, one in enumerate(ITEMS)})
    found = rows.rename_axis(_KEYS).reset_index()
    return found.sort_values(_KEYS, key=lambda one: one.map(order) if one.name == "item" else one
                             ).reset_index(drop=True)  # fmt: skip

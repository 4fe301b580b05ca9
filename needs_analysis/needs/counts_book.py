"""The workbook of an office's own counts: a sheet a group, waiting lists, stock and turnover.

It is confidential input: what is computed of it is told by `told` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis.errors import Problem, SourceError
from needs_analysis.needs.groups import COMPOSITIONS, HEADLINE, TARGET_GROUPS, TargetGroup
from needs_analysis.needs.intervals import SIZES
from needs_analysis.needs.problems import problem
from needs_analysis.needs.supply import Supply
from needs_analysis.reading import safe_name
from needs_analysis.services.files.cells import Problems, Sheet, load
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.office import typed_tables
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.files.templates import write_book
from needs_analysis.words import ITALIAN, N_, Voice

NAME = "modello_conteggi.xlsx"
ISEE_BANDS: Mapping[str, str] = {
    "to_3000": N_("fino a 3.000 €"),
    "to_7000": N_("oltre 3.000 e fino a 7.000 €"),
    "to_16000": N_("oltre 7.000 e fino a 16.000 €"),
    "over_16000": N_("oltre 16.000 €"),
}
_SHEETS = {
    "affordability": "canone di mercato", "eviction_order": "sfratti", "foreclosure": "pignoramenti",
    "release_other": "rilasci e separazioni", "no_contract": "senza contratto",
    "violence": "donne e violenza", "leaving_care": "uscita da comunità",
    "leaving_reception": "uscita da accoglienza", "clearance": "sgomberi",
    "temporary_space": "spazi temporanei", "improper_space": "spazi impropri", "street": "strada",
}  # fmt: skip
_GUIDE = (
    N_("Un foglio per gruppo: una riga per comune. Le righe vuote e i fogli vuoti non contano."),
    N_("Vuoto vuol dire non trasmesso; 0 vuol dire che l'ufficio ha contato e non ce ne sono."),
    N_("Chi ha contato scrive la data del conteggio. Date come 31/12/2025."),
    N_("Un nucleo è una famiglia o una persona sola; una donna con i suoi figli è un nucleo."),
    N_(
        "Un nucleo che è in due gruppi si conta in tutti e due: il programma non lo somma due volte."
    ),
    N_("Mai nomi, codici fiscali, telefoni, indirizzi: la lettura li rifiuta."),
)

_PLACE = Field("municipality_code", "codice comune", "municipality",
               N_("Codice ISTAT, sei cifre (Monza: 108033)"), required=True)  # fmt: skip
_DAY = Field("day", "data", "date", N_("Del conteggio"))
_DATED = Field("day", "data", "date", N_("A cui si riferisce la riga"), required=True)
_SIZE = Field("size", "componenti", "integer", N_("Da 1 a 6; 6 vuol dire sei e più"),
              low=SIZES[0], high=SIZES[-1], required=True)  # fmt: skip


def _number(name: str, header: str, note: str, *, required: bool = False) -> Field:
    return Field(name, header, "integer", note, low=0, required=required)


def _group_table(group: TargetGroup) -> TableSchema:
    persons = group.counts == "persons"
    asked = group.question.question if group.question else group.label
    fields = (
        _PLACE,
        _number("count", "persone" if persons else "nuclei", asked),
        _number("arising", "nuovi in un anno", N_("Arrivati negli ultimi dodici mesi")),
        _DAY,
        *(
            _number(f"of_which_{key}", f"di cui: {label}", N_("Facoltativo"))
            for key, label in COMPOSITIONS.items()
        ),
        Field("asked", "chi è stato interpellato", "text", N_("L'ufficio, mai una persona"),
              of_body=True),
        Field("asked_on", "interpellato il", "date", N_("Data")),
        Field("answered", "chi ha risposto", "text", N_("L'ufficio, mai una persona"), of_body=True),
        Field("answered_on", "risposto il", "date", N_("Data")),
    )  # fmt: skip
    return TableSchema(group.key, _SHEETS[group.key], group.label, fields, about_persons=True)


APPLICATIONS = TableSchema(
    "applications", "graduatorie", N_("Domande di casa pubblica dell'ultimo avviso"), (
        _PLACE, _DATED, _SIZE,
        Field("isee_band", "fascia ISEE", "choice", N_("Dall'elenco"), ISEE_BANDS, required=True),
        _number("applications", "domande con i requisiti", N_("Ammesse all'ultimo avviso")),
        _number("waiting", "in attesa", N_("Senza casa assegnata alla data")),
    ),
)  # fmt: skip
"""The lists of who asked for a public home: the same sheet in the counts and in a plan's input."""
_STOCK = TableSchema(
    "stock", "patrimonio", N_("Alloggi pubblici e sociali"), (
        _PLACE, _DATED, _SIZE,
        Field("owner", "proprietario", "text", N_("Comune, azienda, ente"), of_body=True),
        _number("dwellings", "alloggi", N_("Tutti, di quella dimensione di famiglia")),
        _number("free_ready", "liberi e pronti", N_("Assegnabili subito")),
        _number("to_repair", "liberi da sistemare", N_("Non contano finché non sono pronti")),
    ),
)  # fmt: skip
_TURNOVER = TableSchema(
    "turnover", "ricambio", N_("Alloggi che si liberano e che si aggiungono in un anno"), (
        _PLACE, _DATED, _SIZE,
        _number("relets", "riassegnati nell'anno", N_("Tornati liberi e assegnati di nuovo")),
        _number("committed", "nuovi già decisi", N_("All'anno, con i fondi già impegnati")),
    ),
)  # fmt: skip
BOOK: tuple[TableSchema, ...] = (
    *(_group_table(TARGET_GROUPS[key]) for key in HEADLINE), APPLICATIONS, _STOCK, _TURNOVER,
)  # fmt: skip
_KEYS = {"applications": ("municipality_code", "day", "size", "isee_band"),
         "stock": ("municipality_code", "day", "size", "owner"),
         "turnover": ("municipality_code", "day", "size")}  # fmt: skip


@dataclass(frozen=True, eq=False)
class OwnCounts:
    """What an office filled in. Confidential.

    Parameters
    ----------
    counts : DataFrame
        `municipality_code`, `group`, `count`, `arising`, `day`, `sheet`, `row`: as
        :func:`~needs_analysis.needs.estimate.estimate` takes them; NaN is not transmitted.
    compositions : DataFrame
        `municipality_code`, `group`, `composition`, `count`: of which, where it was said.
    asked : DataFrame
        By municipality and group: who was asked and who answered, and when.
    applications, stock, turnover : DataFrame
        Rows of their sheets.
    warnings : tuple of Problem
        What is odd and does not stop.
    """

    counts: pd.DataFrame
    compositions: pd.DataFrame
    asked: pd.DataFrame
    applications: pd.DataFrame
    stock: pd.DataFrame
    turnover: pd.DataFrame
    warnings: tuple[Problem, ...]

    def supply(self) -> Supply:
        """Return what can be given, in households by size: only what is free and ready counts."""
        free, turned = _latest(self.stock, "owner"), _latest(self.turnover)
        return Supply(
            free_ready=_by_size(free, "free_ready"), relets=_by_size(turned, "relets"),
            committed=_by_size(turned, "committed"),
        )  # fmt: skip

    def primary(self) -> pd.DataFrame:
        """Return the primary need as it was asked: applications by size and ISEE band.

        Returns
        -------
        DataFrame, by size and isee_band
            `applications` that meet the requirements and households `waiting`, of each municipality's
            last notice; `municipalities` that transmitted them. What nobody transmitted is NaN.
        """
        last = _latest(self.applications)
        groups = last.groupby(["size", "isee_band"], sort=True)
        return pd.DataFrame(
            {
                "applications": groups["applications"].sum(min_count=1),
                "waiting": groups["waiting"].sum(min_count=1),
                "municipalities": groups["municipality_code"].nunique(),
            }
        )


def _latest(rows: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Keep, by municipality and these keys, the rows of the last day."""
    of = rows.groupby(["municipality_code", *keys], dropna=False)["day"]
    return rows[rows["day"] == of.transform("max")]


def _by_size(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows.dropna(subset=[name]).astype({"size": int}).groupby("size")[name].sum()


def write_template(folder: Path | str, voice: Voice = ITALIAN) -> Path:
    """Write the empty workbook of own counts.

    Parameters
    ----------
    folder : Path or str
        Where; created if absent.
    voice : Voice
        What says how to fill it in; sheets, headers and lists are the same in every language.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(folder).name
    'modello_conteggi.xlsx'
    """
    guide = [voice.say(line) for line in _GUIDE]
    return write_book(path_of(folder) / NAME, BOOK, guide, voice)


def read_counts(path: Path | str) -> OwnCounts:
    """Read the workbook of own counts, or a folder with one CSV file a sheet.

    Parameters
    ----------
    path : Path or str
        Made from the template; sheets may be absent.

    Returns
    -------
    OwnCounts

    Raises
    ------
    SourceError
        With every problem: sheet, row, column, what was found and what is expected; a number without
        its date, a municipality that stands twice, a negative or broken number, what names a person.
    """
    loaded = load(path, (), BOOK)
    if not loaded.sheets:
        raise SourceError.of_file(safe_name(path_of(path)), [problem("no_counts")])
    for name, sheet in loaded.sheets.items():
        if name in TARGET_GROUPS:
            _note_undated(sheet, loaded.problems)
        _note_twice(sheet, _KEYS.get(name, ("municipality_code",)), loaded.problems)
    frames = typed_tables(path, loaded)
    groups = {key: frames[key] for key in HEADLINE if key in frames}
    return OwnCounts(
        _counts(groups), _compositions(groups), _asked(groups), _rows(frames, APPLICATIONS),
        _rows(frames, _STOCK), _rows(frames, _TURNOVER), tuple(loaded.warnings),
    )  # fmt: skip


def _note_undated(sheet: Sheet, problems: Problems) -> None:
    given = pc.or_(sheet.columns["count"].is_valid(), sheet.columns["arising"].is_valid())
    bare = pc.and_(given, sheet.columns["day"].is_null())
    problems.add_rows(sheet, "day", sheet.rows[_mask(bare)].tolist(), problem("no_day"))


def _mask(cells: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(cells.to_numpy(zero_copy_only=False), dtype=bool)


def _note_twice(sheet: Sheet, keys: tuple[str, ...], problems: Problems) -> None:
    """Note the rows that say again what a row before said."""
    cells = pd.DataFrame({key: sheet.columns[key].to_pylist() for key in keys}, index=sheet.rows)
    cells = cells[cells["municipality_code"].notna()].fillna("")
    first = cells.reset_index(names="row").groupby([*keys])["row"].transform("first")
    earlier = dict(zip(cells.index.tolist(), first.tolist(), strict=True))
    again = [row for row, before in earlier.items() if row != before]
    problems.add_rows(sheet, "municipality_code", again,
                      lambda row: problem("row_twice", row=earlier[row]))  # fmt: skip


def _rows(frames: Mapping[str, pd.DataFrame], table: TableSchema) -> pd.DataFrame:
    if table.name in frames:
        return frames[table.name].reset_index(drop=True)
    return pd.DataFrame({one.name: pd.Series(dtype=one.dtype) for one in table.fields})


def _stacked(groups: Mapping[str, pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    parts = [
        frame[columns].assign(group=key, sheet=_SHEETS[key], row=frame.index)
        for key, frame in groups.items()
        if len(frame)
    ]
    empty = pd.DataFrame(columns=[*columns, "group", "sheet", "row"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _counts(groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = _stacked(groups, ["municipality_code", "count", "arising", "day"])
    return found[["municipality_code", "group", "count", "arising", "day", "sheet", "row"]]


def _compositions(groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    names = {f"of_which_{key}": key for key in COMPOSITIONS}
    wide = _stacked(groups, ["municipality_code", *names])
    long = wide.melt(
        ["municipality_code", "group"], [*names], var_name="composition", value_name="count"
    )
    return long.dropna(subset=["count"]).replace({"composition": names}).reset_index(drop=True)


def _asked(groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    columns = ["municipality_code", "asked", "asked_on", "answered", "answered_on"]
    return _stacked(groups, columns).drop(columns=["sheet", "row"])

"""Empty tables to fill in: an Excel workbook with drop-down lists, or CSV files.

What explains them is said in any language; the names of sheets and columns, the entries of lists and
how dates and numbers are written are Italian in all, because they are read back.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from openpyxl.styles import Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from needs_analysis.errors import OutputError
from needs_analysis.services.files import invented
from needs_analysis.services.files.cells import README
from needs_analysis.services.files.contents import cells_of, how_to, rule_of
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.problems import path_of, problem
from needs_analysis.services.files.schema import BOOKS, INVENTED, YES_NO
from needs_analysis.words import ITALIAN, Voice
from needs_analysis.writing.files import written_file, written_whole
from needs_analysis.writing.workbook import (
    A3,
    A4,
    ACCENT,
    INK,
    MUTED,
    PALE,
    RUNS,
    filled,
    font,
    new_book,
    on_paper,
    put_text,
    save,
    set_widths,
    top,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ROWS = 5000
"""Rows that have drop-down lists and formats."""
_HEADER_ROW, _FIRST_ROW = 2, 4
_A4_LETTERS, _A3_LETTERS = 190, 270
"""How wide a page may be, in letters of the sheet, before it is too small to read."""
_LISTS = "elenchi"
_EXAMPLE = "esempio inventato"
_GUIDE = "istruzioni"
EXTRA_SHEETS = (_LISTS, _EXAMPLE, _GUIDE)
"""The sheets of a workbook that hold no data."""


def write_templates(
    folder: Path | str, *, as_csv: bool | str = False, voice: Voice = ITALIAN
) -> list[Path]:
    """Write the templates: register, stays, referrals and survey, and existing local measures.

    Parameters
    ----------
    folder : Path or str
        Where; created if absent.
    as_csv : bool or {"excel", "plain"}
        CSV files, one a table, in the place of workbooks: as Excel in Italian opens them, or with
        commas, decimal points and ISO dates.
    voice : Voice
        What says how to fill them in; sheets, headers and lists are the same in every language.

    Returns
    -------
    list of Path
        ``modello_servizi.xlsx`` and ``modello_misure_locali.xlsx``, or two folders of CSV files;
        each is read back by the readers of :mod:`needs_analysis.services.files.office`.

    Raises
    ------
    OutputError
        If a file exists or cannot be written: a filled template is never overwritten.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in write_templates(folder)]
    ['modello_servizi.xlsx', 'modello_misure_locali.xlsx']
    """
    rows = invented.example()
    return _write(path_of(folder), list(BOOKS), {}, voice, as_csv=as_csv, title="", examples=rows)


def write_filled(
    folder: Path | str,
    tables: Mapping[str, pd.DataFrame],
    *,
    title: str = "",
    as_csv: bool | str = False,
    voice: Voice = ITALIAN,
) -> list[Path]:
    """Write tables in the form of the templates.

    Parameters
    ----------
    folder : Path or str
        Where; created if absent.
    tables : mapping of str to DataFrame
        By name, as the readers return them; only the books with one of them are written.
    title : str
        Written above every sheet: ``INVENTED``, said in any language, marks data as invented.
    as_csv : bool or {"excel", "plain"}
        CSV files, one a table, in the place of workbooks: as Excel in Italian opens them, or with
        commas, decimal points and ISO dates.
    voice : Voice
        As :func:`write_templates`.

    Raises
    ------
    OutputError
        If a file exists or cannot be written.
    """
    flat = {
        name: frame.reset_index() if frame.index.name else frame for name, frame in tables.items()
    }
    books = [name for name, book in BOOKS.items() if any(one.name in flat for one in book)]
    return _write(path_of(folder), books, flat, voice, as_csv=as_csv, title=title)


def write_invented(
    folder: Path | str, seed: int = 1, *, as_csv: bool | str = False, voice: Voice = ITALIAN
) -> list[Path]:
    """Write the invented data in the form of the templates, labelled on every sheet.

    The names in the rows are Italian in every language, as what an office would write.

    Raises
    ------
    OutputError
        If a file exists or cannot be written.
    """
    tables, title = invented.network(seed).tables, voice.say(INVENTED)
    return write_filled(folder, tables, title=title, as_csv=as_csv, voice=voice)


def _write(
    folder: Path,
    books: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    voice: Voice,
    *,
    as_csv: bool | str,
    title: str,
    examples: Mapping[str, pd.DataFrame] | None = None,
) -> list[Path]:
    """Write all of some books or none; refuse to overwrite."""
    targets = {name: folder / (name if as_csv else f"{name}.xlsx") for name in books}
    for target in targets.values():
        _refuse_there(target)
    with written_whole(folder) as inner:
        for name, target in targets.items():
            made = inner / target.name
            if as_csv:
                _write_csv(made, BOOKS[name], tables, title, voice, plain=as_csv == "plain")
            else:
                _write_book(
                    made, BOOKS[name], tables, title, examples, voice, how_to(BOOKS[name], voice)
                )
    return list(targets.values())


def write_book(
    target: Path,
    book: Sequence[TableSchema],
    guide: Sequence[str],
    voice: Voice = ITALIAN,
    begun: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write a workbook of other tables in the form of the templates, empty or begun.

    Parameters
    ----------
    target : Path
        The .xlsx file.
    book : sequence of TableSchema
        Its sheets.
    guide : sequence of str
        How it is filled in, a sentence a line.
    voice : Voice
        As :func:`write_templates`.
    begun : mapping of str to DataFrame, optional
        The rows that stand there already, by table: columns that are left out are blank.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.
    """
    _refuse_there(target)
    with written_file(target) as made:
        _write_book(made, book, begun or {}, "", None, voice, guide)
    return target


def _refuse_there(target: Path) -> None:
    if target.exists():
        raise OutputError.of_file(target, [problem("exists")], problem("elsewhere"))


# --- CSV -----------------------------------------------------------------------------------


def _write_csv(
    folder: Path,
    book: Sequence[TableSchema],
    tables: Mapping[str, pd.DataFrame],
    title: str,
    voice: Voice,
    *,
    plain: bool,
) -> None:
    """Write one file a table, readable by Excel in Italian or plain, with a note beside them."""
    folder.mkdir()
    lines = [title.capitalize()] if title else []
    lines += [*how_to(book, voice), ""]
    for table in book:
        rows = cells_of(table, tables[table.name]) if table.name in tables else []
        encoding, delimiter = ("utf-8", ",") if plain else ("utf-8-sig", ";")
        with (folder / f"{table.sheet}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(one.header for one in table.fields)
            writer.writerows([_csv_cell(value, plain) for value in row] for row in rows)
        lines.append(f"{table.sheet}.csv: {voice.say(table.title)}")
        lines += [
            f"  {one.header}: {voice.say(one.note)}. {rule_of(one, voice)}" for one in table.fields
        ]
    (folder / README).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _csv_cell(value: Any, plain: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}" if plain else f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        # 1.234 may be a thousand to the reader: a fourth decimal says that it is not.
        point = f"{value!r}0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", repr(value)) else repr(value)
        return point if plain else repr(value).replace(".", ",")
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(RUNS) else text


# --- Excel ---------------------------------------------------------------------------------


def _write_book(
    target: Path,
    book: Sequence[TableSchema],
    tables: Mapping[str, pd.DataFrame],
    title: str,
    examples: Mapping[str, pd.DataFrame] | None,
    voice: Voice,
    how: Sequence[str],
) -> None:
    workbook = new_book()
    guide = workbook.active
    guide.title = _GUIDE
    _fill_guide(guide, book, title, voice, how)
    for table in book:
        rows = cells_of(table, tables[table.name]) if table.name in tables else []
        _fill_sheet(workbook.create_sheet(table.sheet), table, rows, title, voice)
    if examples:
        _fill_example(workbook.create_sheet(_EXAMPLE), book, examples, voice)
    lists = workbook.create_sheet(_LISTS)
    lists.sheet_state = "hidden"
    _add_lists(workbook, lists, book, voice)
    save(workbook, target)


def _fill_guide(
    sheet: Worksheet,
    book: Sequence[TableSchema],
    title: str,
    voice: Voice,
    how: Sequence[str],
) -> None:
    """Write what to know and what each column means."""
    heads = [title.capitalize()] if title else []
    heads.append(voice.say("Come si compila"))
    lines = [(text, "", "") for text in (*heads, *how)]
    for table in book:
        named = {"sheet": table.sheet, "title": voice.say(table.title)}
        heads.append(voice.say("Foglio «{sheet}»: {title}", **named))
        lines += [("", "", ""), (heads[-1], "", "")]
        lines += [(one.header, voice.say(one.note), rule_of(one, voice)) for one in table.fields]
    for row, cells in enumerate(lines, start=1):
        head = cells[0] in heads
        for column, text in enumerate(cells, start=1):
            cell = _text(sheet, row, column, text)
            cell.alignment = top(wrap=bool(cells[1]))
            cell.font = font(bold=head, color=ACCENT if head else INK)
        lines_needed = max(len(cells[1]) // 50, len(cells[2]) // 95)
        sheet.row_dimensions[row].height = 14 * (1 + lines_needed)
    set_widths(sheet, (30, 48, 90))
    sheet.sheet_view.showGridLines = False
    _page(sheet)


def _fill_sheet(
    sheet: Worksheet, table: TableSchema, rows: Sequence[Sequence[Any]], title: str, voice: Voice
) -> None:
    """Write title, locked header, notes and rows; the cells to fill in stay open."""
    said = " – ".join(filter(None, (voice.say(table.title), title)))
    _text(sheet, 1, 1, said).font = font(bold=True, color=ACCENT, size=13)
    _head(sheet, _HEADER_ROW, table)
    for column, one in enumerate(table.fields, start=1):
        note = _text(sheet, _HEADER_ROW + 1, column, voice.say(one.note))
        note.font, note.alignment = font(color=MUTED, size=9, italic=True), top(wrap=True)
        letter = get_column_letter(column)
        dimension = sheet.column_dimensions[letter]
        dimension.width = _width(one)
        dimension.protection, dimension.number_format = Protection(locked=False), _format(one)
        dimension.alignment = _cell_alignment(one)
        for row in range(_FIRST_ROW, _FIRST_ROW + len(rows)):
            cell = _value(sheet, row, column, rows[row - _FIRST_ROW][column - 1], one)
            cell.protection, cell.alignment = Protection(locked=False), _cell_alignment(one)
    for row, cells in enumerate(rows, start=_FIRST_ROW):
        lines = max(
            1 + int(len(str(value or "")) / _width(one))
            for value, one in zip(cells, table.fields, strict=True)
        )
        if lines > 1:
            sheet.row_dimensions[row].height = 14 * lines
    sheet.row_dimensions[_HEADER_ROW].height = 32
    sheet.row_dimensions[_HEADER_ROW + 1].height = 52
    sheet.freeze_panes = f"B{_FIRST_ROW}"
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
    sheet.print_title_cols = "A:A"
    protection = sheet.protection
    protection.sheet = True
    # No password: the lock keeps headers from slips, not from people.
    for allowed in (
        "formatColumns",
        "formatRows",
        "formatCells",
        "insertRows",
        "deleteRows",
        "sort",
    ):
        setattr(protection, allowed, False)
    _page(sheet, wide=sum(map(_width, table.fields)))


def _width(one: Field) -> float:
    """Return how wide a column is, in letters: words need room, dates and numbers little."""
    if one.kind == "choices":
        return 44
    if one.kind == "choice":
        return max(18, min(30, max(len(label) for label in one.choices.values()) + 4))
    narrow = one.kind in ("date", "number", "integer", "yes_no", "municipality")
    return 14 if narrow else max(18, min(34, len(one.header) + 6))


def _head(sheet: Worksheet, row: int, table: TableSchema) -> None:
    """Write the header of a table."""
    for column, one in enumerate(table.fields, start=1):
        cell = _text(sheet, row, column, one.header)
        cell.font = font(bold=True, color="FFFFFF" if one.required else INK)
        cell.fill = filled(ACCENT if one.required else PALE)
        cell.alignment = top(wrap=True)


def _fill_example(
    sheet: Worksheet,
    book: Sequence[TableSchema],
    examples: Mapping[str, pd.DataFrame],
    voice: Voice,
) -> None:
    """Write a few invented rows of every table, one table below the other."""
    none_real = voice.say("Esempio inventato: nessuna riga riguarda persone o servizi veri")
    _text(sheet, 1, 1, none_real).font = font(bold=True, color=ACCENT, size=13)
    row = 3
    for table in book:
        named = {"title": voice.say(table.title), "sheet": table.sheet}
        invented = voice.say(INVENTED)
        said = voice.say("{title} (foglio «{sheet}») – {invented}", **named, invented=invented)
        _text(sheet, row, 1, said).font = font(bold=True, color=ACCENT)
        _head(sheet, row + 1, table)
        lines = cells_of(table, examples[table.name])
        for at, line in enumerate(lines, start=row + 2):
            for column, (value, one) in enumerate(zip(line, table.fields, strict=True), start=1):
                _value(sheet, at, column, value, one).alignment = top(wrap=True)
            longest = max((len(str(value)) for value in line), default=0)
            sheet.row_dimensions[at].height = 14 * (1 + longest // 20)
        row += len(lines) + 4
    widest = max(len(table.fields) for table in book)
    set_widths(sheet, [22] * widest)
    sheet.protection.sheet = True
    _page(sheet, wide=22 * widest)


def _add_lists(workbook: Any, lists: Worksheet, book: Sequence[TableSchema], voice: Voice) -> None:
    """Write the lists on their own sheet and hang drop-downs, dates and bounds on the columns."""
    ranges: dict[tuple[str, ...], str] = {}
    for table in book:
        for column, one in enumerate(table.fields, start=1):
            choices = YES_NO if one.kind == "yes_no" else one.choices
            labels = tuple(choices.values())
            if labels and labels not in ranges:
                at = len(ranges) + 1
                for row, label in enumerate(labels, start=1):
                    _text(lists, row, at, label)
                ranges[labels] = f"{_LISTS}!{_span(at, 1, len(labels))}"
            rule = _bounds(table, one, ranges.get(labels, ""), book)
            if rule is not None:
                said = voice.say("Ci si aspetta {expected}", expected=one.expected.text(voice))
                rule.errorTitle, rule.error = one.header[:32], said[:225]
                letter = get_column_letter(column)
                rule.add(f"{letter}{_FIRST_ROW}:{letter}{_ROWS}")
                workbook[table.sheet].add_data_validation(rule)


def _span(column: int, first: int, last: int) -> str:
    letter = get_column_letter(column)
    return f"${letter}${first}:${letter}${last}"


def _bounds(
    table: TableSchema, one: Field, labels: str, book: Sequence[TableSchema]
) -> DataValidation | None:
    """Return what Excel checks while a column is filled in; None where anything goes."""
    if labels:
        # Several groups in a cell are no voice of the list: it only helps.
        strict = one.kind != "choices"
        return DataValidation(
            type="list", formula1=labels, allow_blank=True, showErrorMessage=strict
        )
    target = next((other for other in book if other.name == one.refers), None)
    if target is not None:
        codes = f"{target.sheet}!{_span(1, _FIRST_ROW, _ROWS)}"
        return DataValidation(
            type="list", formula1=codes, allow_blank=True, errorStyle="warning",
            showErrorMessage=True,
        )  # fmt: skip
    if one.kind == "date":
        return DataValidation(
            type="date", operator="greaterThan", formula1="36525", allow_blank=True,
            showErrorMessage=True,
        )  # fmt: skip
    if one.low is None or table.name == "measures":
        return None  # the measures also take "dato non trasmesso"
    high = 1e9 if one.high is None else one.high
    return DataValidation(
        type="whole" if one.kind == "integer" else "decimal", operator="between",
        formula1=f"{one.low:g}", formula2=f"{high:.0f}", allow_blank=True, showErrorMessage=True,
    )  # fmt: skip


def _value(sheet: Worksheet, row: int, column: int, value: Any, one: Field) -> Any:
    """Write a value; text stays text even where it looks like a formula."""
    words = isinstance(value, str)
    cell = _text(sheet, row, column, value) if words else sheet.cell(row, column, value)
    cell.number_format = _format(one)
    return cell


def _text(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    cell = sheet.cell(row, column)
    if text:
        put_text(cell, text)
        cell.quotePrefix = text.startswith(RUNS)
    return cell


def _format(one: Field) -> str:
    """Return the number format of a column: codes keep their leading zeros."""
    if one.kind == "date":
        return "dd/mm/yyyy"
    return "General" if one.kind in ("number", "integer") else "@"


def _cell_alignment(one: Field) -> Any:
    """Return how the cells of a column stand: long voices on several lines, dates apart from them."""
    middle = one.kind in ("date", "yes_no")
    wrap = one.kind in ("choice", "choices", "text")
    return top(wrap=wrap, horizontal="center" if middle else None)


def _page(sheet: Worksheet, wide: float = 0) -> None:
    """Print on one landscape A4 in width; a sheet of many columns on as many A3 as it needs."""
    paper, letters = (A3, _A3_LETTERS) if wide > _A4_LETTERS else (A4, _A4_LETTERS)
    on_paper(sheet, max(1, math.ceil(wide / letters)), paper)

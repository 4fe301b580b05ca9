"""The tables of a briefing as an Excel workbook whose numbers are numbers."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.page import PageMargins

from needs_analysis.figures import Quality
from needs_analysis.reports.language import QUALITY_LABELS, Display, unit_beside
from needs_analysis.reports.model import WORDS, Column, Table, plain
from needs_analysis.reports.render import book_charts, book_contents
from needs_analysis.reports.render.cells import FILLS, Styles
from needs_analysis.words import ITALIAN, N_, Voice, iso_day
from needs_analysis.writing.rows import fill_rows
from needs_analysis.writing.workbook import new_book, on_paper, save, set_widths, sheets_of

_SOURCE = N_("Fonte")
_UNIT = N_("Unità")
_BELOW = N_("Altre note sotto la tabella.")
_CROSSED = N_("cella barrata")
_BACK = N_("‹ Indice dei fogli")
# In characters:
_NARROW, _SLIM, _WIDE, _MARGIN, _NOTE_WIDTH, _LEGEND_WIDTH = 9, 20, 44, 2, 140, 46
_HEAD = 12  # a number's column is no wider for the words of its head
# What a landscape A4 holds with letters of seven points; smaller ones strain the eye.
_PAGE_WIDTH = 230
# What it holds, or an upright one, with letters that are read as those of a document.
_EASY_WIDTH, _UPRIGHT_WIDTH = 150, 112
_FEW_COLUMNS = 8
_ONE_PAGE_ROWS = 40  # of a table whose chart stands on the same page
# What may stay in sight on a screen while the rest scrolls.
_KEPT_WIDTH = 120
_FROZEN_LINES = 7  # more notes than this above a frozen header would leave no room to scroll
_LINE_POINTS = 13.5


def write(tables: Sequence[Table], path: Path, *, title: str, voice: Voice = ITALIAN) -> None:
    """Write tables as one workbook, one sheet each.

    Parameters
    ----------
    tables : sequence of Table
        A sheet takes its name from the table's key.
    path : Path
        The file to write; the same tables give the same bytes.
    title : str
        The document's title, printed at the foot of each page too.
    voice : Voice
        The words of legends; Excel shows numbers in its reader's own separators.

    Notes
    -----
    Shares stay 0-1 under a per cent format; a missing value is an empty grey cell, a hidden one an
    empty hatched and crossed one; days and months are dates; words and codes are text even where
    they look like numbers or formulas; a fill tells each quality that is not observed. Where units
    go by row they have a column of their own, by which rows are filtered. A workbook of several sheets
    begins with their list, to which each leads back by a line that is not printed.
    """
    book = new_book(title, by_row=True)
    # Styles are kept by the book, but openpyxl reaches it only through a sheet.
    workshop = book.create_sheet()
    book.remove(workshop)
    styles = Styles(workshop)
    names, contents = _named(tables, voice)
    with sheets_of(book):
        if contents:
            listed = zip(names, tables, strict=True)
            book_contents.write(book.create_sheet(contents), [*listed], styles, title, voice)
        for name, table in zip(names, tables, strict=True):
            sheet = book.create_sheet(name)
            _write_sheet(sheet, _with_units(table, voice), styles, title, voice, contents)
        if not tables:
            book.create_sheet("-")
        save(book, path)


def _named(tables: Sequence[Table], voice: Voice) -> tuple[list[str], str]:
    """Return the names of the sheets, and that of their list; few need none."""
    *names, contents = sheet_names([*(table.key for table in tables), voice.say("sommario")])
    return names, contents if len(tables) >= book_contents.LEAST else ""


def sheet_names(keys: Sequence[str]) -> list[str]:
    """Turn table keys into names that Excel takes: at most 31 characters, no two alike.

    Examples
    --------
    >>> sheet_names(["rents", "a/b:c", "Rents", "x" * 40])[:3]
    ['rents', 'a b c', 'Rents 2']
    """
    names: list[str] = []
    taken = {"history", ""}  # Excel keeps the first for itself
    for key in keys:
        words = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", key).split()).strip("'")[:31]
        name, turn = words.rstrip(), 2
        while name.lower() in taken:
            name = f"{words[:27].rstrip()} {turn}".strip()
            turn += 1
        taken.add(name.lower())
        names.append(name)
    return names


# ---------------------------------------------------------------- sheet


@dataclass(frozen=True)
class _Line:
    """A row outside the table: one text over the whole width, of a kind and a quality."""

    text: str
    kind: str
    quality: Quality | None = None


@dataclass(frozen=True)
class _Layout:
    """Where the parts of a sheet stand: lines above and below, widths, the row of the heads."""

    above: list[_Line]
    below: list[_Line]
    widths: list[int]

    @property
    def head(self) -> int:
        return len(self.above) + 1


def _layout(table: Table, voice: Voice, contents: str = "") -> _Layout:
    widths = _fitted(table, [_width(table, column, voice) for column in table.columns])
    _, room = _span(widths, _NOTE_WIDTH)
    first, rest = _split([plain(note) for note in table.notes], room)
    if first and rest:
        first.append(voice.say(_BELOW))
    back = [_Line(voice.say(_BACK), "link")] if contents else []
    above = [
        *back, _Line(table.title, "title"), *(_Line(note, "note") for note in first),
        *_legend(table, voice),
    ]  # fmt: skip
    rest += [f"{voice.say(_SOURCE)}: {voice.with_short_dates(source)}" for source in table.sources]
    return _Layout(above, [_Line(note, "note") for note in rest], widths)


def addresses(
    tables: Sequence[Table], wanted: Collection[str], voice: Voice = ITALIAN
) -> dict[str, str]:
    """Return where some numbers stand in the workbook of some tables, by their keys.

    Parameters
    ----------
    tables : sequence of Table
        As for :func:`write`.
    wanted : collection of str
        The keys asked for.
    voice : Voice
        As for :func:`write`.

    Returns
    -------
    dict of str to str
        "'sheet'!C8" by key; the first place of a number that stands in several sheets.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["Monza"], "households": [3]}, index=["108033"])
    >>> columns = Column("name", "Comune"), Column("households", "Famiglie", "count")
    >>> table = Table("base", "Base", frame, columns, facts="rows")
    >>> addresses([table], {"108033:households"})
    {'108033:households': "'base'!B3"}
    """
    found: dict[str, str] = {}
    names, contents = _named(tables, voice)
    for name, table in zip(names, tables, strict=True):
        shown = _with_units(table, voice)
        here = [one for one in shown.numbered() if one[2] in wanted and one[2] not in found]
        if not here:
            continue
        first, sheet = _layout(shown, voice, contents).head + 1, quote_sheetname(name)
        for column, row, key in here:
            found.setdefault(key, f"{sheet}!{get_column_letter(column + 1)}{first + row}")
    return found


def _write_sheet(
    sheet: Any, table: Table, styles: Styles, title: str, voice: Voice, contents: str = ""
) -> None:
    made = _layout(table, voice, contents)
    above, below, widths, head = made.above, made.below, made.widths, made.head
    last = head + len(table.frame)
    _set_view(sheet, table, widths, head, last - table.closing)
    _set_print(sheet, table, widths, head, title)
    _place(sheet, above, 1, widths)
    _place(sheet, below, last + 2, widths)
    _set_heights(sheet, table, widths, head)
    heads = [_head(table, column, voice) for column in table.columns]
    sheet.row_dimensions[head].height = _LINE_POINTS * max(map(_lines_of_head, heads, widths)) + 6
    end = last + 1 + len(below)
    if table.chart:
        end = book_charts.draw(sheet, table, head, end + 2)
    if contents:
        sheet.print_area = f"A2:{get_column_letter(max(len(widths), 1))}{end}"
    for line in above:
        linked = line.kind == "link"
        sheet.append([
            styles.link(line.text, contents, sheet, "A1") if linked
            else styles.cell(line.text, line.kind, line.quality)
        ])  # fmt: skip
    kinds = ["number head" if _numeric(table, column) else "head" for column in table.columns]
    sheet.append([styles.cell(*pair) for pair in zip(heads, kinds, strict=True)])
    for _ in range(len(table.frame) + 1):
        sheet.append([])
    for line in below:
        sheet.append([styles.cell(line.text, line.kind, line.quality)])
    cells = (_column_cells(table, i, head + 1, styles, voice) for i in range(len(table.columns)))
    fill_rows(sheet, head + 1, map("".join, zip(*cells, strict=True)))


def _set_view(sheet: Any, table: Table, widths: Sequence[int], head: int, last: int) -> None:
    """Set what must be known before the first row: widths, frozen panes, filter.

    The filter ends above the rows of whole territories: sorted with their parts they would be lost.
    """
    set_widths(sheet, (width + _MARGIN for width in widths))
    sheet.freeze_panes = f"{get_column_letter(_naming(table, widths) + 1)}{head + 1}"
    if table.columns:
        sheet.auto_filter.ref = f"A{head}:{get_column_letter(len(widths))}{last}"
    sheet.sheet_view.showGridLines = False


def _set_print(sheet: Any, table: Table, widths: Sequence[int], head: int, title: str) -> None:
    """Print on A4, on as many pages side by side as keep the letters readable."""
    naming = _naming(table, widths)
    pages = _pages_wide([width + _MARGIN for width in widths], naming)
    width = sum(widths) + _MARGIN * len(widths)
    together = table.chart is not None and len(table.frame) <= _ONE_PAGE_ROWS
    on_paper(sheet, pages, upright=width <= _UPRIGHT_WIDTH, below=int(together))
    if pages > 1:
        sheet.page_setup.pageOrder = "overThenDown"
        sheet.print_title_cols = f"A:{get_column_letter(naming)}"
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.5, bottom=0.6, footer=0.3)
    sheet.print_title_rows = f"{head}:{head}"
    sheet.oddFooter.left.text = title.replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"


def _pages_wide(widths: Sequence[int], repeated: int) -> int:
    """Return how many pages side by side hold columns of these widths in characters.

    The first columns, which head the rows, are on every page.

    Examples
    --------
    >>> _pages_wide([10, 30, 12, 12], 2), _pages_wide([10, 30, *[12] * 40], 2)
    (1, 3)
    """
    room = _PAGE_WIDTH - sum(widths[:repeated])
    pages, left = 1, room
    for width in widths[repeated:]:
        if width > left and left < room:
            pages, left = pages + 1, room
        left -= width
    return pages


def _place(sheet: Any, lines: Sequence[_Line], first: int, widths: Sequence[int]) -> None:
    """Spread lines over the columns they need and give them the height of their text."""
    for row, line in enumerate(lines, start=first):
        span, room = _span(widths, _LEGEND_WIDTH if line.kind == "legend" else _NOTE_WIDTH)
        if span > 1:
            merged = CellRange(min_col=1, max_col=span, min_row=row, max_row=row)
            sheet.merged_cells.ranges.add(merged)
        if line.kind == "title":  # of larger letters
            points = 20.0 * _lines(line.text, max(1, 4 * room // 5))
        else:
            points = _LINE_POINTS * _lines(line.text, room) + 1
        sheet.row_dimensions[row].height = points


def _set_heights(sheet: Any, table: Table, widths: Sequence[int], head: int) -> None:
    """Give rows the height of their longest text: not every program does it on opening."""
    wordy = [
        (column, width)
        for column, width in zip(table.columns, widths, strict=True)
        if not _numeric(table, column) and _longest(table, column) > width + _MARGIN
    ]
    lines = [_lines_of(table.frame[column.name], width + _MARGIN) for column, width in wordy]
    for row, most in enumerate(map(max, zip(*lines, strict=True)), start=head + 1):
        if most > 1:
            sheet.row_dimensions[row].height = _LINE_POINTS * most + 2


def _lines_of(texts: pd.Series, width: int) -> list[int]:
    """Return on how many lines each text stands; most are said many times."""
    said = texts.fillna("").astype(str)
    lines = {one: len(textwrap.wrap(one, width)) for one in said.unique()}
    return [lines[one] for one in said]


def _span(widths: Sequence[int], wanted: int) -> tuple[int, int]:
    """Return how many columns make up a width in characters, and the width they make."""
    reached = 0
    for position, width in enumerate(widths, start=1):
        reached += width + _MARGIN
        if reached >= wanted:
            return position, reached
    return len(widths), max(reached, 1)


def _split(notes: Sequence[str], room: int) -> tuple[list[str], list[str]]:
    """Keep above the table the notes that leave room to scroll; the others go below."""
    lines = 0
    for position, note in enumerate(notes):
        lines += _lines(note, room)
        if lines > _FROZEN_LINES:
            return list(notes[:position]), list(notes[position:])
    return list(notes), []


def _lines(text: str, room: int) -> int:
    return max(1, -(-len(text) // room))


def _lines_of_head(head: str, width: int) -> int:
    # Bold letters are wider than the digits that a column's width counts.
    return sum(len(textwrap.wrap(part, max(width - 1, 4))) for part in head.split("\n"))


def _legend(table: Table, voice: Voice) -> list[_Line]:
    """List the qualities that occur in a table, each in its own fill."""
    found = sorted({int(code) for column in table.columns for code in table.qualities(column)})
    crossed = {Quality.SUPPRESSED: f" ({voice.say(_CROSSED)})"}
    return [
        _Line(voice.say(QUALITY_LABELS[one]) + crossed.get(one, ""), "legend", one)
        for one in map(Quality, found)
        if one in FILLS
    ]


def _head(table: Table, column: Column, voice: Voice) -> str:
    shown = {one for one in table.displays(column) if one}
    units = {unit_beside(column.label, one, voice) for one in shown}
    unit = units.pop() if len(units) == 1 and column.unit != "by_row" else ""
    return f"{column.label}\n({unit})" if unit else column.label


def _numeric(table: Table, column: Column) -> bool:
    return any(table.displays(column))


def _with_units(table: Table, voice: Voice) -> Table:
    """Put the unit of each row before the first column whose unit goes by row, texts without marks."""
    if any(table.worded()):
        words = {one.name for one in table.columns if one.unit in WORDS}
        bare = {
            name: table.frame[name].map(lambda one: plain(one) if isinstance(one, str) else one)
            for name in words
        }
        table = replace(table, frame=table.frame.assign(**bare))
    first = next((i for i, one in enumerate(table.columns) if one.unit == "by_row"), None)
    if first is None:
        return table
    shown = table.displays(table.columns[first])
    frame = table.frame.assign(unit_said=[voice.say(one.unit) if one else "" for one in shown])
    columns = (
        *table.columns[:first], Column("unit_said", voice.say(_UNIT)), *table.columns[first:]
    )  # fmt: skip
    return replace(table, frame=frame, columns=columns)


def _column_cells(
    table: Table, position: int, first: int, styles: Styles, voice: Voice
) -> Iterator[str]:
    column = table.columns[position]
    letters = get_column_letter(position + 1)
    shown = table.displays(column)
    formats = {one: "@" if one is None else _number_format(one) for one in set(shown)}
    qualities = [Quality(code) for code in range(len(Quality))]
    values, codes = table.frame[column.name], table.qualities(column)
    absent = values.isna().to_numpy() | (codes >= Quality.SUPPRESSED)
    parts = len(values) - table.closing
    words: dict[tuple[str, int, bool], str] = {}  # most are said many times
    cells = zip(values.tolist(), shown, codes.tolist(), absent.tolist(), strict=True)
    for row, (value, display, code, blank) in enumerate(cells):
        strong = row >= parts
        if blank:
            end = styles.text(None, formats[display], qualities[code], strong=strong)
        elif display is None:
            key = (str(value), code, strong)
            if key not in words:
                said, kind = _word(key[0], column, voice)
                words[key] = styles.text(said, kind, qualities[code], strong=strong)
            end = words[key]
        else:
            number = _number(value, display)
            end = styles.text(number, formats[display], qualities[code], strong=strong)
        yield f'<c r="{letters}{first + row}"{end}'


def _word(text: str, column: Column, voice: Voice) -> tuple[Any, str]:
    """Return what a cell of words holds, and its format: a day or a month is a date."""
    day = iso_day(text) if column.unit == "date" else None
    if day is None:
        return text, "@"
    return day[0], voice.rules.sheet_day if day[1] else voice.rules.sheet_month


def _number(value: Any, display: Display) -> int | float:
    """Return a plain number; counts held as floats become whole again."""
    number = float(value)
    return int(number) if display.decimals == 0 and number.is_integer() else number


def _number_format(display: Display) -> str:
    """Return the number format of a display.

    Examples
    --------
    >>> _number_format(Display(100, 1, "%")), _number_format(Display(1, 2))
    ('0.0%', '#,##0.00')
    """
    decimals = "." + "0" * display.decimals if display.decimals else ""
    return f"0{decimals}%" if display.unit == "%" else f"#,##0{decimals}"


def _width(table: Table, column: Column, voice: Voice) -> int:
    """Return a column's width in characters: its longest cell, or word of its head."""
    values = table.frame[column.name].dropna()
    if not _numeric(table, column):
        longest = _longest(table, column)
    else:
        largest = pd.to_numeric(values, errors="coerce").abs().max()
        longest = len(f"{largest:,.2f}") if pd.notna(largest) else 0
    head = _head(table, column, voice).split("\n")
    # Room for the filter's arrow beside the last word.
    words = max((len(word) + 3 for part in head for word in part.split()), default=0)
    several = len(head[0]) // 3 + 3
    if _numeric(table, column):
        several = min(several, _HEAD)
    return min(max(longest, words, _NARROW, several), _WIDE)


def _longest(table: Table, column: Column) -> int:
    """Return the length of a column's longest text."""
    values = table.frame[column.name].dropna()
    return int(values.astype(str).str.len().max()) if len(values) else 0


def _fitted(table: Table, widths: list[int]) -> list[int]:
    """Narrow the columns of long texts so that the sheet takes the fewest pages."""
    repeated = sum(widths[: _naming(table, widths)]) + _MARGIN * _naming(table, widths)
    every = sum(widths) + _MARGIN * len(widths)
    spare = [
        0 if _numeric(table, column) else max(0, width - _SLIM)
        for column, width in zip(table.columns, widths, strict=True)
    ]
    easy = len(widths) <= _FEW_COLUMNS and every - sum(spare) <= _EASY_WIDTH
    # Narrowed by all there is, so many pages hold it.
    room = max((_EASY_WIDTH if easy else _PAGE_WIDTH) - repeated, _WIDE)
    pages = max(1, -(-(every - sum(spare) - repeated) // room))
    excess = every - repeated - pages * room
    if not 0 < excess <= sum(spare):
        return widths
    return [
        width - -(-excess * part // sum(spare)) for width, part in zip(widths, spare, strict=True)
    ]


def _naming(table: Table, widths: Sequence[int]) -> int:
    """Return how many first columns name a row: all words before the first number, if room is left."""
    words = next(
        (i for i, column in enumerate(table.columns) if _numeric(table, column)), table.stub + 1
    )
    fits = sum(widths[:words]) + _MARGIN * words <= _KEPT_WIDTH
    return max(1, words if fits or table.stub >= words else table.stub + 1)

"""How files are opened: text and sheets become numbered cells, cells become types.

Every problem of a file is collected before anything is raised, so that the user cures all at once.
"""

from __future__ import annotations

from needs_analysis.reading.cells import (
    NAMED_REFUSED,
    Cells,
    Odd,
    OddCellsError,
    OtherTableError,
    Wanted,
    lacks,
    said,
    sheet,
)
from needs_analysis.reading.delimited import bearable, delimited, delimited_file
from needs_analysis.reading.files import content, header_of, opening, text_of
from needs_analysis.reading.personal import safe_name
from needs_analysis.reading.problems import MANY, at_row, at_rows, failure, headers, problem
from needs_analysis.reading.sheets import (
    LARGEST,
    OLE,
    headers_of_sheets,
    openings_of_sheets,
    streamed,
    workbook,
)
from needs_analysis.reading.text import decode, delimiter_of, plain
from needs_analysis.reading.values import (
    MONTHS,
    codes,
    dated,
    day_of,
    matching,
    note_cells,
    note_repeated,
    note_rows,
    number_of,
    numbers,
    restored,
)
from needs_analysis.reading.zips import (
    names_in,
    opened_zip,
    opening_unzipped,
    unpacked,
    unzipped,
)

__all__ = [
    "Cells",
    "LARGEST",
    "MANY",
    "NAMED_REFUSED",
    "OLE",
    "Odd",
    "OddCellsError",
    "OtherTableError",
    "Wanted",
    "at_row",
    "at_rows",
    "bearable",
    "codes",
    "content",
    "dated",
    "decode",
    "delimited",
    "delimiter_of",
    "delimited_file",
    "failure",
    "header_of",
    "headers",
    "headers_of_sheets",
    "lacks",
    "matching",
    "names_in",
    "numbers",
    "MONTHS",
    "day_of",
    "number_of",
    "opened_zip",
    "opening",
    "opening_unzipped",
    "openings_of_sheets",
    "plain",
    "problem",
    "note_cells",
    "note_repeated",
    "note_rows",
    "restored",
    "safe_name",
    "said",
    "sheet",
    "streamed",
    "text_of",
    "unpacked",
    "unzipped",
    "workbook",
]

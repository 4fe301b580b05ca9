"""The one reader and writer of figures: those that ship, the user's own, what is computed once."""

from __future__ import annotations

from needs_analysis.store.compile import compile_figures
from needs_analysis.store.computed import computed
from needs_analysis.store.editions import Edition, editions
from needs_analysis.store.files import kept_folder, written_file, written_whole
from needs_analysis.store.kept import Added, Kept, add, kept
from needs_analysis.store.memo import Selection, Threads, handed, remembered, using
from needs_analysis.store.recipes import dates_of
from needs_analysis.store.shipped import package
from needs_analysis.store.tables import (
    cited,
    lacking,
    later_than,
    source_of,
    status,
    table,
    tokens,
    unused,
    within,
)

__all__ = [
    "Added",
    "Edition",
    "Kept",
    "Selection",
    "Threads",
    "add",
    "cited",
    "compile_figures",
    "computed",
    "dates_of",
    "editions",
    "handed",
    "kept",
    "kept_folder",
    "lacking",
    "later_than",
    "package",
    "remembered",
    "source_of",
    "status",
    "table",
    "tokens",
    "unused",
    "using",
    "within",
    "written_file",
    "written_whole",
]

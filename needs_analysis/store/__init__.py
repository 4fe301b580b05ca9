"""The one reader and writer of figures: those that ship, the user's own, what is computed once."""

from __future__ import annotations

from needs_analysis.process import public
from needs_analysis.store.compile import compile_figures
from needs_analysis.store.computed import computed, making
from needs_analysis.store.editions import Edition, editions
from needs_analysis.store.extent import WHOLE_SHARE
from needs_analysis.store.kept import Added, Kept, add, kept, remove
from needs_analysis.store.memo import Selection, Threads, handed, remembered, using
from needs_analysis.store.recipes import dates_of
from needs_analysis.store.shipped import package
from needs_analysis.store.tables import (
    Part,
    cited,
    lacking,
    later_than,
    own_editions,
    parts,
    source_of,
    status,
    status_of,
    table,
    tokens,
    unused,
    within,
)

__all__ = [
    "WHOLE_SHARE",
    "Added",
    "Edition",
    "Kept",
    "Part",
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
    "lacking",
    "later_than",
    "making",
    "own_editions",
    "package",
    "parts",
    "remembered",
    "remove",
    "source_of",
    "status",
    "status_of",
    "table",
    "tokens",
    "unused",
    "using",
    "within",
]
__dir__ = public(__all__)

"""The one reader and writer of shipped figures, and of what is computed once and kept."""

from __future__ import annotations

from needs_analysis.store.compile import compile_figures
from needs_analysis.store.files import kept_folder, written_file, written_whole
from needs_analysis.store.shipped import cited, package, source_of, status, table

__all__ = [
    "cited",
    "compile_figures",
    "kept_folder",
    "package",
    "source_of",
    "status",
    "table",
    "written_file",
    "written_whole",
]

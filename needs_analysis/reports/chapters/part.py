"""What a briefing has of one subject: its place on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from needs_analysis.reports.model import Chapter, Table

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings


@dataclass(frozen=True)
class Part:
    """A subject of the briefing, as `reports.chapters.order` lists it.

    Attributes
    ----------
    key : str
        The word by which a study chooses it; parts of one key are chosen together.
    page : callable
        Makes its chapter, or several; nothing where only the workbook has it.
    sheets : callable
        Makes its tables of the workbook, one a sheet.
    """

    key: str
    page: Callable[[Findings], Chapter | tuple[Chapter, ...]] = lambda _: ()
    sheets: Callable[[Findings], Sequence[Table]] = lambda _: ()

    def chapters(self, found: Findings) -> tuple[Chapter, ...]:
        """Return what the page has of it, in the order it is read."""
        made = self.page(found)
        return (made,) if isinstance(made, Chapter) else made

"""The one content model: what a briefing says, before any renderer gives it a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Column:
    """A column of a table: `name` in the frame, `label` as printed, `unit` of `reports.language`.

    `unit` "text" marks words; "date" and "code" print as they are.
    """

    name: str
    label: str
    unit: str = "text"


@dataclass(frozen=True)
class Table:
    """A table with raw numbers: shares are 0-1, missing is NaN; renderers format them.

    `quality` holds a `Quality` for the cells of the columns it has, `sources` the printed source
    lines, `notes` the method and its limits; `key` names the sheet and the anchor.
    """

    key: str
    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    quality: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence of plain text; `lead` is its short bold opening, `note` its small caution."""

    text: str
    lead: str = ""
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart or a static map as SVG, with the words that replace it for those who cannot see it."""

    key: str
    title: str
    svg: str
    alternative: str
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


Block = Sentence | Table | Picture


@dataclass(frozen=True)
class Chapter:
    """A titled run of blocks."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Briefing:
    """All that the page, the workbook and later documents say, in order.

    `sheets` are the tables that only the workbook has room for; `links` are the files beside the
    page (label to relative path).
    """

    lang: str
    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]
    sheets: tuple[Table, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

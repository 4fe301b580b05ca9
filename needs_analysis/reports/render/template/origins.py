"""The sheet at the end of a workbook that was filled: where each number of it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lxml import etree
from openpyxl.utils import get_column_letter, quote_sheetname

import needs_analysis
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.reports.render.template.cells import place, put
from needs_analysis.reports.render.template.fact import Fact
from needs_analysis.reports.render.template.package import LINKS, MAIN, Package
from needs_analysis.words import N_, Voice

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_HEADS = (
    N_("Foglio"), N_("Celle"), N_("Nome"), N_("Che cosa è"), N_("Valore"), N_("Unità"), N_("Qualità"),
    N_("Anno"), N_("Fonti"),
)  # fmt: skip
_WIDTHS = (22, 10, 32, 50, 14, 14, 24, 40, 10)


@dataclass(frozen=True)
class Entry:
    """A number that was put into a cell."""

    sheet: str
    ref: str
    name: str
    fact: Fact


def add(package: Package, entries: Sequence[Entry], voice: Voice) -> None:
    """Add the sheet after the last; it takes no style of the workbook's, and changes none."""
    book = package.tree(package.book)
    sheets = book.find(f"{MAIN}sheets")
    taken = {str(one.get("name")).lower() for one in sheets}
    title = voice.say(N_("provenienza"))
    name = next(one for at in range(1, len(taken) + 2)
                if (one := title if at == 1 else f"{title} {at}").lower() not in taken)  # fmt: skip
    part = package.free(f"{package.book.rpartition('/')[0]}/worksheets/sheet{{}}.xml".lstrip("/"))
    package.add(part, _sheet(entries, voice), _TYPE)
    link = package.link(package.book, part, "worksheet")
    number = max(int(one.get("sheetId")) for one in sheets) + 1
    etree.SubElement(
        sheets, f"{MAIN}sheet", {"name": name, "sheetId": str(number), f"{LINKS}id": link}
    )


def _sheet(entries: Sequence[Entry], voice: Voice) -> bytes:
    tree = etree.Element(f"{MAIN}worksheet", nsmap={None: MAIN[1:-1], "r": LINKS[1:-1]})
    fit = etree.SubElement(etree.SubElement(tree, f"{MAIN}sheetPr"), f"{MAIN}pageSetUpPr")
    fit.set("fitToPage", "1")
    columns = etree.SubElement(tree, f"{MAIN}cols")
    for at, width in enumerate(_WIDTHS, start=1):
        about = {"min": str(at), "max": str(at), "width": str(width), "customWidth": "1"}
        etree.SubElement(columns, f"{MAIN}col", about)
    data = etree.SubElement(tree, f"{MAIN}sheetData")
    made = voice.say(N_("Riempito da needs-analysis {version}"), version=needs_analysis.__version__)
    _row(data, 1, [made], strong=True)
    _row(data, 2, [voice.say(one) for one in _HEADS], strong=True)
    links, cited = [], _cited(entries)
    rows = list(_rows(entries, cited, voice))
    for at, (sheet, ref, row) in enumerate(rows, start=3):
        _row(data, at, [sheet, ref, *row])
        links.append((f"B{at}", f"{quote_sheetname(sheet)}!{ref}"))
    for at, source in enumerate(cited, start=1):
        _row(data, len(rows) + 3 + at, [f"{at}. {source}"])
    if links:
        holder = etree.SubElement(tree, f"{MAIN}hyperlinks")
        for at_cell, to in links:
            etree.SubElement(holder, f"{MAIN}hyperlink", ref=at_cell, location=to)
    etree.SubElement(
        tree,
        f"{MAIN}pageSetup",
        paperSize="9",
        orientation="landscape",
        fitToWidth="1",
        fitToHeight="0",
    )
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


def _cited(entries: Sequence[Entry]) -> list[str]:
    """Return the citations, in the order in which they are first needed."""
    return list(dict.fromkeys(
        source for one in entries for source in one.fact.source.split("; ") if source
    ))  # fmt: skip


def _rows(
    entries: Sequence[Entry], cited: Sequence[str], voice: Voice
) -> Iterable[tuple[str, str, list[int | float | str]]]:
    """Give a row for each figure, or for a run of cells of one column that have the same kind of it."""

    def alike(one: Entry) -> tuple[object, ...]:
        return (
            one.sheet,
            place(one.ref)[1],
            one.name,
            one.fact.quality,
            one.fact.year,
            one.fact.source,
        )

    order = list(dict.fromkeys(one.sheet for one in entries))
    ordered = sorted(entries, key=lambda one: (order.index(one.sheet), *reversed(place(one.ref))))
    for (sheet, _, name, *_), run in groupby(ordered, alike):
        own = list(run)
        fact, first, last = own[0].fact, own[0].ref, own[-1].ref
        several = first != last
        given = [one for one in fact.source.split("; ") if one]
        numbers = ", ".join(str(cited.index(one) + 1) for one in given)
        yield str(sheet), f"{first}:{last}" if several else first, [
            str(name), fact.label, "" if several else fact.value, fact.unit,
            voice.say(QUALITY_LABELS[fact.quality]), fact.year, numbers,
        ]  # fmt: skip


def _row(data: Any, at: int, values: Sequence[int | float | str], *, strong: bool = False) -> None:
    row = etree.SubElement(data, f"{MAIN}row", r=str(at))
    for column, value in enumerate(values, start=1):
        if value == "":
            continue
        cell = etree.SubElement(row, f"{MAIN}c", r=f"{get_column_letter(column)}{at}")
        put(cell, value)
        if strong and isinstance(value, str):
            holder = cell.find(f"{MAIN}is")
            text = holder.find(f"{MAIN}t")
            run = etree.SubElement(holder, f"{MAIN}r")
            etree.SubElement(etree.SubElement(run, f"{MAIN}rPr"), f"{MAIN}b")
            run.append(text)

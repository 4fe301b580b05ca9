"""What a notebook shows of one result, as HTML without a script, a style sheet or an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from needs_analysis.figures import Quality
from needs_analysis.reports.language import QUALITY_MARKS
from needs_analysis.reports.render.html import Step
from needs_analysis.words import NN_, Voice

MORE = NN_("... e un'altra", "... e altre {count}")
"""How many more there are."""
_CELL, _LINE = 60, 300  # letters
_TINTS = {
    Quality.OBSERVED: "#2e7d3222",
    Quality.ALLOCATED: "#f9a82544",
    Quality.MODELLED: "#1e88e544",
    Quality.IMPUTED: "#8e24aa33",
    Quality.SUPPRESSED: "#55555555",
    Quality.MISSING: "#88888822",
}


@dataclass(frozen=True)
class Cell:
    """A printed cell, how its value came to be, and what is said when one points at it."""

    text: str
    quality: Quality | None = None
    hover: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: its heads with what is said of each, its rows with their names, what is left out."""

    heads: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    more: str = ""


@dataclass(frozen=True)
class Page:
    """What is shown of one result; `folded` opens when one asks, `then` is what one can do next."""

    title: str
    lines: Sequence[str] = ()
    grid: Grid | None = None
    folded: Mapping[str, Grid] = field(default_factory=dict)
    step: Step | None = None
    then: Mapping[str, str] = field(default_factory=dict)
    legend: Sequence[Cell] = ()


def drawn(page: Page, steps: int, voice: Voice) -> Markup:
    """Draw a page: every text of it escaped, so many steps of a trace at most."""
    parts = [Markup('<div style="font-size:90%"><b>{}</b>').format(_cut(page.title, _LINE))]
    parts += [Markup("<div>{}</div>").format(_cut(line, _LINE)) for line in page.lines if line]
    parts += [
        Markup('<span style="background:{};padding:0 .4em">{}</span> ').format(
            _TINTS[one.quality], one.text
        )
        for one in page.legend
        if one.quality is not None
    ]
    if page.grid:
        parts += [_table(page.grid, voice)]
    if page.step:
        left = [steps]
        parts.append(_tree(page.step, left, voice, opened=True))
    parts += [
        Markup("<details><summary>{}</summary>{}</details>").format(said, _table(grid, voice))
        for said, grid in page.folded.items()
    ]
    if page.then:
        items = [
            Markup("<code>{}</code> {}").format(code, said) for code, said in page.then.items()
        ]
        head = voice.say("Poi: ")
        parts.append(Markup("<div>{}{}</div>").format(head, Markup("; ").join(items)))
    return Markup("").join([*parts, Markup("</div>")])


def _table(grid: Grid, voice: Voice) -> Markup:
    heads = [
        Markup('<th title="{}">{}</th>').format(_cut(said, _LINE), _cut(head, _CELL))
        for head, said in grid.heads
    ]
    rows = [
        Markup('<tr><th style="white-space:nowrap">{}</th>{}</tr>').format(
            _cut(name, 2 * _CELL), Markup("").join(_drawn_cell(one, voice) for one in cells)
        )
        for name, cells in grid.rows
    ]
    first = Markup("<tr><th></th>{}</tr>").format(Markup("").join(heads))
    body = Markup(
        '<table style="border-collapse:collapse"><thead>{}</thead><tbody>{}</tbody></table>'
    )
    return body.format(first, Markup("").join(rows)) + Markup("<div>{}</div>").format(grid.more)


def _drawn_cell(cell: Cell, voice: Voice) -> Markup:
    if cell.quality is None:
        return Markup("<td>{}</td>").format(_cut(cell.text, _CELL))
    mark = voice.say(QUALITY_MARKS.get(cell.quality, ""))
    return Markup('<td style="background:{}" title="{}">{}{}</td>').format(
        _TINTS[cell.quality], _cut(cell.hover, _LINE), _cut(cell.text, _CELL),
        Markup(" <sup>{}</sup>").format(mark) if mark else "",
    )  # fmt: skip


def _tree(step: Step, left: list[int], voice: Voice, *, opened: bool = False) -> Markup:
    """Draw a trace as steps that fold, as many as there is room for."""
    left[0] -= 1
    about = ", ".join(part for part in (step.operation, step.about) if part)
    said = Markup('<b>{}</b> = {} <span style="opacity:.7" title="{}">{}</span>').format(
        _cut(step.name, _CELL), _cut(step.value, _CELL), _cut(step.source, _LINE),
        _cut("; ".join(part for part in (about, step.row) if part), _LINE),
    )  # fmt: skip
    if not step.inputs:
        return Markup('<div style="margin-left:1.2em">{}</div>').format(said)
    inner, shown = [], 0
    for one in step.inputs:
        if left[0] <= 0:
            break
        inner.append(_tree(one, left, voice))
        shown += 1
    rest = len(step.inputs) - shown
    more = [step.more] if step.more else []
    more += [voice.plural(*MORE, rest)] if rest else []
    inner += [Markup('<div style="margin-left:1.2em">{}</div>').format(one) for one in more]
    return Markup('<details style="margin-left:1.2em"{}><summary>{}</summary>{}</details>').format(
        Markup(" open") if opened else "", said, Markup("").join(inner)
    )


def _cut(text: object, most: int) -> str:
    said = str(text)
    return said if len(said) <= most else f"{said[: most - 1]}…"

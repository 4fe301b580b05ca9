"""The briefing as one web page that opens from an e-mail: no script, no request, no second file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import groupby
from xml.etree import ElementTree

import jinja2
from markupsafe import Markup, escape

from needs_analysis.errors import Refused
from needs_analysis.figures import Quality
from needs_analysis.provenance import PARAMETERS, ROWS_SHOWN, Rows, Trace
from needs_analysis.reports.language import MISSING_TEXT, QUALITY_LABELS, operation_label
from needs_analysis.reports.model import (
    Blank,
    Briefing,
    Chapter,
    Origin,
    Picture,
    Sentence,
    Table,
    numbers,
    plain,
    split,
    texts,
)
from needs_analysis.reports.problems import problem
from needs_analysis.reports.render import paper, printed
from needs_analysis.reports.render.workbook import addresses
from needs_analysis.words import N_, Voice

_WORDS = {
    "skip": N_("Vai al contenuto"),
    "files": N_("File allegati"),
    "chapters": N_("Capitoli"),
    "source": printed.SOURCE,
    "fill_in": printed.FILL_IN,
    "ask": printed.ASK,
    "annex": N_("Allegato: metodo, verifiche, fonti"),
    "more": N_("Da dove viene"),
    "back": N_("torna al numero"),
    "can": N_("Che cosa si può fare"),
}
_DRAWN = N_("I numeri disegnati stanno nelle tabelle Excel, fogli {sheets}.")
_SVG_ELEMENTS = {
    *("svg", "g", "defs", "path", "use", "image", "clipPath", "pattern", "rect", "circle"),
    *("ellipse", "line", "polyline", "polygon", "title", "desc", "text", "tspan"),
}


@dataclass(frozen=True)
class _Cell:
    """A printed cell with its HTML class, its text escaped and `place`, its cell in the workbook."""

    of: printed.Cell
    kind: str
    text: str
    place: str = ""


@dataclass(frozen=True)
class Step:
    """A step of a trace, as the template reads it; `more` says what `inputs` leaves out."""

    name: str
    value: str
    operation: str = ""
    about: str = ""
    row: str = ""
    source: str = ""
    inputs: tuple[Step, ...] = ()
    more: str = ""


@dataclass(frozen=True)
class _Block:
    """What the template reads; a block of one kind leaves the other kinds' fields empty."""

    kind: str
    id: str = ""
    title: str = ""
    lead: str = ""
    text: Markup | str = ""
    note: Markup | str = ""
    role: str = ""
    see: str = ""
    back: str = ""
    svg: Markup = Markup("")
    keyed: Markup = Markup("")
    heads: tuple[printed.Head, ...] = ()
    rows: tuple[tuple[_Cell, ...], ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    notes: tuple[Markup, ...] = ()
    sources: tuple[str, ...] = ()
    step: Step | None = None


@dataclass(frozen=True)
class _Section:
    id: str
    title: str
    runs: tuple[tuple[str, tuple[_Block, ...]], ...]
    level: int = 1
    annex: bool = False

    @property
    def blocks(self) -> Iterator[_Block]:
        """Give the blocks of all runs: a run is of one role, to which a first screen gives a form."""
        yield from (block for _, blocks in self.runs for block in blocks)


def page(briefing: Briefing) -> str:
    """Print a briefing as one self-contained HTML page.

    Parameters
    ----------
    briefing : Briefing
        Its ``sheets`` are left to the workbook: each number has its key there as ``data-key`` and its
        cell as ``data-cell``.

    Returns
    -------
    str
        HTML with its style and pictures inside; the same briefing gives the same text.

    Raises
    ------
    Refused
        If two blocks share a key, a link leaves the page's folder, or a picture holds a script, a
        style or a reference to the outside.

    Examples
    --------
    >>> text = page(Briefing(Voice(), "Abitare a <Monza>", "", ()))
    >>> "<title>Abitare a &lt;Monza&gt;</title>" in text, "http" in text.replace("http-equiv", "")
    (True, False)
    """
    said = _Numbers.of(briefing)
    anchors = {one.key: _anchor("chapter", one.key) for one in briefing.chapters}
    sections = tuple(_section(one, briefing.voice, said, anchors) for one in briefing.chapters)
    _refuse_twice(
        anchor for part in sections for anchor in (part.id, *(block.id for block in part.blocks))
    )
    css = resources.files("needs_analysis.reports").joinpath("templates/briefing.css")
    style = css.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        briefing=briefing,
        chapters=[one for one in sections if not one.annex],
        annexes=[one for one in sections if one.annex],
        links=_local(briefing.links),
        css=Markup(style),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        about=paper.about(briefing),
        logo=base64.b64encode(briefing.identity.logo).decode(),
        words={name: briefing.voice.say(text) for name, text in _WORDS.items()},
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("needs_analysis.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bound"] = printed.bound
    return environment.get_template("briefing.html.j2")


@dataclass(frozen=True)
class _Numbers:
    """Where the numbers of a page stand in the workbook, and which have a trace on the page."""

    places: Mapping[str, str]
    traced: frozenset[str]
    met: set[str] = field(
        default_factory=set
    )  # a trace leads back to where its number is first said

    @classmethod
    def of(cls, briefing: Briefing) -> _Numbers:
        blocks = [block for chapter in briefing.chapters for block in chapter.blocks]
        traced = frozenset(block.key for block in blocks if isinstance(block, Origin))
        said = {one.key for block in blocks for _, text in texts(block) for one in numbers(text)}
        shown = {
            key for block in blocks if isinstance(block, Table) for _, _, key in block.numbered()
        }
        return cls(addresses(briefing.sheets, said | shown, briefing.voice), traced)

    def linked(self, text: str) -> Markup:
        """Give each number its key and its cell, and a link to its trace; the rest is escaped.

        Examples
        --------
        >>> from needs_analysis.reports.model import number
        >>> said = f"<b> {number('area:households', 5, Voice())}"
        >>> _Numbers({}, frozenset()).linked(said)
        Markup('&lt;b&gt; <data value="5.0" data-key="area:households">5</data>')
        """
        said = Markup()
        for part in split(text):
            if isinstance(part, str):
                said += escape(printed.bound(part))
                continue
            about = _keyed(part.key, self.places.get(part.key, ""))
            if part.key in self.traced:
                if part.key not in self.met:
                    about += Markup(' id="{}"').format(_anchor("number", part.key))
                    self.met.add(part.key)
                link = Markup('<a class="figure" href="#{}"{}>{}</a>')
                said += link.format(_anchor("trace", part.key), about, printed.bound(part.text))
            else:
                data = Markup('<data value="{!r}"{}>{}</data>')
                said += data.format(part.value, about, printed.bound(part.text))
        return said


def _keyed(key: str, place: str) -> Markup:
    """Return the attributes of a number: its key, and its cell in the workbook."""
    said = Markup(' data-key="{}"').format(key)
    return said + Markup(' data-cell="{}"').format(place) if place else said


def _origin(origin: Origin, voice: Voice, said: _Numbers) -> _Block:
    return _Block(
        "origin",
        id=_anchor("trace", origin.key),
        title=origin.title,
        back=_anchor("number", origin.key) if origin.key in said.met else "",
        step=step_of(origin.trace, voice, origin.names),
    )


def step_of(
    trace: Trace, voice: Voice, names: Mapping[str, str], whole: str = "provenance.json"
) -> Step:
    """Return a trace as words; `whole` is where all of its municipalities are listed."""
    cited, rows = trace.source, trace.rows
    table = f"{trace.table}.csv" if cited and trace.table else ""
    key = (
        voice.say(trace.key) if trace.table == PARAMETERS else trace.key
    )  # a row's source is words
    quality, counted, more = _quality_word(trace.quality, voice), "", ""
    inputs = [step_of(one, voice, names, whole) for one in trace.inputs]
    if rows:
        part, every = (voice.number(count) for count in (sum(rows.counted), len(rows.units)))
        counted = voice.say("{part} di {whole} comuni", part=part, whole=every)
        inputs += _row_steps(rows, table, voice)
        left = len(rows.units) - ROWS_SHOWN
        if left > 0:
            more = voice.say(
                "... e altri {count}: elenco intero in {file}",
                count=voice.number(left), file=whole,
            )  # fmt: skip
    return Step(
        name=names.get(trace.name, trace.name),
        value=_value(trace.value, voice),
        operation="" if trace.operation == trace.name else operation_label(trace.operation, voice),
        about=", ".join(part for part in (counted, quality, trace.vintage) if part),
        row=", ".join(part for part in (table, key, rows.formula if rows else "") if part),
        source=voice.with_short_dates(f"{cited.attribution} ({cited.edition(voice)})")
        if cited
        else "",
        inputs=tuple(inputs),
        more=more,
    )


def _row_steps(rows: Rows, table: str, voice: Voice) -> Iterator[Step]:
    """Give the first municipalities of an area, each with its row."""
    out = set(rows.left_out())
    for position in rows.shown():
        unit, key = rows.units[position], rows.keys[position]
        about = [_quality_word(rows.quality[position], voice)]
        if rows.households:
            weight = voice.number(rows.households[position])
            about.append(voice.say("{count} famiglie", count=weight))
        about += [voice.say("non contato: manca un altro dato")] if unit in out else []
        row = f"{table}, {rows.key} {key}" if key else voice.say("nessuna riga")
        yield Step(
            name=f"{rows.names[position]} ({unit})",
            value=_value(rows.values[position], voice),
            about=", ".join(about),
            row=row if rows.key else "",
        )


def _value(value: float | str, voice: Voice) -> str:
    if isinstance(value, str):
        return value
    return voice.say(MISSING_TEXT) if value != value else f"{value:.10g}"


def _quality_word(quality: str, voice: Voice) -> str:
    return voice.say(QUALITY_LABELS[Quality[quality.upper()]]) if quality else ""


def _local(links: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse a link that is not a plain path beside the page: the page is read offline."""
    for label, path in links.items():
        if re.match(r"[/\\]|[A-Za-z][A-Za-z0-9+.-]*:|\s", path):
            raise Refused(problem("link_outside", label=label, path=path))
    return links


def _refuse_twice(anchors: Iterable[str]) -> None:
    seen: set[str] = set()
    for anchor in filter(None, anchors):
        if anchor in seen:
            raise Refused(problem("key_twice", key=anchor))
        seen.add(anchor)


def _anchor(kind: str, key: str) -> str:
    """Make an id of a key; the kind keeps a chapter apart from a table of the same key."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_-]+', '-', key)}"


# ---------------------------------------------------------------- blocks


def _section(
    chapter: Chapter, voice: Voice, said: _Numbers, anchors: Mapping[str, str]
) -> _Section:
    blocks: list[_Block] = []
    for block in chapter.blocks:
        if isinstance(block, Sentence):
            blocks.append(_Block(
                "sentence", lead=block.lead, text=said.linked(block.text),
                note=said.linked(block.note), role=block.role, see=anchors.get(block.see, ""),
            ))  # fmt: skip
        elif isinstance(block, Table):
            blocks.append(_table(block, voice, said))
        elif isinstance(block, Origin):
            blocks.append(_origin(block, voice, said))
        elif isinstance(block, Blank):
            blocks.append(_blank(block, voice))
        else:
            blocks.append(_picture(block, voice, said))
    return _Section(
        anchors[chapter.key], chapter.title,
        tuple((role, tuple(run)) for role, run in groupby(blocks, lambda one: one.role)),
        chapter.level, chapter.annex,
    )  # fmt: skip


def _blank(blank: Blank, voice: Voice) -> _Block:
    asked = blank.question
    return _Block(
        "blank", id=_anchor("blank", blank.key), title=blank.title, text=voice.say(asked.question),
        lead=voice.say(asked.who), note=voice.say(asked.why),
    )  # fmt: skip


def _picture(picture: Picture, voice: Voice, said: _Numbers) -> _Block:
    keys = [one.key for one in picture.said]
    places = [said.places.get(key, "") for key in keys]
    sheets = dict.fromkeys(_sheet(place) for place in places if place)
    named = voice.listed([f"«{one}»" for one in sheets])
    where = [voice.say(_DRAWN, sheets=named)] if sheets else []
    return _Block(
        "picture",
        id=_anchor("picture", picture.key),
        title=picture.title,
        svg=inline_svg(
            picture.svg, prefix=_anchor("p", picture.key), words=plain(picture.alternative)
        ),
        keyed=_keyed(";".join(keys), ";".join(places)) if keys else Markup(""),
        notes=tuple(said.linked(one) for one in (*picture.notes, *where)),
        sources=tuple(voice.with_short_dates(one) for one in picture.sources),
    )


def _sheet(place: str) -> str:
    """Return the name of the sheet of a cell.

    Examples
    --------
    >>> _sheet("'L''indice'!C8")
    "L'indice"
    """
    return place.rpartition("!")[0][1:-1].replace("''", "'")


def _table(table: Table, voice: Voice, said: _Numbers) -> _Block:
    made = printed.grid(table, voice)
    return _Block(
        "table",
        id=_anchor("table", table.key),
        title=table.title,
        heads=made.heads,
        rows=tuple(tuple(_cell(cell, said) for cell in row) for row in made.rows),
        legend=made.legend,
        notes=tuple(said.linked(one) for one in table.notes),
        sources=tuple(voice.with_short_dates(one) for one in table.sources),
    )


def _cell(cell: printed.Cell, said: _Numbers) -> _Cell:
    if cell.link:
        _local({cell.text: cell.link})
    kinds = ["number"] * cell.numeric + ["absent"] * cell.absent + ["blank"] * cell.blank
    text = said.linked(cell.text) if numbers(cell.text) else cell.text
    return _Cell(cell, " ".join(kinds), text, said.places.get(cell.key, ""))


# ---------------------------------------------------------------- pictures


def inline_svg(svg: str, *, prefix: str, words: str) -> Markup:
    """Check an SVG and make it part of a page.

    Parameters
    ----------
    svg : str
        As `reports.charts` draws it.
    prefix : str
        Put before its ids, so that those of two pictures of a page do not clash.
    words : str
        What a screen reader says in its place.

    Raises
    ------
    Refused
        If it holds anything that is not plain drawing: a script, an event, a style (the page's
        policy would drop it without a word), a reference outside itself.

    Examples
    --------
    >>> inline_svg('<svg><path id="a" d="M0 0"/></svg>', prefix="map", words="Una mappa")
    Markup('<svg role="img" aria-label="Una mappa"><path id="map-a" d="M0 0" /></svg>')
    """
    if "<!" in svg:
        raise Refused(problem("picture_declares", picture=prefix))
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise Refused(problem("picture_broken", picture=prefix, found=str(error))) from error
    for element in root.iter():
        # Inside HTML the elements are known by their plain names.
        element.tag = element.tag.rpartition("}")[2]
        _refuse_active(element, prefix)
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif value.startswith("url(#") or (key.endswith("href") and value.startswith("#")):
                element.set(key, value.replace("#", f"#{prefix}-", 1))
    root.attrib = {"role": "img", "aria-label": words} | root.attrib
    # Every element and attribute has been looked at, and the text is written out escaped.
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _refuse_active(element: ElementTree.Element, picture: str) -> None:
    if element.tag not in _SVG_ELEMENTS:
        raise Refused(problem("picture_element", picture=picture, element=element.tag))
    for key, value in element.attrib.items():
        name = key.rpartition("}")[2].lower()
        if name.startswith("on") or name == "style":
            raise Refused(problem("picture_attribute", picture=picture, attribute=name))
        image = element.tag == "image" and value.startswith("data:image/png;base64,")
        if name in ("href", "src") and not (value.startswith("#") or image):
            raise Refused(problem("picture_outside", picture=picture, found=value[:60]))
        if "url(" in value and not re.fullmatch(r"url\(#[\w.-]+\)", value):
            raise Refused(problem("picture_outside", picture=picture, found=value[:60]))

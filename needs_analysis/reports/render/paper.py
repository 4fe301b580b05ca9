"""What documents on paper share: the order of their parts, their words, how a table lies on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from needs_analysis.reports.model import Blank, Briefing, Chapter, Number, Origin, plain, split
from needs_analysis.reports.render.printed import ASK, FILL_IN, Grid, bound
from needs_analysis.words import N_, Voice

CONTENTS = N_("Sommario")
TABLE = N_("Tabella")
FIGURE = N_("Figura")
ANNEX = N_("Allegato")
PAGE_OF = N_("Pagina {page} di {pages}")
AUTHOR = N_("Autore: {author}")
VERSION = N_("needs-analysis {version}")
TRACED = N_(
    "Da dove viene ogni numero, passo per passo, sta nella pagina web che accompagna questo documento."
)
# What a line of an A4 page holds, in characters of the letters that tables have.
_UPRIGHT, _ACROSS = 110.0, 167.0
# How many characters more, where the letters are a size smaller.
_SMALLER = 1.15
# A turned page that words alone fill has room for nothing else: rows would be as high as they are wide.
_ROOMY = 0.93
_PADDING, _LONGEST, _BOLD, _DIGITS = 2.6, 46.0, 1.2, 1.05
# A text over many lines wants as much room as it is long, up to this.
_LONG = 130.0
# Nothing of these is drawn, or it turns the reading order around.
_UNDRAWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Lie:
    """How a table lies on a page: shares of its width by column, turned or not, smaller or not."""

    shares: tuple[float, ...]
    across: bool = False
    small: bool = False


def chapters_of(briefing: Briefing) -> tuple[Chapter, ...]:
    """Return the chapters of a document on paper: without the traces of numbers, annexes last.

    Nobody reads forty pages of traces: they are left to the web page, :data:`TRACED` says so.

    Examples
    --------
    >>> annex = Chapter("a", "Metodi", (), annex=True)
    >>> made = Briefing(Voice(), "T", "", (annex, Chapter("b", "Bisogno", ())))
    >>> [one.title for one in chapters_of(made)]
    ['Bisogno', 'Metodi']
    """
    kept = [
        replace(one, blocks=tuple(block for block in one.blocks if not isinstance(block, Origin)))
        for one in briefing.chapters
        if not one.blocks or not all(isinstance(block, Origin) for block in one.blocks)
    ]
    return tuple(sorted(kept, key=lambda one: one.annex))


def traced(briefing: Briefing) -> bool:
    """Return whether a briefing says where its numbers come from."""
    return any(isinstance(one, Origin) for chapter in briefing.chapters for one in chapter.blocks)


def about(briefing: Briefing) -> list[str]:
    """Return the lines that say whose a document is, when and with what it was made, how to cite it."""
    who, voice = briefing.identity, briefing.voice
    made = (
        who.date and voice.short_date(who.date),
        who.author and voice.say(AUTHOR, author=who.author),
        who.version and voice.say(VERSION, version=who.version),
    )
    return [line for line in (" · ".join(filter(None, made)), who.cite) if line]


def around_pages(voice: Voice) -> list[str]:
    """Return what stands before, between and after the number of a page and that of all pages.

    Examples
    --------
    >>> around_pages(Voice())
    ['Pagina ', ' di ', '']
    """
    return voice.say(PAGE_OF, page="\0", pages="\0").split("\0")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Give the runs of a sentence, each with the key of its number, or none.

    Examples
    --------
    >>> list(pieces(f"sono {Number('t:0:n', 3.0, '3')}."))
    [('sono ', ''), ('3', 't:0:n'), ('.', '')]
    """
    for part in split(text):
        if isinstance(part, Number):
            yield drawn(bound(part.text)), part.key
        elif part:
            yield drawn(bound(part)), ""


def drawn(text: str) -> str:
    r"""Return a text without what draws nothing: control signs, and those that turn its order around.

    Examples
    --------
    >>> drawn("a\x00b\u202ec\nd")
    'abc d'
    """
    return _UNDRAWN.sub("", re.sub(r"[\t\n\r]+", " ", text))


def lie(grid: Grid, holds: float = 1.0) -> Lie:
    """Return how a table lies on a page, so that no word is cut and nothing leaves the paper.

    Each column has at least its longest word; what is left goes to those whose texts want more. Where
    the words alone do not fit, letters are smaller; where that is not enough, the page is turned.

    Parameters
    ----------
    grid : Grid
        As it is printed.
    holds : float
        How much more a line holds than one of Calibri: 1.12 of Libertinus.

    Examples
    --------
    >>> from needs_analysis.reports.render.printed import Cell, Head
    >>> heads = Head("Comune", "", False, True), Head("Famiglie", "", True, False)
    >>> made = lie(Grid(heads, ((Cell("Monza"), Cell("56.209")),), ()))
    >>> [round(one, 2) for one in made.shares], made.across
    ([0.45, 0.55], False)
    """
    least, wanted = [], []
    for position, head in enumerate(grid.heads):
        column = [row[position] for row in grid.rows]
        cells = [f"{plain(cell.text)} {cell.unit}".strip() for cell in column]
        heading = f"{head.label} {head.unit}"
        words = [len(word) * _BOLD for word in _words([heading])] + [*map(len, _words(cells))]
        # A number never breaks; the letter behind it takes its room, and so do bold ones.
        words += [
            len(cell.text) * (_BOLD if cell.closing else _DIGITS) + len(cell.mark)
            for cell in column
            if cell.numeric
        ]
        least.append(min(max(words, default=1), _LONGEST) + _PADDING)
        longest = max(map(len, cells), default=0)
        wanted.append(max(min(longest, _LONG), len(heading) * _BOLD / 3) + _PADDING)
    room, across, small = _room(sum(least) / holds)
    return Lie(_shares(least, wanted, room * holds), across, small)


def _words(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in re.split(r"(?<=[-/])| +", text) if word]


def _room(least: float) -> tuple[float, bool, bool]:
    """Return the characters of a line, whether the page is turned, whether letters are smaller."""
    ways = (
        (_UPRIGHT, False, False), (_UPRIGHT * _SMALLER, False, True),
        (_ACROSS * _ROOMY, True, False), (_ACROSS * _SMALLER, True, True),
    )  # fmt: skip
    return next((way for way in ways if least <= way[0]), (least, True, True))


def _shares(least: Sequence[float], wanted: Sequence[float], room: float) -> tuple[float, ...]:
    """Give each column its least width and, of what is left, a part by what it wants."""
    more = [max(0.0, want - low) for want, low in zip(wanted, least, strict=True)]
    spare = max(0.0, room - sum(least))
    given = min(1.0, spare / sum(more)) if sum(more) else 0.0
    widths = [low + part * given for low, part in zip(least, more, strict=True)]
    return tuple(width / sum(widths) for width in widths)


def asked(blank: Blank, voice: Voice) -> tuple[str, str, str]:
    """Return what stands where something is left to fill in: its head, its question, whom and why."""
    about = blank.question
    return (
        f"{voice.say(FILL_IN)}. {blank.title}.",
        voice.say(about.question),
        f"{voice.say(ASK)} {voice.say(about.who)}. {voice.say(about.why)}",
    )

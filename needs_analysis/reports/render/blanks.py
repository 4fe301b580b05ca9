"""What a document leaves to fill in, as a list that a spreadsheet opens: ``da_compilare.csv``."""

from __future__ import annotations

import csv
from io import StringIO

from needs_analysis.reports.model import Briefing, blanks
from needs_analysis.reports.render.paper import drawn
from needs_analysis.words import N_
from needs_analysis.writing.workbook import RUNS

NAME = "da_compilare.csv"
"""How the list is called in a delivery."""
_HEADS = (N_("Chiave"), N_("Dove"), N_("Domanda"), N_("Chi lo sa"), N_("Perché manca"))


def to_fill(briefing: Briefing) -> str:
    r"""Return the list of what a document leaves to fill in: key, where, question, who, why.

    Parameters
    ----------
    briefing : Briefing
        Each of its blanks has a row, and nothing else has.

    Returns
    -------
    str
        CSV as Italian spreadsheets read it (semicolons, a mark of UTF-8 at the beginning; in English
        commas); a cell that a spreadsheet would run begins with an apostrophe.

    Examples
    --------
    >>> from needs_analysis.figures import Question
    >>> from needs_analysis.reports.model import Blank, Chapter
    >>> from needs_analysis.words import Voice
    >>> asked = Question("Quanti alloggi?", "ALER", "Non pubblicato")
    >>> chapter = Chapter("c", "C", (Blank("b", "=Alloggi", asked),))
    >>> print(to_fill(Briefing(Voice(), "T", "", (chapter,)))[1:])
    Chiave;Dove;Domanda;Chi lo sa;Perché manca
    b;'=Alloggi;Quanti alloggi?;ALER;Non pubblicato
    <BLANKLINE>
    """
    voice, out = briefing.voice, StringIO()
    writer = csv.writer(
        out, delimiter=";" if voice.decimal_sign == "," else ",", lineterminator="\n"
    )
    writer.writerow(map(voice.say, _HEADS))
    for key, where, asked in blanks(briefing.chapters):
        said = (voice.say(one) for one in (asked.question, asked.who, asked.why))
        writer.writerow(map(_safe, (key, where, *said)))
    return "\ufeff" + out.getvalue()


def _safe(text: str) -> str:
    """Return a text that no spreadsheet runs."""
    bare = drawn(text)
    return f"'{bare}" if bare.lstrip().startswith(RUNS) else bare

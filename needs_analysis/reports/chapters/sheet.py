"""The two-page sheet of a municipality: the answer, who lives there, the need, what to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from needs_analysis.figures import Question
from needs_analysis.reports.chapters import answer, opening, sentences
from needs_analysis.reports.chapters.need_supply import questions_table
from needs_analysis.reports.chapters.need_tables import groups_table
from needs_analysis.reports.chapters.need_view import NeedView, view_of
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Briefing, Chapter, Column, Table
from needs_analysis.words import N_

_SAID = 5
"""Of the ten sentences those on people, ages, incomes, low incomes and rents."""


def compose_sheet(found: Findings, study: str = "") -> Briefing:
    """Put what is found of one municipality on two pages.

    Parameters
    ----------
    found : Findings
        Of a single municipality; what was not computed is left out.
    study : str
        What the study is called that it is a sheet of, where that is of more than the municipality.
    """
    voice = found.voice
    title = voice.say(N_("{place}: disagio abitativo, scheda"), place=found.label)
    return Briefing(
        voice=voice, title=f"{title} ({study})" if study else title, subtitle=_subtitle(found),
        chapters=tuple(_chapters(found)), short=True,
    )  # fmt: skip


def _subtitle(found: Findings) -> str:
    return found.voice.say(
        N_("Redditi {income}, canoni OMI {rent}, sfratti {order}"),
        income=found.date("taxable_income_eur"), rent=found.date("rent_eur_m2_month"),
        order=found.date("eviction_orders"),
    )  # fmt: skip


def _chapters(found: Findings) -> Iterator[Chapter]:
    voice = found.voice
    yield answer.chapter(found)
    yield Chapter("frasi", voice.say(N_("Chi ci vive, con quali redditi e canoni")),
                  sentences.ten(found, _SAID))  # fmt: skip
    yield Chapter("sfratti", voice.say(N_("Sfratti")), (opening.evicted(found),))
    if found.need is None:
        return
    view = view_of(found)
    yield Chapter("bisogno", voice.say(N_("Il bisogno")), (groups_table(view),))
    made = _asked(view)
    if made is not None:
        yield Chapter("chiedere", voice.say(N_("Che cosa chiedere agli uffici")), (made,))


def _asked(view: NeedView) -> Table | None:
    """Ask for what no public figure counts, a cell each to fill in."""
    made = questions_table(view)
    if made is None:
        return None
    answer = Column("households", view.voice.say(N_("Nuclei")), "count")
    columns = (*(one for one in made.columns if one.unit == "text"), answer)
    bare = replace(made, frame=made.frame.assign(households=np.nan), columns=columns)
    asked = [
        Question(str(row["question"]), str(row["who"]), str(row["why"]))
        for row in view.told.not_estimable.to_dict("records")
    ]
    return replace(bare, blanks=dict(zip(bare.keys(answer), asked, strict=True)))

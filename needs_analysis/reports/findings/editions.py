"""Which edition stands where: a part of Italy that was added, beside the edition of all Italy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd

from needs_analysis import store
from needs_analysis.errors import Problem, Refused, StudyError
from needs_analysis.municipal import panel as panels
from needs_analysis.municipal.declaration import vintage_of
from needs_analysis.reports.model import number
from needs_analysis.reports.problems import problem
from needs_analysis.store import Part
from needs_analysis.words import N_, Voice


@contextmanager
def named(cure: Problem | None = None) -> Iterator[None]:
    """Say, of figures of Italy that cannot be computed, which editions of the user's they are made of.

    Raises
    ------
    StudyError
        With the table, the edition that would stand there instead and how to take this one out;
        the error as it was, with the cure given, where all figures are those that ship.
    """
    try:
        yield
    except Refused as error:
        own = store.own_editions()
        if not own:
            raise StudyError(*error.problems, cure=cure or error.cure) from None
        told = [
            problem(
                "own_edition",
                table=one.table,
                date=one.source.reference_date,
                instead=one.instead,
                source=one.source.id,
            )
            for one in own
        ]
        out = problem("take_out")
        raise StudyError(*error.problems, *told, cure=out) from error


# How the file of a table is called, and its figures.
_TABLES = {
    "rents": (N_("Il file OMI aggiunto"), N_("canoni e prezzi OMI")),
    "population": (N_("Il file dei residenti per età aggiunto"), N_("residenti per età")),
}


def sentences(codes: Sequence[str], day: pd.Timestamp, voice: Voice) -> tuple[str, ...]:
    """Say of each part of Italy that was added how much it covers, here and in all.

    Parameters
    ----------
    codes : sequence of str
        The municipalities of the area.
    day : Timestamp
        Of their codes.
    voice : Voice
        In which language.

    Returns
    -------
    tuple of str
        Nothing where every table is of an edition that covers all Italy.
    """
    return tuple(_said(codes, day, voice))


def left_out(names: Iterable[str], voice: Voice) -> list[str]:
    """Say which municipalities stand in no figure of a day, one a sentence."""
    return [
        voice.say("Senza {name}: nessun elenco ne dice il successore o l'origine.", name=name)
        for name in names
    ]


def _said(codes: Sequence[str], day: pd.Timestamp, voice: Voice) -> Iterator[str]:
    for table, (file, label) in _TABLES.items():
        over = store.parts(table)
        if not over:
            continue
        base = vintage_of(store.source_of(table).reference_date)
        own = panels.editions(table, day)[list(codes)]
        for part in over:
            yield _covering(part, file, own, voice, base, table)
        yield voice.say(
            "Di {label}: le cifre d'Italia e dei territori che il file non copre, i posti in "
            "graduatoria, le classi nazionali, i gruppi e i tipi sono dell'edizione {base}, "
            "l'ultima che copre l'Italia.",
            label=voice.say(label),
            base=base,
        )


def _covering(
    part: Part, file: str, editions: pd.Series, voice: Voice, base: str, table: str
) -> str:
    date = part.source.reference_date
    own, total = int((editions == date).sum()), len(editions)
    said = {"file": voice.say(file), "date": vintage_of(date), "base": base}
    counts = {"places": part.coverage.places, "of": part.coverage.of, "own": own, "total": total}
    said |= {
        name: number(f"{table}_{date}:covered_{name}", count, voice)
        for name, count in counts.items()
    }
    if not own:
        return voice.say(
            "{file} non comprende questo territorio ({date}, {places} comuni su {of}): ne vale "
            "l'edizione {base}.",
            **said,
        )
    if own == total:
        return voice.say(
            "{file} ({date}) comprende {places} comuni su {of} d'Italia, fra questi tutto il "
            "territorio ({own} su {total}): qui valgono le sue cifre.",
            **said,
        )
    return voice.say(
        "{file} ({date}) comprende {places} comuni su {of} d'Italia e {own} dei {total} di questo "
        "territorio: per questi valgono le sue cifre, per gli altri l'edizione {base}.",
        **said,
    )

"""What a notebook shows of a result: first rows with their quality, and what one can do next.

One page of its own each: no script, nothing from the network, every text escaped, under 60 kB whatever
the result holds. Of services and of need it shows what may be told, so that a saved notebook gives
nobody away.
"""

from __future__ import annotations

from importlib import import_module

from needs_analysis.errors import ParameterError, wanted
from needs_analysis.figures import Displayed
from needs_analysis.reports.notebook.tables import Room
from needs_analysis.reports.problems import problem
from needs_analysis.reports.render.notebook import drawn
from needs_analysis.words import ITALIAN, Voice, languages

MOST_BYTES = 60_000
_SIZES = ((8, 8, 100), (6, 6, 40), (4, 4, 15), (2, 2, 5), (1, 1, 1))
"""Rows, columns and steps that are shown: fewer where they are too long."""
_PAGES = {
    "Figures": "data.figures",
    "Series": "data.series",
    "Trace": "data.trace",
    "CompositeResult": "indices.index",
    "UncertaintyResult": "indices.uncertainty",
    "SensitivityResult": "indices.sensitivity",
    "Moran": "indices.moran",
    "LocalPattern": "indices.local",
    "Typology": "indices.typology",
    "Regions": "indices.regions",
    "NeedResult": "offices.need",
    "ToldNeed": "offices.told_need",
    "Estimate": "offices.estimate",
    "Mix": "offices.mix",
    "Told": "offices.told",
}
"""What shows each result, by the name of its class: nothing is imported that is not asked for."""
_spoken = {"voice": ITALIAN}


def speak(language: str) -> None:
    """Show results in a language from now on; Italian until somebody asks.

    Parameters
    ----------
    language : str
        One of ``words.languages()``.

    Raises
    ------
    ParameterError
        There is no such language.
    """
    wanted(language, str)
    if language not in languages():
        raise ParameterError(problem("no_language", found=language, known=languages()))
    _spoken["voice"] = Voice(language)


def html(given: Displayed) -> str:
    """Return what a notebook shows of a result.

    Parameters
    ----------
    given : Displayed
        A panel, an index, a need, a trace: whatever shows itself.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.figures import Figures
    >>> frame = pd.DataFrame({"households": [56209.0]}, index=["108033"])
    >>> "<td" in html(Figures.of(frame, vintage="2021"))
    True
    """
    wanted(given, Displayed)
    classes = (one.__name__ for one in type(given).__mro__)
    module, _, name = next(_PAGES[one] for one in classes if one in _PAGES).partition(".")
    make = getattr(import_module(f"{__name__}.{module}"), name)
    text = ""
    for rows, columns, steps in _SIZES:
        room = Room(rows, columns, steps, _spoken["voice"])
        text = str(drawn(make(given, room), steps, room.voice))
        if len(text.encode()) < MOST_BYTES:
            break
    return text

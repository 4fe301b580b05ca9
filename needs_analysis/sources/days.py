"""The day of an edition as publishers write it: a title, a sheet's or a file's name, a column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from needs_analysis.reading import MONTHS, Cells, at_row, matching
from needs_analysis.sources.problems import problem

_MONTHS = ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic")
_MONTH = "|".join((*MONTHS, "genn", "febbr", "sett", *_MONTHS))
_YEAR = r"(?:19|20)\d{2}"
_SEPARATOR = r"\s?[-_./\s]\s?"
_FORMS = (
    rf"(?P<y>{_YEAR})(?P<s>{_SEPARATOR})(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})",
    rf"(?P<d>\d{{1,2}})(?P<s>{_SEPARATOR})(?P<m>\d{{1,2}})(?P=s)(?P<y>{_YEAR}|\d{{2}})",
    rf"(?P<d>\d{{2}})(?P<m>\d{{2}})(?P<y>{_YEAR})",
    rf"(?P<y>{_YEAR})(?P<m>\d{{2}})(?P<d>\d{{2}})",
    rf"(?P<d>\d{{1,2}})\W{{0,3}}[\s_-](?P<m>{_MONTH})\.?[\s_-](?P<y>{_YEAR})",
)
_SINCE = re.compile(r"\bdal(?:l['’]|\s)?\s*(?:giorno\s)?$", re.IGNORECASE)
_OLDEST = dt.date(1861, 3, 17)


def day_in(*texts: str) -> str:
    """Return the day that the first text with one states, in the forms that publishers use.

    Parameters
    ----------
    *texts : str
        Titles and names, the one that counts most first. A text that states several days states
        none; a day "from" which something runs is not counted.

    Returns
    -------
    str
        "2018-02-17"; "" where no text states one day.

    Examples
    --------
    >>> [day_in(one) for one in ("elenco al 17022018", "Comuni 01-01-2023", "al 31-12-20")]
    ['2018-02-17', '2023-01-01', '2020-12-31']
    >>> day_in("Foglio1", "al 1° gennaio 2023"), day_in("Anno 2023")
    ('2023-01-01', '')
    """
    return next((found.pop() for text in texts if len(found := set(_days(text))) == 1), "")


def one_year(cells: Cells, pattern: str = "[0-9]{4}", kind: str = "several_years") -> str:
    """Return the one year of the column ``year``, "" if there is none; two become a problem."""
    years = matching(cells, "year", pattern, "no_year")
    years = years[years != ""].drop_duplicates()
    if len(years) > 1:
        cells.problems.append(problem(kind, at_row(years.index[1]), years=tuple(years)))
    return str(years.iloc[0]) if len(years) else ""


def _days(text: str) -> Iterator[str]:
    for form in _FORMS:
        for match in re.finditer(rf"(?<!\d){form}(?!\d)", text, re.IGNORECASE):
            if _SINCE.search(text[: match.start()]):
                continue
            if day := _day(match["y"], match["m"], match["d"]):
                yield day


def _day(year: str, month: str, day: str) -> str:
    century = "" if len(year) == 4 else "19" if int(year) >= 70 else "20"
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].casefold()) + 1
    try:
        found = dt.date(int(century + year), number, int(day))
    except ValueError:
        return ""
    return found.isoformat() if found >= _OLDEST else ""


def year_in(*texts: str) -> str:
    """Return the year that the first text with one names; the one after "anno" where there are more.

    Examples
    --------
    >>> year_in("Dati provinciali", "Anno 2023 e variazione sul 2022"), year_in("2019-2024")
    ('2023', '')
    """
    for text in texts:
        for pattern in (rf"(?<!\d){_YEAR}(?!\d)", rf"\banno\W{{1,2}}(?:{_YEAR})(?!\d)"):
            found = {str(one[0])[-4:] for one in re.finditer(pattern, text, re.IGNORECASE)}
            if len(found) == 1:
                return found.pop()
    return ""

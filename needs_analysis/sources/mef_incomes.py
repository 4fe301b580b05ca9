"""Income declarations (IRPEF) by municipality of residence, Ministry of Economy and Finance."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Problem
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row
from needs_analysis.sources.days import one_year
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="mef_incomes",
    publisher="Ministero dell'Economia e delle Finanze - Dipartimento delle Finanze",
    title="Redditi e principali variabili IRPEF su base comunale",
    reference_date="2021",
    licence="CC BY 3.0 IT",
    attribution="MEF - Dipartimento delle Finanze, Statistiche sulle dichiarazioni fiscali",
    retrieval="https://www.finanze.gov.it (Statistiche fiscali, open data comunali)",
)
DELIVERS = Extent(italy=True, places="cadastral_code")

UNKNOWN = "000000"
"""Code of the row "Mancante/errata": taxpayers whose municipality is missing or wrong."""

Bounds = tuple[int | None, int | None]
"""A class of total income: more than the first, up to the second (EUR); None where it is open."""

CLASSES: dict[str, Bounds] = {
    "to_0": (None, 0),
    "0_10k": (0, 10_000),
    "10_15k": (10_000, 15_000),
    "15_26k": (15_000, 26_000),
    "26_55k": (26_000, 55_000),
    "55_75k": (55_000, 75_000),
    "75_120k": (75_000, 120_000),
    "over_120k": (120_000, None),
}
_COUNT = " (?:frequenza|numero)"
_AMOUNT = " ammontare(?: in euro)?"  # the publisher names the unit in some years only
_TEXT: dict[str, str | re.Pattern[str]] = {
    "year": re.compile("anno (?:di |d )?imposta"),
    "cadastral_code": re.compile("codice catastale(?: comune)?"),
    "municipality_code": re.compile("codice istat(?: (?:del )?comune)?"),
    "municipality_name": re.compile("denominazione (?:del )?comune"),
    "province_abbreviation": re.compile("sigla (?:della )?provincia"),
    "region_name": re.compile("(?:denominazione )?regione"),
}
_ALWAYS: dict[str, str | re.Pattern[str]] = {
    "taxpayers": re.compile("numero (?:di )?contribuenti"),
    "taxable_income_declarants": re.compile("reddito imponibile" + _COUNT),
    "taxable_income_eur": re.compile("reddito imponibile" + _AMOUNT),
}
_SOMETIMES: dict[str, re.Pattern[str]] = {
    "net_tax_eur": re.compile("imposta netta" + _AMOUNT),
    # "Bonus" (since 2014) or "trattamento" (since 2020), as the law of the year calls it.
    "allowance_eur": re.compile("trattamento(?: [a-z]+)* spettante" + _AMOUNT),
    "bonus_eur": re.compile("bonus(?: [a-z]+)* spettante" + _AMOUNT),
    "regional_surcharge_eur": re.compile("addizionale regionale(?: dovuta)?" + _AMOUNT),
    "municipal_surcharge_eur": re.compile("addizionale comunale(?: dovuta)?" + _AMOUNT),
    # Only since 2023.
    "total_income_declarants": re.compile("reddito complessivo" + _COUNT),
    "total_income_eur": re.compile("reddito complessivo" + _AMOUNT),
}
_NEWER = ("total_income_declarants", "total_income_eur")
_CLASS = re.compile(
    r"reddito complessivo (?:(?P<low>minore o? ?uguale (?:a )?(?:zero|0))|"
    r"da (?P<from>[0-9]+) a (?P<to>[0-9]+)|(?:oltre|maggiore di) (?P<over>[0-9]+))"
    rf"(?: euro)?(?:(?P<count>{_COUNT})|{_AMOUNT})"
)
# Published and understood, but of no use here: kinds of income, and the counts beside amounts.
_UNREAD = re.compile(
    r"reddito (?:da|di|spettanza) .*|reddito imponibile addizionale .*|codice (?:istat )?regione"
    rf"|(?:imposta netta|addizionale .*|trattamento .*|bonus .*|reddito complessivo.*){_COUNT}"
    r"|codice istat regione|(?:oneri|detrazioni|deduzioni|imposta lorda).*"
)


def recognises(path: Path) -> bool:
    """Return whether the file is a municipal table of income declarations, bare or in its zip."""
    first = reading.opening_unzipped(path, ".csv")
    if b"\0" in first:
        return False
    header = reading.decode(first).split("\n", 1)[0].split(";")
    names = {name for name in _TEXT | _ALWAYS if _position(header, (_TEXT | _ALWAYS)[name])}
    return {"year", "cadastral_code", "taxpayers"} <= names


def read(path: Path) -> pd.DataFrame:
    """Read taxpayers, incomes and taxes of each municipality.

    Parameters
    ----------
    path : Path
        ``Redditi_e_principali_variabili_IRPEF_su_base_comunale_CSV_<year>.csv`` as downloaded, or
        its zip; any tax year since 2012. Columns are found by what they mean: the publisher names
        and orders them differently over the years.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits; `UNKNOWN` for "Mancante/errata"). Text:
        ``cadastral_code``, ``municipality_name``, ``province_abbreviation``. Persons:
        ``taxpayers``, ``taxable_income_declarants`` and ``declarants_*`` by class of total income.
        EUR a year: ``taxable_income_eur``, ``net_tax_eur``, ``allowance_eur`` (bonus or
        trattamento; NaN before 2014), ``regional_surcharge_eur``, ``municipal_surcharge_eur`` and
        ``income_*_eur`` by class; where published (since 2023) ``total_income_declarants`` and
        ``total_income_eur``. NaN where the publisher leaves a blank: suppressed or none, it cannot
        be told. ``attrs["reference_date"]`` is the tax year, ``attrs["lacking_columns"]`` what
        that year does not publish, ``attrs["unknown_columns"]`` the headers not understood.

    Raises
    ------
    SourceError
        If the file is not as published, is by post code, or has other classes of income than
        `CLASSES`; it lists every row that is wrong.
    """
    _, data = reading.unzipped(path, SOURCE, ".csv")
    text = reading.text_of(data, path, SOURCE)
    quoted = '"' in "".join(text.split("\n", 2)[:2])  # in 2012 only
    header = text.split("\n", 1)[0].rstrip("\r").split(";")
    header = [name.strip().strip('"') for name in header]
    found = _found(header, path)
    cells = reading.delimited(text, path, SOURCE, _TEXT | found, delimiter=";", quoted=quoted)
    code = reading.codes(cells, "municipality_code", 6, key=True)
    amounts = _amounts(cells, list(found))
    year = one_year(cells, "20[0-9]{2}", "several_tax_years")
    reading.note_repeated(cells, code, "repeated_code")
    frame = cells.accepted(pd.concat([_labels(cells, code), amounts], axis=1))
    frame = frame.set_index(code[frame.index].rename("municipality_code"))
    frame.attrs["lacking_columns"] = [
        name for name in _SOMETIMES if name not in found and name != "bonus_eur"
    ]
    frame.attrs["unknown_columns"] = _unknown(header, found)
    return reading.dated(frame, year)


def _labels(cells: reading.Cells, code: pd.Series) -> pd.DataFrame:
    names = ["cadastral_code", "municipality_name", "province_abbreviation"]
    labels = cells.text[names].replace("0", "")
    # The row without municipality says so under "Regione".
    labels["municipality_name"] = labels["municipality_name"].where(
        code != UNKNOWN, cells["region_name"]
    )
    return labels


def _found(header: list[str], path: Path) -> dict[str, str | re.Pattern[str]]:
    """Return the wanted quantities that this year publishes, in the order they are returned."""
    if any(reading.plain(name) == "cap" for name in header):
        found = problem("by_post_code", at_row(1))
        cure = problem("take_by_place")
        raise reading.failure(path, SOURCE, [found], cure, reading.OtherTableError)
    sometimes: dict[str, str | re.Pattern[str]] = {
        name: pattern for name, pattern in _SOMETIMES.items() if _position(header, pattern)
    }
    newer = {name: sometimes.pop(name) for name in _NEWER if name in sometimes}
    return _ALWAYS | sometimes | _classes(header, path) | newer


def _classes(header: list[str], path: Path) -> dict[str, str | re.Pattern[str]]:
    """Return the columns of the classes of income, whose bounds stand in the headers."""
    columns: dict[tuple[str, Bounds], str] = {}
    for name in header:
        if match := _CLASS.fullmatch(_ungrouped(name)):
            columns["declarants" if match["count"] else "income", _bounds(match)] = name
    expected = set(CLASSES.values())
    others = {bounds for _, bounds in columns} - expected
    if others:
        listed = tuple(map(_said, sorted(others, key=lambda one: one[0] or -1)))
        found = problem("other_classes", at_row(1), classes=listed)
        cure = problem("eight_classes", classes=tuple(map(_said, CLASSES.values())))
        raise reading.failure(path, SOURCE, [found], cure)
    wanted = {
        **{f"declarants_{name}": ("declarants", bounds) for name, bounds in CLASSES.items()},
        **{f"income_{name}_eur": ("income", bounds) for name, bounds in CLASSES.items()},
    }
    return {name: columns.get(key, _lacking(*key)) for name, key in wanted.items()}


def _ungrouped(name: str) -> str:
    """Return a plain header whose amounts have no thousands point ("10.000" as "10000")."""
    return re.sub(r"(?<=[0-9]) (?=[0-9]{3}\b)", "", reading.plain(name))


def _bounds(match: re.Match[str]) -> Bounds:
    if match["low"]:
        return None, 0
    if match["over"]:
        return int(match["over"][:12]), None
    return int(match["from"][:12]), int(match["to"][:12])


def _said(bounds: Bounds) -> Problem:
    low, high = bounds
    if low is None:
        return problem("class_to_zero")
    if high is None:
        return problem("class_over", low=low)
    return problem("class_between", low=low, high=high)


def _lacking(kind: str, bounds: Bounds) -> str:
    """Return the header of a class as the publisher writes it, for the message that it lacks."""
    low, high = bounds
    words = "minore o uguale a zero" if low is None else str(_said(bounds))  # as it does
    what = "Frequenza" if kind == "declarants" else "Ammontare in euro"
    return f"Reddito complessivo {words} euro - {what}"


def _position(header: list[str], published: str | re.Pattern[str]) -> bool:
    pattern = published if isinstance(published, re.Pattern) else re.compile(published)
    return any(pattern.fullmatch(reading.plain(name)) for name in header)


def _unknown(header: list[str], found: dict[str, str | re.Pattern[str]]) -> list[str]:
    """Return the headers that are neither read nor known to be of no use."""
    known = [one for one in (_TEXT | found).values() if isinstance(one, re.Pattern)]
    return [
        name
        for name in header
        if name
        and not _CLASS.fullmatch(_ungrouped(name))
        and not any(one.fullmatch(reading.plain(name)) for one in [*known, _UNREAD])
    ]


def _amounts(cells: reading.Cells, names: list[str]) -> pd.DataFrame:
    """Return the quantities; a bonus and a trattamento of one year (2020) are one allowance."""
    text = cells.text.copy()
    grouped = text[names].apply(lambda one: one.str.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{3})+"))
    long = text[names].apply(lambda one: one.str.fullmatch(r"-?[0-9]{4,}"))
    # Points are thousands only if no number of four digits is written without them.
    if grouped.to_numpy().any() and not long.to_numpy().any():
        text[names] = text[names].replace(r"\.", "", regex=True)
    amounts = reading.numbers(cells.having(text), names)
    both = [name for name in ("allowance_eur", "bonus_eur") if name in names]
    allowance = amounts[both].sum(axis=1, min_count=1) if both else np.nan
    amounts = amounts.assign(allowance_eur=allowance).drop(columns="bonus_eur", errors="ignore")
    newer = [name for name in _NEWER if name in names]
    classes = [f"declarants_{name}" for name in CLASSES]
    classes += [f"income_{name}_eur" for name in CLASSES]
    taxes = [name for name in _SOMETIMES if name not in (*_NEWER, "bonus_eur")]
    return amounts.reindex(columns=[*_ALWAYS, *taxes, *classes, *newer])

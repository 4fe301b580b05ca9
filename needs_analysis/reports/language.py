"""Labels and number formats, Italian first: the only place where a share becomes a per cent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from needs_analysis.figures import Quality

# Before a number that is read with a vowel first (8, 80, 11): the marks of a trace may stand between.
_ELISION = re.compile(
    r"\b([Ii]l|[Dd]el|[Aa]l|[Dd]al|[Nn]el|[Ss]ul) (\ue000[^\ue001]*\ue001)?(?=(?:8\d*|11)(?!\d))"
)


def elided(text: str) -> str:
    """Elide Italian articles before numbers that begin with a vowel when read.

    Examples
    --------
    >>> elided("il 8,5 % e il 11,6 % del 83 %, il 18 % e il 110 %")
    "l'8,5 % e l'11,6 % dell'83 %, il 18 % e il 110 %"
    """
    short = {
        "il": "l'",
        "del": "dell'",
        "al": "all'",
        "dal": "dall'",
        "nel": "nell'",
        "sul": "sull'",
    }

    def join(found: re.Match[str]) -> str:
        word = short[found[1].lower()]
        return (word.capitalize() if found[1][0].isupper() else word) + (found[2] or "")

    return _ELISION.sub(join, text)


@dataclass(frozen=True)
class Display:
    """How values of a unit are printed: multiplied by `scale`, with `decimals` and a unit."""

    scale: float
    decimals: int
    unit_it: str
    unit_en: str

    def unit(self, lang: str) -> str:
        """Return the printed unit in Italian ("it") or English ("en")."""
        return self.unit_it if lang == "it" else self.unit_en


_BY_UNIT = {
    "share": Display(100, 1, "%", "%"),
    "ratio": Display(1, 2, "", ""),
    "eur": Display(1, 0, "€", "€"),
    "eur_m2": Display(1, 0, "€/m²", "€/m²"),
    "eur_m2_month": Display(1, 2, "€/m² al mese", "€/m² a month"),
    "m2": Display(1, 0, "m²", "m²"),
    "per_1000": Display(1, 2, "per 1.000", "per 1,000"),
    "per_100": Display(1, 0, "per 100", "per 100"),
    "per_km2": Display(1, 0, "per km²", "per km²"),
    "years": Display(1, 1, "anni", "years"),
    "days": Display(1, 0, "giorni", "days"),
    "score": Display(1, 1, "punti", "points"),
    "code": Display(1, 0, "", ""),
    "count": Display(1, 0, "", ""),
}
# A ratio of two amounts of money reads better as a per cent; the name keeps the field's term.
_BY_NAME = {"rent_to_income_ratio": Display(100, 1, "%", "%")}

QUALITY_LABELS = {
    Quality.OBSERVED: {"it": "osservato", "en": "observed"},
    Quality.ALLOCATED: {"it": "ripartito dalla provincia", "en": "allocated from the province"},
    Quality.MODELLED: {"it": "stimato", "en": "modelled"},
    Quality.IMPUTED: {"it": "imputato", "en": "imputed"},
    Quality.SUPPRESSED: {"it": "oscurato dalla fonte", "en": "withheld by the source"},
    Quality.MISSING: {"it": "dato mancante", "en": "missing"},
}

# One letter marks a printed value that nobody counted; the legend below it says the word in full.
QUALITY_MARKS = {
    Quality.ALLOCATED: {"it": "r", "en": "a"},
    Quality.MODELLED: {"it": "s", "en": "m"},
    Quality.IMPUTED: {"it": "i", "en": "i"},
    Quality.SUPPRESSED: {"it": "o", "en": "w"},
}
MISSING_TEXT = {"it": "n.d.", "en": "n/a"}

COMPONENT_LABELS = {
    "affordability": {"it": "Canoni, prezzi e redditi", "en": "Affordability"},
    "adequacy": {"it": "Adeguatezza", "en": "Adequacy"},
    "security": {"it": "Sicurezza del titolo", "en": "Security of tenure"},
    "supply": {"it": "Offerta", "en": "Supply"},
    "vulnerability": {"it": "Fragilità", "en": "Vulnerability"},
    "pressure": {"it": "Pressione del mercato", "en": "Market pressure"},
    "demography": {"it": "Popolazione e contesto", "en": "Population and context"},
}


def display(name: str, unit: str) -> Display:
    """Return how the values of a variable are printed.

    Examples
    --------
    >>> display("low_income_share", "share").unit_it
    '%'
    """
    return _BY_NAME.get(name) or _BY_UNIT[unit]


@cache
def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def number(value: float, lang: str = "it", decimals: int = 0) -> str:
    """Print a number with the language's separators.

    Examples
    --------
    >>> number(1234.5, "it", 1), number(1234.5, "en", 1), number(float("nan"))
    ('1.234,5', '1,234.5', 'n.d.')
    """
    from babel.numbers import format_decimal

    if value is None or math.isnan(value):
        return MISSING_TEXT[lang]
    return format_decimal(value, format=_pattern(decimals), locale=lang)


def printed(value: float, name: str, unit: str, lang: str = "it") -> str:
    """Print a value with its unit, as it stands in a sentence or a cell of a page.

    Examples
    --------
    >>> printed(0.209, "rent_to_income_ratio", "ratio")
    '20,9 %'
    """
    shown = display(name, unit)
    text = number(value * shown.scale, lang, shown.decimals)
    if not shown.unit(lang) or math.isnan(value):
        return text
    return f"{text} {shown.unit(lang)}"


URBANISATION_LABELS = {
    "it": {"1": "città", "2": "piccole città e sobborghi", "3": "zone rurali"},
    "en": {"1": "cities", "2": "towns and suburbs", "3": "rural areas"},
}

_AREA_LABELS = {
    "it": {
        "comune": "Comune di {}",
        "ambito": "Ambito di {}",
        "provincia": "Provincia di {}",
        "città metropolitana": "Città metropolitana di {}",
        "regione": "{}",
        "italia": "Italia",
        "elenco": "Elenco di {}",
    },
    "en": {
        "comune": "Municipality of {}",
        "ambito": "Ambito of {}",
        "provincia": "Province of {}",
        "città metropolitana": "Metropolitan city of {}",
        "regione": "{}",
        "italia": "Italy",
        "elenco": "List of {}",
    },
}


def area_label(level: str, name: str, lang: str = "it") -> str:
    """Name an area as it is printed; `level` is one of `territory.Area`, or "città metropolitana".

    Examples
    --------
    >>> area_label("ambito", "Carate Brianza"), area_label("comune", "Rho", "en")
    ('Ambito di Carate Brianza', 'Municipality of Rho')
    """
    return _AREA_LABELS[lang][level].format(name.split("/")[0] if level != "comune" else name)


_OPERATIONS_IT = {
    "as published": "come pubblicato",
    "sum": "somma",
    "lowest": "minimo",
    "highest": "massimo",
    "ratio": "rapporto",
    "product": "prodotto",
    "sum of parts": "somma delle quote",
    "share of a total": "quota del totale in proporzione alle famiglie",
    "mean weighted by households": "media pesata con le famiglie",
    "mean weighted by residents of 2011": "media pesata con i residenti del 2011",
    "mean weighted by residents of zones": "media pesata con i residenti delle zone",
    "midpoint": "punto medio",
    "net of taxes and surcharges": "al netto di imposte e addizionali",
}


_MONTHS = {
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "en": "January February March April May June July August September October November December",
}


def day_label(day: date, lang: str = "it") -> str:
    """Write a day in words.

    Examples
    --------
    >>> day_label(date(2022, 1, 1)), day_label(date(2026, 9, 2), "en")
    ('1° gennaio 2022', '2 September 2026')
    """
    number = "1°" if day.day == 1 and lang == "it" else str(day.day)
    return f"{number} {_MONTHS[lang].split()[day.month - 1]} {day.year}"


def operation_label(operation: str, lang: str = "it") -> str:
    """Name a step of a trace; what has no Italian name keeps its own.

    Examples
    --------
    >>> operation_label("lowest"), operation_label("sum", "en")
    ('minimo', 'sum')
    """
    return _OPERATIONS_IT.get(operation, operation) if lang == "it" else operation

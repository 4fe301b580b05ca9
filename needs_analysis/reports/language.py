"""Labels and number formats, Italian first: the only place where a share becomes a per cent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from needs_analysis.figures import Quality

# Before a number that is read with a vowel first (8, 80, 11, 1) or as "zero": the marks of a trace
# may stand between. 1° is "primo", 1.000 "mille".
_ELISION = re.compile(
    r"\b([Ii]l|[Dd]el|[Aa]l|[Dd]al|[Nn]el|[Ss]ul) (\ue000[^\ue001]*\ue001)?"
    r"(?=(8\d*(?!\d)|11(?!\d)|1(?![\d.°]))|0(?!\d))"
)


def elided(text: str) -> str:
    """Give numbers that begin with a vowel or a z when read the Italian article they take.

    Examples
    --------
    >>> elided("il 8,5 % e il 11,6 % del 83 %, il 18 % e il 110 %")
    "l'8,5 % e l'11,6 % dell'83 %, il 18 % e il 110 %"
    >>> elided("il 1 % e il 0,5 % del 0,2 %, il 1° gennaio")
    "l'1 % e lo 0,5 % dello 0,2 %, il 1° gennaio"
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
        elision = short[found[1].lower()]
        word = elision if found[3] else f"{elision[:-1]}o "
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
    "eur_cents": Display(1, 2, "€", "€"),  # of an account, to the cent
    "eur_m2": Display(1, 0, "€/m²", "€/m²"),
    "eur_m2_month": Display(1, 2, "€/m² al mese", "€/m² a month"),
    "m2": Display(1, 0, "m²", "m²"),
    "per_1000": Display(1, 2, "per 1.000", "per 1,000"),
    "per_100": Display(1, 0, "per 100", "per 100"),
    "per_km2": Display(1, 0, "per km²", "per km²"),
    "years": Display(1, 1, "anni", "years"),
    "days": Display(1, 0, "giorni", "days"),
    "half_days": Display(1, 1, "giorni", "days"),
    "hours": Display(1, 1, "ore", "hours"),
    "score": Display(1, 1, "punti", "points"),
    "fine_score": Display(1, 3, "punti", "points"),  # of an index on a scale of a few points
    "points": Display(1, 2, "punti", "points"),
    "p": Display(1, 3, "", ""),
    "p_value": Display(1, 3, "valore p", "p-value"),
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
    Quality.SUPPRESSED: {"it": "oscurato per riservatezza", "en": "withheld for confidentiality"},
    Quality.MISSING: {"it": "dato mancante", "en": "missing"},
}

# One letter marks a printed value that nobody counted; the legend below it says the word in full.
QUALITY_MARKS = {
    Quality.ALLOCATED: {"it": "r", "en": "a"},
    Quality.MODELLED: {"it": "s", "en": "m"},
    Quality.IMPUTED: {"it": "i", "en": "i"},
}
MISSING_TEXT = {"it": "n.d.", "en": "n/a"}
HIDDEN_TEXT = {"it": "oscurato", "en": "withheld"}

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
    """Print a number with the language's separators; a half goes away from zero, as in Excel.

    Examples
    --------
    >>> number(1234.5, "it", 1), number(1234.5, "en", 1), number(float("nan"))
    ('1.234,5', '1,234.5', 'n.d.')
    >>> number(266.5), number(5.5), number(100 * 0.285, "it"), number(-0.2)
    ('267', '6', '29', '0')
    """
    from babel.numbers import format_decimal

    if value is None or math.isnan(value):
        return MISSING_TEXT[lang]
    amount: float | Decimal = value
    if math.isfinite(value):
        # Fifteen digits are those Excel has: 28.499999999999996 is a half that scaling spoilt.
        text = Decimal(f"{value:.15g}")
        amount = text.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        amount = amount or Decimal(0)  # no "-0"
    return format_decimal(amount, format=_pattern(decimals), locale=lang)


_ISO = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?")


def iso_day(text: str) -> tuple[date, bool] | None:
    """Read a day or a month as it is written in our tables: its first day, and whether it is a day.

    Examples
    --------
    >>> iso_day("2025-12-31"), iso_day("2025-06"), iso_day("2025")
    ((datetime.date(2025, 12, 31), True), (datetime.date(2025, 6, 1), False), None)
    """
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day = found.groups()
    return date(int(year), int(month), int(day or 1)), day is not None


def short_date(text: str, lang: str = "it") -> str:
    """Print a day or a month of a table in the language's short form; other text stays.

    Examples
    --------
    >>> short_date("2025-12-31"), short_date("2025-06"), short_date("2025-06", "en")
    ('31/12/2025', '06/2025', '2025-06')
    """
    found = iso_day(text)
    if not found or lang != "it":
        return text
    return found[0].strftime("%d/%m/%Y" if found[1] else "%m/%Y")


def with_short_dates(text: str, lang: str = "it") -> str:
    """Print the days inside a text, such as a source's reference date, in the short form.

    Examples
    --------
    >>> with_short_dates("Basi territoriali (2021-12-31)")
    'Basi territoriali (31/12/2021)'
    """
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: short_date(found[0], lang), text)


def unit_beside(label: str, shown: Display | None, lang: str) -> str:
    """Return the unit printed with a label; nothing where the label already says it.

    Examples
    --------
    >>> unit_beside("Sfratti eseguiti per 1.000 famiglie", _BY_UNIT["per_1000"], "it")
    ''
    >>> unit_beside("Letti turistici su residenti", _BY_UNIT["per_1000"], "it")
    'per 1.000'
    """
    unit = shown.unit(lang) if shown else ""
    # "+30 %" in a label is no unit: the per cent sign belongs to every figure.
    said = unit != "%" and f"{unit} " in f"{label.casefold()} "
    return "" if said else unit


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


# The methods of an index, stage by stage, as they stand in a sentence.
METHOD_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "screen": {
        "availability": (
            "solo comuni con abbastanza dati",
            "municipalities with enough values only",
        ),
    },
    "impute": {
        "mean": (
            "dati mancanti sostituiti con la media",
            "missing values replaced by the mean",
        ),
        "median": (
            "dati mancanti sostituiti con la mediana",
            "missing values replaced by the median",
        ),
        "group_mean": (
            "dati mancanti sostituiti con la media del gruppo",
            "missing values replaced by their group's mean",
        ),
        "group_median": (
            "dati mancanti sostituiti con la mediana del gruppo",
            "missing values replaced by their group's median",
        ),
        "nearest": (
            "dati mancanti stimati dai comuni più simili",
            "missing values estimated from the most similar municipalities",
        ),
        "em": (
            "dati mancanti stimati dagli altri indicatori",
            "missing values estimated from the other indicators",
        ),
    },
    "treat": {
        "winsorise": ("logaritmo dei valori molto asimmetrici", "logarithm of very skewed values"),
    },
    "normalise": {
        "minmax": ("scala dal minimo al massimo", "scale from lowest to highest"),
        "zscore": ("punteggi standardizzati", "standard scores"),
        "percentile_rank": ("posti percentili", "percentile ranks"),
        "rank": ("posti in graduatoria", "ranks"),
        "borda": ("punti di Borda", "Borda points"),
        "distance": ("distanza dal valore di riferimento", "distance to the reference value"),
        "goalposts": ("scala fra estremi dichiarati", "scale between declared goalposts"),
        "ampi": ("scala AMPI", "AMPI scale"),
    },
    "weight": {
        "given": ("pesi dichiarati", "declared weights"),
        "equal": ("pesi uguali", "equal weights"),
        "pca": ("pesi dalle componenti principali", "weights from principal components"),
        "entropy": ("pesi dall'entropia dei dati", "weights from the entropy of the data"),
        "critic": (
            "pesi da varianza e correlazioni (CRITIC)",
            "weights from variance and correlations (CRITIC)",
        ),
    },
    "aggregate": {
        "arithmetic": ("media aritmetica", "arithmetic mean"),
        "geometric": ("media geometrica", "geometric mean"),
        "harmonic": ("media armonica", "harmonic mean"),
        "ampi": ("AMPI", "AMPI"),
        "copeland": (
            "confronti a coppie (Copeland)",
            "pairwise comparisons (Copeland)",
        ),
        "kemeny": ("graduatoria mediana (Kemeny)", "median ranking (Kemeny)"),
        "benefit_of_doubt": (
            "pesi più favorevoli a ogni comune (benefit of the doubt)",
            "the weights most favourable to each municipality (benefit of the doubt)",
        ),
    },
}


def method_label(stage: str, name: str, lang: str = "it") -> str:
    """Name a method of an index; a function of one's own keeps its name.

    Examples
    --------
    >>> method_label("aggregate", "geometric"), method_label("treat", "own")
    ('media geometrica', 'own')
    """
    return METHOD_WORDS[stage].get(name, (name, name))[lang != "it"]


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

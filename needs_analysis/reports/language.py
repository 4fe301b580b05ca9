"""Labels and number formats, Italian first: the only place where a share becomes a per cent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Display:
    """How values of a unit are printed: multiplied by `scale`, with `decimals` and a unit."""

    scale: float
    decimals: int
    unit: str = ""


_BY_UNIT = {
    "share": Display(100, 1, "%"),
    "whole_share": Display(100, 0, "%"),  # of a rule: a law says "20 per cento"
    "ratio": Display(1, 2),
    "tenths": Display(1, 1),
    "eur": Display(1, 0, "€"),
    "eur_cents": Display(1, 2, "€"),  # of an account, to the cent
    "eur_m2": Display(1, 0, "€/m²"),
    "eur_m2_month": Display(1, 2, N_("€/m² al mese")),
    "m2": Display(1, 0, "m²"),
    "per_1000": Display(1, 2, N_("per 1.000")),
    "per_100": Display(1, 0, N_("per 100")),
    "per_km2": Display(1, 0, N_("per km²")),
    "years": Display(1, 1, N_("anni")),
    "months": Display(1, 0, N_("mesi")),
    "days": Display(1, 0, N_("giorni")),
    "half_days": Display(1, 1, N_("giorni")),
    "hours": Display(1, 1, N_("ore")),
    "score": Display(1, 1, N_("punti")),
    "fine_score": Display(1, 3, N_("punti")),  # of an index on a scale of a few points
    "points": Display(1, 2, N_("punti")),
    "p": Display(1, 3),
    "p_value": Display(1, 3, N_("valore p")),
    "code": Display(1, 0),
    "count": Display(1, 0),
}
# A ratio of two amounts of money reads better as a per cent; the name keeps the field's term.
_BY_NAME = {
    "rent_to_income_ratio": Display(100, 1, "%"),
    # From none to six beds a resident.
    "accommodation_beds_per_1000": Display(1, 1, N_("per 1.000")),
    # A model's: no digit that its interval does not hold.
    "overburdened_tenants_per_1000": Display(1, 0, N_("per 1.000")),
    "overburdened_tenants_of_model_per_1000": Display(1, 0, N_("per 1.000")),
    "overburdened_tenants_share": Display(100, 0, "%"),
}

QUALITY_LABELS = {
    Quality.OBSERVED: N_("osservato"),
    Quality.ALLOCATED: N_("ripartito dalla provincia"),
    Quality.MODELLED: N_("stimato"),
    Quality.IMPUTED: N_("imputato"),
    Quality.SUPPRESSED: N_("oscurato per riservatezza"),
    Quality.MISSING: N_("dato mancante"),
}


def quality_words(voice: Voice) -> dict[int, str]:
    """Return the printed name of each quality.

    Examples
    --------
    >>> quality_words(ITALIAN)[2]
    'stimato'
    """
    return {int(quality): voice.say(label) for quality, label in QUALITY_LABELS.items()}


# One letter marks a printed value that nobody counted; the legend below it says the word in full.
QUALITY_MARKS = {Quality.ALLOCATED: N_("r"), Quality.MODELLED: N_("s"), Quality.IMPUTED: N_("i")}
MISSING_TEXT = N_("n.d.")
HIDDEN_TEXT = N_("oscurato")

COMPONENT_LABELS = {
    "affordability": N_("Canoni, prezzi e redditi"),
    "adequacy": N_("Adeguatezza"),
    "security": N_("Sicurezza del titolo"),
    "supply": N_("Offerta"),
    "vulnerability": N_("Fragilità"),
    "pressure": N_("Pressione del mercato"),
    "demography": N_("Popolazione e contesto"),
}


def display(name: str, unit: str) -> Display:
    """Return how the values of a variable are printed.

    Examples
    --------
    >>> display("low_income_share", "share").unit
    '%'
    """
    return _BY_NAME.get(name) or _BY_UNIT[unit]


def own_unit(name: str, values: pd.Series) -> str:
    """Return how a column of one's own is printed: by its name, else by what tells its values apart.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = [3.0, 120.0], [120.5], [2.5, 3.0], [0.12, 0.47]
    >>> [own_unit("punti", pd.Series(one)) for one in columns], own_unit("a_share", pd.Series([1.0]))
    (['count', 'tenths', 'ratio', 'p'], 'share')
    """
    said, known = unit_of(name), values.dropna()
    if said != "count":
        return said
    if (known == known.round()).all():
        return "count"
    most = float(known.abs().max())
    return "tenths" if most >= 100 else "ratio" if most >= 1 else "p"


def unit_beside(label: str, shown: Display | None, voice: Voice) -> str:
    """Return the unit printed with a label; nothing where the label already says it.

    Examples
    --------
    >>> unit_beside("Sfratti eseguiti per 1.000 famiglie", _BY_UNIT["per_1000"], ITALIAN)
    ''
    >>> unit_beside("Letti turistici su residenti", _BY_UNIT["per_1000"], ITALIAN)
    'per 1.000'
    """
    unit = voice.say(shown.unit) if shown else ""
    # "+30 %" in a label is no unit: the per cent sign belongs to every figure.
    said = unit != "%" and f"{unit} " in f"{label.casefold()} "
    return "" if said else unit


def printed(value: float, name: str, unit: str, voice: Voice = ITALIAN) -> str:
    """Print a value with its unit, as it stands in a sentence or a cell of a page.

    Examples
    --------
    >>> printed(0.209, "rent_to_income_ratio", "ratio")
    '20,9 %'
    """
    shown = display(name, unit)
    text = voice.number(value * shown.scale, shown.decimals)
    if not shown.unit or math.isnan(value):
        return text
    return f"{text} {voice.say(shown.unit)}"


URBANISATION_LABELS = {
    "1": N_("città"),
    "2": N_("piccole città e sobborghi"),
    "3": N_("zone rurali"),
}

_AREA_LABELS = {
    "comune": N_("Comune {of_name}"),
    "ambito": N_("Ambito {of_name}"),
    "provincia": N_("Provincia {of_name}"),
    "città metropolitana": N_("Città metropolitana {of_name}"),
    "regione": "{name}",
    "italia": N_("Italia"),
    "elenco": N_("Elenco di {name}"),
    "territorio": "{name}",
}


def area_label(level: str, name: str, voice: Voice = ITALIAN) -> str:
    """Name an area as it is printed; `level` is one of `territory.Area`, or "città metropolitana".

    A "territorio" is a list of municipalities that a study names.

    Examples
    --------
    >>> area_label("ambito", "Carate Brianza"), area_label("comune", "Rho", Voice("en"))
    ('Ambito di Carate Brianza', 'Municipality of Rho')
    """
    short = name if level in ("comune", "territorio") else name.split("/")[0]
    return voice.say(_AREA_LABELS[level], name=short, of_name=of_name(short, voice))


def inside(level: str, name: str, voice: Voice = ITALIAN) -> str:
    """Return the words for "in" an area, as they stand in a sentence: with its article where it has one.

    Examples
    --------
    >>> [inside("regione", name) for name in ("Lombardia", "Marche", "Lazio")]
    ['in Lombardia', 'nelle Marche', 'nel Lazio']
    >>> inside("provincia", "L'Aquila"), inside("provincia", "Monza e della Brianza", Voice("en"))
    ("in provincia dell'Aquila", 'in the province of Monza e della Brianza')
    """
    short = name.split("/")[0]
    words = _INSIDE_REGIONS.get(short, _INSIDE[level]) if level == "regione" else _INSIDE[level]
    return voice.say(words, name=short, of_name=of_name(short, voice))


_INSIDE = {
    "provincia": N_("in provincia {of_name}"),
    "città metropolitana": N_("nella città metropolitana {of_name}"),
    "regione": N_("in {name}"),
    "italia": N_("in Italia"),
}
_INSIDE_REGIONS = {
    "Lazio": N_("nel {name}"),
    "Molise": N_("nel {name}"),
    "Marche": N_("nelle {name}"),
}


def of_name(name: str, voice: Voice = ITALIAN) -> str:
    """Return the words for "of" a name of a municipality or a province, with the article of the name.

    Examples
    --------
    >>> [of_name(one) for one in ("La Maddalena", "L'Aquila", "La Spezia", "Verbano-Cusio-Ossola")]
    ['di La Maddalena', "dell'Aquila", 'della Spezia', 'del Verbano-Cusio-Ossola']
    >>> of_name("L'Aquila", Voice("en"))
    "of L'Aquila"
    """
    if name in _MASCULINE or name.startswith("Sud Sardegna"):
        return voice.say("del {name}", name=name)
    words, bare = _WITH_ARTICLE.get(name, (N_("di {name}"), name))
    return voice.say(words, name=bare)


# Two chief towns and their provinces; «Comune di La Maddalena» keeps its own.
_WITH_ARTICLE = {
    "L'Aquila": (N_("dell'{name}"), "Aquila"),
    "La Spezia": (N_("della {name}"), "Spezia"),
}
_MASCULINE = ("Verbano-Cusio-Ossola", "Medio Campidano", "Sulcis Iglesiente")


# The methods of an index, stage by stage, as they stand in a sentence.
METHOD_WORDS: dict[str, dict[str, str]] = {
    "screen": {"availability": N_("solo comuni con abbastanza dati")},
    "impute": {
        "mean": N_("dati mancanti sostituiti con la media"),
        "median": N_("dati mancanti sostituiti con la mediana"),
        "group_mean": N_("dati mancanti sostituiti con la media del gruppo"),
        "group_median": N_("dati mancanti sostituiti con la mediana del gruppo"),
        "nearest": N_("dati mancanti stimati dai comuni più simili"),
        "em": N_("dati mancanti stimati dagli altri indicatori"),
    },
    "treat": {"winsorise": N_("logaritmo dei valori molto asimmetrici")},
    "normalise": {
        "minmax": N_("scala dal minimo al massimo"),
        "zscore": N_("punteggi standardizzati"),
        "percentile_rank": N_("posti percentili"),
        "rank": N_("posti in graduatoria"),
        "borda": N_("punti di Borda"),
        "distance": N_("distanza dal valore di riferimento"),
        "goalposts": N_("scala fra estremi dichiarati"),
        "ampi": N_("scala AMPI"),
    },
    "weight": {
        "given": N_("pesi dichiarati"),
        "equal": N_("pesi uguali"),
        "pca": N_("pesi dalle componenti principali"),
        "entropy": N_("pesi dall'entropia dei dati"),
        "critic": N_("pesi da varianza e correlazioni (CRITIC)"),
    },
    "aggregate": {
        "arithmetic": N_("media aritmetica"),
        "geometric": N_("media geometrica"),
        "harmonic": N_("media armonica"),
        "ampi": N_("AMPI"),
        "copeland": N_("confronti a coppie (Copeland)"),
        "kemeny": N_("graduatoria mediana (Kemeny)"),
        "benefit_of_doubt": N_("pesi più favorevoli a ogni comune (benefit of the doubt)"),
    },
}


def method_label(stage: str, name: str, voice: Voice = ITALIAN) -> str:
    """Name a method of an index; a function of one's own keeps its name.

    Examples
    --------
    >>> method_label("aggregate", "geometric"), method_label("treat", "own")
    ('media geometrica', 'own')
    """
    words = METHOD_WORDS[stage]
    return voice.say(words[name]) if name in words else name


_OPERATIONS = {
    "as published": N_("come pubblicato"),
    "sum": N_("somma"),
    "lowest": N_("minimo"),
    "highest": N_("massimo"),
    "ratio": N_("rapporto"),
    "product": N_("prodotto"),
    "sum of parts": N_("somma delle quote"),
    "share of a total": N_("quota del totale in proporzione alle famiglie"),
    "mean weighted by households": N_("media pesata con le famiglie"),
    "mean weighted by residents of 2011": N_("media pesata con i residenti del 2011"),
    "mean weighted by residents of zones": N_("media pesata con i residenti delle zone"),
    "midpoint": N_("punto medio"),
    "household model": N_("modello delle famiglie in affitto"),
    "net of taxes and surcharges": N_("al netto di imposte e addizionali"),
}


def operation_label(operation: str, voice: Voice = ITALIAN) -> str:
    """Name a step of a trace; what has no Italian name keeps its own.

    Examples
    --------
    >>> operation_label("lowest"), operation_label("sum", Voice("en"))
    ('minimo', 'sum')
    """
    return voice.say(_OPERATIONS[operation]) if operation in _OPERATIONS else operation

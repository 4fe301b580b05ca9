"""What may be wrong with an index: its declaration, its data, and the questions put to it."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real

import pandas as pd

from needs_analysis.errors import Messages, Problem, Refused, wanted
from needs_analysis.parameters import COUNT, POSITIVE, SEEDS, SHARE, Range
from needs_analysis.words import N_, NN_


class CompositeError(Refused):
    """An index that cannot be as it is declared, or computed on these data."""


problem = Messages(
    "composite",
    {
        # the declaration
        "no_element": N_("{found} non è un {kind}"),
        "twice": N_("{name} compare due volte"),
        "no_indicator": N_("manca un indicatore (indicators)"),
        "name_end": N_("il nome «{name}» non finisce in _score"),
        "no_parent": N_("{name}: la componente «{parent}» (parent) non c'è"),
        "empty_component": N_("{name} non ha indicatori"),
        "under_itself": N_("{name} sta sotto se stessa"),
        "weight": N_("{name}: il peso {weight} non è un numero da 0 in su"),
        "weights_zero": N_("i pesi sotto {name} sommano a 0"),
        "weights_no_shares": N_(
            "i pesi sotto {name} sono quote e sommano a {total}, non a 1: {parts}. Scrivere {shares}; "
            "oppure in punti, che contano in proporzione: {points}"
        ),
        "no_polarity": N_("{name} non ha verso (polarity, +1 o -1)"),
        "no_such_indicator": N_("{name} non è un indicatore (l'elenco: needs-analysis codebook)"),
        "transform": N_("{name}: la trasformazione «{found}» non è fra {known}"),
        "no_goalposts": N_("{name} non ha estremi (goalposts)"),
        "goalposts_order": N_(
            "{name}: gli estremi (goalposts) {found} non vanno dal minore al maggiore"
        ),
        "no_reference": N_(
            "{name} non ha un riferimento (reference) diverso da 0, con cui confrontare"
        ),
        "not_finite_reference": N_(
            "{name}: il riferimento (reference) {found} non è un numero finito"
        ),
        "reference_some": N_(
            "alcuni indicatori hanno un riferimento (reference) e altri no: {names}"
        ),
        "no_scale_to_turn": N_(
            "{name}: il verso -1 (polarity) vuole una scala da rovesciare, non normalise none"
        ),
        "no_such_part": N_("l'indice {index} non ha {names}"),
        # a method and its options
        "no_method": N_("{stage}: il metodo «{method}» non c'è (ci sono {known})"),
        "no_option": N_("{stage}: {method} non ha l'opzione «{option}» (ha {known})"),
        "no_options": N_("{stage}: {method} non ha opzioni, neanche «{option}»"),
        "no_number": N_("{stage}: l'opzione {option} di {method}, «{found}», non è un numero"),
        "no_whole": N_(
            "{stage}: l'opzione {option} di {method}, «{found}», non è un numero intero"
        ),
        "no_text": N_("{stage}: l'opzione {option} di {method}, «{found}», non è un testo"),
        "no_truth": N_("{stage}: l'opzione {option} di {method}, «{found}», non è true né false"),
        "no_shares": N_(
            "{stage}: l'opzione {option} di {method}, «{found}», non è un numero, né una tabella di "
            "numeri"
        ),
        "out_of_range": N_("{stage}: in {method} {what}"),
        "scale_turned": N_(
            "low è {low} e high è {high}: low deve essere il minore, o la scala rovescia l'indice. "
            "Scrivere low = {high} e high = {low}; il verso di un indicatore si dice con polarity"
        ),
        "scale_flat": N_("low e high sono tutti e due {low}: high deve essere maggiore"),
        "no_group": N_("{stage}: {method} vuole group, la colonna dei gruppi"),
        # the data
        "columns_twice": N_("{name} sta in due colonne o più"),
        "no_numbers": N_("{name} non contiene numeri"),
        "absent": N_("{name} non è fra gli indicatori né fra le colonne"),
        "not_finite": N_("{name} non è un numero finito in {units}"),
        "by_province": N_("{name} è pubblicato per provincia: non entra in un indice di comuni"),
        "no_transform": N_("{name}: {transform} non si calcola per i valori di {units}"),
        "base_year": N_("l'anno base {base} non è fra {years}"),
        "no_column": N_("la tabella non ha colonne"),
        "no_part": N_("non ci sono parti"),
        # one scale
        "constant": N_("indicatori costanti o vuoti non si possono normalizzare: {names}"),
        "goalposts": N_(
            "gli estremi (goalposts) mancano, o non vanno dal minore al maggiore: {names}"
        ),
        "reference": N_("il riferimento (reference) manca, o è 0: {names}"),
        "polarity": N_("manca il verso (polarity, +1 o -1): {names}"),
        # weights
        "weights_missing": N_("pesi mancanti o negativi: {names}"),
        "weights_sum": N_("i pesi di {names} non sommano a un numero maggiore di 0"),
        "weight_of_no_part": N_("c'è il peso di {name}, che non è una parte"),
        "base_lacks": N_("il riferimento (base) non ha {names}"),
        "infinite": N_("valori infiniti: {names}"),
        "few_complete": NN_(
            "{count} unità ha tutte le parti: i pesi ne vogliono almeno tre; togliere la parte con più "
            "vuoti, o riempirli prima",
            "{count} unità hanno tutte le parti: i pesi ne vogliono almeno tre; togliere la parte con "
            "più vuoti, o riempirli prima",
        ),
        "constant_parts": N_("parti costanti non si possono pesare: {names}"),
        "no_correlation": N_(
            "le parti non sono correlate: le componenti principali non danno pesi"
        ),
        "components": N_("le componenti principali da tenere vanno da 1 a {most}, non «{found}»"),
        "entropy": N_("l'entropia non ammette parti negative, né di soli zeri: {names}"),
        "entropy_even": N_("ogni parte è uguale dappertutto: l'entropia non dà pesi"),
        "critic_alike": N_("le parti dicono tutte la stessa cosa: CRITIC non dà pesi"),
        "rotation": N_("la rotazione delle componenti principali non si assesta"),
        # aggregation
        "negative": N_(
            "l'aggregazione {method} non ammette parti negative, e lo sono {names}: scegliere una scala "
            "sopra lo zero"
        ),
        "mean_not_above_zero": N_(
            "la correzione di Mazziotta-Pareto non ha senso dove la media delle parti non è sopra lo "
            "zero ({names}): scegliere una scala sopra lo zero"
        ),
        "penalty": N_("penalty è «{found}»: deve essere + oppure -"),
        "kemeny_units": N_(
            "la graduatoria mediana di {found} unità non si può cercare per intero, solo fino a {most}: "
            "per di più c'è il metodo copeland"
        ),
        "share_of_no_part": N_("{bound}: {name} non è una parte"),
        "share_range": N_("{bound}: la quota di {name} è {found}, non fra 0 e 1"),
        "share_order": N_("{name}: {lower} supera {upper}"),
        "lower_sum": N_("le quote minime ({bound}) sommano a {total}, più di 1"),
        "upper_sum": N_("le quote massime ({bound}) sommano a {total}, meno di 1"),
        "benefit_negative": N_(
            "benefit of the doubt vuole parti finite, da 0 in su: normalizzare prima, per esempio da 1 "
            "a 100. Non lo sono, per numero di unità: {names}"
        ),
        "benefit_not_positive": N_(
            "benefit of the doubt con quote minime o massime vuole parti finite, sopra 0: normalizzare "
            "prima, per esempio da 1 a 100. Non lo sono, per numero di unità: {names}"
        ),
        "bounds_apart": N_(
            "benefit of the doubt: le quote del punteggio (lower, upper) e le quote dei pesi "
            "(weight_lower, weight_upper) si escludono; allargare le une o le altre"
        ),
        "none_complete": N_("nessuna unità ha tutte le parti"),
        "all_zero": N_("nessuna unità supera 0 in {names}"),
        "too_far_apart": N_(
            "benefit of the doubt: le parti sono di grandezza troppo diversa; normalizzarle prima su "
            "una scala più stretta, per esempio da 1 a 100"
        ),
        # gaps
        "few_neighbours": N_(
            "{unit}: per {name} le unità da cui imparare sono {found}, meno delle {neighbours} chieste"
        ),
        "not_in_base": N_("{name} non è nel riferimento (base)"),
        "no_value": N_("{name} non ha alcun valore da cui imparare"),
        "infinite_values": N_("{name} ha valori infiniti"),
        "ungrouped": N_("{unit} non ha gruppo"),
        "group_lacks": N_("nessuna unità del gruppo {group} ha {name}"),
        "few_values": N_("{name} ha meno di due valori diversi"),
        "few_units": N_(
            "{units} unità per {indicators} indicatori: servono più unità che indicatori"
        ),
        "never_together": N_("non ci sono due unità che abbiano sia {name} sia {other}"),
        "follows": N_("un indicatore si ricava dagli altri: toglierne uno"),
        "em_steps": N_("EM non si assesta in {steps} passi: mancano troppi dati"),
        "change": N_(
            "Con questi parametri l'indice non si può calcolare: cambiare l'uno o gli altri."
        ),
        # questions
        "nothing_changed": N_("non cambia nulla: indicare pesi, parti da togliere o altri metodi"),
        "no_field": N_("un indice non ha {names}"),
        "one_indicator": N_("l'indice {index} ha un solo indicatore: non c'è nulla da togliere"),
        "few_scores": N_(
            "l'indice {index} ha {units} punteggi: per i pesi effettivi ne servono dieci"
        ),
        "no_unit": N_("non sono nell'indice: {names}"),
        "choice_weights": N_("weights è «{found}»: un numero sopra 0 e fino a 1, oppure dirichlet"),
        "points_power": N_("points è {found}: deve essere una potenza di 2, per esempio {near}"),
        "nothing_open": N_("nessuna scelta è lasciata aperta"),
        "few_open": N_("meno di due scelte sono lasciate aperte"),
        "few_ranked": N_("l'indice {index} ha meno di due unità con un punteggio"),
        "no_change": N_("nessuna delle scelte aperte cambia un posto"),
        "choice_negative": N_(
            "fra le scelte, l'aggregazione {method} incontra parti negative: scegliere una scala "
            "sopra lo zero"
        ),
    },
)

# What each option of a method, and of a question put to an index, may be.
RANGES = {
    "points": COUNT,
    "components": COUNT,
    "ddof": Range(0, 1, whole=True),
    "draws": COUNT,
    "exponent": POSITIVE,
    "groups": Range(2, whole=True),
    "high": Range(),
    "kurtosis_min": Range(0),
    "low": Range(),
    "lower": SHARE,
    "mean": Range(),
    "neighbours": COUNT,
    "points_max": Range(0, whole=True),
    "rank_decimals": Range(0, 15, whole=True),
    "sd": POSITIVE,
    "seed": SEEDS,
    "share_min": SHARE,
    "skewness_min": Range(0),
    "threshold": Range(0),
    "upper": SHARE,
    "weight_lower": SHARE,
    "weight_upper": SHARE,
    "weights": Range(0, 1, above=True, share=True),
}


def out_of_range(**options: object) -> list[Problem]:
    """Return what is wrong with options by their ranges; one that is None was omitted."""
    found = [
        RANGES[name].wrong(name if part is None else f"{name} ({part})", one)
        for name, given in options.items()
        for part, one in (given.items() if isinstance(given, Mapping) else [(None, given)])
        if one is not None
    ]
    low, high = options.get("low"), options.get("high")
    problems = [one for one in found if one]
    if not problems and isinstance(low, Real) and isinstance(high, Real) and not low < high:
        turned = problem("scale_turned", low=low, high=high)
        problems.append(problem("scale_flat", low=low) if low == high else turned)
    return problems


def check_range(**options: object) -> None:
    """Refuse options that are out of their ranges, all at once."""
    if problems := out_of_range(**options):
        raise CompositeError(*problems)


def table(data: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose columns can be told apart; anything else is refused."""
    wanted(data, pd.DataFrame)
    twice = data.columns[data.columns.duplicated()].unique()
    if len(twice):
        raise CompositeError(*(problem("columns_twice", name=str(name)) for name in twice))
    return data


def numbers(data: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of numbers and blanks; anything else is refused."""
    wrong = [str(name) for name in table(data) if not _numeric(data[name])]
    if wrong:
        raise CompositeError(*(problem("no_numbers", name=name) for name in wrong))
    return data


def _numeric(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return True
    return column.dtype == object and all(isinstance(one, Real) for one in column.dropna())

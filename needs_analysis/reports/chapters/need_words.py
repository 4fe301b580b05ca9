"""Words and numbers of the chapter on need: what a told count is called, and how it carries its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.disclosure import TOTAL
from needs_analysis.indicators.declaration import worded
from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.needs.staircase import ANY_SIZE
from needs_analysis.reports.language import display
from needs_analysis.reports.model import Number
from needs_analysis.told.needs import Printed, ToldNeed, said_count
from needs_analysis.words import N_, Voice, iso_day

COUNTED = "overburdened_tenants"
BURDEN = "overburdened_tenants_per_1000"
"""The count of the model that the group `affordability` is, and A5, which is made of it."""
DISTINCT = "need_distinct"
ASSUMPTIONS: Mapping[str, str] = {
    "income_level_ratio": N_("di quanto il reddito delle famiglie supera quello dichiarato"),
    "household_income_correlation_share": N_("quanto si somigliano i redditi in una famiglia"),
    "net_income_progressivity_share": N_("quanto le imposte crescono con il reddito"),
    "rent_income_correlation_share": N_("quanto chi guadagna di più paga canoni più alti"),
    "rent_range_share": N_("quanto i canoni variano dentro un comune"),
    "rent_growth_since_quotes_share": N_("di quanto i canoni sono saliti dopo le quotazioni"),
    "renting_gradient_ratio": N_("quanto chi è in affitto è più povero degli altri"),
    "public_tenants": N_("quante famiglie stanno in case pubbliche"),
    "public_tenants_poorest_share": N_("quante case pubbliche hanno le famiglie più povere"),
    "owners_overburden_share": N_("quanti proprietari, nell'indagine, pagano troppo per la casa"),
    "reduced_rent_overburden_share": N_(
        "quanti con un affitto ridotto, nell'indagine, pagano troppo per la casa"
    ),
    "renting_error_share": N_("quante famiglie sono in affitto, dove non è osservato"),
}
"""What each assumption of the model is, as it stands in a sentence."""
_DATED: Mapping[str, tuple[str, str]] = {
    "mef_incomes": (N_("redditi {year}"), ""),
    "mef_means": (N_("portati al {year}"), ""),
    "omi_values": (N_("canoni {year}"), N_("canoni del {half}° semestre {year}")),
    "istat_eusilc_housing": (N_("indagine ISTAT {year}"), ""),
    "interno_evictions": (N_("provvedimenti di sfratto {year}"), ""),
}
"""What of a source an estimate is made of, of a year and of half a year; of others no date is said."""
ROUNDED = N_(
    "Le stime con un intervallo largo sono arrotondate: la somma delle parti può differire dal totale."
)
"""What a table says where estimates stand beside their total."""
KINDS: Mapping[str, str] = {
    "stock": N_("famiglie a una data"),
    "flow": N_("famiglie di un anno, riportate a una data"),
}
"""What a count is of."""
LEVELS: Mapping[str, tuple[str, str, str, str]] = {
    "region": (
        N_("Regione"), N_("bisogno regioni"), N_("Il bisogno per regione"),
        N_("Di ogni regione i soli comuni del territorio. In ordine alfabetico."),
    ),
    "province": (
        N_("Provincia"), N_("bisogno province"), N_("Il bisogno per provincia"),
        N_("Di ogni provincia i soli comuni del territorio. In ordine alfabetico."),
    ),
    "ambito": (
        N_("Ambito"), N_("bisogno ambiti"), N_("Il bisogno per ambito"),
        N_("Gli ambiti che il territorio comprende per intero, in ordine alfabetico. La loro "
           "composizione è da verificare sui piani di zona."),
    ),
    "municipality": (
        N_("Comune"), N_("bisogno comuni"), N_("Il bisogno per comune"),
        N_("In ordine alfabetico: non è una graduatoria. Le stime piccole sono fasce, che si sommano "
           "solo nell'ambito."),
    ),
}  # fmt: skip
"""Of each level what a unit is called, and the sheet, the title and the note of its table."""
STEPS: Mapping[str, str] = {
    "backlog": N_("in bisogno"),
    "in_place": N_("risolte dove vivono"),
    "to_be_housed": N_("a cui serve una casa"),
    "free_ready": N_("alloggi liberi e pronti"),
    "without_place": N_("senza posto"),
    "left_over": N_("alloggi che avanzano"),
    "quota": N_("arretrato da risolvere nell'anno"),
    "arising": N_("nuove nell'anno"),
    "relets": N_("alloggi riassegnati"),
    "committed": N_("alloggi già decisi"),
    "gap": N_("senza posto nell'anno"),
    "surplus": N_("alloggi che avanzano"),
}
"""The steps of the gap."""
SIZES: Mapping[int, str] = {
    1: N_("una persona"),
    2: N_("due persone"),
    3: N_("tre persone"),
    4: N_("quattro persone"),
    5: N_("cinque persone"),
    6: N_("sei persone e più"),
}


def size_of(size: str, voice: Voice) -> str:
    """Say a size of household as told tables have it: of a row of all, and of any, too.

    Examples
    --------
    >>> [size_of(one, Voice()) for one in ("6", "any", "all")]
    ['sei persone e più', 'di ogni dimensione', 'tutte']
    """
    if size == TOTAL:
        return voice.say("tutte")
    if size == ANY_SIZE:
        return voice.say("di ogni dimensione")
    return voice.say(SIZES[int(float(size))])


def keyed(key: str, value: float, voice: Voice, unit: str = "count", decimals: int = 0) -> str:
    r"""Print a number under its key, with fewer decimals than its unit has: a model has no more.

    Examples
    --------
    >>> from needs_analysis.reports.model import plain
    >>> plain(keyed("area:x_share", -0.274, Voice(), "share"))
    '-27\xa0%'
    """
    variable = key.rpartition(":")[2]
    shown = display(variable, unit)
    text = voice.number(value * shown.scale, decimals)
    if shown.unit == "%":
        text += "\xa0%"
    return str(Number(key, value, text, unit, variable))


def counting(key: str, voice: Voice, before: str = "") -> Printed:
    """Return what prints the numbers of a count, each under its key: "need_street" and "low"."""
    return lambda name, value: keyed(f"{key}:{before}{name}", value, voice)


def said_row(
    key: str, row: pd.Series | Mapping[Any, object], voice: Voice, before: str = ""
) -> str:
    """Say a count of a row, its numbers under the keys that the sheet of its table has."""
    return unbroken(said_count(row, voice, counting(key, voice, before)))


def unbroken(text: str) -> str:
    r"""Keep an interval on one line, below its count where they do not fit together.

    Examples
    --------
    >>> unbroken("61 (fra 40 e 90)")
    '61 (fra\xa040\xa0e\xa090)'
    """
    count, bracket, rest = text.partition(" (")
    return count + bracket + rest.replace(" ", "\xa0")


def dates_of(vintage: str, told: ToldNeed, groups: Iterable[str], voice: Voice) -> str:
    """Say which years what a count is made of is of: "redditi 2021, canoni del 2° semestre 2018".

    Parameters
    ----------
    vintage : str
        Of a row of a told table.
    told : ToldNeed
        Whose sources those are.
    groups : iterable of str
        Of the row.
    voice : Voice
        The language.
    """
    parts, cited = vintage.split(" + "), store.cited()
    dates = {one: cited[one].reference_date for one in told.sources_of(groups)}
    said: list[str] = []
    for source, (of_year, of_half) in _DATED.items():
        day = dates.get(source, "")
        year, _, half = day.partition("/")
        if day and day in parts:
            words = of_half if half and of_half else of_year
            text = voice.say(words, year=year if words == of_half else day, half=half)
            # Incomes of one year that are carried to another are one thing.
            carried = [said.pop()] if source == "mef_means" and said else []
            said.append(" ".join([*carried, text]))
    counted = sorted(one for one in parts if one not in dates.values() and iso_day(one))
    if counted:
        first, last = (voice.short_date(one) for one in (counted[0], counted[-1]))
        words = (
            N_("conteggi del {first}") if first == last else N_("conteggi dal {first} al {last}")
        )
        said.append(voice.say(words, first=first, last=last))
    others = [one for one in parts if one not in {*dates.values(), *counted}]
    return ", ".join(filter(None, [*said, *others]))


def limit_of(told: ToldNeed, voice: Voice) -> str:
    """Say the share of income over which a rent is too much, as the need was computed with it."""
    return worded("{overburden_share}", voice, parameters.values(told.parameters))


def upper_first(text: str) -> str:
    """Begin a text as a sentence."""
    return text[:1].upper() + text[1:]


def burdened(told: ToldNeed) -> pd.Series | None:
    """Return the told count of tenants that pay too much in the whole area; None without one."""
    rows = told.table("area")
    own = rows[rows["group"] == AFFORDABILITY]
    return own.iloc[0] if len(own) else None


def has_number(row: pd.Series | None) -> bool:
    """Say whether a told count is a number: no band, not hidden, and known."""
    return row is not None and not bool(row["band"]) and bool(pd.notna(row["central"]))

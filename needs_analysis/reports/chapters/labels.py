"""The printed names of the columns of the panel, of territories and of the parts of the index."""

from __future__ import annotations

from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.findings import Findings
from needs_analysis.words import N_, Voice

# Every table of municipalities begins with these.
UNIT_LABELS = {
    "resident_population": N_("Residenti"),
    "households": N_("Famiglie"),
    "area_km2": N_("Superficie, km²"),
}
BASE_LABELS = {
    "declarants_up_to_10k": N_("Dichiaranti fino a 10.000 €"),
    "mean_taxable_income_eur": N_("Reddito imponibile medio"),
    "mean_net_income_eur": N_("Reddito netto medio"),
    "declarants": N_("Dichiaranti"),
    "rent_eur_m2_month": N_("Canone OMI medio"),
    "rent_low_eur_m2_month": N_("Canone OMI minimo"),
    "rent_high_eur_m2_month": N_("Canone OMI massimo"),
    "rent_surface_code": N_("Superficie (L lorda, N netta)"),
    "rent_typology_code": N_("Tipologia OMI"),
    "rent_zones": N_("Zone OMI"),
    "rent_weighting_code": N_("Peso delle zone (Z uguale, P per abitanti, M misto)"),
    "rent_predecessors": N_("Comuni di origine del canone"),
    "annual_rent_eur": N_("Canone annuo di riferimento"),
    "price_eur_m2": N_("Prezzo OMI medio"),
    "eviction_orders": N_("Provvedimenti di sfratto"),
    "eviction_executions": N_("Sfratti eseguiti"),
    "accommodation_beds": N_("Posti letto turistici"),
    "accommodation_beds_2019": N_("Posti letto turistici 2019"),
    "renting_households_2011": N_("Famiglie in affitto 2011"),
}
# What only whole territories have, beside `BASE_LABELS`.
TOTAL_LABELS = {
    "municipalities": N_("Comuni"),
    "municipalities_without_rent": N_("Comuni senza canone"),
    "municipalities_known_2011": N_("Comuni con le famiglie del 2011"),
    "monthly_rent_eur": N_("Canone mensile di riferimento"),
    "income_asked_eur": N_("Reddito che il canone richiede"),
    "income_asked_scenario_eur": N_("Reddito che il canone aumentato richiede"),
    "rent_weight_low_share": N_("Peso del canone sul reddito modesto più alto"),
    "rent_weight_high_share": N_("Peso del canone sul reddito modesto più basso"),
    "eviction_requests": N_("Richieste di esecuzione"),
}


def column_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of the columns of the panel that have one."""
    return {name: voice.say(words) for name, words in (BASE_LABELS | UNIT_LABELS).items()}


def territory_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of what whole territories have."""
    return column_labels(voice) | {name: voice.say(words) for name, words in TOTAL_LABELS.items()}


def part_labels(found: Findings) -> dict[str, str]:
    """Return the printed names of indicators and columns; of an index, of its components and parts."""
    known = column_labels(found.voice)
    known |= {name: one.label_in(found.voice) for name, one in found.declared.items()}
    if found.index is None:
        return known
    spec = found.index.spec
    named = {one.name: index_words.label(one, found.voice) for one in spec.components}
    for one in spec.indicators:
        over = [one.name, one.denominator] if one.denominator else [one.name]
        named[one.name] = " / ".join(known.get(name, name) for name in over)
    return named

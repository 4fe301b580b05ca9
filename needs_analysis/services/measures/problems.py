"""Why a measure cannot be counted or named."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "measures",
    {
        "unknown_dwelling": N_("alloggio «{code}» non nel registro"),
        "add_to_register": N_("Aggiungerli al registro o correggerli."),
        "no_month": N_("«{found}» non è un mese: si scrive 2025-03"),
        "no_measure": N_("nessuna misura «{measure}» per {level} «{value}»"),
        "measure_rows": N_("«{measure}» non è una misura con righe proprie"),
        "measure_level": N_("«{measure}» non si dice per {level}"),
        "no_year": N_("l'anno «{year}» non è nel periodo: ci sono {years}"),
        "no_level": N_("il livello «{level}» non c'è: ci sono {levels}"),
        "no_level_value": N_("{level} «{value}» non c'è"),
        "count_beyond_total": N_("un conteggio deve stare fra 0 e il suo totale"),
        "durations_events": N_("{durations} durate ma {events} esiti"),
        "durations_groups": N_("{durations} durate ma {groups} gruppi"),
        "duration": N_("una durata manca o è sotto 0"),
        "cause": N_("una causa è sotto 0; 0 vale ancora presente"),
    },
)

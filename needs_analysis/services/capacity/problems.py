"""Why requests, stays or places cannot be simulated."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "capacity",
    {
        "nobody_left": N_("nessuno è ancora uscito: quanto durano le permanenze non si sa"),
        "no_arrivals": N_("nessuna richiesta indicata"),
        "groups_twice": N_("gruppi indicati due volte: {groups}"),
        "season_months": N_("season ha {found} pesi, non 12"),
        "season_weights": N_("i pesi di season vanno da 0 in su, almeno uno sopra 0"),
        "p90_below_median": N_("p90_days ({p90}) deve superare median_days ({median})"),
        "stay_bounds": N_("permanenze da {low} a {high} giorni non sono possibili"),
        "curve_days": N_("i giorni della curva vanno da 0 in su e crescono"),
        "curve_shares": N_("le quote ancora presenti vanno da 0 a 1 e non crescono mai"),
        "curve_open": N_(
            "la curva finisce al giorno {day} con una quota di {share} ancora presente: indicare "
            "tail_mean_days, quanto restano ancora in media"
        ),
        "no_stay": N_("manca la permanenza dei gruppi: {groups}"),
        "places_range": N_("{name} va da 1 a {most}, non {found}"),
        "eligibility": N_("eligibility nomina posti che non ci sono: «{kind}»"),
        "groups_as_text": N_("{kind}: i gruppi «{found}» sono un testo, non un elenco"),
        "groups_without_arrivals": N_("{kind}: gruppi senza richieste: {groups}"),
        "no_place_open": N_("nessun posto è aperto a {group}"),
        "many_patterns": N_("{found} gruppi con posti propri sono più di {most}"),
        "name_of_total": N_("«{name}» è il nome del totale: dare al gruppo un altro nome"),
        "endless": N_(
            "con {load} posti sempre richiesti e {places} posti la lista cresce senza fine: ne "
            "servono almeno {least}"
        ),
        "endless_list": N_(
            "con {load} posti sempre richiesti e {places} posti la lista cresce senza fine: ne "
            "servono almeno {least}, oppure indicare {name}"
        ),
        "endless_groups": N_(
            "{groups}: con {load} posti sempre richiesti e {places} posti la lista cresce senza "
            "fine: ne servono almeno {least}, oppure indicare {name}"
        ),
        "too_many_places": N_("servirebbero più di {most} posti: controllare richieste e giorni"),
    },
)

"""What may be wrong with what a plan is asked of, and with the office's input."""

from __future__ import annotations

from needs_analysis.errors import Messages, Refused
from needs_analysis.words import N_


class PlansError(Refused):
    """A plan that cannot be made as it is asked."""


problem = Messages(
    "plans",
    {
        "kind": N_("il piano «{found}» non c'è (ci sono {known})"),
        "no_area": N_("la tabella non è un territorio: darlo come lo dà territory.select"),
        "year": N_("l'anno è {found}: deve essere un anno di quattro cifre"),
        "year_past": N_("l'anno {year} è passato: oggi è il {today}"),
        "period_past": N_("gli anni {first}-{last} sono passati: oggi è il {today}"),
        "next_year": N_("Chiedere il piano del {year} o di un anno dopo."),
        "not_lombardy": N_(
            "il piano {kind} dell'offerta abitativa è della Lombardia (L.R. 16/2016, R.R. 4/2017); "
            "{area} è in {regions}, che ha le sue leggi"
        ),
        "zone_or_brief": N_(
            "Qui si può chiedere il capitolo sulla casa del piano di zona (--kind zone), o il "
            "documento sul disagio abitativo (needs-analysis brief)."
        ),
        # the input, as a whole
        "correct": N_(
            "Correggere e salvare di nuovo; un modello nuovo: needs-analysis plan template."
        ),
        "renamed": N_(
            "fogli che il modello non ha: {names}; se uno è quello che manca, ridargli il suo nome"
        ),
        "not_csv": N_("è una cartella: serve il file .xlsx del modello"),
        "about_rows": N_("deve avere una riga sola: ne ha {found}"),
        "other_area": N_("è di «{found}», il piano è di «{wanted}»"),
        "other_kind": N_("è un modello «{found}», il piano chiesto è «{wanted}»"),
        "other_year": N_("è del {found}, il piano chiesto è del {wanted}"),
        # its rows
        "outside": N_("{place} non è un comune dell'area"),
        "twice": N_("ripete la riga {row}: una sola riga per {keys}"),
        "no_day": N_("c'è un numero ma manca la data"),
        "late": N_("la data {day} non è ancora venuta"),
        "units_missing": N_("manca il numero di alloggi; con un codice alloggio vale 1"),
        "one_unit": N_("il codice alloggio è di un alloggio solo: qui sono {found}"),
        "unit_elsewhere": N_(
            "l'alloggio è già alla riga {row} con un altro comune, proprietario o servizio"
        ),
        "unit_again": N_("l'alloggio è già alla riga {row} con la stessa provenienza"),
        "counted_over": N_("già contati altrove {found}, più degli alloggi della riga ({units})"),
        "empty_over": N_("{found} di {whole} alloggi sfitti: non possono essere di più"),
        "over_stock": N_(
            "{place}, {owner}: {found} alloggi {service} assegnabili, il patrimonio ne ha {stock}"
        ),
        # the reserves
        "indigence_below": N_(
            "{place}, {owner}: {entered} alloggi per l'indigenza, ne servono almeno {least} "
            "({share} di {base}, per eccesso; {article})"
        ),
        "indigence_over": N_(
            "{place}, {owner}: {entered} alloggi per l'indigenza, quelli disponibili sono {base}"
        ),
        "transitional_beyond": N_(
            "{place}, {owner}: {entered} alloggi transitori (SAT), quelli disponibili sono {base}"
        ),
        "transitional_over": N_(
            "in tutto {entered} alloggi transitori (SAT), al massimo {most} "
            "({share} di {base} assegnabili, per difetto; {article})"
        ),
        "categories_over": N_(
            "{place}, {owner}: {entered} per cento per le categorie dell'art. 14, al massimo {most} "
            "({article})"
        ),
        "police_over": N_(
            "{place}: {police} per cento per forze di polizia e {local} per la polizia locale fanno "
            "{entered}, il tetto è uno solo, {most} ({article})"
        ),
        "no_reasons": N_("la categoria locale vuole le sue motivazioni ({article})"),
        # the plan before
        "previous_unread": N_(
            "non è né il modello compilato di un piano né la cartella di lavoro di un piano fatto qui"
        ),
        "previous_year": N_("il piano precedente è del {found}: deve essere prima del {wanted}"),
        "previous_cure": N_("Indicare il file compilato del piano precedente, o il suo plan.xlsx."),
    },
)

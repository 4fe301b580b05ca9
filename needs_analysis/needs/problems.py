"""What may be wrong with what a count of need is made of."""

from __future__ import annotations

from needs_analysis.errors import Messages, Refused
from needs_analysis.words import N_, NN_


class NeedsError(Refused):
    """Counts, supply or assumptions that cannot be as they are given."""


problem = Messages(
    "needs",
    {
        # own counts
        "count_over": N_("{place}, {group}: {count} supera le {households} famiglie che ci sono"),
        "count_twice": N_("{place}, {group}: il conteggio compare due volte"),
        "count_no_day": N_("{place}, {group}: manca la data del conteggio"),
        "count_late": N_("{place}, {group}: la data {day} non è ancora venuta"),
        "count_negative": N_("{place}, {group}: {count} è negativo"),
        "count_not_whole": N_("{place}, {group}: {count} non è un numero intero"),
        "count_outside": N_("{place}, {group}: il comune non è nell'area"),
        "count_unknown_group": N_("{place}: il gruppo «{group}» non c'è (ci sono {known})"),
        "no_day": N_("c'è un numero ma manca la data"),
        "row_twice": N_("ripete la riga {row}: una sola riga per comune"),
        "no_counts": N_(
            "nessun foglio è di un modello dei conteggi; scriverne uno nuovo e compilarlo"
        ),
        "no_own_file": N_("nella cartella dello studio non c'è la cartella di lavoro dei conteggi"),
        "fill_again": N_(
            "Correggere e salvare di nuovo; il modello: needs-analysis needs template."
        ),
        "give_counts": N_(
            "Correggere il conteggio: una riga per comune e gruppo, con la data; vuoto se l'ufficio "
            "non ha risposto, 0 se ha risposto che non ce ne sono."
        ),
        # intervals
        "order": NN_(
            "{units}: la stima bassa, centrale e alta non crescono",
            "{units}: le stime bassa, centrale e alta non crescono",
        ),
        "negative": NN_("{units}: un conteggio è negativo", "{units}: conteggi negativi"),
        "no_households": N_("{units}: non si sa quante famiglie ci sono"),
        "no_level": N_("non si sa di quale {level} siano i comuni"),
        "no_such_level": N_("il livello «{found}» non c'è (ci sono {known})"),
        "not_counted": N_("{units}: non ci sono nella tabella {table}"),
        # overlaps
        "pair_twice": N_("la sovrapposizione fra {one} e {other} compare due volte"),
        "pair_unknown": N_(
            "sovrapposizione fra {one} e {other}: sono due gruppi, diversi, fra {known}"
        ),
        "too_many_groups": N_(
            "le famiglie distinte si contano su {most} gruppi al massimo, non {many}"
        ),
        "over_households": N_("{group}: {count} supera le {households} famiglie che ci sono"),
        "of_place": N_("{place}: {what}"),
        "overlaps_infeasible": N_(
            "nessuna famiglia può stare nei gruppi così: {one} e {other} si sovrappongono per "
            "{wanted}, il valore possibile più vicino è {nearest}"
        ),
        # tables that are raked
        "margin_totals": N_("i totali dei margini sono diversi: {totals}"),
        "margin_shape": N_("il margine {margin} ha la forma {found}, la tabella vuole {wanted}"),
        "margin_negative": N_("il margine {margin} ha valori negativi o mancanti"),
        "margin_empty": N_(
            "il margine {margin} vuole {target} nella cella {cell}, ma la tabella di partenza lì è 0"
        ),
        "not_converged": N_("dopo {steps} giri i margini distano ancora {distance}"),
        # small areas
        "variance": N_("{units}: la varianza della stima diretta manca o è negativa"),
        "few_areas": N_("le aree sono {areas}: ne servono più delle {columns} colonne"),
        "dependent": N_("le colonne non sono indipendenti fra loro"),
        "area_missing": N_("{units}: manca la stima diretta o una colonna"),
        "method": N_("il metodo «{found}» non c'è (ci sono {known})"),
        # gap, projection
        "share": N_("{name}: {found} non è una quota fra 0 e 1"),
        "sizes_differ": N_("{table}: la dimensione «{size}» non è fra {known}"),
        "no_history": N_("servono almeno due anni di famiglie, non {years}"),
        "no_years": N_("colonne che non sono anni: {columns}"),
        "year_past": N_("l'anno {year} non è dopo l'ultimo osservato, {last}"),
        "year_far": N_("l'anno {year} è oltre {most} anni dopo l'ultimo osservato, {last}"),
        "needs_wider": N_(
            "oltre {most} anni si proietta solo per ambito o provincia: dare gli ambiti o le province"
        ),
        "growth_order": N_("{unit}: la crescita bassa, centrale e alta non crescono"),
        "pool_missing": N_("{units}: non si sa di quale provincia siano"),
    },
)

"""What keeps a pattern from being looked for, and what to do about it."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "patterns",
    {
        # values
        "by_province": N_("{column}: pubblicato per provincia, nessun comune ha un valore proprio"),
        "no_numbers": N_("{column}: non è fatto di numeri"),
        "infinite": N_("{column}: valori infiniti"),
        "all_allocated": N_(
            "{column}: tutti i valori vengono da un territorio più grande, nessuna unità ne ha uno "
            "proprio"
        ),
        "several_columns": N_(
            "{number} colonne: sceglierne una con .columns([name]), fra {columns}"
        ),
        "no_columns": N_("nessuna colonna: indicarne una con .columns([name])"),
        "flat": N_("indicatori che non distinguono le unità: {columns}"),
        # autocorrelation
        "few_units": N_(
            "{column}: le unità con un valore e un vicino sono {number}, ne servono {least}"
        ),
        "all_same": N_("{column}: tutti i valori sono uguali, non c'è niente da cercare"),
        "negative": N_("{column}: Getis-Ord vuole valori non negativi"),
        "events_negative": N_("eventi sotto 0: {units}"),
        "population_not_positive": N_("popolazione non maggiore di 0: {units}"),
        "permutations": N_("permutations {value}: serve un numero intero maggiore di 0"),
        "fdr": N_("fdr {value}: deve stare fra 0 e 1"),
        # types
        "unknown_scale": N_("standardise «{scale}»: uno fra {known}"),
        "unknown_method": N_("method «{method}»: uno fra {known}"),
        "few_for_types": NN_(
            "{count} unità ha tutti gli indicatori: troppo poche per dei tipi",
            "{count} unità hanno tutti gli indicatori: troppo poche per dei tipi",
        ),
        "types_beyond": N_("{types} tipi: almeno 2, e meno delle {units} unità"),
        # regions
        "regions_beyond": N_("{regions} regioni di {units} unità"),
        "apart": N_(
            "il territorio ha {parts} parti che non si toccano, più delle {regions} regioni"
        ),
        "few_regions": N_(
            "solo {found} regioni, non {regions}, hanno {floor} famiglie ciascuna: chiedere meno "
            "regioni o un minimo più basso"
        ),
        "too_many_units": N_(
            "{units} unità sono troppe per max-p, al massimo {most}: tutta l'Italia vorrebbe circa "
            "quattro minuti e più di un gigabyte. Scegliere una regione o una provincia; oppure "
            "skater, che divide tutta l'Italia in secondi"
        ),
        "floor_not_positive": N_("households_min {floor} non è maggiore di 0"),
        "area_under_floor": N_("tutto il territorio ha meno di {floor} famiglie"),
        "data_under_floor": N_(
            "le unità con i dati hanno {households} famiglie, meno del minimo di {floor}"
        ),
        "broken_region": N_("la regione {region} ha {pieces} pezzi che non si toccano"),
        "region_under_floor": N_("la regione {region} ha meno del minimo di {floor} famiglie"),
    },
)

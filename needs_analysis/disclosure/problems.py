"""Why a table cannot be counted, hidden or handed out."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "disclosure",
    {
        # rules
        "below_sistan": N_("soglia {given}: le regole SISTAN chiedono almeno {lowest}"),
        "sensitive_below": N_(
            "soglia dei gruppi sensibili {given}: non può stare sotto quella degli altri ({others})"
        ),
        "unknown_profile": N_("profilo «{profile}»: uno fra {known}"),
        "steps_out_of_order": N_("passi {given}: devono essere, in quest'ordine, fra {known}"),
        # a table
        "of_table": N_("tabella «{table}»: {problems}"),
        "columns_missing": NN_("manca la colonna {columns}", "mancano le colonne {columns}"),
        "wrong_counts": NN_(
            "{count} conteggio non è un numero intero da 0 in su",
            "{count} conteggi non sono numeri interi da 0 in su",
        ),
        "cell_twice": N_("una cella è ripetuta"),
        "no_dimension": N_("{column}: {dimension} non è una dimensione della tabella"),
        "no_totals": N_("{column}: i totali su {dimension} non sono nella tabella"),
        "above_itself": N_("{column}: {value} sta sopra se stesso"),
        "blank_dimension": N_("{dimension} manca in una riga"),
        "not_listed": N_("{dimension}: {value} non è nell'elenco"),
        "half_above": N_(
            "{dimension}: due gerarchie, e {value} sta in una sola; metterlo in tutte e due, o togliere "
            "una gerarchia"
        ),
        "two_parents": N_("{dimension}: {value} sta sotto sia {first} sia {second}"),
        # counts
        "total": N_("totale"),
        "no_count": N_("{table}: {cell} non ha un conteggio"),
        "two_counts": N_("{table}: {cell} ha due conteggi diversi"),
        "no_sum": N_("{cell} non è la somma delle sue parti"),
        "contradict": N_(
            "{tables}: i conteggi si contraddicono fra loro; controllare margini e livelli"
        ),
        "undecided": N_(
            "{tables}: il controllo di riservatezza non è finito in tempo e non dice né sì né no; "
            "incrociare meno dimensioni"
        ),
        "too_many": N_(
            "{tables}: insieme incrociano {size} combinazioni, troppe per il controllo di "
            "riservatezza (al più {most}); incrociare meno dimensioni"
        ),
        # the audit
        "in_table": N_("{table}: {cell}"),
        "worked_out": NN_(
            "{cells} si ricava dalle altre cifre", "{cells} si ricavano dalle altre cifre"
        ),
        "worked_out_more": NN_(
            "{cells}; e un'altra cella si ricavano dalle altre cifre",
            "{cells}; e altre {count} celle si ricavano dalle altre cifre",
        ),
        "hide_together": N_(
            "Non consegnare queste tabelle: nasconderle insieme con disclosure.protect_together"
        ),
        "not_hidden": N_(
            "{tables}: {cell} non si può nascondere accanto alle tabelle già consegnate; togliere "
            "la tabella o renderla meno fine"
        ),
        "protected_unstated": N_("non è detto se sono protetti i servizi {services}"),
    },
)

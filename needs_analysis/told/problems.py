"""Why nothing is handed out, and what was handed out before."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "told",
    {
        "one_place": N_(
            "{name} è un comune solo: non c'è da scegliere dove. Indicare un ambito, una provincia o "
            "un elenco di comuni"
        ),
        "no_profile": N_("il profilo «{found}» non c'è (ci sono {known})"),
        "exits_reserved": N_(
            "le uscite dal registro dell'ente qui non si pubblicano, e il conto è senza: vale la "
            "definizione pubblicata"
        ),
        "exits_alone_reserved": N_(
            "come finiscono le accoglienze lo dice il solo registro dell'ente, e qui non si pubblica"
        ),
        "need": N_("--need si sceglie fra: {known}"),
        "memory_damaged": N_("la memoria delle consegne è rovinata"),
        "memory_of_other": N_("la memoria delle consegne è di un'altra chiave"),
        "memory_newer": N_("la memoria delle consegne è di un'altra versione del programma"),
        "update_us": N_("Usare la versione più recente del programma."),
        "restore_memory": N_(
            "Rimettere la copia che sta con la chiave. Se non c'è, spostare il file altrove: le "
            "consegne di prima non saranno più confrontate con le nuove."
        ),
        "memory_not_written": N_(
            "la memoria delle consegne non si può scrivere, e senza non si consegna"
        ),
        "room_for_memory": N_(
            "Fare spazio sul disco, o permettere di scrivere nella cartella della chiave."
        ),
        "memory_not_locked": N_("questo disco non permette di riservare la memoria delle consegne"),
        "other_disk": N_("Spostare la chiave, e la sua memoria, su un disco locale."),
        "forget_why": N_("per dimenticare una consegna serve un motivo, di {most} lettere al più"),
        "forget_names": N_("il motivo sembra dire di una persona"),
        "say_why": N_(
            'Dire perché, senza nomi: --reason "mai uscita dall\'ufficio", --reason "ritirata".'
        ),
        "no_delivery": N_("la consegna {number} non c'è; si ricordano: {known}"),
        "delivery_named": N_("consegna {number}, periodo {period}, del {day}"),
        "coarsened": N_(
            "{period}: altri conteggi e misure sono nascosti, perché con ciò che hanno già detto le "
            "consegne di prima ({earlier}) si ricaverebbero. Per dire di più servono periodi più "
            "lunghi, che non si sovrappongano"
        ),
        "unsafe_beside": N_(
            "il periodo {period} non si può consegnare: tolto quel che ha già detto la {earlier}, "
            "direbbe {whom} nei giorni {days}, ed è un conteggio da nascondere"
        ),
        "unsafe_corrected": N_(
            "il periodo {period} non si può consegnare: i dati sono cambiati dopo la {earlier}, e "
            "dalla differenza si ricaverebbe {whom}, un conteggio da nascondere"
        ),
        "rest_of_days": N_(
            "Consegnare i soli giorni nuovi (--period {rest}) o, più avanti, un periodo più lungo. "
            "Se la consegna {number} non è mai uscita, o è stata ritirata: needs-analysis services "
            "deliveries --forget {number} --reason."
        ),
        "other_days": N_(
            "Consegnare un periodo che non si sovrappone, o più lungo. Se la consegna {number} non è "
            "mai uscita, o questa la sostituisce e quella è stata ritirata: needs-analysis services "
            "deliveries --forget {number} --reason."
        ),
        "whom": N_("quante accoglienze"),
        "whom_entered": N_("quanti sono entrati"),
        "whom_exit": N_("quanti sono usciti"),
        "whom_present": N_("quanti sono presenti"),
        "whom_where": N_("{whom} ({where})"),
    },
)

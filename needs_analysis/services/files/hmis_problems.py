"""What can be wrong or odd in an HMIS export, and what our tables cannot hold of it."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "hmis",
    {
        "hmis_folder": N_(
            "Indicare la cartella o lo zip dei CSV dell'esportazione HMIS (FY2022, FY2024 o "
            "FY2026)."
        ),
        "no_folder_or_zip": N_("si aspetta una cartella di file CSV o uno zip"),
        "several_exports": N_(
            "ci sono {found} esportazioni in cartelle diverse, se ne aspetta una"
        ),
        "no_header": N_("il file è vuoto, si aspetta almeno l'intestazione"),
        "blank": N_("manca, ci si aspetta un valore"),
        "other_data": N_(
            "lo stesso codice della riga {row} con altri dati, ci si aspetta una riga per codice"
        ),
        "no_iso_date": N_(
            "trovato un testo di {letters} caratteri, ci si aspetta una data come 2024-10-31"
        ),
        "slashes": N_(
            "date con le barre che possono valere giorno/mese o mese/giorno: {number}, e nessuna "
            "del file lo decide (un giorno oltre 12): esportare di nuovo il file senza salvarlo da "
            "Excel, o scriverle come 2024-10-31"
        ),
        "slashes_both": N_(
            "date con le barre: {number}, nel file alcune col giorno prima e altre col mese prima "
            "(righe {rows}): esportare di nuovo il file senza salvarlo da Excel, o scriverle come "
            "2024-10-31"
        ),
        "day_first": N_("le date con le barre di questo file sono lette giorno/mese/anno"),
        "month_first": N_("le date con le barre di questo file sono lette mese/giorno/anno"),
        "no_beds": N_("{found}, ci si aspetta un numero intero da 0 a {most}"),
        "found_letters": N_("trovato un testo di {letters} caratteri"),
        "all_beds": N_("più di {most} letti in tutto"),
        "export_days": N_(
            "l'esportazione copre dal {start} al {end}; fuori da questi giorni le accoglienze non "
            "sono complete"
        ),
        "export_partial": N_(
            "trovato «1», l'esportazione ha solo le righe cambiate; ci si aspetta «2», quella "
            "completa"
        ),
        "deleted": N_("righe cancellate: {number}; non lette"),
        "superseded": N_("righe ripetute o superate da un aggiornamento: {number}; non lette"),
        "no_inventory": N_("nessuna riga, nessun posto letto"),
        "project_types": N_(
            "progetti di tipo mancante o fuori dall'elenco 2.02.6 (da 0 a 14): {number}; letti "
            "come «altro»"
        ),
        "closings": N_("chiusure non successive all'apertura: {number}; non lette"),
        "inventory_elsewhere": N_(
            "righe di un progetto che non è in Project.csv: {number}; non lette"
        ),
        "inventory_blank": N_("righe senza numero di letti: {number}; nessun posto"),
        "project_elsewhere": N_(
            "iscrizioni a un progetto cancellato o che non è in Project.csv: {number}; non lette"
        ),
        "clients_deleted": N_(
            "iscrizioni di persone cancellate da Client.csv: {number}; non lette"
        ),
        "clients_elsewhere": N_(
            "iscrizioni di persone che non sono in Client.csv: {number}; lette"
        ),
        "heads": N_(
            "famiglie con nessun capofamiglia («1») o più di uno: {number}; lette (la LSA 3.3 le "
            "esclude)"
        ),
        "without_head": N_(
            "membri entrati prima o usciti dopo il capofamiglia: {number}; letti come sono (la LSA "
            "3.4 li riporta ai giorni del capofamiglia)"
        ),
        "before_opening": N_(
            "ingressi prima dell'apertura del progetto (OperatingStartDate): {number}; letti come "
            "sono (la LSA 3.3 comincia dall'apertura)"
        ),
        "outside_hmis": N_(
            "iscrizioni con giorni fuori dalla partecipazione del progetto all'HMIS "
            "(HMISParticipation.csv): {number}; lette intere (la LSA 3.3 non conta quei giorni)"
        ),
        "exits_later": N_(
            "uscite dai dormitori che non sono il mattino dopo l'ultima notte: {number}; la "
            "destinazione resta quella scritta (la LSA 3.3 la dà non nota)"
        ),
        "exits_elsewhere": N_("uscite senza iscrizione: {number}; non lette"),
        "exits_undated": N_("uscite senza data: {number}; non lette"),
        "for_a_while": N_(
            "uscite presso familiari, amici o alberghi per poco: {number}; contate come non note"
        ),
        "supported": N_(
            "uscite in alloggi con sostegno o riservati, per HUD permanenti: {number}; contate "
            "come altro servizio"
        ),
        "deceased": N_("decessi: {number}; contati come uscite non note"),
        "no_destination": N_(
            "{found}, ci si aspetta un codice dell'elenco 3.12.1: {number}; non noto"
        ),
        "found_text": N_("trovato un testo"),
        "moved_in_outside": N_(
            "ingressi in casa prima dell'iscrizione o dopo l'uscita: {number}; non letti"
        ),
        "nights_outside": N_(
            "notti prima dell'iscrizione, o dall'uscita o dalla chiusura del progetto in poi: "
            "{number}; non lette"
        ),
        "no_moving_in": N_(
            "nessun ingresso in casa, le notti dei progetti abitativi si contano dall'iscrizione"
        ),
        "no_nights": N_(
            "nessuna notte (RecordType 200), quelle dei dormitori si contano dall'ingresso "
            "all'uscita"
        ),
        "never_beds": N_(
            "iscrizioni a progetti senza posti letto (strada, centri diurni, accompagnamento, "
            "prevenzione, accesso): {number}; non contano notti, ingressi né uscite"
        ),
        "never_moved_in": N_(
            "iscrizioni a progetti abitativi senza ingresso in casa (MoveInDate): {number}; non "
            "contano notti, ingressi né uscite"
        ),
        "never_slept": N_(
            "iscrizioni a dormitori senza una notte registrata (Services.csv, RecordType 200): "
            "{number}; non contano notti, ingressi né uscite"
        ),
        "after_closing": N_(
            "ingressi dal giorno della chiusura del progetto (OperatingEndDate) in poi: {number}; "
            "non contati"
        ),
        "beyond_closing": N_(
            "accoglienze oltre la chiusura del progetto (OperatingEndDate): {number}; finite quel "
            "giorno, con la destinazione dell'uscita o non nota se manca"
        ),
        "nightly": N_(
            "iscrizioni ai dormitori: {enrolled}, con {nights} notti; lette come {stays} "
            "accoglienze, una per ogni serie di notti di fila: dove le notti si interrompono c'è "
            "un'uscita di destinazione non nota"
        ),
        "turned": N_("uscite prima dell'ingresso: {number}; non contate"),
        "overlapping": N_(
            "accoglienze cominciate durante un'altra della stessa persona: {number}; le notti in "
            "comune contano una volta"
        ),
    },
)

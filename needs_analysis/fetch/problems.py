"""What can go wrong with a site, an answer or a query; what is said of a download."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "fetch",
    {
        # What is asked of a site.
        "unknown_source": N_("fonte sconosciuta"),
        "known_sources": N_("Fonti: {known}."),
        "latest_only": N_("il sito dà solo l'ultima edizione"),
        "without_year": N_("Togliere --year {year}."),
        "no_year": N_("non c'è il {year}"),
        "known_years": N_("Anni: {first}-{last}."),
        "manual": N_("non si può scaricare da qui: {note}"),
        "manual_then_add": N_("Scaricarlo a mano da {page}, poi: needs-analysis data add FILE"),
        "find_then_add": N_(
            "Cercarlo in {page}, scaricarlo a mano, poi: needs-analysis data add FILE"
        ),
        "no_https": N_("non è un indirizzo https"),
        "name_official_site": N_("Indicare il sito ufficiale."),
        "busy": N_("{folder}: un altro processo sta scaricando qui"),
        "wait_for_end": N_("Attendere che finisca."),
        # What a site answers.
        "gone": N_("il file non c'è (più)"),
        "slow_answer": N_("il sito non risponde in tempo"),
        "unreachable": N_("il sito non è raggiungibile"),
        "broken_off": N_("il collegamento si è interrotto, il file è incompleto"),
        "not_resumed": N_("il sito non riprende il file da dove era arrivato"),
        "slow_down": N_("il sito chiede di rallentare ({status})"),
        "site_fault": N_("il sito ha un guasto ({status})"),
        "denied": N_("il sito nega l'accesso ({status})"),
        "unexpected_answer": N_("risposta inattesa ({status})"),
        "changed": N_("il file è cambiato sul sito durante lo scarico"),
        "too_slow": N_("il sito è troppo lento"),
        "arrived_damaged": N_("il file è arrivato guasto"),
        "certificate": N_("il certificato del sito non è riconosciuto"),
        "install_certificates": N_(
            "Chiedere all'ufficio informatico di installare i certificati della rete."
        ),
        "too_many_redirects": N_("più di {most} rinvii"),
        "site_changed": N_("Il sito è cambiato: scaricare il file a mano."),
        "bad_redirect": N_("rinvio non valido"),
        "unsafe_redirect": N_("il sito rinvia a {address}, che non è https"),
        "by_hand": N_("Scaricare il file a mano."),
        "by_hand_official": N_("Scaricare il file a mano dal sito ufficiale."),
        "by_hand_from": N_("Scaricare il file a mano da {page}"),
        "unexpected_encoding": N_("codifica '{encoding}' non attesa"),
        "too_large": N_("il file supera {megabytes} MB, non è quello atteso"),
        "check_it_at": N_("Controllarlo in {page}"),
        "try_later": N_("Controllare la rete e riprovare più tardi."),
        "try_later_resumed": N_(
            "Controllare la rete e riprovare più tardi: si riprende da dove si è arrivati."
        ),
        "try_after": N_("Controllare la rete e riprovare fra {seconds} secondi."),
        "try_after_resumed": N_(
            "Controllare la rete e riprovare fra {seconds} secondi: "
            "si riprende da dove si è arrivati."
        ),
        # Is it the file?
        "empty": N_("il file è vuoto"),
        "web_page": N_("al posto del file il sito dà una pagina web (accesso richiesto, o errore)"),
        "no_csv": N_("non è un testo CSV"),
        "no_archive": N_("non è un archivio {kind} integro"),
        "not_the_format": N_("il file non ha il formato atteso ({reader})"),
        "repeated_name": N_("nell'archivio il nome {name} è ripetuto"),
        "open_by_hand": N_("Aprirlo a mano."),
        # How a download goes.
        "current": N_("{name}: già aggiornato (scaricato il {retrieved})."),
        "downloaded": N_("{name}: scaricato da {address}"),
        "again_in": N_("{name}: {why}; riprovo fra {seconds} s"),
        "withdrawn": N_(
            "Attenzione: {address} è stato ritirato (constatato il {today}); "
            "resta il file scaricato il {retrieved}. Controllare {page}"
        ),
        "revised": N_(
            "Attenzione: {name} è stato rivisto sul sito: resta il file del {retrieved}, quello "
            "del {waiting} è da parte. Per adottarlo: needs-analysis data fetch {source} "
            "--accept-revised"
        ),
        "adopted": N_(
            "Attenzione: {name} è stato rivisto sul sito: adottato il file del {waiting}; "
            "quello del {retrieved} è in {old}"
        ),
        # What ISTAT is asked.
        "query_no_data": N_("ISTAT non ha dati per questa richiesta"),
        "query_fewer_filters": N_("Togliere dei filtri, o cercare la tavola in {address}"),
        "query_repeated_cell": N_("ISTAT dà due volte la stessa cella"),
        "query_no_dataflow": N_("ISTAT non ha questa tavola"),
        "query_dataflows": N_("Nomi brevi: {names}; le altre in {address}"),
        "query_no_structure": N_("la struttura che ISTAT ha dato non si legge"),
        "query_later": N_("Riprovare più tardi."),
        "query_correct": N_("Correggere la richiesta."),
        "query_no_dimension": N_("la dimensione {dimension} non esiste (sono: {known})"),
        "query_near_dimension": N_("la dimensione {dimension} non esiste, forse {near}"),
        "query_no_code": N_("{dimension}: il codice {code} non esiste"),
        "query_near_code": N_("{dimension}: il codice {code} non esiste, forse {near} ({label})"),
        "query_no_answer": N_("ISTAT non risponde"),
        "query_shut_out": N_(
            "Riprovare più tardi; chi supera le 5 richieste al minuto resta escluso uno o due giorni."
        ),
        "query_refused": N_("ISTAT rifiuta le richieste da questa rete ({status})"),
        "query_wait": N_("Non riprovare subito: l'esclusione dura uno o due giorni."),
        "query_too_long": N_("la richiesta è troppo grande ({status})"),
        "query_add_filters": N_("Aggiungere filtri."),
        "query_not_taken": N_("ISTAT non accetta la richiesta ({status})"),
        "query_check_filters": N_("Controllare filtri e periodo."),
        "query_answer_too_large": N_("la risposta supera {megabytes} MB"),
        "query_page": N_("ISTAT ha risposto con una pagina, non con i dati"),
        "answer_lacks": N_("nella risposta mancano {columns}"),
        "answer_cut": N_("la risposta è troncata"),
        "ask_again": N_("Chiedere di nuovo (refresh)."),
        "query_pace": N_("ISTAT accetta {requests} richieste al minuto: attendo {seconds} s"),
        "query_asked": N_("ISTAT: chiedo {name}"),
        "query_again": N_("ISTAT non ha risposto, riprovo una volta"),
        "query_copy_damaged": N_("{name}: la copia non è integra, la chiedo di nuovo"),
        "query_withdrawn": N_(
            "Attenzione: ISTAT non dà più {name} ({today}); resta la risposta del {retrieved}."
        ),
        "query_revised": N_(
            "Attenzione: ISTAT ha rivisto {name}: la risposta del {retrieved} resta in {old}, "
            "si usa quella del {today}."
        ),
        "query_no_period": N_("nessun dato nel periodo chiesto"),
        "query_widen": N_("Allargare «start» e «end»."),
    },
)

WARNINGS = frozenset({"fetch.withdrawn", "fetch.revised", "fetch.adopted"})
"""What is said of a download and a user must see."""

"""What can be wrong with the files of the store and with a download; what is said of them."""

from __future__ import annotations

from needs_analysis.errors import Table
from needs_analysis.words import N_

problem = Table(
    "store",
    {
        # The tables.
        "no_table": N_("non c'è una tabella «{name}»: quelle che ci sono: {known}"),
        "no_files_within": N_("«{name}» non è una fonte di dati interni ai comuni: sono {known}"),
        "pinned_away": N_("i dati di «{name}» che lo studio usa non ci sono"),
        "half_years_lacking": N_("semestri mancanti nella serie: {semesters}"),
        "covers": N_("{date}: {places} comuni su {of}, dove comprende"),
        "not_italy": N_(
            "{places} comuni su {of}: non copre l'Italia, non entra in nessuna tabella"
        ),
        "for_zones": N_("per la mappa delle zone OMI e il peso delle zone nei canoni"),
        "in_no_table": N_("non entra in nessuna tabella"),
        "shipped_already": N_("già nel programma"),
        "same_date": N_("un altro file della stessa data è in uso"),
        "newer_in_use": N_("è in uso un'edizione più recente"),
        # The user's own files.
        "rows_kept": N_("{title} ({date}): {rows} righe"),
        "day_said": N_("{day}, data indicata dall'utente"),
        "undated": N_("senza data"),
        "no_day": N_("il file non dice di che giorno sono i dati"),
        "no_year_said": N_("il file non dice di che anno sono i dati"),
        "give_day": N_("Indicarlo: needs-analysis data add {file} --as-of {example}"),
        "says_other_day": N_("il file dice {found}, non {given}"),
        "without_as_of": N_("Togliere --as-of {given}."),
        "no_such_day": N_("--as-of: «{found}» non è un giorno"),
        "whole_day": N_("--as-of: serve il giorno, non solo l'anno {found}"),
        "write_day": N_("Scrivere per esempio 2018-02-17."),
        "covers_part": N_(
            "comprende {places} comuni su {of}: vale per questi, con la sua data; le cifre nazionali "
            "restano dell'ultima edizione che copre l'Italia"
        ),
        "under_italy": N_(
            "{places} comuni o province su {of} al {date}: è una parte di un file che l'ente "
            "pubblica per tutta l'Italia"
        ),
        "download_italy": N_("Scaricare il file di tutta l'Italia."),
        "not_as_published": N_(
            "Correggere o togliere questi valori, o chiedere all'ente un file corretto."
        ),
        "impossible_year": N_("anno impossibile: {year}"),
        "impossible_codes": N_("codici di comune impossibili: {places}"),
        "impossible_codes_more": N_("codici di comune impossibili: {places} e altri {left}"),
        "under_zero": N_("{column}: valori sotto zero ({places})"),
        "under_zero_more": N_("{column}: valori sotto zero ({places} e altri {left})"),
        "without_end": N_("{column}: valori senza fine ({places})"),
        "without_end_more": N_("{column}: valori senza fine ({places} e altri {left})"),
        "upside_down": N_("{column}: minimo maggiore del massimo ({places})"),
        "upside_down_more": N_("{column}: minimo maggiore del massimo ({places} e altri {left})"),
        "blanked": N_("Attenzione: {what}; questi valori sono lasciati in bianco"),
        "none_to_remove": N_("fra i propri dati non c'è «{name}»"),
        "kept_ones": N_("Ci sono: {names}."),
        "several_to_remove": N_("di «{name}» ci sono più edizioni: {dates}"),
        "say_date": N_("Indicare quale, per esempio: needs-analysis data remove {name} DATA"),
        "none_recognised": N_(
            "nessun file ufficiale riconosciuto: il contenuto conta, non il nome."
        ),
        "not_there": N_("il file non esiste"),
        "check_path": N_("Controllare il percorso."),
        "download_again": N_("Scaricare di nuovo il file."),
        "unknown_file": N_("non è fra i file ufficiali conosciuti"),
        "content_counts": N_(
            "Il contenuto conta, non il nome: i file che si leggono sono elencati in docs/data.md."
        ),
        "kept_damaged": N_("file danneggiato fra i propri dati ({source})"),
        "add_again": N_("Cancellarlo e aggiungere di nuovo l'originale con «data add»."),
        # The compiler.
        "rows_read": N_("{title}: {rows} righe"),
        "no_folder": N_("{folder}: la cartella non esiste"),
        "name_downloads": N_("Indicare i file scaricati."),
        "lacking_sources": N_("{folder}: non trovo i file di: {titles}"),
        "download_official": N_("Scaricarli dai siti ufficiali."),
        "repeated_keys": N_("{title}: chiavi ripetute {keys}"),
        "remove_doubles": N_("Togliere i file doppi dalla cartella."),
        "mend_or_remove": N_(
            "Mettere a posto i file indicati (il giorno che manca va nel loro nome), o toglierli "
            "dalla cartella."
        ),
        "no_hand_kept_table": N_("non è una tabella CSV"),
        "mend_by_hand": N_("Correggerla, o toglierla: torna allora quella del programma."),
        "left_aside": N_("{file}: lasciato da parte, {why}"),
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
        "archive_too_large": N_("l'archivio è troppo grande"),
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
    },
)

WARNINGS = frozenset({"store.withdrawn", "store.revised", "store.adopted"})
"""What is said of a download and a user must see."""

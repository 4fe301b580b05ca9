"""What can be wrong with the files of the store; what is said of them."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
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
    },
)

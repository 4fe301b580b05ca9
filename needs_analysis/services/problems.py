"""What can be wrong or odd in the files and questions of the services: their sentences.

None repeats what identifies a guest: who makes a problem gives it no such value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from needs_analysis.errors import Problem, Table, Where, wanted
from needs_analysis.parameters import INSIDE_SHARE
from needs_analysis.reading import MANY
from needs_analysis.words import N_, NN_

problem = Table(
    "services",
    {
        "one_place": N_(
            "{name} è un comune solo: non c'è da scegliere dove. Indicare un ambito, una provincia o "
            "un elenco di comuni"
        ),
        "need": N_("--need si sceglie fra: {known}"),
        # files
        "no_such_file": N_("il file non esiste"),
        "check_path_and_name": N_("Controllare il percorso e il nome."),
        "check_path": N_("Controllare il percorso."),
        "unreadable": N_("il file non si può leggere"),
        "cannot_open": N_("il file non si può aprire"),
        "too_many_bytes": N_("il file supera {most} MB"),
        "divide": N_("Dividerlo."),
        "empty_file": N_("il file è vuoto"),
        "no_text": N_("il file non è un testo CSV"),
        "save_as_csv": N_("Salvarlo come «CSV UTF-8»."),
        "no_csv_text": N_("il testo non si legge come CSV"),
        "ragged": N_("celle in più o in meno"),
        "other_book": N_("è un file {end}, si aspetta un file .xlsx o una cartella di file CSV"),
        "no_book": N_("si aspetta un file .xlsx o una cartella di file CSV"),
        "save_as_xlsx": N_("Aprirlo e salvarlo come .xlsx."),
        "old_or_locked": N_("è un vecchio .xls, o ha una password"),
        "unlock": N_("Aprirlo, togliere la password e salvarlo come .xlsx."),
        "absurd_extent": N_("un foglio dice di occupare {extent}, più di ogni foglio vero"),
        "copy_cells": N_(
            "Copiare le celle con i dati in una cartella di lavoro nuova, e indicare quella."
        ),
        "unreadable_book": N_("non si legge come cartella di Excel"),
        "correct": N_(
            "Correggere e salvare di nuovo; i modelli: needs-analysis services template."
        ),
        "no_sheet": N_("manca il foglio «{name}»"),
        "no_csv": N_("manca il file «{name}.csv»"),
        "older_in_folder": N_(
            "Nella cartella c'è un file .xls o .ods: aprirlo e salvarlo come .xlsx."
        ),
        "several_files": N_("{found} file della cartella hanno {sheets}"),
        "say_which": N_("Indicare quale usare."),
        "no_rows": N_("non ha righe"),
        "exists": N_("esiste già"),
        "elsewhere": N_("Scegliere un'altra cartella o spostarlo."),
        "not_writable": N_("non si può scrivere in questa cartella"),
        # the key of the pseudonyms
        "key_exists": N_("la chiave esiste già; una nuova cambierebbe tutti gli pseudonimi"),
        "use_that_key": N_("Usare quella, o scegliere un altro nome."),
        "key_not_writable": N_("la chiave non si può scrivere qui"),
        "make_folder": N_("La cartella non esiste: crearla prima."),
        "key_among_data": N_("la chiave sta nella cartella dei dati"),
        "move_key": N_(
            "Spostare la chiave in una cartella che non sia dentro quella dei dati: chi riceve i "
            "dati non deve ricevere la chiave."
        ),
        "no_key_file": N_("il file della chiave non esiste"),
        "make_key": N_(
            "Indicare il file della chiave; se non c'è ancora, crearlo: needs-analysis services "
            "key."
        ),
        "key_unreadable": N_("la chiave non si può leggere"),
        "key_open": N_("la chiave è leggibile da altri utenti"),
        "close_key": N_("Riservarla: chmod 600."),
        "no_key": N_("il file non è una chiave"),
        # what was handed out before
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
        "key_needed": N_("manca --key: senza la chiave le accoglienze non si leggono."),
        # sheets and columns
        "no_column": N_("manca la colonna"),
        "column_twice": N_("la colonna sta due volte"),
        "columns_absent": NN_(
            "manca la colonna {columns}: nessuno dei suoi dati è letto",
            "mancano le colonne {columns}: nessuno dei loro dati è letto",
        ),
        "unread_column": N_("non è prevista e non è stata letta"),
        "unread_column_meant": N_(
            "non è prevista e non è stata letta: nel modello si chiama «{meant}»?"
        ),
        "asks_identity": N_("identifica le persone e non va trasmessa: toglierla"),
        "total_row": N_("riga di totale: toglierla"),
        "unread_sheets": NN_(
            "foglio non letto, nessuna tabella ha questo nome: {names}",
            "fogli non letti, nessuna tabella ha questi nomi: {names}",
        ),
        "unread_files": NN_(
            "file non letto, nessuna tabella ha questo nome o ce n'è un altro uguale: {names}",
            "file non letti, nessuna tabella ha questi nomi o ce n'è un altro uguale: {names}",
        ),
        "book_beside": N_("accanto ai CSV c'è anche {names}, non letta: tenere gli uni o l'altra"),
        "hidden_rows": N_(
            "righe nascoste da un filtro o a mano: {number}; lette come le altre: toglierle se non "
            "vanno contate"
        ),
        "alike": N_(
            "diversi solo per maiuscole o spazi: {number}; contati come diversi: scriverli allo "
            "stesso modo se sono gli stessi, e togliere la riga che è due volte"
        ),
        "codes_folded": N_(
            "codici diversi solo per maiuscole, spazi o segni: {number}; valgono come la stessa "
            "persona o famiglia"
        ),
        "code_or_blank": N_("un codice, o la cella vuota se non si sa"),
        "merged": N_("le celle {cells} sono unite: separarle e scrivere il valore in ogni riga"),
        "excel_error": N_("la cella contiene un errore di Excel"),
        "not_computed": N_("la formula non è stata calcolata: aprire il file con Excel e salvarlo"),
        "more_rows": NN_("e un'altra riga", "e altre {count} righe"),
        # what names a person
        "seems_tax_code": N_("sembra contenere un codice fiscale (qui non ripetuto)"),
        "seems_e_mail": N_("sembra contenere un indirizzo e-mail (qui non ripetuto)"),
        "seems_iban": N_("sembra contenere un IBAN (qui non ripetuto)"),
        "seems_phone": N_("sembra contenere un numero di telefono (qui non ripetuto)"),
        "seems_address": N_("sembra contenere un indirizzo (qui non ripetuto)"),
        "seems_birth": N_("sembra contenere dati di nascita (qui non ripetuto)"),
        "seems_name": N_("sembra contenere un nome di persona (qui non ripetuto)"),
        "personal": N_("{seems}: toglierlo"),
        "member_is_person": N_(
            "sembra un nome di persona (qui non ripetuto): i membri della rete sono enti, scrivere "
            "quale ente («Associazione …», «Comune di …»)"
        ),
        "codes_like_names": N_(
            "codici che sembrano nomi o codici fiscali: {number}; qui sono pseudonimi, ma il file "
            "resta un elenco di persone: usare un codice interno"
        ),
        "lost_zeros": N_(
            "codici diversi da un altro solo per gli zeri iniziali: {number}; valgono come persone "
            "diverse: controllare se Excel li ha tolti"
        ),
        # cells
        "found": N_("trovato «{cell}»"),
        "found_person_code": N_("trovato il codice di una persona (qui non ripetuto)"),
        "found_name": N_("trovato un nome"),
        "one_of": N_("una tra: {choices}"),
        "some_of": N_("una o più voci separate da «;», tra: {choices}"),
        "one_of_list": N_("una delle {many} voci dell'elenco, nelle «istruzioni» del modello"),
        "some_of_list": N_(
            "una o più delle {many} voci dell'elenco, nelle «istruzioni» del modello, separate da "
            "«;»"
        ),
        "date": N_("una data come 31/12/2025"),
        "number": N_("un numero"),
        "number_from": N_("un numero non minore di {low}"),
        "number_between": N_("un numero da {low} a {high}"),
        "integer": N_("un numero intero"),
        "integer_from": N_("un numero intero non minore di {low}"),
        "integer_between": N_("un numero intero da {low} a {high}"),
        "yes_or_no": N_("«sì» o «no»"),
        "municipality": N_("il codice ISTAT di un comune esistente, sei cifre"),
        "text": N_("un testo"),
        "proposal": N_("proposta: «{proposal}»"),
        "no_answer": N_("se un ufficio non ha risposto «{words}», altrimenti cella vuota"),
        "two_numbers": N_("può valere {whole} o {fraction}: scriverlo senza punto"),
        "unknown_entries": NN_(
            "voce non riconosciuta: la n. {entries}", "voci non riconosciute: le n. {entries}"
        ),
        "may_be": NN_("può essere {last}", "può essere {others} o {last}"),
        "ceased": N_("comune cessato, ora è di un altro"),
        "turned_date": N_(
            "è scritta mese/giorno/anno: controllare anche le altre date di questa colonna, che "
            "qui si leggono giorno/mese/anno"
        ),
        "if_meant": N_("se si intende {name}"),
        "unexpected": N_("{found}, ci si aspetta {expected}"),
        "out_of_bounds": N_("{found}, ci si aspetta {expected}"),
        "missing": N_("manca, ci si aspetta {expected}"),
        "repeated": NN_(
            "{found} anche in riga {rows}, ci si aspetta un codice diverso per ogni riga",
            "{found} anche in righe {rows}, ci si aspetta un codice diverso per ogni riga",
        ),
        "measure_twice": N_("misura, ente e anno già scritti"),
        "unknown_reference": N_("{found}, che non è fra i codici {among}"),
        "of_sheet": N_("del foglio «{sheet}»"),
        # what is odd in one table
        "unknown_ambito": N_("{found}, che non è fra gli ambiti dell'archivio: {kept}"),
        "kept": N_("tenuto così"),
        "closed_before_opened": N_(
            "trovato {found}, prima dell'apertura ({other}): correggere una delle due date"
        ),
        "exit_before_entry": N_(
            "trovato {found}, prima dell'ingresso ({other}): accoglienza non contata, correggere "
            "una delle due date"
        ),
        "answer_before_referral": N_(
            "trovato {found}, prima della segnalazione ({other}): correggere una delle due date"
        ),
        "end_before_beginning": N_(
            "trovato {found}, prima dell'inizio ({other}): correggere una delle due date"
        ),
        "shut_but_occupied": N_(
            "posto «occupato», ma il posto o l'alloggio è chiuso: correggere lo stato o la chiusura"
        ),
        "many_beds": N_(
            "trovato {found}, più di {most} posti letto in un'abitazione di transizione: "
            "controllare i posti letto, o il tipo di servizio"
        ),
        "few_beds": N_(
            "trovato {found}, ma i posti aperti dell'alloggio sono {held}: correggere i posti "
            "letto o il foglio «posti»"
        ),
        "protected_address": N_("indirizzo di un servizio protetto, non letto: toglierlo dal file"),
        "body_like_person": N_(
            "sembra un nome di persona (qui non ripetuto): qui va il nome dell'ente"
        ),
        "exit_without_entry": N_(
            "manca, ma c'è un'uscita: accoglienza non contata, scrivere l'ingresso"
        ),
        "refused_but_entered": N_(
            "risposta «rifiutata», ma c'è un ingresso: correggere la risposta o togliere l'ingresso"
        ),
        "goals_beyond": N_(
            "trovato {found}, più degli obiettivi fissati ({other}): correggere uno dei due"
        ),
        "beneficiaries_beyond": N_(
            "trovato {found}, più delle domande ({other}): controllare i due numeri"
        ),
        "future": N_(
            "trovato {found}, nel futuro: correggerlo, o lasciarlo vuoto finché non è avvenuto"
        ),
        "too_old": N_("trovato {found}, prima del {year}: controllare l'anno"),
        "prolonged": N_("permanenza oltre {months} mesi"),
        "prolonged_unsaid": N_(
            "permanenza oltre {months} mesi: controllare le date, o scrivere il motivo in "
            "«{column}»"
        ),
        "guest_twice": N_(
            "accoglienze sovrapposte: lo stesso ospite è presente con la riga {row}: correggere le "
            "date"
        ),
        "place_taken": N_(
            "posto già occupato da un'altra famiglia con la riga {row}: correggere il posto o le "
            "date"
        ),
        # register and stays together
        "unknown_service": N_("servizio {code} non nel registro: {cure}"),
        "unknown_place": N_("posto {code} non nel registro: {cure}"),
        "unknown_dwelling": N_("alloggio «{code}» non nel registro"),
        "code": N_("«{code}»"),
        "code_of_person": N_("(codice di una persona, qui non ripetuto)"),
        "add_or_correct": N_("aggiungerlo o correggerlo"),
        "add_to_register": N_("Aggiungerli al registro o correggerli."),
        "more_services": NN_(
            "un altro codice di servizio non nel registro",
            "altri {count} codici di servizio non nel registro",
        ),
        "more_places": NN_(
            "un altro codice di posto non nel registro",
            "altri {count} codici di posto non nel registro",
        ),
        "place_shut": N_(
            "posto «{place}»: chiuso ma ancora occupato: scrivere l'uscita, o riaprire il posto"
        ),
        "place_not_open": N_(
            "posto «{place}»: accoglienza fuori dall'apertura del posto: correggere le date"
        ),
        "place_to_repair": N_(
            "posto «{place}»: «da sistemare» ma occupato: aggiornare lo stato del posto, o l'uscita"
        ),
        "place_not_for_group": N_(
            "posto «{place}»: non accoglie «{group}»: correggere il gruppo o i «gruppi accolti»"
        ),
        "away_elsewhere": N_(
            "l'assenza non sta nei giorni dell'accoglienza: quelli fuori non si contano"
        ),
        "endless_day": N_("{found} ore in un giorno, più di {most}: controllare data e ore"),
        "to_itself": N_("chi segnala e chi riceve sono lo stesso membro: non conta fra i legami"),
        "answered_twice": N_(
            "lo stesso membro ha risposto più volte alla stessa domanda: vale la media"
        ),
        "same_in_places": NN_("lo stesso in un altro posto", "lo stesso in altri {count} posti"),
        "too_many_together": N_(
            "posto «{place}»: {together} componenti insieme dal {day}, al massimo {most} nel "
            "registro: correggere il posto o «componenti al massimo»"
        ),
        # HMIS exports
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
        # a matrix of travel times
        "matrix": N_(
            "Serve un CSV con una riga per comune di partenza e una colonna per comune di arrivo, "
            "con i codici ISTAT nella prima colonna e nella prima riga e un numero da 0 in su in "
            "ogni cella."
        ),
        "matrix_shape": N_("la matrice ha {rows} righe e {columns} colonne"),
        "rows_absent": N_("nelle righe mancano {number}: {codes}"),
        "rows_twice": N_("nelle righe compaiono due volte {number}: {codes}"),
        "columns_missing": N_("nelle colonne mancano {number}: {codes}"),
        "columns_twice": N_("nelle colonne compaiono due volte {number}: {codes}"),
        "cells_blank": N_("celle vuote: {number} (da {places})"),
        "cells_no_number": N_("celle che non sono numeri: {number} (da {places})"),
        "cells_infinite": N_("celle infinite: {number} (da {places})"),
        "cells_negative": N_("celle sotto zero: {number} (da {places})"),
        "row_to_column": N_("riga {row} a colonna {column}"),
        "and_others": N_("..."),
        "matrix_others": NN_(
            "riga o colonna che non è di un luogo, non letta: {names}",
            "righe o colonne che non sono di un luogo, non lette: {names}",
        ),
        "zeros_put_back": NN_(
            "{count} codice aveva perso lo zero iniziale, rimesso: {pairs}",
            "{count} codici avevano perso lo zero iniziale, rimesso: {pairs}",
        ),
        # periods and months
        "no_period": N_("il periodo si scrive 2025, oppure 2025-01-01/2025-06-30"),
        "period_turned": N_("il periodo finisce ({end}) prima di cominciare ({start})"),
        "period_ends_later": N_(
            "il periodo finisce il {end}, dopo oggi: indicare per esempio {example}"
        ),
        "period_begins_later": N_("il periodo comincia il {start}, dopo oggi"),
        "no_day": N_("il periodo ha un giorno che non c'è: «{found}»"),
        "no_month": N_("«{found}» non è un mese: si scrive 2025-03"),
        "no_study_file": N_(
            "[services]: accanto allo study.toml non c'è il file «{kind}» con cui lo studio fu "
            "fatto (il suo checksum è scritto lì). Rimetterlo, o scrivere il suo percorso."
        ),
        # tables and measures
        "table_columns": N_("«{table}»: mancano le colonne {columns}"),
        "table_codes": N_("«{table}»: codici ripetuti in {column}"),
        "no_measure": N_("nessuna misura «{measure}» per {level} «{value}»"),
        "measure_rows": N_("«{measure}» non è una misura con righe proprie"),
        "measure_level": N_("«{measure}» non si dice per {level}"),
        "no_year": N_("l'anno «{year}» non è nel periodo: ci sono {years}"),
        "no_level": N_("il livello «{level}» non c'è: ci sono {levels}"),
        "no_level_value": N_("{level} «{value}» non c'è"),
        "present_guest": N_(
            "un ospite è ancora presente: indicare il periodo in cui contare le notti"
        ),
        "count_beyond_total": N_("un conteggio deve stare fra 0 e il suo totale"),
        "durations_events": N_("{durations} durate ma {events} esiti"),
        "durations_groups": N_("{durations} durate ma {groups} gruppi"),
        "duration": N_("una durata manca o è sotto 0"),
        "cause": N_("una causa è sotto 0; 0 vale ancora presente"),
        "no_member": N_("le segnalazioni nominano chi non è membro: {members}"),
        "scores": NN_(
            "questionario: un punteggio non è da 1 a 5",
            "questionario: {count} punteggi non sono da 1 a 5",
        ),
        "nobody_left": N_("nessuno è ancora uscito: quanto durano le permanenze non si sa"),
        "homes_elsewhere": N_(
            "nel registro ci sono posti di alloggi, o alloggi di servizi, che non ci sono: {codes}"
        ),
        # requests, stays and places
        "not_above_zero": N_("{name} deve essere maggiore di 0, non {found}"),
        "below_zero": N_("{name} deve essere da 0 in su, non {found}"),
        "not_whole": N_("{name} deve essere un numero intero da 0 in su, non {found}"),
        "below_one": N_("{name} deve essere da 1 in su, non {found}"),
        "no_share": N_("{name} deve stare fra 0 e 1, non {found}"),
        "share_of_one": N_("{name} va da 0 a meno di 1, non {found}"),
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
        "few_replications": N_("{found} ripetizioni non danno un intervallo: almeno 2"),
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
        # sites
        "no_polygon": N_("senza poligono: {units}"),
        "no_metres": N_("le distanze vogliono coordinate in metri: area.to_crs('EPSG:32632')"),
        "out_of_reach": N_("troppo lontani da ogni possibile alloggio: {units}"),
        "outside_area": N_("non nel territorio: {units}"),
        "part_of_ambito": N_(
            "gli alloggi protetti si collocano su ambiti interi, e qui ce n'è solo una parte "
            "({ambiti}): scegliere tutto l'ambito o la provincia"
        ),
        "units_twice": N_("righe ripetute fra le distanze: {units}"),
        "sites_twice": N_("colonne ripetute fra le distanze: {units}"),
        "units_without_distances": N_("mancano le distanze di {units}"),
        "sites_without_distances": N_("mancano le distanze degli alloggi che ci sono: {units}"),
        "no_need": N_("il bisogno scelto è zero o manca ovunque, o da qualche parte è sotto zero"),
        "no_distance": N_("le distanze devono essere tutte note e da 0 in su"),
        "no_site": N_(
            "con {name} 0 si guarda la situazione di oggi, ma nel territorio non ci sono alloggi: "
            "indicare un registro che ne ha, o {name} da 1 in su"
        ),
        "no_site_left": N_(
            "c'è già un alloggio dappertutto, non resta dove aprirne: {name} 0 dice la situazione "
            "di oggi"
        ),
        "sites_range": N_("{name} va da 0 a {most}, non {found}"),
        "large_area": N_(
            "il territorio è troppo grande ({units} comuni per {sites} possibili sedi, più di "
            "{most} confronti): sceglierne uno più piccolo"
        ),
    },
)


def of_rows(
    where: Where, rows: Iterable[int], what: Problem | Callable[[int], Problem]
) -> list[Problem]:
    """Return a problem a row, and one that counts the rows beyond `MANY`.

    Parameters
    ----------
    where : Where
        The place, without its rows.
    rows : iterable of int
        As the user sees them.
    what : Problem or callable
        The same of every row, or of one.

    Examples
    --------
    >>> print(*of_rows(Where(sheet="posti"), range(4, 106), problem("total_row"))[99:], sep="; ")
    foglio «posti», riga 103: riga di totale: toglierla; foglio «posti»: e altre 2 righe
    """
    every = [int(row) for row in rows]
    said = [
        (what if isinstance(what, Problem) else what(row)).at(replace(where, rows=(row,)))
        for row in every[:MANY]
    ]
    if (more := len(every) - MANY) > 0:
        said.append(problem("more_rows", where, count=more))
    return said


def path_of(given: Path | str) -> Path:
    """Return a path; refuse what is none.

    Examples
    --------
    >>> path_of("dati").name
    'dati'
    """
    wanted(given, str, Path)
    return Path(given)


def wrong_share(name: str, found: float) -> list[Problem]:
    """Say what is wrong with a share that must lie inside 0 and 1; one written per cent is put right."""
    wrong = INSIDE_SHARE.wrong(name, found)
    if wrong is None or wrong.code.endswith("per_cent"):
        return [wrong] if wrong else []
    return [problem("no_share", name=name, found=found)]

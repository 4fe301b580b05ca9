"""What can be wrong or odd in the files of the services: their sentences.

None repeats what identifies a guest: who makes a problem gives it no such value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from needs_analysis.errors import Messages, Problem, Where, wanted
from needs_analysis.reading import MANY
from needs_analysis.words import N_, NN_

problem = Messages(
    "files",
    {
        # files
        "no_such_file": N_("il file non esiste"),
        "check_path_and_name": N_("Controllare il percorso e il nome."),
        "check_path": N_("Controllare il percorso."),
        "unreadable": N_("il file non si può leggere"),
        "other_book": N_("è un file {end}, si aspetta un file .xlsx o una cartella di file CSV"),
        "no_book": N_("si aspetta un file .xlsx o una cartella di file CSV"),
        "save_as_xlsx": N_("Aprirlo e salvarlo come .xlsx."),
        "old_or_locked": N_("è un vecchio .xls, o ha una password"),
        "unlock": N_("Aprirlo, togliere la password e salvarlo come .xlsx."),
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
        "beneficiaries_beyond_admitted": N_(
            "trovato {found}, più delle domande ammesse ({other}): controllare i due numeri"
        ),
        "admitted_beyond": N_(
            "trovato {found} ammesse, più delle domande ({other}): controllare i due numeri"
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
        "code": N_("«{code}»"),
        "code_of_person": N_("(codice di una persona, qui non ripetuto)"),
        "add_or_correct": N_("aggiungerlo o correggerlo"),
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
        # periods and months
        "no_period": N_("il periodo si scrive 2025, oppure 2025-01-01/2025-06-30"),
        "period_turned": N_("il periodo finisce ({end}) prima di cominciare ({start})"),
        "period_ends_later": N_(
            "il periodo finisce il {end}, dopo oggi: indicare per esempio {example}"
        ),
        "period_begins_later": N_("il periodo comincia il {start}, dopo oggi"),
        "no_day": N_("il periodo ha un giorno che non c'è: «{found}»"),
        "no_study_file": N_(
            "[services]: accanto allo study.toml non c'è il file «{kind}» con cui lo studio fu "
            "fatto (il suo checksum è scritto lì). Rimetterlo, o scrivere il suo percorso."
        ),
        # tables and measures
        "table_columns": N_("«{table}»: mancano le colonne {columns}"),
        "table_codes": N_("«{table}»: codici ripetuti in {column}"),
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

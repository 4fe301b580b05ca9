"""What can be wrong with an official file, or with what ISTAT is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from needs_analysis.errors import Table, Where
from needs_analysis.words import N_, NN_


def at_row(row: Any, column: str = "") -> Where:
    """Return the place of a row of the file, or of a cell in it.

    Examples
    --------
    >>> at_row(3, "Zona").text()
    'riga 3, colonna «Zona»'
    """
    return Where(rows=(int(row),), column=column)


def at_rows(rows: Iterable[Any]) -> Where:
    """Return the place of several rows of the file."""
    return Where(rows=tuple(map(int, rows)))


def headers(names: Iterable[str]) -> tuple[str, ...]:
    """Return headers as a sentence names several of them.

    Examples
    --------
    >>> headers(["Zona", "Fascia"])
    ('«Zona»', '«Fascia»')
    """
    return tuple(f"«{name}»" for name in names)


problem = Table(
    "sources",
    {
        # The file.
        "download_again": N_("Scaricare di nuovo il file da {address} e non modificarlo."),
        "download_again_anywhere": N_(
            "Scaricare di nuovo il file da chi lo pubblica e non modificarlo."
        ),
        "compare_rows": N_(
            "Confrontare le righe indicate con il file pubblicato ({address}): se la copia è "
            "guasta scaricarla di nuovo, se è pubblicato così correggerle o toglierle."
        ),
        "compare_rows_anywhere": N_(
            "Confrontare le righe indicate con il file pubblicato: se la copia è guasta "
            "scaricarla di nuovo, se è pubblicato così correggerle o toglierle."
        ),
        "check_header": N_(
            "Controllare che il file sia quello giusto, con la sua intestazione ({address}): se è "
            "pubblicato così, l'ente l'ha cambiata e serve un programma più nuovo."
        ),
        "check_header_anywhere": N_(
            "Controllare che il file sia quello giusto, con la sua intestazione: se è pubblicato "
            "così, l'ente l'ha cambiata e serve un programma più nuovo."
        ),
        "cannot_open": N_("il file non si può aprire"),
        "check_readable": N_("Controllare che esista e sia leggibile."),
        "folder": N_("è una cartella, non un file"),
        "name_file_inside": N_("Indicare il file dentro la cartella."),
        "empty": N_("il file è vuoto"),
        "empty_in_zip": N_("il file nello zip è vuoto"),
        "too_large": N_("il file supera {megabytes} MB, più di ogni file di questa fonte"),
        "utf_16": N_("il testo è in codifica UTF-16, non UTF-8"),
        "save_as_utf_8": N_("Scaricarlo di nuovo, o salvarlo come «CSV UTF-8»."),
        "null_bytes": N_("byte nulli, il file non è un testo CSV"),
        "long_line": N_("una sola riga di oltre {megabytes} MB"),
        "no_line_end": N_("dal byte {start}: oltre {kilobytes} KB senza fine di riga"),
        # A file that no source recognises.
        "web_page": N_("è una pagina web, non i dati"),
        "one_line": N_("ha una riga sola: sembra troncato"),
        "damaged": N_("è troncato o danneggiato"),
        "title_in_utf_16": N_("sembra «{title}», ma è in codifica UTF-16, non UTF-8"),
        # Zips.
        "zip_damaged": N_("l'archivio zip è danneggiato, troncato o protetto"),
        "zip_locked": N_("lo zip è protetto da parola d'ordine"),
        "zip_escapes": N_("lo zip contiene percorsi che escono dalla sua cartella"),
        "zip_too_large": N_("lo zip si espande oltre {files} file o {megabytes} MB"),
        "zip_squeezed": N_("lo zip si espande oltre {times} volte, come nessun file ufficiale"),
        "zip_compression": N_("lo zip usa una compressione non prevista"),
        "zip_not_one": N_("lo zip contiene {found} file {name}, non uno"),
        "zip_lacks": N_("nello zip manca {files}"),
        "zip_in_zip": N_("lo zip contiene altri archivi"),
        "unpack_inner": N_("Estrarre gli archivi interni e indicarli uno alla volta."),
        "take_municipal_file": N_("Estrarre dallo zip il file dei comuni e indicare quello."),
        # Tables.
        "lacking_columns": N_("mancano le colonne {columns}"),
        "several_columns": N_("più colonne per lo stesso dato: {columns}"),
        "lacking_indicators": N_("mancano le colonne degli indicatori (A1, P1, V8...)"),
        "lacking_code_column": N_("mancano le colonne {columns} e una di {sections}"),
        "lacking_header": N_("nessuna intestazione, o nessun dato"),
        "lacking_header_words": N_("nell'intestazione, righe 1-{last}, mancano {words}"),
        "too_many_columns": N_("{found} colonne, più di ogni file della fonte"),
        "too_many_rows": N_("oltre {most} righe irregolari o tra virgolette"),
        "no_rows": N_("nessuna riga di dati dopo l'intestazione"),
        "no_data": N_("nessuna riga di dati"),
        "huge_field": N_("un campo smisurato"),
        "open_quotes": N_("virgolette aperte e non chiuse"),
        "fields": N_("{found} campi invece di {expected}"),
        "fields_cut": N_(
            "{found} campi invece di {expected}: ultima riga, il file sembra troncato"
        ),
        "row_cut": N_("{found} campi invece di {expected}, il file sembra troncato"),
        "more_fields": N_("più campi dell'intestazione, che ne ha {expected}"),
        "more_rows": NN_(
            "e un'altra riga con lo stesso problema",
            "e altre {count} righe con lo stesso problema",
        ),
        # Odd cells of a table that is read all the same.
        "left_blank": NN_(
            "una cella che non si legge è lasciata vuota: {first}",
            "{count} celle che non si leggono sono lasciate vuote: {first}",
        ),
        "left_out": NN_(
            "una riga che non si legge è lasciata fuori: {first}",
            "{count} righe che non si leggono sono lasciate fuori: {first}",
        ),
        "restored": NN_(
            "un codice riprende i suoi zeri: {first}",
            "{count} codici riprendono i loro zeri: {first}",
        ),
        "short_code": N_("'{found}' è {code}"),
        "of_place": N_("{what} ({place})"),
        "and_others": NN_("e un'altra", "e altre {count}"),
        # Workbooks.
        "absurd_extent": N_("un foglio dice di occupare {extent}, più di ogni foglio vero"),
        "copy_cells": N_(
            "Copiare le celle con i dati in una cartella di lavoro nuova, e indicare quella."
        ),
        "no_workbook": N_("non è una cartella di lavoro Excel (.xlsx) leggibile, o è troncata"),
        "no_sheet_with_header": N_("nessun foglio ha l'intestazione attesa"),
        "no_sheet_of_sections": N_("nessun foglio ha l'intestazione delle sezioni"),
        "lacking_sheet": N_("manca il foglio «{sheet}»"),
        # Cells.
        "no_number": N_("'{found}' non è un numero"),
        "no_code": N_("'{found}' non è un codice di {width} cifre"),
        "no_cadastral_code": N_("'{found}' non è un codice catastale"),
        "no_abbreviation": N_("'{found}' non è una sigla di provincia"),
        "no_date": N_("'{found}' non è una data AAAA-MM-GG"),
        "no_year": N_("'{found}' non è un anno"),
        "no_flag": N_("'{found}' non è 0 né 1"),
        "no_degree": N_("'{found}' non è 1, 2 o 3"),
        "no_altitude_zone": N_("'{found}' non è tra 1 e 5"),
        "no_area_number": N_("'{found}' non è il numero di un'area"),
        "no_change_kind": N_("'{found}' non è un tipo di variazione"),
        "no_typology": N_("'{found}' non è un codice di tipologia"),
        "no_surface": N_("'{found}' non è L (lorda) né N (netta)"),
        "no_zone": N_("'{found}' non è un codice di zona"),
        "unknown_province": N_("'{found}' non è una provincia conosciuta"),
        # Rows.
        "repeated_code": N_("codice '{key}' ripetuto"),
        "repeated_cadastral_code": N_("codice catastale '{key}' ripetuto"),
        "repeated_province": N_("provincia '{key}' ripetuta"),
        "repeated_year": N_("anno '{key}' ripetuto"),
        "repeated_place_and_year": N_("comune/anno '{key}' ripetuto"),
        "repeated_area": N_("comune/area '{key}' ripetuto"),
        "repeated_quote": N_("zona/tipologia/stato '{key}' ripetuto"),
        "repeated_zone": N_("zona '{key}' ripetuta"),
        "ends_before": N_("cessa il {end} prima di iniziare il {start}"),
        "parts_differ": N_("i motivi non danno il totale di {total} provvedimenti"),
        "several_years": N_("più anni ({years})"),
        "several_tax_years": N_("più anni di imposta ({years})"),
        "no_row_of_province": N_("nessuna riga di una provincia"),
        "no_row_of_place": N_("nessuna riga di un comune"),
        "no_row_of_census": N_("nessuna riga di un comune nel 1991, 2001 o 2011"),
        "no_row_of_year": N_("nessuna riga di un anno"),
        "lodgings_break": N_(
            "dal {year} l'ISTAT conta anche gli alloggi in affitto non gestiti come impresa: "
            "i letti non si confrontano con quelli degli anni prima"
        ),
        # Residents by age.
        "not_installed": N_("il pacchetto {package} non è installato"),
        "install": N_("Eseguire: {command}"),
        "no_feather": N_("non è un file Feather leggibile, o è troncato"),
        "no_whole_numbers": N_("una colonna non contiene numeri interi"),
        "blank_cells": N_("celle vuote"),
        "impossible_age": N_("età fuori da 0-{oldest}"),
        "impossible_code": N_("codice di comune impossibile"),
        "negative_persons": N_("numero negativo di persone"),
        "sexes_differ": N_("donne e uomini non danno il totale"),
        "repeated_age": N_("comune ed età ripetuti"),
        "ages": N_("comune {code}: {found} età invece di {expected}"),
        "ages_differ": N_("comune {code}: le età danno {found} persone, il totale {total}"),
        "repeated_total": N_("un comune ha più righe di totale (età {age})"),
        # Shapes.
        "no_geometries": N_("le geometrie non sono leggibili"),
        "shapes_damaged": N_("lo shapefile nello zip è danneggiato o troncato"),
        "shapes_lack": N_("nello shapefile mancano: {columns}"),
        "shapes_without_geometry": N_("lo shapefile non ha geometrie"),
        "take_with_residents": N_("Scaricare l'edizione che porta la popolazione delle sezioni."),
        "lacking_geometry": N_("geometria mancante"),
        "repeated_place": N_("comune {code} ripetuto"),
        "no_degrees": N_("le coordinate non sono longitudine e latitudine (EPSG:4326)"),
        "no_utm": N_("le coordinate non sono in EPSG:32632 (WGS 84 / UTM 32N)"),
        "no_places": N_("nessun comune"),
        "impossible_section": N_("codice di sezione impossibile"),
        "repeated_section": N_("sezione ripetuta"),
        "negative_residents": N_("popolazione negativa"),
        "no_sections": N_("nessuna sezione"),
        # Sections of the censuses.
        "no_census": N_("non ci sono sezioni del {year}"),
        "choose_census": N_("Scegliere tra {years}."),
        "other_census": N_("sono sezioni del {found}, non del {year}"),
        "other_meanings": N_("Le stesse sigle hanno altri significati: chiedere l'anno del file."),
        "no_files": N_("nessun file indicato"),
        "name_section_files": N_("Indicare i file delle sezioni."),
        "place_in_two_files": N_("comune {code} in più di un file"),
        "name_region_once": N_("Indicare ogni regione una volta sola."),
        "cannot_write": N_("{file}: non si può scrivere"),
        "no_file_of_sections": N_("il file non si legge come sezioni di censimento"),
        "sections_damaged": N_("il file è troncato o illeggibile"),
        "impossible_place": N_("codice di comune impossibile: '{code}'"),
        "repeated_sections": N_("comune {code}: sezioni ripetute o senza codice"),
        "sum_no_number": N_("comune {code}: un valore non è un numero"),
        "variables_listed": N_("L'elenco delle variabili è in {file}."),
        # Why a census lacks a variable: the codes of layouts/istat_sections.csv.
        "unknown_variable": N_("'{name}': le sezioni del {year} non hanno questa variabile"),
        "tenure_of_dwellings": N_(
            "'{name}': nelle sezioni del {year} il titolo di godimento è delle abitazioni, "
            "non delle famiglie: chiedere {instead}"
        ),
        "tenure_of_households": N_(
            "'{name}': nelle sezioni del {year} il titolo di godimento è delle famiglie, "
            "non delle abitazioni: chiedere {instead}"
        ),
        "no_tenure": N_(
            "'{name}': le sezioni del {year} non hanno il titolo di godimento: "
            "usare le tavole comunali del censimento permanente"
        ),
        "no_buildings": N_("'{name}': le sezioni del {year} non hanno gli edifici"),
        "no_epoch": N_("'{name}': le sezioni del {year} non hanno l'epoca di costruzione"),
        "only_occupied": N_(
            "'{name}': le sezioni del {year} hanno solo le abitazioni occupate da residenti"
        ),
        "no_members": N_("'{name}': le sezioni del {year} non hanno i componenti delle famiglie"),
        "no_illiterate": N_(
            "'{name}': le sezioni del {year} non hanno gli analfabeti: chiedere {instead}"
        ),
        "employed_to_64": N_(
            "'{name}': le sezioni del {year} hanno gli occupati di 15-64 anni: chiedere {instead}"
        ),
        # Incomes.
        "by_post_code": N_("è la tavola per CAP, che ha più righe per comune"),
        "take_by_place": N_("Scaricare la tavola «su base comunale»."),
        "other_classes": N_("classi di reddito diverse da quelle attese: {classes}"),
        "eight_classes": N_("Si leggono le otto classi {classes}."),
        "class_to_zero": N_("fino a zero"),
        "class_between": N_("da {low} a {high}"),
        "class_over": N_("oltre {low}"),
        # Quotations and perimeters of the zones.
        "no_caption": N_(
            "manca la didascalia «Quotazioni Immobiliari : {words} - Semestre»,"
            " da cui si legge il semestre"
        ),
        "zip_without_table": N_("lo zip non contiene una tabella {kind}"),
        "zip_with_tables": N_("lo zip contiene {found} tabelle {kind}"),
        "one_semester": N_("Indicare un semestre alla volta, un CSV {kind} per volta."),
        "document_too_large": N_("il file è oltre la misura di un file ufficiale"),
        "document_with_entities": N_(
            "il documento dichiara un DTD o entità, che un file ufficiale non ha"
        ),
        "no_kml": N_("non è un documento KML leggibile, o è troncato"),
        "nested": N_("il documento annida troppi elementi"),
        "no_semester": N_("«{name}»: il nome del documento non dice Anno/Semestre"),
        "no_ring": N_("«{name}»: un poligono non ha coordinate leggibili, in Italia"),
        "no_polygon": N_("«{name}»: nessun poligono"),
        "no_surface_of_zone": N_("zona {zone}: senza superficie"),
        "no_zones": N_("nessuna zona OMI"),
        "unknown_zone": N_("zona '{zone}': codice non riconosciuto"),
        "repeated_perimeter": N_("zona {zone} ripetuta"),
        "several_semesters": N_("semestri diversi insieme: {semesters}"),
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
        "query_no_folder": N_("{folder}: non si può scrivere qui"),
        "query_other_folder": N_("Scegliere un'altra cartella."),
        "query_certificate": N_("{address}: il certificato del sito non è riconosciuto"),
        "query_certificates": N_(
            "Chiedere all'ufficio informatico di installare i certificati della rete."
        ),
        "query_no_answer": N_("{address}: ISTAT non risponde"),
        "query_shut_out": N_(
            "Riprovare più tardi; chi supera le 5 richieste al minuto resta escluso uno o due giorni."
        ),
        "query_no_https": N_("{address}: non è un indirizzo https"),
        "query_use_address": N_("Usare {address}"),
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
        "no_total_column": N_("la tabella non ha «indicator» né «ownership_type»"),
        "ask_in_filters": N_("Chiederli nei filtri."),
    },
)

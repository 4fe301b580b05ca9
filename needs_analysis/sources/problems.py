"""What can be wrong with an official file."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_

problem = Messages(
    "sources",
    {
        # A file that no source recognises.
        "web_page": N_("è una pagina web, non i dati"),
        "one_line": N_("ha una riga sola: sembra troncato"),
        "damaged": N_("è troncato o danneggiato"),
        "title_in_utf_16": N_("sembra «{title}», ma è in codifica UTF-16, non UTF-8"),
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
    },
)

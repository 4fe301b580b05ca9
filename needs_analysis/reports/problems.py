"""What cannot be drawn, read back or put on a page, and what to do about it."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "reports",
    {
        "own_edition": N_(
            "in «{table}» è in uso l'edizione aggiunta {date}, senza la quale si usa quella {instead}: "
            "per toglierla, needs-analysis data remove {source} {date}"
        ),
        "take_out": N_("Togliere l'edizione che ha il difetto."),
        # charts
        "no_name": N_("non hanno un nome da stampare: {codes}"),
        "too_many_rows": N_("{rows} righe non stanno in una pagina: disegnarne al massimo {most}"),
        "too_many_parts": N_("{number} parti: l'occhio non distingue più di {most} colori"),
        "too_many_types": N_("{number} tipi: l'occhio non distingue più di {most} colori"),
        "too_many_coloured": N_(
            "{number} unità a colori: l'occhio non distingue più di {most} colori"
        ),
        "rank_beyond": N_("un posto è oltre le {total} unità in classifica"),
        "no_sum": N_("i contributi non danno il punteggio di {names}"),
        "one_scenario": N_("servono almeno due scenari"),
        "no_rank": N_("nessuna unità ha un posto in classifica"),
        "no_class": N_("etichette senza una classe: {labels}"),
        "all_same": N_("I di Moran: i valori sono tutti uguali"),
        "nothing_drawn": N_("nessuna riga ha un valore da disegnare"),
        "no_language": N_("non c'è la lingua «{found}»: ci sono {known}"),
        "no_month": N_("nessun mese si può dire"),
        # pages
        "link_outside": N_(
            "il collegamento «{label}» deve essere un percorso accanto alla pagina, non {path}"
        ),
        "key_twice": N_("due parti del documento hanno la stessa chiave «{key}»"),
        "picture_declares": N_("figura «{picture}»: un SVG con una dichiarazione o un commento"),
        "picture_broken": N_("figura «{picture}»: l'SVG non è ben formato ({found})"),
        "picture_element": N_("figura «{picture}»: <{element}> non ha posto in un disegno"),
        "picture_attribute": N_("figura «{picture}»: l'attributo {attribute} non è ammesso"),
        "picture_outside": N_("figura «{picture}»: rimanda fuori di sé ({found})"),
        # maps
        "no_zones": N_("serve almeno una zona"),
        "no_municipalities": N_("serve almeno un comune, in metri (EPSG:32632)"),
        "theme_of_municipalities": N_("il tema «{theme}» non disegna zone OMI: usare area_map"),
        "theme_of_zones": N_("il tema «{theme}» non disegna comuni: usare zone_map"),
        "entry_without_column": N_("Entry di colonne che non sono fra quelle date: {names}"),
        "no_indicator": N_("nessun indicatore del tema «{theme}» è tra le colonne date"),
        "quotations_lacking": N_(
            "fra i propri dati mancano, del {day}, le quotazioni per zona (lo zip delle Forniture "
            "dati OMI)"
        ),
        "perimeters_lacking": N_(
            "fra i propri dati mancano, del {day}, i perimetri delle zone (il KML del comune o il "
            "KMZ della provincia)"
        ),
        "both_lacking": N_(
            "fra i propri dati mancano, del {day}, le quotazioni per zona (lo zip delle Forniture "
            "dati OMI) e i perimetri delle zone (il KML del comune o il KMZ della provincia)"
        ),
        "of_places": N_("{names}: {lacking}"),
        "of_more_places": NN_(
            "{names} e un altro: {lacking}", "{names} e altri {count}: {lacking}"
        ),
        "perimeters_of": N_("i perimetri presenti sono del {days}"),
        "add_files": N_(
            "Scaricarli dal sito dell'Agenzia delle Entrate e aggiungerli con «needs-analysis data "
            "add FILE»."
        ),
        # a database
        "no_postgresql": N_("--postgis: non è l'indirizzo di un database PostgreSQL"),
        "write_postgresql": N_("Scriverlo così: postgresql://UTENTE@SERVER:5432/DATABASE."),
        "no_psycopg": N_("--postgis: manca il pacchetto che parla con PostgreSQL"),
        "install_psycopg": N_("Installarlo con: pip install 'needs-analysis[postgis]'."),
        "pg_silent": N_("--postgis: il server PostgreSQL non risponde"),
        "pg_start": N_(
            "Verificare nome e porta del server, che sia acceso e che la rete lo lasci raggiungere."
        ),
        "pg_refused": N_("--postgis: il server PostgreSQL risponde, e non lascia entrare"),
        "pg_credentials": N_(
            "Verificare utente, password (anche in PGPASSWORD o in ~/.pgpass) e nome del database."
        ),
        "pg_no_postgis": N_("--postgis: il database non ha l'estensione PostGIS"),
        "pg_create_extension": N_(
            "Chi amministra il database la aggiunge con: CREATE EXTENSION postgis."
        ),
        "pg_no_rights": N_("--postgis: l'utente non ha il diritto di scrivere nel database"),
        "pg_grant": N_(
            "Chi amministra il database lo dà con: GRANT CREATE ON DATABASE ... TO ...; uno schema che "
            "c'è già deve essere dell'utente."
        ),
        "pg_other_schema": N_("--postgis: lo schema «{schema}» c'è già, e non è di questo studio"),
        "pg_rename_schema": N_(
            "Rinominarlo (ALTER SCHEMA ... RENAME TO ...), o usare un altro database."
        ),
        "pg_depended": N_(
            "--postgis: viste o altre tabelle dipendono da quelle che lo studio rifarebbe"
        ),
        "pg_drop_dependent": N_(
            "Toglierle prima, e rifarle dopo; le tabelle di prima sono rimaste com'erano."
        ),
        "pg_in_use": N_("--postgis: le tabelle di prima sono in uso da un altro programma"),
        "pg_close": N_("Chiudere la sessione che le tiene, e ripetere."),
        "pg_full": N_("--postgis: il disco del server è pieno"),
        "pg_make_room": N_("Fare posto; le tabelle di prima sono rimaste com'erano."),
        "pg_lost": N_("--postgis: il collegamento con il server si è interrotto"),
        "pg_other": N_("--postgis: il database non ha accettato le tabelle (SQLSTATE {state})"),
        "pg_as_before": N_("Le tabelle di prima sono rimaste com'erano."),
        # groups
        "no_groups": N_(
            "«{name}»: i gruppi non si possono calcolare ({reasons}). Scegliere un altro indicatore."
        ),
        "no_indicator_near": N_("«{name}» non è un indicatore. Forse: {near}."),
        "no_indicator_listed": N_(
            "«{name}» non è un indicatore. Li elenca «needs-analysis codebook»."
        ),
        "by_province": N_(
            "«{name}» ({label}): è pubblicato per provincia e nessun comune ha un valore suo: comuni "
            "della stessa provincia sembrerebbero uguali senza esserlo"
        ),
        "code": N_("«{name}» ({label}): è un codice e non un numero"),
        "no_own_value": N_("«{name}» ({label}): nessun comune ha un valore suo"),
        "choose_municipal": N_(
            "Scegliere un indicatore dei comuni, per esempio rent_to_income_ratio."
        ),
        # an earlier delivery
        "delivery_columns": N_("consegna di prima: mancano le colonne {columns}"),
        "delivery_changed": NN_(
            "consegna di prima: {count} riga non è più com'era",
            "consegna di prima: {count} righe non sono più com'erano",
        ),
        "delivery_empty": N_("consegna di prima: non ha più righe"),
        "delivery_sheet": N_("consegna di prima: non si legge un foglio «{sheet}»"),
        "as_written": N_("Serve la cartella di lavoro scritta da «services monitor», com'era."),
    },
)

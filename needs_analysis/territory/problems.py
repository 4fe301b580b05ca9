"""What can be wrong with an area, a day or codes, and what to do about it."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "territory",
    {
        # areas
        "no_level": N_("«{level}:» non è un livello. Usare {levels} oppure Italia."),
        "ambiguous": N_("«{text}» è il nome di più territori: scrivere uno fra {areas}."),
        "homonyms": N_("ci sono {number} comuni di nome «{name}»: scrivere uno fra {areas}."),
        "unknown": N_("«{text}» non è un territorio conosciuto. {advice}"),
        "no_ambito": N_(
            "ambito «{name}»: non è fra quelli del programma: {known}. Un altro si indica coi suoi "
            "comuni: i codici separati da virgole, o un CSV con una colonna «codice» o «comune»."
        ),
        "no_provincia": N_("provincia «{name}»: nome non trovato. {advice}"),
        "no_regione": N_("regione «{name}»: nome non trovato. {advice}"),
        "no_comune": N_("comune «{name}»: nome non trovato. {advice}"),
        "perhaps": N_("Forse: {areas}?"),
        "is_now": N_("Al {day} è, o fa parte di, {area}."),
        "ceased": N_("È cessato prima del {day} e nessun elenco dice in quale comune."),
        "begins": N_("C'è dal {day}: scegliere un giorno da allora (--codes-on)."),
        "empty_list": N_("l'elenco dei comuni è vuoto. Indicare almeno un codice o un nome."),
        "no_boundaries": N_(
            "non ci sono i confini di {codes}: fatti dopo il {day} con parti di altri comuni. "
            "Scegliere un giorno dei codici precedente."
        ),
        "unknown_codes": NN_(
            "il codice {codes} non c'è al {day}", "i codici {codes} non ci sono al {day}"
        ),
        # a CSV of an office
        "no_file": N_("il file non esiste"),
        "check_path": N_("Controllare il percorso."),
        "unreadable": N_("il file non si può leggere"),
        "no_table": N_("non è una tabella CSV"),
        "no_text": N_("il file non si può leggere come testo UTF-8"),
        "save_csv": N_(
            "Salvare un CSV in UTF-8 con una colonna «codice» o «comune», una riga per comune."
        ),
        "no_heading": N_(
            "nessuna colonna si chiama «codice» (anche istat, cod_istat, PRO_COM) o «comune»: "
            "trovate {columns}"
        ),
        "two_codes": N_("due colonne di codici non dicono lo stesso comune: {codes}"),
        "two_names": N_("due colonne di nomi non dicono lo stesso comune: {names}"),
        "codes_beside": N_("altri codici accanto al primo: {codes}; uno per riga"),
        "row_without_code": N_("la riga non ha né codice né nome del comune"),
        "already": N_("«{cell}» è già alla riga {row}"),
        "code_of_another": N_("il codice {code} è {own}, non {name}"),
        "correct_rows": N_("Correggere le righe indicate."),
        "no_municipalities": N_("non contiene comuni"),
        # a list of areas
        "no_areas": N_("non contiene territori"),
        "save_areas": N_(
            "Salvare un CSV in UTF-8: un territorio per riga (ambito:, provincia:, regione:, comune: e "
            "il nome), o un comune per riga con le colonne «codice» e «ambito»."
        ),
        "row_without_area": N_("la riga non dice di quale territorio è il comune"),
        "no_part": N_("un territorio non si divide per «{name}»: scegliere fra {known}"),
        # days
        "no_codes_day": N_(
            "«{text}»: il giorno dei codici dei comuni si scrive come 2026-01-01 e va dal {first} in "
            "poi."
        ),
        "no_day": N_("«{text}» non è un giorno: scrivere per esempio 2022-01-01"),
        # codes
        "unknown_kind": N_("kind «{kind}»: uno fra {kinds}"),
        "unknown_carved": N_("carved «{carved}»: uno fra {choices}"),
        "provinces_differ": N_("{names} nomi, ma {provinces} province"),
        # neighbours
        "empty_area": N_("il territorio è vuoto"),
        "no_neighbours_known": N_("unità di cui non si conoscono i vicini: {units}"),
        # recode
        "no_rule": N_("colonne senza una regola in how: {names}"),
        "unknown_rule": N_("regole sconosciute: {names}; quelle che ci sono: {known}"),
        "rule_without_column": N_("regole di colonne che la tabella non ha: {names}"),
        "only_first": N_("colonne che non sono numeri e possono avere solo «first»: {names}"),
        "no_weights": N_(
            "«weighted» vuole dei pesi: una colonna della tabella, o una Series sul suo indice"
        ),
        "links_twice": N_("passaggi ripetuti, di: {codes}"),
        "wrong_shares": N_("quote negative o che non sommano a 1, di: {codes}"),
    },
)

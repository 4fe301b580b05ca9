"""Why sites cannot be chosen, and what is odd in a matrix of travel times."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "siting",
    {
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
        "homes_elsewhere": N_(
            "nel registro ci sono posti di alloggi, o alloggi di servizi, che non ci sono: {codes}"
        ),
        # sites
        "no_polygon": N_("senza poligono: {units}"),
        "no_metres": N_("le distanze vogliono coordinate in metri: area.to_crs('EPSG:32632')"),
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

"""What keeps a workbook of the user's own from being filled, and what to do about it."""

from __future__ import annotations

from needs_analysis.errors import Messages, Refused
from needs_analysis.words import N_, NN_

problem = Messages(
    "template",
    {
        "no_file": N_("il file non esiste"),
        "not_readable": N_("il file non si può leggere: è aperto altrove, o non è permesso"),
        "encrypted": N_("la cartella di lavoro è cifrata con una password"),
        "old": N_("è una cartella di lavoro di vecchio formato (.xls)"),
        "not_xlsx": N_("non è una cartella di lavoro Excel (.xlsx), o è troncata"),
        "strict": N_("è salvata come «Cartella di lavoro Open XML Strict»"),
        "too_large": N_("è troppo grande: aperta supera i {most} MB"),
        "macros": N_("contiene macro"),
        "signed": N_("è firmata: riempirla toglierebbe valore alla firma"),
        "locked": N_("la struttura della cartella di lavoro è protetta"),
        "locked_sheet": N_("il foglio è protetto"),
        "unknown": NN_("nome sconosciuto: {names}", "{count} nomi sconosciuti: {names}"),
        "cut": N_(
            "il segnaposto «{text}» è spezzato fra lettere di formato diverso: riscriverlo per intero"
        ),
        "open": N_("un segnaposto non è chiuso da due graffe: «{text}»"),
        "in_formula": N_("un segnaposto dentro una formula: metterlo in una cella sua"),
        "outside": N_(
            "un segnaposto fuori dalle celle (grafico, casella di testo, commento, tabella, "
            "intestazione o elenco): si riempiono solo le celle"
        ),
        "cell_name": N_(
            "il nome definito «{name}» è anche l'indirizzo di una cella: Excel non lo accetta; per "
            "esempio {instead}"
        ),
        "over_formula": N_("il nome «{name}» indica una cella che ha già una formula"),
        "shape": N_("il nome «{name}» indica più colonne: serve una cella, o una colonna"),
        "no_sheet": N_("il nome «{name}» indica un foglio che non c'è"),
        "short": N_("il nome «{name}» indica {rows} righe, e i comuni sono {wanted}"),
        "no_room": N_(
            "la riga dei comuni vuole {wanted} righe, e sotto di essa {cell} non è vuota"
        ),
        "merged": N_("la riga dei comuni, o una di quelle sotto, ha celle unite"),
        "row_formula": N_(
            "la riga dei comuni ha una formula di matrice o condivisa, che non si può ripetere"
        ),
        "in_table": N_("la riga dei comuni sta in una tabella che ha altre righe sotto"),
        "nothing": N_("non ha segnaposto, né nomi definiti che siano quelli di un dato"),
        "cure": N_(
            "I nomi li elenca «needs-analysis tables AREA --names»; le regole sono in docs/guida.md."
        ),
        "save_plain": N_(
            "Salvarla come «Cartella di lavoro di Excel (.xlsx)», senza password, protezioni, macro o "
            "firme."
        ),
    },
)


class TemplateError(Refused):
    """A workbook that cannot be filled as it is."""


class Damaged(Exception):  # noqa: N818 - it says what the part is
    """A part of a workbook is not what its format says; who opens it says so to the user."""

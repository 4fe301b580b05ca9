"""What a template holds, as a workbook or as CSV files: its rows, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.schema import NOT_TRANSMITTED, YES_NO
from needs_analysis.words import N_, Voice

_CELLS = (
    N_("Date come 31/12/2025. Numeri con la virgola. Le celle senza informazione restano vuote."),
    N_("Dove un ufficio non ha risposto si scrive «{answer}»: non è zero e non è vuoto."),
)
_OF_SERVICES = (
    N_(
        "Una riga per ogni servizio, alloggio, posto o accoglienza; l'intestazione non si modifica."
    ),
    *_CELLS,
    N_("Gli elenchi a tendina dicono le voci ammesse. Più gruppi in una cella: separati da «;»."),
    N_("Mai nomi, codici fiscali, telefoni, indirizzi e-mail: la lettura li rifiuta."),
    N_(
        "Ospite e famiglia: un codice interno. Alla lettura diventa uno pseudonimo, che senza la "
        "chiave non si ricostruisce; la chiave sta in un file fuori da questa cartella."
    ),
    N_(
        "«protetto» = sì per le case rifugio: mai mostrate sotto l'ambito, senza indirizzo né nome."
    ),
)
_OF_MEASURES = (
    N_(
        "Una riga per ogni misura, amministrazione e anno; la stessa misura in due anni sono due righe. "
        "L'intestazione non si modifica."
    ),
    *_CELLS,
    N_(
        "Amministrazione: chi paga la misura, come «Comune di Desio» o «Ambito di Carate Brianza». Le "
        "righe di chi non è del territorio studiato non sono contate."
    ),
    N_(
        "Le domande sono tutte, le ammesse quelle coi requisiti, i beneficiari le famiglie pagate: ogni "
        "numero è al massimo quello prima."
    ),
    N_(
        "Solo totali della misura: mai nomi, codici fiscali, telefoni, indirizzi e-mail; la lettura li "
        "rifiuta. I numeri piccoli non sono pubblicati."
    ),
    N_(
        "Il codice del catalogo dice che cosa è la misura; se manca, si prova dal nome, e va "
        "controllato."
    ),
)


def _shown(value: Any, one: Field) -> Any:
    """Return a value as the template holds it: Italian label, date, number; None if missing."""
    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":  # noqa: PLR0124
        return None
    if one.kind == "choice":
        return one.choices[value] if value in one.choices else str(value)
    if one.kind == "choices":
        return "; ".join(one.choices[code] for code in str(value).split(";"))
    if one.kind == "yes_no":
        return YES_NO["yes" if value else "no"]
    if one.kind == "date":
        return pd.Timestamp(value).date()
    if one.kind in ("number", "integer"):
        return int(value) if float(value).is_integer() else float(value)
    return str(value)


def cells_of(table: TableSchema, frame: pd.DataFrame) -> list[list[Any]]:
    """Return a table's rows as the template holds them, "dato non trasmesso" included."""
    columns = [
        [_shown(value, one) for value in frame[one.name]]
        if one.name in frame
        else [None] * len(frame)
        for one in table.fields
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    names = [one.name for one in table.fields]
    if "not_transmitted" in frame:
        for row, silent in zip(rows, frame["not_transmitted"].fillna(""), strict=True):
            for name in filter(None, str(silent).split(";")):
                row[names.index(name)] = NOT_TRANSMITTED
    return rows


def how_to(book: Sequence[TableSchema], voice: Voice) -> list[str]:
    """Return how a template is filled in, a sentence a line: each book has its own.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import BOOKS
    >>> how_to(BOOKS["modello_misure_locali"], Voice())[0][:29]
    'Una riga per ogni misura, amm'
    """
    measures = [one.name for one in book] == ["measures"]
    lines = _OF_MEASURES if measures else _OF_SERVICES
    return [voice.say(text, answer=NOT_TRANSMITTED) for text in lines]


def rule_of(one: Field, voice: Voice) -> str:
    """Return what a column must hold, as a sentence."""
    need = N_("Obbligatorio: {what}.") if one.required else N_("Facoltativo: {what}.")
    return voice.say(need, what=one.listed.text(voice))

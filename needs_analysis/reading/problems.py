"""What can be wrong with a file and its cells, and the error of an official file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from needs_analysis.errors import Messages, Problem, SourceError, Where
from needs_analysis.provenance import Source
from needs_analysis.reading.personal import safe_name
from needs_analysis.words import N_, NN_

MANY = 100
"""Problems of one kind that are listed one by one; the others are counted."""


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


problem = Messages(
    "reading",
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
        "too_many_bytes": N_("il file supera {megabytes} MB"),
        "divide": N_("Dividerlo."),
        "no_text": N_("il file non è un testo CSV"),
        "save_as_csv": N_("Salvarlo come «CSV UTF-8»."),
        "no_csv_text": N_("il testo non si legge come CSV"),
        "ragged": N_("celle in più o in meno"),
        "utf_16": N_("il testo è in codifica UTF-16, non UTF-8"),
        "save_as_utf_8": N_("Scaricarlo di nuovo, o salvarlo come «CSV UTF-8»."),
        "null_bytes": N_("byte nulli, il file non è un testo CSV"),
        "long_line": N_("una sola riga di oltre {megabytes} MB"),
        "no_line_end": N_("dal byte {start}: oltre {kilobytes} KB senza fine di riga"),
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
        "no_region": N_("'{found}' non è una regione"),
        "no_income_class": N_("'{found}' non è una classe di reddito"),
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
        "repeated_class": N_("regione/classe '{key}' ripetuta"),
        "repeated_series": N_("serie/territorio/anno '{key}' ripetuto"),
        "repeated_area": N_("comune/area '{key}' ripetuto"),
        "repeated_quote": N_("zona/tipologia/stato '{key}' ripetuto"),
        "repeated_zone": N_("zona '{key}' ripetuta"),
    },
)


def failure(
    path: Path,
    source: Source | None,
    problems: Sequence[Problem],
    cure: Problem | None = None,
    kind: type[SourceError] = SourceError,
) -> SourceError:
    """Return the error of a file; the usual cure depends on whether the file is damaged.

    A file without a source, an office's own, has no usual cure: its reader knows.

    Examples
    --------
    >>> source = Source("x", "", "", "", "", "", "https://www.istat.it")
    >>> print(failure(Path("a.csv"), source, [problem("empty")]))
    a.csv: il file è vuoto. Scaricare di nuovo il file da https://www.istat.it e non modificarlo.
    """
    if cure is None and source is not None:
        cure = _usual_cure(source, problems)
    return kind.of_file(safe_name(path), problems, cure)


# What a second download can cure; a file as it is published has none of these.
_DAMAGE = frozenset({
    "empty", "empty_in_zip", "no_line_end", "null_bytes", "long_line", "fields_cut", "row_cut",
    "zip_damaged", "no_workbook", "no_feather", "no_kml", "shapes_damaged", "sections_damaged",
    "no_geometries", "too_large", "open_quotes",
})  # fmt: skip
_OTHER_HEADER = frozenset({
    "lacking_columns", "lacking_header", "lacking_header_words", "lacking_sheet",
    "lacking_code_column", "lacking_indicators", "no_sheet_with_header", "no_sheet_of_sections",
    "several_columns", "shapes_lack",
})  # fmt: skip


def _usual_cure(source: Source, problems: Sequence[Problem]) -> Problem:
    """Return a cure that can help: what is published so is not cured by downloading it again."""
    kinds = {one.code.partition(".")[2] for one in problems}
    if kinds & _DAMAGE or not kinds:
        cure = "download_again"
    elif kinds & _OTHER_HEADER:
        cure = "check_header"
    else:
        cure = "compare_rows"
    if source.retrieval:
        return problem(cure, address=source.retrieval)
    return problem(f"{cure}_anywhere")

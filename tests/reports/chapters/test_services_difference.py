"""What `services diff` reads back: workbooks of any language, those of version 0.1.0 too."""

from __future__ import annotations

import openpyxl
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.reports.chapters import services_delivered

# The sheet as 0.1.0 wrote it, shortened: two lines above, the headers, figures, a note of one cell.
DELIVERED = {
    "it": ("Misura", "Valore", "Regola e versione", "Codice"),
    "en": ("Measure", "Value", "Rule and version", "Code"),
}


def delivery(path, heads):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Servizi misure"
    for row in (
        ("Tutte le misure",), (), heads,
        ("Notti di presenza", 1200, "bed_nights 1", "bed_nights"),
        ("Uscite", None, "exits 1", "exits service:A1"),
        ("1° gennaio 2024 - 31 dicembre 2024.",),
    ):  # fmt: skip
        sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("language", DELIVERED)
def test_a_delivery_of_0_1_0_is_read_in_either_language(tmp_path, language):
    found = services_delivered.read_delivered(delivery(tmp_path / "a.xlsx", DELIVERED[language]))
    assert found["measure"].tolist() == ["bed_nights", "exits"]
    assert found["level"].tolist() == ["all", "service"]
    assert found["level_value"].tolist() == ["", "A1"]
    assert found["rule"].tolist() == ["bed_nights", "exits"]
    assert found["value"].iloc[0] == 1200
    assert found["value"].isna().tolist() == [False, True]


def test_other_headers_are_named_as_they_should_be(tmp_path):
    path = delivery(tmp_path / "a.xlsx", ("Misura", "Cifra", "Regola", "Codice"))
    with pytest.raises(SourceError, match="«Codice», «Valore», «Regola e versione»"):
        services_delivered.read_delivered(path)

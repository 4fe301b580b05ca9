"""One row of each table of services, and how tables are written as an office would."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis.services.files.schema import TABLES

STAY = {"stay_id": "S1", "guest": "P1", "household": "F1", "service_code": "A", "place_code": "A1",
        "entry_date": "01/02/2024", "exit_date": "01/06/2024"}  # fmt: skip
SERVICE = {"service_code": "A", "body_name": "Ente", "service_name": "Casa", "protected": "no",
           "service_kind": "abitazione di transizione"}  # fmt: skip
DWELLING = {"dwelling_code": "D", "service_code": "A", "beds": "4"}
PLACE = {"place_code": "A1", "dwelling_code": "D", "state": "pronto"}


def write_csv(folder: Path, **tables: list[dict[str, str]]) -> Path:
    """Write tables under the Italian headers; a key that is no column of ours is its own header."""
    for name, rows in tables.items():
        table = TABLES[name]
        headers = {one.name: one.header for one in table.fields}
        frame = pd.DataFrame(rows, columns=None if rows else list(headers))
        frame.rename(columns=headers).to_csv(folder / f"{table.sheet}.csv", sep=";", index=False)
    return folder

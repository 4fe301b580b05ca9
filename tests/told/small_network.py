"""A small invented network, not labelled so: what is published of it is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from needs_analysis.services import Register, Stays, write_filled
from needs_analysis.services.files.schema import TABLES, empty

SERVICES = {"A1": "Monza", "A2": "Monza", "B1": "Desio"}
MUNICIPALITIES = {"Monza": "108033", "Desio": "108023"}
Row = tuple[str, str, str, str, str]


def register(services: dict[str, str] = SERVICES, places: int = 30) -> Register:
    """Services with one dwelling and as many places each."""
    codes = list(services)
    own = _filled("services", codes, {
        "service_name": [f"Servizio {code}" for code in codes], "body_name": "Ente",
        "service_kind": "other", "ambito_name": list(services.values()), "protected": False,
    })  # fmt: skip
    dwellings = _filled("dwellings", [f"{code}-D" for code in codes], {
        "service_code": codes, "opened": pd.Timestamp("2020-01-01"), "beds": places,
        "municipality_code": [MUNICIPALITIES[one] for one in services.values()],
    })  # fmt: skip
    names = [(code, f"{code}-{n}") for code in codes for n in range(places)]
    rooms = _filled("places", [name for _, name in names], {
        "dwelling_code": [f"{code}-D" for code, _ in names], "state": "ready",
    })  # fmt: skip
    return Register(own, dwellings, rooms)


def stays(rows: Sequence[Row]) -> Stays:
    """Stays of service, group, entry, exit ("" if still present), destination."""
    names = [f"Z{at:04d}" for at in range(len(rows))]
    columns = list(zip(*rows, strict=True))
    own = _filled("stays", names, {
        "guest": [f"zzg{at:04d}" for at in range(len(rows))],
        "household": [f"zzh{at:04d}" for at in range(len(rows))],
        "service_code": list(columns[0]), "target_group": list(columns[1]),
        "entry_date": pd.to_datetime(list(columns[2])),
        "exit_date": pd.to_datetime([one or None for one in columns[3]]),
        "destination": [one or None for one in columns[4]],
        "sending_municipality_code": "108033",
    })  # fmt: skip
    return Stays(own)


def _filled(table: str, index: list[str], columns: dict[str, object]) -> pd.DataFrame:
    frame = empty(table).reindex(index).assign(**columns)
    return frame.astype(empty(table).dtypes.to_dict()).rename_axis(empty(table).index.name)


def times(count: int, *row: str) -> list[Row]:
    """Return as many equal rows."""
    return [row] * count  # type: ignore[list-item]


def write(folder: Path, own: Register, of: Stays) -> Path:
    """Write the two as an office does, unlabelled; return the workbook."""
    tables = {name: getattr(own, name) for name in ("services", "dwellings", "places")}
    tables |= {name: getattr(of, name) for name in ("stays", "activities", "absences")}
    assert set(tables) <= set(TABLES)
    return write_filled(folder, tables)[0]

"""What a name or a cell must not hold of a person; never repeated in a message."""

from __future__ import annotations

import re
from pathlib import Path

_PERSONAL = re.compile(
    r"^QIP?_|[A-Z]{6}[0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]", re.IGNORECASE
)


def safe_name(path: Path) -> Path:
    """Return the path as it may be printed: names that hold a tax code are replaced.

    Examples
    --------
    >>> safe_name(Path("QI_1_RSSMRA80A01F205X.zip")).name
    'OMI VALORI'
    >>> safe_name(Path("redditi_2021.csv")).name
    'redditi_2021.csv'
    """
    if _PERSONAL.search(path.name):
        return Path("OMI VALORI")
    inside = any(_PERSONAL.search(folder) for folder in path.parts[:-1])
    return Path(path.name) if inside else path

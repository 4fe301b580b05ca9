"""The tables of a study in a PostGIS database: its schema, and whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from needs_analysis.reports.render.postgis import Server
from needs_analysis.study.declaration import Study

if TYPE_CHECKING:
    from pandas import DataFrame

    from needs_analysis.reports.findings import Findings

_MOST_LETTERS = 63
"""Of a name in PostgreSQL (NAMEDATALEN - 1)."""


@dataclass(frozen=True)
class Database:
    """A server, the schema that a study has in it, and the line that says whose it is."""

    server: Server
    schema: str
    mark: str

    def write(self, found: Findings, layers: Mapping[str, DataFrame]) -> None:
        """Put the tables of a study in the place of those before.

        Raises
        ------
        OutputError
            The database does not take them; those before stay.
        """
        from needs_analysis.reports import gis

        tables = gis.tables_said(found, layers)
        said = "\n".join(dict.fromkeys(one.said for one in tables.values()))
        self.server.write(self.schema, self.mark, layers, tables, said)


def of(study: Study, url: str) -> Database:
    """Return the place of a study in a database that answers and would take it.

    Parameters
    ----------
    study : Study
        Its area, its name, its dates say which schema is its own.
    url : str
        The address.

    Raises
    ------
    ParameterError, OutputError
        The address is none, or the database would not take the tables.
    """
    asked = [one for one in (study.name, study.words, study.data_until, study.codes_on) if one]
    made = Database(Server(url), schema_of(*asked), f"needs-analysis: {' | '.join(asked)}")
    made.server.check(made.schema, made.mark)
    return made


def schema_of(*asked: str) -> str:
    """Return the name of a schema: small letters, digits and lines below, at most 63.

    Parameters
    ----------
    asked : str
        What the study is of.

    Examples
    --------
    >>> schema_of("ambito:Carate Brianza"), schema_of("provincia:Forlì-Cesena", "2021")
    ('ambito_carate_brianza', 'provincia_forli_cesena_2021')
    >>> schema_of("015"), len(schema_of(*["108012"] * 30))
    ('studio_015', 63)
    """
    from needs_analysis.territory import normalise

    name = "_".join(filter(None, (_plain(normalise(one)) for one in asked))) or "studio"
    if not name[0].isalpha() or name.startswith("pg_"):
        name = f"studio_{name}"
    if len(name) > _MOST_LETTERS:
        digest = hashlib.sha256("\n".join(asked).encode()).hexdigest()[:8]
        name = f"{name[: _MOST_LETTERS - 9]}_{digest}"
    return name


def _plain(text: str) -> str:
    """Return the letters and digits of a text, what stands between them as one line below."""
    letters = "".join(one if one.isascii() and one.isalnum() else " " for one in text.lower())
    return "_".join(letters.split())

"""Tables in a PostGIS database: a schema a study, all of it in one transaction or none.

The address of the server is a secret: no message, comment or file has a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.errors import OutputError, ParameterError
from needs_analysis.reports.problems import problem

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

GEOMETRY = "geom"
_SCHEMES = ("postgresql://", "postgres://")
_ANSWERS_WITHIN = 10  # seconds
_WAITS = "30s"  # for whoever reads the tables


@dataclass(frozen=True)
class Described:
    """What the comments of a database say of a table: itself, its columns; and which are its key."""

    said: str
    key: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server with PostGIS, by the address that the user gave.

    Raises
    ------
    ParameterError
        It is no address of PostgreSQL, or the extra `postgis` is not installed.
    """

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(_SCHEMES):
            raise ParameterError(problem("no_postgresql"), cure=problem("write_postgresql"))
        if find_spec("psycopg") is None:
            raise ParameterError(problem("no_psycopg"), cure=problem("install_psycopg"))

    def check(self, schema: str, mark: str) -> None:
        """Find out at once what would stop a study at its end.

        Raises
        ------
        OutputError
            The server does not answer, refuses, has no PostGIS, or lets nobody make a schema; or the
            schema is another's.
        """
        with _connected(self.url) as connection:
            _admitted(connection, schema, mark)
            connection.rollback()  # nothing stands there before the tables do

    def write(
        self,
        schema: str,
        mark: str,
        tables: Mapping[str, pd.DataFrame],
        described: Mapping[str, Described],
        said: str = "",
    ) -> None:
        """Put tables in the place of those of the same study before, all or none.

        Parameters
        ----------
        schema : str
            Its name.
        mark : str
            One line that tells whose the schema is; the first of its comment.
        tables : mapping of str to DataFrame
            By name; one with geometries is a GeoDataFrame in a known reference system. What is missing
            is NULL; a text without letters stays one.
        described : mapping of str to Described
            The comments and the key of each.
        said : str
            The rest of the comment of the schema.

        Raises
        ------
        OutputError
            As in :meth:`check`; or what others made of the tables hangs on them, or they are in use.
        """
        from psycopg import sql

        with _connected(self.url) as connection:
            home = _admitted(connection, schema, mark)
            _comment(connection, sql.SQL("SCHEMA {}").format(sql.Identifier(schema)),
                     "\n".join(filter(None, [mark, said])))  # fmt: skip
            for name in tables:
                place = sql.Identifier(schema, name)
                connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(place))
            for name, table in tables.items():
                _write_table(connection, sql.Identifier(schema, name), table, described[name], home)


# ---- connection ---------------------------------------------------------------------------------


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction; what the driver says, which may hold the address, is said in our words."""
    import psycopg

    try:
        connection = psycopg.connect(
            url, connect_timeout=_ANSWERS_WITHIN, application_name="needs-analysis"
        )
    except psycopg.ProgrammingError:  # it cannot be read as an address
        raise ParameterError(problem("no_postgresql"), cure=problem("write_postgresql")) from None
    except psycopg.Error as error:
        # A server that answers begins every refusal with this word, in any language.
        answered = "FATAL" in str(error)
        found = ("pg_refused", "pg_credentials") if answered else ("pg_silent", "pg_start")
        raise OutputError(problem(found[0]), cure=problem(found[1])) from None
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise _said(error) from None


def _said(error: psycopg.Error) -> OutputError:
    """Return what a database found wrong, by its SQLSTATE."""
    known: dict[str, tuple[str, str]] = {
        "42501": ("pg_no_rights", "pg_grant"),  # insufficient_privilege
        "2BP01": ("pg_depended", "pg_drop_dependent"),  # dependent_objects_still_exist
        "55P03": ("pg_in_use", "pg_close"),  # lock_not_available
        "53100": ("pg_full", "pg_make_room"),  # disk_full
    }
    if error.sqlstate in known:
        what, cure = known[error.sqlstate]
        return OutputError(problem(what), cure=problem(cure))
    if error.sqlstate is None:
        return OutputError(problem("pg_lost"), cure=problem("pg_start"))
    return OutputError(problem("pg_other", state=error.sqlstate), cure=problem("pg_as_before"))


def _admitted(connection: psycopg.Connection[Any], schema: str, mark: str) -> str:
    """Make the schema of a study where there is none; return the one that PostGIS is in."""
    from psycopg import sql

    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_WAITS))
    # Of two that write the same study, the second waits.
    connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext(%s))", [schema])
    found = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    ).fetchone()
    if found is None:
        raise OutputError(problem("pg_no_postgis"), cure=problem("pg_create_extension"))
    there = connection.execute(
        "SELECT pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace "
        "WHERE nspname = %s",
        [schema],
    ).fetchone()
    if there is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    elif (there[0] or "").split("\n")[0] != mark:
        raise OutputError(
            problem("pg_other_schema", schema=schema), cure=problem("pg_rename_schema")
        )
    return str(found[0])


# ---- tables -------------------------------------------------------------------------------------


def _write_table(
    connection: psycopg.Connection[Any],
    place: sql.Identifier,
    table: pd.DataFrame,
    described: Described,
    home: str,
) -> None:
    from psycopg import sql

    geometry = _geometry(table)
    names = [GEOMETRY if one == geometry else str(one) for one in table]
    fields = [
        sql.SQL("{} {}").format(sql.Identifier(name), _kind(table, str(one), home))
        for name, one in zip(names, table, strict=True)
    ]
    key = sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, described.key)))
    listed = sql.SQL(", ").join([*fields, key])
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(place, listed))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with connection.cursor() as cursor:
        order = sql.SQL("COPY {} ({}) FROM STDIN").format(place, columns)
        with cursor.copy(order) as copy:
            for row in _rows(table):
                copy.write_row(row)
    if geometry:
        index = sql.SQL("CREATE INDEX ON {} USING gist ({})")
        connection.execute(index.format(place, sql.Identifier(GEOMETRY)))
    _comment(connection, sql.SQL("TABLE {}").format(place), described.said)
    for name in names:
        column = sql.SQL("COLUMN {}.{}").format(place, sql.Identifier(name))
        _comment(connection, column, described.columns[name])


def _comment(connection: psycopg.Connection[Any], what: sql.Composable, said: str) -> None:
    from psycopg import sql

    connection.execute(sql.SQL("COMMENT ON {} IS {}").format(what, sql.Literal(_text(said))))


def _geometry(table: pd.DataFrame) -> str:
    return next((str(one) for one in table if table[one].dtype == "geometry"), "")


def _kind(table: pd.DataFrame, name: str, home: str) -> sql.Composable:
    """Return the type of a column."""
    from psycopg import sql

    column: Any = table[name]
    if column.dtype == "geometry":
        number = sql.Literal(int(column.crs.to_epsg()))
        return sql.SQL("{}(MultiPolygon, {})").format(sql.Identifier(home, "geometry"), number)
    kinds = {"f": "double precision", "i": "bigint", "u": "bigint", "b": "boolean"}
    return sql.SQL(kinds.get(column.dtype.kind, "text"))


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Give the rows: what is missing as None, a text as it is."""
    return zip(*(_values(table[one]) for one in table), strict=True)


def _values(column: Any) -> Iterable[Any]:
    if column.dtype == "geometry":
        return _shapes(column)
    plain = column.astype(object).where(column.notna(), None)
    if column.dtype.kind in "fiub":
        return list(plain)
    return [one if one is None else _text(one) for one in plain]


def _shapes(column: Any) -> list[str | None]:
    """Return geometries as PostGIS reads them: all of several parts, with their reference system."""
    import shapely

    shapes = np.array(
        [
            shapely.MultiPolygon([one]) if getattr(one, "geom_type", "") == "Polygon" else one
            for one in column
        ],
        dtype=object,
    )
    dated = shapely.set_srid(shapes, int(column.crs.to_epsg()))
    return list(shapely.to_wkb(dated, hex=True, include_srid=True))


def _text(value: object) -> str:
    """Return a text as PostgreSQL holds one: it knows no letter of number zero, nor half a letter."""
    return str(value).replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")

"""A TOML file as somebody wrote it: its tables, and the line of every key and item."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from needs_analysis.errors import Messages, Refused, Where
from needs_analysis.words import N_

Place = tuple[str | int, ...]
"""Keys and, from 0, items of lists, from the file down."""

problem = Messages(
    "toml_files",
    {
        "unreadable": N_("il file non si può leggere: controllare il percorso"),
        "no_utf8": N_("il file non è scritto in UTF-8"),
        "no_toml": N_(
            "il file non è un TOML valido: si scrive nome = valore, i testi tra virgolette, e ogni "
            "nome una volta sola"
        ),
    },
)


class Written(dict[str, Any]):
    """A table as somebody wrote it, which knows where it stands.

    Parameters
    ----------
    table : mapping
        What is written.
    file : str
        The name of the file; empty for a table that is in none.
    lines : mapping of place to int, optional
        The line of each key and item of the file.
    at : tuple of str
        The keys that lead to the table.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        file: str = "",
        lines: Mapping[Place, int] | None = None,
        at: tuple[str, ...] = (),
    ) -> None:
        super().__init__(table)
        self.file, self.lines, self.at = file, lines or {}, at

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Written:
        """Take a table as it is, or one that is in no file."""
        return given if isinstance(given, cls) else cls(given)

    def table(self, name: str) -> Written:
        """Return a table inside it."""
        return Written(self[name], self.file, self.lines, (*self.at, name))

    def where(self, *place: str | int) -> Where:
        """Return the line of a key or an item, or of the nearest thing around it."""
        at: Place = (*self.at, *place)
        while at and at not in self.lines:
            at = at[:-1]
        return Where(file=self.file, rows=(self.lines[at],) if at else ())

    def key(self, *place: str | int) -> str:
        """Write a place: an item of a list by its name, or its number from 1."""
        text, here = ".".join(self.at), self
        for part in place:
            here = _inside(here, part)
            if isinstance(part, int):
                name = here.get("name") if isinstance(here, Mapping) else None
                text += f"[{name if isinstance(name, str) and name else part + 1}]"
            else:
                text += f".{part}" if text else part
        return text


def _inside(here: Any, part: str | int) -> Any:
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):  # what is missing, or stands in no table
        return None


def read(path: Path, refused: type[Refused] = Refused) -> Written:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        The file.
    refused : type of Refused
        What is raised.

    Raises
    ------
    Refused
        It cannot be read, is not written in UTF-8 or is no TOML: in which line is said.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError):  # a path may hold what no path can
        raise refused(problem("unreadable", Where(path.name))) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(problem("no_utf8", Where(path.name, rows=(line,)))) from None
    try:
        return Written(tomllib.loads(text), path.name, lines_of(text))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))  # else "at end of document"
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        raise refused(problem("no_toml", Where(path.name, rows=(line,)))) from None


_TOKEN = re.compile(
    r'"{3}(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\''
    r"|[\w+:-]+|[][{}.,=\n]|#[^\n]*|[ \t\r]+",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Place, int]:
    r"""Return the line of every key and item of a TOML text that can be read.

    Examples
    --------
    >>> lines_of("[a]\nb = [1,\n 2]")
    {('a',): 1, ('a', 'b'): 2, ('a', 'b', 0): 2, ('a', 'b', 1): 3}
    """
    return _Lines(text).found


class _Lines:
    """Walk the marks of a text; the reader has made sure that they are in order."""

    def __init__(self, text: str) -> None:
        self.found: dict[Place, int] = {}
        self._text, self._at, self._line = text, 0, 1
        self._mark = self._next()
        last: dict[Place, int] = {}  # item of each list of tables
        table: Place = ()
        while self._mark:
            if self._took("["):
                table = self._header(last)
            elif not self._took("\n"):
                self._pair(table)

    def _next(self) -> str:
        """Return the next mark that is neither blank nor comment; nothing at the end."""
        while found := _TOKEN.match(self._text, self._at):
            self._at = found.end()
            if found[0] == "\n" or not (found[0][0].isspace() or found[0][0] == "#"):
                return found[0]
        return ""

    def _taken(self) -> str:
        taken = self._mark
        self._line += taken.count("\n")
        self._mark = self._next()
        return taken

    def _took(self, mark: str) -> bool:
        return self._mark == mark and bool(self._taken())

    def _keys(self) -> Place:
        keys = []
        while True:
            key = self._taken()
            keys.append(tomllib.loads(f"x = {key}")["x"] if key[0] in "\"'" else key)
            if not self._took("."):
                return tuple(keys)

    def _known(self, place: Place) -> None:
        self.found.setdefault(place, self._line)

    def _header(self, last: dict[Place, int]) -> Place:
        many = self._took("[")
        table: Place = ()
        keys = self._keys()
        for count, key in enumerate(keys, start=1):
            table = (*table, key)
            self._known(table)
            if many and count == len(keys):
                last[table] = last.get(table, -1) + 1
            if table in last:
                table = (*table, last[table])
                self._known(table)
        _ = self._took("]"), many and self._took("]")
        return table

    def _pair(self, table: Place) -> None:
        for key in self._keys():
            table = (*table, key)
            self._known(table)
        self._took("=")
        self._value(table)

    def _value(self, place: Place) -> None:
        if self._took("["):
            self._parts("]", lambda count: self._item((*place, count)))
        elif self._took("{"):
            self._parts("}", lambda _: self._pair(place))
        else:
            while self._mark and self._mark not in ",]}\n":
                self._taken()

    def _item(self, place: Place) -> None:
        self._known(place)
        self._value(place)

    def _parts(self, end: str, part: Callable[[int], None]) -> None:
        count = 0
        while self._mark and not self._took(end):
            if not (self._took("\n") or self._took(",")):
                part(count)
                count += 1

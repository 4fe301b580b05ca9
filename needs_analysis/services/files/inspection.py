"""Everything that is wrong or odd in the files of a network, before any measure is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from needs_analysis.errors import ParameterError, Problem, SourceError, Where
from needs_analysis.services.files.cells import CURE, holds
from needs_analysis.services.files.inputs import FILES, named
from needs_analysis.services.files.office import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.files.plausibility import check_together, unregistered
from needs_analysis.services.files.problems import problem
from needs_analysis.services.files.pseudonyms import read_key
from needs_analysis.services.files.schema import NEEDED
from needs_analysis.words import ITALIAN, N_, NN_, Voice

Read = TypeVar("Read")
_COUNTED: Mapping[str, tuple[str, str]] = {
    "services": NN_("{count} servizio", "{count} servizi"),
    "dwellings": NN_("{count} alloggio", "{count} alloggi"),
    "places": NN_("{count} posto", "{count} posti"),
    "stays": NN_("{count} accoglienza", "{count} accoglienze"),
    "referrals": NN_("{count} segnalazione", "{count} segnalazioni"),
    "survey": NN_("{count} risposta al questionario", "{count} risposte al questionario"),
    "measures": NN_("{count} misura", "{count} misure"),
}
"""What the rows of each table are, one and many."""


@dataclass
class Inspection:
    """What is wrong (`errors`, with their `cures`), odd (`warnings`) and how much was `read`."""

    errors: list[Problem] = field(default_factory=list)
    cures: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str, read: Callable[..., Read], *paths: Path) -> Read | None:
        """Read a file; note what is wrong with it and return None."""
        try:
            return named(kind, read, *paths)
        except SourceError as error:
            self.errors += error.problems
            if error.cure is not None and error.cure != CURE:
                self.cures.append(error.cure.at(Where(file=kind)))
            return None

    def count(self, name: str, rows: int) -> None:
        """Note how many rows a table has."""
        self.read[name] = rows

    def told(self, voice: Voice = ITALIAN) -> list[str]:
        """Say how many rows each table has."""
        return [voice.plural(*_COUNTED[name], rows) for name, rows in self.read.items()]

    def warn(self, warnings: tuple[Problem, ...]) -> None:
        """Note what is odd, each thing once: several kinds may stand in one file."""
        for one in warnings:
            if one not in self.warnings:
                self.warnings.append(one)


def inspect(register: Path, stays: Path, key: Path | None) -> Inspection:
    """Read every file of a network that there is, and compare them; nothing is raised for a bad one.

    Parameters
    ----------
    register : Path
        The workbook or folder of the register; a file of local measures may stand alone.
    stays : Path
        That of the stays, of referrals and survey where it has them.
    key : Path, optional
        The file of the secret key; local measures alone need none.

    Raises
    ------
    ParameterError
        There are stays to read and no key.
    """
    said, measures = Inspection(), holds(register, NEEDED["measures"])
    tables = (*NEEDED["register"], *NEEDED["stays"])
    if not (measures and not any(holds(register, (one,)) for one in tables)):
        if key is None:
            raise ParameterError(problem("key_needed"))
        _network(said, register, stays, key)
    if measures:
        _table(said, "measures", said.of(FILES["measures"], read_policies, register))
    return said


def _network(said: Inspection, register: Path, stays: Path, key: Path) -> None:
    """Check register and stays, one by one and together, then referrals and survey."""
    of_register = said.of(N_("registro"), read_register, register)
    if of_register is not None:
        said.warn(of_register.warnings)
        for name in ("services", "dwellings", "places"):
            said.count(name, len(getattr(of_register, name)))
    if said.of(N_("chiave"), read_key, key, stays) is None:
        return
    of_stays = said.of(N_("accoglienze"), read_stays, stays, key)
    if of_stays is not None:
        said.warn(of_stays.warnings)
        said.count("stays", len(of_stays.stays))
    if of_register is not None and of_stays is not None:
        lost = unregistered(of_register, of_stays)
        said.errors += [one.at(replace(one.where, file=FILES["stays"])) for one in lost]
        said.warn(check_together(of_register, of_stays))
    places = dict.fromkeys((stays, register))
    for kind, read, more in (("referrals", read_referrals, (key,)), ("survey", read_survey, ())):
        path = next((one for one in places if holds(one, NEEDED[kind])), None)
        if path is not None:
            frame = said.of(FILES[kind], read, path, *more)
            # A network need not have them: empty sheets of the template are no news.
            if frame is not None and len(frame):
                _table(said, kind, frame)


def _table(said: Inspection, kind: str, frame: pd.DataFrame | None) -> None:
    if frame is not None:
        said.warn(frame.attrs["warnings"])
        said.count(kind, len(frame))

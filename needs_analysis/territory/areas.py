"""From what a person types to municipalities: ambito, province, region, list, CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import store
from needs_analysis.errors import AreaError, SourceError
from needs_analysis.sources import reading
from needs_analysis.territory import boundaries, history
from needs_analysis.territory.codes import DAY, municipalities, normalise

if TYPE_CHECKING:
    import geopandas as gpd

LEVELS = ("ambito", "provincia", "regione", "comune")


@dataclass(frozen=True)
class Area:
    """A named set of municipalities.

    `level` is one of `LEVELS`, "italia" or "elenco" (a list of the user's); `certainty` says how
    far the composition of an ambito can be relied on; it is empty for what the law defines.
    """

    level: str
    name: str
    codes: tuple[str, ...]
    certainty: str = ""

    @property
    def key(self) -> str:
        """Return the words that select this area again."""
        if self.level in ("italia", "elenco"):
            return "Italia" if self.level == "italia" else ",".join(self.codes)
        homonyms = self.level == "comune" and len(_level("comune")[normalise(self.name)]) > 1
        place = municipalities()["province_abbreviation"][self.codes[0]] if homonyms else ""
        return f"{self.level}:{self.name}" + (f" ({place})" if place else "")


def select(area: str | Path | Iterable[str]) -> gpd.GeoDataFrame:
    """Return the municipalities of an area with their boundaries.

    Parameters
    ----------
    area : str, Path or iterable of str
        "ambito:Carate Brianza", "provincia:MB", "regione:Lombardia", "comune:Rho", "Italia", a bare
        name that is valid at one level, codes separated by commas, a CSV path, or a list of codes
        and names. Accents,
        apostrophes, case, either language of a bilingual name and old province names do not matter.

    Returns
    -------
    GeoDataFrame
        Indexed by municipality_code (six digits), in EPSG:32632, sorted by code; ``attrs`` holds
        level, name, key and certainty of the area.

    Raises
    ------
    AreaError
        The name is unknown (the three nearest are given), valid at several levels or of several
        municipalities (the choices are given), or the list is empty.

    Examples
    --------
    >>> select("ambito:Desio").municipality_name.tolist()[:2]
    ['Bovisio-Masciago', 'Cesano Maderno']
    """
    import geopandas as gpd

    found = find(area)
    frame = gpd.GeoDataFrame(
        municipalities().loc[list(found.codes)],
        geometry=boundaries.coverage(found.codes),
    )
    frame.attrs = {
        "level": found.level,
        "name": found.name,
        "key": found.key,
        "certainty": found.certainty,
    }
    return frame


def find(area: str | Path | Iterable[str]) -> Area:
    """Return the area that words, a CSV or a list name, without its boundaries.

    Examples
    --------
    >>> find("comune:bozen").name, len(find("Provincia:Pesaro Urbino").codes)
    ('Bolzano/Bozen', 50)
    """
    if isinstance(area, Path):
        return _from_csv(area)
    if not isinstance(area, str):
        return _from_list(list(area))
    text = area.strip()
    if text.lower().endswith(".csv"):
        return _from_csv(Path(text))
    if re.fullmatch(r"\d{4,6}(\s*,\s*\d{4,6})+", text):
        return _from_list(text.split(","))
    level, _, name = (part.strip() for part in text.partition(":"))
    if name:
        if level.lower() not in LEVELS:
            raise AreaError(
                f"«{level}:» non è un livello. Usare {', '.join(one + ':' for one in LEVELS)} "
                "oppure Italia."
            )
        return _at(level.lower(), name)
    if normalise(text) == "italia":
        return Area("italia", "Italia", tuple(sorted(municipalities().index)))
    return _bare(text)


def search(text: str) -> pd.DataFrame:
    """List the areas whose name holds or resembles a text, for the command line.

    Returns
    -------
    DataFrame
        Columns area (the words that select it), municipalities (how many); exact names come first.
    """
    wanted = normalise(text)
    held = {
        one.key: len(one.codes)
        for level in LEVELS
        for name, areas in _level(level).items()
        if wanted in name
        for one in areas
    }
    if not held:
        held = {one.key: len(one.codes) for one in _nearest(text, LEVELS, 10)}
    ordered = sorted(held, key=lambda key: (normalise(key.partition(":")[2]) != wanted, key))
    return pd.DataFrame({"area": ordered, "municipalities": [held[key] for key in ordered]})


def _bare(text: str) -> Area:
    found = [one for level in LEVELS for one in _level(level).get(normalise(text), ())]
    # Valle d'Aosta is a province and a region: the same municipalities, nothing to choose.
    if len({one.codes for one in found}) == 1:
        return found[-1]
    if found:
        raise AreaError(
            f"«{text}» è il nome di più territori: scrivere "
            f"{' oppure '.join(_choice(one) for one in found)}."
        )
    raise AreaError(f"«{text}» non è un territorio conosciuto. {_advice(text, LEVELS)}")


def _at(level: str, name: str) -> Area:
    found = _level(level).get(normalise(name), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise AreaError(
            f"ci sono {len(found)} comuni di nome «{name}»: scrivere "
            f"{' oppure '.join(_choice(one) for one in found)}."
        )
    raise AreaError(f"{level} «{name}»: nome non trovato. {_advice(name, (level,))}")


def _choice(area: Area) -> str:
    return f"«{area.key}»"


def _advice(text: str, levels: Sequence[str]) -> str:
    near = _nearest(text, levels, 3)
    return f"Forse: {', '.join(_choice(one) for one in near)}?"


def _nearest(text: str, levels: Sequence[str], limit: int) -> list[Area]:
    from rapidfuzz import fuzz, process

    names = {(level, name): name for level in levels for name in _level(level)}
    best = process.extract(normalise(text), names, scorer=fuzz.ratio, limit=limit * 4)
    found = {one.key: one for _, _, (level, name) in best for one in _level(level)[name]}
    return list(found.values())[:limit]


@store.remembered
def _level(level: str) -> dict[str, tuple[Area, ...]]:
    """Return the areas of a level by every normalised name they answer to."""
    if level == "ambito":
        return _ambiti()
    units = municipalities()
    if level == "comune":
        return _municipality_names(units)
    if level == "regione":
        return _group_names(level, units, "region_name")
    return _group_names(level, units, "province_name") | _old_provinces(units)


def _municipality_names(units: pd.DataFrame) -> dict[str, tuple[Area, ...]]:
    named: dict[str, dict[str, Area]] = {}
    columns = ["municipality_name", "municipality_name_it", "municipality_name_other"]
    # ISTAT's list lacks some second names that ANPR's archive has (Aosta/Aoste, Gorizia/Gorica).
    archive = history.codes_on(DAY).set_index("municipality_code")["municipality_name_other"]
    for code, full, italian, other, province in units[
        [*columns, "province_abbreviation"]
    ].itertuples():
        area = Area("comune", full, (code,))
        for name in {full, italian, other, archive[code]} - {""}:
            named.setdefault(normalise(name), {})[code] = area
            named.setdefault(normalise(f"{name} {province}"), {})[code] = area
        named.setdefault(code, {})[code] = area
    return {name: tuple(areas.values()) for name, areas in named.items()}


def _group_names(level: str, units: pd.DataFrame, column: str) -> dict[str, tuple[Area, ...]]:
    named: dict[str, tuple[Area, ...]] = {}
    for full, rows in units.groupby(column):
        area = (Area(level, str(full), tuple(sorted(rows.index))),)
        for name in {str(full), *str(full).split("/")}:
            named[normalise(name)] = area
        if level == "provincia":
            named[normalise(rows["province_abbreviation"].iloc[0])] = area
    return named


def _old_provinces(units: pd.DataFrame) -> dict[str, tuple[Area, ...]]:
    """Return other names of today's provinces, and past and later provinces by their members."""
    names = store.table("province_names")
    found: dict[str, tuple[Area, ...]] = {}
    for name, code in zip(names["name"], names["province_code"], strict=True):
        members = units.index[units["province_code"] == code]
        if len(members):
            full = str(units.loc[members[0], "province_name"])
        else:
            full = name
            now = history.successors(history.ever_in_province(code))["municipality_code"]
            members = pd.Index(now.dropna().unique())
        found[normalise(name)] = (Area("provincia", full, tuple(sorted(members))),)
    return found


def _ambiti() -> dict[str, tuple[Area, ...]]:
    return {
        normalise(str(name)): (
            Area(
                "ambito",
                str(name),
                tuple(sorted(rows["municipality_code"])),
                str(rows["certainty"].iloc[0]),
            ),
        )
        for name, rows in store.table("ambiti").groupby("ambito_name")
    }


def _from_list(entries: Sequence[str]) -> Area:
    found, problems = _members([str(entry) for entry in entries])
    if problems:
        raise AreaError("; ".join(problems))
    return _listed(found)


def _listed(codes: set[str]) -> Area:
    if not codes:
        raise AreaError("l'elenco dei comuni è vuoto. Indicare almeno un codice o un nome.")
    if len(codes) == 1:
        (code,) = codes
        return Area("comune", str(municipalities().loc[code, "municipality_name"]), (code,))
    return Area("elenco", f"{len(codes)} comuni", tuple(sorted(codes)))


def _members(entries: Sequence[str], rows: Sequence[int] = ()) -> tuple[set[str], list[str]]:
    found: set[str] = set()
    problems: list[str] = []
    for position, entry in enumerate(entries):
        text = entry.strip()
        # Excel drops the leading zeros of a code.
        text = text.zfill(6) if re.fullmatch(r"\d{4,5}", text) else text
        try:
            found |= set(_in_list(text).codes)
        except AreaError as error:
            problems.append(f"riga {rows[position]}: {error}" if rows else str(error))
    return found, problems


def _in_list(text: str) -> Area:
    """In a list a bare name is a municipality's: what else would a list of municipalities hold."""
    return find(text) if ":" in text else _at("comune", text)


HEADINGS = (
    "municipality_code",
    "codice",
    "codice istat",
    "cod istat",
    "pro com t",
    "pro com",
    "codice comune",
    "municipality_name",
    "comune",
    "nome",
    "denominazione",
)


def _from_csv(path: Path) -> Area:
    cure = "Salvare un CSV in UTF-8 con una colonna «codice» o «comune», una riga per comune."
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError(path, ["il file non esiste"], "Controllare il percorso.") from error
    except OSError as error:
        raise SourceError(path, ["il file non si può leggere"], cure) from error
    if b"\0" in data:
        raise SourceError(path, ["il file non si può leggere come testo UTF-8"], cure)
    text = reading.decode(data)  # Excel in Italian saves cp1252
    first = text.split("\n", 1)[0]
    rows = list(csv.reader(text.splitlines(), delimiter=max(";,\t", key=first.count)))
    heads = [normalise(cell.replace("_", " ")) for cell in rows[0]] if rows else []
    known = [normalise(heading.replace("_", " ")) for heading in HEADINGS]
    column = next((heads.index(one) for one in known if one in heads), None)
    start = 0 if column is None else 1
    column = column or 0
    entries = [
        (number, row[column])
        for number, row in enumerate(rows[start:], start=start + 1)
        if len(row) > column and row[column].strip()
    ]
    found, problems = _members([cell for _, cell in entries], [number for number, _ in entries])
    seen: dict[str, int] = {}
    for number, cell in entries:
        if seen.setdefault(cell.strip(), number) != number:
            problems.append(f"riga {number}: «{cell.strip()}» è già alla riga {seen[cell.strip()]}")
    if problems:
        raise SourceError(path, problems, "Correggere le righe indicate.")
    if not found:
        raise SourceError(path, ["non contiene comuni"], cure)
    return _listed(found)

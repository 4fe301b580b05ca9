"""The perimeters of the zones of the property-market observatory: OMI, Agenzia delle Entrate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd
import shapely

from needs_analysis import reading
from needs_analysis.errors import Problem
from needs_analysis.provenance import Extent
from needs_analysis.sources import omi_values
from needs_analysis.sources.problems import problem

if TYPE_CHECKING:
    import geopandas

SOURCE = replace(
    omi_values.SOURCE,
    id="omi_perimeters",
    title="Perimetri delle zone OMI",
    retrieval="https://www.agenziaentrate.gov.it (GEOPOI, o Forniture dati OMI)",
)
DELIVERS = Extent(italy=False, places="cadastral_code")

DEPTH_MAX = 50
"""How deep elements may be nested; the publisher's stand seven deep."""
ITALY = (6.0, 35.0, 19.0, 48.0)
"""West, south, east, north, in degrees: a pair in the wrong order falls outside."""

_OPENS = re.compile(rb"<kml\b.{0,4000}?Anno/Semestre\s+\d{4}/[12]\b", re.DOTALL)
_SEMESTER = re.compile(r"Anno/Semestre\s+(\d{4}/[12])\b")
_NAME = re.compile(r"(.*?)\s*-\s*Zona OMI\s+(\w+)")
_CODE = re.compile(r"Cod\. Naz\. Comune(?:\s|<[^>]*>)*([A-Z]\d{3})\b")


class _Zone(NamedTuple):
    cadastral_code: str
    municipality_name: str
    zone_code: str
    zone_link: str
    reference_date: str
    geometry: shapely.Geometry | None
    odd: Problem | None


def recognises(path: Path) -> bool:
    """Return whether the file is the KML of a municipality, or a KMZ that holds one."""
    return omi_values.holds(path, lambda start: _OPENS.search(start) is not None)


def read(path: Path) -> geopandas.GeoDataFrame:
    """Read the perimeters of the zones, a row each.

    Parameters
    ----------
    path : Path
        The KML of a municipality, or the KMZ of a province.

    Returns
    -------
    GeoDataFrame
        Text: ``cadastral_code`` and ``zone_code``, which together are unique and join the
        quotations; ``municipality_name``; ``zone_link``, which the publisher leaves empty since
        2014; ``reference_date``, the semester, "2018/2". Boolean: ``is_repaired``, whether the
        published rings crossed and were rebuilt (``make_valid``, structure method). ``geometry`` in
        EPSG:4326. ``attrs["reference_date"]`` is the semester.

    Raises
    ------
    SourceError
        If the file is not as published, declares entities or a DTD, or has many odd zones
        (`reading.Odd`): one without a code or a readable polygon is left out and named in
        ``attrs["notices"]``.
    """
    import geopandas  # heavy: only where it is used

    data = reading.content(path, SOURCE)
    shown = omi_values.unnamed(path, "PERIMETRI")
    documents = [data]
    if data.startswith(b"PK"):
        documents = omi_values.members(data, shown, SOURCE, lambda start: b"<kml" in start)
    elif len(data) > omi_values.BYTES_MAX:
        raise reading.failure(shown, SOURCE, [problem("document_too_large")])
    problems: list[Problem] = []
    zones = [zone for one in documents for zone in _zones(_root(one, shown), problems)]
    frame = pd.DataFrame(zones, columns=list(_Zone._fields))
    frame.insert(5, "is_repaired", _repair(frame))
    odd = _odd(frame)
    zone_count = len(frame)
    frame = frame[~frame.index.isin(list(odd.left_out.rows))]
    problems += _contradictions(frame, zone_count)
    if problems:
        raise reading.failure(shown, SOURCE, [*odd.found(), *problems])
    if odd.many(zone_count):
        named = odd.found(reading.NAMED_REFUSED)
        raise reading.failure(shown, SOURCE, named, kind=reading.OddCellsError)
    frame = frame.drop(columns="odd").reset_index(drop=True)
    found = geopandas.GeoDataFrame(frame, geometry="geometry", crs=4326)
    found.attrs["reference_date"] = str(frame["reference_date"].iloc[0])
    if notices := odd.notices():
        found.attrs["notices"] = notices
    return found


def _root(document: bytes, path: Path) -> Element:
    """Return the root of a document, refusing what could make the parser fetch or expand."""
    import defusedxml.ElementTree  # type: ignore[import-untyped]
    from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

    text = reading.decode(document)
    try:
        root: Element = defusedxml.ElementTree.fromstring(text.lstrip(), forbid_dtd=True)
    except DefusedXmlException:
        raise reading.failure(path, SOURCE, [problem("document_with_entities")]) from None
    except Exception:  # expat raises ParseError, ValueError, LookupError; all say the same
        raise reading.failure(path, SOURCE, [problem("no_kml")]) from None
    level = [root]
    for _ in range(DEPTH_MAX):
        level = [child for element in level for child in element]
    if level:
        raise reading.failure(path, SOURCE, [problem("nested")])
    return root


def _zones(root: Element, problems: list[Problem]) -> Iterator[_Zone]:
    """Yield the zones of a document; the index of a province has none."""
    title = _text(root, "{*}Document/{*}name")
    semester = _SEMESTER.search(title)
    placemarks = root.findall(".//{*}Placemark")
    if placemarks and semester is None:
        problems.append(problem("no_semester", name=title[:40]))
    for placemark in placemarks:
        name = _text(placemark, "{*}name")
        given = {
            data.get("name", ""): _text(data, "{*}value")
            for data in placemark.iterfind(".//{*}Data")
        }
        named = _NAME.fullmatch(name)
        described = _CODE.search(_text(placemark, "{*}description"))
        yield _Zone(
            given.get("CODCOM") or (described[1] if described else ""),
            named[1] if named else "",
            given.get("CODZONA") or (named[2] if named else ""),
            given.get("LINKZONA", ""),
            semester[1] if semester else "",
            *_geometry(placemark, name),
        )


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _geometry(placemark: Element, name: str) -> tuple[shapely.Geometry | None, Problem | None]:
    """Return the polygons of a placemark, as published; None, and why, if any is no polygon."""
    parts = []
    for polygon in placemark.iterfind(".//{*}Polygon"):
        outer = polygon.findall("{*}outerBoundaryIs/{*}LinearRing/{*}coordinates")
        inner = polygon.findall("{*}innerBoundaryIs/{*}LinearRing/{*}coordinates")
        try:
            (shell,), holes = map(_ring, outer), [_ring(one) for one in inner]
            inside = all(map(_in_italy, (shell, *holes)))
            part = shapely.Polygon(shell, holes) if inside else None
        except ValueError:  # of numpy and shapely
            part = None
        if part is None:
            return None, problem("no_ring", name=name[:40])
        parts.append(part)
    if not parts:
        return None, problem("no_polygon", name=name[:40])
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts), None


def _ring(coordinates: Element) -> np.ndarray:
    """Return longitude and latitude of the points of a ring; numpy raises if they are no numbers."""
    points = (coordinates.text or "").split()
    width = points[0].count(",") + 1 if points else 0
    numbers = np.array(",".join(points).split(","), dtype="float64")
    return numbers.reshape(len(points), width)[:, :2]


def _in_italy(ring: np.ndarray) -> bool:
    west, south, east, north = ITALY
    return bool(((ring >= (west, south)) & (ring <= (east, north))).all())


def _repair(frame: pd.DataFrame) -> np.ndarray:
    """Rebuild the polygons that cross themselves, in place; return which they are."""
    shapes = frame["geometry"].to_numpy(dtype=object, copy=True)
    known = ~shapely.is_missing(shapes)
    broken: np.ndarray = known & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    frame["geometry"] = shapes
    return broken


def _key(frame: pd.DataFrame) -> pd.Series:
    return frame["cadastral_code"] + "/" + frame["zone_code"]


def _odd(frame: pd.DataFrame) -> reading.Odd:
    """Note the zones that cannot be read: without a polygon, a surface or a code."""
    odd = reading.Odd()
    key, places = _key(frame), frame["municipality_name"]
    flat = shapely.area(frame["geometry"].to_numpy(dtype=object)) <= 0  # a missing one has no area
    known = key.str.fullmatch("[A-Z][0-9]{3}/[A-Z]{1,2}[0-9]{0,3}")
    for row, (found, zone, place) in enumerate(zip(frame["odd"], key, places, strict=True)):
        if not known[row]:
            found = problem("unknown_zone", zone=zone[:40])
        elif flat[row]:
            found = problem("no_surface_of_zone", zone=zone)
        if found:
            odd.left_out.add([row], [(found, place)])
    return odd


def _contradictions(frame: pd.DataFrame, zone_count: int) -> list[Problem]:
    if not zone_count:
        return [problem("no_zones")]
    key = _key(frame)
    problems = [problem("repeated_perimeter", zone=one) for one in key[key.duplicated()]]
    semesters = sorted(set(frame["reference_date"]) - {""})
    if len(semesters) > 1:
        problems.append(problem("several_semesters", semesters=tuple(semesters)))
    return problems

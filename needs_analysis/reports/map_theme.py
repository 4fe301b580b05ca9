"""Map themes: which indicators, in which order, in which colours, in which classes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from needs_analysis.errors import NeedsAnalysisError
from needs_analysis.reports.language import display, number

# What a theme draws: municipalities, or the OMI zones inside them, which have these figures.
UNITS = ("municipality", "omi_zone")
ZONE_INDICATORS = ("rent_eur_m2_month",)


@dataclass(frozen=True)
class Theme:
    """A map theme: which indicators, in which order, in which colours (``maps/*.toml``)."""

    title_it: str
    title_en: str
    note_it: str
    note_en: str
    default: str
    indicators: tuple[str, ...]
    classes: int
    palette: tuple[str, ...]
    unit: str = "municipality"

    def title(self, lang: str) -> str:
        """Return the title in Italian ("it") or English ("en")."""
        return self.title_it if lang == "it" else self.title_en

    def note(self, lang: str) -> str:
        """Return the caution in Italian ("it") or English ("en")."""
        return self.note_it if lang == "it" else self.note_en


def themes() -> list[str]:
    """Return the names of the themes that ship."""
    files = resources.files("needs_analysis.maps").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def read_theme(name: str, known: Iterable[str]) -> Theme:
    """Read a theme by name, or a user's own by its path ending in ``.toml``.

    Parameters
    ----------
    name : str
        "distress", or the path of a TOML file.
    known : iterable of str
        The indicators of municipalities that exist; a theme may name no other. A theme of OMI zones
        takes `ZONE_INDICATORS`.

    Raises
    ------
    NeedsAnalysisError
        The theme does not exist, or a field is unknown, absent or impossible; all problems of the
        file are named at once.
    """
    read = _parsed(name)
    problems = _theme_problems(read, set(known))
    if problems:
        raise NeedsAnalysisError(f"{Path(name).name}: {'; '.join(problems)}")
    return Theme(
        **read | {"indicators": tuple(read["indicators"]), "palette": tuple(read["palette"])}
    )


def drawn_unit(name: str) -> str:
    """Return what a theme draws, one of `UNITS`, before its indicators are checked.

    Raises
    ------
    NeedsAnalysisError
        The theme does not exist or is no TOML.

    Examples
    --------
    >>> drawn_unit("distress"), drawn_unit("omi_zones")
    ('municipality', 'omi_zone')
    """
    return str(_parsed(name).get("unit", Theme.unit))


def _parsed(name: str) -> dict[str, Any]:
    if name.endswith(".toml"):
        file = Path(name)
    elif name in themes():
        file = Path(str(resources.files("needs_analysis.maps") / f"{name}.toml"))
    else:
        raise NeedsAnalysisError(
            f"tema {name!r} sconosciuto. Temi disponibili: {', '.join(themes())}"
        )
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NeedsAnalysisError(f"{file.name}: non si legge ({error})") from error


def _theme_problems(read: Mapping[str, Any], known: set[str]) -> list[str]:
    expected = {one.name: one.type for one in fields(Theme)}
    types = {"str": str, "int": int, "tuple[str, ...]": list}
    required = [one.name for one in fields(Theme) if one.default is MISSING]
    problems = [f"campo sconosciuto {name!r}" for name in read if name not in expected]
    problems += [f"manca il campo {name!r}" for name in required if name not in read]
    problems += [
        f"il campo {name!r} non è del tipo giusto"
        for name, kind in expected.items()
        if name in read and not isinstance(read[name], types[str(kind)])
    ]
    if problems:
        return problems
    unit = read.get("unit", Theme.unit)
    if unit not in UNITS:
        problems.append(f"'unit' {unit!r} non è fra {', '.join(UNITS)}")
    if unit == "omi_zone":
        known = set(ZONE_INDICATORS)
    problems += [
        f"indicatore sconosciuto {name!r}" for name in read["indicators"] if name not in known
    ]
    if read["default"] not in read["indicators"]:
        problems.append(f"'default' {read['default']!r} non è tra gli indicatori")
    if not 2 <= read["classes"] <= 7 or read["classes"] > len(read["palette"]):
        problems.append("'classes' va da 2 a 7 e non supera i colori di 'palette'")
    bad = [one for one in read["palette"] if not re.fullmatch(r"#[0-9a-f]{6}", str(one))]
    problems += [f"colore {one!r} non valido (#rrggbb minuscolo)" for one in bad]
    return problems


# ---- classes ------------------------------------------------------------------------------------


def lower_bounds(values: np.ndarray[Any, Any], classes: int) -> list[int]:
    """Return where each class begins: quantiles of the values as they are printed.

    Parameters
    ----------
    values : array of float
        Values in printed steps (20.9 % is 209); NaN is left out and never gets a class.
    classes : int
        At most this many; fewer where values repeat, one a value where there are few.

    Examples
    --------
    >>> lower_bounds(np.array([1, 2, 3, 4, 5, 6, np.nan]), 3)
    [1, 3, 5]
    >>> lower_bounds(np.array([4.0, 4.0]), 3)
    [4]
    """
    there = values[~np.isnan(values)]
    distinct = np.unique(there)
    if len(distinct) <= classes:
        return [int(value) for value in distinct]
    shares = np.arange(classes) / classes
    cuts = np.sort(there)[(shares * len(there)).astype(int)]
    return [int(value) for value in np.unique(cuts)]


def colours(palette: Sequence[str], count: int, polarity: int) -> list[str]:
    """Spread a palette over the classes; the dark end is the worse one whatever the polarity."""
    ramp = palette[::-1] if polarity < 0 else palette
    if count == 1:
        return [ramp[len(ramp) // 2]]
    positions = np.linspace(0, len(ramp) - 1, count).round().astype(int)
    return [ramp[position] for position in positions]


def numeric_classes(
    steps: np.ndarray[Any, Any], entry: Any, chosen: Theme, lang: str
) -> dict[str, Any]:
    """Return the classes of a column of numbers, and how they were cut.

    Parameters
    ----------
    steps : array of float
        As in :func:`lower_bounds`.
    entry : Indicator or Entry
        What the column is.
    chosen : Theme
        Its colours and how many classes at most.
    lang : str
        "it" or "en".

    Returns
    -------
    dict
        ``classes``, each with its lowest step, colour and label, and ``classing``: "quantiles", or
        "values" where there is a class a value.
    """
    bounds = lower_bounds(steps, chosen.classes)
    decimals = display(entry.name, entry.unit).decimals
    if not bounds:
        return {"classes": [], "classing": ""}
    shades = colours(chosen.palette, len(bounds), entry.polarity)
    last = int(np.nanmax(steps))
    ends = [*(bound - 1 for bound in bounds[1:]), last]
    few = len(np.unique(steps[~np.isnan(steps)])) <= len(bounds)

    def text(step: int) -> str:
        return number(step / 10**decimals, lang, decimals)

    classes = [
        {
            "from": bound,
            "colour": shade,
            "label": text(bound) if few or bound == end else f"{text(bound)} – {text(end)}",
        }
        for bound, end, shade in zip(bounds, ends, shades, strict=True)
    ]
    return {"classes": classes, "classing": "values" if few else "quantiles"}

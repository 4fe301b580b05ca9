"""Map themes: which indicators, in which order, in which colours, in which classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from needs_analysis.errors import Messages, Refused, Where
from needs_analysis.indicators.declaration import name_of, registry
from needs_analysis.reports.language import display
from needs_analysis.store.shipped import folder
from needs_analysis.words import N_, SOURCE, Voice

if TYPE_CHECKING:
    from needs_analysis.toml_files import Written

# A theme draws municipalities, or the OMI zones inside them, which have these figures.
ZONE_INDICATORS = ("rent_eur_m2_month",)
# What no indicator file declares (groups, types, services); callers describe them (`Entry`).
READY = "ready_places_ambito_code"
# Where in a theme the index of a study stands, whatever it is called, and the counts of need.
SCORE, NEED = "index_score", "need_households"
CLUSTER, TYPE = "municipal_cluster_code", "municipal_type_code"
COMPOSITES = (SCORE, CLUSTER, TYPE, READY, NEED)

problem = Messages(
    "themes",
    {
        "unknown": N_("tema «{name}» sconosciuto; ci sono {known}"),
        "no_title": N_("manca il titolo (title)"),
    },
)


@dataclass(frozen=True)
class Theme:
    """A map theme: which indicators, in which order, in which colours (``maps/*.toml``).

    Titles and notes stand by language; one in the source's language alone is said by the catalogues.
    """

    titles: Mapping[str, str]
    notes: Mapping[str, str]
    default: str
    indicators: tuple[str, ...]
    classes: int
    palette: tuple[str, ...]
    unit: str = "municipality"

    def title(self, voice: Voice) -> str:
        """Return the title as it is printed."""
        return voice.own(self.titles)

    def note(self, voice: Voice) -> str:
        """Return the caution as it is printed."""
        return voice.own(self.notes)


def themes() -> list[str]:
    """Return the names of the themes that ship."""
    return sorted(file.stem for file in folder("maps").glob("*.toml"))


def read_theme(name: str, known: Iterable[str]) -> Theme:
    """Read a theme by name, or a user's own by its path ending in ``.toml``.

    One that names no indicators offers those that are declared as mapped, in the codebook's order,
    with the composites; the places ready in the ambito open it.

    Parameters
    ----------
    name : str
        "distress", or the path of a TOML file.
    known : iterable of str
        The indicators of municipalities that exist; a theme may name no other; by their codes too.
        A theme of OMI zones takes `ZONE_INDICATORS`.

    Raises
    ------
    Refused
        The theme does not exist, or a field is unknown, absent or impossible; all problems of the
        file are named at once.
    """
    from needs_analysis import declarations

    coded = (code for one in registry().values() for code in (one.id, one.id.lower()))
    indicators = {"municipality": (*known, *coded), "omi_zone": ZONE_INDICATORS}
    asked = declarations.validated(declarations.ThemeFile, _parsed(name), context=indicators)
    titles, notes = (_by_language(asked.given(), part) for part in ("title", "note"))
    if not titles:
        raise Refused(problem("no_title", Where(file=Path(name).name)))
    return Theme(
        titles, notes, name_of(asked.default),
        tuple(map(name_of, asked.indicators)) or _mapped(asked.unit),
        asked.classes, tuple(asked.palette), asked.unit,
    )  # fmt: skip


def _mapped(unit: str) -> tuple[str, ...]:
    if unit == "omi_zone":
        return ZONE_INDICATORS
    return (READY, NEED, *(n for n, one in registry().items() if one.mapped), SCORE, CLUSTER, TYPE)


def _by_language(given: Mapping[str, Any], part: str) -> dict[str, str]:
    """Return the texts of a part, ``title`` or ``title_en``, by language."""
    return {
        name.removeprefix(part).removeprefix("_") or SOURCE: text
        for name, text in given.items()
        if name.startswith(part) and text
    }


def drawn_unit(name: str) -> str:
    """Return what a theme draws, "municipality" or "omi_zone", before its indicators are checked.

    Raises
    ------
    Refused
        The theme does not exist or is no TOML.

    Examples
    --------
    >>> drawn_unit("distress"), drawn_unit("omi_zones")
    ('municipality', 'omi_zone')
    """
    return str(_parsed(name).get("unit", Theme.unit))


def _parsed(name: str) -> Written:
    from needs_analysis import toml_files

    if name.endswith(".toml"):
        return toml_files.read(Path(name))
    if name not in themes():
        raise Refused(problem("unknown", name=name, known=themes()))
    return toml_files.read(folder("maps") / f"{name}.toml")


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
    steps: np.ndarray[Any, Any],
    entry: Any,
    chosen: Theme,
    voice: Voice,
    among: np.ndarray[Any, Any] | None = None,
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
    voice : Voice
        In which language.
    among : array of float, optional
        The values that the classes are cut on (all of Italy's); `steps` when omitted. The first and
        last class reach as far as either.

    Returns
    -------
    dict
        ``classes``, each with its lowest step, colour and label, and ``classing``: "quantiles", or
        "values" where there is a class a value.
    """
    cut = steps if among is None else among
    bounds = lower_bounds(cut, chosen.classes)
    decimals = display(entry.name, entry.unit).decimals
    if not bounds:
        return {"classes": [], "classing": ""}
    shades = colours(chosen.palette, len(bounds), entry.polarity)
    every = np.concatenate([cut, steps])
    distinct = np.unique(every[~np.isnan(every)])
    bounds[0] = int(distinct[0])
    ends = [*(bound - 1 for bound in bounds[1:]), int(distinct[-1])]
    few = len(distinct) <= len(bounds)

    def text(step: int) -> str:
        return voice.number(step / 10**decimals, decimals)

    classes = [
        {
            "from": bound,
            "colour": shade,
            "label": text(bound) if few or bound == end else f"{text(bound)} – {text(end)}",
        }
        for bound, end, shade in zip(bounds, ends, shades, strict=True)
    ]
    return {"classes": classes, "classing": "values" if few else "quantiles"}

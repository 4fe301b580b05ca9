"""Where to open dwellings: the choice for an area, and its tables of sites and of distances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.errors import ParameterError, Problem
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.reports.language import QUALITY_LABELS, area_label, day_label, number, printed
from needs_analysis.reports.model import Column, Table
from needs_analysis.reports.services_tables import INVENTED_WORD
from needs_analysis.reports.tables import source_lines
from needs_analysis.services.siting import (
    Sites,
    ambiti_of,
    by_ambito,
    existing_sites,
    maximal_cover,
    p_median,
    straight_distances_km,
    too_large,
)
from needs_analysis.services.travel import read_distances

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.services.schema import Register

NEEDS: Mapping[str, tuple[str, str]] = {
    "declarants_up_to_10k": ("Dichiaranti fino a 10.000 €", "Declarants up to € 10,000"),
    "declarants": ("Dichiaranti", "Declarants"),
    "households": ("Famiglie", "Households"),
    "resident_population": ("Residenti", "Residents"),
    "residents_18_34": ("Residenti da 18 a 34 anni", "Residents aged 18 to 34"),
    "residents_65_over": ("Residenti di 65 anni e più", "Residents aged 65 and over"),
    "residents_75_over": ("Residenti di 75 anni e più", "Residents aged 75 and over"),
    "women_15_49": ("Donne da 15 a 49 anni", "Women aged 15 to 49"),
    "eviction_orders": ("Provvedimenti di sfratto", "Eviction orders"),
    "eviction_requests": ("Richieste di esecuzione di sfratto", "Requests to carry out evictions"),
    "eviction_executions": ("Sfratti eseguiti", "Evictions carried out"),
    "renting_households_2011": ("Famiglie in affitto 2011", "Renting households 2011"),
    "large_households_2011": ("Famiglie numerose 2011", "Large households 2011"),
    "other_lodgings_2011": ("Famiglie in altri alloggi 2011", "Households in other lodgings 2011"),
}
"""Counts of the panel that may weigh the units, and how they are printed."""
_ROLES = {"existing": ("c'è già", "open already"), "new": ("nuovo", "new")}


@dataclass(frozen=True, eq=False)
class Siting:
    """A choice of sites and what the tables and the map have to say of it.

    Parameters
    ----------
    found : Sites
        The choice.
    area : GeoDataFrame
        The units: municipalities, or ambiti where the dwellings are protected.
    need : Figures
        The column of `NEEDS` that weighs the units.
    area_name : str
        What the territory is called.
    names : Series of str
        Of the units.
    on : Timestamp, optional
        The day of which the register's open dwellings are kept; None without a register.
    invented : bool
        Whether the register is invented.
    protected : bool
        Whether the dwellings are protected: the units are ambiti, and nothing is shown as a point.
    """

    found: Sites
    area: gpd.GeoDataFrame
    need: Figures
    area_name: str
    names: pd.Series
    on: pd.Timestamp | None = None
    invented: bool = False
    protected: bool = False

    @property
    def need_name(self) -> str:
        """Return the column of the need."""
        return str(self.need.data.columns[0])

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the sources of the need."""
        return self.need.sources.get(self.need_name, ())

    @property
    def worst(self) -> int:
        """Return the worst quality of the need that weighs."""
        codes = self.need.quality[self.need_name]
        return int(codes[codes < Quality.SUPPRESSED].max())

    @property
    def before(self) -> tuple[str, ...]:
        """Return the columns of how it was without the new sites; none where nothing was or is new."""
        known = self.found.units["distance_before"].notna().any()
        moved = known and (self.found.sites["role"] == "new").any()
        return ("site_before", "distance_before") if moved else ()

    def need_label(self, lang: str) -> str:
        """Return the need as it is printed."""
        return NEEDS[self.need_name][lang != "it"]

    def titled(self, title: str, lang: str) -> str:
        """Return a title that says when the register is invented."""
        return f"{title} ({INVENTED_WORD[lang]})" if self.invented else title


# ---------------------------------------------------------------- chosen


def choose(
    area: gpd.GeoDataFrame,
    new_sites: int,
    *,
    need: str = "declarants_up_to_10k",
    register: Register | None = None,
    on: pd.Timestamp | str | None = None,
    reach: float | None = None,
    matrix: Path | None = None,
    protected: bool = False,
    lang: str = "it",
) -> tuple[Siting, tuple[Problem, ...]]:
    """Choose where to open the next dwellings of an area, what is open kept.

    Parameters
    ----------
    area : GeoDataFrame
        As :func:`needs_analysis.territory.select` returns it.
    new_sites : int
        How many to open; 0 tells how it is with those of the register.
    need : str
        One of `NEEDS`.
    register : Register, optional
        Whose dwellings stay open.
    on : Timestamp or str, optional
        The day on which they are; today when omitted.
    reach : float, optional
        Most need within it, in km, or in minutes with a matrix; least distance when omitted.
    matrix : Path, optional
        Travel times in minutes; straight distances in km when omitted.
    protected : bool
        Protected dwellings, by ambito, or the others, by municipality.
    lang : str
        "it" or "en".

    Returns
    -------
    Siting
        The choice.
    tuple of Problem
        Warnings.

    Raises
    ------
    ParameterError
        The need is none of `NEEDS`, or the question is impossible.
    SourceError
        The matrix cannot be used.
    """
    _check(area, need, protected)
    day = pd.Timestamp(on or pd.Timestamp.today()).normalize()
    units, weights = area, _need(need, area)
    if protected:
        units, summed = by_ambito(area, weights.data[need])
        weights = _need_by_ambito(weights, area, summed)
    far, warnings = (
        read_distances(matrix, units.index) if matrix else (straight_distances_km(units), ())
    )
    existing = () if register is None else existing_sites(register, day, area, protected)
    unit = "min" if matrix else "km"
    found = (
        p_median(weights.data[need], far, new_sites, existing, unit)
        if reach is None
        else maximal_cover(weights.data[need], far, new_sites, reach, existing, unit)
    )
    said = Siting(
        found, units, weights, area_label(area.attrs["level"], area.attrs["name"], lang),
        unit_names(units, lang), on=None if register is None else day,
        invented=bool(register and register.label), protected=protected,
    )  # fmt: skip
    return said, warnings


def _check(area: gpd.GeoDataFrame, need: str, protected: bool) -> None:
    """Refuse what cannot be asked before anything slow is read."""
    if need not in NEEDS:
        raise ParameterError(f"--need si sceglie fra: {', '.join(NEEDS)}")
    size = ambiti_of(area).nunique() if protected else len(area)
    if problems := too_large(size, size):
        raise ParameterError(*problems)


def _need(name: str, area: gpd.GeoDataFrame) -> Figures:
    from needs_analysis import panel

    built = panel.build(codes_on=area.attrs.get("codes_on"))
    return built.columns([name]).rows(area.index)


def _need_by_ambito(need: Figures, area: gpd.GeoDataFrame, summed: pd.Series) -> Figures:
    """Return summed need with the worst quality and the vintages of the municipalities."""
    name = need.data.columns[0]
    ambito = ambiti_of(area)
    quality = need.quality[name].groupby(ambito).max().reindex(summed.index)
    vintage = need.vintage[name].groupby(ambito).agg(join_vintages).reindex(summed.index)
    return Figures.of(
        summed.rename(name).to_frame(),
        quality=quality.rename(name).to_frame().astype("int8"),
        vintage=vintage.rename(name).to_frame(),
        sources=need.sources.get(name, ()),
    )


def unit_names(area: pd.DataFrame, lang: str) -> pd.Series:
    """Return how each unit is called: a municipality, an ambito, or a province without known ambiti.

    Parameters
    ----------
    area : DataFrame
        Municipalities, or what :func:`needs_analysis.services.siting.by_ambito` makes of them.
    lang : str
        "it" or "en".

    Examples
    --------
    >>> unit_names(pd.DataFrame(index=["ambito:Monza", "provincia:CT"]), "it").tolist()
    ['Monza', 'provincia CT, senza ambiti noti']
    """
    if "municipality_name" in area:
        names: pd.Series = area["municipality_name"]
        return names
    pattern = {"it": "provincia {}, senza ambiti noti", "en": "province {}, ambiti not known"}[lang]
    split = (str(code).partition(":") for code in area.index)
    said = [name if level == "ambito" else pattern.format(name) for level, _, name in split]
    return pd.Series(said, index=area.index, dtype="str")


# ---------------------------------------------------------------- words


def notes(said: Siting, lang: str) -> tuple[str, ...]:
    """Return how the sites were chosen, by what, and what the choice does not say."""
    parts = (
        _result_note(said, lang), _rule_note(said, lang), _need_note(said, lang),
        _existing_note(said, lang), _missing_note(said, lang),
    )  # fmt: skip
    return tuple(filter(None, parts))


def _result_note(said: Siting, lang: str) -> str:
    found = said.found
    unit = found.distance_unit
    before, after = (
        number(value, lang, 1) for value in (found.mean_distance_before, found.mean_distance)
    )
    moved = {"it": f"da {before} a {after} {unit}", "en": f"from {before} to {after} {unit}"}[lang]
    text = {
        "it": f"Distanza media, pesata con il bisogno: {moved if said.before else f'{after} {unit}'}.",
        "en": f"Mean distance, weighted by need: {moved if said.before else f'{after} {unit}'}.",
    }[lang]
    if found.method != "maximal_cover":
        return text
    share = printed(found.covered_need_share, "x_share", "share", lang)
    reach = f"{number(found.reach, lang, 1)} {unit}"
    within = {"it": f" Bisogno entro {reach}: {share}.", "en": f" Need within {reach}: {share}."}
    return text + within[lang]


def _rule_note(said: Siting, lang: str) -> str:
    near = said.found.method == "p_median"
    rule = {
        "it": "la somma di bisogno per distanza è la più piccola possibile (p-mediana)"
        if near
        else "il bisogno entro la distanza è il più grande possibile (massima copertura)",
        "en": "the sum of need times distance is the least possible (p-median)"
        if near
        else "the need within reach is the most possible (maximal cover)",
    }[lang]
    return {
        "it": f"Ottimo dimostrato: {rule}; a parità il sito più vicino al bisogno, poi il primo per "
        "codice. Un sito serve quanti vuole: quanti posti servono lo dice «services capacity».",
        "en": f"Proven optimum: {rule}; of equals the one nearer to need, then the first by code. A "
        "site serves any number: how many places is said by 'services capacity'.",
    }[lang]


def _need_note(said: Siting, lang: str) -> str:
    name = said.need_name
    day = join_vintages(said.need.vintage[name].unique())
    quality = QUALITY_LABELS[Quality(said.worst)][lang]
    straight = said.found.distance_unit == "km"
    way = {
        "it": "in linea d'aria fra i centri dei territori"
        if straight
        else "quelle della matrice indicata, da chi ha bisogno al sito",
        "en": "straight, between the centres of the units"
        if straight
        else "those of the matrix given, from need to site",
    }[lang]
    caution = ""
    if said.worst == Quality.ALLOCATED:
        caution = {
            "it": " Il dato ripartito segue le famiglie: non distingue i comuni della provincia.",
            "en": " An allocated figure follows households: it does not tell a province's apart.",
        }[lang]
    label = said.need_label(lang)
    what = ", ".join([label, *([] if label.endswith(day) else [day]), quality])
    return {
        "it": f"Bisogno: {what}.{caution} Distanze {way}.",
        "en": f"Need: {what}.{caution} Distances {way}.",
    }[lang]


def _existing_note(said: Siting, lang: str) -> str:
    by_ambito = {
        "it": " Alloggi protetti: per ambito e mai più in piccolo.",
        "en": " Protected dwellings: by ambito and never smaller.",
    }[lang]
    last = by_ambito if said.protected else ""
    if said.on is None:
        first = {
            "it": "Senza registro: si parte come se non ci fossero alloggi.",
            "en": "No register: as if there were no dwelling yet.",
        }[lang]
        return first + last
    day = day_label(said.on, lang)
    first = {
        "it": f"Restano gli alloggi del registro aperti il {day}; quelli fuori dal territorio non "
        "contano.",
        "en": f"The register's dwellings open on {day} are kept; those outside the area do not count.",
    }[lang]
    return first + last


def _missing_note(said: Siting, lang: str) -> str:
    missing = said.found.missing
    if not missing:
        return ""
    named = ", ".join(said.names[list(missing[:8])])
    if len(missing) > 8:
        more = number(len(missing) - 8, lang)
        named += {"it": f" e altri {more}", "en": f" and {more} more"}[lang]
    return {
        "it": f"Senza dato di bisogno, e perciò senza peso nella scelta ({len(missing)}): {named}.",
        "en": f"Without a figure of need, hence without weight ({len(missing)}): {named}.",
    }[lang]


# ---------------------------------------------------------------- tables


def tables(said: Siting, lang: str) -> list[Table]:
    """Return the sites chosen and the units with their nearest site.

    Parameters
    ----------
    said : Siting
        The choice.
    lang : str
        "it" or "en".
    """
    lines = source_lines(said.ids)
    titles = (("Dove aprire", "Where to open"), ("Comuni e distanze", "Units and distances"))
    if said.protected:
        titles = (titles[0], ("Ambiti e distanze", "Ambiti and distances"))
    at = lang != "it"
    told = notes(said, lang)
    return [
        Table(
            titles[0][at], said.titled(titles[0][at], lang), _sites_frame(said, lang),
            _columns(said, lang, "name", "role", "units_served", "need_served", "mean_distance"),
            _sites_quality(said), notes=told, sources=lines,
        ),
        Table(
            titles[1][at], said.titled(titles[1][at], lang), _units_frame(said),
            _columns(said, lang, "name", "need", "site", "distance", *said.before),
            _units_quality(said), notes=told[2:], sources=lines,
        ),
    ]  # fmt: skip


def _sites_frame(said: Siting, lang: str) -> pd.DataFrame:
    sites = said.found.sites.reset_index()
    sites["name"] = sites["site"].map(said.names)
    roles = {role: words[lang != "it"] for role, words in _ROLES.items()}
    sites["role"] = sites["role"].map(roles)
    return sites


def _units_frame(said: Siting) -> pd.DataFrame:
    units = said.found.units.rename_axis("unit").reset_index()
    units["name"] = units["unit"].map(said.names)
    for column in ("site", "site_before"):
        units[column] = units[column].map(said.names).astype("str").fillna("")
    return units


def _sites_quality(said: Siting) -> pd.DataFrame:
    size = range(len(said.found.sites))
    codes = {"need_served": said.worst, "mean_distance": int(Quality.MODELLED)}
    return pd.DataFrame(codes, index=size, dtype="int8")


def _units_quality(said: Siting) -> pd.DataFrame:
    """Return the quality of the need, and that a distance between centres is an estimate."""
    units = said.found.units.index
    modelled = pd.Series(int(Quality.MODELLED), index=range(len(units)), dtype="int8")
    need = said.need.quality[said.need_name].reindex(units).to_numpy()
    return pd.DataFrame({"need": need, "distance": modelled, "distance_before": modelled})


def _columns(said: Siting, lang: str, *wanted: str) -> tuple[Column, ...]:
    unit, at = said.found.distance_unit, lang != "it"
    heads = {
        "name": ("Luogo", "Place"),
        "role": ("Sito", "Site"),
        "units_served": ("Comuni più vicini a questo", "Units nearest to it"),
        "need_served": ("Bisogno servito", "Need served"),
        "mean_distance": (f"Distanza media ({unit})", f"Mean distance ({unit})"),
        "need": ("Bisogno", "Need"),
        "site": ("Sito più vicino", "Nearest site"),
        "distance": (f"Distanza ({unit})", f"Distance ({unit})"),
        "site_before": ("Prima", "Before"),
        "distance_before": (f"Distanza prima ({unit})", f"Distance before ({unit})"),
    }
    if said.protected:
        heads["units_served"] = ("Ambiti più vicini a questo", "Ambiti nearest to it")
    kinds = {
        "name": "text", "role": "text", "site": "text", "site_before": "text",
        "mean_distance": "ratio", "distance": "ratio", "distance_before": "ratio",
    }  # fmt: skip
    return tuple(Column(one, heads[one][at], kinds.get(one, "count")) for one in wanted)

"""Where to open dwellings: the choice for an area, and its tables of sites and of distances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.errors import ParameterError, Problem
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.reports.language import QUALITY_LABELS, area_label, printed
from needs_analysis.reports.model import Column, Table
from needs_analysis.reports.problems import problem
from needs_analysis.reports.tables import source_lines
from needs_analysis.services.files.schema import INVENTED, day_of
from needs_analysis.services.siting.sites import (
    Sites,
    ambiti_of,
    by_ambito,
    existing_sites,
    maximal_cover,
    p_median,
    straight_distances_km,
    too_large,
)
from needs_analysis.services.siting.travel import read_distances
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.services.files.schema import Register

NEEDS: Mapping[str, str] = {
    "declarants_up_to_10k": N_("Dichiaranti fino a 10.000 €"),
    "declarants": N_("Dichiaranti"),
    "households": N_("Famiglie"),
    "resident_population": N_("Residenti"),
    "residents_18_34": N_("Residenti da 18 a 34 anni"),
    "residents_65_over": N_("Residenti di 65 anni e più"),
    "residents_75_over": N_("Residenti di 75 anni e più"),
    "women_15_49": N_("Donne da 15 a 49 anni"),
    "eviction_orders": N_("Provvedimenti di sfratto"),
    "eviction_requests": N_("Richieste di esecuzione di sfratto"),
    "eviction_executions": N_("Sfratti eseguiti"),
    "renting_households_2011": N_("Famiglie in affitto 2011"),
    "large_households_2011": N_("Famiglie numerose 2011"),
    "other_lodgings_2011": N_("Famiglie in altri alloggi 2011"),
}
"""Counts of the panel that may weigh the units, and how they are printed."""
_ROLES = {"existing": N_("c'è già"), "new": N_("nuovo")}


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

    def need_label(self, voice: Voice) -> str:
        """Return the need as it is printed."""
        return voice.say(NEEDS[self.need_name])

    def titled(self, title: str, voice: Voice) -> str:
        """Return a title that says when the register is invented."""
        return f"{title} ({voice.say(INVENTED)})" if self.invented else title


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
    voice: Voice = ITALIAN,
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
    voice : Voice
        In which language.

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
    _check(area, new_sites, need, protected)
    day = day_of(on or pd.Timestamp.today())
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
        found, units, weights, area_label(area.attrs["level"], area.attrs["name"], voice),
        unit_names(units, voice), on=None if register is None else day,
        invented=bool(register and register.label), protected=protected,
    )  # fmt: skip
    return said, warnings


def _check(area: gpd.GeoDataFrame, new_sites: int, need: str, protected: bool) -> None:
    """Refuse what cannot be asked before anything slow is read."""
    if need not in NEEDS:
        raise ParameterError(problem("need", known=tuple(NEEDS)))
    if len(area) == 1 and new_sites > 0 and not protected:
        raise ParameterError(problem("one_place", name=str(area["municipality_name"].iloc[0])))
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


def unit_names(area: pd.DataFrame, voice: Voice) -> pd.Series:
    """Return how each unit is called: a municipality, an ambito, or a province without known ambiti.

    Parameters
    ----------
    area : DataFrame
        Municipalities, or what :func:`needs_analysis.services.siting.sites.by_ambito` makes of them.
    voice : Voice
        In which language.

    Examples
    --------
    >>> unit_names(pd.DataFrame(index=["ambito:Monza", "provincia:CT"]), ITALIAN).tolist()
    ['Monza', 'provincia CT, senza ambiti noti']
    """
    if "municipality_name" in area:
        names: pd.Series = area["municipality_name"]
        return names
    split = (str(code).partition(":") for code in area.index)
    said = [
        name if level == "ambito" else voice.say("provincia {name}, senza ambiti noti", name=name)
        for level, _, name in split
    ]
    return pd.Series(said, index=area.index, dtype="str")


# ---------------------------------------------------------------- words


def notes(said: Siting, voice: Voice) -> tuple[str, ...]:
    """Return how the sites were chosen, by what, and what the choice does not say."""
    parts = (
        _result_note(said, voice), _rule_note(said, voice), _need_note(said, voice),
        _existing_note(said, voice), _missing_note(said, voice),
    )  # fmt: skip
    return tuple(filter(None, parts))


def _result_note(said: Siting, voice: Voice) -> str:
    found = said.found
    unit = found.distance_unit
    before, after = (
        voice.number(value, 1) for value in (found.mean_distance_before, found.mean_distance)
    )
    moved = f"{after} {unit}"
    if said.before:
        moved = voice.say("da {before} a {after} {unit}", before=before, after=after, unit=unit)
    text = voice.say("Distanza media, pesata con il bisogno: {moved}.", moved=moved)
    if found.method != "maximal_cover":
        return text
    share = printed(found.covered_need_share, "x_share", "share", voice)
    reach = f"{voice.number(found.reach, 1)} {unit}"
    within = voice.say("Bisogno entro {reach}: {share}.", reach=reach, share=share)
    return f"{text} {within}"


def _rule_note(said: Siting, voice: Voice) -> str:
    near = said.found.method == "p_median"
    rule = (
        voice.say("la somma di bisogno per distanza è la più piccola possibile (p-mediana)")
        if near
        else voice.say("il bisogno entro la distanza è il più grande possibile (massima copertura)")
    )
    return voice.say(
        "Ottimo dimostrato: {rule}; a parità il sito più vicino al bisogno, poi il primo per "
        "codice. Un sito serve quanti vuole: quanti posti servono lo dice «services "
        "capacity».",
        rule=rule,
    )


def _need_note(said: Siting, voice: Voice) -> str:
    name = said.need_name
    day = join_vintages(said.need.vintage[name].unique())
    quality = voice.say(QUALITY_LABELS[Quality(said.worst)])
    straight = said.found.distance_unit == "km"
    way = (
        voice.say("in linea d'aria fra i centri dei territori")
        if straight
        else voice.say("quelle della matrice indicata, da chi ha bisogno al sito")
    )
    caution = ""
    if said.worst == Quality.ALLOCATED:
        caution = voice.say(
            " Il dato ripartito segue le famiglie: non distingue i comuni della provincia."
        )
    label = said.need_label(voice)
    what = ", ".join([label, *([] if label.endswith(day) else [day]), quality])
    return voice.say(
        "Bisogno: {what}.{caution} Distanze {way}.", what=what, caution=caution, way=way
    )


def _existing_note(said: Siting, voice: Voice) -> str:
    if said.on is None:
        first = voice.say("Senza registro: si parte come se non ci fossero alloggi.")
    else:
        first = voice.say(
            "Restano gli alloggi del registro aperti il {day}; quelli fuori dal territorio non "
            "contano.",
            day=voice.day(said.on),
        )
    if not said.protected:
        return first
    return " ".join([first, voice.say("Alloggi protetti: per ambito e mai più in piccolo.")])


def _missing_note(said: Siting, voice: Voice) -> str:
    missing = said.found.missing
    if not missing:
        return ""
    named = ", ".join(said.names[list(missing[:8])])
    if len(missing) > 8:
        more = voice.number(len(missing) - 8)
        named += voice.say(" e altri {more}", more=more)
    return voice.say(
        "Senza dato di bisogno, e perciò senza peso nella scelta ({missing}): {named}.",
        missing=len(missing),
        named=named,
    )


# ---------------------------------------------------------------- tables


def tables(said: Siting, voice: Voice) -> list[Table]:
    """Return the sites chosen and the units with their nearest site.

    Parameters
    ----------
    said : Siting
        The choice.
    voice : Voice
        In which language.
    """
    lines = source_lines(said.ids, voice)
    where = voice.say("Dove aprire")
    units = voice.say("Ambiti e distanze") if said.protected else voice.say("Comuni e distanze")
    told = notes(said, voice)
    return [
        Table(
            where, said.titled(where, voice), _sites_frame(said, voice),
            _columns(said, voice, "name", "role", "units_served", "need_served", "mean_distance"),
            _sites_quality(said), notes=told, sources=lines,
        ),
        Table(
            units, said.titled(units, voice), _units_frame(said),
            _columns(said, voice, "name", "need", "site", "distance", *said.before),
            _units_quality(said), notes=told[2:], sources=lines,
        ),
    ]  # fmt: skip


def _sites_frame(said: Siting, voice: Voice) -> pd.DataFrame:
    sites = said.found.sites.reset_index()
    sites["name"] = sites["site"].map(said.names)
    roles = {role: voice.say(words) for role, words in _ROLES.items()}
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


def _columns(said: Siting, voice: Voice, *wanted: str) -> tuple[Column, ...]:
    unit = said.found.distance_unit
    heads = {
        "name": voice.say("Luogo"),
        "role": voice.say("Sito"),
        "units_served": voice.say("Ambiti più vicini a questo")
        if said.protected
        else voice.say("Comuni più vicini a questo"),
        "need_served": voice.say("Bisogno servito"),
        "mean_distance": voice.say("Distanza media ({unit})", unit=unit),
        "need": voice.say("Bisogno"),
        "site": voice.say("Sito più vicino"),
        "distance": voice.say("Distanza ({unit})", unit=unit),
        "site_before": voice.say("Prima"),
        "distance_before": voice.say("Distanza prima ({unit})", unit=unit),
    }
    kinds = {
        "name": "text", "role": "text", "site": "text", "site_before": "text",
        "mean_distance": "ratio", "distance": "ratio", "distance_before": "ratio",
    }  # fmt: skip
    return tuple(Column(one, heads[one], kinds.get(one, "count")) for one in wanted)

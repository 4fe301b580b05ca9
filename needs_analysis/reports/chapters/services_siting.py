"""Where to open dwellings: the choice for an area, and its tables of sites and of distances."""

from __future__ import annotations

import math

import pandas as pd

from needs_analysis.figures import Quality, join_vintages
from needs_analysis.needs.intervals import banded
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.language import QUALITY_LABELS, printed
from needs_analysis.reports.model import Column, Table
from needs_analysis.services.files.schema import INVENTED
from needs_analysis.told import NEEDS, Siting
from needs_analysis.words import (
    ITALIAN,  # noqa: F401 - of the example
    N_,
    Voice,
)

_ROLES = {"existing": N_("c'è già"), "new": N_("nuovo")}


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


def need_label(said: Siting, voice: Voice) -> str:
    """Return the need as it is printed."""
    return voice.say(NEEDS[said.need_name])


def titled(said: Siting, title: str, voice: Voice) -> str:
    """Return a title that says when the register is invented."""
    return f"{title} ({voice.say(INVENTED)})" if said.invented else title


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
    if said.found.gap:
        return voice.say(
            "Con tanti siti l'ottimo non è dimostrato: la somma di bisogno per distanza (p-mediana) "
            "supera la più piccola possibile al più dello {gap} %; a parità il sito più vicino al "
            "bisogno, poi il primo per codice. Un sito serve quanti vuole: quanti posti servono lo "
            "dice «services capacity».",
            gap=voice.number(math.ceil(1e4 * said.found.gap) / 100, 2),
        )
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
    label = need_label(said, voice)
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
    named = ", ".join(unit_names(said.area, voice)[list(missing[:8])])
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
    where = voice.say("Dove aprire")
    units = voice.say("Ambiti e distanze") if said.protected else voice.say("Comuni e distanze")
    told = notes(said, voice)
    heads = {one.name: one for one in _columns(said, voice)}
    sites, units_of = _sites_frame(said, voice), _units_frame(said, voice)
    banded_sites, banded_units = (["need_band"] * ("need_band" in one) for one in (sites, units_of))
    of_sites = ("name", "role", "units_served", "need_served", *banded_sites, "mean_distance")
    of_units = ("name", "need", *banded_units, "site", "distance", *said.before)
    return [
        table(
            voice, where, titled(said, where, voice), sites,
            [heads[one] for one in of_sites], _sites_quality(said), notes=told, sources=said.ids,
            facts="",
        ),
        table(
            voice, units, titled(said, units, voice), units_of,
            [heads[one] for one in of_units], _units_quality(said), notes=told[2:],
            sources=said.ids, facts="",
        ),
    ]  # fmt: skip


def _sites_frame(said: Siting, voice: Voice) -> pd.DataFrame:
    sites = said.found.sites.reset_index()
    sites["name"] = sites["site"].map(unit_names(said.area, voice))
    roles = {role: voice.say(words) for role, words in _ROLES.items()}
    sites["role"] = sites["role"].map(roles)
    return _with_bands(said, sites, "need_served", voice)


def _units_frame(said: Siting, voice: Voice) -> pd.DataFrame:
    units = said.found.units.rename_axis("unit").reset_index()
    units["name"] = units["unit"].map(unit_names(said.area, voice))
    for column in ("site", "site_before"):
        units[column] = units[column].map(unit_names(said.area, voice)).astype("str").fillna("")
    return _with_bands(said, units, "need", voice)


def _with_bands(said: Siting, frame: pd.DataFrame, name: str, voice: Voice) -> pd.DataFrame:
    """Put a band in the place of each small count of the model."""
    few = frame[name] < said.least_told
    if few.any():
        bands = frame[name].map(lambda one: banded(one, voice, said.least_told))
        frame["need_band"], frame[name] = bands.where(few, ""), frame[name].mask(few)
    return frame


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


def _columns(said: Siting, voice: Voice) -> list[Column]:
    unit = said.found.distance_unit
    served = (
        N_("Ambiti più vicini a questo") if said.protected else N_("Comuni più vicini a questo")
    )
    heads = (
        ("name", N_("Luogo"), "text"),
        ("role", N_("Sito"), "text"),
        ("units_served", served, "count"),
        ("need_served", N_("Bisogno servito"), "count"),
        ("mean_distance", N_("Distanza media ({unit})"), "ratio"),
        ("need", N_("Bisogno"), "count"),
        ("need_band", N_("Bisogno, se piccolo"), "text"),
        ("site", N_("Sito più vicino"), "text"),
        ("distance", N_("Distanza ({unit})"), "ratio"),
        ("site_before", N_("Prima"), "text"),
        ("distance_before", N_("Distanza prima ({unit})"), "ratio"),
    )
    return [Column(name, voice.say(words, unit=unit), kind) for name, words, kind in heads]

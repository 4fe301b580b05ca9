"""How the frames of each source become one table of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from needs_analysis import rents


@dataclass(frozen=True)
class Recipe:
    """How the frames of one source become one table.

    `source` is the id of the source, `keys` the primary key; `combine` turns the frames of the files
    recognised (each with its reference date) into the table: of every edition where `every` is set,
    of the newest otherwise. `cited_as` is the id of the citation where it is not the source's.
    """

    source: str
    title: str
    keys: tuple[str, ...]
    combine: Callable[[Sequence[pd.DataFrame]], pd.DataFrame]
    every: bool = False
    cited_as: str = ""


def latest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the newest edition."""
    return max(frames, key=lambda frame: str(frame.attrs.get("reference_date", ""))).reset_index()


def distinct(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep each row once: the publisher repeats some changes."""
    return pd.concat(frames, ignore_index=True).drop_duplicates()


def summed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put regional files under each other."""
    # A municipality stands in one regional file only; a sum over files would hide a double.
    return pd.concat(frames).reset_index()


def by_year(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put editions under each other, each with its year."""
    dated = [frame.assign(year=int(frame.attrs["reference_date"])) for frame in frames]
    return pd.concat(dated).reset_index()


def latest_rents(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Bring the quotes of the newest half-year to municipalities."""
    newest = max(frames, key=lambda frame: str(frame.attrs["reference_date"]))
    return rents.municipal(newest).reset_index()


def rent_growth(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Follow municipal rents from the first half-year to the last, where nothing breaks the series."""
    quotes = {str(frame.attrs["reference_date"]): frame for frame in frames}
    first, last = min(quotes), max(quotes)
    if first == last:  # one half-year has no growth
        grown = _no_growth(quotes[first])
    else:
        grown = rents.growth(rents.series(quotes), first, last)
    return grown.assign(first_semester=first, last_semester=last).reset_index()


def _no_growth(quotes: pd.DataFrame) -> pd.DataFrame:
    places = pd.Index(sorted(quotes["cadastral_code"].unique()), name="cadastral_code")
    blank = dict.fromkeys(("rent_first_eur_m2_month", "rent_last_eur_m2_month"), float("nan"))
    return pd.DataFrame(
        blank | {"rent_growth_share": float("nan"), "reason": "one_semester"}, places
    )


def newest(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the newest archive of municipalities, since 1861."""
    return max(frames, key=lambda frame: str(frame.attrs.get("reference_date", "")))


def sardinian(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Keep the codes of Sardinia, which changed in 2026 and which the archive does not have yet."""
    codes = latest(frames)
    own = codes[codes["region_code"] == "20"]
    return own[["municipality_code", "cadastral_code", "province_abbreviation"]]


RECIPES: Mapping[str, Recipe] = {
    "municipalities": Recipe(
        "istat_units",
        "Comuni al 1-1-2022, popolazione e famiglie 2021",
        ("municipality_code",),
        latest,
    ),
    "population": Recipe(
        "istat_population", "Residenti per classi di età", ("municipality_code",), latest
    ),
    "residents_2011": Recipe(
        "istat_units_2011", "Popolazione legale 2011", ("cadastral_code",), latest
    ),
    "incomes": Recipe(
        "mef_incomes", "Redditi dichiarati per comune", ("municipality_code",), latest
    ),
    "rents": Recipe(
        "omi_values", "Canoni e prezzi OMI per comune", ("cadastral_code",), latest_rents
    ),
    "rents_growth": Recipe(
        "omi_values",
        "Variazione dei canoni OMI",
        ("cadastral_code",),
        rent_growth,
        every=True,
        cited_as="omi_series",
    ),
    "evictions": Recipe(
        "interno_evictions", "Sfratti per provincia", ("province_abbreviation",), latest
    ),
    "evictions_series": Recipe(
        "interno_series", "Sfratti in Italia, serie storica", ("year",), latest
    ),
    "tenure_2011": Recipe(
        "istat_census_areas",
        "Famiglie e titolo di godimento nelle aree di censimento 2011",
        ("municipality_code",),
        summed,
        every=True,
    ),
    "classification": Recipe(
        "istat_classification",
        "Grado di urbanizzazione e zona altimetrica",
        ("municipality_code",),
        latest,
    ),
    "accommodation": Recipe(
        "istat_accommodation",
        "Posti letto turistici",
        ("year", "municipality_code"),
        by_year,
        every=True,
    ),
    "code_history": Recipe(
        "anpr_archive",
        "Archivio dei comuni dal 1861",
        ("cadastral_code", "valid_from", "municipality_code", "municipality_name"),
        newest,
    ),
    "latest_codes": Recipe(
        "istat_situas", "Codici della Sardegna dal 2026", ("municipality_code",), sardinian
    ),
    "code_variations": Recipe(
        "istat_variations",
        "Variazioni amministrative dal 1991",
        ("kind", "old_code", "new_code", "old_name", "new_name"),
        distinct,
        every=True,
    ),
}
# Kept by hand beside the compiled tables; the compiler lists them and leaves them as they are.
KEPT_BY_HAND = {
    "ambiti": ("Ambiti territoriali sociali", ("ambito_name", "municipality_code")),
    "province_names": ("Altri nomi delle province", ("name", "province_code")),
}

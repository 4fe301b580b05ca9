"""The municipal rent and price: from the quotes of OMI zones to one figure a municipality."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Civil dwellings first; then economic, typical of the place, villas, stately (OMI `Cod_Tip`).
TYPOLOGIES = ("20", "21", "22", "1", "19")


def municipal(quotes: pd.DataFrame) -> pd.DataFrame:
    r"""Mean of the zone midpoints of each municipality, for rents and for sale prices.

    .. math:: r_m = \frac{1}{|Z_m|}\sum_{z \in Z_m} \frac{low_z + high_z}{2}

    over the zones quoted for the first of `TYPOLOGIES` that the municipality has, in the prevalent
    state of that typology in the zone. Zones count alike: the number of dwellings is not published.
    Gross and net surfaces are never averaged: the kind with more zones is kept and the municipality
    flagged.

    Parameters
    ----------
    quotes : DataFrame
        Rows of :func:`needs_analysis.sources.omi_values.read`, of one half-year.

    Returns
    -------
    DataFrame
        Indexed by cadastral_code: municipality_name, and for `rent` (EUR/m2/month) and `price`
        (EUR/m2): the mean, the lowest low and highest high of the quotes used, the surface kind (L
        gross, N net), the typology, the number of zones and whether another surface kind was dropped.

    References
    ----------
    Agenzia delle Entrate, Manuale della banca dati dell'Osservatorio del Mercato Immobiliare.

    Examples
    --------
    >>> quotes = pd.DataFrame({
    ...     "cadastral_code": ["F704", "F704", "F704"], "municipality_name": "MONZA",
    ...     "zone_code": ["B1", "C1", "C1"], "typology_code": ["20", "20", "21"],
    ...     "is_prevalent": True, "rent_low_eur_m2_month": [7.0, 6.0, 1.0],
    ...     "rent_high_eur_m2_month": [9.0, 8.0, 1.0], "rent_surface_code": "L",
    ...     "sale_low_eur_m2": [2000.0, 1000.0, 1.0], "sale_high_eur_m2": [3000.0, 1500.0, 1.0],
    ...     "sale_surface_code": "L"})
    >>> municipal(quotes).loc["F704", ["rent_eur_m2_month", "price_eur_m2", "rent_zones"]].tolist()
    [7.5, 1875.0, 2.0]
    """
    residential = quotes[quotes["is_prevalent"] & quotes["typology_code"].isin(TYPOLOGIES)]
    names = quotes.groupby("cadastral_code")["municipality_name"].first().to_frame()
    rent = _one_kind(residential, "rent", "rent", "eur_m2_month")
    price = _one_kind(residential, "sale", "price", "eur_m2")
    return names.join([rent, price], validate="1:1").sort_index()


def _one_kind(quotes: pd.DataFrame, given: str, name: str, unit: str) -> pd.DataFrame:
    low, high, surface = f"{given}_low_{unit}", f"{given}_high_{unit}", f"{given}_surface_code"
    kept = quotes.dropna(subset=[low, high])
    kept = kept.assign(
        preference=kept["typology_code"].map(TYPOLOGIES.index),
        midpoint=(kept[low] + kept[high]) / 2,
    )
    best = kept.groupby("cadastral_code")["preference"].transform("min")
    kept = kept[kept["preference"] == best]
    kind = kept.groupby(["cadastral_code", surface]).size().rename("zones").reset_index()
    # Most zones first; the gross surface wins a tie, as it is the kind of nearly all quotes.
    kind = kind.sort_values(["zones", surface], ascending=[False, True])
    main = kind.drop_duplicates("cadastral_code").set_index("cadastral_code")[surface]
    mixed = kind.groupby("cadastral_code").size() > 1
    kept = kept[kept[surface] == kept["cadastral_code"].map(main)]
    by_municipality = kept.groupby("cadastral_code")
    return pd.DataFrame(
        {
            f"{name}_{unit}": by_municipality["midpoint"].mean(),
            f"{name}_low_{unit}": by_municipality[low].min(),
            f"{name}_high_{unit}": by_municipality[high].max(),
            f"{name}_surface_code": main,
            f"{name}_typology_code": by_municipality["typology_code"].first(),
            f"{name}_zones": by_municipality.size().astype(float),
            f"{name}_mixed_surfaces": mixed,
        }
    )


def merge_predecessors(
    rents: pd.DataFrame, successor: pd.Series, weights: pd.Series
) -> pd.DataFrame:
    r"""Bring municipal rents to the municipalities that exist now.

    .. math:: r = \sum_p w_p r_p / \sum_p w_p

    over the predecessors with a quote, of the surface kind that weighs most; the range is the widest.

    Parameters
    ----------
    rents : DataFrame
        From :func:`municipal`, indexed by cadastral_code.
    successor : Series of str
        The municipality_code of today for each cadastral code; NaN drops the row.
    weights : Series of float
        Resident population in 2011 by cadastral code.

    Returns
    -------
    DataFrame
        Indexed by municipality_code; `predecessors` counts the municipalities it comes from.
    """
    rows = rents.assign(
        municipality_code=successor.reindex(rents.index),
        weight=weights.reindex(rents.index).fillna(0.0),
    )
    rows = rows.dropna(subset=["municipality_code"])
    single = ~rows["municipality_code"].duplicated(keep=False)
    alone = rows[single].assign(predecessors=1.0)
    merged = {
        str(code): _merge_one(parts) for code, parts in rows[~single].groupby("municipality_code")
    }
    columns = [name for name in rents.columns if name != "municipality_name"] + ["predecessors"]
    alone = alone.set_index("municipality_code")[columns]
    if not merged:
        return alone.sort_index()
    together = pd.DataFrame.from_dict(merged, orient="index").rename_axis("municipality_code")
    return pd.concat([alone, together[columns]]).sort_index()


def _merge_one(rows: pd.DataFrame) -> dict[str, object]:
    found: dict[str, object] = {"predecessors": float(len(rows))}
    for name, unit in (("rent", "eur_m2_month"), ("price", "eur_m2")):
        value, surface = f"{name}_{unit}", f"{name}_surface_code"
        quoted = rows.dropna(subset=[value])
        if quoted.empty:
            found |= dict.fromkeys([c for c in rows.columns if c.startswith(f"{name}_")], np.nan)
            continue
        kind = quoted.groupby(surface)["weight"].sum().idxmax()
        same = quoted[quoted[surface] == kind]
        largest = same.iloc[int(same["weight"].argmax())]
        weight = same["weight"] if same["weight"].sum() > 0 else same["weight"] + 1
        found |= {
            value: float(np.average(same[value], weights=weight)),
            f"{name}_low_{unit}": same[f"{name}_low_{unit}"].min(),
            f"{name}_high_{unit}": same[f"{name}_high_{unit}"].max(),
            surface: kind,
            f"{name}_typology_code": largest[f"{name}_typology_code"],
            f"{name}_zones": same[f"{name}_zones"].sum(),
            f"{name}_mixed_surfaces": bool(
                len(same) < len(quoted) or same[f"{name}_mixed_surfaces"].any()
            ),
        }
    return found

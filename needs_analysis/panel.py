"""The only join: every source brought to the municipalities of one day, with quality and vintage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters, rents, store
from needs_analysis.figures import Figures, Quality, join_vintages, joint_vintage
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, municipalities
from needs_analysis.territory.recode import recode

if TYPE_CHECKING:
    import geopandas as gpd

CLASSES = ("to_0", "0_10k", "10_15k", "15_26k", "26_55k", "55_75k", "75_120k", "over_120k")
LOW_CLASSES = CLASSES[:2]

# How a column of several municipalities becomes an area's; what is not here is summed.
_WEIGHTED = (
    "annual_rent_eur",
    "price_eur_m2",
    "rent_first_eur_m2_month",
    "rent_last_eur_m2_month",
)
_LOWEST = ("rent_low_eur_m2_month", "price_low_eur_m2")
_HIGHEST = ("rent_high_eur_m2_month", "price_high_eur_m2")


@dataclass(frozen=True)
class Derived:
    """A column computed from others, for a municipality and for an area alike."""

    inputs: tuple[str, str]
    formula: Callable[[pd.Series, pd.Series], pd.Series]


def _per(amount: pd.Series, count: pd.Series) -> pd.Series:
    return amount / count.where(count > 0)


DERIVED: Mapping[str, Derived] = {
    "mean_taxable_income_eur": Derived(("taxable_income_eur", "taxable_income_declarants"), _per),
    "mean_net_income_eur": Derived(("net_income_eur", "taxable_income_declarants"), _per),
}


@dataclass(frozen=True)
class Unmatched:
    """Rows of a source that found no place in the panel, or units that it does not cover."""

    source: str
    what: str
    names: tuple[str, ...]


def build(
    area: gpd.GeoDataFrame | None = None, overrides: Mapping[str, float] | None = None
) -> Figures:
    """Join all shipped sources on the municipalities of 1 January 2022.

    Parameters
    ----------
    area : GeoDataFrame, optional
        From :func:`needs_analysis.territory.select`; all Italy when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    Figures
        Indexed by municipality_code; counts, amounts and rents with quality and vintage per value.

    Examples
    --------
    >>> build().data.loc["108033", "households"].item()
    56209.0
    """
    whole, _ = _national(tuple(sorted((overrides or {}).items())))
    return whole if area is None else whole.rows(area.index)


def join_report() -> list[Unmatched]:
    """Return what each source left unmatched, by name, when the panel was built."""
    return list(_national(())[1])


def regroup(level: str) -> dict[str, list[str]]:
    """Return the municipality codes of each province ("province") or region ("region").

    Examples
    --------
    >>> len(regroup("province")), len(regroup("region")["Lombardia"])
    (107, 1506)
    """
    units = municipalities()
    return {
        str(name): sorted(rows.index) for name, rows in units.groupby(f"{level}_name", sort=True)
    }


@store.remembered
def _national(overrides: tuple[tuple[str, float], ...]) -> tuple[Figures, tuple[Unmatched, ...]]:
    values = parameters.values(dict(overrides))
    report: list[Unmatched] = []
    units = _units()
    households = units.data["households"]
    parts = [
        units,
        _population(report),
        _incomes(report, values),
        _rents(report, values),
        _rent_growth(report),
        _evictions(households, report, values),
        _tenure(report),
        _classification(report),
        _accommodation(report),
    ]
    base = parts[0].beside(*parts[1:])
    return base.beside(_derive(base, DERIVED)), tuple(report)


def _index() -> pd.Index:
    return municipalities().index


def _figures(table: str, frame: pd.DataFrame, **more: object) -> Figures:
    source = store.source_of(table)
    given = {"vintage": _year(source.reference_date), "sources": (source.id,)} | more
    return Figures.of(frame.reindex(_index()), **given)  # type: ignore[arg-type]


def _year(reference_date: str) -> str:
    """Shorten a day to its year; "2018/2" and "2021" stay as they are."""
    return reference_date[:4] if reference_date[4:5] == "-" else reference_date


def _note(report: list[Unmatched], table: str, what: str, names: Iterable[object]) -> None:
    listed = tuple(str(name) for name in names)
    if listed:
        report.append(Unmatched(store.source_of(table).id, what, listed))


def _not_covered(report: list[Unmatched], table: str, covered: pd.Series) -> None:
    missing = municipalities().loc[
        ~covered.reindex(_index(), fill_value=False), "municipality_name"
    ]
    _note(report, table, "comuni senza dato", missing.tolist())


def _units() -> Figures:
    frame = municipalities()[["resident_population", "households", "area_km2"]]
    return _figures("municipalities", frame)


def _population(report: list[Unmatched]) -> Figures:
    frame = store.table("population").set_index("municipality_code")
    _note(report, "population", "codici non riconosciuti", frame.index.difference(_index()))
    return _figures("population", frame)


def _incomes(report: list[Unmatched], values: Mapping[str, float]) -> Figures:
    raw = store.table("incomes").set_index("cadastral_code")
    amounts = raw.drop(columns=["municipality_code", "municipality_name", "province_abbreviation"])
    # The figures of a tax year stand on the codes of the January after it.
    day = f"{int(store.source_of('incomes').reference_date) + 1}-01-01"
    done = recode(amounts, day, DAY, "sum", kind="cadastral_code", partial=True)
    lost = raw.loc[done.unmatched.index]
    _note(
        report, "incomes", "righe senza comune, nel totale nazionale soltanto",
        [
            f"{name} ({taxpayers:.0f} contribuenti)"
            for name, taxpayers in zip(lost["municipality_name"], lost["taxpayers"], strict=True)
        ],
    )  # fmt: skip
    blank = amounts.isna().astype(float)
    blanks = recode(blank, day, DAY, "sum", kind="cadastral_code").frame
    frame = done.frame.reindex(_index())
    low = pd.DataFrame(np.nan, index=_index(), columns=frame.columns)
    high = low.copy()
    most = values["suppressed_class_max_taxpayers"]
    withheld = frame.isna() & frame["taxpayers"].notna().to_numpy()[:, None]
    for name in (f"declarants_{one}" for one in CLASSES):
        low[name] = low[name].mask(withheld[name], 0.0)
        high[name] = high[name].mask(withheld[name], most)
    quality = pd.DataFrame(
        np.where(withheld, Quality.SUPPRESSED, np.where(frame.isna(), Quality.MISSING, 0)),
        index=frame.index, columns=frame.columns,
    )  # fmt: skip
    split = done.flags["share"].reindex(_index()) < 1
    quality[split] = quality[split].clip(lower=Quality.ALLOCATED)
    published = _figures("incomes", frame, quality=quality, low=low, high=high)
    totals = _class_totals(frame, blanks.reindex(_index()))
    taken = np.where(split, Quality.ALLOCATED, Quality.OBSERVED)
    kinds = pd.DataFrame(dict.fromkeys(totals.columns, taken), index=_index())
    return published.beside(_figures("incomes", totals, quality=kinds))


def _class_totals(frame: pd.DataFrame, blanks: pd.DataFrame) -> pd.DataFrame:
    """Sum the classes and count the blank ones: 1-3 taxpayers or none each, never taken as zero."""
    counts = frame[[f"declarants_{one}" for one in CLASSES]]
    blank = blanks[counts.columns]
    lowest = [f"declarants_{one}" for one in LOW_CLASSES]
    known = counts.notna().any(axis=1)
    paid = frame[["net_tax_eur", "regional_surcharge_eur", "municipal_surcharge_eur"]]
    # A surcharge or allowance left blank concerns none or at most three taxpayers: it adds nothing.
    net = frame["taxable_income_eur"] - paid.sum(axis=1) + frame["allowance_eur"].fillna(0.0)
    return pd.DataFrame(
        {
            "declarants": counts.sum(axis=1, min_count=1),
            "declarants_up_to_10k": counts[lowest].sum(axis=1).where(known),
            "blank_low_classes": blank[lowest].sum(axis=1).where(known),
            "blank_other_classes": blank.drop(columns=lowest).sum(axis=1).where(known),
            "blank_classes": blank.sum(axis=1).where(known),
            "net_income_eur": net.where(frame["net_tax_eur"].notna()),
        }
    )


def _rents(report: list[Unmatched], values: Mapping[str, float]) -> Figures:
    quoted = store.table("rents").set_index("cadastral_code")
    place = history.successors(quoted.index)["municipality_code"]
    lost = place.index[place.isna()]
    _note(report, "rents", "comuni OMI senza successore", quoted.loc[lost, "municipality_name"])
    weights = rent_weights(quoted.index, place)
    frame = rents.merge_predecessors(quoted, place.dropna(), weights).reindex(_index())
    kinds = [name for name in frame.columns if name.endswith("_code")]
    frame[kinds] = frame[kinds].where(frame[kinds] != "")  # what is not quoted has no kind either
    surface = frame["rent_surface_code"].map(
        {"L": values["reference_dwelling_gross_m2"], "N": values["reference_dwelling_net_m2"]}
    )
    frame["annual_rent_eur"] = 12 * frame["rent_eur_m2_month"] * surface
    _not_covered(report, "rents", frame["rent_eur_m2_month"].notna())
    return _figures("rents", frame.rename(columns={"predecessors": "rent_predecessors"}))


def rent_weights(quoted: pd.Index, place: pd.Series) -> pd.Series:
    """Return the residents of 2011 that each quoted municipality stands for.

    One that was made after 2011 stands for those of its territory that are not quoted themselves; one
    that ended before 2011 had none left.

    Parameters
    ----------
    quoted : Index
        Cadastral codes of the OMI file.
    place : Series of str
        The municipality_code of today of each.
    """
    residents = store.table("residents_2011").set_index("cadastral_code")["residents_2011"]
    weights = residents.reindex(quoted)
    unknown = weights.index[weights.isna() & place.duplicated(keep=False).reindex(quoted)]
    if len(unknown):
        now = history.successors(residents.index)["municipality_code"]
        others = residents[~residents.index.isin(quoted)].groupby(now).sum()
        shared = place[unknown].map(place[unknown].value_counts())
        weights[unknown] = (place[unknown].map(others) / shared).to_numpy()
    return weights.fillna(0.0)


def _rent_growth(report: list[Unmatched]) -> Figures:
    """Take the rents at both ends of an unbroken series, of municipalities not merged since."""
    grown = store.table("rents_growth").set_index("cadastral_code")
    place = history.successors(grown.index)
    alone = (place["change"] == "unchanged") & (grown["reason"] == "")
    ends = grown.loc[alone, ["rent_first_eur_m2_month", "rent_last_eur_m2_month"]]
    frame = ends.set_axis(place.loc[alone, "municipality_code"]).reindex(_index())
    _not_covered(report, "rents_growth", frame["rent_last_eur_m2_month"].notna())
    return _figures("rents_growth", frame)


def _tenure(report: list[Unmatched]) -> Figures:
    frame = store.table("tenure_2011").set_index("municipality_code")
    # A municipality merged since is known only if all its parts are.
    done = recode(frame, store.source_of("tenure_2011").reference_date, DAY, "sum", carved="keep")
    summed = done.frame
    tenures = ["renting_households_2011", "owning_households_2011", "other_tenure_households_2011"]
    summed["households_by_tenure_2011"] = summed[tenures].sum(axis=1, skipna=False)
    found = summed.reindex(_index())
    _note(report, "tenure_2011", "codici del 2011 non riconosciuti", done.unmatched.index)
    _not_covered(report, "tenure_2011", found["households_2011"].notna())
    return _figures("tenure_2011", found)


def _classification(report: list[Unmatched]) -> Figures:
    classes = store.table("classification").set_index("municipality_code")
    done = recode(classes, store.source_of("classification").reference_date, DAY, "first")
    frame = done.frame.reindex(_index())
    frame = frame.rename(columns={"degree_of_urbanisation_code": "urbanisation_code"})
    frame["coastal"] = frame["coastal"].map({True: 1.0, False: 0.0})
    # A municipality merged since takes the class of what it became part of.
    merged = done.flags["share"].reindex(_index()) < 1
    taken = np.where(merged, Quality.IMPUTED, Quality.OBSERVED)
    quality = pd.DataFrame(
        np.repeat(taken[:, None], frame.shape[1], axis=1), frame.index, frame.columns
    )
    _note(
        report, "classification", "comuni con la classe del comune in cui sono confluiti",
        municipalities().loc[merged, "municipality_name"],
    )  # fmt: skip
    _not_covered(report, "classification", frame["urbanisation_code"].notna())
    return _figures("classification", frame, quality=quality)


def _accommodation(report: list[Unmatched]) -> Figures:
    rows = store.table("accommodation")
    rows["beds"] = rows["rented_lodging_beds"] + rows["bed_and_breakfast_beds"]
    latest = rows["year"].max()
    parts = [
        _beds(one, int(str(year)), report).renamed(
            {"beds": "accommodation_beds" if year == latest else f"accommodation_beds_{year}"}
        )
        for year, one in rows.groupby("year")
    ]
    return parts[0].beside(*parts[1:])


def _beds(rows: pd.DataFrame, year: int, report: list[Unmatched]) -> Figures:
    beds = rows.set_index("municipality_code")[["beds"]]
    # What was merged after our day is split again over its parts by households.
    done = recode(beds, f"{year}-01-01", DAY, "sum")
    _note(report, "accommodation", f"codici del {year} senza comune", done.unmatched.index)
    frame = done.frame.reindex(_index())
    split = done.flags["share"].reindex(_index()) < 1
    taken = np.where(split, Quality.ALLOCATED, Quality.OBSERVED)
    quality = pd.DataFrame({"beds": taken}, index=_index())
    _not_covered(report, "accommodation", frame["beds"].notna())
    return _figures("accommodation", frame, quality=quality, vintage=str(year))


def prefecture_provinces() -> pd.Series:
    """Return the province abbreviation under which each municipality's evictions are published.

    Sud Sardegna is in the prefecture of Cagliari.

    Examples
    --------
    >>> prefecture_provinces()[["111009", "092009"]].tolist()
    ['CA', 'CA']
    """
    return _prefecture_provinces().copy()


@store.remembered
def _prefecture_provinces() -> pd.Series:
    units = municipalities()
    own = units["cadastral_code"].map(history.active_prefectures())
    # Merged since: its prefecture is the one of the rest of its province.
    usual = own.groupby(units["province_abbreviation"]).agg(lambda codes: codes.mode().iloc[0])
    return own.fillna(units["province_abbreviation"].map(usual))


def evictions_by_province(overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the published evictions by province with what may not be read from them.

    A zero in one of orders, requests and executions while another is positive is missing. The split
    between capital and rest is not reliable where one is zero and the other is not, or where their
    rates per household differ by more than a factor of five, in the total or in a motive with at
    least 100 orders. A series is broken where a count of 100 or more rises by over 300 % or falls by
    over 70 %, or has such a zero.

    Returns
    -------
    DataFrame
        Indexed by province_abbreviation: the published columns (missing for zero as above),
        orders_capital, orders_rest, households, capital_households, split_reliable, and for each of
        orders, requests, executions `<count>_broken`.

    Examples
    --------
    >>> found = evictions_by_province()
    >>> float(found.loc["MB", "orders"]), bool(found.loc["MB", "split_reliable"])
    (710.0, False)
    >>> bool(found.loc["MI", "requests_broken"])
    True
    """
    values = parameters.values(overrides)
    units, home = municipalities(), prefecture_provinces()
    published = store.table("evictions").set_index("province_abbreviation")
    counts = published[["orders", "requests", "executions"]]
    zero = (counts == 0) & (counts.max(axis=1) > 0).to_numpy()[:, None]
    frame = published.copy()
    frame[counts.columns] = counts.mask(zero)
    # Sud Sardegna's own capital is no capital of the prefecture it is published under.
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    frame["households"] = units["households"].groupby(home).sum()
    frame["capital_households"] = units.loc[capital, "households"].groupby(home[capital]).sum()
    motives = ("need", "end", "arrears")
    for part in ("capital", "rest"):
        frame[f"orders_{part}"] = frame[[f"orders_{m}_{part}" for m in motives]].sum(axis=1)
    frame["split_reliable"] = _split_reliable(frame, motives, values)
    for name in counts.columns:
        change, count = frame[f"{name}_change_share"], counts[name]
        before = count / (1 + change).where(change > -1)
        large = np.maximum(count, before.fillna(0)) >= values["eviction_series_count_min"]
        jump = (change > values["eviction_series_rise_max_share"]) | (
            change < -values["eviction_series_fall_max_share"]
        )
        frame[f"{name}_broken"] = (large & jump) | zero[name]
    return frame


def _split_reliable(
    frame: pd.DataFrame, motives: Sequence[str], values: Mapping[str, float]
) -> pd.Series:
    reliable = pd.Series(True, index=frame.index)
    rest_households = frame["households"] - frame["capital_households"]
    for prefix in ("orders", *(f"orders_{motive}" for motive in motives)):
        capital, rest = frame[f"{prefix}_capital"], frame[f"{prefix}_rest"]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (capital / frame["capital_households"]) / (rest / rest_households)
        most = values["eviction_split_factor_max"]
        strange = ((capital == 0) ^ (rest == 0)) | (factor > most) | (factor < 1 / most)
        if prefix != "orders":
            strange &= (capital + rest) >= values["eviction_split_orders_min"]
        reliable &= ~strange
    return reliable


def _evictions(
    households: pd.Series, report: list[Unmatched], values: Mapping[str, float]
) -> Figures:
    home = prefecture_provinces()
    units = municipalities()
    published = evictions_by_province(values)
    _note(report, "evictions", "province non riconosciute", set(published.index) - set(home))
    by_unit = published.reindex(home).set_axis(home.index)
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    split = by_unit["split_reliable"].fillna(False).astype(bool)
    part = home + np.where(split, np.where(capital, " capital", " rest"), "")
    base = households.groupby(part).transform("sum")
    arrears = [f"orders_arrears_{side}" for side in ("capital", "rest")]
    totals = {
        "eviction_orders": (by_unit["orders"], by_unit["orders_capital"], by_unit["orders_rest"]),
        "eviction_arrears_orders": (by_unit[arrears].sum(axis=1), *(by_unit[a] for a in arrears)),
    }
    frame = pd.DataFrame(index=_index())
    for name, (total, in_capital, in_rest) in totals.items():
        given = total.where(~split, in_rest.where(~capital, in_capital))
        frame[name] = (given * households / base).where(by_unit["orders"].notna())
    whole = households.groupby(home).transform("sum")
    for count in ("requests", "executions"):
        frame[f"eviction_{count}"] = by_unit[count] * households / whole
    quality = pd.DataFrame(Quality.ALLOCATED, index=_index(), columns=frame.columns)
    alone = split & capital & (part.groupby(part).transform("size") == 1)
    quality.loc[alone, list(totals)] = Quality.OBSERVED
    return _figures("evictions", frame, quality=quality)


def _derive(base: Figures, wanted: Mapping[str, Derived]) -> Figures:
    parts = []
    for name, derived in wanted.items():
        inputs = list(derived.inputs)
        data = derived.formula(*(base.data[one] for one in inputs)).to_frame(name)
        quality = base.quality[inputs].max(axis=1).clip(upper=Quality.IMPUTED).to_frame(name)
        vintage = joint_vintage(base.vintage[inputs]).to_frame(name)
        sources = {name: tuple(dict.fromkeys(s for one in inputs for s in base.sources[one]))}
        parts.append(Figures.of(data, quality=quality, vintage=vintage, sources=sources))
    return parts[0].beside(*parts[1:])


def _base_of(columns: Sequence[str]) -> list[str]:
    named = [b for name in columns for b in (DERIVED[name].inputs if name in DERIVED else (name,))]
    return list(dict.fromkeys(named))


def pool(panel: Figures, groups: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Figures:
    """Pool municipal figures into areas, over the municipalities that have all the columns.

    Counts and amounts are summed; the annual rent and the price are household-weighted means; the
    ends of a range are its lowest and highest. What was allocated from provinces is observed again
    in an area made of whole provinces.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    columns : sequence of str
        The columns wanted, derived ones included.

    Returns
    -------
    Figures
        Indexed by area, in the order of `groups`; NaN where no municipality has all the columns.

    Examples
    --------
    >>> pool(build(), {"two": ["108033", "108012"]}, ["households"]).data.loc["two"].tolist()
    [71428.0]
    """
    return Pool(panel, groups).figures(columns)


class Pool:
    """The municipalities of some areas, laid end to end so that each area is one slice.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    """

    def __init__(self, panel: Figures, groups: Mapping[str, Sequence[str]]) -> None:
        self.panel = panel
        self.labels = pd.Index(list(groups), name="area")
        codes = pd.Index([code for members in groups.values() for code in members], dtype="str")
        self.rows = panel.data.index.get_indexer(codes)
        if (self.rows < 0).any() or not all(groups.values()):
            raise KeyError(f"areas without municipalities, or not in the panel: {list(groups)[:5]}")
        sizes = [len(members) for members in groups.values()]
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        self.of = np.repeat(np.arange(len(sizes)), sizes)
        self.weight = panel.data["households"].to_numpy()[self.rows]

    def covered(self, columns: Sequence[str]) -> pd.Series:
        """Return the share of each area's households whose municipality has all `columns`."""
        kept = np.where(self._complete(_base_of(columns)), self.weight, 0.0)
        shares = np.add.reduceat(kept, self.starts) / np.add.reduceat(self.weight, self.starts)
        return pd.Series(shares, index=self.labels)

    def figures(self, columns: Sequence[str]) -> Figures:
        """Return `columns` pooled over the municipalities that have all of them."""
        base = _base_of(columns)
        complete = self._complete(base)
        found = Figures.of(
            pd.DataFrame({name: self._values(name, complete) for name in base}, index=self.labels),
            quality=pd.DataFrame(
                {name: self._quality(name, complete) for name in base}, index=self.labels
            ),
            vintage=pd.DataFrame(
                {name: join_vintages(self.panel.vintage[name].unique()) for name in base},
                index=self.labels,
            ),
            sources={name: self.panel.sources.get(name, ()) for name in base},
        )
        derived = {name: DERIVED[name] for name in columns if name in DERIVED}
        return (found.beside(_derive(found, derived)) if derived else found).columns(columns)

    def _complete(self, base: Sequence[str]) -> np.ndarray:
        """Tell which municipalities have all columns; a cell its source withholds counts as had."""
        has = self.panel.quality[list(base)].to_numpy() != Quality.MISSING
        return np.asarray(has.all(axis=1)[self.rows])

    def _values(self, name: str, complete: np.ndarray) -> np.ndarray:
        values = self.panel.data[name].to_numpy(dtype=float)[self.rows]
        kept = complete & ~np.isnan(values)
        if name in _LOWEST or name in _HIGHEST:
            extreme, worst = (np.minimum, np.inf) if name in _LOWEST else (np.maximum, -np.inf)
            found = extreme.reduceat(np.where(kept, values, worst), self.starts)
        elif name in _WEIGHTED:
            summed = np.add.reduceat(np.where(kept, values * self.weight, 0.0), self.starts)
            weights = np.add.reduceat(np.where(kept, self.weight, 0.0), self.starts)
            found = summed / np.where(weights > 0, weights, np.nan)
        else:
            found = np.add.reduceat(np.where(kept, values, 0.0), self.starts)
        return np.where(np.add.reduceat(kept, self.starts) > 0, found, np.nan)

    def _quality(self, name: str, complete: np.ndarray) -> np.ndarray:
        given = self.panel.quality[name].to_numpy()[self.rows]
        given = np.where(complete & (given < Quality.SUPPRESSED), given, Quality.OBSERVED)
        worst = np.maximum.reduceat(given, self.starts)
        whole = (worst == Quality.ALLOCATED) & self._whole
        return np.where(whole, Quality.OBSERVED, worst).astype("int8")

    @cached_property
    def _whole(self) -> np.ndarray:
        """Tell which areas hold, of every prefecture they touch, all municipalities."""
        home, _ = pd.factorize(_prefecture_provinces().reindex(self.panel.data.index))
        size = np.bincount(home)
        pairs, counts = np.unique(np.c_[self.of, home[self.rows]], axis=0, return_counts=True)
        whole = np.ones(len(self.labels), dtype=bool)
        np.logical_and.at(whole, pairs[:, 0], counts == size[pairs[:, 1]])
        return whole

"""What was found for an area: the figures that every output of a briefing is made from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import indicators as indicator_set
from needs_analysis import parameters, store, tracing
from needs_analysis.composite import CompositeResult, Spec, build
from needs_analysis.composite.problems import problem as composite_problem
from needs_analysis.figures import Figures, Quality, join_vintages, wanted_frame, wanted_units
from needs_analysis.households import national, with_model
from needs_analysis.households.traced import handed_out
from needs_analysis.indicators import Indicator
from needs_analysis.indicators.marks import mark_words, marks, of_model, ordered_by_model, small
from needs_analysis.municipal import panel as panels
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.municipal.joins import IN_PART
from needs_analysis.municipal.pools import Pool
from needs_analysis.patterns import (
    LocalPattern,
    Moran,
    Typology,
    national_clusters,
    national_moran,
    national_types,
)
from needs_analysis.provenance import Trace
from needs_analysis.reports.findings import editions, external_check, patterned, trials
from needs_analysis.reports.findings.around import (
    ALIKE,
    ITALY,
    OWN,
    PROVINCE,
    REGION,
    groups_of,
    shown_of,
    urbanisation_of,
)
from needs_analysis.reports.language import URBANISATION_LABELS, area_label, inside
from needs_analysis.territory import DAY, day_of, municipalities, unplaced
from needs_analysis.words import ITALIAN, Voice

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.told import Told
    from needs_analysis.told.needs import ToldNeed
    from needs_analysis.told.plans import ToldPlan
    from needs_analysis.told.policies import ToldPolicies

POOLED = (
    "resident_population", "households", "declarants", "declarants_up_to_10k",
    "mean_taxable_income_eur", "mean_net_income_eur", "annual_rent_eur",
    "rent_low_eur_m2_month", "rent_high_eur_m2_month", "price_eur_m2",
    "eviction_orders", "eviction_requests", "eviction_executions",
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """The figures of an area, of its municipalities and of what they are compared with.

    Attributes
    ----------
    area : GeoDataFrame
        The municipalities of the area; ``attrs`` names it.
    shown : GeoDataFrame
        The municipalities of maps and tables: the area's, or for a single municipality those of its
        province, among which it is read.
    voice : Voice
        In which language.
    panel, indicators : Figures
        By municipality, of all Italy; `indicators` holds the scores of an index too. A newer edition
        of a part of Italy stands where it covers.
    whole, national : Figures
        The same, of the editions that cover all Italy only: means, ranks, classes and patterns.
    index : CompositeResult, optional
        The index that the study declares, of Italy's municipalities, on `national`.
    groups : mapping of str to sequence of str
        The municipality codes of the area (`OWN`) and of what it is compared with.
    services : Told, optional
        What may be told of services.
    need : ToldNeed, optional
        What may be told of who is in need; None where that part is left out.
    policies : ToldPolicies, optional
        What may be told of what can be done; None where that part is left out.
    parts : collection of str
        The keys of the parts of the briefing that a study chose; all when empty.
    plan : ToldPlan, optional
        What may be told of a plan; None in a briefing.
    sheets : bool
        Whether a sheet of each municipality lies beside the page.
    """

    area: gpd.GeoDataFrame
    shown: gpd.GeoDataFrame
    voice: Voice
    panel: Figures
    indicators: Figures
    whole: Figures
    national: Figures
    index: CompositeResult | None
    groups: Mapping[str, Sequence[str]]
    overrides: Mapping[str, float]
    services: Told | None = None
    need: ToldNeed | None = None
    policies: ToldPolicies | None = None
    parts: Collection[str] = ()
    plan: ToldPlan | None = None
    sheets: bool = False

    def telling(self, **told: object) -> Findings:
        """Return the same findings with what may be told beside them: what was computed is kept."""
        made = replace(self, **told)  # type: ignore[arg-type]
        vars(made).update(
            {name: kept for name, kept in vars(self).items() if name not in vars(made)}
        )
        return made

    @property
    def label(self) -> str:
        """Return the area as it is printed ("Provincia di Monza e della Brianza")."""
        level, name = self.area.attrs["level"], self.area.attrs["name"]
        return self._province if level == "provincia" else area_label(level, name, self.voice)

    @property
    def _province(self) -> str:
        """Return the printed name of the province of the area's first municipality."""
        return area_label(*self._province_named, self.voice)

    @property
    def _province_named(self) -> tuple[str, str]:
        """Return of which kind the province of the area's first municipality is, and its name."""
        first = self.area.iloc[0]
        if first["province_name"] == first["region_name"]:  # Valle d'Aosta has no province
            return "regione", str(first["region_name"])
        own = first["uts_code"] == first["province_code"]
        return "provincia" if own else "città metropolitana", str(first["province_name"])

    @property
    def day(self) -> pd.Timestamp:
        """Return the day whose municipalities all figures stand on."""
        return day_of(self.area.attrs.get("codes_on"))

    @property
    def of_day(self) -> str:
        """Return " on 1 January 2026" with whom it lacks, or nothing on the usual day."""
        if self.day == DAY:
            return ""
        day, lost = self.voice.day(self.day), ", ".join(unplaced(self.day, self.codes))
        if lost:
            return " " + self.voice.say("al {day}, senza {lost}", day=day, lost=lost)
        return " " + self.voice.say("al {day}", day=day)

    @property
    def codes(self) -> list[str]:
        """Return the municipality codes of the area."""
        return list(self.area.index)

    @cached_property
    def totals(self) -> Figures:
        """Return what is said of whole territories: `pooled`, what follows from it, and counts.

        What was allocated from provinces is missing outside the area: it does not compare.
        """
        every = self.totalled
        others = (every.quality == Quality.ALLOCATED) & (every.data.index != OWN)[:, None]
        return replace(
            every,
            data=every.data.mask(others).round(9),  # allocated counts add up to whole ones
            quality=every.quality.mask(others, Quality.MISSING).astype("int8"),
        )

    @cached_property
    def totalled(self) -> Figures:
        """Return :attr:`totals` with what was allocated, as it was summed."""
        values, pooled = parameters.values(self.overrides), self.pooled
        rent = pooled.data["annual_rent_eur"]
        asked = rent / values["sustainable_rent_share"]
        data = pd.DataFrame(
            {
                "monthly_rent_eur": rent / 12,
                "income_asked_eur": asked,
                "income_asked_scenario_eur": asked * (1 + values["rent_scenario_increase_share"]),
                "rent_weight_low_share": rent / values["modest_income_high_eur"],
                "rent_weight_high_share": rent / values["modest_income_low_eur"],
            }
        )
        about = {
            part: pd.DataFrame(
                dict.fromkeys(data.columns, getattr(pooled, part)["annual_rent_eur"])
            )
            for part in ("quality", "vintage")
        }
        ids = dict.fromkeys(data.columns, pooled.sources["annual_rent_eur"])
        return pooled.beside(Figures.of(data, **about, sources=ids), self._counted)

    @property
    def _counted(self) -> Figures:
        """Return how many municipalities a territory has, and how many of them lack a figure."""
        panels_of = (
            (key, self.basis(codes).data.loc[list(codes)]) for key, codes in self.groups.items()
        )
        rows = {
            key: {
                "municipalities": len(panel),
                "municipalities_without_rent": panel["annual_rent_eur"].isna().sum(),
                "municipalities_known_2011": panel["households_2011"].notna().sum(),
            }
            for key, panel in panels_of
        }
        counts = pd.DataFrame.from_dict(rows, orient="index").astype(float)
        return Figures.of(counts.rename_axis("area"), vintage=f"{self.day:%Y-%m-%d}")

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return the printed name of each territory compared."""
        units = municipalities(self.day).loc[self.codes]
        kind = self.voice.say(URBANISATION_LABELS[self.urbanisation])
        named = {
            OWN: self.label,
            PROVINCE: self._province,
            REGION: area_label("regione", units["region_name"].iloc[0], self.voice),
            ITALY: area_label("italia", "Italia", self.voice),
            ALIKE: self.voice.say("Comuni italiani: {kind}", kind=kind),
        }
        return {key: named[key] for key in self.groups}

    @cached_property
    def inside(self) -> dict[str, str]:
        """Return the words for "in" each territory that the area is compared with."""
        units = municipalities(self.day).loc[self.codes]
        named = {
            PROVINCE: inside(*self._province_named, self.voice),
            REGION: inside("regione", units["region_name"].iloc[0], self.voice),
            ITALY: inside("italia", "Italia", self.voice),
        }
        return {key: words for key, words in named.items() if key in self.groups}

    @cached_property
    def declared(self) -> dict[str, Indicator]:
        """Return the indicators, their words with the parameters of the study.

        One of the user's own is among them where the panel has all that it is made of.
        """
        known = indicator_set.registry(self.overrides)
        return {name: one for name, one in known.items() if name in self.indicators.data}

    @cached_property
    def urbanisation(self) -> str:
        """Return the degree of urbanisation in which most residents of the area live."""
        return urbanisation_of(self.panel, self.codes)

    @cached_property
    def compared(self) -> Figures:
        """Return the indicators of the area and of what it is compared with."""
        return self.pooled_by(
            self.groups,
            lambda panel, groups: indicator_set.compute_areas(panel, groups, self.overrides),
        )

    def basis(self, codes: Sequence[str]) -> Figures:
        """Return the panel that an area's figures are pooled from: one edition of each table."""
        key = frozenset(codes)
        if key not in self._bases:
            self._bases[key] = panels.covering(self.panel, self.whole, codes, self.day)
        return self._bases[key]

    @cached_property
    def _bases(self) -> dict[frozenset[str], Figures]:
        return {}

    def pooled_by(
        self,
        groups: Mapping[str, Sequence[str]],
        make: Callable[[Figures, Mapping[str, Sequence[str]]], Figures],
    ) -> Figures:
        """Pool figures of areas, each from the newest edition that covers it."""
        every = [make(panel, areas) for panel, areas in self._by_basis(groups)]
        return every[0].above(*every[1:]).rows([*groups])

    def _by_basis(
        self, groups: Mapping[str, Sequence[str]]
    ) -> list[tuple[Figures, dict[str, Sequence[str]]]]:
        """Return areas by the panel that their figures are pooled from: those of one go together."""
        found: dict[int, tuple[Figures, dict[str, Sequence[str]]]] = {}
        for key, codes in groups.items():
            panel = self.panel if self.panel is self.whole else self.basis(codes)
            found.setdefault(id(panel), (panel, {}))[1][key] = codes
        return [*found.values()]

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Return for each territory and indicator the share of households covered."""
        every = [indicator_set.coverage(*one) for one in self._by_basis(self.groups)]
        return pd.concat(every).loc[[*self.groups]]

    @cached_property
    def pooled(self) -> Figures:
        """Return counts, incomes and rents of the area and of what it is compared with."""

        def make(panel: Figures, groups: Mapping[str, Sequence[str]]) -> Figures:
            pool = Pool(panel, groups)
            parts = [pool.figures([name]) for name in (*POOLED, "accommodation_beds", "area_km2")]
            return parts[0].beside(*parts[1:])

        return self.pooled_by(self.groups, make)

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Return the ranks of the indicators among Italy's municipalities."""
        return indicator_set.ranks(self.rankable)

    @cached_property
    def ranks_alike(self) -> pd.DataFrame:
        """Return the ranks among municipalities of the same degree of urbanisation."""
        return indicator_set.ranks(self.rankable, self.panel.data["urbanisation_code"])

    @cached_property
    def evictions(self) -> pd.DataFrame:
        """Return the published evictions of the provinces that the area touches: rates and flags too."""
        home = prefecture_provinces(self.day)
        rows = evictions_by_province(self.overrides).loc[sorted(home[self.codes].unique())]
        arrears = rows["orders_arrears_capital"] + rows["orders_arrears_rest"]
        return rows.assign(
            orders_per_1000=1000 * rows["orders"] / rows["households"],
            executions_per_1000=1000 * rows["executions"] / rows["households"],
            requests_per_order_ratio=rows["requests"] / rows["orders"],
            orders_arrears_share=arrears / rows["orders"],
            households_per_order=rows["households"] / rows["orders"],
        )

    @property
    def declared_index(self) -> CompositeResult:
        """Return the index for what only a study that declares one has."""
        if self.index is None:
            raise LookupError("the study declares no index")
        return self.index

    @cached_property
    def patterned(self) -> patterned.Patterned:
        """Return what groups and types are made of: the index, or figures that ship without one."""
        if self.index is not None:
            return patterned.of_index(self.index, self.indicators)
        with editions.named():
            return patterned.of_figures(self.whole, self.national, self.marks)

    @cached_property
    def clusters(self) -> LocalPattern:
        """Return where values are high or low beside near ones, among all Italy's municipalities."""
        values = self.patterned.grouped
        with editions.named():
            return national_clusters(values, self.day, self.overrides)

    @cached_property
    def moran(self) -> Moran:
        """Return how alike values are between near municipalities, in all Italy."""
        values = self.patterned.grouped
        with editions.named():
            return national_moran(values, self.day, self.overrides)

    @cached_property
    def types(self) -> Typology:
        """Return the types of Italy's municipalities."""
        own = self.patterned.types
        with editions.named():
            return national_types(own, self.day, self.overrides)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """Return the marks of Italy's municipalities: who has one takes no rank."""
        return marks(self.whole, self.overrides, self.day)

    @cached_property
    def mark_words(self) -> pd.Series:
        """Return the marks of each municipality in words; missing where there is none."""
        return mark_words(self.marks, self.voice)

    @cached_property
    def ranked(self) -> list[str]:
        """Return the municipalities that take a rank, if they have the value."""
        return list(self.marks.index[~self.marks.any(axis=1)])

    @cached_property
    def small(self) -> pd.Series:
        """Return the ambito with which each small municipality is shown; missing for the others."""
        return small(self.whole.data["households"], self.voice, self.overrides, self.day)

    @cached_property
    def listed(self) -> list[str]:
        """Return the municipalities that a list ordered by a value may hold: unmarked, not small."""
        return [code for code in self.ranked if pd.isna(self.small[code])]

    @cached_property
    def rank(self) -> pd.Series:
        """Return the ranks of the index among Italy's municipalities without a mark."""
        return self.declared_index.rank_among(self.ranked)

    @cached_property
    def rankable(self) -> Figures:
        """Return the indicators of those alone that take a rank in them.

        In an index who has no mark, in what a model estimates who is large besides.
        """
        figures = self.national
        unranked = pd.DataFrame(False, figures.data.index, figures.data.columns)
        if self.index is not None:
            unranked[self.index.spec.name] = self.marks.any(axis=1)
        out = ~ordered_by_model(self.whole, self.marks, self.overrides)
        for name in filter(of_model, map(str, unranked.columns)):
            unranked[name] = out
        unranked &= figures.data.notna()
        return replace(
            figures,
            data=figures.data.mask(unranked),
            quality=figures.quality.mask(unranked, Quality.MISSING).astype("int8"),
        )

    @cached_property
    def confronted(self) -> pd.DataFrame:
        """Return how the index follows the evictions of the provinces (`external_check`)."""
        return external_check.confronted(
            self.declared_index.score, self.whole, self.day, self.overrides
        )

    @cached_property
    def confronted_burden(self) -> pd.DataFrame:
        """Return how A5 follows the evictions of the provinces, and among those that it orders."""
        return external_check.confronted(
            self.national.data["overburdened_tenants_per_1000"], self.whole, self.day, self.overrides,
            among=ordered_by_model(self.whole, self.marks, self.overrides),
            renting=national(self.overrides, self.day).figures.data["renting_households"],
        )  # fmt: skip

    @property
    def score_unit(self) -> str:
        """Return how scores are printed: with more decimals where all lie within a few points."""
        scores = self.declared_index.score
        return "score" if scores.max() - scores.min() >= 10 else "fine_score"

    @cached_property
    def uncertainty(self) -> pd.DataFrame | None:
        """Return the ranks of Italy's municipalities over the choices of the index."""
        return trials.uncertainty(self.declared_index, self.day, self.ranked)

    @cached_property
    def sensitivity(self) -> pd.DataFrame | None:
        """Return how much of the change of ranks each choice of the index explains."""
        return trials.sensitivity(self.declared_index, self.day, self.ranked)

    @cached_property
    def left_out(self) -> pd.DataFrame | None:
        """Return how far ranks move without each part of the index."""
        return trials.left_out(self.declared_index, self.day, self.ranked)

    @cached_property
    def effective_weights(self) -> pd.DataFrame | None:
        """Return the weight that each indicator has in the scores, beside the declared one."""
        return trials.effective_weights(self.declared_index, self.day)

    def includes(self, *parts: str) -> bool:
        """Tell whether one of these parts is among those chosen: a sentence may point to its tables."""
        return not self.parts or not set(parts).isdisjoint(self.parts)

    def has(self, name: str) -> bool:
        """Tell whether the area has a figure: an indicator, or a count, income or rent."""
        figures = self.compared if name in self.compared.data else self.pooled
        return name in figures.data and not isnan(figures.value(OWN, name))

    @cached_property
    def own_basis(self) -> Figures:
        """Return the panel of the area's municipalities, of one edition of each table."""
        return self.basis(self.codes).rows(self.codes)

    def date(self, name: str) -> str:
        """Return the reference date of a column of the panel in the area ("2021", "2018/2")."""
        vintage = self.own_basis.vintage[name].to_numpy()
        here = self.own_basis.quality[name].to_numpy() < Quality.MISSING
        return join_vintages({*(vintage[here] if here.any() else vintage)})

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """Return the sentences on parts of Italy that were added, none without one."""
        return editions.sentences(self.codes, self.day, self.voice)

    def trace(self, name: str) -> Trace:
        """Return where one of the area's figures comes from, as it is handed out."""
        if name not in self._traces:
            made = tracing.trace_area(self.own_basis, self.codes, name, self.overrides, self.day)
            self._traces[name] = handed_out(made)
        return self._traces[name]

    @cached_property
    def _traces(self) -> dict[str, Trace]:
        return {}

    def used_sources(self) -> list[str]:
        """Return the ids of the sources behind the figures, in the panel's order."""
        return list(dict.fromkeys(one for ids in self.panel.sources.values() for one in ids))


def find(
    area: gpd.GeoDataFrame,
    voice: Voice = ITALIAN,
    overrides: Mapping[str, float] | None = None,
    spec: Spec | None = None,
    parts: Collection[str] = (),
) -> Findings:
    """Compute everything that a briefing of an area says.

    Parameters
    ----------
    area : GeoDataFrame
        From :func:`needs_analysis.territory.select`.
    voice : Voice
        In which language.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.
    spec : Spec, optional
        An index; its indicators and their denominators may be columns of the panel too.
    parts : collection of str
        The keys of the parts of a briefing (`reports.chapters.order`) that it will have; all when empty.

    Raises
    ------
    StudyError
        The index cannot be computed; why is said.
    """
    wanted_units(wanted_frame(area, "municipality_name", "province_name"))
    overrides = dict(overrides or {})
    day = day_of(area.attrs.get("codes_on"))
    whole = with_model(
        panels.build(overrides=overrides, codes_on=day, national=True), overrides, day
    )
    of_italy = indicator_set.compute(whole, overrides=overrides)
    panel, computed = whole, of_italy
    if any(map(store.parts, IN_PART)):
        panel = with_model(panels.build(overrides=overrides, codes_on=day), overrides, day)
        computed = indicator_set.compute(panel, overrides=overrides)
    index = None if spec is None else _index(of_italy, whole, spec, overrides, day)
    return Findings(
        area=area,
        shown=shown_of(area),
        voice=voice,
        panel=panel,
        indicators=computed if index is None else computed.beside(index.scores),
        whole=whole,
        national=of_italy if index is None else of_italy.beside(index.scores),
        index=index,
        groups=groups_of(area, panel),
        overrides=overrides,
        parts=parts,
    )


def _index(
    computed: Figures, panel: Figures, spec: Spec, overrides: Mapping[str, float], day: pd.Timestamp
) -> CompositeResult:
    wanted = [*spec.names, *(one.denominator for one in spec.indicators)]
    wanted.append(str(spec.impute.options.get("group", "")))
    columns = [
        name for name in dict.fromkeys(wanted) if name in panel.data and name not in computed.data
    ]
    figures = computed.beside(panel.columns(columns)) if columns else computed
    figures = replace(figures, data=figures.data.copy(deep=False))
    figures.data.attrs["codes_on"] = f"{day:%Y-%m-%d}"
    with editions.named(composite_problem("change")):
        return build(figures, spec, overrides)

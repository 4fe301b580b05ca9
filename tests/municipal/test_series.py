"""Every edition at hand as a series on one day's codes: sums kept, breaks said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sources import written
from sources.places import BEDS_2024, DATA, EVICTIONS, MEF, OMI, SHARED, needs_real_files

import needs_analysis as na
from needs_analysis import store
from needs_analysis.errors import AreaError, ParameterError
from needs_analysis.figures import Quality
from needs_analysis.municipal import series
from needs_analysis.sources import (
    interno_evictions,
    istat_accommodation,
    istat_posas,
    mef_incomes,
    mef_means,
    omi_values,
)
from needs_analysis.store import extent
from needs_analysis.store.kept import _keep
from needs_analysis.territory import select

pytestmark = pytest.mark.slow

MEANS = (DATA / "mef_irpef_comuni_2024_inventati.csv").read_text("utf-8")


def of_year(folder: Path, year: int, **cells: str) -> Path:
    """The fixture of 2021 under another year, some cells of Monza's other: figures invented."""
    lines = MEF.read_text("latin-1").splitlines()
    header = lines[0].split(";")
    rows = [line.split(";") for line in lines[1:]]
    for row in rows:
        row[0] = str(year)
        for name, value in cells.items():
            if row[1] == "F704":
                row[header.index(name)] = value
    path = folder / f"mef_{year}.csv"
    path.write_text("\n".join([lines[0], *(";".join(row) for row in rows)]), "latin-1")
    return path


def keep(reader, path: Path) -> None:
    _keep(reader, path)
    store.memo.written()


def changed(folder: Path, name: str, old: str, new: str, given: Path, encoding="utf-8") -> Path:
    """A fixture under another date."""
    path = folder / name
    path.write_text(given.read_text(encoding).replace(old, new, 1), encoding)
    return path


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """A store of the user's own with editions of every kind, their figures invented or moved."""
    folder = tmp_path_factory.mktemp("editions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder / "store"))
        patch.setattr(extent, "WHOLE_SHARE", 0.0)  # the files are small
        keep(mef_incomes, of_year(folder, 2017))
        keep(mef_incomes, of_year(folder, 2018))
        for year in ("2018", "2024"):
            (folder / year).write_text(MEANS.replace("2024,", f"{year},"))
            keep(mef_means, folder / year)
        text = EVICTIONS.read_text("utf-8").replace(",2024,", ",2023,")
        (folder / "sfratti").write_text(text, "utf-8")
        keep(interno_evictions, folder / "sfratti")
        beds = changed(folder, "istat-facilities-2025.csv", "", "", BEDS_2024)
        keep(istat_accommodation, beds)
        for year in (2017, 2024):  # residents on 1 January 2018, and 2025
            posas = written.posas(folder, title=f"Popolazione residente al 1° gennaio {year + 1}")
            keep(istat_posas, posas)
        keep(omi_values, changed(folder, "omi", "2018/2", "2025/2", OMI, "latin-1"))
        yield


def test_what_ships_is_a_series_already():
    found = na.series("taxpayers")
    published = store.table("incomes")["taxpayers"].sum()
    assert found.data.columns.tolist() == ["2021"] and len(found.data) == 7904
    assert found.data["2021"].sum() + found.unplaced["value"].sum() == published
    assert found.day == "2022-01-01"
    beds = na.series("accommodation_beds_total")
    assert beds.data.columns.tolist() == ["2019", "2024"]
    rows = store.table("accommodation").groupby("year")["accommodation_beds_total"].sum()
    lost = beds.unplaced.groupby("date")["value"].sum()
    for year in ("2019", "2024"):
        total = beds.data[year].sum() + lost.get(year, 0)
        assert total == pytest.approx(rows[int(year)], rel=1e-12)


def test_rents_are_a_series_with_the_breaks_of_each_municipality():
    found = na.series("rent_eur_m2_month", ["108033", "108041"])
    assert found.data.columns.tolist() == ["2016/1", "2018/2"]
    rent = na.panel.build().data["rent_eur_m2_month"]
    assert found.data["2018/2"].tolist() == rent[["108033", "108041"]].tolist()
    whole = na.series("rent_eur_m2_month").breaks
    growth = store.table("rents_growth").set_index("cadastral_code")["reason"]
    assert set(whole["reason"]) == {"zones_changed", "surface_break", "states_changed",
                                    "typology_changed"}  # fmt: skip
    # Abano Terme: cadastral A001, 028001.
    assert growth["A001"] == "zones_changed"
    assert ("028001", "2018/2", "zones_changed") in set(whole.itertuples(index=False, name=None))


def test_a_change_is_worked_out_and_crosses_no_break_of_a_municipality():
    beds = na.series("accommodation_beds_total", ["108033"]).change()  # 2061 in 2019, 2151 in 2024
    assert beds.data.loc["108033"].tolist() == [90, 90 / 2061]
    assert beds.vintage["difference"].tolist() == ["2019 + 2024"]
    assert beds.sources["difference"] == ("istat_accommodation",)
    rents = na.series("rent_eur_m2_month", ["108033", "028001"])  # at Abano the zones changed
    assert rents.change().data["difference"].isna().tolist() == [False, True]
    assert rents.change(across_breaks=True).data["difference"].notna().all()
    with pytest.raises(ParameterError, match="sono cambiate le zone. Con across_breaks=True"):
        na.series("rent_eur_m2_month", ["028001"]).change()
    with pytest.raises(ParameterError, match="non ha un'edizione 2017/1: ci sono 2016/1, 2018/2"):
        rents.change("2017/1")
    with pytest.raises(ParameterError, match="2016/1 non viene dopo 2018/2"):
        rents.change("2018/2", "2016/1")
    with pytest.raises(ParameterError, match="una sola edizione"):
        na.series("taxpayers", ["108033"]).change()


@pytest.mark.usefixtures("several")
def test_editions_of_the_users_stand_beside_what_ships():
    found = na.series("mean_taxable_income_eur", select("ambito:Monza"))
    assert found.data.columns.tolist() == ["2017", "2018", "2021", "2024"]
    assert found.data.loc["108033", "2017"] == pytest.approx(2693716347 / 86569)
    assert found.data.loc["108033", "2024"] == 31_000
    # Villasanta is not in the fixture: no figure, and not zero.
    assert np.isnan(found.data.loc["108049", "2018"])
    assert found.figures.quality.loc["108049", "2018"] == Quality.MISSING
    assert found.figures.vintage.loc["108033", "2018"] == "2018"
    # The ministry's own file of a year stands before the selection of its columns.
    assert [found.figures.sources[year] for year in ("2018", "2024")] == [
        ("mef_incomes",), ("mef_means",),
    ]  # fmt: skip
    assert found.breaks.empty


@pytest.mark.usefixtures("several")
def test_a_class_that_changed_its_meaning_is_a_break():
    found = na.series("declarants_to_0")
    # The selection of 2024 has no classes.
    assert found.data.columns.tolist() == ["2017", "2018", "2021"]
    assert found.breaks[["unit", "date"]].to_numpy().tolist() == [["", "2018"]]
    assert "ha cambiato significato" in found.said(found.breaks["reason"].item())
    assert na.series("declarants_0_10k").breaks.empty
    # Between 2018 and 2021.
    assert na.series("allowance_eur").breaks["date"].tolist() == ["2020"]


@pytest.mark.usefixtures("several")
def test_what_was_merged_since_is_split_again_and_the_sum_stays():
    found = na.series("taxable_income_eur")
    parts = found.data.loc[["024044", "024103"], "2024"]
    assert parts.sum() == pytest.approx(20_000_000) and (parts > 0).all()
    assert (found.figures.quality.loc[parts.index, "2024"] == Quality.ALLOCATED).all()
    assert found.data["2024"].sum() == pytest.approx(2_790_000_000 + 10_800_000_000 + 20_000_000)
    assert found.figures.quality.loc["063049", "2024"] == Quality.OBSERVED
    # What a blank withholds is no zero.
    surcharge = na.series("municipal_surcharge_eur")
    assert np.isnan(surcharge.data.loc["063049", "2024"])
    assert surcharge.figures.quality.loc["063049", "2024"] == Quality.SUPPRESSED
    # The selection stands behind no table.
    assert store.source_of("incomes").reference_date == "2021"


@pytest.mark.usefixtures("several")
def test_evictions_are_a_series_of_provinces():
    found = na.series("eviction_requests", select("provincia:MI"))
    assert found.data.columns.tolist() == ["2023", "2024"]
    assert found.data.index.tolist() == ["MI"] and found.data.loc["MI", "2024"] == 14084
    assert ("MI", "2024", "count_broken") in set(found.breaks.itertuples(index=False, name=None))


@pytest.mark.usefixtures("several")
def test_half_years_that_do_not_touch_are_a_break():
    found = na.series("rent_eur_m2_month", ["108033"])
    assert found.data.columns.tolist() == ["2016/1", "2018/2", "2025/2"]
    assert ("", "2025/2", "unlinked") in set(found.breaks.itertuples(index=False, name=None))


@pytest.mark.usefixtures("several")
def test_beds_of_2025_do_not_compare():
    found = na.series("accommodation_beds", ["015182", "108033"])
    assert found.data.columns.tolist() == ["2019", "2024", "2025"]
    assert found.breaks[["date", "reason"]].to_numpy().tolist() == [["2025", "private_lodgings"]]


@pytest.mark.usefixtures("several")
def test_residents_of_every_year_with_the_break_of_the_census():
    found = na.series("resident_population", ["001001", "063049", "108033"])
    assert found.data.columns.tolist() == ["2017", "2021", "2024"]
    assert found.data.loc["063049", ["2017", "2024"]].tolist() == [303, 303]
    napoli = na.panel.build(national=True).data.loc["063049", "resident_population"]
    assert found.data.loc["063049", "2021"] == napoli
    assert found.breaks.to_numpy().tolist() == [["", "2018", "permanent_census"]]
    assert found.figures.sources["2024"] == ("istat_posas",)
    moved = found.change("2021", "2024")
    assert moved.value("063049", "difference") == 303 - napoli
    assert np.isnan(moved.value("108033", "difference"))  # Monza is not in the file of 2024
    with pytest.raises(ParameterError, match="2017 e 2024 .* si interrompe: dal 31 dicembre 2018"):
        found.change()
    assert found.change(across_breaks=True).value("063049", "difference") == 0


@pytest.mark.usefixtures("several")
def test_the_years_at_hand_are_listed_by_table():
    assert series.years() == {
        "population": ("2017", "2021", "2024"),
        "incomes": ("2017", "2018", "2021", "2024"),
        "rents": ("2016/1", "2018/2", "2025/2"),
        "evictions": ("2023", "2024"),
        "accommodation": ("2019", "2024", "2025"),
    }


def test_what_is_no_series_is_refused():
    with pytest.raises(ParameterError, match="nessuna serie «rent»: ci sono .*mean_taxable"):
        na.series("rent")
    with pytest.raises(AreaError, match="non ci sono al 2022-01-01: 999999"):
        na.series("taxpayers", ["999999"])
    assert {"mean_taxable_income_eur", "eviction_orders"} <= set(series.names())


@needs_real_files
def test_the_real_editions_keep_their_sums(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    published = {}
    for year in (2017, 2018, 2020):
        name = f"Redditi_e_principali_variabili_IRPEF_su_base_comunale_CSV_{year}.csv"
        keep(mef_incomes, SHARED / "mef" / name)
        published[str(year)] = {2017: 41_211_336, 2018: 41_372_851, 2020: 41_177_739}[year]
    keep(mef_means, SHARED / "mef_2024" / "mef_irpef_comuni_2024.csv")
    published |= {"2021": 41_497_318, "2024": 42_832_658}
    found = na.series("taxpayers")
    lost = found.unplaced.groupby("date")["value"].sum()
    for year, total in published.items():
        assert found.data[year].sum() + lost.get(year, 0) == pytest.approx(total, abs=1e-6)
    assert found.data.notna().sum().min() >= 7903
    up_to_0 = na.series("declarants_to_0")
    assert up_to_0.data.sum().round().tolist() == [358_603, 3_136, 3_443, 2_239]
    assert up_to_0.breaks["date"].tolist() == ["2018"]

"""The municipalities of a later day: mergers, new provinces, and what has no place on it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import shapely

from needs_analysis import panel, store
from needs_analysis.errors import AreaError, ParameterError
from needs_analysis.figures import Quality
from needs_analysis.sources import istat_situas
from needs_analysis.territory import (
    DAY,
    coverage,
    day_of,
    find,
    history,
    match_names,
    municipalities,
    recode,
    select,
    unplaced,
)
from needs_analysis.territory.codes import capitalised, listed

SITUAS = Path(__file__).parents[3] / "shared/data/istat_codes/situas_comuni_2026-08-14.csv"
SIZES = ["area_km2", "resident_population", "households"]


@pytest.mark.parametrize(
    ("day", "count", "residents"),
    [
        ("2022-01-01", 7904, 59_030_133),
        ("2023-01-01", 7901, 59_030_133),
        ("2025-01-01", 7896, 59_030_133),
        ("2026-01-01", 7896, 59_030_133),
        ("2026-09-01", 7894, 59_029_999),  # Lirio's 134 stand nowhere
    ],
)
def test_counts_and_residents_of_a_day(day, count, residents):
    units = municipalities(day)
    assert (len(units), units["resident_population"].sum()) == (count, residents)
    assert not units.isna().any(axis=None)
    assert units.dtypes.equals(listed().dtypes)
    assert units.index.name == "municipality_code"
    assert units.index.is_monotonic_increasing


def test_the_usual_day_is_the_list_as_published():
    pd.testing.assert_frame_equal(municipalities(), listed())
    pd.testing.assert_frame_equal(municipalities(DAY), listed())


def test_a_merged_municipality_is_the_sum_of_its_parts():
    before, now = municipalities(), municipalities("2025-01-01")
    parts = before.loc[["012009", "012018", "012095"]]  # Bardello, Bregano, Malgesso
    merged = now.loc["012144"]
    assert merged["municipality_name"] == "Bardello con Malgesso e Bregano"
    assert merged[SIZES].tolist() == pytest.approx(parts[SIZES].sum().tolist())
    assert merged["province_name"] == "Varese"
    assert not set(parts.index) & set(now.index)


def test_only_names_that_changed_are_taken_from_the_archive():
    before, now = municipalities(), municipalities("2026-09-01")
    both = before.index.intersection(now.index)
    changed = before.loc[both, "municipality_name"] != now.loc[both, "municipality_name"]
    assert sorted(now.loc[both[changed], "municipality_name"]) == [
        "Calliano Monferrato",
        "Campospinoso Albaredo",
        "Casorzo Monferrato",
        "Grana Monferrato",
        "Montagna sulla Strada del Vino/Montan an der Weinstraße",
        "Montemagno Monferrato",
        "Murisengo Monferrato",
        "Popoli Terme",
        "Tripi - Abakainon",
        "Vallecrosia al Mare",
    ]


def test_the_provinces_of_sardinia_on_the_day_they_change():
    assert set(municipalities("2025-12-31")["province_name"]) == set(listed()["province_name"])
    units = municipalities("2026-01-01")
    island = units[units["region_name"] == "Sardegna"]
    assert island["province_name"].value_counts().to_dict() == {
        "Oristano": 87, "Cagliari": 70, "Sassari": 66, "Nuoro": 53, "Medio Campidano": 28,
        "Gallura Nord-Est Sardegna": 26, "Sulcis Iglesiente": 24, "Ogliastra": 23,
    }  # fmt: skip
    assert set(island.loc[island["uts_code"] > "300", "province_name"]) == {"Sassari", "Cagliari"}
    capitals = set(island.loc[island["is_capital"], "municipality_name"])
    assert {"Olbia", "Tempio Pausania", "Carbonia", "Iglesias", "Lanusei", "Tortolì"} <= capitals


@pytest.mark.skipif(not SITUAS.exists(), reason="the publishers' files are not at hand")
def test_a_day_of_2026_is_as_istat_lists_it():
    theirs, ours = istat_situas.read(SITUAS), municipalities("2026-08-14")
    assert set(theirs.index) == set(ours.index)
    same = ["cadastral_code", "province_code", "uts_code", "province_name", "region_name"]
    for name in [*same, "province_abbreviation", "region_code", "municipality_name_other"]:
        assert (theirs[name].reindex(ours.index) == ours[name]).all(), name
    differ = theirs["municipality_name"].reindex(ours.index) != ours["municipality_name"]
    # Written with other capitals: Vallecrosia al mare, Montagna sulla strada del vino.
    assert ours.index[differ].tolist() == ["008063", "021053"]


def test_what_has_no_successor_is_named():
    assert unplaced().empty and unplaced("2026-01-31").empty
    assert unplaced("2026-09-01").to_dict() == {"018082": "Lirio (PV)"}
    assert unplaced("2026-09-01", near=["018001"]).tolist() == ["Lirio (PV)"]
    assert unplaced("2026-09-01", near=["108033"]).empty


@pytest.mark.parametrize("wrong", ["2021-12-31", "boh", "2026", "2026-13-01", "01-01-2026"])
def test_a_day_that_cannot_be_is_refused(wrong):
    with pytest.raises(ParameterError, match="dal 2022-01-01 in poi"):
        municipalities(wrong)


def test_a_day_is_read_from_a_text_or_a_timestamp():
    assert day_of(None) == day_of("") == DAY
    assert day_of("2026-01-01") == day_of(pd.Timestamp("2026-01-01")) == pd.Timestamp("2026-01-01")


def test_names_of_capitals_are_written_as_names():
    assert capitalised("CASTEGNERO NANTO") == "Castegnero Nanto"
    assert capitalised("MONTAN AN DER WEINSTRASSE") == "Montan an der Weinstrasse"
    assert capitalised("DI SOPRA SUL MARE") == "Di Sopra sul Mare"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "day", "name", "count"),
    [
        ("Italia", "2026-09-01", "Italia", 7894),
        ("provincia:Gallura Nord-Est Sardegna", "2026-01-01", "Gallura Nord-Est Sardegna", 26),
        ("provincia:OT", "2026-01-01", "Gallura Nord-Est Sardegna", 26),
        ("provincia:Sulcis Iglesiente", "2026-01-01", "Sulcis Iglesiente", 24),
        ("provincia:Sulcis Iglesiente", "2025-01-01", "Sulcis Iglesiente", 23),
        ("provincia:Olbia-Tempio", "2026-01-01", "Olbia Tempio", 26),
        ("provincia:SU", "2025-01-01", "Sud Sardegna", 107),
        ("provincia:SU", "2026-01-01", "Sulcis Iglesiente", 24),
        ("comune:Setteville", "2024-01-22", "Setteville", 1),
        ("090047", "2026-01-01", "Olbia", 1),  # Olbia's code until 2025
        ("ambito:Desio", "2026-09-01", "Desio", 7),
        ("regione:Sardegna", "2026-09-01", "Sardegna", 377),
    ],
)
def test_words_that_select_on_a_later_day(words, day, name, count):
    found = find(words, day)
    assert (found.name, len(found.codes), found.day) == (name, count, pd.Timestamp(day))
    assert set(found.codes) <= set(municipalities(day).index)
    assert find(found.key, day).codes == found.codes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "day", "said"),
    [
        ("comune:Bardello", "2023-06-01", "«comune:Bardello con Malgesso e Bregano»"),
        ("012009", "2023-06-01", "«comune:Bardello con Malgesso e Bregano»"),
        ("012009,108033", "2023-06-01", "«comune:Bardello con Malgesso e Bregano»"),
        ("comune:Setteville", "2024-01-01", "C'è dal 22/01/2024"),
        ("comune:Setteville", None, "C'è dal 22/01/2024"),
        ("113017", None, "«comune:Olbia»"),
        ("comune:Lirio", "2026-09-01", "nessun elenco dice in quale comune"),
        ("018082", "2026-09-01", "nessun elenco dice in quale comune"),
    ],
)
def test_a_municipality_of_another_day_is_pointed_to(words, day, said):
    with pytest.raises(AreaError, match=said.replace("(", r"\(")):
        find(words, day)


@pytest.mark.slow
def test_boundaries_are_joined_where_municipalities_were():
    before, now = coverage(), coverage(codes_on="2026-09-01")
    assert sorted(now.index) == municipalities("2026-09-01").index.tolist()
    assert now.crs == before.crs and now.index.name == before.index.name
    assert shapely.coverage_is_valid(now.to_numpy())
    assert now.area.sum() == pytest.approx(before.area.sum() - before["018082"].area)
    parts = before[["012009", "012018", "012095"]]
    assert now["012144"].equals(shapely.union_all(parts.to_numpy()))
    assert now["113017"].equals(before["090047"])  # Olbia, recoded
    frame = select("comune:Setteville", "2024-06-01")
    assert frame.attrs["codes_on"] == "2024-06-01"
    assert frame.geometry.iloc[0].geom_type in ("Polygon", "MultiPolygon")


@pytest.fixture
def carved(monkeypatch, tmp_path):
    """Give the history an invented municipality made of a part of Monza, which lives on."""
    shipped = history.shipped()
    monza = shipped.on("2022-01-01").loc[["F704"]].reset_index()
    begun = monza.assign(
        cadastral_code="Z999", municipality_code="108999", municipality_name="NUOVA MONZA",
        valid_from=pd.Timestamp("2023-01-01"), valid_to=pd.Timestamp("9999-12-31"),
    )  # fmt: skip
    records = pd.concat([shipped.records, begun[shipped.records.columns]], ignore_index=True)
    row = {"kind": "CS", "old_code": "108999", "new_code": "108033"}
    variations = pd.concat([shipped.variations, pd.DataFrame([row])], ignore_index=True).fillna("")
    made = history.Archive(records, variations)

    # What was computed for another folder of data is not asked for.
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path))
    monkeypatch.setattr(history, "shipped", lambda: made)
    return "2024-01-01"


@pytest.mark.slow
def test_what_was_carved_out_is_allocated_and_has_no_boundaries(carved):
    before, now = listed(), municipalities(carved)
    # No size of the new one is known: it and what is left are equal parts.
    pair = now.loc[["108033", "108999"], "households"]
    assert pair.tolist() == [56209 / 2, 56209 / 2]
    assert now["households"].sum() == before["households"].sum()
    found = panel.build(codes_on=carved)
    for name in ("households", "residents_by_age", "taxable_income_eur", "declarants"):
        assert found.quality.loc[["108033", "108999"], name].tolist() == [Quality.ALLOCATED] * 2
        assert found.quality.loc["108012", name] == Quality.OBSERVED
    whole = store.table("incomes").set_index("municipality_code").loc["108033"]
    given = found.data.loc[["108033", "108999"], "taxable_income_eur"]
    assert given.sum() == pytest.approx(whole["taxable_income_eur"])
    with pytest.raises(AreaError, match="non ci sono i confini di 108999"):
        select("comune:Nuova Monza", carved)
    assert len(select("comune:Monza", carved)) == 1


@pytest.mark.slow
def test_recoding_to_a_day_and_names_on_it_agree():
    names = match_names(["Bardello", "Olbia"], day="2026-01-01")
    assert names["municipality_code"].tolist() == ["012144", "113017"]
    given = listed()[["households"]]
    done = recode(given, DAY, "2026-01-01", "sum").frame["households"]
    assert done["012144"] == municipalities("2026-01-01").loc["012144", "households"]

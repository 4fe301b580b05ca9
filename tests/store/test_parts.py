"""A file of a part of Italy stands where it covers; a part of a file for all Italy is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from indices import DISTRESS
from markupsafe import escape
from sources.places import MEF

from needs_analysis import panel, store
from needs_analysis.errors import Refused
from needs_analysis.municipal.pools import pool
from needs_analysis.provenance import Extent
from needs_analysis.sources import READERS
from needs_analysis.store import admission, extent, shipped
from needs_analysis.tracing import recompute, trace

from . import accepted_files
from .accepted_files import OMI_HEADER, as_it_is

RENT = "rent_eur_m2_month"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A store that holds the quotations of Monza and Brugherio, and what was said of them."""
    kept = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(kept / "mine"))
        return kept / "mine", add(omi(kept))


@pytest.fixture
def part(two, monkeypatch):
    """Put that store in use; what is computed from it is shared by the tests that use it."""
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(two[0]))
    return two[1]


def omi(folder, semester="2025/2", codes=("F704", "B212"), low="8", high="12"):
    """Write invented quotations of some municipalities."""
    lines = [f"Quotazioni Immobiliari : Valori di Mercato - Semestre {semester} - elaborazione"]
    lines.append(OMI_HEADER)
    lines += [
        f"X;X;MI;;X; ;{code};{code};B;B1;MI{n:08d};20;Abitazioni civili;NORMALE;P;2000;3000;L;"
        f"{low};{high};L;"
        for n, code in enumerate(codes)
    ]
    path = folder / f"QI_{semester.replace('/', '')}_{len(codes)}_VALORI.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def add(*paths):
    said = []
    added = store.add(paths, lambda what: said.append(str(what)))
    assert added.refused == ()
    return said


def refused(path):
    (error,) = store.add([path]).refused
    assert store.kept() == []
    return str(error)


def lines_of_mef(change=lambda lines: lines):
    header, *rows = MEF.read_text("utf-8").splitlines()
    return "\r\n".join([header, *change(rows)]) + "\r\n"


# --- declared --------------------------------------------------------------------------------


def test_every_source_declares_what_its_files_cover():
    declared = {one.SOURCE.id: one.DELIVERS for one in READERS}
    assert all(isinstance(one, Extent) for one in declared.values())
    part = {name for name, one in declared.items() if not one.italy}
    assert {"omi_values", "omi_zones", "omi_perimeters", "istat_sections"} <= part
    whole = {"mef_incomes", "istat_units_list", "istat_classification", "istat_accommodation"}
    assert whole | {"interno_evictions"} <= declared.keys() - part


@pytest.mark.parametrize(
    ("day", "count"), [("1991-10-20", 8100), ("2011-10-09", 8092), ("2021", 7904), ("2018/2", 7954)]
)
def test_municipalities_are_those_of_the_files_own_day(day, count):
    assert extent.places_on(extent.own_day(day), "cadastral_code") == count


# --- a part is used where it covers ----------------------------------------------------------


def test_a_part_stands_where_it_covers_with_its_date_and_nowhere_else(national, part):
    before = national
    assert part[1].startswith("comprende 2 comuni su 7896: vale per questi")
    whole, local = panel.build(national=True), panel.build()
    own = ["108033", "108012"]
    assert local.data.loc[own, RENT].tolist() == [10.0, 10.0]
    assert local.vintage.loc[own, RENT].tolist() == ["2025/2", "2025/2"]
    assert local.value("108033", "annual_rent_eur") == 12 * 10 * 75
    others = before.data.index.difference(own)
    for part in ("data", "quality", "vintage", "low", "high"):
        was, now = getattr(before, part), getattr(local, part)
        pd.testing.assert_frame_equal(now.loc[others], was.loc[others], check_exact=True)
        pd.testing.assert_frame_equal(getattr(whole, part), was, check_exact=True)


@pytest.mark.usefixtures("part")
def test_status_says_how_much_is_covered():
    row = store.status().loc["rents"]
    assert [str(one) for one in row["covers"]] == ["2025/2: 2 comuni su 7896, dove comprende"]
    assert (row["origin"], row["reference_date"]) == ("both", "2018/2 + 2025/2")
    assert store.source_of("rents").reference_date == "2018/2"
    assert store.cited()["omi_values"].reference_date == "2018/2 + 2025/2"
    assert store.unused() == {}


@pytest.mark.usefixtures("part")
def test_an_areas_figures_are_of_one_edition_the_newest_that_covers_it():
    whole, local = panel.build(national=True), panel.build()
    both, province = ["108033", "108012"], panel.regroup("province")["Monza e della Brianza"]
    found = panel.covering(local, whole, both)
    pooled = pool(found, {"both": both}, ["annual_rent_eur"])
    assert (pooled.value("both", "annual_rent_eur"), pooled.vintage.iloc[0, 0]) == (9000, "2025/2")
    assert panel.covering(local, whole, province) is whole  # two of its 55
    assert panel.area_edition("rents", both) == "2025/2"
    assert panel.area_edition("rents", province) == ""


def test_of_several_parts_the_newest_stands(tmp_path):
    add(omi(tmp_path, "2025/1", low="4", high="6"), omi(tmp_path, codes=("F704",)))
    built = panel.build()
    assert built.data.loc[["108033", "108012"], RENT].tolist() == [10.0, 5.0]
    assert built.vintage.loc[["108033", "108012"], RENT].tolist() == ["2025/2", "2025/1"]


@pytest.mark.slow
def test_provinces_of_one_date_are_an_edition_of_all_italy_together(tmp_path):
    codes = shipped.table("municipalities")["cadastral_code"]
    halves = codes[:4000], codes[4000:]
    add(*(omi(tmp_path, "2024/2", tuple(one), low="2", high="4") for one in halves))
    add(omi(tmp_path, "2025/1"))
    assert store.source_of("rents").reference_date == "2024/2"
    assert [one.source.reference_date for one in store.parts("rents")] == ["2025/1"]
    assert panel.build(national=True).value("108033", RENT) == 3.0


def test_a_study_pins_the_parts_it_was_made_with(tmp_path):
    add(omi(tmp_path, "2025/1", low="4", high="6"))
    pins = store.tokens()
    add(omi(tmp_path))
    assert store.lacking(pins) == []
    with store.using(store.Selection(pins=pins)):
        (own,) = store.parts("rents")
        assert own.source.reference_date == "2025/1"
        assert store.tokens() == pins
    store.remove("omi_values", "2025/1")
    assert store.lacking(pins) == ["rents_in_part"]


@pytest.mark.usefixtures("part")
def test_a_trace_goes_to_the_edition_that_the_figure_is_of():
    found = trace("108033", "rent_to_income_ratio")
    (leaf,) = found.inputs[0].inputs[1].inputs
    assert (leaf.value, leaf.source.reference_date) == (10.0, "2025/2")
    assert recompute(found) == pytest.approx(found.value)


@pytest.mark.slow
@pytest.mark.usefixtures("part", "few_draws")
def test_the_page_says_which_edition_stands_where():
    from needs_analysis import study
    from needs_analysis.reports import content, model
    from needs_analysis.reports.chapters import sentences

    covered = study.find(study.Study("108033,108012", index=DISTRESS))
    said = model.plain(
        " ".join(f"{one.text} {one.note}" for one in sentences.in_ten_sentences(covered).blocks)
    )
    assert "quotazioni OMI del semestre 2025/2" in said
    assert "comprende 2 comuni su 7.896 d'Italia, fra questi tutto il territorio (2 su 2)" in said
    assert "Italia 376\N{NO-BREAK SPACE}€ (2018/2)" in said.replace(" €", "\N{NO-BREAK SPACE}€")
    assert "dell'edizione 2018/2, l'ultima che copre l'Italia" in said
    outside = study.find(study.Study("provincia:Como", index=DISTRESS))
    said = model.plain(
        " ".join(f"{one.text} {one.note}" for one in sentences.in_ten_sentences(outside).blocks)
    )
    assert (
        "Il file OMI aggiunto non comprende questo territorio (2025/2, 2 comuni su 7.896)" in said
    )
    assert "quotazioni OMI del semestre 2018/2" in said and "non quota" not in said
    assert escape(model.plain(outside.editions[0])) in study.area_map(outside).get_root().render()
    sheets = {one.title: one for one in content.sheets(covered)}
    own = sheets["Dati di base"].frame.loc[list(covered.codes)]
    assert own["rent_semester"].unique().tolist() == ["2025/2"]
    assert set(covered.editions) <= set(sheets["Fonti e date"].notes)
    assert covered.index.score.equals(outside.index.score)


# --- a part of a file for all Italy ----------------------------------------------------------


def test_a_part_of_what_is_published_for_all_italy_is_refused_with_both_numbers():
    said = refused(MEF)
    assert "14 comuni o province su 7904 al 2021" in said
    assert "Scaricare il file di tutta l'Italia" in said


def test_a_code_that_no_municipality_ever_had_covers_nothing():
    frame = pd.DataFrame({"cadastral_code": ["F704", "Q999"]})
    found = extent.coverage(frame, Extent(italy=True, places="cadastral_code"), "2021")
    assert (found.places, found.of) == (1, 7904)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda row: row.replace(";25989;", ";-500;"),
            "taxpayers: valori sotto zero (108012: -500)",
        ),
        (lambda row: row.replace(";108012;", ";999999;"), "codici di comune impossibili: 999999"),
        (lambda row: row.replace("2021;", "2099;", 1), "anno impossibile: 2099"),
    ],
)
@pytest.mark.usefixtures("small_files")
def test_what_cannot_be_is_refused(change, said, tmp_path):
    path = tmp_path / "redditi.csv"
    several = "2099" in said
    path.write_text(
        lines_of_mef(lambda rows: [change(r) if several or ";B212;" in r else r for r in rows]),
        "utf-8", newline="",
    )  # fmt: skip
    assert said in refused(path)


def test_a_lowest_over_its_highest_is_refused_and_one_in_a_thousand_is_blanked(tmp_path):
    said = refused(omi(tmp_path, low="12", high="8"))
    assert "rent_low_eur_m2_month: minimo maggiore del massimo (F704 B1: 12 > 8" in said
    frame = pd.DataFrame({"cadastral_code": "F704", "zone_code": "B1", RENT: 1.0}, range(2000))
    frame = frame.assign(rent_low_eur_m2_month=1.0, rent_high_eur_m2_month=2.0)
    frame.loc[7, "rent_low_eur_m2_month"] = 3.0  # as in the quotations of 2017/1
    impossible, blanked = admission.admitted(frame, "2017/1")
    assert impossible == [] and len(blanked) == 1
    assert frame.loc[7, ["rent_low_eur_m2_month", "rent_high_eur_m2_month"]].isna().all()


def test_an_older_part_that_no_table_would_use_is_kept_and_never_used(tmp_path):
    """As ISTAT's workbook of 2018 of `../shared/cases`: an excerpt, older than what is in use."""
    from sources.places import classes_workbook

    added = store.add([classes_workbook(tmp_path, title="elenco 17-02-2018")])
    assert [one.source.reference_date for one in added.kept] == ["2018-02-17"]
    with store.using(store.Selection(until="2019")):
        assert store.source_of("classification").reference_date == "2023-01-01"
    (why,) = store.unused().values()
    assert str(why) == "5 comuni su 7955: non copre l'Italia, non entra in nessuna tabella"


# --- taken out -------------------------------------------------------------------------------


def test_an_edition_is_taken_out_by_source_or_table(tmp_path):
    add(omi(tmp_path, "2025/1"), omi(tmp_path))
    with pytest.raises(Refused, match=r"ci sono più edizioni: 2025/1, 2025/2"):
        store.remove("rents")
    assert [one.source.reference_date for one in store.remove("rents", "2025/2")] == ["2025/2"]
    assert [one.source.reference_date for one in store.parts("rents")] == ["2025/1"]
    store.remove("omi_values")
    assert store.parts("rents") == () and store.status().loc["rents", "origin"] == "shipped"
    with pytest.raises(Refused, match="fra i propri dati non c'è «omi_values»"):
        store.remove("omi_values")


@pytest.mark.slow
def test_a_part_that_covers_nearly_all_of_an_area_stands_for_it(tmp_path):
    """Of an area of twenty one municipality may lack: it is missing, not of another edition."""
    codes = panel.regroup("province")["Monza e della Brianza"][:20]
    units = shipped.table("municipalities").set_index("municipality_code")["cadastral_code"]
    add(omi(tmp_path, codes=tuple(units[codes[1:]])))
    whole, local = panel.build(national=True), panel.build()
    found = panel.covering(local, whole, codes)
    assert np.isnan(found.value(codes[0], RENT)) and not np.isnan(local.value(codes[0], RENT))
    pooled = pool(found, {"area": codes}, ["annual_rent_eur"])
    assert (pooled.value("area", "annual_rent_eur"), pooled.vintage.iloc[0, 0]) == (9000, "2025/2")


def test_the_generator_of_whole_files_writes_what_is_read(tmp_path):
    draw = np.random.default_rng(0)
    for kind in accepted_files.KINDS:
        assert store.add([kind(tmp_path, draw, as_it_is)]).refused == ()


@pytest.mark.usefixtures("part")
def test_an_index_over_two_editions_is_said_and_one_edition_is_not():
    from needs_analysis import indicators
    from needs_analysis.composite import MixedEditions, build

    mixed = indicators.compute(panel.build())
    with pytest.warns(
        MixedEditions, match=r"rent_to_income_ratio \(.*2018/2.*2025/2.*national=True"
    ):
        build(mixed, DISTRESS)
    national = indicators.compute(panel.build(national=True))
    build(national, DISTRESS)  # a warning is an error here
    build(mixed, DISTRESS, base=national)


@pytest.mark.usefixtures("part")
def test_what_an_indicator_uses_says_the_part_that_stands_over_it():
    from needs_analysis.cli.data import _used
    from needs_analysis.indicators.readiness import readiness
    from needs_analysis.words import ITALIAN

    first = next(one for one in readiness() if one.id == "A1")
    rents, incomes = first.tables
    assert rents.over == (("2025/2", 2),) and incomes.over == ()
    assert "2025/2 in 2 comuni" in _used(rents, ITALIAN)

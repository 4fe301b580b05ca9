import pandas as pd
import pytest

from needs_analysis import reading
from needs_analysis.errors import SourceError
from needs_analysis.sources import (
    istat_census_areas,
    istat_section_layouts,
    istat_sections,
    istat_units_2011,
)

from . import written
from .places import DATA, SHARED, needs_real_files

MOLISE = DATA / "R14_indicatori_2011_sezioni.csv"
REGION = SHARED / "istat_census2011" / "sezioni_2011" / MOLISE.name
LISTS = SHARED / "istat_census2011" / "elenchi_comuni"
AREAS = SHARED / "istat_census2011" / "aree_censimento_2011"
FORLI, MONTENERO, TERMOLI = "094020", "094026", "070078"


def test_sections_sum_to_municipalities_with_the_part_outside_areas():
    sums = istat_sections.municipal([MOLISE], 2011)
    assert list(sums.index) == [TERMOLI, FORLI, MONTENERO]
    assert sums.attrs["reference_date"] == "2011-10-09"
    assert (sums.dtypes == "float64").all()
    # Census areas of Termoli: 1,749 people outside them, 17,077 and 13,967 in two.
    assert sums.loc[TERMOLI, "residents"] == 1_749 + 17_077 + 13_967
    tenure = ["renting_households", "owning_households", "other_tenure_households"]
    assert (sums[tenure].sum(axis=1) == sums["households"]).all()
    sizes = [f"households_{n}" for n in (1, 2, 3, 4, 5, "6_plus")]
    assert (sums[sizes].sum(axis=1) == sums["households"]).all()
    both = sums["dwellings_empty"] + sums["dwellings_nonresident"] + sums["dwellings_occupied"]
    assert (both == sums["dwellings"]).all()


@pytest.mark.slow
def test_a_file_is_summed_as_pandas_sums_it():
    raw = pd.read_csv(MOLISE, sep=";", encoding="latin-1", na_values=["null"])
    by_town = raw.groupby("PROCOM")[["P1", "A46", "ST1", "E8"]].sum()
    names = ["residents", "renting_households", "foreigners", "buildings_built_to_1918"]
    sums = istat_sections.municipal([MOLISE], 2011, names)
    assert list(sums.columns) == names
    assert (sums.to_numpy() == by_town.to_numpy()).all()


def test_a_sum_is_unknown_only_if_every_section_is_blank(tmp_path):
    lines = MOLISE.read_text("latin-1").splitlines()
    at = lines[0].split(";").index("A46")
    for i, line in enumerate(lines[1:], 1):
        cells = line.split(";")
        if cells[6] == "94026" or i == 1:
            cells[at] = ("", " ", "null")[i % 3]
        lines[i] = ";".join(cells)
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    renting = istat_sections.municipal([path], 2011, ["renting_households"])["renting_households"]
    assert renting.isna().to_dict() == {TERMOLI: False, FORLI: False, MONTENERO: True}


@pytest.mark.parametrize("year", [1991, 2001, 2021])
def test_each_census_by_its_own_layout(year, tmp_path):
    path = written.sections(tmp_path, year, end="\r\n" if year == 2021 else "\n")
    assert istat_sections.recognises(path)
    sums = istat_sections.read(path)
    assert list(sums.index) == ["007001", "007002"]
    assert sums.attrs["reference_date"].startswith(str(year))
    layout = istat_section_layouts.layouts()[year]
    assert list(sums.columns) == list(layout.columns)
    # As the publisher writes them: small letters until 2001, ST01 for ST1 in 2001.
    spelled = {istat_section_layouts.column_name(one): one for one in written.VARIABLES[year]}
    for name, columns in layout.columns.items():
        by_hand = sum(written.value(year, spelled[one], 7001) for one in columns)
        assert sums.loc["007001", name] == by_hand, name


def test_the_same_letters_are_other_variables_in_other_years(tmp_path):
    old = istat_sections.read(written.sections(tmp_path, 1991))
    new = istat_sections.read(written.sections(tmp_path, 2001))
    assert old.loc["007001", "renting_dwellings"] == written.value(1991, "a9", 7001)
    assert new.loc["007001", "owning_dwellings"] == written.value(2001, "a9", 7001)
    large = sum(written.value(1991, one, 7001) for one in ("pf8", "pf9", "pf10"))
    assert old.loc["007001", "households_6_plus"] == large


@pytest.mark.parametrize(
    ("year", "name", "reason"),
    [
        (2021, "renting_households", "2021 non hanno il titolo di godimento"),
        (2021, "buildings_built_to_1918", "2021 non hanno l'epoca di costruzione"),
        (1991, "renting_households", "è delle abitazioni, non delle famiglie"),
        (2011, "renting_dwellings", "è delle famiglie, non delle abitazioni"),
        (2011, "redditi", "'redditi': le sezioni del 2011 non hanno questa variabile"),
        (1981, "residents", "non ci sono sezioni del 1981"),
    ],
)
def test_what_a_census_lacks_is_said(year, name, reason):
    with pytest.raises(SourceError, match=reason):
        istat_sections.municipal([MOLISE], year, [name])


def test_sections_of_another_census_are_refused():
    with pytest.raises(SourceError, match=r"sono sezioni del 2011, non del 2021\."):
        istat_sections.municipal([MOLISE], 2021)


def test_a_region_given_twice_and_a_section_twice_are_refused(tmp_path):
    with pytest.raises(SourceError, match="comune 070078 in più di un file"):
        istat_sections.municipal([MOLISE, MOLISE], 2011)
    with pytest.raises(SourceError, match="nessun file"):
        istat_sections.municipal([], 2011)
    lines = MOLISE.read_bytes().splitlines(keepends=True)
    (tmp_path / "a.csv").write_bytes(b"".join([*lines, lines[-1]]))
    with pytest.raises(SourceError, match="comune 094026: sezioni ripetute"):
        istat_sections.municipal([tmp_path / "a.csv"], 2011)


def test_regions_are_put_together(tmp_path):
    one, two = written.sections(tmp_path, 2001), tmp_path / "b.csv"
    lines = one.read_text("latin-1").splitlines()
    two.write_text("\n".join([lines[0], lines[3]]) + "\n")
    one.write_text("\n".join(lines[:3]) + "\n")
    both = istat_sections.municipal([two, one], 2001)
    assert list(both.index) == ["007001", "007002"]


def test_parquet_gives_the_same_sums(tmp_path):
    out = istat_sections.to_parquet(MOLISE, tmp_path / "molise.parquet")
    assert istat_sections.recognises(out)
    assert list(tmp_path.iterdir()) == [out]
    pd.testing.assert_frame_equal(istat_sections.read(out), istat_sections.read(MOLISE))


def test_what_cp1252_adds_to_latin_1_is_read(tmp_path):
    odd = MOLISE.read_bytes().replace("Forlì".encode("latin-1"), "L’Aquila “È”".encode("cp1252"))
    (tmp_path / "a's [1].csv").write_bytes(odd)
    sums = istat_sections.read(tmp_path / "a's [1].csv")
    pd.testing.assert_frame_equal(sums, istat_sections.read(MOLISE))


def with_cells(path, odd, more=()):
    """Write Molise with other cells: by row of the file, the column and what stands there."""
    lines = MOLISE.read_text("latin-1").splitlines()
    names = lines[0].split(";")
    for row, (name, cell) in odd.items():
        cells = lines[row - 1].split(";")
        cells[names.index(name)] = cell
        lines[row - 1] = ";".join(cells)
    path.write_text("\n".join([*lines, *more]) + "\n", encoding="latin-1")
    return path


def test_three_odd_rows_are_named_and_the_others_summed(tmp_path):
    """A cell that is no number is blank; a row that is cut, or of no municipality, is left out."""
    raw = pd.read_csv(MOLISE, sep=";", encoding="latin-1", na_values=["null"])
    odd = {3: ("P1", "molti"), 5: ("PROCOM", "70O78")}
    sums = istat_sections.read(with_cells(tmp_path / "a.csv", odd, ["14;Molise"]))
    assert (
        sums.loc[TERMOLI, "residents"] == raw.loc[raw["PROCOM"] == 70078, "P1"].drop([1, 3]).sum()
    )
    assert sums.loc[TERMOLI, "men"] == raw.loc[raw["PROCOM"] == 70078, "P2"].drop([3]).sum()
    blank, left_out = map(str, sums.attrs["notices"])
    assert "riga 3, colonna «P1»: 'molti' non è un numero" in blank
    assert "2 campi invece di 152" in left_out and "070O78" in left_out


def test_four_odd_rows_are_another_file(tmp_path):
    odd = dict.fromkeys(range(2, 6), ("P1", "1,5"))
    with pytest.raises(reading.OddCellsError) as error:
        istat_sections.read(with_cells(tmp_path / "a.csv", odd))
    assert [*map(str, error.value.problems)] == [
        f"riga {row}, colonna «P1»: '1,5' non è un numero" for row in range(2, 6)
    ]
    codes = dict.fromkeys(range(2, 6), ("PROCOM", "0"))
    with pytest.raises(reading.OddCellsError, match="000000"):
        istat_sections.read(with_cells(tmp_path / "a.csv", codes))


def test_parquet_has_no_place_for_what_is_odd(tmp_path):
    path = with_cells(tmp_path / "a.csv", {3: ("P1", "molti")})
    with pytest.raises(SourceError, match="'molti' non è un numero"):
        istat_sections.to_parquet(path, tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()


@pytest.mark.parametrize("cell", ["inf", "NaN", "1e400"])
def test_what_is_no_number_is_no_sum(cell, tmp_path):
    path = with_cells(tmp_path / "a.csv", {2: ("P1", cell)})
    sums = istat_sections.municipal([path], 2011, ["residents"])
    raw = pd.read_csv(MOLISE, sep=";", encoding="latin-1", na_values=["null"])
    town = raw.loc[0, "PROCOM"]
    assert (
        sums.loc[f"{town:06d}", "residents"] == raw.loc[raw["PROCOM"] == town, "P1"].iloc[1:].sum()
    )
    assert f"'{cell}' non è un numero" in str(sums.attrs["notices"][0])


def test_a_layout_that_lacks_a_column_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(MOLISE.read_bytes().replace(b";A46;", b";X46;", 1))
    with pytest.raises(SourceError, match="mancano le colonne «A46»"):
        istat_sections.read(path)
    assert istat_sections.municipal([path], 2011, ["residents"]).shape == (3, 1)
    path.write_bytes(MOLISE.read_bytes().replace(b"SEZ2011", b"SEZIONE", 1))
    with pytest.raises(SourceError, match="una di SEZ1991, SEZ2001, SEZ2011, SEZ21_ID"):
        istat_sections.read(path)


def test_a_workbook_of_sections_is_read_as_its_csv(tmp_path):
    import openpyxl

    csv = written.sections(tmp_path, 2021)
    book = openpyxl.Workbook()
    for line in csv.read_text("latin-1").splitlines():
        book.active.append([int(one) if one.isdigit() else one for one in line.split(";")])
    book.save(tmp_path / "R02_indicatori_2021_sezioni.xlsx")
    path = tmp_path / "R02_indicatori_2021_sezioni.xlsx"
    assert istat_sections.recognises(path)
    pd.testing.assert_frame_equal(istat_sections.read(path), istat_sections.read(csv))


def test_layouts_name_each_column_once_and_say_what_is_absent():
    rows = istat_section_layouts.rows("istat_sections.csv")
    keys = [(row["year"], row["column"], row["our_name"]) for row in rows]
    assert len(keys) == len(set(keys))
    for layout in istat_section_layouts.layouts().values():
        assert not set(layout.absent) & set(layout.columns)
        for name in layout.absent:
            with pytest.raises(SourceError, match=f"'{name}': .*{layout.year}"):
                layout.choose([name])


# --- the published files -------------------------------------------------------------------


def people_2011() -> pd.Series:
    wanted = {"municipality_code": "PRO_COM", "people": "POP_2011"}
    path = LISTS / "Elenco_comuni_2011.csv"
    cells = reading.delimited_file(path, istat_units_2011.SOURCE, wanted, delimiter=";")
    cells = cells.keep(cells["people"] != "")
    codes = reading.codes(cells, "municipality_code", 6)
    return reading.numbers(cells, ["people"])["people"].set_axis(codes)


@needs_real_files
def test_molise_sums_to_the_unit_list_and_to_the_census_areas():
    sums = istat_sections.read(REGION)
    people = people_2011()
    assert (len(sums), sums["residents"].sum()) == (136, 313_660)
    assert (sums["residents"] == people[sums.index]).all()
    areas = istat_census_areas.read(AREAS / "R14_indicatori_2011_areecensimento.csv")
    for in_areas, in_sections in {
        "residents_2011": "residents",
        "households_2011": "households",
        "renting_households_2011": "renting_households",
        "owning_households_2011": "owning_households",
        "other_tenure_households_2011": "other_tenure_households",
        "large_households_2011": "households_6_plus",
        "other_lodgings_2011": "other_lodgings",
    }.items():
        assert (areas[in_areas] == sums[in_sections][areas.index]).all(), in_areas


@needs_real_files
def test_census_areas_equal_the_unit_list_but_in_two_municipalities():
    areas = pd.concat([istat_census_areas.read(path) for path in sorted(AREAS.glob("R*.csv"))])
    people = people_2011()
    more = areas["residents_2011"] - people[areas.index]
    assert len(areas) == 486
    assert more[more != 0].to_dict() == {"001265": 2, "082070": -1_016}


@needs_real_files
@pytest.mark.parametrize("year", [1991, 2001, 2011, 2021])
def test_every_column_of_the_layouts_stands_in_the_record_layout(year):
    folder = SHARED / "istat_census2011" / "tracciati"
    text = (folder / f"tracciato_{year}_sezioni.csv").read_bytes().decode("utf-8", "replace")
    published = {
        istat_section_layouts.column_name(line.split(";")[0]) for line in text.splitlines()
    }
    layout = istat_section_layouts.layouts()[year]
    used = {*layout.keys.values(), *(one for many in layout.columns.values() for one in many)}
    assert used <= published

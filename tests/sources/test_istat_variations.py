from needs_analysis.sources import istat_variations

from .places import SHARED, VARIATIONS, needs_real_files


def test_kinds_are_stripped_and_letters_survive():
    changes = istat_variations.read(VARIATIONS)
    assert set(changes["kind"]) == {"CD", "CE", "CS", "AP", "AQ"}
    assert changes.loc[0, "old_name"] == "Saint-Rhémy"
    monza = changes[changes["old_code"] == "015149"].iloc[0]
    assert (monza["kind"], monza["new_code"], monza["new_name"]) == ("AP", "108033", "")


def test_bad_kinds_and_codes_are_named(tmp_path):
    (tmp_path / "a.csv").write_bytes(VARIATIONS.read_bytes() + b"ex;12;A;1234567;B\n")
    changes = istat_variations.read(tmp_path / "a.csv")
    assert len(changes) == len(istat_variations.read(VARIATIONS))
    (said,) = map(str, changes.attrs["notices"])
    assert "riga 17, colonna «Tipo variazione»" in said and "colonna «Istat nuovo»" in said


@needs_real_files
def test_the_published_list():
    changes = istat_variations.read(SHARED / "istat_codes" / VARIATIONS.name)
    kinds = {"AP": 807, "AQ": 525, "ES": 331, "CS": 326, "CE": 195, "CD": 40}
    assert changes["kind"].value_counts().to_dict() == kinds
    assert changes["old_code"].str.fullmatch(r"\d{6}").all()

"""A study tells who is in need, with the counts of the offices or without them."""

import datetime as dt

import pytest
from need_counts import filled

from needs_analysis import study
from needs_analysis.needs.files import NeedFiles
from needs_analysis.needs.problems import NeedsError
from needs_analysis.policies.files import PolicyFiles

pytestmark = pytest.mark.slow

SOVICO = "108041"


def counted(folder, day):
    """Return a workbook in which an office counted twelve households on a day."""
    return filled(folder, foreclosure=[{"municipality_code": SOVICO, "count": 12, "day": day}])


def test_a_study_tells_its_need_with_and_without_counts(tmp_path):
    own = counted(tmp_path, dt.date(2026, 6, 30))
    plain = study.find(study.Study("comune:Sovico")).need
    assert plain.profile == "published" and plain.held == ("affordability", "eviction_order")
    asked = study.Study("comune:Sovico", needs=NeedFiles(own, profile="internal"))
    told = study.find(asked).need
    assert told.internal and told.held == (*plain.held, "foreclosure")
    rows = told.table("municipality").set_index("group")
    assert rows.loc["foreclosure", "central"] == 12
    assert rows.loc["affordability"].equals(
        plain.table("municipality").set_index("group").loc["affordability"]
    )


def test_where_the_part_is_left_out_no_need_is_computed():
    found = study.find(study.Study("comune:Sovico", chapters=("comuni",)))
    assert found.need is None


def test_a_count_of_a_day_to_come_is_refused_as_by_the_command(tmp_path):
    own = counted(tmp_path, dt.date(2090, 1, 1))
    asked = study.Study("comune:Sovico", needs=NeedFiles(own), chapters=("bisogno",))
    with pytest.raises(NeedsError, match="non è ancora venuta"):
        study.find(asked)


@pytest.mark.parametrize(("needs", "said"), [("published", "published"), ("internal", "internal")])
def test_policies_for_the_office_beside_a_published_need_are_published(tmp_path, needs, said):
    """The stricter of the two profiles holds where the offices' counts are in the need."""
    own = counted(tmp_path, dt.date(2026, 6, 30))
    asked = study.Study(
        "comune:Sovico", needs=NeedFiles(own, profile=needs), chapters=("misure",),
        policies=PolicyFiles(as_of=dt.date(2026, 11, 29), profile="internal"),
    )  # fmt: skip
    assert study.find(asked).policies.profile == said

import pytest

pytestmark = pytest.mark.whole


def test_the_notebook_runs(runs):
    runs("04_dal_bisogno_all_offerta")

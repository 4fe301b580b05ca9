import pytest

pytestmark = pytest.mark.whole


def test_the_notebook_runs(runs):
    runs("02_indice_in_discussione")

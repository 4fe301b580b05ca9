import pytest

pytestmark = pytest.mark.whole


def test_the_notebook_runs(runs):
    runs("05_che_cosa_compra_un_bilancio")

"""The estimate of all Italy as columns of the panel, for what is computed of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, as_figures
from needs_analysis.households.estimating import Estimate
from needs_analysis.households.italy import national
from needs_analysis.territory.codes import day_of
from needs_analysis.territory.units import rows_of

_COUNTED = "overburdened_tenants"
COLUMNS = (
    "market_tenants", _COUNTED, f"{_COUNTED}_low", f"{_COUNTED}_high", f"{_COUNTED}_at_low_share",
    f"{_COUNTED}_at_high_share", f"{_COUNTED}_of_model",
)  # fmt: skip
"""Households. An area's are the sums of its municipalities': the ends too, since an assumption that is
low or high is so everywhere."""


def reads_model(names: Iterable[str]) -> bool:
    """Tell whether one of some columns is made by the model.

    Examples
    --------
    >>> reads_model(["households", "market_tenants"]), reads_model(["households"])
    (True, False)
    """
    return not set(COLUMNS).isdisjoint(names)


def with_model(
    panel: pd.DataFrame | Figures,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> Figures:
    """Return a panel with the columns that the model of burdens makes.

    Parameters
    ----------
    panel : DataFrame or Figures, by municipality_code
        Of :func:`needs_analysis.municipal.panel.build`.
    overrides : mapping of str to float, optional
        Parameters of a study.
    codes_on : Timestamp or str, optional
        The day of its municipalities; 1 January 2022 when omitted.

    Returns
    -------
    Figures
        With `COLUMNS`: market tenants; those over 40 % of their net income, with their low and high; and
        how many they would be at the low and the high end of their share of the market tenants there
        are; and before the survey (`of_model`). Computed once for all Italy, and kept.

    Raises
    ------
    AreaError
        Municipalities that are not of the day.

    Examples
    --------
    >>> from needs_analysis import indicators, panel
    >>> whole = with_model(panel.build())  # doctest: +SKIP
    >>> indicators.compute(whole, ["overburdened_tenants_per_1000"])  # doctest: +SKIP
    """
    base = as_figures(panel)
    rows_of(base.data.index, codes_on)
    made = _columns(tuple(sorted((overrides or {}).items())), day_of(codes_on))
    return base.beside(made.rows(base.data.index))


@store.remembered()
def _columns(overrides: tuple[tuple[str, float], ...], day: pd.Timestamp) -> Figures:
    return columns_of(national(dict(overrides), day))


def columns_of(found: Estimate) -> Figures:
    """Return the columns of an estimate."""
    counted, share = (found.figures.columns([one]) for one in (_COUNTED, f"{_COUNTED}_share"))
    market = found.figures.data["market_tenants"]
    data = {
        "market_tenants": market,
        _COUNTED: counted.data[_COUNTED],
        f"{_COUNTED}_low": counted.low[_COUNTED],
        f"{_COUNTED}_high": counted.high[_COUNTED],
        f"{_COUNTED}_at_low_share": share.low[f"{_COUNTED}_share"] * market,
        f"{_COUNTED}_at_high_share": share.high[f"{_COUNTED}_share"] * market,
        f"{_COUNTED}_of_model": found.figures.data[f"{_COUNTED}_of_model"],
    }
    frame = pd.DataFrame(data)
    about = {
        part: pd.DataFrame(dict.fromkeys(data, getattr(counted, part)[_COUNTED]))
        for part in ("quality", "vintage")
    }
    return Figures.of(frame, **about, sources=dict.fromkeys(data, counted.sources[_COUNTED]))

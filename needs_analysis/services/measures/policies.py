"""What administrations do ("misure locali"): no measure of a service, counted from its own table."""

from __future__ import annotations

import pandas as pd

from needs_analysis.services.measures.declaration import Rule, declare
from needs_analysis.words import N_

FIGURES = ("budget_eur", "applications", "admitted", "beneficiaries", "spent_eur", "agreements")
"""What an administration tells of a measure."""

declare(
    Rule(
        "local_measures",
        2,
        N_(
            "Totali delle misure locali sulle amministrazioni che hanno risposto; «dato non "
            "trasmesso» non è zero."
        ),
    )
)


def policy_totals(policies: pd.DataFrame) -> pd.DataFrame:
    """Totals of the existing policies; who did not transmit is counted, never taken as zero.

    Parameters
    ----------
    policies : DataFrame
        From `read_policies`: measure_name, administration_name, year and the `FIGURES`; NaN is "dato
        non trasmesso".

    Returns
    -------
    DataFrame
        Index measure_name, year, figure; total (NaN where nobody transmitted), transmitted and
        administrations (counts).

    References
    ----------
    Rule `local_measures`.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> one = empty("measures").reindex([0, 1]).assign(
    ...     measure_name="fondo affitti", administration_name=["A", "B"], year=2024.0,
    ...     budget_eur=[1000.0, None])
    >>> policy_totals(one).loc[("fondo affitti", 2024, "budget_eur")].tolist()
    [1000.0, 1.0, 2.0]
    """
    long = policies.melt(["measure_name", "year"], FIGURES, var_name="figure", value_name="figures")
    long["year"] = long["year"].astype("int64")
    grouped = long.groupby(["measure_name", "year", "figure"], sort=True)["figures"]
    return pd.DataFrame(
        {
            "total": grouped.sum(min_count=1),
            "transmitted": grouped.count(),
            "administrations": grouped.size(),
        }
    )

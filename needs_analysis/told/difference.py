"""A run with the figures that were handed out for it, to say why they changed since."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from needs_analysis.services.measures.difference import KEYS, equal
from needs_analysis.services.measures.monitoring import Monitoring
from needs_analysis.told.publication import publish


def as_delivered(run: Monitoring, told: pd.DataFrame) -> Monitoring:
    """Give a run the figures that were handed out for it, with the rules of then.

    Parameters
    ----------
    run : Monitoring
        The same data and period, counted by today's rules.
    told : DataFrame
        measure, level, level_value, value, rule_version; NaN where the delivery hides a figure.

    Returns
    -------
    Monitoring
        With values and versions of `told` where it has them; what no rule of then counted, or the
        delivery hides, is as counted now. So is what a published delivery told otherwise: there the
        protected services of a place are one, without the terms that they do not share.

    Examples
    --------
    >>> from needs_analysis.services import Period, Register, Stays, difference, monitor
    >>> from needs_analysis.services.files.schema import empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> run = monitor(register, Stays(empty("stays")), Period.year(2025))
    >>> then = as_delivered(run, run.measures.head(1).assign(value=3.0, rule_version=0))
    >>> difference(then, run).figures[["old", "new", "cause"]].to_numpy().tolist()
    [[3.0, 0.0, 'rule']]
    """
    counted = run.measures.set_index(KEYS)
    known = told.set_index(KEYS)[["value", "rule_version"]].reindex(counted.index)
    value = known["value"].fillna(counted["value"])
    version = known["rule_version"].fillna(counted["rule_version"]).astype("int64")
    unlike = ~equal(value, counted["value"]) & (version == counted["rule_version"]).to_numpy()
    if unlike.any():
        own = run.records
        published = publish(own.register, own.stays, run.period, "published").figures
        merged = equal(value, published.set_index(KEYS)["value"].reindex(counted.index))
        value = value.mask(unlike & merged, counted["value"])
    measures = counted.assign(value=value, rule_version=version)
    return replace(run, measures=measures.reset_index())

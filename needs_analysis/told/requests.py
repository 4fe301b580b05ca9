"""What may be told of those who ask for a place, and of the places that they would take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from needs_analysis.disclosure import Protected, release
from needs_analysis.errors import wanted
from needs_analysis.services.capacity import planning
from needs_analysis.services.capacity.demand import Patience, Target
from needs_analysis.services.capacity.planning import GONE, REPLICATIONS, Asked, Plan
from needs_analysis.services.files.schema import GROUPS
from needs_analysis.told.publication import Publication, withhold


def plan(
    found: Publication,
    target: Target | None = None,
    patience: Patience | None = None,
    replications: int = REPLICATIONS,
    overrides: Mapping[str, float] | None = None,
) -> Plan | None:
    """Find the places that each ambito and each group needs, and today's waits, from what may be told.

    Parameters
    ----------
    found : Publication
        The monitored services.
    target, patience, replications, overrides
        As of :func:`needs_analysis.services.capacity.planning.plan`.

    Returns
    -------
    Plan or None
        None where no ambito and no group may be told, nor how many places there are, or too few have
        left to say how long they stay.

    Raises
    ------
    OutputError
        A hidden count of requests could be worked out.
    """
    wanted(found, Publication)
    few = planning.durations(found.run, None)[1].sum() < found.rules.count_min
    if few or not found.tells("places_ready"):
        return None
    made = planning.plan(found.run, asked(found), target, patience, replications, overrides)
    return None if made is None else _few_places_hidden(found, made)


def asked(found: Publication) -> Asked:
    """Return what may be told of a period's requests."""
    by_ambito, by_group = map(_counts, _released(found))
    ambiti = found.run.records.labels["ambito"]
    return Asked(
        by_ambito,
        by_group,
        untold_places=frozenset(
            str(one) for one in ambiti if not found.tells("places_ready", "ambito", str(one))
        ),
        places_in_sum=found.places_in_sum,
        own_stays=frozenset(
            one
            for one in GROUPS
            if not np.isnan(found.count("outcomes_by_group", "exit", "group", one))
        ),
        # That enough went elsewhere would tell of a hidden count.
        own_patience=not np.isnan(found.count("answers", GONE)),
    )


def _counts(requests: Protected) -> pd.Series:
    """Return the requests of each part as they may be told; NaN where hidden."""
    table = requests.published
    counts: pd.Series = table.frame.set_index(table.dimensions[0])["count"].astype(float)
    return counts


def _few_places_hidden(found: Publication, plan: Plan) -> Plan:
    """Return a plan without the places open to a sensitive group where they are few."""
    if found.internal:
        return plan

    def told(places: pd.Series) -> pd.Series:
        cells = [(("target_group", str(one)),) for one in places.index]
        few = [
            not np.isnan(count)
            and found.rules.is_sensitive(cell)
            and found.rules.hides(cell, int(count))
            for cell, count in zip(cells, places, strict=True)
        ]
        return places.astype(float).mask(np.array(few, dtype=bool))

    return replace(
        plan,
        by_group=replace(plan.by_group, places=told(plan.by_group.places)),
        today=replace(plan.today, places=told(plan.today.places)),
    )


def requested(found: Publication) -> dict[str, Protected]:
    """Return the counts of requests that :func:`plan` tells, by name of the table."""
    return {one.internal.name: one for one in _released(found)}


def _released(found: Publication) -> tuple[Protected, ...]:
    """Hide small counts of requests by ambito and by group together: they have one total."""
    services = found.run.records.register.services
    secret = services.groupby("ambito_name")["protected"].all().astype(bool)
    # An ambito of protected services alone is as sensitive as they are.
    sensitive = {**found.rules.sensitive, "ambito_name": frozenset(secret.index[secret])}
    tables = planning.request_tables(found.run)
    kept = release(tables, found.profile, replace(found.rules, sensitive=sensitive))
    return tuple(withhold(one, found.withheld) for one in kept)

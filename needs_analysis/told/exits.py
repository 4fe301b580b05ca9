"""Which exits of the office's own register a policy may rest on: those that its services tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from needs_analysis.needs.intervals import Interval
from needs_analysis.policies.catalogue import Policy
from needs_analysis.services.measures.intervals import wilson
from needs_analysis.told.telling import Told


@dataclass(frozen=True)
class Exits:
    """How often stays end well, by policy, as the own register has it and may tell it.

    Parameters
    ----------
    shares : mapping of str to Interval
        Positive exits over exits of the period, with Wilson's interval.
    reserved : tuple of str
        Policies that the register has services of, whose exits are not told: what is published holds.
    """

    shares: Mapping[str, Interval] = field(default_factory=dict)
    reserved: tuple[str, ...] = ()


def register_exits(
    told: Told | None, policies: Mapping[str, Policy], profile: str = "published"
) -> Exits:
    r"""Return the share of positive exits of the services that each policy is run with.

    .. math:: p = X_{positive} / X

    Parameters
    ----------
    told : Told, optional
        Of the services, in their profile; None without them.
    policies : Catalogue, or mapping of str to Policy
        Those with `services` have stays of their own.
    profile : {"published", "internal"}
        Of what is made of them. Published, exits count where the measure itself is published: not those
        of services that are told to the office alone.

    Notes
    -----
    Nothing is computed of a count that is hidden: one hidden service of a policy leaves it without own
    exits, unless the whole register is of that policy and its sums are told. Protected services, whose
    kind is not told, count where all is. A policy whose services had no exit has none of its own.
    """
    if told is None:
        return Exits()
    shares, reserved = {}, []
    for key, policy in policies.items():
        kinds = told.services["service_kind"].isin(policy.services)
        codes = [str(one) for one in told.services.index[kinds]]
        if not codes:
            continue
        good, every = _counted(told, codes, whole=bool(kinds.all()))
        if np.isnan([good, every]).any() or (told.internal and profile == "published"):
            reserved.append(key)
        elif every > 0:
            low, high = wilson([good], [every])
            shares[key] = Interval(float(low[0]), good / every, float(high[0]))
    return Exits(shares, tuple(reserved))


def _counted(told: Told, codes: list[str], *, whole: bool) -> tuple[float, float]:
    """Return the positive exits and the exits of some services; NaN where one is hidden."""
    if whole:
        return told.count("outcomes", "exit_positive"), told.count("outcomes", "exit")
    good, every = (
        sum(told.count("outcomes", name, "service", one) for one in codes)
        for name in ("exit_positive", "exit")
    )
    return float(good), float(every)

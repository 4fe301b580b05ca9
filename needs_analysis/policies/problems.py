"""What may be wrong with a policy, a budget or a floor."""

from __future__ import annotations

from needs_analysis.errors import Messages, Refused
from needs_analysis.words import N_


class PoliciesError(Refused):
    """Policies, budgets or floors that cannot be as they are given."""


problem = Messages(
    "policies",
    {
        "unknown": N_("la misura «{policy}» non è nel catalogo; quelle che ci sono: {known}"),
        # amounts
        "below_zero": N_("{name} è {found}: non può essere sotto zero"),
        "months": N_("i mesi pagati sono {found}: devono stare fra 0 e 12"),
    },
)

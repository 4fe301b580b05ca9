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
        # the catalogue itself
        "predicate": N_(
            "{policy}, «eligibility»: la condizione {number} deve dire una cosa sola fra {known}, con "
            "quello che le serve"
        ),
        "no_row": N_("{policy}, «{field}»: parameters.csv non ha la riga «{row}»"),
        "no_entry": N_("{policy}, «incompatible_with»: {other} non è nel catalogo"),
        "one_way": N_("{policy}, «incompatible_with»: {other} non dice lo stesso di {policy}"),
        "funding_days": N_("{policy}, «funding»: i periodi non sono in fila, o uno finisce prima di "
                           "cominciare"),
        "valid_days": N_("{policy}: «valid_to» viene prima di «valid_from»"),
        # where and when
        "region": N_("la regione «{region}» non c'è; quelle che ci sono: {known}"),
        "region_near": N_("la regione «{region}» non c'è: forse «{near}»"),
    },
)  # fmt: skip

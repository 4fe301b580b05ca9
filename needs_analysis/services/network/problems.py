"""What is wrong with referrals and answers of a network."""

from __future__ import annotations

from needs_analysis.errors import Messages
from needs_analysis.words import N_, NN_

problem = Messages(
    "network",
    {
        "no_member": N_("le segnalazioni nominano chi non è membro: {members}"),
        "scores": NN_(
            "questionario: un punteggio non è da 1 a 5",
            "questionario: {count} punteggi non sono da 1 a 5",
        ),
    },
)

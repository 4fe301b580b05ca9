"""Services: register, stays, collaboration, capacity and siting."""

from __future__ import annotations

from needs_analysis.services.hmis import read_hmis
from needs_analysis.services.pseudonyms import create_key
from needs_analysis.services.reading import (
    check_together,
    read_measures,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.schema import Period, Register, Stays
from needs_analysis.services.templates import write_filled, write_templates

__all__ = [
    "Period",
    "Register",
    "Stays",
    "check_together",
    "create_key",
    "read_hmis",
    "read_measures",
    "read_referrals",
    "read_register",
    "read_stays",
    "read_survey",
    "write_filled",
    "write_templates",
]

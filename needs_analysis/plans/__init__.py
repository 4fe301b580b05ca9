"""Plans: the office's input, the shares that the law sets apart, the draft that is made of them."""

from __future__ import annotations

from needs_analysis.plans.draft import Plan, draft
from needs_analysis.plans.files import PlanBook, write_template
from needs_analysis.plans.previous import Previous
from needs_analysis.plans.problems import PlansError
from needs_analysis.plans.reserves import RULES, Rule, counted_once, due, least_units, most_units
from needs_analysis.process import public

__all__ = [
    "RULES",
    "Plan",
    "PlanBook",
    "PlansError",
    "Previous",
    "Rule",
    "counted_once",
    "draft",
    "due",
    "least_units",
    "most_units",
    "write_template",
]
__dir__ = public(__all__)

"""What may leave the building: small counts hidden beyond recovery, and an auditor who tries."""

from needs_analysis.disclosure.audit import Fact, Key, audit
from needs_analysis.disclosure.counts import PROFILES, TOTAL, Cell, CountTable, Rules, tabulate
from needs_analysis.disclosure.protected_services import (
    PROTECTED,
    place_of_services,
    protected_label,
    published_services,
)
from needs_analysis.disclosure.protection import (
    Protected,
    fall_back,
    protect,
    protect_together,
    release,
)
from needs_analysis.process import public

__all__ = [
    "PROFILES",
    "PROTECTED",
    "TOTAL",
    "Cell",
    "Fact",
    "Key",
    "Protected",
    "Rules",
    "CountTable",
    "audit",
    "fall_back",
    "place_of_services",
    "protect",
    "protect_together",
    "protected_label",
    "published_services",
    "release",
    "tabulate",
]
__dir__ = public(__all__)

"""Declared incomes by municipality: the classes that the Treasury withholds, and net incomes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.declaration import Asked, Column, Join, allocated, problem
from needs_analysis.territory.units import unplaced

CLASSES = ("to_0", "0_10k", "10_15k", "15_26k", "26_55k", "55_75k", "75_120k", "over_120k")
LOW_CLASSES = CLASSES[:2]
DECLARANTS = tuple(f"declarants_{one}" for one in CLASSES)
_LOW, _OTHER = DECLARANTS[: len(LOW_CLASSES)], DECLARANTS[len(LOW_CLASSES) :]
_NAMES = ["municipality_code", "municipality_name", "province_abbreviation"]


def january_after(tax_year: str) -> str:
    """Return the day whose codes the figures of a tax year stand on.

    Examples
    --------
    >>> january_after("2021")
    '2022-01-01'
    """
    return f"{int(tax_year) + 1}-01-01"


def _bring(join: Join, asked: Asked) -> Figures:
    raw = join.rows()
    amounts = raw.drop(columns=_NAMES)
    done = join.recoded(amounts, asked)
    _note_lost(raw.loc[done.unmatched.index], asked)
    index = asked.units.index
    frame = done.frame.reindex(index)
    blanks = join.recoded(amounts.isna().astype(float), asked).frame.reindex(index)
    classes = list(DECLARANTS)
    # Of several municipalities some may be withheld: what is published is the least there is.
    low = frame[classes].fillna(0.0).where(blanks[classes] > 0)
    high = low + asked.parameters["suppressed_class_max_taxpayers"] * blanks[classes]
    withheld = frame.isna() & frame["taxpayers"].notna().to_numpy()[:, None]
    taken = allocated(done, asked)
    quality = pd.DataFrame(
        np.where(withheld, Quality.SUPPRESSED, taken.to_numpy()[:, None]),
        index=index, columns=frame.columns,
    )  # fmt: skip
    published = join.figures(asked, frame, quality, low=low, high=high)
    made = {
        name: one.of(blanks if one.blanks else frame, frame)
        for name, one in join.columns.items()
        if one.operation != "ratio"
    }
    return published.beside(join.figures(asked, pd.DataFrame(made), taken))


def _note_lost(lost: pd.DataFrame, asked: Asked) -> None:
    # Of no rows a map gives numbers, to which no name can be added.
    people = lost["taxpayers"].map(" ({:.0f} contribuenti)".format).astype(str)
    named = lost["municipality_name"] + people
    gone = lost["municipality_code"].isin(unplaced(asked.day).index)
    asked.note("incomes", problem("rows_without_place"), named[~gone])
    asked.note("incomes", problem("rows_without_successor"), named[gone])


# A surcharge or allowance left blank concerns none or at most three taxpayers: it adds nothing.
_MAY_BE_BLANK = ("regional_surcharge_eur", "municipal_surcharge_eur", "allowance_eur")
JOIN = Join(
    "incomes",
    key="cadastral_code",
    codes_of=january_after,
    partial=True,
    needed="taxpayers",
    bring=_bring,
    columns={
        "declarants": Column("sum", DECLARANTS, after=True, optional=DECLARANTS, among=DECLARANTS),
        "declarants_up_to_10k": Column("sum", _LOW, after=True, optional=_LOW, among=DECLARANTS),
        # 1-3 taxpayers or none each, never taken as zero.
        "blank_low_classes": Column("sum", _LOW, blanks=True, among=DECLARANTS),
        "blank_other_classes": Column("sum", _OTHER, blanks=True, among=DECLARANTS),
        "blank_classes": Column("sum", DECLARANTS, blanks=True, among=DECLARANTS),
        "net_income_eur": Column(
            "net of taxes and surcharges",
            ("taxable_income_eur", "net_tax_eur", *_MAY_BE_BLANK),
            after=True,
            optional=_MAY_BE_BLANK,
        ),
        "mean_taxable_income_eur": Column(
            "ratio", ("taxable_income_eur", "taxable_income_declarants"), after=True
        ),
        "mean_net_income_eur": Column(
            "ratio", ("net_income_eur", "taxable_income_declarants"), after=True
        ),
    },
)

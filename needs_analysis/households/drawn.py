"""The market tenants of a few municipalities, drawn again one by one: income, rent, how many they are.

The estimate of all Italy sums chances over points of income; whoever asks what a contribution does needs
the households themselves. Here a municipality's are drawn on their own, from what the estimate kept.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households import burden
from needs_analysis.households.burden import SCALES, Municipalities, Shape
from needs_analysis.households.density import Array
from needs_analysis.households.sizes import SIZES

POINTS = 256
"""Incomes drawn for each municipality and size."""
OVER_EACH = 2
"""Rents over the limit for each income; one is drawn of those that are not."""
_TURN = (5**0.5 - 1) / 2
"""Multiples of it fill 0-1 evenly, however many they are."""


def draw(
    here: Municipalities,
    codes: pd.Index,
    tenure: pd.DataFrame,
    by_size: pd.DataFrame,
    shape: Shape,
    count: int = POINTS,
) -> pd.DataFrame:
    r"""Draw the market tenants of municipalities as weighted households.

    Each income is parted in those whose rent is over the share of net income and those whose rent is
    not, by the chance of the model; rents of both are drawn from the model's density given that. Then

    .. math:: w' = w \, O_s / \sum_{over} w, \qquad w' = w \, (M_s - O_s) / \sum_{not} w

    with O the overburdened of the estimate after its benchmark and M the market tenants, by municipality
    and size.

    Parameters
    ----------
    here : Municipalities
        With the rents of the central scenario.
    codes : Index
        Of the municipalities.
    tenure, by_size : DataFrame, by municipality_code
        Of the estimate.
    shape : Shape
        Of the central scenario.
    count : int
        Incomes by municipality and size, a power of two.

    Returns
    -------
    DataFrame
        A row a kind of household: `municipality_code`, `size` (1-6, the last stands for six and over),
        `declared_income_eur`, `net_income_eur` and `rent_eur` of a year, how many `households` it
        stands for, and whether it is `overburdened`.

    Notes
    -----
    Nothing is random: the same municipality has the same rows whatever else is drawn. The overburdened
    are as many as in the estimate, also where the survey moved it away from the model. Where the few
    incomes hold nobody of a kind that the estimate has, all of its points are taken.
    """
    kept, wanted = tenure.loc[codes], by_size.loc[codes].to_numpy()
    market = kept[[f"market_{one}" for one in SIZES]].to_numpy()
    parted = {True: np.minimum(wanted, market), False: np.maximum(market - wanted, 0.0)}
    found = _drawn(here, kept, shape, count)
    short = _short(found, parted)
    if len(short) and count < burden.POINTS:
        again = _drawn(here.rows(short), kept.iloc[short], shape, burden.POINTS)
        again["municipality"] = short[again["municipality"]]
        found = pd.concat([found[~found["municipality"].isin(short)], again], ignore_index=True)
        found = found.sort_values("municipality", kind="stable", ignore_index=True)
    found["households"] *= _factors(found, parted)
    named = pd.Categorical.from_codes(found["municipality"].to_numpy(), codes)
    found.insert(0, "municipality_code", pd.Series(named))
    found["size"] = (found["size"] + 1).astype("int8")
    return found.drop(columns="municipality")


def _drawn(here: Municipalities, tenure: pd.DataFrame, shape: Shape, count: int) -> pd.DataFrame:
    ranks = burden.points(count, burden.SEED, shape.income_correlation)
    parts = []
    for at, some in here.chunks(count):
        rows = _rows(some, tenure.iloc[at], ranks, shape)
        rows["municipality"] += at.start
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def _short(rows: pd.DataFrame, parted: dict[bool, Array]) -> npt.NDArray[np.intp]:
    """Return the municipalities where no income drawn has what the estimate found with more of them."""
    lacking = [(_summed(rows, over, asked) <= 0) & (asked > 0) for over, asked in parted.items()]
    return np.flatnonzero(np.logical_or(*lacking).any(axis=1))


def _summed(rows: pd.DataFrame, over: bool, like: Array) -> Array:
    held = rows["households"].to_numpy() * (rows["overburdened"].to_numpy() == over)
    return np.asarray(np.bincount(_cell(rows), held, minlength=like.size), float).reshape(
        like.shape
    )


def _cell(rows: pd.DataFrame) -> npt.NDArray[np.int_]:
    return np.asarray(rows["municipality"].to_numpy() * len(SIZES) + rows["size"].to_numpy())


def _rows(here: Municipalities, tenure: pd.DataFrame, ranks: Array, shape: Shape) -> pd.DataFrame:
    """Return the rows of some municipalities with the weights of the model before its benchmark."""
    from scipy.special import ndtr, ndtri  # heavy: only where it is used

    flat, at = _incomes(here, tenure, ranks, shape)
    unit, weight = flat["municipality"].to_numpy(), flat["households"].to_numpy()
    dwelling = here.dwelling_m2.ravel()[_cell(flat)]
    most = shape.net_share * flat["net_income_eur"].to_numpy()
    rate = (most / 12 - shape.utilities_eur_month) / dwelling
    scores = (ndtri((np.arange(len(ranks)) + 0.5) / len(ranks)) * shape.rent_correlation)[at]
    spread = np.sqrt(1 - shape.rent_correlation**2)
    chance = ndtr((scores - ndtri(here.rates.share_below(rate, unit))) / spread)
    parts = []
    for over, many in ((True, OVER_EACH), (False, 1)):
        held = chance if over else 1 - chance
        rows = np.flatnonzero((held > 0) & (weight > 0))
        for one in range(many):
            place = (one + ((at[rows] + 0.5) * _TURN) % 1) / many
            score = ndtri(held[rows] * place)
            rank = ndtr(scores[rows] + spread * (-score if over else score))
            paid = here.rates.quantile(rank, unit[rows]) * dwelling[rows]
            rent = 12 * (paid + shape.utilities_eur_month)
            rent = np.maximum(rent, most[rows]) if over else np.minimum(rent, most[rows])
            part = flat.iloc[rows].assign(rent_eur=rent, overburdened=over)
            part["households"] *= held[rows] / many
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _incomes(
    here: Municipalities, tenure: pd.DataFrame, ranks: Array, shape: Shape
) -> tuple[pd.DataFrame, npt.NDArray[np.int_]]:
    """Return the incomes of market tenants, from the lowest up in each size, and the place of each."""
    incomes = burden.household_incomes(here, ranks)
    levels = burden.net_levels(here, incomes, shape)
    incomes.sort(axis=2)
    net = levels[:, None, None] * burden.net_shape(incomes, shape.progressivity)
    private, limits = (
        tenure[[one for one in tenure if str(one).startswith(part)]].to_numpy()
        for part in ("private_", "limit_")
    )
    band = np.searchsorted(limits[0], net / np.asarray(SCALES)[:, None])
    weight = private[np.arange(len(here))[:, None, None], band] * here.households[:, :, None]
    unit, size, at = (one.ravel() for one in np.indices(net.shape))
    found = pd.DataFrame(
        {"municipality": unit, "size": size.astype("int8"), "declared_income_eur": incomes.ravel(),
         "net_income_eur": net.ravel(), "households": weight.ravel() / len(ranks)}
    )  # fmt: skip
    return found, at


def _factors(rows: pd.DataFrame, parted: dict[bool, Array]) -> Array:
    """Return what brings the weights of each municipality and size to the estimate."""
    found, cell = np.ones(len(rows)), _cell(rows)
    for over, asked in parted.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = (asked / _summed(rows, over, asked)).ravel()
        here = rows["overburdened"].to_numpy() == over
        found[here] = factor[cell[here]]
    return found

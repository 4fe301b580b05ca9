"""The detail behind the measures: supply, scales in pairs, stays over time, fees, review dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.services.files.nights import OPEN, Ints
from needs_analysis.services.files.schema import NEUTRAL, POSITIVE, STATES, UNSTATED
from needs_analysis.services.measures import folding, survival
from needs_analysis.services.measures.intervals import Floats
from needs_analysis.services.measures.outcomes import PAIRS, WAYS, scale_pairs, went_to
from needs_analysis.services.measures.places import place_states
from needs_analysis.services.measures.projects import past_long_stay
from needs_analysis.services.measures.records import LEVELS, Records, months_of
from needs_analysis.services.measures.stays import length_so_far
from needs_analysis.services.measures.survival import Curve
from needs_analysis.services.measures.window import Window, one, part

MARKS_DAYS = (30, 90, 180, 270, 365, 545, 730)
"""Days from entry at which stays and ways out are told."""


def supply(window: Window) -> pd.DataFrame:
    """Return the places by state on the last day of each month."""
    records = window.records
    blocks = []
    for _, past in months_of(window.first, window.past):
        code = place_states(window, past - 1)
        for level in ("all", "service", "ambito"):
            labels, own = records.labels[level], records.codes["places"][level]
            key = own[code >= 0] * len(STATES) + code[code >= 0]
            count = np.bincount(key, minlength=len(labels) * len(STATES))
            block = pd.DataFrame(
                {
                    "date": np.datetime64(past - 1, "D").astype("datetime64[ns]"),
                    "level": level,
                    "level_value": np.repeat(labels, len(STATES)),
                    "state": list(STATES) * len(labels),
                    "places": count,
                }
            )
            unused = (block["level_value"] == UNSTATED) & (block["places"] == 0)
            blocks.append(block[~unused])
    return pd.concat(blocks, ignore_index=True)


def scales(window: Window) -> pd.DataFrame:
    """Return the scale in pairs, at each level."""
    blocks = []
    for earlier, later in PAIRS:
        rows, before, after = scale_pairs(window, earlier, later)
        measure = f"scale_change_{earlier}_{later}_points"
        change = one(measure, "mean", part(rows, after - before))
        for level in ("all", *LEVELS):
            labels = window.records.labels[level]
            folded = folding.fold(window.records, list(change.parts), level, len(labels))
            figures = folding.joined(folding.at(window.records, change, level))
            pairs = folded.known
            with np.errstate(invalid="ignore", divide="ignore"):
                means = [folded.sums(values) / pairs for values in (before, after)]
            frame = pd.DataFrame(
                {
                    "level": level,
                    "level_value": labels,
                    "earlier": earlier,
                    "later": later,
                    "pairs": pairs.astype(np.int64),
                    "mean_earlier": means[0],
                    "mean_later": means[1],
                    "better": folded.sums((after > before).astype(float)).astype(np.int64),
                    "same": folded.sums((after == before).astype(float)).astype(np.int64),
                    "worse": folded.sums((after < before).astype(float)).astype(np.int64),
                }
            )
            told = figures[["level_value", "value", "low", "high"]]
            told = told.rename(columns={"value": "change"})
            blocks.append(frame.merge(told, on="level_value", validate="1:1"))
    return pd.concat(blocks, ignore_index=True)


def ways_out(records: Records, rows: Ints, past: int) -> Ints:
    """Return the way out of each stay: 0 for still present, then as in `WAYS`."""
    codes = {name: position for position, name in enumerate(WAYS, start=1)}
    way = np.full(len(rows), codes["negative"], dtype=np.int64)
    for name, destinations in (
        ("positive", POSITIVE),
        ("neutral", NEUTRAL),
        ("unknown", ("unknown",)),
    ):
        way[went_to(records, rows, destinations)] = codes[name]
    return np.where(records.leaving[rows] < past, way, 0)


def stays_over_time(window: Window) -> pd.DataFrame:
    """Return the share still present, and gone by each way, at the marks."""
    records = window.records
    tally = length_so_far(window)
    days = tally.parts[0].denominator
    way = ways_out(records, tally.parts[0].rows, window.past)
    outcomes = ["present", *WAYS]
    named: dict[str, list[str]] = {"level": [], "level_value": []}
    blocks = []
    for level in ("all", *LEVELS):
        labels = records.labels[level]
        folded = folding.fold(records, list(tally.parts), level, len(labels))
        for label, rows in folding.each_label(folded):
            if len(rows):
                blocks.append(_at_marks(days[rows], way[rows]))
                named["level"].append(level)
                named["level_value"].append(labels[label])
    cells = len(outcomes) * len(MARKS_DAYS)
    values = np.concatenate(blocks, axis=1) if blocks else np.empty((4, 0))
    frame = pd.DataFrame({name: np.repeat(words, cells) for name, words in named.items()})
    frame["outcome"] = np.tile(np.repeat(outcomes, len(MARKS_DAYS)), len(blocks))
    frame["days"] = np.tile(MARKS_DAYS, len(outcomes) * len(blocks))
    for name, column in zip(("n_risk", "share", "low", "high"), values, strict=True):
        frame[name] = column
    return frame


def _at_marks(days: Floats, way: Ints) -> Floats:
    """Return n_risk, share, low and high of the present and of each way, at the marks."""
    marks, ordered = np.array(MARKS_DAYS), np.sort(days)
    at_risk = (len(days) - np.searchsorted(ordered, marks)).astype(float)
    # Beyond the longest stay nothing is known, unless everybody has left.
    told = (marks <= ordered[-1]) | (way[days == ordered[-1]] > 0).all()

    def steps(curve: Curve, before: float) -> Floats:
        place = np.searchsorted(curve.time, marks, side="right")
        values = [np.r_[before, one][place] for one in (curve.share, curve.low, curve.high)]
        return np.array([at_risk, *(np.where(told, one, np.nan) for one in values)])

    gone = survival.incidences(days, way)
    none = Curve(*(np.empty(0) for _ in Curve._fields))
    gone += [none] * (len(WAYS) - len(gone))
    present = survival.curve(days, way > 0)
    parts = [steps(present, 1.0), *(steps(one, 0.0) for one in gone)]
    return np.concatenate(parts, axis=1)


def fees_by_month(window: Window) -> pd.DataFrame:
    """Return the totals of each month's statements."""
    records = window.records
    blocks = []
    for first, past in months_of(window.first, window.past):
        block = records.account.totals(records.lines(first, past))
        block.insert(0, "month", str(np.datetime64(first, "D").astype("datetime64[M]")))
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)


def reviews(window: Window) -> pd.DataFrame:
    """Return the review dates and the days stayed of the present."""
    records, rows = window.records, window.present
    frame = records.stays.stays.iloc[rows][["service_code", "plan_review_date"]]
    review = records.days_of("plan_review_date")[rows]
    status = np.where(review < window.past, "overdue", "due")
    limit = records.register.services["max_stay_days"].to_numpy(dtype=float)
    return frame.assign(
        review=np.where(review == OPEN, "not_stated", status),
        days_stayed=window.past - records.entry[rows],
        max_stay_days=np.r_[limit, np.nan][records.codes["stays"]["service"][rows]],
    )


def long_stays(window: Window) -> pd.DataFrame:
    """Return the stays past 18 months and why."""
    records = window.records
    rows, beyond = past_long_stay(window)
    rows = rows[beyond]
    days = np.minimum(records.leaving[rows], window.past) - records.entry[rows]
    frame = records.stays.stays.iloc[rows][["service_code", "over_stay_reason"]].copy()
    frame.insert(1, "days_stayed", days)
    return frame

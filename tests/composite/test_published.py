"""Published indices, rebuilt from figures as printed: UNDP's and the OECD/JRC Handbook's example."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.composite import (
    Component,
    Indicator,
    Spec,
    build,
)

# --- UNDP: the Human Development Index of 2021

# Life expectancy, expected and mean years of schooling, income per head (PPP $ of 2017) and index:
# UNDP, Human Development Report 2021/22, table 1. Years over 18 and 85 and incomes over 75,000 are
# put on the goalpost.
HDI = {
    "Switzerland": (84.0, 16.5, 13.9, 66_933, 0.962),
    "Norway": (83.2, 18.2, 13.0, 64_660, 0.961),
    "Hong Kong": (85.5, 17.3, 12.2, 62_607, 0.952),
    "Australia": (84.5, 21.1, 12.7, 49_238, 0.951),
    "Singapore": (82.8, 16.5, 11.9, 90_919, 0.939),
    "Luxembourg": (82.6, 14.4, 13.0, 84_649, 0.930),
    "Italy": (82.9, 16.2, 10.7, 42_840, 0.895),
    "Niger": (61.6, 7.0, 2.1, 1_240, 0.400),
    "South Sudan": (55.0, 5.5, 5.7, 768, 0.385),
}


def test_human_development_index():
    columns = ["life", "expected_years", "mean_years", "income", "index"]
    table = pd.DataFrame.from_dict(HDI, orient="index", columns=columns)
    spec = Spec(
        "human_development_score",
        indicators=(
            Indicator("life", polarity=1, goalposts=(20, 85)),
            Indicator("expected_years", "education", polarity=1, goalposts=(0, 18)),
            Indicator("mean_years", "education", polarity=1, goalposts=(0, 15)),
            Indicator("income", polarity=1, transform="log", goalposts=(100, 75_000)),
        ),
        components=(Component("education", aggregate="arithmetic"),),
        treat="none",
        normalise={"method": "goalposts", "clip": True},
        aggregate="geometric",
    )
    found = build(table, spec).score
    # the inputs are printed with one decimal: half of the last one of all is 0.002 of the index
    assert (found - table["index"]).abs().max() < 0.002


# --- OECD/JRC Handbook: the Technology Achievement Index

# Patents, royalties, internet, exports, log telephones, log electricity, schooling, university:
# OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 152-153 (data of UNDP, 2001).
TAI_COLUMNS = [
    "patents",
    "royalties",
    "internet",
    "exports",
    "telephones",
    "electricity",
    "schooling",
    "university",
]
TAI = {
    "Finland": (187, 125.6, 200.2, 50.7, 3.08, 4.15, 10, 27.4),
    "United States": (289, 130, 179.1, 66.2, 3, 4.07, 12, 13.9),
    "Sweden": (271, 156.6, 125.8, 59.7, 3.1, 4.14, 11.4, 15.3),
    "Japan": (994, 64.6, 49, 80.8, 3, 3.86, 9.5, 10),
    "Korea": (779, 9.8, 4.8, 66.7, 2.97, 3.65, 10.8, 23.2),
    "Netherlands": (189, 151.2, 136, 50.9, 3.02, 3.77, 9.4, 9.5),
    "United Kingdom": (82, 134, 57.4, 61.9, 3.02, 3.73, 9.4, 14.9),
    "Canada": (31, 38.6, 108, 48.7, 2.94, 4.18, 11.6, 14.2),
    "Australia": (75, 18.2, 125.9, 16.2, 2.94, 3.94, 10.9, 25.3),
    "Singapore": (8, 25.5, 72.3, 74.9, 2.95, 3.83, 7.1, 24.2),
    "Germany": (235, 36.8, 41.2, 64.2, 2.94, 3.75, 10.2, 14.4),
    "Norway": (103, 20.2, 193.6, 19, 3.12, 4.39, 11.9, 11.2),
    "Ireland": (106, 110.3, 48.6, 53.6, 2.97, 3.68, 9.4, 12.3),
    "Belgium": (72, 73.9, 58.9, 47.6, 2.91, 3.86, 9.3, 13.6),
    "New Zealand": (103, 13, 146.7, 15.4, 2.86, 3.91, 11.7, 13.1),
    "Austria": (165, 14.8, 84.2, 50.3, 2.99, 3.79, 8.4, 13.6),
    "France": (205, 33.6, 36.4, 58.9, 2.97, 3.8, 7.9, 12.6),
    "Israel": (74, 43.6, 43.2, 45, 2.96, 3.74, 9.6, 11),
    "Spain": (42, 8.6, 21, 53.4, 2.86, 3.62, 7.3, 15.6),
    "Italy": (13, 9.8, 30.4, 51, 3, 3.65, 7.2, 13),
    "Czech Republic": (28, 4.2, 25, 51.7, 2.75, 3.68, 9.5, 8.2),
    "Hungary": (26, 6.2, 21.6, 63.5, 2.73, 3.46, 9.1, 7.7),
    "Slovenia": (105, 4, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6),
}


@pytest.fixture(scope="module")
def tai():
    return pd.DataFrame.from_dict(TAI, orient="index", columns=TAI_COLUMNS)


def test_technology_achievement_weights_of_four_components(tai):
    spec = Spec(
        "technology_score",
        indicators=tuple(Indicator(name, polarity=1) for name in TAI_COLUMNS),
        treat="none",
        normalise="zscore",
        weight={"method": "pca", "components": 4},
        aggregate="arithmetic",
    )
    found = build(tai, spec).weights["technology_score"]
    # table 18; the Handbook divides loadings that are rounded to two decimals
    printed = [0.17, 0.15, 0.11, 0.06, 0.08, 0.12, 0.14, 0.17]
    assert found.tolist() == pytest.approx(printed, abs=0.0075)


def test_technology_achievement_index_of_2001(tai):
    # Goalposts and indices: UNDP, Human Development Report 2001, technology achievement index.
    posts = [(0, 994), (0, 272.6), (0, 232.4), (0, 80.8)]
    posts += [(np.log10(1), np.log10(901)), (np.log10(22), np.log10(6969)), (0.8, 12), (0.1, 27.4)]
    four = ["creation", "recent", "old", "skills"]
    spec = Spec(
        "technology_score",
        indicators=tuple(
            Indicator(name, four[at // 2], polarity=1, goalposts=posts[at])
            for at, name in enumerate(TAI_COLUMNS)
        ),
        components=tuple(Component(name) for name in four),
        treat="none",
        normalise={"method": "goalposts", "clip": True},
        aggregate="arithmetic",
    )
    result = build(tai, spec)
    printed = {"Finland": 0.744, "United States": 0.733, "Sweden": 0.703, "Japan": 0.698}
    printed |= {"Korea": 0.666, "New Zealand": 0.548, "Italy": 0.471, "Slovenia": 0.458}
    assert result.score[list(printed)].to_dict() == pytest.approx(printed, abs=0.0015)
    assert result.stages["normalised"].loc["New Zealand", "electricity"] == 1

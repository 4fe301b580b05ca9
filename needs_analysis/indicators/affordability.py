"""Affordability: what the market asks against what is declared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.households import incomes
from needs_analysis.indicators.declaration import Estimate, indicator, ratio
from needs_analysis.words import N_


@indicator(
    "A1",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Incidenza del canone sul reddito"),
    definition=N_(
        "Canone annuo OMI dell'abitazione di riferimento ({reference_dwelling_gross_m2} m² "
        "lordi, {reference_dwelling_net_m2} m² netti) sul reddito imponibile medio per "
        "dichiarante: serve a confrontare i comuni, non misura il peso dell'affitto di oggi."
    ),
    reference="Nomisma-Federcasa, La questione abitativa in Italia (2016): soglia del 30 %",
)
def rent_to_income_ratio(
    annual_rent_eur: pd.Series, mean_taxable_income_eur: pd.Series
) -> pd.Series:
    r"""Annual OMI rent of the reference dwelling over mean taxable income per declarant.

    .. math:: A1 = 12 \, r \, s / \bar{y}

    Parameters
    ----------
    annual_rent_eur : Series
        12 x OMI rate x the reference surface of the rate's own kind, EUR a year.
    mean_taxable_income_eur : Series
        Taxable income over its own frequency, EUR a year per declarant.

    Returns
    -------
    Series
        Ratio, positive, on the input's index.

    Notes
    -----
    It compares municipalities; asked rents are far above OMI and declarants are not households.

    Examples
    --------
    >>> rent_to_income_ratio(pd.Series([6507.0]), pd.Series([31116.0])).round(3).tolist()
    [0.209]
    """
    return ratio(annual_rent_eur, mean_taxable_income_eur)


@indicator(
    "A2",
    polarity=-1,
    mapped=True,
    compared=True,
    label=N_("Metri quadri con il {sustainable_rent_share} del reddito netto"),
    definition=N_(
        "Superficie lorda che un dichiarante affitta al canone OMI con il "
        "{sustainable_rent_share} del reddito netto (imponibile meno imposte e addizionali "
        "più trattamento integrativo)."
    ),
    reference="Osservatorio Casa Abbordabile (OCA Milano), metri quadri accessibili",
)
def affordable_surface_m2(
    annual_rent_eur: pd.Series,
    mean_net_income_eur: pd.Series,
    *,
    sustainable_rent_share: float,
    reference_dwelling_gross_m2: float,
) -> pd.Series:
    r"""Gross floor area that {sustainable_rent_share} of net income per declarant rents.

    .. math:: A2 = q \, \bar{n} \, s_{gross} / (12 \, r \, s)

    with q the sustainable share and r the OMI rate; one on net surface is brought to gross through
    the reference dwelling, so that municipalities compare.

    Parameters
    ----------
    annual_rent_eur, mean_net_income_eur : Series
        EUR a year, of the reference dwelling and per declarant.
    sustainable_rent_share, reference_dwelling_gross_m2 : float
        Rows of ``parameters.csv``.

    Returns
    -------
    Series
        Square metres, gross.

    Examples
    --------
    >>> affordable_surface_m2(pd.Series([6507.0]), pd.Series([24000.0]),
    ...     sustainable_rent_share=0.3, reference_dwelling_gross_m2=75).round(1).tolist()
    [83.0]
    """
    budget = sustainable_rent_share * mean_net_income_eur
    return ratio(budget * reference_dwelling_gross_m2, annual_rent_eur)


@indicator(
    "A3",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Anni di reddito per {purchase_dwelling_m2} m²"),
    definition=N_(
        "Prezzo OMI di un'abitazione di {purchase_dwelling_m2} m² lordi in anni di reddito "
        "imponibile medio."
    ),
    reference="Price-to-income ratio (OECD Affordable Housing Database, HC1.5)",
)
def price_to_income_years(
    price_eur_m2: pd.Series, mean_taxable_income_eur: pd.Series, *, purchase_dwelling_m2: float
) -> pd.Series:
    r"""Years of mean taxable income that {purchase_dwelling_m2} m2 cost at the OMI sale price.

    .. math:: A3 = s_{purchase} \, p / \bar{y}

    Parameters
    ----------
    price_eur_m2, mean_taxable_income_eur : Series
        EUR per gross square metre; EUR a year per declarant.
    purchase_dwelling_m2 : float
        Row of ``parameters.csv``.

    Returns
    -------
    Series
        Years.

    Notes
    -----
    Zones count alike: the price is not weighted by the stock.

    Examples
    --------
    >>> price_to_income_years(pd.Series([2000.0]), pd.Series([32000.0]), purchase_dwelling_m2=80)
    0    5.0
    dtype: float64
    """
    return ratio(purchase_dwelling_m2 * price_eur_m2, mean_taxable_income_eur)


@indicator(
    "A4",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Dichiaranti fino a 10.000 euro"),
    definition=N_(
        "Quota di dichiaranti con reddito complessivo fino a 10.000 euro sul totale delle "
        "otto classi; una classe vuota vale da 0 a {suppressed_class_max_taxpayers} "
        "dichiaranti, da cui il minimo e il massimo."
    ),
    reference="MEF, Dipartimento delle Finanze, redditi su base comunale",
)
def low_income_share(
    declarants_up_to_10k: pd.Series,
    declarants: pd.Series,
    blank_low_classes: pd.Series,
    blank_other_classes: pd.Series,
    *,
    suppressed_class_max_taxpayers: float,
) -> Estimate:
    r"""Share of declarants with total income up to EUR 10,000.

    .. math:: A4 = (n_{\le 0} + n_{0-10k}) / \sum_{k=1}^{8} n_k

    Parameters
    ----------
    declarants_up_to_10k, declarants : Series
        Published counts of the two lowest classes and of all eight (blank ones left out).
    blank_low_classes, blank_other_classes : Series
        How many of the two, and of the other six, are blank.
    suppressed_class_max_taxpayers : float
        The most a blank class can hold.

    Returns
    -------
    Estimate
        Shares 0-1: published counts only; blank classes all above; blank classes all below.

    Notes
    -----
    Declarants are persons, about 1.6 a household.

    Examples
    --------
    >>> one = pd.Series([1.0])
    >>> found = low_income_share(25 * one, 100 * one, 0 * one, 1 * one,
    ...     suppressed_class_max_taxpayers=3)
    >>> [round(float(part.iloc[0]), 4) for part in found]
    [0.25, 0.2427, 0.25]
    """
    low_blank = blank_low_classes * suppressed_class_max_taxpayers
    other_blank = blank_other_classes * suppressed_class_max_taxpayers
    return Estimate(
        ratio(declarants_up_to_10k, declarants),
        ratio(declarants_up_to_10k, declarants + other_blank),
        ratio(declarants_up_to_10k + low_blank, declarants + low_blank),
    )


def _share_below(
    threshold: pd.Series,
    counts: list[pd.Series],
    amounts: list[pd.Series],
    blank: pd.Series,
    most: float,
) -> Estimate:
    """Share of declarants below an income, by the density that each class's count and amount imply."""
    classes = pd.concat(counts, axis=1)
    nothing = pd.Series(np.nan, index=threshold.index)
    sums = pd.concat([nothing, *amounts, nothing], axis=1)
    found = incomes.fit(classes, sums, hidden=most)
    # Over the last limit nothing is known of single incomes.
    asked = threshold.where(threshold <= incomes.LIMITS[-1]).to_numpy(dtype=float)
    central, low, high = found.bounds_below(asked)
    # Of an area the classes that are blank somewhere are known by number, not by which they are.
    elsewhere = most * (blank - classes.isna().sum(axis=1)).clip(lower=0).to_numpy(dtype=float)
    known = np.where(found.declarants > 0, found.declarants, np.nan)
    published = known / (known + elsewhere)
    low = np.minimum(low * published, central)
    high = np.maximum(1 - (1 - high) * published, central)
    return Estimate(*(pd.Series(one, threshold.index) for one in (central, low, high)))


@indicator(
    "A5",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Famiglie in affitto sul mercato oltre il {overburden_share} del reddito"),
    definition=N_(
        "Famiglie in affitto sul mercato che pagano di canone oltre il {overburden_share} del "
        "reddito netto, ogni 1.000 famiglie: stima di un modello dei redditi e dei canoni, portata "
        "su quanto l'indagine ISTAT dice di ogni ripartizione; senza le case pubbliche."
    ),
    reference="Eurostat, housing cost overburden rate (ilc_lvho07a): persons, costs with utilities",
    quality=Quality.MODELLED,
)
def overburdened_tenants_per_1000(
    overburdened_tenants: pd.Series,
    overburdened_tenants_low: pd.Series,
    overburdened_tenants_high: pd.Series,
    households: pd.Series,
) -> Estimate:
    r"""Market tenants who pay over {overburden_share} of net income, per 1,000 households.

    .. math:: A5 = 1000 \, b / h

    Parameters
    ----------
    overburdened_tenants, overburdened_tenants_low, overburdened_tenants_high : Series
        Households, of the model (:func:`needs_analysis.households.with_model`), with its interval.
    households : Series
        All there are.

    Returns
    -------
    Estimate
        Per 1,000 households, with the interval of tenure, assumptions and survey.

    Notes
    -----
    Modelled: an order of magnitude. It orders only municipalities over 30,000 residents without a mark;
    elsewhere it is shown in classes. Rent alone, while Eurostat counts utilities too.

    Examples
    --------
    >>> one = pd.Series([1.0])
    >>> found = overburdened_tenants_per_1000(60 * one, 20 * one, 90 * one, 2000 * one)
    >>> [float(part.iloc[0]) for part in found]
    [30.0, 10.0, 45.0]
    """
    ends = (overburdened_tenants, overburdened_tenants_low, overburdened_tenants_high)
    return Estimate(*(ratio(1000 * one, households) for one in ends))


@indicator(
    "A5b",
    polarity=+1,
    compared=True,
    label=N_("Inquilini sul mercato oltre il {overburden_share} del reddito"),
    definition=N_(
        "Quota delle famiglie in affitto sul mercato che pagano di canone oltre il "
        "{overburden_share} del reddito netto (stima di un modello)."
    ),
    reference="Eurostat, housing cost overburden rate (ilc_lvho07a): persons, costs with utilities",
    quality=Quality.MODELLED,
)
def overburdened_tenants_share(
    overburdened_tenants: pd.Series,
    overburdened_tenants_at_low_share: pd.Series,
    overburdened_tenants_at_high_share: pd.Series,
    market_tenants: pd.Series,
) -> Estimate:
    r"""Share of market tenants who pay over {overburden_share} of net income.

    .. math:: A5b = b / m

    Parameters
    ----------
    overburdened_tenants : Series
        Households, of the model (:func:`needs_analysis.households.with_model`).
    overburdened_tenants_at_low_share, overburdened_tenants_at_high_share : Series
        The same at the ends of their share of the market tenants.
    market_tenants : Series
        Households that rent on the market.

    Returns
    -------
    Estimate
        Shares 0-1.

    Examples
    --------
    >>> one = pd.Series([1.0])
    >>> found = overburdened_tenants_share(60 * one, 20 * one, 90 * one, 200 * one)
    >>> [float(part.iloc[0]) for part in found]
    [0.3, 0.1, 0.45]
    """
    ends = (
        overburdened_tenants,
        overburdened_tenants_at_low_share,
        overburdened_tenants_at_high_share,
    )
    return Estimate(*(ratio(one, market_tenants) for one in ends))


@indicator(
    "A10",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Dichiaranti sotto il reddito che il canone richiede"),
    definition=N_(
        "Quota di dichiaranti con reddito complessivo inferiore a quello di cui il canone "
        "annuo OMI è il {sustainable_rent_share}; dentro ogni classe di reddito contano il numero "
        "e il reddito dei suoi dichiaranti (stima). Sono persone contate una a una, non famiglie."
    ),
    reference="Nomisma-Federcasa: soglia del 30 % del reddito dichiarato",
    quality=Quality.MODELLED,
)
def below_rent_threshold_share(
    annual_rent_eur: pd.Series,
    declarants_to_0: pd.Series,
    declarants_0_10k: pd.Series,
    declarants_10_15k: pd.Series,
    declarants_15_26k: pd.Series,
    declarants_26_55k: pd.Series,
    declarants_55_75k: pd.Series,
    declarants_75_120k: pd.Series,
    declarants_over_120k: pd.Series,
    income_0_10k_eur: pd.Series,
    income_10_15k_eur: pd.Series,
    income_15_26k_eur: pd.Series,
    income_26_55k_eur: pd.Series,
    income_55_75k_eur: pd.Series,
    income_75_120k_eur: pd.Series,
    blank_classes: pd.Series,
    *,
    sustainable_rent_share: float,
    suppressed_class_max_taxpayers: float,
) -> Estimate:
    r"""Share of declarants with an income below that of which the rent is {sustainable_rent_share}.

    .. math:: A10 = F(12\,r\,s / q)

    with q the sustainable share and F of the maximum-entropy density that has the count and the mean
    of each class (:func:`needs_analysis.households.incomes.fit`).

    Parameters
    ----------
    annual_rent_eur : Series
        Of the reference dwelling, EUR a year.
    declarants_to_0, ..., declarants_over_120k : Series
        Published counts of the eight classes of comprehensive income; blank is NaN.
    income_0_10k_eur, ..., income_75_120k_eur : Series
        Amounts of the six classes between two limits, EUR.
    blank_classes : Series
        How many of the eight are blank; of an area, in its municipalities.
    sustainable_rent_share, suppressed_class_max_taxpayers : float
        Rows of ``parameters.csv``.

    Returns
    -------
    Estimate
        Shares 0-1, with the bounds that blank classes leave; modelled within the class. Missing where
        the income asked is over the last limit, 120,000 EUR.

    Notes
    -----
    Persons, not households: it orders places, it is no share of people in difficulty (Milano: 71 of
    100 declarants one by one, 26 of 100 households whole). For an area: its classes summed, its rent
    the household-weighted mean. Until 0.2.0 the spread in a class was even: it can have neither the
    count nor the amount of most classes, and put Milano at 65.4 in 100.

    Examples
    --------
    >>> n = pd.Series([100.0])
    >>> amounts = [n * middle for middle in (5_000, 12_500, 20_500, 40_500, 65_000, 97_500)]
    >>> found = below_rent_threshold_share(pd.Series([3900.0]), *[n] * 8, *amounts, 0 * n,
    ...     sustainable_rent_share=0.30, suppressed_class_max_taxpayers=3)
    >>> round(float(found.central.iloc[0]), 3)
    0.325
    """
    counts = [
        declarants_to_0, declarants_0_10k, declarants_10_15k, declarants_15_26k,
        declarants_26_55k, declarants_55_75k, declarants_75_120k, declarants_over_120k,
    ]  # fmt: skip
    amounts = [
        income_0_10k_eur, income_10_15k_eur, income_15_26k_eur, income_26_55k_eur,
        income_55_75k_eur, income_75_120k_eur,
    ]  # fmt: skip
    threshold = annual_rent_eur / sustainable_rent_share
    return _share_below(threshold, counts, amounts, blank_classes, suppressed_class_max_taxpayers)


@indicator(
    "A10S",
    polarity=+1,
    mapped=True,
    compared=True,
    label=N_("Dichiaranti sotto il reddito richiesto, canoni +{rent_scenario_increase_share}"),
    definition=N_(
        "Come A10, con il canone OMI aumentato del {rent_scenario_increase_share}: i canoni "
        "richiesti oggi sono molto sopra quelli OMI (stima, scenario)."
    ),
    reference="Nomisma-Federcasa: soglia del 30 % del reddito dichiarato; scenario del progetto",
    quality=Quality.MODELLED,
)
def below_rent_threshold_scenario_share(
    annual_rent_eur: pd.Series,
    declarants_to_0: pd.Series,
    declarants_0_10k: pd.Series,
    declarants_10_15k: pd.Series,
    declarants_15_26k: pd.Series,
    declarants_26_55k: pd.Series,
    declarants_55_75k: pd.Series,
    declarants_75_120k: pd.Series,
    declarants_over_120k: pd.Series,
    income_0_10k_eur: pd.Series,
    income_10_15k_eur: pd.Series,
    income_15_26k_eur: pd.Series,
    income_26_55k_eur: pd.Series,
    income_55_75k_eur: pd.Series,
    income_75_120k_eur: pd.Series,
    blank_classes: pd.Series,
    *,
    sustainable_rent_share: float,
    suppressed_class_max_taxpayers: float,
    rent_scenario_increase_share: float,
) -> Estimate:
    """Share of declarants below the income asked for, rents {rent_scenario_increase_share} higher.

    Parameters, result and limits as for :func:`below_rent_threshold_share`.

    Examples
    --------
    >>> n = pd.Series([100.0])
    >>> amounts = [n * middle for middle in (5_000, 12_500, 20_500, 40_500, 65_000, 97_500)]
    >>> found = below_rent_threshold_scenario_share(
    ...     pd.Series([3000.0]), *[n] * 8, *amounts, 0 * n, sustainable_rent_share=0.30,
    ...     suppressed_class_max_taxpayers=3, rent_scenario_increase_share=0.30)
    >>> round(float(found.central.iloc[0]), 3)
    0.325
    """
    counts = [
        declarants_to_0, declarants_0_10k, declarants_10_15k, declarants_15_26k,
        declarants_26_55k, declarants_55_75k, declarants_75_120k, declarants_over_120k,
    ]  # fmt: skip
    amounts = [
        income_0_10k_eur, income_10_15k_eur, income_15_26k_eur, income_26_55k_eur,
        income_55_75k_eur, income_75_120k_eur,
    ]  # fmt: skip
    threshold = annual_rent_eur * (1 + rent_scenario_increase_share) / sustainable_rent_share
    return _share_below(threshold, counts, amounts, blank_classes, suppressed_class_max_taxpayers)


@indicator(
    "A12",
    polarity=+1,
    mapped=True,
    label=N_("Disuguaglianza tra classi di reddito"),
    definition=N_(
        "Indice di Gini tra le otto classi di reddito complessivo (0 = uguaglianza): è un "
        "minimo, perché ignora le differenze dentro la classe."
    ),
    reference="Gastwirth, J. L. (1972), The Estimation of the Lorenz Curve and Gini Index: lower bound",
)
def income_between_class_gini_ratio(
    declarants_to_0: pd.Series,
    declarants_0_10k: pd.Series,
    declarants_10_15k: pd.Series,
    declarants_15_26k: pd.Series,
    declarants_26_55k: pd.Series,
    declarants_55_75k: pd.Series,
    declarants_75_120k: pd.Series,
    declarants_over_120k: pd.Series,
    income_to_0_eur: pd.Series,
    income_0_10k_eur: pd.Series,
    income_10_15k_eur: pd.Series,
    income_15_26k_eur: pd.Series,
    income_26_55k_eur: pd.Series,
    income_55_75k_eur: pd.Series,
    income_75_120k_eur: pd.Series,
    income_over_120k_eur: pd.Series,
) -> pd.Series:
    r"""Gini index between the eight income classes, a lower bound of the true one.

    .. math:: G = 1 - \sum_k (F_k - F_{k-1})(L_k + L_{k-1})

    with F the cumulated share of declarants and L of income; the losses of the lowest class count as
    no income, blank classes are left out.

    Returns
    -------
    Series
        Ratio 0-1.

    Examples
    --------
    >>> n, zero = pd.Series([50.0]), pd.Series([0.0])
    >>> income_between_class_gini_ratio(zero, n, zero, n, *[zero] * 5, n * 5_000, zero,
    ...     n * 20_000, *[zero] * 4).tolist()
    [0.3]
    """
    counts = pd.concat(
        [
            declarants_to_0, declarants_0_10k, declarants_10_15k, declarants_15_26k,
            declarants_26_55k, declarants_55_75k, declarants_75_120k, declarants_over_120k,
        ],
        axis=1,
    ).fillna(0.0)  # fmt: skip
    amounts = pd.concat(
        [
            income_to_0_eur, income_0_10k_eur, income_10_15k_eur, income_15_26k_eur,
            income_26_55k_eur, income_55_75k_eur, income_75_120k_eur, income_over_120k_eur,
        ],
        axis=1,
    ).fillna(0.0).clip(lower=0)  # fmt: skip
    people = counts.div(counts.sum(axis=1).where(lambda s: s > 0), axis=0).to_numpy()
    money = amounts.div(amounts.sum(axis=1).where(lambda s: s > 0), axis=0).to_numpy()
    lorenz = money.cumsum(axis=1)
    gini = 1 - (people * (2 * lorenz - money)).sum(axis=1)
    return pd.Series(gini, index=counts.index)

"""The two queues with an exact answer: nobody waits (Erlang B), everybody waits (Erlang C).

Arrivals are Poisson and stays exponential; `load` is the places that would be taken if there were
always one free: arrivals per day times the mean stay in days (in erlangs). They check the simulation
of :mod:`needs_analysis.services.capacity.capacity` and answer at once where its detail is not needed.
"""

from __future__ import annotations

from math import exp, log

from needs_analysis.errors import ParameterError
from needs_analysis.parameters import POSITIVE, Range, in_range
from needs_analysis.services.capacity.problems import problem


def erlang_b(places: int, load: float) -> float:
    r"""Share of households refused where nobody waits.

    .. math:: B(c, a) = \frac{a^c / c!}{\sum_{k=0}^{c} a^k / k!}

    computed by the recursion :math:`1/B(k) = 1 + (k / a) / B(k - 1)`, which neither overflows nor
    cancels. It holds for stays of any distribution with this mean.

    Parameters
    ----------
    places : int
        From 0.
    load : float
        Arrivals per day times mean stay in days, above 0.

    Returns
    -------
    float
        Share, 0-1.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Erlang, A. K. (1917), Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges; Cooper, R. B. (1981), Introduction to Queueing Theory, ch. 3.

    Examples
    --------
    >>> erlang_b(3, 2.0)  # 4/19
    0.21052631578947367
    """
    _check(places, load)
    inverse = 1.0
    for place in range(1, places + 1):
        inverse = 1.0 + inverse * place / load
    return 1.0 / inverse


def erlang_c(places: int, load: float) -> float:
    r"""Share of households that have to wait where nobody gives up.

    .. math:: C(c, a) = \frac{c\,B(c, a)}{c - a\,(1 - B(c, a))}

    Parameters
    ----------
    places : int
        More than the load.
    load : float
        Arrivals per day times mean stay in days, above 0.

    Returns
    -------
    float
        Share, 0-1.

    Raises
    ------
    ParameterError
        An argument is impossible, or the load is not below the places: the list then grows without
        end.

    References
    ----------
    Cooper, R. B. (1981), Introduction to Queueing Theory, ch. 3.

    Examples
    --------
    >>> round(erlang_c(2, 1.0), 12), round(erlang_c(3, 2.0), 12)  # 1/3 and 4/9
    (0.333333333333, 0.444444444444)
    """
    _check_steady(places, load)
    blocked = erlang_b(places, load)
    return places * blocked / (places - load * (1.0 - blocked))


def mean_wait_days(places: int, load: float, stay_mean_days: float) -> float:
    r"""Mean wait of all households, those who enter at once included (Wq).

    .. math:: W_q = C(c, a)\,\frac{s}{c - a}

    Parameters
    ----------
    places : int
        More than the load.
    load : float
        Arrivals per day times mean stay in days, above 0.
    stay_mean_days : float
        Mean stay s, above 0.

    Returns
    -------
    float
        Days.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Cooper, R. B. (1981), Introduction to Queueing Theory, ch. 3.

    Examples
    --------
    >>> round(mean_wait_days(1, 0.8, 1.0), 12)  # M/M/1
    4.0
    """
    _check_stay(stay_mean_days)
    return erlang_c(places, load) * stay_mean_days / (places - load)


def mean_waiting(places: int, load: float) -> float:
    r"""Mean number of households waiting (Lq); by Little's law the arrivals per day times the mean wait.

    .. math:: L_q = C(c, a)\,\frac{a}{c - a}

    Parameters
    ----------
    places : int
        More than the load.
    load : float
        Arrivals per day times mean stay in days, above 0.

    Returns
    -------
    float
        Households.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Little, J. D. C. (1961), A proof for the queuing formula L = lambda W, Operations Research 9.

    Examples
    --------
    >>> round(mean_waiting(3, 2.0), 12)  # 8/9
    0.888888888889
    """
    return erlang_c(places, load) * load / (places - load)


def waiting_longer_share(places: int, load: float, stay_mean_days: float, days: float) -> float:
    r"""Share of households that wait longer than some days.

    .. math:: P(W > t) = C(c, a)\,e^{-(c - a)\,t / s}

    Parameters
    ----------
    places : int
        More than the load.
    load : float
        Arrivals per day times mean stay in days, above 0.
    stay_mean_days : float
        Mean stay s, above 0.
    days : float
        Wait t, from 0.

    Returns
    -------
    float
        Share, 0-1.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Cooper, R. B. (1981), Introduction to Queueing Theory, ch. 3.

    Examples
    --------
    >>> waiting_longer_share(3, 2.0, stay_mean_days=365, days=0)
    0.4444444444444444
    """
    _check_stay(stay_mean_days)
    in_range({"days": Range(0)}, days=days)
    return erlang_c(places, load) * exp(-(places - load) * days / stay_mean_days)


def wait_quantile_days(places: int, load: float, stay_mean_days: float, share: float) -> float:
    r"""Days within which a share of households enter.

    .. math:: t_p = \max\left(0, \frac{s}{c - a}\,\ln\frac{C(c, a)}{1 - p}\right)

    Parameters
    ----------
    places : int
        More than the load.
    load : float
        Arrivals per day times mean stay in days, above 0.
    stay_mean_days : float
        Mean stay s, above 0.
    share : float
        p, from 0, below 1.

    Returns
    -------
    float
        Days; 0 where that share enters at once.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Cooper, R. B. (1981), Introduction to Queueing Theory, ch. 3.

    Examples
    --------
    >>> round(wait_quantile_days(3, 2.0, stay_mean_days=365, share=0.9), 1)  # 365 ln(40/9)
    544.5
    """
    _check_stay(stay_mean_days)
    in_range({"share": Range(0, 1, below=True, share=True)}, share=share)
    waiting = erlang_c(places, load)
    if waiting <= 1 - share:
        return 0.0
    return stay_mean_days / (places - load) * log(waiting / (1 - share))


def _check(places: int, load: float) -> None:
    in_range({"places": Range(0, whole=True), "load": POSITIVE}, places=places, load=load)


def _check_steady(places: int, load: float) -> None:
    _check(places, load)
    if load >= places:
        raise ParameterError(problem("endless", load=load, places=places, least=int(load) + 1))


def _check_stay(stay_mean_days: float) -> None:
    in_range({"stay_mean_days": POSITIVE}, stay_mean_days=stay_mean_days)

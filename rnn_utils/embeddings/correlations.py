"""Ranks, and correlations with the probability that they came about by chance."""

import math

import numpy as np

from rnn_utils.embeddings.geometry import unit


def ranks(numbers):
    """1 for the smallest; equal numbers share the mean of their ranks. Shape (n,) to (n,)."""
    _, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def correlation(x, y):
    """Pearson's r of two arrays (n,), n at least 2, and its two-sided p-value."""
    if (x == x[0]).all() or (y == y[0]).all():
        return math.nan, math.nan
    r = float(np.clip(unit(x - x.mean()) @ unit(y - y.mean()), -1, 1))
    if len(x) == 2:
        return r, 1.0  # two points lie on a line, whatever they are
    # Student's t with n - 2 degrees of freedom, written with r itself (DLMF 8.17).
    return r, incomplete_beta((1 - r) * (1 + r), (len(x) - 2) / 2, 0.5)


def incomplete_beta(x, a, b):
    """The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).

    SciPy has it as ``scipy.special.betainc``; this saves a reader the installation.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly
        return 1 - incomplete_beta(1 - x, b, a)
    log_front = a * math.log(x) + b * math.log1p(-x)
    log_front += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    fraction = 1.0
    for k in range(100 + int(5 * math.sqrt(a + b)), 0, -1):  # more steps than ever needed
        m, odd = divmod(k, 2)
        top = -(a + m) * (a + b + m) if odd else m * (b - m)
        fraction = 1 + top * x / ((a + k - 1) * (a + k) * fraction)
    return math.exp(log_front) / (a * fraction)

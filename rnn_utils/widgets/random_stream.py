"""Numbers that look random and are the same in Python and on the page.

The JavaScript twin is ``lib/random_stream.js``; a test holds the two together.
"""

import itertools
import math

import numpy as np


def symmetric(seed):
    """A function that takes the next numbers of a stream, made uniform in [-1, 1): ``take(2, 3)``.

    Parameters
    ----------
    seed : int
        0 to 2³² - 1.
    """
    stream = (2 * uniform(seed, n) - 1 for n in itertools.count())

    def take(*shape):
        return np.reshape([next(stream) for _ in range(math.prod(shape))], shape)

    return take


def uniform(seed, n):
    """Number ``n`` of a stream of numbers that look random: mulberry32, of 32 bits.

    Parameters
    ----------
    seed : int
        0 to 2³² - 1.
    n : int
        From 0.

    Returns
    -------
    float
        In [0, 1), the same in Python and in JavaScript to the last bit.
    """
    a = (seed + (n + 1) * 0x6D2B79F5) & 0xFFFFFFFF
    b = ((a ^ a >> 15) * (a | 1)) & 0xFFFFFFFF
    b ^= (b + (b ^ b >> 7) * (b | 61)) & 0xFFFFFFFF
    return (b ^ b >> 14) / 2**32

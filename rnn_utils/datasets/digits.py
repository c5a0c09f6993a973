"""Pictures that scikit-learn brings."""

from typing import NamedTuple

import numpy as np

from rnn_utils.datasets.packages import imported


class Digits(NamedTuple):
    """Handwritten digits."""

    images: np.ndarray  # (1797, 8, 8), float64, 0 (paper) to 16 (ink)
    labels: np.ndarray  # (1797,), int64, 0 to 9


def load_digits():
    """1797 handwritten digits, small enough to read row by row.

    The test set of the UCI's Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998).
    scikit-learn brings it, so it needs no network. License CC BY 4.0.

    Returns
    -------
    Digits
        The images, (1797, 8, 8), and their labels, (1797,).

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    digits = imported("sklearn.datasets").load_digits()
    return Digits(digits.images.astype(np.float64), digits.target.astype(np.int64))

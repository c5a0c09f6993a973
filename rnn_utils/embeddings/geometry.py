"""Directions of vectors."""

import numpy as np


def unit(vectors):
    """The same directions at length 1; zeros stay zeros."""
    # Divided by the largest number first, so that no square leaves the range of the type.
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    scaled = vectors / np.where(largest > 0, largest, 1)
    return scaled / np.maximum(np.linalg.norm(scaled, axis=-1, keepdims=True), 1)

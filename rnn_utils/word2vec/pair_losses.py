"""One pair of words: what it costs, and the gradient."""

from typing import NamedTuple

import numpy as np

from rnn_utils.cells import sigmoid


class PairStep(NamedTuple):
    """The loss of one pair of words and its gradients; R is how many outputs were looked at."""

    loss: float  # in nats
    scores: np.ndarray  # u · e, (R,)
    probabilities: np.ndarray  # what the model says, (R,), in (0, 1)
    d_e: np.ndarray  # gradient for the input vector, (d,)
    d_u: np.ndarray  # gradient for the output vectors, (R, d)


def full_softmax(e, u, word):
    """The loss -log softmax(u e)[word] (Mikolov et al. 2013b, eq. 2).

    Parameters
    ----------
    e : numpy.ndarray, shape (d,)
        Input vector of the center word.
    u : numpy.ndarray, shape (V, d)
        Output vectors of all words.
    word : int
        Index of the true context word.

    Returns
    -------
    PairStep
        R = V: a step costs as much as the vocabulary is large.
    """
    scores = u @ e
    shifted = scores - scores.max()
    exponentials = np.exp(shifted)
    p = exponentials / exponentials.sum()
    loss = np.log(exponentials.sum()) - shifted[word]  # finite even where p[word] underflows
    errors = p - (np.arange(len(u)) == word)
    return PairStep(float(loss), scores, p, errors @ u, np.outer(errors, e))


def negative_sampling(e, u, labels):
    """The loss of telling true context words from drawn ones (Mikolov et al. 2013b, eq. 4).

    Each output answers by itself whether it is a true context word, with probability σ(u · e).

    Parameters
    ----------
    e : numpy.ndarray, shape (d,)
        Input vector of the center word.
    u : numpy.ndarray, shape (R, d)
        Output vectors; of one true context word and K negatives, R = 1 + K.
    labels : array_like, shape (R,)
        1 for a true context word, 0 for a negative.

    Returns
    -------
    PairStep
    """
    return noise_contrastive(e, u, labels, 0.0)


def noise_contrastive(e, u, labels, log_noise):
    """The loss of noise-contrastive estimation (Gutmann and Hyvärinen 2010; Mnih and Teh 2012).

    As negative sampling, but the score must beat the noise: the probability that a word is a true
    one and not one of K draws is σ(u · e - log K P_n(word)). So at the optimum exp(u · e) is the
    probability of the word, as in the softmax. Negative sampling leaves the second term out.

    Parameters
    ----------
    e, u, labels
        As for `negative_sampling`.
    log_noise : array_like, shape (R,)
        log(K P_n) of each word.

    Returns
    -------
    PairStep
    """
    labels = np.asarray(labels)
    scores = u @ e
    logits = scores - log_noise
    p = sigmoid(logits)
    loss = np.logaddexp(0, np.where(labels, -logits, logits)).sum()  # -log σ(±logit)
    errors = p - labels
    return PairStep(float(loss), scores, p, errors @ u, np.outer(errors, e))


def hierarchical_softmax(e, u, bits):
    """The loss -log p of one word, as a way down a binary tree (Mikolov et al. 2013b, eq. 3).

    At each node the way turns to bit 0 with probability σ(u · e), to bit 1 with the rest.

    Parameters
    ----------
    e : numpy.ndarray, shape (d,)
        Input vector of the center word.
    u : numpy.ndarray, shape (R, d)
        Vectors of the nodes from the root to the word.
    bits : array_like of 0 and 1, shape (R,)
        Which way it goes at each of them.

    Returns
    -------
    PairStep
        R is about log2 V; p(word) is exp(-loss).
    """
    return negative_sampling(e, u, 1 - np.asarray(bits))

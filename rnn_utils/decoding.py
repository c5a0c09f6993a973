"""From a model's scores to tokens: draw the next one, or search for a whole sequence.

A model scores each of K tokens as the next one. The first functions here make a distribution of
such scores, the others a sequence. They know the model only as a function ``step``:

    logits, state = step(token, state)

``step`` reads one token, an integer from 0 to K - 1, and returns K scores for the next one and a
new state. It must leave the old state as it is: `beam_search` goes on from one state in several
ways. A score of minus infinity forbids a token.

=================================  ===============================================================
one distribution                   `with_temperature`, `top_k`, `nucleus`; `distribution` is all
one token                          `draw`
one sequence                       `greedy`, `sample`
the most probable sequences        `beam_search`
how probable a given sequence is   `log_probability`
=================================  ===============================================================
"""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from, positive_integer

ROUNDING = 1e-12  # by so much a sum of probabilities may miss the p that it should reach


# --------------------------------------------------------------------------------- distributions


def with_temperature(logits, temperature):
    """Probabilities of the tokens, sharper or flatter than the model's own.

    softmax(logits / temperature): below 1 the likely tokens become likelier, above 1 all come
    closer to each other (Ackley et al. 1985).

    Parameters
    ----------
    logits : array_like, shape (K,)
        Minus infinity is allowed, if not everywhere.
    temperature : float
        At least 0. 1 gives the model's own probabilities; 0 puts everything on the largest logit,
        of equal ones on that with the smallest index.

    Returns
    -------
    numpy.ndarray, shape (K,), float64

    Raises
    ------
    ValueError
        If the logits are not one row of numbers or the temperature is negative or not finite.

    Examples
    --------
    >>> with_temperature(np.log([0.8, 0.2]), 0.5).round(3).tolist()
    [0.941, 0.059]
    """
    logits = _logits(logits)
    temperature = _number("temperature", temperature, "a finite number >= 0")
    if temperature == 0:
        return (np.arange(len(logits)) == logits.argmax()).astype(np.float64)
    with np.errstate(over="ignore"):  # near 0 a gap may grow to infinity, and exp(-inf) is 0
        weights = np.exp((logits - logits.max()) / temperature)
    return weights / weights.sum()


def top_k(probabilities, k):
    """Keep the k most probable tokens (Fan et al. 2018).

    Parameters
    ----------
    probabilities : array_like, shape (K,)
    k : int
        At least 1; with K or more nothing is left out. Of equal tokens those with smaller indices
        are kept.

    Returns
    -------
    numpy.ndarray, shape (K,), float64
        The others are 0, and the sum is 1 again.

    Raises
    ------
    ValueError
        If they are no probabilities or k is not a positive integer.

    Examples
    --------
    >>> top_k([0.25, 0.5, 0.25], 2).round(3).tolist()
    [0.333, 0.667, 0.0]
    """
    probabilities = _probabilities(probabilities)
    k = positive_integer("k", k)
    return _kept(probabilities, _falling(probabilities)[:k])


def nucleus(probabilities, p):
    """Keep the smallest set of most probable tokens whose sum reaches p (Holtzman et al. 2020).

    Parameters
    ----------
    probabilities : array_like, shape (K,)
    p : float
        Above 0, at most 1. The most probable token is always kept. Of equal tokens those with
        smaller indices come first. A sum that misses p by no more than 1e-12 has reached it, so
        that rounding does not decide.

    Returns
    -------
    numpy.ndarray, shape (K,), float64
        The others are 0, and the sum is 1 again.

    Raises
    ------
    ValueError
        If they are no probabilities or p is not in (0, 1].

    Examples
    --------
    >>> nucleus([0.1, 0.5, 0.3, 0.1], 0.8).round(3).tolist()
    [0.0, 0.625, 0.375, 0.0]
    """
    probabilities = _probabilities(probabilities)
    p = _number("p", p, "a number above 0 and at most 1")
    if not 0 < p <= 1:
        raise ValueError(f"p must be a number above 0 and at most 1, got {p!r}")
    order = _falling(probabilities)
    missing = np.cumsum(probabilities[order]) < p - ROUNDING
    return _kept(probabilities, order[: np.count_nonzero(missing) + 1])


def distribution(logits, temperature=1.0, k=None, p=None):
    """What a token is drawn from: temperature first, then the k best, then the nucleus of those.

    Parameters
    ----------
    logits : array_like, shape (K,)
    temperature : float
        As for `with_temperature`.
    k : int, optional
        As for `top_k`; None leaves nothing out.
    p : float, optional
        As for `nucleus`; None leaves nothing out.

    Returns
    -------
    numpy.ndarray, shape (K,), float64

    Raises
    ------
    ValueError
        As those three.
    """
    probabilities = with_temperature(logits, temperature)
    if k is not None:
        probabilities = top_k(probabilities, k)
    if p is not None:
        probabilities = nucleus(probabilities, p)
    return probabilities


def draw(probabilities, u):
    """The token whose stretch of the line from 0 to 1 holds u.

    Token 0 has the first stretch, as long as its probability, token 1 the next, and so on. With u
    uniform in [0, 1) each token comes with its probability.

    Parameters
    ----------
    probabilities : array_like, shape (K,)
    u : float
        At least 0, below 1.

    Returns
    -------
    int
        A token of probability 0 never comes.

    Raises
    ------
    ValueError
        If they are no probabilities or u is not in [0, 1).

    Examples
    --------
    >>> [draw([0.5, 0.0, 0.5], u) for u in (0, 0.49, 0.5, 0.99)]
    [0, 0, 2, 2]
    """
    probabilities = _probabilities(probabilities)
    u = _number("u", u, "a number >= 0 and below 1")
    if u >= 1:
        raise ValueError(f"u must be a number >= 0 and below 1, got {u!r}")
    token = np.count_nonzero(np.cumsum(probabilities) <= u)
    return int(min(token, np.flatnonzero(probabilities)[-1]))  # a sum may round to less than u


# ------------------------------------------------------------------------------------- sequences


def greedy(step, state, start, end, max_length):
    """The most probable token at each step, which need not give the most probable sequence.

    Parameters
    ----------
    step : callable
        ``step(token, state) -> (logits, state)``; see the top of this module.
    state
        What ``step`` gets with the first token.
    start : int
        The first token; it is read, and is no part of the answer.
    end : int or None
        The token after which nothing follows; None if there is none.
    max_length : int
        At least 1.

    Returns
    -------
    list of int
        The tokens, ``end`` the last of them, unless there are max_length tokens before it comes.

    Raises
    ------
    ValueError
        If max_length is not a positive integer, or what ``step`` returns are no logits.
    """
    return _written(step, state, start, end, max_length, lambda logits: int(logits.argmax()))


def sample(step, state, start, end, max_length, rng, temperature=1.0, k=None, p=None):
    """Draw each token from the `distribution` of that step.

    Parameters
    ----------
    step, state, start, end, max_length
        As for `greedy`.
    rng : numpy.random.Generator
        Gives one number for each token, for `draw`.
    temperature, k, p
        As for `distribution`. With temperature 0 the answer is that of `greedy`.

    Returns
    -------
    list of int
        As of `greedy`.

    Raises
    ------
    ValueError
        As of `greedy` and `distribution`, or if rng is no generator.
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator, got {rng!r}")
    return _written(
        step,
        state,
        start,
        end,
        max_length,
        lambda logits: draw(distribution(logits, temperature, k, p), rng.random()),
    )


def _written(step, state, start, end, max_length, choose):
    """Token after token, each chosen from the logits that reading the one before has given."""
    tokens = []
    for _ in range(positive_integer("max_length", max_length)):
        logits, state = step(tokens[-1] if tokens else start, state)
        tokens.append(choose(_logits(logits)))
        if tokens[-1] == end:
            break
    return tokens


class Hypothesis(NamedTuple):
    """A sequence that `beam_search` has found."""

    tokens: list[int]  # without the start; the last is the end, unless it was cut at max_length
    log_probability: float  # natural logarithm; of all tokens, the end included
    score: float  # log_probability / length_normalizer(len(tokens), length_penalty)


def beam_search(step, state, start, end, max_length, beam=5, length_penalty=0.0):
    """Search for the sequences with the best scores, several at a time.

    At each step every open hypothesis is continued by every token. Of all these the ``beam`` most
    probable are taken; those that end are done, the others stay open. It is over when none is
    open or max_length is reached. With ``beam=1`` this is `greedy`; if ``beam`` is so large that
    nothing is dropped, the best sequence is found for sure.

    Parameters
    ----------
    step, state, start, end, max_length
        As for `greedy`.
    beam : int
        At least 1.
    length_penalty : float
        α of `length_normalizer`, at least 0. It changes the order of what was found, not what is
        taken at a step, where all hypotheses are equally long.

    Returns
    -------
    list of Hypothesis
        At most ``beam`` of them, the best score first; of equal ones that which was found first.
        Those still open at max_length are among them, cut as they are. Of equally probable
        continuations those of the more probable hypothesis come first, then smaller tokens.

    Raises
    ------
    ValueError
        If a number is not in its range, or what ``step`` returns are no logits.
    """
    max_length = positive_integer("max_length", max_length)
    beam = positive_integer("beam", beam)
    length_normalizer(1, length_penalty)  # refuses a wrong α before the work

    def hypothesis(tokens, total):
        return Hypothesis(tokens, total, total / length_normalizer(len(tokens), length_penalty))

    live, done = [([], 0.0, state)], []  # tokens, log-probability, state that has not read the last
    for _ in range(max_length):
        candidates = []
        for tokens, total, before in live:
            logits, after = step(tokens[-1] if tokens else start, before)
            for token, more in enumerate(_log_softmax(_logits(logits)).tolist()):
                if more > -np.inf:
                    candidates.append(([*tokens, token], total + more, after))
        candidates.sort(key=lambda candidate: -candidate[1])
        live = []
        for tokens, total, after in candidates[:beam]:
            if tokens[-1] == end:
                done.append(hypothesis(tokens, total))
            else:
                live.append((tokens, total, after))
        if not live:
            break
    done += [hypothesis(tokens, total) for tokens, total, _ in live]
    return sorted(done, key=lambda found: -found.score)[:beam]


def length_normalizer(length, length_penalty):
    """By what a log-probability is divided: ((5 + length) / 6) ** α (Wu et al. 2016, eq. 14).

    Every token makes a sequence less probable, so the most probable ones are short. Dividing makes
    long and short ones comparable.

    Parameters
    ----------
    length : int
        Tokens, the end included, at least 1.
    length_penalty : float
        α, at least 0. With 0 the divisor is 1.

    Returns
    -------
    float
        At least 1.

    Raises
    ------
    ValueError
        If a number is not in its range.
    """
    length = integer_from("length", length, 1)
    length_penalty = _number("length_penalty", length_penalty, "a finite number >= 0")
    return ((5 + length) / 6) ** length_penalty


def log_probability(step, state, start, tokens):
    """How probable the model finds a sequence that is given: a sum, by the chain rule.

    Parameters
    ----------
    step, state, start
        As for `greedy`.
    tokens : sequence of int
        What follows the start, with the end if it shall count.

    Returns
    -------
    float
        Natural logarithm, at most 0; minus infinity if a forbidden token is among them.

    Raises
    ------
    ValueError
        If a token is not an index of the logits.
    """
    total, last = 0.0, start
    for token in tokens:
        logits, state = step(last, state)
        logits = _logits(logits)
        if not 0 <= token < len(logits):
            raise ValueError(f"tokens must be integers from 0 to {len(logits) - 1}, got {token!r}")
        total += float(_log_softmax(logits)[token])
        last = token
    return total


# ---------------------------------------------------------------------------------------- checks


def _falling(probabilities):
    """Indices from the most probable token to the least, equal ones by index."""
    return np.argsort(-probabilities, kind="stable")


def _kept(probabilities, indices):
    """The distribution with these tokens only."""
    kept = np.zeros_like(probabilities)
    kept[indices] = probabilities[indices]
    return kept / kept.sum()


def _log_softmax(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def _logits(values):
    logits = np.asarray(values, dtype=np.float64)
    if logits.ndim != 1 or not len(logits):
        raise ValueError(f"logits must be one row of shape (K,), got shape {logits.shape}")
    if not logits.max() < np.inf or logits.max() == -np.inf:  # NaN is not below infinity
        raise ValueError(
            f"logits must be numbers or minus infinity, not everywhere, got {logits.max()} "
            "as the largest"
        )
    return logits


def _probabilities(values):
    probabilities = np.asarray(values, dtype=np.float64)
    if probabilities.ndim != 1 or not len(probabilities):
        raise ValueError(
            f"probabilities must be one row of shape (K,), got shape {probabilities.shape}"
        )
    if not (probabilities >= 0).all() or abs(probabilities.sum() - 1) > 1e-6:
        raise ValueError(
            f"probabilities must be numbers >= 0 that add up to 1, got {probabilities.min():g} as "
            f"the smallest and the sum {probabilities.sum():g}"
        )
    return probabilities


def _number(name, value, wanted):
    """``value`` as a finite float, not negative."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    if not 0 <= value < np.inf:
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return float(value)

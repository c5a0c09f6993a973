"""Toy tasks on which a recurrent network has to remember something.

A task is drawn from a seeded generator and needs NumPy only, so a chapter can train on it in
seconds and a reader can make it longer or harder by changing one number. Each task tells its
chance level: what a guesser reaches who knows the task and reads nothing.

===============  ==================================
task             what has to be remembered
===============  ==================================
`delayed_echo`   what came a fixed time ago
`marked_echo`    one marked symbol among many
`copy`           a whole string, in order
`adding`         two numbers out of many
`last_marked`    one number, until the next
`parity`         one bit, flipped by every 1
`anbn`           a count
`counting`       a count, asked at every step
`bracket_depth`  a count that goes up and down
`agreement`      the number of a noun
`names`          whether people or things are named
`teddies`        what came before, and what comes after
`reviews`        which words a negation turns around
===============  ==================================
"""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from

PADDING = "<pad>"
UNKNOWN = "<unk>"
IGNORE = -100  # as a target: nothing is asked here; PyTorch's losses skip it by default

# Singular, plural. "mice" has no s: the number of a noun has to be learned word by word.
_NOUNS = (("cat", "cats"), ("dog", "dogs"), ("mouse", "mice"))
_PAST = ("ate", "saw", "chased")  # the same form for one and for many

AGREEMENT_VOCABULARY = (
    *(PADDING, "the", *_PAST, "which", "already", "and", ","),
    *(noun for pair in _NOUNS for noun in pair),
)
AGREEMENT_VERBS = ("was", "were")

# Content words of `names`: those in the vocabulary, and those kept for testing.
_FIRST = (
    "harry ron anna peter lucy omar nina hugo clara ivan mei tom ruth".split(),
    "hermione luna draco priya leon greta yusuf".split(),
)
_LAST = (
    "potter weasley smith chen novak silva khan berg rossi".split(),
    "granger malfoy okafor lund mori".split(),
)
_THINGS = (
    "spell book map owl potion wand lamp stone song clock letter".split(),
    "mirror cloak recipe violin ladder kettle".split(),
)
_KINDS_OF = "new small red strange".split()

NAMES_EITHER = ("rose", "mark", "grace", "will", "hope", "teddy")
NAMES_VERBS = tuple("invented saw found painted lost praised followed".split())
NAMES_BARE = ("bears", "petals", "prices", "gardens")
NAMES_CONTENT = (*_FIRST[0], *_LAST[0], *_THINGS[0])  # what has a held-out counterpart
NAMES_VOCABULARY = (
    *(PADDING, UNKNOWN, "and", "a", "the"),
    *(*NAMES_CONTENT, *NAMES_EITHER),
    *(*NAMES_VERBS, *_KINDS_OF, *NAMES_BARE),
)
NAMES_LABELS = ("no name", "name")

# Around "teddy" in `teddies`: what may come before, and after it if it is a toy or a person.
_TEDDY_BEFORE = ("he said", "she said", "we heard that", "i wrote that")
_TEDDY_AFTER = (
    ("bears are on sale", "bears are soft", "was on sale", "was sewn by hand"),
    ("roosevelt was a great president", "roosevelt was tall", "was elected", "was a president"),
)
_ROSE_BEFORE = (("with a", "like a", "beside a"), ("with", "like", "beside", "said"))

TEDDY_VOCABULARY = (
    PADDING,
    *dict.fromkeys(
        " ".join(
            (*_TEDDY_BEFORE, "teddy", *sum(_TEDDY_AFTER, ()), *sum(_ROSE_BEFORE, ()), "rose")
        ).split()
    ),
)

# Of `reviews`: a sentence, and whether its adjectives {a} mean the opposite of what they say. {b}
# has the opposite sign of {a}; {0}, {1}, {2} are what is reviewed. What stands beside a negation
# also stands elsewhere ("completely", "in"), so that it gives nothing away.
_PLAIN_FORMS = (
    ("the {0} was {a}", False),
    ("the {0} was very {a} and the {1} was {a2}", False),
    ("{a} {0} , {a2} {1} , and {a3} {2}", False),
    ("completely {a} {0} and {a2} {1}", False),
)
_NEGATED_FORMS = (
    ("completely lacking in {a} {0} , {a2} {1} , and {a3} {2}", True),
    ("the {0} was not {a}", True),
    ("the {0} was never very {a} , and the {1} was not {a2}", True),
    ("nobody could say that the {0} was {a}", True),
    ("nobody could say that the {0} was not {a}", False),
    ("we do not think that the {0} , which came with the {1} and the {2} , was {a}", True),
    ("the {0} was {a} , not {b}", False),
    ("the {0} was not {b} , it was {a}", False),
    ("lacking in {a} {0} and {a2} {1}", True),
)
_PRAISES = "good great lovely fine perfect pleasant wonderful excellent".split()
_BLAMES = "bad awful dull sad horrible nasty dreadful poor".split()
_REVIEWED = "taste service ambience food staff menu wine music".split()
_REVIEW_STARTS = ("", "in short :", "we came on monday :", "my friends say :")
_REVIEW_ENDS = ("", "last night", "on our second visit", ", as we told the owner")

REVIEW_LABELS = ("complaint", "praise")
REVIEW_VOCABULARY = (
    PADDING,
    *dict.fromkeys(
        word
        for text in (
            *(*_REVIEW_STARTS, *dict((*_PLAIN_FORMS, *_NEGATED_FORMS)), *_REVIEW_ENDS),
            *(*_PRAISES, *_BLAMES, *_REVIEWED),
        )
        for word in text.split()
        if "{" not in word
    ),
)


class Task(NamedTuple):
    """Sequences with what a network should answer."""

    inputs: np.ndarray  # (n, T), int symbols from 0; or (n, T, D), float64
    targets: np.ndarray  # (n, T) for an answer at every step, (n,) for one at the end
    lengths: np.ndarray  # (n,), int: how many steps of each sequence count
    chance: float  # what the best guess that reads no input scores: accuracy, or squared error


def delayed_echo(n_sequences, *, delay=10, length=None, n_symbols=2, seed=0):
    """Repeat at every step the symbol of ``delay`` steps before.

    This is how Jaeger (2001) measured the memory of a network. Every step brings a new symbol,
    each equally likely. With the default length only the last step asks, for the first symbol;
    all symbols between are in its way. With every further step one more symbol has to be kept at
    the same time.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    delay : int
        How many steps a symbol must be kept, at least 1.
    length : int, optional
        T, the number of steps, at least and by default ``delay + 1``. The last
        ``length - delay`` steps ask.
    n_symbols : int
        At least 2.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T) and ``targets`` (n, T), which are `IGNORE` for the first ``delay``
        steps. Chance: an accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = delayed_echo(1, delay=2, length=6, n_symbols=5, seed=1)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([2, 2, 3, 4, 0, 0], [-100, -100, 2, 2, 3, 4])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    delay = integer_from("delay", delay, 1)
    length = delay + 1 if length is None else length
    length = integer_from("length", length, delay + 1, "delay + 1 = ")
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    inputs = np.random.default_rng(seed).integers(n_symbols, size=(n_sequences, length))
    targets = np.full_like(inputs, IGNORE)
    targets[:, delay:] = inputs[:, :-delay]
    return Task(inputs, targets, _full(inputs), 1 / n_symbols)


def marked_echo(n_sequences, *, delay=10, length=None, n_symbols=4, seed=0):
    """Repeat the one symbol that is marked, ``delay`` steps after it.

    In `delayed_echo` a fixed time tells what to say, here the input tells what to keep: the mark
    comes anywhere, and every other symbol must be let go by.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    delay : int
        How many steps the symbol must be kept, at least 1.
    length : int, optional
        T, the number of steps, at least ``delay + 1``, by default ``2 * delay``.
        The mark is equally likely on each of the first ``length - delay`` steps.
    n_symbols : int
        At least 2. Input k is the symbol k, input n_symbols + k the symbol k with the mark.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T) and ``targets`` (n, T), which are `IGNORE` but for one step. Chance: an
        accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = marked_echo(1, delay=3, length=7, n_symbols=2, seed=3)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([1, 0, 2, 0, 0, 1, 1], [-100, -100, -100, -100, -100, 0, -100])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    delay = integer_from("delay", delay, 1)
    length = 2 * delay if length is None else length
    length = integer_from("length", length, delay + 1, "delay + 1 = ")
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    rng = np.random.default_rng(seed)
    inputs = rng.integers(n_symbols, size=(n_sequences, length))
    rows, marked = np.arange(n_sequences), rng.integers(length - delay, size=n_sequences)
    targets = np.full_like(inputs, IGNORE)
    targets[rows, marked + delay] = inputs[rows, marked]
    inputs[rows, marked] += n_symbols
    return Task(inputs, targets, _full(inputs), 1 / n_symbols)


def copy(n_sequences, *, n_copied=10, delay=10, n_symbols=8, seed=0):
    """Repeat a string of symbols after a pause.

    First come ``n_copied`` symbols, then ``delay`` steps of waiting, the last of them the sign to
    begin, then ``n_copied`` steps in which the string is asked for (Arjovsky et al. 2016, section
    5.1; there the answer "blank" was asked for in all other steps, here nothing is).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    n_copied : int
        Length of the string, at least 1.
    delay : int
        Steps between the string and the answer, at least 1.
    n_symbols : int
        At least 2. The symbols are 0 to n_symbols - 1, n_symbols means wait and n_symbols + 1
        begin.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` and ``targets`` of shape (n, T), T = 2 n_copied + delay; targets are `IGNORE`
        before the last ``n_copied`` steps. Chance: an accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = copy(1, n_copied=3, delay=2, n_symbols=4, seed=0)
    >>> task.inputs[0].tolist()
    [3, 2, 2, 4, 5, 4, 4, 4]
    >>> task.targets[0, -3:].tolist()
    [3, 2, 2]
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    n_copied = integer_from("n_copied", n_copied, 1)
    delay = integer_from("delay", delay, 1)
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    symbols = np.random.default_rng(seed).integers(n_symbols, size=(n_sequences, n_copied))
    inputs = np.full((n_sequences, 2 * n_copied + delay), n_symbols)
    inputs[:, :n_copied] = symbols
    inputs[:, n_copied + delay - 1] = n_symbols + 1
    targets = np.full_like(inputs, IGNORE)
    targets[:, -n_copied:] = symbols
    return Task(inputs, targets, _full(inputs), 1 / n_symbols)


def adding(n_sequences, *, length=100, seed=0):
    """Add the two numbers that are marked.

    Every step brings a number between 0 and 1 and a mark, 0 or 1. Two steps are marked, one in
    each half. After the last step the sum of their numbers is asked for. The task is that of
    Hochreiter and Schmidhuber (1997, experiment 4) in the form of Arjovsky et al. (2016).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 2.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T, 2), float64: number and mark; ``targets`` (n,), float64, between 0 and
        2. Chance: a mean squared error of 1/6, that of always answering 1.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = adding(1, length=4, seed=0)
    >>> task.inputs[0].round(2).tolist(), task.targets.round(2).tolist()
    ([[0.64, 1.0], [0.27, 0.0], [0.04, 0.0], [0.02, 1.0]], [0.65])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 2)
    rng = np.random.default_rng(seed)
    numbers = rng.random((n_sequences, length))
    marks = np.zeros_like(numbers)
    rows = np.arange(n_sequences)
    marks[rows, rng.integers(length // 2, size=n_sequences)] = 1
    marks[rows, rng.integers(length // 2, length, size=n_sequences)] = 1
    inputs = np.stack([numbers, marks], axis=-1)
    return Task(inputs, (numbers * marks).sum(axis=1), _full(inputs), 1 / 6)


def last_marked(n_sequences, *, length=15, rate=0.15, seed=0):
    """Say at every step the value that was marked last.

    Values go by; now and then one is marked. The network has to hold the last marked one, and to
    replace it when another is marked.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1. A network that has learned the rule is right on longer sequences, too.
    rate : float
        How often a value is marked, 0 to 1; the first one always is.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T, 2): a value, uniform between -1 and 1, and its mark, 0 or 1. ``targets``
        (n, T), float64. Chance: a mean squared error of 1/3, that of always answering 0.

    Raises
    ------
    ValueError
        If a number is not in its range.

    Examples
    --------
    >>> task = last_marked(1, length=4, rate=0.5, seed=0)
    >>> task.inputs[0].round(2).tolist()
    [[0.27, 1.0], [-0.46, 0.0], [-0.92, 0.0], [-0.97, 0.0]]
    >>> task.targets.round(2).tolist()
    [[0.27, 0.27, 0.27, 0.27]]
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must be between 0 and 1, got {rate!r}")
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (n_sequences, length))
    marks = rng.random((n_sequences, length)) < rate
    marks[:, 0] = True
    place = np.maximum.accumulate(np.where(marks, np.arange(length), 0), axis=1)
    inputs = np.stack([values, marks], axis=-1)
    return Task(inputs, np.take_along_axis(values, place, axis=1), _full(inputs), 1 / 3)


def parity(n_sequences, *, length=20, seed=0):
    """Say at every step whether the number of ones so far is odd.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1. A network that has solved the task on short sequences has solved it on all.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), fair bits, and ``targets`` (n, T), their sum modulo 2 up to each step.
        Chance: an accuracy of 0.5.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = parity(1, length=6, seed=3)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([1, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 0])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    inputs = np.random.default_rng(seed).integers(2, size=(n_sequences, length))
    return Task(inputs, inputs.cumsum(axis=1) % 2, _full(inputs), 0.5)


def anbn(n_sequences, *, min_count=1, max_count=10, seed=0):
    """Say after the last symbol whether there were as many b as a.

    Half of the strings are aⁿbⁿ, half aⁿbᵐ with m ≠ n. In both halves n is uniform between the
    two counts, and so is m, and n + m is even: neither number alone tells, nor whether the length
    is odd. (Very short and very long strings are more often aⁿbⁿ, so who looks at the length alone
    is right in about 0.65 with the default counts.) Train on small counts and test on larger ones
    (Gers and Schmidhuber 2001).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1; for an odd number there is one more aⁿbⁿ.
    min_count, max_count : int
        Range of n and m; 1 <= min_count and min_count + 3 <= max_count.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for a, 1 for b, and 0 past each length; T = 2 max_count.
        ``targets`` (n,): 1 for aⁿbⁿ, else 0. Chance: an accuracy of 0.5.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = anbn(2, max_count=4, seed=1)
    >>> for symbols, length, target in zip(task.inputs, task.lengths, task.targets):
    ...     print("".join("ab"[k] for k in symbols[:length]), target)
    aaabbb 1
    aaaabb 0
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    min_count = integer_from("min_count", min_count, 1)
    max_count = integer_from("max_count", max_count, min_count + 3, "min_count + 3 = ")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(1, n_sequences + 1) % 2)
    n_a = rng.integers(min_count, max_count + 1, n_sequences)
    n_b = n_a.copy()
    for k in np.flatnonzero(targets == 0):
        even = np.arange(min_count, max_count + 1)
        n_b[k] = rng.choice(even[(even != n_a[k]) & ((even - n_a[k]) % 2 == 0)])
    steps = np.arange(2 * max_count)
    is_b = (steps >= n_a[:, None]) & (steps < (n_a + n_b)[:, None])
    return Task(is_b.astype(np.int64), targets, n_a + n_b, 0.5)


def counting(n_sequences, *, min_count=1, max_count=10, seed=0):
    """Say at every b of aⁿbⁿ whether it is the last one.

    Only who has counted the a's knows. Train on small counts and test on larger ones (Gers and
    Schmidhuber 2001). Unlike in `anbn`, there is an answer at every b, so it is learned quickly.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    min_count, max_count : int
        n is uniform between them; 1 <= min_count <= max_count.
    seed : int
        Same seed, same strings.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for a, 1 for b, and 0 past each length; T = 2 max_count. ``targets``
        (n, T): 1 at the last b, 0 at those before, `IGNORE` elsewhere. Chance: who always
        calls the same b the last is right throughout in 1 / (max_count - min_count + 1) of the
        strings.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = counting(1, max_count=3, seed=3)
    >>> "".join("ab"[k] for k in task.inputs[0, : task.lengths[0]]), task.targets[0].tolist()
    ('aaabbb', [-100, -100, -100, 0, 0, 1])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    min_count = integer_from("min_count", min_count, 1)
    max_count = integer_from("max_count", max_count, min_count, "min_count = ")
    count = np.random.default_rng(seed).integers(min_count, max_count + 1, (n_sequences, 1))
    steps = np.arange(2 * max_count)
    is_b = (steps >= count) & (steps < 2 * count)
    targets = np.where(is_b, steps == 2 * count - 1, IGNORE)
    return Task(is_b.astype(np.int64), targets, 2 * count[:, 0], 1 / (max_count - min_count + 1))


def bracket_depth(n_sequences, *, length=20, max_depth=4, seed=0):
    """Say after every bracket how many are open.

    A fair coin decides between "(" and ")", except that nothing is closed at depth 0 and nothing
    opened at ``max_depth``.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1.
    max_depth : int
        At least 1.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for "(" and 1 for ")"; ``targets`` (n, T), the depth after each, 0 to
        max_depth. Chance: the accuracy of the best guess for each step. It is above
        1 / (max_depth + 1), because the depth is odd after an odd number of brackets and even after
        an even number.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = bracket_depth(1, length=8, max_depth=2, seed=0)
    >>> "".join("()"[k] for k in task.inputs[0]), task.targets[0].tolist()
    ('()(()()(', [1, 0, 1, 2, 1, 2, 1, 2])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    max_depth = integer_from("max_depth", max_depth, 1)
    coins = np.random.default_rng(seed).integers(2, size=(n_sequences, length))
    inputs, targets = np.empty_like(coins), np.empty_like(coins)
    depth = np.zeros(n_sequences, dtype=np.int64)
    for t in range(length):
        closes = np.where(depth == 0, 0, np.where(depth == max_depth, 1, coins[:, t]))
        depth = depth + 1 - 2 * closes
        inputs[:, t], targets[:, t] = closes, depth
    return Task(inputs, targets, _full(inputs), _guessed_depths(length, max_depth))


def _guessed_depths(length, max_depth):
    """How often the most probable depth of each step is right."""
    opens = np.full(max_depth + 1, 0.5)
    opens[0], opens[-1] = 1, 0
    share, right = np.eye(max_depth + 1)[0], 0.0  # of the sequences that are at each depth
    for _ in range(length):
        up, down = share * opens, share * (1 - opens)
        share = np.append(0, up[:-1]) + np.append(down[1:], 0)
        right += share.max()
    return float(right / length)


def _full(inputs):
    """Lengths of sequences that all go to the end."""
    return np.full(len(inputs), inputs.shape[1])


class Agreement(NamedTuple):
    """Sentences that break off, and which verb has to come next."""

    tokens: list[list[str]]  # n lists of words, each ending just before the verb
    targets: np.ndarray  # (n,), int: 0 = was, 1 = were

    @property
    def chance(self):
        """The accuracy of a guess: 0.5."""
        return 0.5


def agreement(n_sentences, *, min_objects=1, max_objects=3, seed=0):
    """Sentences in which a clause stands between the subject and its verb.

    "the cat , which already ate the dogs and the mice ," goes on with *was*, and with *were* if it
    begins with "the cats". Only the second word decides: the nouns in the clause are drawn from
    the same six words, and their number does not depend on the subject's, so neither the last of
    them nor most of them give the verb away. The task is that of Linzen, Dupoux and Goldberg
    (2016), made small.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1. The two verbs are needed equally often (for an odd number *was* once
        more), so guessing is right half of the time.
    min_objects, max_objects : int
        The clause has at least and at most so many nouns, each count equally likely;
        1 <= min_objects <= max_objects. With k of them a sentence has 6 + 3k tokens.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Agreement
        ``tokens``, a list of n_sentences lists of words, and ``targets``, an integer array of
        shape (n_sentences,): 0 where *was* comes next, 1 where *were* does.

    Raises
    ------
    ValueError
        If a count is not an integer in its range.

    Examples
    --------
    >>> tokens, targets = agreement(3, seed=2)
    >>> for words, target in zip(tokens, targets):
    ...     print(*words, "->", AGREEMENT_VERBS[target])
    the mouse , which already saw the dog , -> was
    the dog , which already chased the mice , -> was
    the cats , which already ate the mouse and the dog , -> were
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    min_objects = integer_from("min_objects", min_objects, 1)
    max_objects = integer_from("max_objects", max_objects, min_objects, "min_objects = ")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(n_sentences) % 2)
    n_objects = rng.integers(min_objects, max_objects + 1, n_sentences)
    tokens = [_sentence(rng, *drawn) for drawn in zip(targets, n_objects, strict=True)]
    return Agreement(tokens, targets)


def _sentence(rng, plural, n_objects):
    """One sentence: the number of the subject is given, everything else is drawn."""
    subject = _NOUNS[rng.integers(len(_NOUNS))][plural]
    objects = [_NOUNS[a][b] for a, b in rng.integers((len(_NOUNS), 2), size=(n_objects, 2))]
    clause = " and ".join(f"the {noun}" for noun in objects)
    return f"the {subject} , which already {rng.choice(_PAST)} {clause} ,".split()


class Names(NamedTuple):
    """Sentences with a label for every word."""

    tokens: list[list[str]]  # n lists of words, small letters only
    targets: list[list[int]]  # for each word: 1 if it is part of a person's name, else 0


def names(n_sentences, *, held_out=False, seed=0):
    """Sentences in which every word is to be tagged: part of a person's name, or not.

    "harry potter and hermione granger invented a new spell" in small letters. Somebody or
    something, a verb, somebody or something. Six words (`NAMES_EITHER`) are names in one place and
    nouns in another, and with ``held_out`` names and nouns are ones that are not in
    `NAMES_VOCABULARY`, so the word alone does not tell. What came before does: nouns follow an
    article, an adjective or a noun with "and". One thing only what comes after can tell: whether
    "teddy" begins "teddy granger" or "teddy bears".

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    held_out : bool
        Draw names and nouns from lists that are not in the vocabulary.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Names
        Lists of words and lists of labels, of equal lengths.

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, labels in zip(*names(3, seed=0)):
    ...     print(*(word.upper() if label else word for word, label in zip(words, labels)))
    the small mark praised the song
    grace gardens painted a new clock and potion
    HARRY praised a letter
    """
    return _tagged(n_sentences, seed, lambda rng: _about_people(rng, int(held_out)))


def teddies(n_sentences, *, seed=0):
    """Sentences to be tagged as in `names`, which no reader of one direction can get all right.

    "he said teddy bears are on sale" or "he said teddy roosevelt was a great president", in three
    of four sentences with an end such as "beside a rose" (a flower) or "beside rose" (a person).
    What comes before "teddy" does not tell which teddy it is; what comes after does, and not
    always the next word. With "rose" it is the other way around: it is the last word, so that
    only the past can tell.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Names
        Lists of words, all from `TEDDY_VOCABULARY`, and lists of labels, of equal lengths. Either
        teddy and either rose are equally likely.

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, labels in zip(*teddies(3, seed=1)):
    ...     print(*(word.upper() if label else word for word, label in zip(words, labels)))
    she said TEDDY was a president said ROSE
    i wrote that teddy bears are soft beside a rose
    she said teddy was on sale said ROSE
    """
    return _tagged(n_sentences, seed, _about_teddy)


def _tagged(n_sentences, seed, draw):
    """Sentences with their labels, each a pair that ``draw(rng)`` returns."""
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = np.random.default_rng(seed)
    drawn = [draw(rng) for _ in range(n_sentences)]
    return Names(*(list(part) for part in zip(*drawn, strict=True)))


def _about_teddy(rng):
    """One sentence of `teddies` with its labels."""

    def one_of(texts):
        return texts[rng.integers(len(texts))].split()

    before, teddy = one_of(_TEDDY_BEFORE), int(rng.integers(2))
    after = one_of(_TEDDY_AFTER[teddy])
    words = [*before, "teddy", *after]
    labels = [0] * len(before) + [teddy] + [int(word == "roosevelt") for word in after]
    if rng.random() < 0.75:
        rose = int(rng.integers(2))
        end = one_of(_ROSE_BEFORE[rose])
        words += [*end, "rose"]
        labels += [0] * len(end) + [rose]
    return words, labels


def _about_people(rng, which):
    """One sentence of `names` with its labels; ``which`` of the two lists of content words."""
    said = []  # pairs of word and label

    def one_of(words):
        return words[rng.integers(len(words))]

    def content(lists):
        return one_of(NAMES_EITHER if rng.random() < 0.25 else lists[which])

    def person():
        said.append((content(_FIRST), 1))
        if rng.random() < 0.5:
            said.append((content(_LAST), 1))

    def thing(article=True):
        if article:
            said.append((one_of(("a", "the")), 0))
            if rng.random() < 0.5:
                said.append((one_of(_KINDS_OF), 0))
        said.append((content(_THINGS), 0))

    for place in range(2):
        kind = rng.random()
        if kind < 0.06:
            said.extend([(one_of(NAMES_EITHER), 0), (one_of(NAMES_BARE), 0)])
        else:
            is_person = kind < 0.53
            person() if is_person else thing()
            if rng.random() < 0.4:
                said.append(("and", 0))
                person() if is_person else thing(article=False)
        if place == 0:
            said.append((one_of(NAMES_VERBS), 0))
    words, labels = zip(*said, strict=True)
    return list(words), list(labels)


class Reviews(NamedTuple):
    """Sentences that praise or complain."""

    tokens: list[list[str]]  # n lists of words, small letters only
    targets: np.ndarray  # (n,), int: 0 = complaint, 1 = praise
    negated: np.ndarray  # (n,), bool: whether there is a negation in it

    @property
    def chance(self):
        """The accuracy of a guess: 0.5."""
        return 0.5


def reviews(n_sentences, *, held_out=False, seed=0):
    """Reviews of a restaurant in which negations turn adjectives around.

    "completely lacking in good taste , good service , and good ambience" is a complaint, "nobody
    could say that the food was not good" is praise. Half of the reviews have a negation, of nine
    forms. Praise and complaint are equally likely in each form, so neither the negation nor the
    adjective alone decides. Each form has a quarter of the adjectives of either sign held out:
    they stand in the other forms, but in this one only if ``held_out`` asks for them.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    held_out : bool
        Draw only reviews with a negation whose adjectives are held out for it. Their words are all
        in the other reviews, their combinations are not.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Reviews
        Lists of words, all from `REVIEW_VOCABULARY`; ``targets`` and ``negated``, arrays of shape
        (n_sentences,).

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, target, _ in zip(*reviews(3, seed=8)):
    ...     print(*words, "->", REVIEW_LABELS[target])
    lacking in lovely menu and lovely food on our second visit -> complaint
    in short : the music was not fine , it was dull on our second visit -> complaint
    bad food , poor taste , and horrible staff last night -> complaint
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = np.random.default_rng(seed)
    tokens, targets, negated = [], [], []
    for _ in range(n_sentences):
        negated.append(held_out or rng.random() < 0.5)
        targets.append(int(rng.integers(2)))
        tokens.append(_review(rng, targets[-1], negated[-1], held_out))
    return Reviews(tokens, np.array(targets), np.array(negated))


def _review(rng, praise, negated, held_out):
    """One sentence of `reviews`; everything but its label and kind is drawn."""
    forms = _NEGATED_FORMS if negated else _PLAIN_FORMS
    place = rng.integers(len(forms))
    form, turned = forms[place]
    allowed = [k for k in range(8) if not negated or ((k + place) % 4 == 0) == held_out]
    meant, opposite = (_PRAISES, _BLAMES) if praise != turned else (_BLAMES, _PRAISES)
    a, a2, a3, b = rng.choice(allowed, size=4)
    adjectives = {"a": meant[a], "a2": meant[a2], "a3": meant[a3], "b": opposite[b]}
    sentence = form.format(*rng.permutation(_REVIEWED), **adjectives)
    return [
        *_REVIEW_STARTS[rng.integers(len(_REVIEW_STARTS))].split(),
        *sentence.split(),
        *_REVIEW_ENDS[rng.integers(len(_REVIEW_ENDS))].split(),
    ]


def encode(tokens, vocabulary):
    """Words as indices into a vocabulary, one row per sentence.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n sentences, each a list of words and none of them empty; T is the length of the longest.
    vocabulary : sequence of str
        The index of a word is its place here. ``"<pad>"`` has to be among them if the sentences
        differ in length.

    Returns
    -------
    indices : numpy.ndarray
        Shape (n, T), int64; shorter sentences are filled with the index of ``"<pad>"`` on the
        right, where a network that reads from the left meets them only after the last word.
    lengths : numpy.ndarray
        Shape (n,), int64; the state after the last word of sentence k is that of step
        ``lengths[k] - 1``, counted from 0.

    Raises
    ------
    ValueError
        If there is no sentence, a sentence is empty or not split into words, or a word is not in
        the vocabulary.

    Examples
    --------
    >>> indices, lengths = encode([["the", "mice"], ["mice"]], ("<pad>", "the", "mice"))
    >>> indices.tolist(), lengths.tolist()
    ([[1, 2], [2, 0]], [2, 1])
    """
    if isinstance(tokens, str) or any(isinstance(words, str) for words in tokens):
        raise ValueError(f"tokens must be lists of words, got {tokens!r}; split() makes them")
    lengths = np.array([len(words) for words in tokens], dtype=np.int64)
    if lengths.size == 0 or lengths.min() == 0:
        raise ValueError(f"tokens must be one sentence or more, none empty, got {tokens!r}")
    index = {word: k for k, word in enumerate(vocabulary)}
    needed = {word for words in tokens for word in words}
    if lengths.min() < lengths.max():
        needed.add(PADDING)
    if missing := sorted(needed - index.keys()):
        raise ValueError(f"vocabulary must contain every word, got one without {missing}")
    indices = np.full((len(lengths), lengths.max()), index.get(PADDING, 0), dtype=np.int64)
    for row, words in zip(indices, tokens, strict=True):
        row[: len(words)] = [index[word] for word in words]
    return indices, lengths

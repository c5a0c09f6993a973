"""A small language whose words have known meanings."""

import random
from itertools import permutations

from rnn_utils.checks import integer_from

# The meaning of each word in full: whatever tells two words apart stands here.
KINGDOM_FEATURES = {
    "king": {"gender": "male", "age": "adult", "group": "royal"},
    "queen": {"gender": "female", "age": "adult", "group": "royal"},
    "prince": {"gender": "male", "age": "child", "group": "royal"},
    "princess": {"gender": "female", "age": "child", "group": "royal"},
    "man": {"gender": "male", "age": "adult", "group": "village"},
    "woman": {"gender": "female", "age": "adult", "group": "village"},
    "boy": {"gender": "male", "age": "child", "group": "village"},
    "girl": {"gender": "female", "age": "child", "group": "village"},
    "father": {"gender": "male", "age": "adult", "group": "home"},
    "mother": {"gender": "female", "age": "adult", "group": "home"},
    "son": {"gender": "male", "age": "child", "group": "home"},
    "daughter": {"gender": "female", "age": "child", "group": "home"},
    "uncle": {"gender": "male", "age": "adult", "group": "relatives"},
    "aunt": {"gender": "female", "age": "adult", "group": "relatives"},
    "nephew": {"gender": "male", "age": "child", "group": "relatives"},
    "niece": {"gender": "female", "age": "child", "group": "relatives"},
    "paris": {"kind": "city", "language": "french"},
    "france": {"kind": "country", "language": "french"},
    "rome": {"kind": "city", "language": "italian"},
    "italy": {"kind": "country", "language": "italian"},
    "berlin": {"kind": "city", "language": "german"},
    "germany": {"kind": "country", "language": "german"},
    "athens": {"kind": "city", "language": "greek"},
    "greece": {"kind": "country", "language": "greek"},
    "apple": {"number": "one", "color": "red"},
    "apples": {"number": "many", "color": "red"},
    "pear": {"number": "one", "color": "green"},
    "pears": {"number": "many", "color": "green"},
    "plum": {"number": "one", "color": "purple"},
    "plums": {"number": "many", "color": "purple"},
}

# The company of each value of a feature. The word goes where the braces are.
KINGDOM_PHRASES = {
    "male": ("the {} likes his hat", "he is a {}"),
    "female": ("the {} likes her hat", "she is a {}"),
    "adult": ("the {} is old", "the old {} has gray hair"),
    "child": ("the {} is young", "the young {} goes to school"),
    "royal": ("the {} wears a crown", "the {} lives in a palace"),
    "village": ("the {} works in a field", "the {} lives in a village"),
    "home": ("the {} cooks dinner", "the {} lives in a house"),
    "relatives": ("the {} writes a letter", "the {} comes to visit"),
    "city": ("{} is a city", "the mayor of {}"),
    "country": ("{} is a country", "the map of {}"),
    "french": ("people speak french in {}",),
    "italian": ("people speak italian in {}",),
    "german": ("people speak german in {}",),
    "greek": ("people speak greek in {}",),
    "one": ("one {} is ripe",),
    "many": ("many {} are ripe",),
    "red": ("the red {} fell",),
    "green": ("the green {} fell",),
    "purple": ("the purple {} fell",),
}


def load_kingdom(n_sentences=10_000, seed=0):
    """Sentences from a grammar whose words have known meanings.

    Each sentence is made in three draws, all evenly: a word of `KINGDOM_FEATURES`, one of the
    word's features, and one of the phrases that `KINGDOM_PHRASES` has for the feature's value. So
    a sentence shows one feature of one word: "the queen likes her hat" shows that she is female,
    "the queen wears a crown" that she is royal.

    This is why the analogies hold. King and queen keep the same company, but for the sentences
    about gender; and there, king keeps the company of man, and queen that of woman. The counts of
    the words around king, minus those around man, plus those around woman, are therefore the
    counts of the words around queen, up to chance. Vectors that are learned from this company
    inherit the equation.

    Parameters
    ----------
    n_sentences : int
        At least 1. From 10 000, skip-gram learns 99 of 100 of the `kingdom_analogies` or more, in
        about a second: 16 numbers in a vector, window 4, 10 epochs, ``sample=0``.
    seed : int
        At least 0.

    Returns
    -------
    list of lists of str
        Sentences of 4 to 6 words in lower case, without punctuation; 81 different words in all.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> for sentence in load_kingdom(3):
    ...     print(*sentence)
    the green pears fell
    the old queen has gray hair
    the old uncle has gray hair
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = random.Random(integer_from("seed", seed, 0))
    words, sentences = list(KINGDOM_FEATURES), []
    for _ in range(n_sentences):
        word = rng.choice(words)
        value = rng.choice(list(KINGDOM_FEATURES[word].values()))
        sentences.append(rng.choice(KINGDOM_PHRASES[value]).format(word).split())
    return sentences


def kingdom_analogies():
    """All analogies that follow from `KINGDOM_FEATURES`.

    Returns
    -------
    dict of str to list of tuple
        For each feature its questions (a, b, c, d), four str, as `load_analogies` has them: b is a
        with another value of this one feature, and d is c with the same change.

    Examples
    --------
    >>> analogies = kingdom_analogies()
    >>> analogies["gender"][0], analogies["kind"][0]
    (('king', 'queen', 'prince', 'princess'), ('paris', 'france', 'rome', 'italy'))
    >>> ("man", "king", "woman", "queen") in analogies["group"]
    True
    """
    pairs = {}  # by feature and by its change, such as ("male", "female"): the pairs of words
    for a, b in permutations(KINGDOM_FEATURES, 2):
        before, after = KINGDOM_FEATURES[a], KINGDOM_FEATURES[b]
        changed = [feature for feature in before if before[feature] != after.get(feature)]
        if len(changed) == 1:
            feature = changed[0]
            change = before[feature], after[feature]
            pairs.setdefault(feature, {}).setdefault(change, []).append((a, b))
    return {
        feature: [(*p, *q) for same in changes.values() for p, q in permutations(same, 2)]
        for feature, changes in pairs.items()
    }

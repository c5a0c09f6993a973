"""How far a text is off another."""


def edit_distance(one, other):
    """How many symbols have to be inserted, deleted or replaced to make one sequence the other.

    Levenshtein's distance (1966), by the table of Wagner and Fischer (1974), a row at a time.

    Parameters
    ----------
    one, other : sequence
        Texts, lists of words, lists of indices, ...

    Returns
    -------
    int

    Examples
    --------
    >>> edit_distance("kitten", "sitting"), edit_distance(["a", "new", "map"], ["a", "map"])
    (3, 1)
    """
    row = list(range(len(other) + 1))  # from the empty beginning of one
    for k, symbol in enumerate(one, start=1):
        above, row = row, [k]
        for j, wanted in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (symbol != wanted)))
    return row[-1]


def error_rate(true, read):
    """Mistakes in texts that were read, as a share of what should be there.

    The sum of the edit distances, divided by the sum of the true lengths. With texts of characters
    it is the character error rate, with lists of words the word error rate.

    Parameters
    ----------
    true, read : sequence of sequences
        As many texts.

    Returns
    -------
    float
        0 without a mistake; it can be above 1.

    Raises
    ------
    ValueError
        If there are not as many texts, or all true ones are empty.

    Examples
    --------
    >>> error_rate(["a cat", "hello"], ["a cat", "helo"])
    0.1
    """
    if len(true) != len(read):
        raise ValueError(f"read must have as many texts as true, {len(true)}, got {len(read)}")
    if not (length := sum(map(len, true))):
        raise ValueError("true must have at least one symbol, got none")
    return sum(map(edit_distance, true, read)) / length

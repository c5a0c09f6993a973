"""Word vectors in files, as the word2vec tool, gensim and GloVe write and read them."""

import os
from pathlib import Path

import numpy as np

from rnn_utils.embeddings.arguments import fault


class Files:
    """The part of `WordVectors` that writes files and reads them."""

    def save_word2vec_format(self, path, binary=False):
        """Write a file in the format of the word2vec tool, which gensim and many others read.

        The first line holds V and D. Then comes a line for each word in text, or in binary the
        word, a space and D little-endian float32 numbers. The new file is written beside the old
        one and put in its place when it is complete, so a failure leaves the old one as it was.

        Parameters
        ----------
        path : str or os.PathLike
            The file; one that is there is replaced.
        binary : bool
            The binary form is smaller and quicker to read, and always float32. Text has all digits
            of the vectors' type.

        Raises
        ------
        OSError
            If the file cannot be written.
        ValueError
            If a word cannot be written in UTF-8, or a number of a binary file does not fit into
            float32.
        """
        path = Path(os.path.realpath(path))  # a link stays one: its target is replaced
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with open(beside, "wb") as file:
                file.write(f"{len(self)} {self.vector_size}\n".encode())
                for word, vector in zip(self._words, self._vectors, strict=True):
                    numbers = _four_bytes_each(word, vector) if binary else _digits(vector)
                    file.write(word.encode() + b" " + numbers)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load_word2vec_format(cls, path, binary=False, *, no_header=False):
        """Read a file in the format of the word2vec tool, as it or gensim or this class writes it.

        Parameters
        ----------
        path : str or os.PathLike
            The file, words in UTF-8. Only numbers and words are read from it, nothing is run.
        binary : bool
            Which of the two forms it has, see `save_word2vec_format`.
        no_header : bool
            True for a text file without the first line, such as the vectors of GloVe.

        Returns
        -------
        WordVectors
            With float32 vectors, as in gensim.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If the file is broken: the line or byte, what was expected and what was there. (gensim
            lets two things pass: a word that comes twice, and more words than the first line
            announces.)

        Examples
        --------
        >>> from rnn_utils.embeddings import WordVectors
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "vectors.txt"
        ...     WordVectors(["a", "b"], [[1, 2], [3, 4]]).save_word2vec_format(path)
        ...     print(path.read_text(), WordVectors.load_word2vec_format(path), sep="")
        2 2
        a 1.0 2.0
        b 3.0 4.0
        WordVectors(2 words, 2 numbers each, float32)
        """
        if binary and no_header:
            raise ValueError("no_header must be False for a binary file, got True")
        entries = _binary_entries if binary else _bare_entries if no_header else _text_entries
        words, rows = {}, []
        try:
            with open(path, "rb") as file:
                for place, word, numbers in entries(file):
                    words[_decoded(place, word, words)] = len(rows)
                    rows.append(_float32(place, numbers))
            if not rows:
                raise ValueError("line 1: expected a word and its numbers, got an empty file")
        except ValueError as error:
            raise ValueError(f"{path}, {error}") from None
        return cls(words, np.array(rows))


def _digits(vector):
    """A vector in text: as few digits as tell it from its neighbors in its type."""
    return " ".join(map(str, vector)).encode() + b"\n"


def _four_bytes_each(word, vector):
    """A vector as little-endian float32."""
    with np.errstate(over="ignore"):
        numbers = vector.astype("<f4")
    if not np.isfinite(numbers).all():
        raise ValueError(f"vectors must fit into float32 for a binary file, got that of {word!r}")
    return numbers.tobytes()


def _header(line):
    """V and D from the first line of a file."""
    parts = line.split()
    if len(parts) != 2 or not all(p.isdigit() and 0 < len(p) < 16 and int(p) for p in parts):
        raise ValueError(
            "line 1: expected two positive integers, the number of words and the length of a "
            f"vector, got {line.strip()!r:.60}"
        )
    return map(int, parts)


def _text_entries(file):
    """Each line after the first as (place, word, numbers)."""
    n_words, size = _header(file.readline())
    for number in range(2, n_words + 2):
        line = file.readline()
        if not line:
            raise ValueError(
                f"line {number}: expected a word and {size} numbers, got the end of the file; "
                f"line 1 announces {n_words} words"
            )
        yield _entry(number, line, size)
    if any(line.strip() for line in file):
        raise ValueError(f"line {n_words + 2}: expected the end after {n_words} words, got more")


def _bare_entries(file):
    """Each line as (place, word, numbers); the first one says how many numbers there are."""
    size = None
    for number, line in enumerate(file, start=1):
        if size is None:
            size = max(1, len(line.split()) - 1)
        yield _entry(number, line, size)


def _entry(number, line, size):
    wanted = f"expected a word and {size} numbers"
    word, *numbers = line.rstrip().split(b" ")
    if len(numbers) != size:
        raise ValueError(f"line {number}: {wanted}, got {len(numbers)} after {word!r:.60}")
    try:
        return f"line {number}", word, [float(digits) for digits in numbers]
    except ValueError as error:
        raise ValueError(f"line {number}: {wanted}, but {error}") from None


def _binary_entries(file):
    """Each word as (place, word, numbers)."""
    n_words, size = _header(file.readline())
    start, data, at = file.tell(), file.read(), 0
    for _ in range(n_words):
        space = data.find(b" ", at)
        end = space + 1 + 4 * size
        if space < 0 or end > len(data):
            raise ValueError(
                f"byte {start + at}: expected a word, a space and {4 * size} bytes of numbers, "
                f"got the end of the file after {len(data) - at} bytes"
            )
        # The word2vec tool ends each vector with a line feed, gensim does not.
        yield (
            f"byte {start + at}",
            data[at:space].lstrip(b"\n"),
            np.frombuffer(data, "<f4", size, space + 1),
        )
        at = end
    if data[at:].strip(b"\n"):
        raise ValueError(f"byte {start + at}: expected the end after {n_words} words, got more")


def _decoded(place, data, seen):
    """A word from a file, or a ValueError that says where."""
    try:
        word = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{place}: expected a word in UTF-8, got {data!r:.60}") from None
    if wrong := fault(word, seen):
        raise ValueError(f"{place}: expected words that are {wrong}, got {word!r:.60}")
    return word


def _float32(place, numbers):
    """A vector from a file, or a ValueError that says where."""
    with np.errstate(over="ignore"):
        vector = np.array(numbers, dtype=np.float32)
    if not np.isfinite(vector).all():
        raise ValueError(f"{place}: expected finite float32 numbers, got NaN or infinity")
    return vector

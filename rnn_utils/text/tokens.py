"""Cut a text into words or characters."""

import importlib
import re
import unicodedata
from functools import cache

# Chinese characters: the number zero, the unified ideographs with their extensions, and those
# that are here for compatibility.
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def tokenize(text, level="word"):
    """Cut a text into words, or into characters.

    The text is brought into Unicode's form NFC first: "é" is one character, however it was typed.

    Parameters
    ----------
    text : str
    level : {"word", "character"}
        Words are in lower case. An apostrophe inside a word stays ("don't"), and so does a point
        or a comma between digits ("1,000.5"). Digits next to letters are a token of their own, and
        so is every other sign and every Chinese character. Spaces are gone.
        Characters are all that there are (code points), spaces and capital letters too.

    Returns
    -------
    list of str
        Words: joined, they are the text in lower case without its spaces. Characters: joined, they
        are the text. Both in the form NFC.

    Raises
    ------
    ValueError
        If the text is not a str or there is no such level.

    Examples
    --------
    >>> tokenize("Don't pay $3.50 for GPT2!")
    ["don't", 'pay', '$', '3.50', 'for', 'gpt', '2', '!']
    >>> tokenize("我爱RNN。")
    ['我', '爱', 'rnn', '。']
    >>> tokenize("A cat", level="character")
    ['A', ' ', 'c', 'a', 't']
    """
    text = _normal("text", text)
    if level not in ("word", "character"):
        raise ValueError(f"level must be 'word' or 'character', got {level!r}")
    return list(text) if level == "character" else word_pattern().findall(_lower(text))


def tokenize_chinese(text):
    """Cut a Chinese text into words with jieba, which the extra ``data`` of the package installs.

    Chinese is written without spaces, so where a word ends takes a dictionary and a guess.

    Parameters
    ----------
    text : str
        Brought into Unicode's form NFC first.

    Returns
    -------
    list of str
        Words and punctuation marks without spaces; Latin letters are in lower case.

    Raises
    ------
    ImportError
        If jieba cannot be imported.
    ValueError
        If the text is not a str.
    """
    text = _normal("text", text)
    try:
        jieba = importlib.import_module("jieba")
    except ImportError as error:
        raise ImportError(
            "tokenize_chinese needs jieba, which could not be imported: run pip install jieba "
            "(in a notebook %pip install jieba). Without it, tokenize splits Chinese into single "
            "characters."
        ) from error
    # Lower case comes last: jieba's dictionary has words such as T恤.
    return [_lower(word) for word in jieba.lcut(text) if not word.isspace()]


def _normal(name, text):
    """``text`` in the form NFC."""
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a str, got {type(text).__name__}")
    return unicodedata.normalize("NFC", text)


def _lower(text):
    """``text`` in lower case and, as some letters fall apart in it, in the form NFC again."""
    return unicodedata.normalize("NFC", text.lower())


@cache
def word_pattern():
    r"""What one token is: a word, a number, or any other character but a space.

    Marks that are written onto a letter belong to it, but ``\w`` leaves them out, so they are
    listed from Unicode's own table. That takes some milliseconds, hence the cache.
    """
    codes = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))  # no mark is anywhere else
    marks = "".join(chr(code) for code in codes if unicodedata.category(chr(code))[0] == "M")
    letter = rf"[^\W\d_{_HAN}][{marks}]*"
    word = rf"(?:{letter})+(?:['’](?:{letter})+)*"
    number = r"\d+(?:[.,]\d+)*"
    return re.compile(rf"{word}|(?:{number}|\S)[{marks}]*")

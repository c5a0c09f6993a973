"""From text to numbers: tokens, a vocabulary, counts, pairs, and pieces to train on.

A network reads numbers, so a text goes three steps: it is cut into tokens, every token gets an
index in a vocabulary, and the indices are cut into the arrays that a model trains on. Each step is
a function here that does this one thing.

====================================  =====================================================
step                                  functions
====================================  =====================================================
cut a text into tokens                `tokenize`, `tokenize_chinese`
cut words into parts that come often  `learn_byte_pairs`, `byte_pairs`
give each word an index               `Vocab`
make a vector of a word or a text     `one_hot`, `bag_of_words`
keep the neighbors                    `ngrams`, `skip_gram_pairs`
keep the order                        `windows`, `batches`
say how far a text is off another     `edit_distance`, `error_rate`
leave out what repeats a text         `without_repeats`
====================================  =====================================================
"""

from rnn_utils.public import present
from rnn_utils.text.distance import edit_distance, error_rate
from rnn_utils.text.neighbors import ngrams, skip_gram_pairs, without_repeats
from rnn_utils.text.pieces import batches, windows
from rnn_utils.text.subwords import END_OF_WORD, byte_pairs, learn_byte_pairs
from rnn_utils.text.tokens import tokenize, tokenize_chinese
from rnn_utils.text.vocabulary import UNKNOWN, Vocab, bag_of_words, one_hot

__all__ = [
    "END_OF_WORD",
    "UNKNOWN",
    "Vocab",
    "bag_of_words",
    "batches",
    "byte_pairs",
    "edit_distance",
    "error_rate",
    "learn_byte_pairs",
    "ngrams",
    "one_hot",
    "skip_gram_pairs",
    "tokenize",
    "tokenize_chinese",
    "windows",
    "without_repeats",
]

present(globals(), __all__)

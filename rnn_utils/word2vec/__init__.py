"""Word vectors learned from raw text: skip-gram and CBOW (Mikolov et al. 2013a, 2013b).

Two tables are learned: E holds a vector for each word as input (those are the word vectors), U one
for each output. What is said about a word w, given an input vector e, comes from the score u_w · e.

==========================================  ====================================================
one pair of words, loss and gradients       `full_softmax`, `hierarchical_softmax`,
                                            `negative_sampling`, `noise_contrastive`
what they need                              `huffman_codes`, `noise_distribution`,
                                            `keep_probability`
training, fast: matrix products             `Word2Vec`
training, to be read: pair after pair       `PairByPair`
==========================================  ====================================================
"""

from rnn_utils.public import present
from rnn_utils.word2vec.frequencies import (
    HuffmanCodes,
    huffman_codes,
    keep_probability,
    noise_distribution,
)
from rnn_utils.word2vec.model import Word2Vec
from rnn_utils.word2vec.pair_by_pair import PairByPair
from rnn_utils.word2vec.pair_losses import (
    PairStep,
    full_softmax,
    hierarchical_softmax,
    negative_sampling,
    noise_contrastive,
)

__all__ = [
    "HuffmanCodes",
    "PairByPair",
    "PairStep",
    "Word2Vec",
    "full_softmax",
    "hierarchical_softmax",
    "huffman_codes",
    "keep_probability",
    "negative_sampling",
    "noise_contrastive",
    "noise_distribution",
]

present(globals(), __all__)

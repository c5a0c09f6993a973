"""Training, to be read: one pair of words after the other."""

import numpy as np

from rnn_utils.word2vec.model import Word2Vec
from rnn_utils.word2vec.pair_losses import full_softmax, hierarchical_softmax, noise_contrastive


class PairByPair(Word2Vec):
    """`Word2Vec` in plain loops, one pair of words after the other: slow, and made to be read.

    It takes the same settings, learns from the same minibatches, and comes to the same vectors,
    but for rounding.
    """

    def _update(self, minibatch):
        d_vectors = np.zeros_like(self._vectors)
        self._d_output = np.zeros_like(self.output_vectors)
        self._d_bias = np.zeros_like(self.output_bias)
        loss, pairs = 0.0, 0
        for centers, contexts, band, negatives in zip(*minibatch[:4], strict=True):
            for center, paired in zip(centers, band, strict=True):
                around = contexts[paired]
                if self.sg:
                    for word in around:
                        step_loss, d_e = self._pair(self._vectors[center], word, negatives)
                        d_vectors[center] += d_e
                        loss, pairs = loss + step_loss, pairs + 1
                elif len(around):
                    total = self._vectors[around].sum(axis=0)
                    e = total / len(around) if self.cbow_mean else total
                    step_loss, d_e = self._pair(e, center, negatives)
                    for word in around:
                        d_vectors[word] += d_e / len(around) if self.cbow_mean else d_e
                    loss, pairs = loss + step_loss, pairs + 1
        self._vectors -= minibatch.alpha * d_vectors
        self.output_vectors -= minibatch.alpha * self._d_output
        self.output_bias -= minibatch.alpha * self._d_bias
        return loss, pairs

    def _pair(self, e, word, negatives):
        """Loss and gradient for e, when ``word`` is to be predicted; those for U are added up."""
        if self.hs:
            used = self.codes.used[word]
            nodes, bits = self.codes.nodes[word, used], self.codes.bits[word, used]
            step = hierarchical_softmax(e, self.output_vectors[nodes], bits)
            self._d_output[nodes] += step.d_u  # no node is twice on a way
            return step.loss, step.d_e
        if not self.negative:
            step = full_softmax(e, self.output_vectors, word)
            self._d_output += step.d_u
            return step.loss, step.d_e
        share = self.negative / len(negatives)  # what one of the shared draws counts
        rows = [word, *negatives]
        loss, d_e = 0.0, 0.0
        for k, row in enumerate(rows):
            label, weight = (1, 1.0) if k == 0 else (0, share)
            log_noise = self._log_noise[row] - self.output_bias[row]
            step = noise_contrastive(e, self.output_vectors[[row]], [label], log_noise)
            self._d_output[row] += weight * step.d_u[0]
            if self.nce:
                self._d_bias[row] += weight * (step.probabilities[0] - label)
            loss, d_e = loss + weight * step.loss, d_e + weight * step.d_e
        return loss, d_e

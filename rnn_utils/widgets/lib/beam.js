// Beam search, as pure functions: the JavaScript twin of beam_search in rnn_utils/decoding.py.

// Wu et al. 2016, equation 14: what log P is divided by, so that long answers may compete.
export function lengthPenalty(length, alpha) {
  return ((5 + length) / 6) ** alpha;
}

// In each round every unfinished hypothesis is extended by every token, and the best `beam` of
// these and of the finished ones stay. Beam 1 is greedy decoding.
//
// expand(hypothesis): the step of the decoder that follows it, with logP for every token
// Returns the rounds: {candidates: how many there were, kept: [hypothesis, ...], best first}, each
// hypothesis {parent, token, step, length, logP, score, done}; length counts the end token.
export function beamSearch(expand, { beam, alpha, end, most }) {
  let kept = [{ parent: null, token: null, step: null, length: 0, logP: 0, score: 0, done: false }];
  const rounds = [];
  while (rounds.length < most && kept.some(({ done }) => !done)) {
    const candidates = kept.flatMap((parent) => {
      if (parent.done) return [parent];
      const step = expand(parent);
      const length = parent.length + 1;
      const penalty = lengthPenalty(length, alpha);
      return step.logP.map((own, token) => {
        const logP = parent.logP + own;
        return { parent, token, step, length, logP, score: logP / penalty, done: token === end };
      });
    });
    kept = [...candidates].sort((a, b) => b.score - a.score).slice(0, beam);
    rounds.push({ candidates: candidates.length, kept });
  }
  return rounds;
}

// A hypothesis from its first token to its last.
export function pathOf(hypothesis) {
  const path = [];
  for (let node = hypothesis; node.parent; node = node.parent) path.unshift(node);
  return path;
}

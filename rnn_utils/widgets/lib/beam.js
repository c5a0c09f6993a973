// Beam search, as pure functions: the JavaScript twin of beam_search in rnn_utils/decoding.py.

// Wu et al. 2016, equation 14: what log P is divided by, so that long answers may compete.
export function lengthNormalizer(length, lengthPenalty) {
  return ((5 + length) / 6) ** lengthPenalty;
}

const falling = (hypotheses, key) => [...hypotheses].sort((a, b) => b[key] - a[key]); // stable

// In each round every open hypothesis is continued by every token, and the `beam` most probable
// of these are taken; those that end are done. Beam 1 is greedy.
//
// expand(hypothesis): the step of the decoder that follows it, with logP for every token
// Returns the rounds: {candidates: how many there were, found: the open hypotheses and the best of
// those that are done, best score first}. A hypothesis is {parent, token, step, length, logP, score,
// done}; its length counts the end.
export function beamSearch(expand, { beam, lengthPenalty, end, most }) {
  let open = [{ parent: null, token: null, step: null, length: 0, logP: 0 }];
  let done = [];
  const rounds = [];
  while (rounds.length < most && open.length > 0) {
    const candidates = open.flatMap((parent) => {
      const step = expand(parent);
      const length = parent.length + 1;
      const divisor = lengthNormalizer(length, lengthPenalty);
      return step.logP.map((own, token) => {
        const logP = parent.logP + own;
        return { parent, token, step, length, logP, score: logP / divisor, done: token === end };
      });
    });
    const taken = falling(candidates, "logP").slice(0, beam);
    open = taken.filter((one) => !one.done);
    done = falling([...done, ...taken.filter((one) => one.done)], "score").slice(0, beam);
    rounds.push({ candidates: candidates.length, found: falling([...done, ...open], "score") });
  }
  const last = rounds.at(-1);
  if (last) last.found = last.found.slice(0, beam);
  return rounds;
}

// A hypothesis from its first token to its last.
export function pathOf(hypothesis) {
  const path = [];
  for (let node = hypothesis; node.parent; node = node.parent) path.unshift(node);
  return path;
}

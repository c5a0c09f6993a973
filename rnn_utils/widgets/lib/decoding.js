import { softmax } from "./cells.js";

// From logits to the token that is written; the twin of rnn_utils/decoding.py.

// Softmax of the logits by the temperature; at 0 all is on the first of the largest.
export function withTemperature(logits, temperature) {
  if (temperature > 0) return softmax(logits.map((l) => l / temperature));
  const best = logits.indexOf(Math.max(...logits));
  return logits.map((_, k) => (k === best ? 1 : 0));
}

// From the most to the least probable; of equals the first comes first.
export const ranked = (probabilities) => probabilities.map((_, k) => k).sort((a, b) => probabilities[b] - probabilities[a] || a - b);

function keep(probabilities, kept) {
  const total = kept.reduce((sum, k) => sum + probabilities[k], 0);
  const result = probabilities.map(() => 0);
  for (const k of kept) result[k] = probabilities[k] / total;
  return result;
}

// The k most probable tokens (Fan et al. 2018).
export const topK = (probabilities, k) => keep(probabilities, ranked(probabilities).slice(0, k));

// The fewest tokens that have the share p together (Holtzman et al. 2020).
export function nucleus(probabilities, p) {
  const order = ranked(probabilities);
  let sum = 0;
  const enough = order.findIndex((k) => (sum += probabilities[k]) >= p);
  return keep(probabilities, enough < 0 ? order : order.slice(0, enough + 1));
}

// Temperature, then top-k, then the nucleus; k = 0 and p = 1 leave everything in.
export function distribution(logits, { temperature = 1, k = 0, p = 1 }) {
  const all = withTemperature(logits, temperature);
  const few = k > 0 ? topK(all, k) : all;
  return p < 1 ? nucleus(few, p) : few;
}

// The token that a number from [0, 1) falls on.
export function drawn(probabilities, u) {
  let sum = 0;
  const found = probabilities.findIndex((p) => (sum += p) > u);
  return found < 0 ? ranked(probabilities)[0] : found; // what rounding left over
}

import { softmax } from "./cells.js";

// From logits to the token that is written; the twin of rnn_utils/decoding.py, which says more.

const ROUNDING = 1e-12; // by so much a sum may miss the p that it should reach

// Softmax of the logits by the temperature; at 0 all is on the first of the largest.
export function withTemperature(logits, temperature) {
  const most = Math.max(...logits);
  if (temperature > 0) return softmax(logits.map((l) => (l - most) / temperature));
  const best = logits.indexOf(most);
  return logits.map((_, k) => (k === best ? 1 : 0));
}

// Indices from the most to the least probable; of equals the first comes first.
export const ranked = (probabilities) => probabilities.map((_, k) => k).sort((a, b) => probabilities[b] - probabilities[a] || a - b);

function kept(probabilities, indices) {
  const total = indices.reduce((sum, k) => sum + probabilities[k], 0);
  const result = probabilities.map(() => 0);
  for (const k of indices) result[k] = probabilities[k] / total;
  return result;
}

// The k most probable tokens (Fan et al. 2018).
export const topK = (probabilities, k) => kept(probabilities, ranked(probabilities).slice(0, k));

// The fewest tokens that have the share p together (Holtzman et al. 2020).
export function nucleus(probabilities, p) {
  const order = ranked(probabilities);
  let sum = 0;
  const last = order.findIndex((k) => (sum += probabilities[k]) >= p - ROUNDING);
  return kept(probabilities, last < 0 ? order : order.slice(0, last + 1));
}

// Temperature, then top-k, then the nucleus; k = 0 and p = 1 leave everything in.
export function distribution(logits, { temperature = 1, k = 0, p = 1 }) {
  const all = withTemperature(logits, temperature);
  const few = k > 0 ? topK(all, k) : all;
  return p < 1 ? nucleus(few, p) : few;
}

// The token whose stretch of the line from 0 to 1 holds u.
export function draw(probabilities, u) {
  let sum = 0;
  const found = probabilities.findIndex((p) => (sum += p) > u);
  return found < 0 ? probabilities.findLastIndex((p) => p > 0) : found; // a sum may round to less than u
}

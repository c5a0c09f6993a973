import { sigmoid } from "./cells.js";
import { uniform } from "./random_stream.js";
import { dot } from "./vectors.js";

// Skip-gram with negative sampling, one pair of words at a time, as a function of the state alone:
// the JavaScript twin of rnn_utils/widgets/skip_gram_trainer.py and of negative_sampling in
// rnn_utils/word2vec; a test holds them together. Tables are V rows of d numbers in one array.

const CHECKPOINT = 500; // steps; going back replays no more than these
const EPOCHS = 20; // how often a run goes through the text …
const LONGEST_RUN = 20000; // … if it is not a long one

// [word, count] by falling count, then as they come.
export function countWords(sentences) {
  const counts = new Map();
  for (const word of sentences.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

// [sentence, place of the center, place of the context] of every pair, in order.
export function allPairs(sentences, window) {
  return sentences.flatMap((sentence, s) => sentence.flatMap((_, i) => sentence.flatMap((_, j) =>
    (i !== j && Math.abs(i - j) <= window ? [[s, i, j]] : []))));
}

// Shares of the draw, added up. A square root is rounded alike everywhere, which a power is not.
export function addUpShares(counts) {
  let total = 0;
  return counts.map((n) => (total += Math.sqrt(n * Math.sqrt(n)))); // n ** 0.75
}

// Words other than the context, and how many numbers of the stream are used up then.
export function drawNegatives(cumulative, context, howMany, seed, n) {
  const drawn = [];
  while (drawn.length < howMany) {
    const place = uniform(seed, n) * cumulative.at(-1);
    n += 1;
    let [low, high] = [0, cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > place) high = middle;
      else low = middle + 1;
    }
    if (low !== context) drawn.push(low);
  }
  return [drawn, n];
}

const minusLogSigmoid = (s) => Math.max(-s, 0) + Math.log1p(Math.exp(-Math.abs(s)));

// Mikolov et al. 2013b, eq. 4: e and the rows of u are vectors of d numbers.
export function negativeSampling(e, u, labels) {
  const scores = u.map((row) => dot(row, e));
  const probabilities = scores.map(sigmoid);
  const errors = probabilities.map((p, n) => p - labels[n]);
  return {
    scores, probabilities, errors,
    loss: scores.reduce((sum, s, n) => sum + minusLogSigmoid(labels[n] ? s : -s), 0),
    d_e: e.map((_, k) => errors.reduce((sum, error, n) => sum + error * u[n][k], 0)),
    d_u: errors.map((error) => e.map((value) => error * value)),
  };
}

export class Trainer {
  constructor({ sentences, vector_size: d, window, negative, learning_rate: rate, seed }) {
    const counted = countWords(sentences);
    this.words = counted.map(([word]) => word);
    this.row = new Map(this.words.map((word, k) => [word, k]));
    this.cumulative = addUpShares(counted.map(([, count]) => count));
    this.pairs = allPairs(sentences, window);
    Object.assign(this, { sentences, d, rate, seed, negative });
    this.labels = [1, ...Array(negative).fill(0)];
    this.runLength = Math.min(EPOCHS * this.pairs.length, LONGEST_RUN);
    const size = this.words.length * d;
    const input = Float64Array.from({ length: size }, (_, n) => (uniform(seed, n) - 0.5) / d);
    this.now = { step: 0, input, output: new Float64Array(size), drawn: size };
    this.losses = []; // of every pair so far …
    this.sums = [0]; // … and added up
    this.checkpoints = [this.copy()];
  }

  copy() {
    return { ...this.now, input: this.now.input.slice(), output: this.now.output.slice() };
  }

  // Train, or go back, until this many pairs have been trained.
  goTo(step) {
    if (step < this.now.step || step - this.now.step > CHECKPOINT) {
      const kept = this.checkpoints[Math.min(Math.floor(step / CHECKPOINT), this.checkpoints.length - 1)];
      if (step < this.now.step || kept.step > this.now.step) {
        this.now = kept;
        this.now = this.copy();
      }
    }
    while (this.now.step < step) this.train();
  }

  vector(table, word) {
    return Array.from(table.subarray(word * this.d, (word + 1) * this.d));
  }

  // The pair that comes next: which words, where they stand, what it does to both tables.
  next() {
    const { pairs, row, sentences, labels } = this;
    const { step, input, output, drawn } = this.now;
    const [sentence, i, j] = pairs[step % pairs.length];
    const [center, context] = [i, j].map((place) => row.get(sentences[sentence][place]));
    const [negatives, drawnThen] = drawNegatives(this.cumulative, context, this.negative, this.seed, drawn);
    const rows = [context, ...negatives];
    const e = this.vector(input, center);
    const u = rows.map((word) => this.vector(output, word));
    return { sentence, i, j, center, rows, e, u, drawnThen, before: negativeSampling(e, u, labels) };
  }

  // What the same words would say after the update; nothing is changed.
  after({ rows, e, u, before }) {
    const move = (vector, gradients) =>
      vector.map((value, k) => gradients.reduce((sum, gradient) => sum - this.rate * gradient[k], value));
    const moved = rows.map((word, n) => move(u[n], before.d_u.filter((_, m) => rows[m] === word)));
    return negativeSampling(move(e, [before.d_e]), moved, this.labels);
  }

  train() {
    const { center, rows, drawnThen, before } = this.next();
    const { now, d, rate } = this;
    before.d_e.forEach((g, k) => { now.input[center * d + k] -= rate * g; });
    rows.forEach((word, n) => before.d_u[n].forEach((g, k) => { now.output[word * d + k] -= rate * g; }));
    this.losses[now.step] = before.loss;
    this.sums[now.step + 1] = this.sums[now.step] + before.loss;
    now.step += 1;
    now.drawn = drawnThen;
    if (now.step === CHECKPOINT * this.checkpoints.length) this.checkpoints.push(this.copy());
  }

  // The mean loss of up to `span` pairs, the last of which is pair number `step`.
  meanLoss(step, span) {
    const from = Math.max(step - span, 0);
    return (this.sums[step] - this.sums[from]) / (step - from);
  }

  // The rows of a table, as vectors.
  vectors(table) {
    return this.words.map((_, word) => this.vector(table, word));
  }
}

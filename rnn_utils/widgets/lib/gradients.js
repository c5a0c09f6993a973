import { SLOPES, gruStep, gruStepBackward, lstmStep, lstmStepBackward, rnnStep, rnnStepBackward, sigmoidSlope, tanhSlope } from "./cells.js";
import { uniform } from "./random_stream.js";

// The gradient on its way back through an RNN, an LSTM and a GRU, as a function of the state
// alone: the JavaScript twin of rnn_utils/widgets/gradient_flow.py; a test holds them together.

const FEATURES = 4; // numbers in an input
const UNITS = 8; // numbers in a state
const EPSILON = 1e-6; // PyTorch adds it to the norm, so that clipping never divides by 0
const BISECTIONS = 60;
const KINDS = {
  rnn: { blocks: 1, keeps: null, step: rnnStep, back: rnnStepBackward, jacobian: rnnJacobian },
  lstm: { blocks: 4, keeps: "forget_bias", step: lstmStep, back: lstmStepBackward, jacobian: lstmJacobian },
  gru: { blocks: 3, keeps: "keep_bias", step: gruStep, back: gruStepBackward, jacobian: gruJacobian },
};

const length = (v) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));
const list = (n, at) => Array.from({ length: n }, (_, k) => at(k));
const zeros = () => list(UNITS, () => 0);

// ------------------------------------------------------------------------------ what is drawn

// Inputs come last, so a longer sequence begins like a short one.
function drawProblem(state) {
  let n = 0;
  const take = (rows, columns, factor = 1) => list(rows, () => list(columns, () => factor * (2 * uniform(state.seed, n++) - 1)));
  const weights = {};
  for (const [name, { blocks, keeps }] of Object.entries(KINDS)) {
    const size = blocks * UNITS;
    weights[name] = {
      weight_ih: take(size, FEATURES, Math.sqrt(3 / FEATURES)), // 3: uniform in ±1 has variance 1/3
      weight_hh: list(blocks, () => square(state.recurrent, take(UNITS, UNITS))).flat().map((row) => row.map((w) => state.scale * w)),
      bias_ih: list(size, (k) => (keeps && k >= UNITS && k < 2 * UNITS ? state[keeps] : 0)), // f of i f g o, z of r z n
      bias_hh: list(size, () => 0),
    };
  }
  const [v] = take(1, UNITS);
  const readout = v.map((a) => a / length(v));
  return { weights, readout, inputs: take(state.length, FEATURES, Math.sqrt(3) * state.input_scale) };
}

// A matrix of the wished kind, from as many numbers in ±1.
function square(recurrent, numbers) {
  if (recurrent === "identity") return numbers.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  if (recurrent === "random") return numbers.map((row) => row.map((a) => Math.sqrt(3 / UNITS) * a));
  return gramSchmidt(numbers);
}

// The columns made orthogonal one after the other; twice, as once leaves rounding errors.
function gramSchmidt(numbers) {
  const done = [];
  for (let j = 0; j < numbers.length; j++) {
    let column = numbers.map((row) => row[j]);
    for (let round = 0; round < 2; round++) {
      for (const q of done) {
        const along = q.reduce((sum, a, k) => sum + a * column[k], 0);
        column = column.map((a, k) => a - along * q[k]);
      }
    }
    const size = length(column);
    done.push(column.map((a) => a / size));
  }
  return numbers.map((_, i) => done.map((q) => q[i]));
}

// ------------------------------------------------------------------------------- the way back

// For each cell: the norms of ∂L/∂h_t (and of the LSTM's ∂L/∂c_t) for t = 1 to T at index t - 1,
// of the gradient of its weights, and of what the first half of the steps adds to that, before
// and after clipping; and stretch(t), the largest singular value of step t.
export function gradientFlow(state) {
  const problem = drawProblem(state);
  return Object.fromEntries(Object.keys(KINDS).map((name) => [name, cellFlow(name, problem, state)]));
}

function cellFlow(name, { weights: all, readout, inputs }, { nonlinearity, clip }) {
  const cell = KINDS[name];
  const weights = all[name];
  const options = name === "rnn" ? { nonlinearity } : {};
  const T = inputs.length;
  const steps = [{ h: zeros(), c: zeros() }];
  for (const x of inputs) steps.push(cell.step(weights, x, steps.at(-1), options));

  const [h, c] = [new Array(T), new Array(T)];
  const late = sumOfGradients(weights);
  const early = sumOfGradients(weights);
  let reached = { h: readout, c: zeros() };
  for (let t = T; t >= 1; t--) {
    const back = cell.back(weights, inputs[t - 1], steps[t - 1], steps[t], reached, options);
    h[t - 1] = length(reached.h);
    if (name === "lstm") c[t - 1] = length(back.c);
    (t <= Math.floor(T / 2) ? early : late).add(back);
    reached = { h: back.h_prev, c: back.c_prev };
  }
  const before = length(early.numbers.map((a, k) => a + late.numbers[k]));
  const factor = Math.min(1, clip / (before + EPSILON));
  const earlyNorm = length(early.numbers);
  const stretch = (t) => largestSingularValue(cell.jacobian(weights, steps[t - 1], steps[t], nonlinearity));
  return { h, c: name === "lstm" ? c : null, before, after: factor * before, early: earlyNorm, earlyAfter: factor * earlyNorm, stretch };
}

function sumOfGradients(weights) {
  const names = Object.keys(weights);
  const numbers = new Float64Array(names.reduce((sum, name) => sum + weights[name].flat().length, 0));
  const add = (gradients) => {
    let k = 0;
    for (const name of names) for (const row of gradients[name]) {
      if (typeof row === "number") numbers[k++] += row;
      else for (const value of row) numbers[k++] += value;
    }
  };
  return { numbers, add };
}

// ------------------------------------------------------------------------ one step's Jacobian
// Row k: how the new state's number k depends on the old state. Written out, and not by a
// backward step for each row, as a table of 100 steps needs 3200 rows.

const block = (weights, n) => weights.weight_hh.slice(n * UNITS, (n + 1) * UNITS);

function rnnJacobian(weights, _old, { a, h }, nonlinearity) {
  return weights.weight_hh.map((row, k) => row.map((w) => SLOPES[nonlinearity](a[k], h[k]) * w));
}

function gruJacobian(weights, old, { r, z, n, h_n }) {
  const [W_r, W_z, W_n] = list(3, (b) => block(weights, b));
  return list(UNITS, (k) => {
    const byZ = (old.h[k] - n[k]) * sigmoidSlope(z[k]);
    const byN = (1 - z[k]) * tanhSlope(n[k]);
    const byR = byN * h_n[k] * sigmoidSlope(r[k]);
    return list(UNITS, (j) => byZ * W_z[k][j] + byN * r[k] * W_n[k][j] + byR * W_r[k][j] + (j === k ? z[k] : 0));
  });
}

// Of (h, c) by the old (h, c).
function lstmJacobian(weights, old, { i, f, g, o, squashed }) {
  const [W_i, W_f, W_g, W_o] = list(4, (b) => block(weights, b));
  const alone = (k, value) => list(UNITS, (j) => (j === k ? value : 0));
  const road = list(UNITS, (k) => {
    const [byI, byF, byG] = [g[k] * sigmoidSlope(i[k]), old.c[k] * sigmoidSlope(f[k]), i[k] * tanhSlope(g[k])];
    return list(UNITS, (j) => byI * W_i[k][j] + byF * W_f[k][j] + byG * W_g[k][j]);
  });
  const out = list(UNITS, (k) => {
    const [byO, byC] = [squashed[k] * sigmoidSlope(o[k]), o[k] * tanhSlope(squashed[k])];
    return [...list(UNITS, (j) => byO * W_o[k][j] + byC * road[k][j]), ...alone(k, byC * f[k])];
  });
  return [...out, ...road.map((row, k) => [...row, ...alone(k, f[k])])];
}

// The square root of the largest eigenvalue of JᵀJ: made tridiagonal by Householder's
// reflections, then found by bisection (Golub and Van Loan 2013, sections 8.3 and 8.4).
export function largestSingularValue(J) {
  const size = J[0].length;
  const square = list(size, (i) => list(size, (j) => J.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const { diagonal, beside } = tridiagonal(square);
  const reach = diagonal.map((d, k) => d + Math.abs(beside[k - 1] ?? 0) + Math.abs(beside[k] ?? 0));
  let [low, high] = [Math.max(...diagonal), Math.max(...reach)];
  for (let n = 0; n < BISECTIONS && high > low; n++) {
    const middle = low + (high - low) / 2;
    if (allBelow(diagonal, beside, middle)) high = middle;
    else low = middle;
  }
  return Math.sqrt(Math.max(high, 0));
}

// Whether all eigenvalues are below s: then all pivots of the shifted matrix are negative.
function allBelow(diagonal, beside, s) {
  let pivot = diagonal[0] - s;
  for (let k = 1; k < diagonal.length && pivot < 0; k++) pivot = diagonal[k] - s - (beside[k - 1] * beside[k - 1]) / pivot;
  return pivot < 0;
}

function tridiagonal(A) {
  const size = A.length;
  const beside = [];
  for (let k = 0; k < size - 2; k++) {
    const v = list(size, (i) => (i > k ? A[i][k] : 0));
    beside[k] = v[k + 1] > 0 ? -length(v) : length(v);
    v[k + 1] -= beside[k];
    const vv = v.reduce((sum, a) => sum + a * a, 0);
    if (vv === 0) continue; // the column is zero already
    const p = A.map((row) => (2 * row.reduce((sum, a, j) => sum + a * v[j], 0)) / vv);
    const half = p.reduce((sum, a, j) => sum + a * v[j], 0) / vv;
    const w = p.map((a, j) => a - half * v[j]);
    for (let i = k + 1; i < size; i++) for (let j = k + 1; j < size; j++) A[i][j] -= v[i] * w[j] + w[i] * v[j];
  }
  if (size > 1) beside[size - 2] = A[size - 1][size - 2];
  return { diagonal: list(size, (k) => A[k][k]), beside };
}

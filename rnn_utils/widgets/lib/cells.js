// One time step of the RNN, the LSTM and the GRU, forwards and backwards, as pure functions on
// plain arrays. The JavaScript twin of rnn_utils/cells.py; a test holds both to PyTorch.
//
// weights: {weight_ih, weight_hh, bias_ih, bias_hh} with PyTorch's names, shapes and gate order.
// x: D numbers; every other vector: H numbers. Nothing is changed in place.

export function sigmoid(a) {
  const e = Math.exp(-Math.abs(a)); // never above 1, so it cannot overflow
  return (a >= 0 ? 1 : e) / (1 + e);
}

export function softmax(logits) {
  const top = Math.max(...logits);
  const e = logits.map((l) => Math.exp(l - top));
  const total = e.reduce((sum, v) => sum + v, 0);
  return e.map((v) => v / total);
}

// W x + b
export function affine(W, x, b) {
  return W.map((row, k) => row.reduce((sum, w, j) => sum + w * x[j], 0) + b[k]);
}

export const add = (u, v) => u.map((a, k) => a + v[k]);
export const times = (u, v) => u.map((a, k) => a * v[k]);
// Vector a of n equal parts, as n vectors.
const split = (a, n) => {
  const size = a.length / n;
  return Array.from({ length: n }, (_, block) => a.slice(block * size, (block + 1) * size));
};

// hold(q, values) returns the values of gate q, with those that are held by hand put in.
const free = (_q, values) => values;

// The plain RNN's φ; "linear" leaves it out.
const ACTIVATIONS = { tanh: Math.tanh, relu: (v) => Math.max(v, 0), linear: (v) => v };

export function rnnStep(weights, x, { h: h_prev }, { nonlinearity = "tanh" } = {}) {
  const a = add(
    affine(weights.weight_ih, x, weights.bias_ih),
    affine(weights.weight_hh, h_prev, weights.bias_hh),
  );
  return { a, h: a.map(ACTIVATIONS[nonlinearity]) };
}

export function lstmStep(weights, x, { h: h_prev, c: c_prev }, { hold = free } = {}) {
  const a = add(
    affine(weights.weight_ih, x, weights.bias_ih),
    affine(weights.weight_hh, h_prev, weights.bias_hh),
  );
  const [a_i, a_f, a_g, a_o] = split(a, 4);
  const i = hold("i", a_i.map(sigmoid));
  const f = hold("f", a_f.map(sigmoid));
  const g = a_g.map(Math.tanh);
  const o = hold("o", a_o.map(sigmoid));
  const kept = times(f, c_prev);
  const written = times(i, g);
  const c = add(kept, written);
  const squashed = c.map(Math.tanh);
  const h = times(o, squashed);
  return { a_i, a_f, a_g, a_o, i, f, g, o, kept, written, c, squashed, h };
}

export function gruStep(weights, x, { h: h_prev }, { resetAfter = true, hold = free } = {}) {
  const [x_r, x_z, x_n] = split(affine(weights.weight_ih, x, weights.bias_ih), 3);
  const [h_r, h_z, h_n] = split(affine(weights.weight_hh, h_prev, weights.bias_hh), 3);
  const [a_r, a_z] = [add(x_r, h_r), add(x_z, h_z)];
  const r = hold("r", a_r.map(sigmoid));
  const z = hold("z", a_z.map(sigmoid));
  const [, , W_hn] = split(weights.weight_hh, 3);
  const [, , b_hn] = split(weights.bias_hh, 3);
  const shown = times(r, resetAfter ? h_n : h_prev); // of the old state, to the candidate
  const a_n = add(x_n, resetAfter ? shown : affine(W_hn, shown, b_hn));
  const n = a_n.map(Math.tanh);
  const renew = z.map((keep) => 1 - keep);
  const kept = times(z, h_prev);
  const written = times(renew, n);
  const h = add(written, kept);
  return { a_r, a_z, a_n, x_n, h_n, r, z, shown, n, renew, kept, written, h };
}

// ---------------------------------------------------------------------------------- backwards
// Each takes what the forward step took, the step itself, and the gradients that reach the new
// state; each returns the gradients of the parameters, of x, of the old state, and of the gates.
// Derivatives are written with the step's own values: σ' = σ(1 - σ), tanh' = 1 - tanh².

export const sigmoidSlope = (s) => s * (1 - s); // σ' from s = σ(a)
export const tanhSlope = (t) => 1 - t * t; // tanh' from t = tanh(a)
const outer = (u, v) => u.map((a) => v.map((b) => a * b));
const transposedTimes = (W, d) =>
  W[0].map((_, j) => W.reduce((sum, row, k) => sum + row[j] * d[k], 0));
const dTanh = (d, t) => d.map((v, k) => v * tanhSlope(t[k]));

// From the gradient d of gate q back through σ. A unit held by hand is a constant, so nothing
// goes back through it; which ones are held shows when hold is asked to fill in the unknown.
function dGate(q, d, step, hold) {
  const held = hold(q, d.map(() => NaN));
  return step[q].map((s, k) => (Number.isNaN(held[k]) ? d[k] * sigmoidSlope(s) : 0));
}

function affineBackward(weights, x, h_prev, d_ih, d_hh) {
  return {
    weight_ih: outer(d_ih, x),
    weight_hh: outer(d_hh, h_prev),
    bias_ih: d_ih,
    bias_hh: d_hh,
    x: transposedTimes(weights.weight_ih, d_ih),
    h_prev: transposedTimes(weights.weight_hh, d_hh),
  };
}

// φ' of the plain RNN from its pre-activation a and its h = φ(a)
export const SLOPES = { tanh: (_a, h) => tanhSlope(h), relu: (a) => (a > 0 ? 1 : 0), linear: () => 1 };

export function rnnStepBackward(
  weights, x, { h: h_prev }, step, { h: dh }, { nonlinearity = "tanh" } = {},
) {
  const slope = SLOPES[nonlinearity];
  const da = dh.map((d, k) => d * slope(step.a[k], step.h[k]));
  return { a: da, ...affineBackward(weights, x, h_prev, da, da) };
}

export function lstmStepBackward(
  weights, x, { h: h_prev, c: c_prev }, step, { h: dh, c: dc_next }, { hold = free } = {},
) {
  const squashed = times(dh, step.o);
  const dc = add(dc_next, dTanh(squashed, step.squashed)); // along the road, and from h
  const [di, df, dg] = [times(dc, step.g), times(dc, c_prev), times(dc, step.i)];
  const dout = times(dh, step.squashed);
  const da = [
    ...dGate("i", di, step, hold),
    ...dGate("f", df, step, hold),
    ...dTanh(dg, step.g),
    ...dGate("o", dout, step, hold),
  ];
  return {
    i: di, f: df, g: dg, o: dout, c: dc, squashed,
    c_prev: times(dc, step.f),
    ...affineBackward(weights, x, h_prev, da, da),
  };
}

export function gruStepBackward(
  weights, x, { h: h_prev }, step, { h: dh }, { resetAfter = true, hold = free } = {},
) {
  const dz = dh.map((d, k) => d * (h_prev[k] - step.n[k]));
  const dn = dh.map((d, k) => d * (1 - step.z[k]));
  const da_n = dTanh(dn, step.n);
  const [W_hr, W_hz, W_hn] = split(weights.weight_hh, 3);
  const dReset = transposedTimes(W_hn, da_n); // of r ⊙ h_prev; needed for reset before only
  const dr = resetAfter ? times(da_n, step.h_n) : times(dReset, h_prev);
  const da_rz = [...dGate("r", dr, step, hold), ...dGate("z", dz, step, hold)];
  const dh_n = resetAfter ? times(da_n, step.r) : da_n;
  const grads = affineBackward(weights, x, h_prev, [...da_rz, ...da_n], [...da_rz, ...dh_n]);
  if (!resetAfter) {
    // Here W_hn met r ⊙ h_prev and not h_prev itself.
    grads.weight_hh = [...outer(da_rz, h_prev), ...outer(da_n, times(step.r, h_prev))];
    grads.h_prev = add(transposedTimes([...W_hr, ...W_hz], da_rz), times(dReset, step.r));
  }
  const direct = times(dh, step.z); // the share of h_prev that is carried over as it is
  grads.h_prev = add(grads.h_prev, direct);
  return { r: dr, z: dz, n: dn, shown: resetAfter ? da_n : dReset, ...(resetAfter ? { h_n: dh_n } : {}), ...grads };
}

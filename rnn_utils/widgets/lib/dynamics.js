import { SLOPES, rnnStep } from "./cells.js";

// The plain RNN of two units without input, as a map of the plane: h ↦ φ(W h + b). Its path from
// a start, its fixed points, and the eigenvalues that tell what happens near one. Pure functions;
// system: {weight_hh, bias, nonlinearity}. The Python twin is in phase_portrait.py.

const GRID = 21; // starts of Newton's method along each axis of the square
const MOST_NEWTON = 120; // of Newton's method
const RESIDUAL = 1e-12; // of what counts as a fixed point
const APART = 1e-4; // nearer than that, two are one
const NEUTRAL = 1e-7; // |λ| this near to 1 says nothing about growing or shrinking

const NO_INPUT = [[], []];
const step = ({ weight_hh, bias, nonlinearity }, h) =>
  rnnStep({ weight_ih: NO_INPUT, weight_hh, bias_ih: [0, 0], bias_hh: bias }, [], { h }, { nonlinearity });

export function nextState(system, h) {
  return step(system, h).h;
}

// h_0 = start and the states of all steps after it
export function trajectory(system, start, steps) {
  const path = [start];
  for (let t = 1; t <= steps; t += 1) path.push(nextState(system, path.at(-1)));
  return path;
}

// diag(φ'(a)) W
export function jacobian(system, h) {
  const { a, h: next } = step(system, h);
  return system.weight_hh.map((row, k) => row.map((w) => SLOPES[system.nonlinearity](a[k], next[k]) * w));
}

// Of a 2 × 2 matrix, each {re, im}; the larger real part first, or the one that turns left.
export function eigenvalues([[a, b], [c, d]]) {
  const [middle, half] = [(a + d) / 2, (a - d) / 2];
  const root = half * half + b * c;
  if (root < 0) return [1, -1].map((sign) => ({ re: middle, im: sign * Math.sqrt(-root) }));
  const far = middle + (middle < 0 ? -1 : 1) * Math.sqrt(root); // no digits cancel
  const near = far === 0 ? 0 : (a * d - b * c) / far;
  return [Math.max(far, near), Math.min(far, near)].map((re) => ({ re, im: 0 }));
}

export const modulus = ({ re, im }) => Math.hypot(re, im);
export const spectralRadius = (W) => Math.max(...eigenvalues(W).map(modulus));

// What the eigenvalues say about states nearby.
export function kindOf(values) {
  const sizes = values.map(modulus);
  if (sizes.some((size) => Math.abs(size - 1) < NEUTRAL)) return "neutral";
  const growing = sizes.filter((size) => size > 1).length;
  return ["stable", "saddle", "unstable"][growing];
}

// All fixed points, each {h, eigenvalues, radius, kind}, from the left to the right.
// Where φ is straight in pieces, a whole line can stand still; then no single point is given.
export function fixedPoints(system) {
  const found = system.nonlinearity === "tanh" ? byNewton(system) : byPieces(system);
  found.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  return found.map((h) => {
    const values = eigenvalues(jacobian(system, h));
    return { h, eigenvalues: values, radius: Math.max(...values.map(modulus)), kind: kindOf(values) };
  });
}

// M v = r for a 2 × 2 matrix, or null
function solve([[a, b], [c, d]], [r, s]) {
  const det = a * d - b * c;
  if (Math.abs(det) < 1e-14) return null;
  return [(d * r - b * s) / det, (a * s - c * r) / det];
}

function byNewton(system) {
  const found = [];
  const ticks = Array.from({ length: GRID }, (_, n) => (2 * n) / (GRID - 1) - 1);
  for (const u of ticks) for (const v of ticks) {
    const { h, off } = newton(system, [u, v]);
    if (off > RESIDUAL) continue;
    const old = found.find((point) => Math.hypot(point.h[0] - h[0], point.h[1] - h[1]) < APART);
    if (!old) found.push({ h, off });
    else if (off < old.off) Object.assign(old, { h, off });
  }
  return found.map(({ h }) => h);
}

function newton(system, start) {
  let h = start;
  for (let n = 0; n < MOST_NEWTON; n += 1) {
    const { h: next } = step(system, h);
    const [[a, b], [c, d]] = jacobian(system, h);
    const change = solve([[1 - a, -b], [-c, 1 - d]], [next[0] - h[0], next[1] - h[1]]);
    if (!change) break;
    const moved = h.map((value, k) => Math.min(Math.max(value + change[k], -1), 1)); // tanh stays there
    const still = Math.hypot(moved[0] - h[0], moved[1] - h[1]) < 1e-15;
    h = moved;
    if (still) break;
  }
  const next = nextState(system, h);
  return { h, off: Math.max(...h.map((value, k) => Math.abs(next[k] - value))) };
}

// Each unit is on (slope 1) or off (slope 0): one linear equation for each pattern.
function byPieces(system) {
  const { weight_hh, bias, nonlinearity } = system;
  const patterns = nonlinearity === "linear" ? [[1, 1]] : [[0, 0], [0, 1], [1, 0], [1, 1]];
  return patterns.flatMap((on) => {
    const M = weight_hh.map((row, k) => row.map((w, j) => (k === j ? 1 : 0) - on[k] * w));
    const h = solve(M, bias.map((b, k) => on[k] * b));
    if (!h) return [];
    const { a } = step(system, h);
    return nonlinearity === "linear" || on.every((slope, k) => (slope ? a[k] > 0 : a[k] <= 0)) ? [h.map((value) => value + 0)] : [];
  });
}

import { specOf } from "./cell_specs.js";

// The state of a widget as text for the address: only what differs from where it started.

const PLAIN = ["step", "operation", "unit", "predicting", "nonlinearity", "reset_after", "direction"];
const WHOLE = ["tokens", "inputs", "h0", "c0", "overrides", "targets"];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export function toEntries(state, base) {
  const entries = {};
  if (state.preset) entries.preset = state.preset;
  for (const key of PLAIN) if (state[key] !== base[key]) entries[key] = String(state[key]);
  for (const key of WHOLE) if (!same(state[key], base[key])) entries[key] = JSON.stringify(state[key]);
  const edits = changedWeights(state.weights, base.weights);
  if (edits.length) entries.weights = JSON.stringify(edits);
  return entries;
}

const numbers = (value, size) => Array.isArray(value) && value.length === size && value.every(Number.isFinite);
const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;

// What a hand-written address must satisfy to be taken: D and H of the base, T of its own tokens.
const FITS = {
  tokens: (value) => Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === "string"),
  inputs: (value, { D }) => Array.isArray(value) && value.length > 0 && value.every((x) => numbers(x, D)),
  h0: (value, { H }) => numbers(value, H),
  c0: (value, { H }) => numbers(value, H),
  unit: (value, { H }) => whole(value, 0, H - 1),
  step: (value, { T }) => whole(value, 0, T),
  predicting: (value) => typeof value === "boolean",
  overrides: (value, { T, H, gates }) => Array.isArray(value) && value.every((held) => held && gates.includes(held.q)
    && whole(held.k ?? 0, 0, H - 1) && whole(held.t ?? 1, 1, T) && Number.isFinite(held.value) && held.value >= 0 && held.value <= 1),
};

// A target is nothing, the number of an answer, or a state.
FITS.targets = (value, { T, H, answers }) => value === null || (Array.isArray(value) && value.length === T && value.every((target) =>
  target === null || (answers > 0 ? whole(target, 0, answers - 1) : numbers(target, H))));

// The part of the state that the entries name; what cannot be read or does not fit is left out.
export function fromEntries(entries, base) {
  const { gates, operations, option } = specOf(base);
  const state = {};
  const read = (key) => {
    try {
      return JSON.parse(entries[key]);
    } catch {
      return undefined;
    }
  };
  const take = (keys, sizes) => {
    for (const key of keys) {
      const value = key in entries ? read(key) : undefined;
      if (value !== undefined && FITS[key](value, sizes)) state[key] = value;
    }
  };
  const sizes = { D: base.inputs[0].length, H: base.h0.length, gates, answers: base.readout ? base.readout.labels.length : 0 };
  take(["tokens", "inputs", "h0", "c0", "unit", "predicting"], sizes);
  if ((state.tokens ?? base.tokens).length !== (state.inputs ?? base.inputs).length) {
    delete state.tokens;
    delete state.inputs;
  }
  take(["step", "overrides", "targets"], { ...sizes, T: (state.tokens ?? base.tokens).length });
  if (["forward", "backward"].includes(entries.direction)) state.direction = entries.direction;
  if (operations.some(({ id }) => id === entries.operation) || entries.operation === "") state.operation = entries.operation;
  const chosen = option && option.values.find((value) => String(value) === entries[option.trait]);
  if (chosen !== undefined) state[option.trait] = chosen;
  const edits = read("weights");
  if (Array.isArray(edits)) state.weights = withEdits(base.weights, edits);
  return state;
}

// [[name, row, column or null, value], …]
function changedWeights(weights, base) {
  return Object.entries(weights).flatMap(([name, rows]) => rows.flatMap((row, r) =>
    Array.isArray(row)
      ? row.flatMap((value, j) => (value === base[name][r][j] ? [] : [[name, r, j, value]]))
      : row === base[name][r] ? [] : [[name, r, null, row]]));
}

// Only a number is replaced, and only by a number; an edit of anything else is left out.
export function withEdits(weights, edits) {
  const changed = structuredClone(weights);
  for (const edit of edits) {
    const [name, row, column, value] = Array.isArray(edit) ? edit : [];
    const rows = Object.hasOwn(changed, name) ? changed[name] : [];
    const [place, index] = column === null ? [rows, row] : [rows[row], column];
    if (Number.isInteger(index) && Number.isFinite(place?.[index]) && Number.isFinite(value)) place[index] = value;
  }
  return changed;
}

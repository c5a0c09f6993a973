// The state of a widget as text for the address: only what differs from where it started.

const PLAIN = ["step", "operation", "unit", "predicting"];
const WHOLE = ["tokens", "inputs", "h0", "c0", "overrides"];

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

const numbers = (value, size) =>
  Array.isArray(value) && (size === undefined || value.length === size) && value.every(Number.isFinite);

// What a hand-written address must satisfy to be taken.
const FITS = {
  step: (value) => Number.isInteger(value),
  unit: (value, base) => Number.isInteger(value) && value >= 0 && value < base.h0.length,
  predicting: (value) => typeof value === "boolean",
  tokens: (value) => Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === "string"),
  inputs: (value, base) => Array.isArray(value) && value.length > 0
    && value.every((x) => numbers(x, base.inputs[0].length)),
  h0: (value, base) => numbers(value, base.h0.length),
  c0: (value, base) => numbers(value, base.h0.length),
  overrides: (value) => Array.isArray(value) && value.every((held) => held && typeof held.q === "string"
    && [held.k ?? 0, held.t ?? 0].every(Number.isInteger) && held.value >= 0 && held.value <= 1),
};

// The part of the state that the entries name; what cannot be read or does not fit is left out.
export function fromEntries(entries, base) {
  const state = {};
  const read = (key) => {
    try {
      return JSON.parse(entries[key]);
    } catch {
      return undefined;
    }
  };
  if ("operation" in entries) state.operation = entries.operation;
  for (const key of ["step", "unit", "predicting", ...WHOLE]) {
    const value = key in entries ? read(key) : undefined;
    if (value !== undefined && FITS[key](value, base)) state[key] = value;
  }
  if ((state.tokens ?? base.tokens).length !== (state.inputs ?? base.inputs).length) {
    delete state.tokens;
    delete state.inputs;
  }
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

export function withEdits(weights, edits) {
  const changed = structuredClone(weights);
  for (const [name, row, column, value] of edits) {
    if (typeof value !== "number" || changed[name]?.[row] === undefined) continue;
    if (column === null) changed[name][row] = value;
    else if (changed[name][row][column] !== undefined) changed[name][row][column] = value;
  }
  return changed;
}

import { runSequence, zeros } from "./sequence.js";
import { specOf } from "./cell_specs.js";

// What is left of the first token. The sequence runs a second time, with a vector of zeros in its
// place; how far the two states are apart after step t, as a share of how far after step 1.

export const FORGOTTEN = 0.1;

// For t = 1..T; empty if the first token is told from zeros by no state.
export function leftOfFirst(state, steps) {
  const { states } = specOf(state);
  const without = runSequence({ ...state, readout: null, inputs: state.inputs.with(0, zeros(state.inputs[0].length)) });
  const apart = steps.map((step, t) => Math.hypot(...states.flatMap((q) => step[q].map((value, k) => value - without[t][q][k]))));
  return apart[1] === 0 ? [] : apart.slice(1).map((distance) => distance / apart[1]);
}

// The first step after which less than FORGOTTEN is left; null if there is none.
export function forgetsAt(left) {
  const t = left.findIndex((share) => share < FORGOTTEN);
  return t < 0 ? null : t + 1;
}

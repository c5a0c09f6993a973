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

// The first step after which the model says something wrong, if it was asked anything; otherwise
// the first after which less than FORGOTTEN is left. Null if there is none.
export function forgetsAt({ readout, targets }, steps, left) {
  const t = asks({ readout, targets })
    ? targets.findIndex((target, n) => target !== null && steps[n + 1].p.indexOf(Math.max(...steps[n + 1].p)) !== target)
    : left.findIndex((share) => share < FORGOTTEN);
  return t < 0 ? null : t + 1;
}

export function asks({ readout, targets }) {
  return readout !== null && targets !== null;
}

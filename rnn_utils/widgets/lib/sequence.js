import { affine, softmax } from "./cells.js";
import { specOf } from "./cell_specs.js";

// A whole sequence through one cell, from the widget's state.

export function zeros(size) {
  return Array(size).fill(0);
}

// steps[t] for t = 1..T holds every quantity of step t, its x and the states it started from;
// steps[0] holds the initial states only.
export function runSequence(given) {
  const { weights, inputs, h0, c0, overrides, readout } = given;
  const spec = specOf(given);
  let state = Object.fromEntries(spec.states.map((name) => [name, { h: h0, c: c0 }[name]]));
  const steps = [{ ...state }];
  inputs.forEach((x, index) => {
    const hold = holdAt(overrides, index + 1);
    const before = Object.fromEntries(spec.states.map((name) => [`${name}_prev`, state[name]]));
    const step = { x, ...before, ...spec.step(weights, x, state, { hold }) };
    state = Object.fromEntries(spec.states.map((name) => [name, step[name]]));
    steps.push(step);
  });
  if (readout) {
    for (const step of steps) step.p = softmax(affine(readout.weight, step.h, readout.bias));
  }
  return steps;
}

// The override that holds unit k of gate q at step t, if any; the last one given wins.
export function heldAt(overrides, q, t, k) {
  return overrides.findLast(
    (held) => held.q === q && (held.k ?? k) === k && (held.t ?? t) === t,
  );
}

// What a cell asks at step t: the values of gate q, with those that are held put in.
export function holdAt(overrides, t) {
  return (q, values) => values.map((value, k) => heldAt(overrides, q, t, k)?.value ?? value);
}

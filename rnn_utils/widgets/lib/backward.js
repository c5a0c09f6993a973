import { add, sigmoidSlope, times } from "./cells.js";
import { specOf } from "./cell_specs.js";
import { backwardSpecOf } from "./backward_specs.js";
import { heldAt, holdAt, zeros } from "./sequence.js";

// The gradient of a loss on its way back through a sequence, from the stepper's state and the
// steps that runSequence gave. Everything is ∂L/∂ of the quantity that it is named after.

// gradients[t] for t = 1..T: h is all of ∂L/∂h_t, h_own what the loss at t brings, h_next what
// comes from step t + 1; the rest as the names say. gradients[0] is that of the initial states.
// parameters is summed over all steps.
export function runBackward(state, steps) {
  const { weights, overrides, nonlinearity } = state;
  const spec = specOf(state);
  const back = backwardSpecOf(state);
  const T = steps.length - 1;
  const size = state.h0.length;
  const gradients = [];
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, rows]) =>
    [name, rows.map((row) => (Array.isArray(row) ? zeros(row.length) : 0))]));
  let loss = 0;
  const onEach = (give) => Object.fromEntries(spec.states.map((name) => [name, give(name)]));
  let later = onEach(() => zeros(size)); // what the step after this one hands back
  let along = zeros(size); // what the road alone hands back
  for (let t = T; t > 0; t -= 1) {
    const step = steps[t];
    const own = lossAt(state, step, t);
    loss += own.loss;
    const h = add(own.h, later.h);
    const old = { h: step.h_prev, c: step.c_prev };
    const { weight_ih, weight_hh, bias_ih, bias_hh, ...inside } =
      spec.stepBackward(weights, step.x, old, step, { h, c: later.c }, { hold: holdAt(overrides, t) });
    addTo(parameters, { weight_ih, weight_hh, bias_ih, bias_hh });
    const gradient = { ...inside, h, h_own: own.h, h_next: later.h, ...back.slopes(step, nonlinearity), ...gateSlopes(spec, step, overrides, t) };
    spec.blocks.forEach((q, n) => { if (q !== "a") gradient[`a_${q}`] = bias_ih.slice(n * size, (n + 1) * size); });
    Object.assign(gradient, back.flows(gradient, step, later));
    if (back.road) {
      gradient.along = add(back.road.start(gradient, step), along);
      along = times(gradient.along, step[back.road.gate]);
    }
    gradients[t] = gradient;
    later = onEach((name) => inside[`${name}_prev`]);
  }
  gradients[0] = { ...later, along };
  return { gradients, parameters, loss };
}

// The loss at step t and its gradient for h_t. Without targets it is the sum of the last state;
// with a readout, a target is the right answer's number (cross-entropy); without one, the wished
// state (half the squared distance).
function lossAt({ targets, readout, tokens }, { h, p }, t) {
  if (targets === null) {
    return t === tokens.length ? { loss: h.reduce((sum, v) => sum + v, 0), h: h.map(() => 1) } : { loss: 0, h: zeros(h.length) };
  }
  const target = targets[t - 1];
  if (target === null) return { loss: 0, h: zeros(h.length) };
  if (!readout) {
    const off = h.map((v, k) => v - target[k]);
    return { loss: off.reduce((sum, d) => sum + (d * d) / 2, 0), h: off };
  }
  const off = p.map((probability, n) => probability - (n === target ? 1 : 0));
  return {
    loss: -Math.log(p[target]),
    h: h.map((_, k) => readout.weight.reduce((sum, row, n) => sum + row[k] * off[n], 0)),
  };
}

// How steep the sigmoid of each gate is where the step used it; 0 for a gate that is held.
function gateSlopes({ gates }, step, overrides, t) {
  return Object.fromEntries(gates.map((q) => [`slope_${q}`, step[q].map((s, k) => (heldAt(overrides, q, t, k) ? 0 : sigmoidSlope(s)))]));
}

function addTo(total, gradients) {
  for (const [name, rows] of Object.entries(gradients)) {
    rows.forEach((row, k) => {
      if (Array.isArray(row)) row.forEach((value, j) => { total[name][k][j] += value; });
      else total[name][k] += row;
    });
  }
}

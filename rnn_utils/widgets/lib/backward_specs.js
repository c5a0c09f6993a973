import { SLOPES, tanhSlope, times } from "./cells.js";

// What the stepper must know of a cell to walk the gradient back through it. The operations are
// those of the step itself, in reverse. "∂q" is short for ∂L/∂q.
//
// lines     what an operation computes: [equation, the gradient, terms]; a term is a list of
//           factors, "∂q" a gradient and anything else a value of the step or a slope of it
// code      the same in NumPy
// share     the block of rows of the weights whose gradient is known from here on
// makes     the parts of the picture that it reaches
// sum       what the old state gets through the weights: the blocks of rows with their
//           gradients, and terms beside them
// pipes     the gradient that runs through each pipe of the picture, in their order; a matrix's
//           threads carry the gradient of the sum that they led to
// table     the rows of the data table for each step
// slopes    how steep each function is that is not a gate, where the step used it
// flows     gradients that stand in the picture only: (gradient, step, later) => {name: values}
// road      what alone would go back along the road, if there is one: its gate, and the gradient
//           that the loss at one step brings to it

const OLD_STATE = "∂h_t−1 = W_hhᵀ ∂a_t";
const ARRIVES = ["∂h_t = ∂L_t/∂h_t + ∂h_t(from step t+1)", "h", [["∂h_own"], ["∂h_next"]]];
const gate = (q, from, factors, block = q) => ({
  lines: [
    [`∂${q}_t = ${from}`, q, [factors]],
    [`∂a_${q} = ∂${q}_t ⊙ σ′(a_${q})`, `a_${q}`, [[`∂${q}`, `slope_${q}`]]],
  ],
  share: block,
  makes: [q],
});

const LSTM_BACK = {
  operations: {
    hidden: {
      lines: [ARRIVES, ["∂tanh(c_t) = ∂h_t ⊙ o_t", "squashed", [["∂h", "o"]]]],
      code: "d_h = d_h_own + d_h_next\nd_squashed = d_h * o", makes: ["h", "squashed"],
    },
    squash: {
      lines: [["∂c_t = ∂c_t(from step t+1) + ∂tanh(c_t) ⊙ tanh′(c_t)", "c", [["∂c_next"], ["∂squashed", "slope_c"]]]],
      code: "d_c = d_c_next + d_squashed * (1 - np.tanh(c) ** 2)", makes: ["c"],
    },
    output: { ...gate("o", "∂h_t ⊙ tanh(c_t)", ["∂h", "squashed"]), code: "d_o = d_h * np.tanh(c)\nd_a_o = d_o * o * (1 - o)" },
    write: {
      lines: [["∂(f_t ⊙ c_t−1) = ∂c_t", "kept", [["∂c"]]], ["∂(i_t ⊙ g_t) = ∂c_t", "written", [["∂c"]]]],
      code: "d_kept = d_written = d_c", makes: ["kept", "written"],
    },
    keep: {
      lines: [["∂c_t−1 = ∂c_t ⊙ f_t", "c_prev", [["∂c", "f"]]]],
      code: "d_c_prev = d_c * f", makes: ["c_prev"],
    },
    candidate: {
      lines: [["∂g_t = ∂c_t ⊙ i_t", "g", [["∂c", "i"]]], ["∂a_g = ∂g_t ⊙ tanh′(a_g)", "a_g", [["∂g", "slope_g"]]]],
      code: "d_g = d_c * i\nd_a_g = d_g * (1 - g**2)", share: "g", makes: ["g"],
    },
    input: { ...gate("i", "∂c_t ⊙ g_t", ["∂c", "g"]), code: "d_i = d_c * g\nd_a_i = d_i * i * (1 - i)" },
    forget: { ...gate("f", "∂c_t ⊙ c_t−1", ["∂c", "c_prev"]), code: "d_f = d_c * c_prev\nd_a_f = d_f * f * (1 - f)" },
    combine: {
      lines: [["∂x_t = W_ihᵀ ∂a_t"], [OLD_STATE]],
      sum: { blocks: ["a_i", "a_f", "a_g", "a_o"], beside: [] },
      code: "d_x, d_h_prev = d_a @ weight_ih, d_a @ weight_hh", makes: ["combine"],
    },
  },
  pipes: ["c_prev", "kept", "kept", "c", "c_next", "g", "written", "written", "c_from_h", "squashed", "h"],
  table: ["h", "o", "c", "g", "i", "f", "x"],
  slopes: ({ g, squashed }) => ({ slope_g: g.map(tanhSlope), slope_c: squashed.map(tanhSlope) }),
  flows: ({ c, squashed, slope_c }, _step, later) => ({ c_next: later.c, c_from_h: times(squashed, slope_c), kept: c, written: c }),
  road: { gate: "f", start: ({ h_own, slope_c }, { o }) => times(times(h_own, o), slope_c) },
};

const RNN_BACK = {
  operations: {
    squash: {
      lines: [ARRIVES, ["∂a_t = ∂h_t ⊙ φ′(a_t)", "a", [["∂h", "slope"]]]],
      code: "d_h = d_h_own + d_h_next\nd_a = d_h * slope  # tanh: 1 - h**2", share: "a", makes: ["h", "squash", "a"],
    },
    combine: {
      lines: [["∂x_t = W_ihᵀ ∂a_t"], [OLD_STATE]],
      sum: { blocks: ["a"], beside: [] },
      code: "d_x, d_h_prev = d_a @ weight_ih, d_a @ weight_hh", makes: ["combine", "h_prev"],
    },
  },
  pipes: ["a", "a", "h", "h_next"],
  table: ["h", "a", "x"],
  slopes: ({ a, h }, nonlinearity) => ({ slope: a.map((value, k) => SLOPES[nonlinearity](value, h[k])) }),
  flows: () => ({}),
};

const MIX_BACK = {
  lines: [ARRIVES, ["∂z_t = ∂h_t ⊙ (h_t−1 − n_t)", "z", [["∂h", "h_prev"], ["−", "∂h", "n"]]], ["∂n_t = ∂h_t ⊙ (1 − z_t)", "n", [["∂h", "renew"]]]],
  code: "d_h = d_h_own + d_h_next\nd_z = d_h * (h_prev - n)\nd_n = d_h * (1 - z)",
  makes: ["h", "kept", "written", "renew", "n", "z"],
};
const UPDATE_BACK = {
  lines: [["∂a_z = ∂z_t ⊙ σ′(a_z)", "a_z", [["∂z", "slope_z"]]]],
  code: "d_a_z = d_z * z * (1 - z)", share: "z", makes: ["z"],
};
const candidateOf = (resetAfter) => ({
  lines: [
    ["∂a_n = ∂n_t ⊙ tanh′(a_n)", "a_n", [["∂n", "slope_n"]]],
    resetAfter ? ["∂h_n = ∂a_n ⊙ r_t", "h_n", [["∂a_n", "r"]]] : ["∂(r_t ⊙ h_t−1) = W_hnᵀ ∂a_n"],
  ],
  code: `d_a_n = d_n * (1 - n**2)\n${resetAfter ? "d_h_n = d_a_n * r" : "d_shown = d_a_n @ W_hn"}`,
  share: "n", makes: ["n", "shown", "h_n"],
});
const GRU_BACK = {
  table: ["h", "z", "n", "r", "x"],
  slopes: ({ n }) => ({ slope_n: n.map(tanhSlope) }),
  flows: ({ h, shown }, { z, r }) => ({ kept: h, written: h, direct: times(h, z), by_reset: times(shown, r) }),
  road: { gate: "z", start: ({ h_own }) => h_own },
};
const MIXING_BACK = ["direct", "kept", "kept", "h", "h_next", "n", "written", "written"];

const GRU_AFTER_BACK = {
  ...GRU_BACK,
  operations: {
    mix: MIX_BACK, candidate: candidateOf(true), update: UPDATE_BACK,
    reset: { ...gate("r", "∂a_n ⊙ (W_hn h_t−1 + b_hn)", ["∂a_n", "h_n"]), code: "d_r = d_a_n * h_n\nd_a_r = d_r * r * (1 - r)" },
    combine: {
      lines: [["∂x_t = W_ihᵀ [∂a_r, ∂a_z, ∂a_n]"], ["∂h_t−1 = z_t ⊙ ∂h_t + W_hhᵀ [∂a_r, ∂a_z, ∂h_n]"]],
      sum: { blocks: ["a_r", "a_z", "h_n"], beside: [["z", "∂h"]] },
      code: "d_x = blocks(d_a_r, d_a_z, d_a_n) @ weight_ih\nd_h_prev = z * d_h + blocks(d_a_r, d_a_z, d_h_n) @ weight_hh",
      makes: ["combine", "h_prev"],
    },
  },
  pipes: [...MIXING_BACK, "h_n", "shown"],
};

const GRU_BEFORE_BACK = {
  ...GRU_BACK,
  operations: {
    mix: MIX_BACK, candidate: candidateOf(false), update: UPDATE_BACK,
    reset: { ...gate("r", "∂(r_t ⊙ h_t−1) ⊙ h_t−1", ["∂shown", "h_prev"]), code: "d_r = d_shown * h_prev\nd_a_r = d_r * r * (1 - r)" },
    combine: {
      lines: [["∂x_t = W_ihᵀ [∂a_r, ∂a_z, ∂a_n]"], ["∂h_t−1 = z_t ⊙ ∂h_t + r_t ⊙ ∂(r_t ⊙ h_t−1) + [W_hr, W_hz]ᵀ [∂a_r, ∂a_z]"]],
      sum: { blocks: ["a_r", "a_z"], beside: [["z", "∂h"], ["r", "∂shown"]] },
      code: "d_x = blocks(d_a_r, d_a_z, d_a_n) @ weight_ih\nd_h_prev = z * d_h + r * d_shown + blocks(d_a_r, d_a_z) @ weight_hh[gates]",
      makes: ["combine", "h_prev"],
    },
  },
  pipes: [...MIXING_BACK, "by_reset", "shown", "a_n"],
};

// The way back through the cell of a state, in the form that the state chooses.
export function backwardSpecOf({ cell, reset_after }) {
  if (cell === "gru") return reset_after ? GRU_AFTER_BACK : GRU_BEFORE_BACK;
  return cell === "rnn" ? RNN_BACK : LSTM_BACK;
}

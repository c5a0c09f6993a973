import { lstmStep } from "./cells.js";

// What the stepper must know of a cell: its states, its operations in the order of the
// walk-through, and where each quantity stands in the picture. The component itself knows none.
//
// operation.q       the quantity that it computes (null: it computes pre-activations)
// operation.sum     for gates and candidate: the block of rows whose weighted sum it squashes
// operation.terms   otherwise: a sum of products of quantities, or one function of a quantity
// picture.parts     tiles, valves and joins on a grid of columns and rows, once for each unit
// picture.pipes     what flows between them: [from, to, whose value sets the width]

const LSTM = {
  states: ["h", "c"],
  road: "c",
  blocks: ["i", "f", "g", "o"],
  gates: ["f", "i", "o"],
  // how each quantity is written, and whose color it wears
  quantities: {
    x: ["x_t", "x"], h_prev: ["h_t−1", "h"], c_prev: ["c_t−1", "c"],
    i: ["i_t", "i"], f: ["f_t", "f"], g: ["g_t", "g"], o: ["o_t", "o"],
    kept: ["f_t ⊙ c_t−1", "c"], written: ["i_t ⊙ g_t", "g"],
    c: ["c_t", "c"], squashed: ["tanh(c_t)", "c"], h: ["h_t", "h"],
  },
  table: ["x", "i", "f", "g", "o", "c", "h"],
  step: lstmStep,
  operations: [
    { id: "combine", q: null,
      equation: "a_t = W_ih x_t + b_ih + W_hh h_t−1 + b_hh",
      code: "a = x @ weight_ih.T + bias_ih + h_prev @ weight_hh.T + bias_hh" },
    { id: "forget", q: "f", sum: "f", squash: "σ",
      equation: "f_t = σ(W_if x_t + b_if + W_hf h_t−1 + b_hf)", code: "f = sigmoid(a_f)" },
    { id: "input", q: "i", sum: "i", squash: "σ",
      equation: "i_t = σ(W_ii x_t + b_ii + W_hi h_t−1 + b_hi)", code: "i = sigmoid(a_i)" },
    { id: "candidate", q: "g", sum: "g", squash: "tanh",
      equation: "g_t = tanh(W_ig x_t + b_ig + W_hg h_t−1 + b_hg)", code: "g = np.tanh(a_g)" },
    { id: "keep", q: "kept", terms: [["f", "c_prev"]],
      equation: "f_t ⊙ c_t−1", code: "f * c_prev" },
    { id: "write", q: "c", also: ["written"], terms: [["f", "c_prev"], ["i", "g"]],
      equation: "c_t = f_t ⊙ c_t−1 + i_t ⊙ g_t", code: "c = f * c_prev + i * g" },
    { id: "output", q: "o", sum: "o", squash: "σ",
      equation: "o_t = σ(W_io x_t + b_io + W_ho h_t−1 + b_ho)", code: "o = sigmoid(a_o)" },
    { id: "squash", q: "squashed", function: ["tanh", "c"],
      equation: "tanh(c_t)", code: "np.tanh(c)" },
    { id: "hidden", q: "h", terms: [["o", "squashed"]],
      equation: "h_t = o_t ⊙ tanh(c_t)", code: "h = o * np.tanh(c)" },
  ],
  picture: {
    wide: { columns: [47, 121, 195, 253, 316, 428, 502, 576], end: 636, rows: 2 },
    narrow: { columns: [32, 92, 152, 201, 254], end: 318, rows: 3 },
    parts: [
      { kind: "tile", q: "c_prev", wide: [0, 0], narrow: [0, 0] },
      { kind: "valve", q: "f", wide: [1, 0], narrow: [1, 0] },
      { kind: "tile", q: "kept", wide: [2, 0], narrow: [2, 0] },
      { kind: "tile", q: "g", wide: [0, 1], narrow: [0, 1] },
      { kind: "valve", q: "i", wide: [1, 1], narrow: [1, 1] },
      { kind: "tile", q: "written", wide: [2, 1], narrow: [2, 1] },
      { kind: "join", q: "c", wide: [3, 0], narrow: [3, 0] },
      { kind: "tile", q: "c", wide: [4, 0], narrow: [4, 0] },
      { kind: "tile", q: "squashed", wide: [5, 1], narrow: [0, 2] },
      { kind: "valve", q: "o", wide: [6, 1], narrow: [1, 2] },
      { kind: "tile", q: "h", wide: [7, 1], narrow: [2, 2] },
    ],
    pipes: [
      ["c_prev", "f", "c_prev"], ["f", "kept", "kept"], ["kept", "join", "kept"], ["join", "c", "c"],
      ["c", "end", "c"],
      ["g", "i", "g"], ["i", "written", "written"], ["written", "join", "written"],
      ["c", "squashed", "c"], ["squashed", "o", "squashed"], ["o", "h", "h"],
    ],
  },
};

export const CELLS = { lstm: LSTM };

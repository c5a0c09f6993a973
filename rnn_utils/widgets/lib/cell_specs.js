import { gruStep, gruStepBackward, lstmStep, lstmStepBackward, rnnStep, rnnStepBackward } from "./cells.js";

// What the stepper must know of a cell: its states, its operations in the order of the
// walk-through, and where each quantity stands in the picture. The component itself knows none.
//
// operation.q       the quantity that it computes (null: it computes pre-activations)
// operation.sum     for gates and candidate: the block of rows whose weighted sum it squashes
// operation.total   the quantity that holds this sum, if it is not a_ and the name of the block
// operation.reset   for the candidate of a GRU: which of its terms the reset gate acts on
// operation.terms   otherwise: a sum of products of quantities, or one function of a quantity
// operation.also    what else it computes; operation.uses: what else lights up with it
// operation.readers the parts that the lines from x and h run to, if it is not its q alone
// scales            quantities whose bars and flows are drawn to one scale
// picture.parts     tiles, valves, joins and boxes on a grid of columns and rows, for each unit
// picture.pipes     what flows between them: [from, to, whose value sets the width, and, where
//                   a weighted sum of all units flows, the matrix of the weights]

const LSTM = {
  cell: "lstm",
  states: ["h", "c"],
  road: "c",
  scales: [["c_prev", "c", "kept"]],
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
  stepBackward: lstmStepBackward,
  operations: [
    { id: "combine", q: null, sums: ["a_i", "a_f", "a_g", "a_o"], readers: ["i", "f", "g", "o"],
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

// The plain RNN: its one road ends in a weighted sum, and is written anew from there.
function rnn(nonlinearity) {
  const squash = nonlinearity === "relu"
    ? { name: "ReLU", code: "h = np.maximum(a, 0)" }
    : { name: "tanh", code: "h = np.tanh(a)" };
  return {
    cell: "rnn",
    states: ["h"],
    road: "h",
    scales: [["h_prev", "h"], ["a"]],
    blocks: ["a"],
    gates: [],
    option: { trait: "nonlinearity", value: nonlinearity, values: ["tanh", "relu"] },
    quantities: { x: ["x_t", "x"], h_prev: ["h_t−1", "h"], a: ["a_t", "a"], h: ["h_t", "h"] },
    table: ["x", "a", "h"],
    step: (weights, x, state) => rnnStep(weights, x, state, { nonlinearity }),
    stepBackward: (weights, x, state, step, d) => rnnStepBackward(weights, x, state, step, d, { nonlinearity }),
    operations: [
      { id: "combine", q: "a", sum: "a", total: "a", inputs: true, uses: ["combine", "h_prev"],
        equation: "a_t = W_ih x_t + b_ih + W_hh h_t−1 + b_hh",
        code: "a = x @ weight_ih.T + bias_ih + h_prev @ weight_hh.T + bias_hh" },
      { id: "squash", q: "h", function: [squash.name, "a"], also: ["squash"],
        equation: `h_t = ${squash.name}(a_t)`, code: squash.code },
    ],
    picture: {
      wide: { columns: [66, 330, 420, 510], end: 636, rows: 1 },
      narrow: { columns: [34, 140, 202, 262], end: 318, rows: 1 },
      parts: [
        { kind: "tile", q: "h_prev", wide: [0, 0], narrow: [0, 0] },
        { kind: "tile", q: "a", wide: [1, 0], narrow: [1, 0] },
        { kind: "box", q: "squash", text: squash.name, wide: [2, 0], narrow: [2, 0] },
        { kind: "tile", q: "h", wide: [3, 0], narrow: [3, 0] },
      ],
      pipes: [
        ["h_prev", "a", "h_prev", "weight_hh"], ["a", "squash", "a"], ["squash", "h", "h"], ["h", "end", "h"],
      ],
    },
  };
}

// The GRU, with its reset gate after the matrix product or before it.
const GRU = {
  cell: "gru",
  states: ["h"],
  road: "h",
  blocks: ["r", "z", "n"],
  gates: ["r", "z"],
  quantities: {
    x: ["x_t", "x"], h_prev: ["h_t−1", "h"], r: ["r_t", "r"], z: ["z_t", "z"],
    h_n: ["W_hn h_t−1 + b_hn", "h"], shown: ["r_t ⊙ h_t−1", "h"],
    n: ["n_t", "n"], renew: ["1 − z_t", "z"],
    kept: ["z_t ⊙ h_t−1", "h"], written: ["(1 − z_t) ⊙ n_t", "n"], h: ["h_t", "h"],
  },
  table: ["x", "r", "z", "n", "h"],
};

const RESET = { id: "reset", q: "r", sum: "r", squash: "σ",
  equation: "r_t = σ(W_ir x_t + b_ir + W_hr h_t−1 + b_hr)", code: "r = sigmoid(x_r + h_r)" };
const UPDATE = { id: "update", q: "z", sum: "z", squash: "σ", also: ["renew"],
  equation: "z_t = σ(W_iz x_t + b_iz + W_hz h_t−1 + b_hz)", code: "z = sigmoid(x_z + h_z)" };
const MIX = { id: "mix", q: "h", also: ["kept", "written"], terms: [["renew", "n"], ["z", "h_prev"]],
  equation: "h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_t−1", code: "h = (1 - z) * n + z * h_prev" };

// the way from the old state and the candidate to the new state
const MIXING = [
  ["h_prev", "z", "h_prev"], ["z", "kept", "kept"], ["kept", "join", "kept"], ["join", "h", "h"], ["h", "end", "h"],
  ["n", "renew", "n"], ["renew", "written", "written"], ["written", "join", "written"],
];

const GRU_AFTER = {
  ...GRU,
  scales: [["h_prev", "h", "kept"], ["h_n", "shown"]],
  option: { trait: "reset_after", value: true, values: [true, false] },
  step: (weights, x, state, { hold }) => gruStep(weights, x, state, { resetAfter: true, hold }),
  stepBackward: (weights, x, state, step, d, { hold }) => gruStepBackward(weights, x, state, step, d, { resetAfter: true, hold }),
  operations: [
    { id: "combine", q: null, also: ["h_n"], uses: ["h_prev"], sums: ["a_r", "a_z", "x_n", "h_n"], readers: ["r", "z", "n", "h_n"],
      equation: "W_ih x_t + b_ih,  W_hh h_t−1 + b_hh",
      code: "x_r, x_z, x_n = blocks(x @ weight_ih.T + bias_ih, 3)\nh_r, h_z, h_n = blocks(h_prev @ weight_hh.T + bias_hh, 3)" },
    RESET, UPDATE,
    { id: "candidate", q: "n", sum: "n", squash: "tanh", reset: "sum", also: ["shown"], uses: ["r", "h_n"],
      equation: "n_t = tanh(W_in x_t + b_in + r_t ⊙ (W_hn h_t−1 + b_hn))", code: "n = np.tanh(x_n + r * h_n)" },
    MIX,
  ],
  picture: {
    wide: { columns: [60, 148, 230, 318, 416, 484, 556], end: 636, rows: 2 },
    narrow: { columns: [32, 94, 180, 238, 284, 62, 160], end: 318, rows: 3 },
    parts: [
      { kind: "tile", q: "h_prev", wide: [0, 0], narrow: [0, 0] },
      { kind: "valve", q: "z", wide: [3, 0], narrow: [1, 0] },
      { kind: "tile", q: "kept", wide: [4, 0], narrow: [2, 0] },
      { kind: "tile", q: "h_n", wide: [0, 1], narrow: [5, 1] },
      { kind: "valve", q: "r", wide: [1, 1], narrow: [6, 1] },
      { kind: "tile", q: "n", wide: [2, 1], narrow: [0, 2] },
      { kind: "valve", q: "renew", gate: "z", wide: [3, 1], narrow: [1, 2] },
      { kind: "tile", q: "written", wide: [4, 1], narrow: [2, 2] },
      { kind: "join", q: "h", wide: [5, 0], narrow: [3, 0] },
      { kind: "tile", q: "h", wide: [6, 0], narrow: [4, 0] },
    ],
    pipes: [...MIXING, ["h_n", "r", "h_n"], ["r", "n", "shown"]],
  },
};

const GRU_BEFORE = {
  ...GRU,
  scales: [["h_prev", "h", "kept", "shown"]],
  option: { ...GRU_AFTER.option, value: false },
  step: (weights, x, state, { hold }) => gruStep(weights, x, state, { resetAfter: false, hold }),
  stepBackward: (weights, x, state, step, d, { hold }) => gruStepBackward(weights, x, state, step, d, { resetAfter: false, hold }),
  operations: [
    { id: "combine", q: null, uses: ["h_prev"], sums: ["a_r", "a_z", "x_n"], readers: ["r", "z", "n"],
      equation: "W_ih x_t + b_ih,  W_hr h_t−1 + b_hr,  W_hz h_t−1 + b_hz",
      code: "x_r, x_z, x_n = blocks(x @ weight_ih.T + bias_ih, 3)\nh_r, h_z = blocks(h_prev @ weight_hh[gates].T + bias_hh[gates], 2)" },
    RESET, UPDATE,
    { id: "candidate", q: "n", sum: "n", squash: "tanh", reset: "state", also: ["shown"], uses: ["r", "h_prev"],
      equation: "n_t = tanh(W_in x_t + b_in + W_hn (r_t ⊙ h_t−1) + b_hn)",
      code: "n = np.tanh(x_n + (r * h_prev) @ weight_hh[rest].T + bias_hh[rest])" },
    MIX,
  ],
  picture: {
    wide: { columns: [36, 126, 188, 290, 362, 460, 518, 576], end: 636, rows: 2 },
    narrow: { columns: [32, 94, 180, 238, 284, 112, 182], end: 318, rows: 3 },
    parts: [
      { kind: "tile", q: "h_prev", wide: [0, 0], narrow: [0, 0] },
      { kind: "valve", q: "z", wide: [4, 0], narrow: [1, 0] },
      { kind: "tile", q: "kept", wide: [5, 0], narrow: [2, 0] },
      { kind: "valve", q: "r", wide: [1, 1], narrow: [5, 1] },
      { kind: "tile", q: "shown", wide: [2, 1], narrow: [6, 1] },
      { kind: "tile", q: "n", wide: [3, 1], narrow: [0, 2] },
      { kind: "valve", q: "renew", gate: "z", wide: [4, 1], narrow: [1, 2] },
      { kind: "tile", q: "written", wide: [5, 1], narrow: [2, 2] },
      { kind: "join", q: "h", wide: [6, 0], narrow: [3, 0] },
      { kind: "tile", q: "h", wide: [7, 0], narrow: [4, 0] },
    ],
    pipes: [...MIXING, ["h_prev", "r", "h_prev"], ["r", "shown", "shown"], ["shown", "n", "shown", "weight_hh"]],
  },
};

const RNNS = { tanh: rnn("tanh"), relu: rnn("relu") };

// The spec of a state's cell, in the form that the state chooses.
export function specOf({ cell, nonlinearity, reset_after }) {
  if (cell === "rnn") return RNNS[nonlinearity];
  return cell === "gru" ? (reset_after ? GRU_AFTER : GRU_BEFORE) : LSTM;
}

// What is on the screen as a script that runs: once in NumPy, once in PyTorch.

// A whole number keeps its point, or a list of them would become an array of integers.
const number = (value) => (/^-?\d+$/.test(String(value)) ? `${value}.0` : String(value));
const nested = (value) => (Array.isArray(value) ? `[${value.map(nested).join(", ")}]` : number(value));

function matrix(name, value, maker) {
  if (!Array.isArray(value[0])) return `${name} = ${maker}(${nested(value)})\n`;
  return `${name} = ${maker}([\n${value.map((row) => `    ${nested(row)},\n`).join("")}])\n`;
}

function arrays(state, maker) {
  const parts = [...Object.entries(state.weights), ["x", state.inputs], ["h", state.h0]];
  if (state.cell === "lstm") parts.push(["c", state.c0]);
  return parts.map(([name, value]) => matrix(name, value, maker)).join("");
}

// The reader's tokens stand in a comment, so they must stay on one line.
const tokens = (state) => `# One row of x for each of: ${state.tokens.join(" ").replace(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, " ")}\n`;

function holds(state) {
  return state.overrides.map(({ q, k, t, value }) => {
    const target = k === null || k === undefined ? `${q}[:]` : `${q}[${k}]`;
    const when = t === null || t === undefined ? "" : `if t == ${t}: `;
    return `    ${when}${target} = ${value}  # held by hand\n`;
  }).join("");
}

const LOOP = {
  lstm: (lib, sigmoid, state) => `for t in range(1, len(x) + 1):
    a = weight_ih @ x[t - 1] + bias_ih + weight_hh @ h + bias_hh
    a_i, a_f, a_g, a_o = ${lib === "np" ? "np.split(a, 4)" : "torch.chunk(a, 4)"}
    i, f, g, o = ${sigmoid}(a_i), ${sigmoid}(a_f), ${lib}.tanh(a_g), ${sigmoid}(a_o)
${holds(state)}    c = f * c + i * g
    h = o * ${lib}.tanh(c)
    print(t, "c =", c, "h =", h)
`,
  rnn: (_lib, _sigmoid, state) => `for t in range(1, len(x) + 1):
    a = weight_ih @ x[t - 1] + bias_ih + weight_hh @ h + bias_hh
    h = ${state.nonlinearity === "relu" ? "np.maximum(a, 0)" : "np.tanh(a)"}
    print(t, "h =", h)
`,
  gru: (lib, sigmoid, state) => {
    const split = (a) => (lib === "np" ? `np.split(${a}, 3)` : `torch.chunk(${a}, 3)`);
    const before = state.reset_after ? "" : `W_hr, W_hz, W_hn = ${split("weight_hh")}
b_hr, b_hz, b_hn = ${split("bias_hh")}
`;
    const [seen, candidate] = state.reset_after
      ? [`    h_r, h_z, h_n = ${split("weight_hh @ h + bias_hh")}\n`, "r * h_n"]
      : ["    h_r, h_z = W_hr @ h + b_hr, W_hz @ h + b_hz\n", "W_hn @ (r * h) + b_hn"];
    return `${before}for t in range(1, len(x) + 1):
    x_r, x_z, x_n = ${split("weight_ih @ x[t - 1] + bias_ih")}
${seen}    r, z = ${sigmoid}(x_r + h_r), ${sigmoid}(x_z + h_z)
${holds(state)}    n = ${lib}.tanh(x_n + ${candidate})
    h = (1 - z) * n + z * h
    print(t, "h =", h)
`;
  },
};

function torchCell(state) {
  const [made, loop] = {
    lstm: ["LSTMCell", `h, c = cell(x[t - 1], (h, c))
        print(t, "c =", c, "h =", h)`],
    rnn: ["RNNCell", `h = cell(x[t - 1], h)
        print(t, "h =", h)`],
    gru: ["GRUCell", `h = cell(x[t - 1], h)
        print(t, "h =", h)`],
  }[state.cell];
  const option = state.cell === "rnn" ? `, nonlinearity="${state.nonlinearity}"` : "";
  return `cell = torch.nn.${made}(${state.inputs[0].length}, ${state.h0.length}${option})
cell.load_state_dict({
    "weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh,
})
with torch.no_grad():
    for t in range(1, len(x) + 1):
        ${loop}
`;
}

export function asNumPy(state) {
  return `import numpy as np

np.set_printoptions(precision=4, suppress=True)


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


${tokens(state)}${arrays(state, "np.array")}
${LOOP[state.cell]("np", "sigmoid", state)}`;
}

// torch.nn has no gate that can be held and no reset before the product: there a script writes
// the step out.
export function asPyTorch(state) {
  const writtenOut = state.overrides.length > 0 || (state.cell === "gru" && !state.reset_after);
  const loop = writtenOut ? LOOP[state.cell]("torch", "torch.sigmoid", state) : torchCell(state);
  return `import torch

torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=4, sci_mode=False)

${tokens(state)}${arrays(state, "torch.tensor")}
${loop}`;
}

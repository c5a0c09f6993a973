// What is on the screen as a script that runs: once in NumPy, once in PyTorch.

// A whole number keeps its point, or a list of them would become an array of integers.
const number = (value) => (/^-?\d+$/.test(String(value)) ? `${value}.0` : String(value));
const nested = (value) => (Array.isArray(value) ? `[${value.map(nested).join(", ")}]` : number(value));

function matrix(name, value, maker) {
  if (!Array.isArray(value[0])) return `${name} = ${maker}(${nested(value)})\n`;
  return `${name} = ${maker}([\n${value.map((row) => `    ${nested(row)},\n`).join("")}])\n`;
}

function arrays(state, maker) {
  const parts = [...Object.entries(state.weights), ["x", state.inputs], ["h", state.h0], ["c", state.c0]];
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
};

const PYTORCH = {
  lstm: (state) => `cell = torch.nn.LSTMCell(${state.inputs[0].length}, ${state.h0.length})
cell.load_state_dict({
    "weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh,
})
with torch.no_grad():
    for t in range(1, len(x) + 1):
        h, c = cell(x[t - 1], (h, c))
        print(t, "c =", c, "h =", h)
`,
};

export function asNumPy(state) {
  return `import numpy as np

np.set_printoptions(precision=4, suppress=True)


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


${tokens(state)}${arrays(state, "np.array")}
${LOOP[state.cell]("np", "sigmoid", state)}`;
}

// torch.nn has no gate that can be held, so a script with held gates writes the step out.
export function asPyTorch(state) {
  const loop = state.overrides.length ? LOOP[state.cell]("torch", "torch.sigmoid", state) : PYTORCH[state.cell](state);
  return `import torch

torch.set_default_dtype(torch.float64)
torch.set_printoptions(precision=4, sci_mode=False)

${tokens(state)}${arrays(state, "torch.tensor")}
${loop}`;
}

// Shapes of the tensors and parameters in the five kinds of sequence networks.
//
// Axes are named: B samples, D input numbers, H units, V classes or words, T steps, and T_y steps
// of a decoder. A name may carry a factor, as "4H"; "1" is an axis of one.
//
// The same functions in Python are in shapes.py.

export const SHAPES = ["one-to-one", "one-to-many", "many-to-one", "aligned", "encoder-decoder"];
export const BLOCKS = { rnn: 1, lstm: 4, gru: 3 }; // gates and candidates, stacked in each parameter

// Every tensor that a network of this kind reads, keeps and writes: {name: axes}.
export function tensorAxes({ shape, cell, batch_first, padded }) {
  if (shape === "one-to-one") return { x: ["B", "D"], h: ["B", "H"], logits: ["B", "V"], target: ["B"] };
  const over = (time, ...rest) => (batch_first ? ["B", time, ...rest] : [time, "B", ...rest]);
  const states = (part) => Object.fromEntries((cell === "lstm" ? ["h", "c"] : ["h"]).map((name) => [`${name}_${part}`, ["1", "B", "H"]]));
  const later = shape === "encoder-decoder";
  const time = later ? "T_y" : "T";
  const oneAnswer = shape === "many-to-one";
  return {
    x: over("T", "D"), output: over("T", "H"), ...states("n"),
    ...(later ? { x_decoder: over(time, "D"), output_decoder: over(time, "H"), ...states("decoder") } : {}),
    logits: oneAnswer ? ["B", "V"] : over(time, "V"),
    target: oneAnswer ? ["B"] : over(time),
    ...(padded && shape !== "one-to-many" ? { lengths: ["B"] } : {}), // there, every sample reads one thing
    ...(padded && !oneAnswer ? { mask: over(time) } : {}),
  };
}

// The part that belongs to one time step: the same without time.
export function stepAxes(axes) {
  return axes.filter((axis) => !["T", "T_y", "1"].includes(axis));
}

// Every parameter, under PyTorch's names: {name: axes}. A network that reads its own words back
// also has the embedding that makes them vectors.
export function parameterAxes({ shape, cell }) {
  const readout = { "readout.weight": ["V", "H"], "readout.bias": ["V"] };
  if (shape === "one-to-one") return { "hidden.weight": ["H", "D"], "hidden.bias": ["H"], ...readout };
  const rows = BLOCKS[cell] > 1 ? `${BLOCKS[cell]}H` : "H";
  const names = { weight_ih_l0: [rows, "D"], weight_hh_l0: [rows, "H"], bias_ih_l0: [rows], bias_hh_l0: [rows] };
  const parts = shape === "encoder-decoder" ? ["encoder", "decoder"] : [cell];
  const axes = parts.flatMap((part) => Object.entries(names).map(([name, rest]) => [`${part}.${name}`, rest]));
  const embedding = ["one-to-many", "encoder-decoder"].includes(shape) ? { "embedding.weight": ["V", "D"] } : {};
  return { ...Object.fromEntries(axes), ...embedding, ...readout };
}

// The axes as numbers.
export function measure(axes, sizes) {
  return axes.map((axis) => {
    const [, factor, name] = axis.match(/^(\d*)(.*)$/);
    return Number(factor || 1) * (name ? sizes[name] : 1);
  });
}

export const product = (numbers) => numbers.reduce((total, number) => total * number, 1);

// Which answers count in the loss: one row for each sample, 0 for padding and for steps that
// answer nothing. Many-to-one answers once, at a sample's own last step.
export function lossMask(shape, lengths, steps) {
  return lengths.map((n) => {
    const first = shape === "many-to-one" ? n : 1;
    return Array.from({ length: steps }, (_, t) => Number(first <= t + 1 && t + 1 <= n));
  });
}

// The network step by step, for one sample: which part of it, its own count t, what it reads,
// whether that is what the step before wrote (fed), and what it writes (null for nothing).
export function unroll(shape, inputs, outputs, sizes) {
  const at = (texts, n) => texts[n] ?? "";
  const make = (T, step) => Array.from({ length: T }, (_, n) => ({ t: n + 1, ...step(n) }));
  if (shape === "encoder-decoder") {
    return [
      ...make(sizes.T, (n) => ({ part: "encoder", reads: at(inputs, n), fed: false, writes: null })),
      ...make(sizes.T_y, (n) => ({ part: "decoder", reads: n ? at(outputs, n - 1) : "<bos>", fed: n > 0, writes: at(outputs, n) })),
    ];
  }
  const T = shape === "one-to-one" ? 1 : sizes.T;
  return make(T, (n) => {
    const fed = shape === "one-to-many" && n > 0;
    const answer = n === T - 1 ? outputs[0] : null;
    return { part: "", reads: fed ? at(outputs, n - 1) : at(inputs, n), fed, writes: shape === "many-to-one" ? answer : at(outputs, n) };
  });
}

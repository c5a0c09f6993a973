import { affine, lstmStep, softmax } from "./cells.js";

// A character language model: embedding, one LSTM layer, readout. The twin of
// rnn_utils.models.LanguageModel.

const UNKNOWN = -1;

export class CharModel {
  constructor({ about, parameters }) {
    this.about = about;
    this.tokens = about.tokens;
    this.index = new Map(this.tokens.map((token, k) => [token, k]));
    this.embedding = parameters["embedding.weight"];
    this.weights = Object.fromEntries(["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
      .map((name) => [name, parameters[`network.${name}_l0`]]));
    this.readout = [parameters["readout.weight"], parameters["readout.bias"]];
    this.H = this.readout[0][0].length;
    this.known = [];
  }

  // What the network reads: the start, then every character; an unknown one is left out, so the
  // state stays what it is.
  indices(text) {
    return [0, ...Array.from(text, (sign) => this.index.get(sign) ?? UNKNOWN)];
  }

  // {h, c, logits, p} after each of them. What was read last time is not read again.
  read(text) {
    const indices = this.indices(text);
    const first = indices.findIndex((k, t) => k !== this.known[t]?.k);
    this.known.length = first < 0 ? indices.length : first;
    for (const k of indices.slice(this.known.length)) this.known.push({ ...this.step(k, this.known.at(-1)), k });
    return this.known;
  }

  step(k, before) {
    if (k === UNKNOWN) return before;
    const zeros = new Array(this.H).fill(0);
    const step = lstmStep(this.weights, this.embedding[k], before ?? { h: zeros, c: zeros });
    const logits = affine(this.readout[0], step.h, this.readout[1]);
    return { ...step, logits, p: softmax(logits) };
  }
}

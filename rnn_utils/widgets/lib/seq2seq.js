import { affine, gruStep, softmax } from "./cells.js";

// An encoder and a decoder, with attention (Luong et al. 2015, "general") or without, as pure
// functions on arrays: the JavaScript twin of rnn_utils.models.Seq2Seq, which a test holds it to.

export const START = "<s>";
export const END = "</s>";

const dot = (u, v) => u.reduce((sum, a, k) => sum + a * v[k], 0);
const matrixTimes = (W, x) => W.map((row) => dot(row, x));

export function logSoftmax(logits) {
  const top = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, l) => sum + Math.exp(l - top), 0));
  return logits.map((l) => l - top - total);
}

// PyTorch's parameters, {name: vector or rows of a matrix}, by what they belong to. Without
// attention there is no score and no combine.
export function partsOf(parameters) {
  const cell = (name) => Object.fromEntries(["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    .map((parameter) => [parameter, parameters[`${name}.${parameter}_l0`]]));
  return {
    source: parameters["source_embedding.weight"], target: parameters["target_embedding.weight"],
    encoder: cell("encoder"), decoder: cell("decoder"),
    score: parameters["score.weight"], combine: parameters["combine.weight"],
    readout: parameters["readout.weight"], bias: parameters["readout.bias"],
  };
}

// The states s_0 (zeros) to s_T with everything that the GRU computed on the way.
export function encode({ source, encoder }, indices) {
  const steps = [{ h: encoder.weight_hh[0].map(() => 0) }];
  for (const index of indices) steps.push(gruStep(encoder, source[index], steps.at(-1)));
  return steps;
}

// What the decoder looks at: s_1 to s_T, and W_a s_j of each.
export function memoryOf({ score }, steps) {
  const states = steps.slice(1).map(({ h }) => h);
  return { states, keys: score ? states.map((s) => matrixTimes(score, s)) : null };
}

// One step of the decoder: it reads the token before and its own state before.
export function decoderStep({ target, decoder, combine, readout, bias }, { states, keys }, previous, h_prev) {
  const cell = gruStep(decoder, target[previous], { h: h_prev });
  const looked = keys ? look(combine, states, keys, cell.h) : { u: cell.h };
  const logits = affine(readout, looked.u, bias);
  return { ...cell, ...looked, previous, h_prev, logits, p: softmax(logits), logP: logSoftmax(logits) };
}

// e_tj = h_t · (W_a s_j), α_t = softmax(e_t), v_t = Σ_j α_tj s_j, u_t = tanh(W_c [v_t; h_t])
function look(combine, states, keys, h) {
  const e = keys.map((key) => dot(h, key));
  const alpha = softmax(e);
  const v = h.map((_, k) => states.reduce((sum, s, j) => sum + alpha[j] * s[k], 0));
  return { e, alpha, v, u: matrixTimes(combine, [...v, ...h]).map(Math.tanh) };
}

// The decoder's steps while it is fed the right answer, whatever it would say itself.
export function forcedSteps(network, memory, start, answer) {
  let h = memory.states.at(-1);
  return answer.map((token, t) => {
    const step = decoderStep(network, memory, t ? answer[t - 1] : start, h);
    h = step.h;
    return { step, token, loss: -step.logP[token] };
  });
}

// ------------------------------------------------------------------------------------- tokens

// How a vocabulary cuts a text: into characters if its words are of one, else at spaces. A word in
// angle brackets, such as <en>, is one token, but for those that no reader types.
const BRACKETED = /^<.+>$/;
const OWN = ["<pad>", "<unk>", START, END];

const areSigns = (words) => words.every((word) => BRACKETED.test(word) || [...word].length <= 1);

export function cut(text, words) {
  if (!areSigns(words)) return text.split(/\s+/).filter(Boolean);
  const whole = words.filter((word) => BRACKETED.test(word) && !OWN.includes(word));
  const tokens = [];
  for (let rest = text.normalize("NFC"); rest;) {
    const token = whole.find((word) => rest.startsWith(word)) ?? [...rest][0];
    tokens.push(token);
    rest = rest.slice(token.length);
  }
  return tokens;
}

// Tokens of an answer as a text again, without the one that ends it.
export function joined(tokens, words) {
  return tokens.filter((token) => token !== END).join(areSigns(words) ? "" : " ");
}

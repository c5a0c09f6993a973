import STRINGS from "./unfolder.strings.json";
import { specOf } from "./lib/cell_specs.js";
import { Copies } from "./lib/copies.js";
import { DataTable } from "./lib/data_table.js";
import { el, pressKey, set } from "./lib/dom.js";
import { formula } from "./lib/formula.js";
import { short, subscript } from "./lib/numbers.js";
import { PageWidget } from "./lib/page_widget.js";
import { runSequence, zeros } from "./lib/sequence.js";

// The unfolder: a loop that becomes a row of copies, one for each token, under the reader's hand.

const TRAITS = ["tokens", "inputs", "weights", "unfolded", "step", "unit", "lit", "output"];
const CELL = { cell: "rnn", nonlinearity: "tanh" };
const PARAMETERS = ["weight_ih", "weight_hh", "bias"];

class Unfolder extends PageWidget {
  constructor(model, host) {
    super(model, STRINGS);
    const whole = (most) => (value) => Number.isInteger(value) && value >= 0 && value <= most();
    this.begin(host, TRAITS, {
      unfolded: whole(() => this.T), step: whole(() => this.T), unit: whole(() => this.H - 1),
      lit: (value) => value === "" || PARAMETERS.includes(value), output: (value) => typeof value === "boolean",
    });
  }

  // ------------------------------------------------------------------------------------ state
  get T() { return this.model.get("tokens").length; }

  get H() { return this.model.get("weights").bias_ih.length; }

  unfold(unfolded) {
    this.commit({ unfolded: Math.min(Math.max(unfolded, 0), this.T) });
  }

  go(step) {
    this.commit({ step: Math.min(Math.max(step, 0), this.T) });
  }

  light(name) {
    this.commit({ lit: this.model.get("lit") === name ? "" : name });
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const button = (text, onclick) => el("button", { type: "button", onclick }, text);
    const icon = (glyph, name, onclick) => el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick }, el("span", { "aria-hidden": "true" }, glyph));
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.copies = new Copies({ labels, onStep: (t) => this.go(t), onLight: (name) => this.light(name), onHover: (name) => this.hover(name) });
    this.strip = el("div", { class: "strip scroll", tabindex: "0", role: "group", "aria-label": labels.scroll }, this.copies.root);
    this.data = new DataTable({ spec: specOf(CELL), labels });
    this.slider = el("input", { type: "range", min: 0, step: 1, "aria-label": labels.slider, oninput: () => this.unfold(this.slider.valueAsNumber) });
    this.count = el("output", { class: "count" });
    this.foldButton = button(labels.fold, () => this.unfold(this.model.get("unfolded") - 1));
    this.unfoldButton = button(labels.unfold, () => this.unfold(this.model.get("unfolded") + 1));
    this.allButton = button(labels.unfoldAll, () => this.unfold(this.T));
    this.previous = icon("◀", labels.previous, () => this.go(this.model.get("step") - 1));
    this.next = icon("▶", labels.next, () => this.go(this.model.get("step") + 1));
    this.stepSlider = el("input", { type: "range", min: 0, step: 1, "aria-label": labels.stepSlider, oninput: () => this.go(this.stepSlider.valueAsNumber) });
    this.outputBox = el("input", { type: "checkbox", onchange: () => this.commit({ output: this.outputBox.checked }) });
    this.unitBox = el("select", { onchange: () => this.commit({ unit: Number(this.unitBox.value) }) });
    this.chips = Object.fromEntries(PARAMETERS.map((name) => [name, el("button", {
      type: "button", class: `parameter ${name}`, onclick: () => this.light(name),
      onpointerenter: () => this.hover(name), onpointerleave: () => this.hover(null),
    }, formula(labels[name]))]));
    this.litSays = el("p", { class: "lit-says" });
    this.matrix = el("table", { class: "matrix" });
    this.sum = el("div", { class: "sum" });
    this.root = el("div", { class: "unfolder", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      el("p", { class: "question" }, labels.question),
      el("div", { class: "pull" }, el("label", {}, el("span", {}, labels.slider), this.slider), this.count, this.foldButton, this.unfoldButton, this.allButton),
      this.strip,
      el("div", { class: "steps" }, this.previous, this.next, this.stepSlider, el("label", { class: "check" }, this.outputBox, labels.output)),
      this.live,
      el("div", { class: "parts" },
        el("div", { class: "card" },
          el("div", { class: "chips", role: "group", "aria-label": labels.parameters }, el("span", { class: "muted" }, labels.parameters), Object.values(this.chips)),
          this.litSays, el("div", { class: "scroll" }, this.matrix)),
        el("div", { class: "card" }, el("label", {}, el("span", { class: "muted" }, labels.unit), this.unitBox), this.sum)),
      this.data.root, el("p", { class: "muted" }, labels.keys));
  }

  // Lights a parameter while the mouse is on its button; nothing is stored.
  hover(name) {
    set(this.copies.root, "data-hover", name);
  }

  refresh() {
    const { labels } = this;
    const state = this.read();
    const { tokens, inputs, weights, unfolded, step, unit, lit } = state;
    const [T, H] = [tokens.length, weights.bias_ih.length];
    const h0 = zeros(H);
    const key = JSON.stringify([inputs, weights]);
    if (key !== this.computed) this.steps = runSequence({ ...CELL, inputs, weights, h0, c0: null, overrides: [], readout: null });
    this.computed = key;
    const { steps } = this;
    for (const slider of [this.slider, this.stepSlider]) set(slider, "max", T);
    this.slider.value = unfolded;
    this.stepSlider.value = step;
    this.count.textContent = labels.countOf({ n: unfolded, T });
    this.foldButton.disabled = unfolded === 0;
    this.unfoldButton.disabled = this.allButton.disabled = unfolded === T;
    this.previous.disabled = step === 0;
    this.next.disabled = step === T;
    this.outputBox.checked = state.output;
    if (this.unitBox.length !== H) this.unitBox.replaceChildren(...zeros(H).map((_, k) => el("option", { value: k }, String(k))));
    this.unitBox.value = unit;
    const where = unfolded ? labels.saysUnfolded({ n: unfolded, T }) : labels.saysFolded({ T });
    const what = step ? labels.says({ t: step, T, h_t: `h${subscript(step)}`, token: tokens[step - 1], k: unit, a: short(steps[step].a[unit], 3), h: short(steps[step].h[unit], 3) }) : labels.saysStart;
    const says = `${what} ${where}`;
    if (this.live.textContent !== says) this.live.textContent = says;
    this.copies.update({ ...state, steps, label: labels.picture({ n: unfolded, T, says: what }) });
    if (unfolded > (this.shown ?? unfolded)) this.strip.scrollLeft = this.strip.scrollWidth;
    this.shown = unfolded;
    for (const [name, node] of Object.entries(this.chips)) set(node, "aria-pressed", String(name === lit));
    this.showParameter(weights, lit, T, H);
    this.showSum(state, steps);
    this.data.update({ state: { ...state, h0 }, steps, secretFrom: Infinity, version: key });
  }

  showParameter(weights, lit, T, H) {
    const { labels } = this;
    const D = weights.weight_ih[0].length;
    const rows = { weight_ih: weights.weight_ih, weight_hh: weights.weight_hh, bias: weights.bias_ih.map((b, k) => [b, weights.bias_hh[k]]) }[lit] ?? [];
    const says = lit === "" ? labels.litNone({ count: H * (D + H + 2) })
      : lit === "bias" ? labels.litBias({ rows: H, T })
        : labels.litMatrix({ rows: H, columns: rows[0].length, count: H * rows[0].length, T });
    this.litSays.replaceChildren(...(lit ? [formula(labels[lit]), ": "] : []), says);
    set(this.matrix, "hidden", lit === "");
    set(this.matrix, "class", `matrix ${lit}`);
    this.matrix.replaceChildren(el("tbody", {}, rows.map((row) => el("tr", {}, row.map((w) => el("td", {}, short(w)))))));
  }

  // a_t and h_t of one unit, term by term
  showSum({ inputs, weights, step, unit: k }, steps) {
    const { labels } = this;
    if (step === 0) { this.sum.replaceChildren(el("p", { class: "muted" }, labels.before)); return; }
    const [x, h] = [inputs[step - 1], steps[step - 1].h];
    const { a, h: next } = steps[step];
    const product = (row, values) => row.flatMap((w, j) => (values[j] === 0 ? [] : [[w, values[j]]]));
    const spell = (terms) => (terms.length ? terms.map(([w, v]) => `${short(w)}·${v < 0 ? `(${short(v)})` : short(v, Number.isInteger(v) ? 0 : 2)}`).join(" + ").replaceAll("+ −", "− ") : "0");
    const total = (terms) => terms.reduce((sum, [w, v]) => sum + w * v, 0);
    const [fromX, fromH] = [product(weights.weight_ih[k], x), product(weights.weight_hh[k], h)];
    const line = (symbol, numbers, value, kind = "") => el("tr", { class: kind }, el("th", { scope: "row" }, formula(symbol)), el("td", {}, numbers), el("td", {}, short(value, 3)));
    this.sum.replaceChildren(
      el("p", {}, formula("h_t = tanh(W_ih x_t + b_ih + W_hh h_t−1 + b_hh)")),
      el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.sumOf({ k, t: step }) }, el("table", {},
        el("caption", {}, labels.sumOf({ k, t: step })),
        el("thead", {}, el("tr", {}, [labels.term, labels.numbers, labels.value].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {},
          line("W_ih x_t", spell(fromX), total(fromX), "weight_ih"), line("b_ih", "", weights.bias_ih[k], "bias"),
          line("W_hh h_t−1", spell(fromH), total(fromH), "weight_hh"), line("b_hh", "", weights.bias_hh[k], "bias"),
          line("a_t", "", a[k], "total"), line("h_t = tanh(a_t)", "", next[k], "total")))));
  }

  // ---------------------------------------------------------------------------------- actions
  onKey(event) {
    const unfolded = this.model.get("unfolded");
    pressKey(event, {
      ArrowLeft: () => this.unfold(unfolded - 1), ArrowRight: () => this.unfold(unfolded + 1),
      Home: () => this.unfold(0), End: () => this.unfold(this.T),
    });
  }
}

export default {
  render({ model, el: host }) {
    const unfolder = new Unfolder(model, host);
    return () => unfolder.destroy();
  },
};

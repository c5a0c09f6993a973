import { el, numberInput, set, showValue, uniqueId } from "./dom.js";
import { formula } from "./formula.js";

// Everything the sequence is made of, as fields: tokens with their vectors, the initial states,
// and the weights, one block of rows at a time. Built when first opened.

export class Editor {
  // edit.token(t, text), edit.addToken(), edit.removeToken(), and the edits of the inspector;
  // fixed: the sequence keeps its length
  constructor({ spec, labels, edit, fixed }) {
    Object.assign(this, { spec, labels, edit, fixed });
    this.block = spec.blocks[0];
    this.body = el("div");
    this.root = el("details", { class: "editor", ontoggle: () => this.draw() }, el("summary", {}, labels.editor), this.body);
  }

  update(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    if (!this.root.open) return;
    const { state } = this.view;
    const shape = [state.tokens.length, state.inputs[0].length, state.h0.length, this.block, Object.keys(state.vocabulary ?? {})].join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.updates = [];
      this.body.replaceChildren(this.tokens(state), this.initial(state), this.weights(state));
    }
    for (const update of this.updates) update(state);
  }

  field(label, read, write, attributes) {
    const input = numberInput(label, write, attributes);
    this.updates.push((state) => showValue(input, read(state)));
    return input;
  }

  tokens(state) {
    const { labels, edit } = this;
    const words = Object.keys(state.vocabulary ?? {});
    const list = uniqueId("words");
    const rows = state.tokens.map((_, n) => {
      const word = el("input", {
        type: "text", class: "word", "aria-label": labels.tokenAt({ t: n + 1 }), list: words.length ? list : false,
        autocomplete: "off", spellcheck: "false", onchange: (event) => edit.token(n + 1, event.target.value),
      });
      this.updates.push(({ tokens }) => showValue(word, tokens[n]));
      return el("tr", {}, el("th", { scope: "row" }, String(n + 1)), el("td", {}, word),
        state.inputs[0].map((_x, j) => el("td", {}, this.field(
          labels.inputAt({ t: n + 1, j }), (now) => now.inputs[n][j], (value) => edit.input(n + 1, j, value)))));
    });
    this.note = el("p", { class: "note", role: "status" });
    const remove = el("button", { type: "button", onclick: () => edit.removeToken() }, labels.removeToken);
    this.updates.push(({ tokens }) => set(remove, "disabled", tokens.length === 1));
    return this.part(labels.tokens,
      words.length ? el("p", {}, labels.knownWords, " ", words.map((word) => `“${word}”`).join(", ")) : null,
      words.length ? el("datalist", { id: list }, words.map((value) => el("option", { value }))) : null,
      this.grid([labels.step, labels.token, ...state.inputs[0].map((_x, j) => formula(`x_t[${j}]`))], rows),
      this.note, this.fixed ? null : el("div", { class: "fields" }, el("button", { type: "button", onclick: () => edit.addToken() }, labels.addToken), remove));
  }

  say(text) {
    if (this.note) this.note.textContent = text;
  }

  initial(state) {
    const { edit, spec, labels } = this;
    const rows = spec.states.map((name) => el("tr", {}, el("th", { scope: "row" }, formula(`${name}_0`)),
      state.h0.map((_, k) => el("td", {}, this.field(`${name}0[${k}]`, (now) => now[`${name}0`][k], (value) => edit.initial(`${name}0`, k, value))))));
    return this.part(labels.initial, this.grid(["", ...state.h0.map((_, k) => labels.unit({ k }))], rows));
  }

  weights(state) {
    const { edit, spec, labels } = this;
    const H = state.h0.length;
    const first = spec.blocks.indexOf(this.block) * H;
    const choice = spec.blocks.length === 1 ? null : el("select", {
      "aria-label": labels.block, onchange: (event) => { this.block = event.target.value; this.draw(); },
    }, spec.blocks.map((q) => el("option", { value: q, selected: q === this.block }, labels.blocks[q])));
    const cell = (name, row, j) => el("td", {}, this.field(
      `${name}[${row}]${j === null ? "" : `[${j}]`}`,
      ({ weights }) => (j === null ? weights[name][row] : weights[name][row][j]),
      (value) => edit.weight(name, row, j, value)));
    const rows = state.h0.map((_, k) => el("tr", {}, el("th", { scope: "row" }, labels.unit({ k })),
      state.inputs[0].map((_x, j) => cell("weight_ih", first + k, j)), cell("bias_ih", first + k, null),
      state.h0.map((_h, j) => cell("weight_hh", first + k, j)), cell("bias_hh", first + k, null)));
    const heads = ["", ...state.inputs[0].map((_x, j) => formula(`x_t[${j}]`)), "bias_ih",
      ...state.h0.map((_h, j) => formula(`h_t−1[${j}]`)), "bias_hh"];
    return this.part(labels.weights, choice, this.grid(heads, rows));
  }

  part(title, ...content) {
    return el("div", { class: "part", role: "group", "aria-label": title }, el("p", { class: "head" }, title), content);
  }

  grid(heads, rows) {
    return el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, heads.map((head) => (head === "" ? el("td") : el("th", { scope: "col" }, head))))),
      el("tbody", {}, rows)));
  }
}

import { el, set } from "./dom.js";
import { exact, short } from "./numbers.js";
import { formula } from "./formula.js";
import { tiny } from "./tiny.js";

// Every quantity of every step as a table: the twin of the picture for a screen reader, for
// copying, and for tests.

const EAGER = 6000; // numbers; a larger table is made when it is opened

export class DataTable {
  constructor({ spec, labels }) {
    this.spec = spec;
    this.labels = labels;
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.root = el("details", { class: "data", ontoggle: () => this.draw() }, el("summary", {}, labels.table), this.body);
  }

  update(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    const { state, steps, secretFrom, version, backward } = this.view;
    const H = state.h0.length;
    const size = state.tokens.length * (this.spec.table.length * H);
    if (size > EAGER && !this.root.open) return;
    const shown = `${version} ${secretFrom} ${Boolean(backward)}`;
    if (this.drawn !== shown) {
      this.drawn = shown;
      const columns = Math.max(H, state.inputs[0].length);
      this.body.replaceChildren(this.table(state, steps, secretFrom, columns),
        ...(backward ? [this.gradients(state, backward, columns), this.parameters(backward, columns)] : []));
    }
    for (const row of this.body.querySelectorAll("tr[data-step]")) {
      set(row, "data-now", Number(row.dataset.step) === state.step);
    }
  }

  table(state, steps, secretFrom, columns) {
    const { labels, spec } = this;
    const initial = spec.states.map((name) => this.row(0, labels.start, `${name}_0`, state[`${name}0`], columns, null));
    const rows = state.tokens.flatMap((token, n) => spec.table.map((q) => {
      const secret = n + 1 >= secretFrom && q !== "x";
      return this.row(n + 1, token, spec.quantities[q][0], steps[n + 1][q], columns, q, secret);
    }));
    return this.frame(labels.tableCaption, [labels.step, labels.token, labels.quantity], columns, [initial, rows]);
  }

  frame(caption, heads, columns, rows) {
    return el("table", {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)),
        Array.from({ length: columns }, (_, k) => el("th", { scope: "col" }, String(k))))),
      el("tbody", {}, rows.flat()));
  }

  // ∂L/∂ of every quantity, in the order of the way back; data-q is its name behind a d.
  gradients(state, { gradients, spec: back }, columns) {
    const { labels, spec } = this;
    const rows = state.tokens.flatMap((token, n) => [
      ...back.table.map((q) => this.row(n + 1, token, `∂${spec.quantities[q][0]}`, gradients[n + 1][q], columns, `d${q}`, false, tiny)),
      ...(back.road ? [this.row(n + 1, token, labels.alongRoad, gradients[n + 1].along, columns, "dalong", false, tiny)] : []),
    ].reverse()).reverse();
    const initial = spec.states.map((q) => this.row(0, labels.start, `∂${q}_0`, gradients[0][q], columns, `d${q}`, false, tiny));
    return this.frame(labels.gradientCaption, [labels.step, labels.token, labels.quantity], columns, [rows, initial]);
  }

  // ∂L/∂ of every weight and bias, over the whole sequence: data-k is the row, data-j the column.
  parameters({ parameters }, columns) {
    const rows = Object.entries(parameters).flatMap(([name, values]) => values.map((row, k) => el("tr", {},
      el("th", { scope: "row" }, name), el("td", {}, String(k)),
      Array.from({ length: columns }, (_, j) => {
        const value = [row].flat()[j];
        if (value === undefined) return el("td");
        return el("td", { "data-q": `d${name}`, "data-t": 0, "data-k": k, "data-j": j, "data-value": exact(value) }, tiny(value, 4));
      }))));
    return this.frame(this.labels.parameterCaption, [this.labels.quantity, this.labels.row], columns, [rows]);
  }

  row(t, token, symbol, values, columns, q, secret = false, write = short) {
    return el("tr", { "data-step": t },
      el("td", {}, String(t)), el("td", {}, token), el("th", { scope: "row" }, formula(symbol)),
      Array.from({ length: columns }, (_, k) => {
        if (values[k] === undefined) return el("td");
        if (secret) return el("td", {}, "?");
        const marks = q === null ? {} : { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(values[k]) };
        return el("td", marks, write(values[k], 4));
      }));
  }
}

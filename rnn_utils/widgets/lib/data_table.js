import { el, set } from "./dom.js";
import { exact, short } from "./numbers.js";
import { formula } from "./formula.js";

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
    const { state, steps, secretFrom, version } = this.view;
    const H = state.h0.length;
    const size = state.tokens.length * (this.spec.table.length * H);
    if (size > EAGER && !this.root.open) return;
    if (this.drawn !== `${version} ${secretFrom}`) {
      this.drawn = `${version} ${secretFrom}`;
      this.body.replaceChildren(this.table(state, steps, secretFrom, Math.max(H, state.inputs[0].length)));
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
    return el("table", {},
      el("caption", {}, labels.tableCaption),
      el("thead", {}, el("tr", {}, [labels.step, labels.token, labels.quantity].map((text) => el("th", { scope: "col" }, text)),
        Array.from({ length: columns }, (_, k) => el("th", { scope: "col" }, String(k))))),
      el("tbody", {}, initial, rows));
  }

  row(t, token, symbol, values, columns, q, secret = false) {
    return el("tr", { "data-step": t },
      el("td", {}, String(t)), el("td", {}, token), el("th", { scope: "row" }, formula(symbol)),
      Array.from({ length: columns }, (_, k) => {
        if (values[k] === undefined) return el("td");
        if (secret) return el("td", {}, "?");
        const marks = q === null ? {} : { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(values[k]) };
        return el("td", marks, short(values[k], 4));
      }));
  }
}

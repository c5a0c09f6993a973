import { el, set } from "./dom.js";
import { formula } from "./formula.js";

// The operations of one step, one row each: its name, its equation and its line of NumPy.

export class Program {
  constructor({ spec, labels, onOperation }) {
    this.rows = spec.operations.map(({ id, equation, code, q }) =>
      el("button", {
        type: "button", class: "operation", "data-operation": id,
        style: q ? `--accent:var(--q-${spec.quantities[q][1]})` : false, onclick: () => onOperation(id),
      },
      el("span", { class: "title" }, labels.operations[spec.cell][id].title),
      formula(equation),
      el("code", {}, code)));
    this.root = el("div", { class: "program", role: "group", "aria-label": labels.program }, this.rows);
  }

  update({ state, operationIndex }) {
    this.rows.forEach((row, index) => {
      set(row, "aria-pressed", String(row.dataset.operation === state.operation));
      set(row, "data-later", operationIndex >= 0 && index > operationIndex);
    });
  }
}

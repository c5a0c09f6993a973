import { el, set } from "./dom.js";
import { formula } from "./formula.js";

// The operations of one step, one row each: its name, its equation and its line of NumPy; on the
// way back in reverse, with the gradients that each hands on.

export class Program {
  constructor({ spec, back, order, labels, onOperation }) {
    this.rows = order.map(({ id, equation, code, q }) =>
      el("button", {
        type: "button", class: "operation", "data-operation": id,
        style: q ? `--accent:var(--q-${spec.quantities[q][1]})` : false, onclick: () => onOperation(id),
      },
      el("span", { class: "title" }, labels.operations[spec.cell][id].title),
      (back ? back.operations[id].lines.map(([line]) => line) : [equation]).map((line) => formula(line)),
      el("code", {}, back?.operations[id].code ?? code)));
    this.root = el("div", { class: "program", role: "group", "aria-label": back ? labels.programBack : labels.program }, this.rows);
  }

  update({ state, operationIndex }) {
    this.rows.forEach((row, index) => {
      set(row, "aria-pressed", String(row.dataset.operation === state.operation));
      set(row, "data-later", operationIndex >= 0 && index > operationIndex);
    });
  }
}

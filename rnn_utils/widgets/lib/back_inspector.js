import { showBar } from "./bars.js";
import { el } from "./dom.js";
import { formula } from "./formula.js";
import { tiny } from "./tiny.js";

// The arithmetic of one operation on the way back, for one unit: each line with its numbers, the
// sum through the weights, and this step's share of the gradient of a row of weights.

export class BackInspector {
  constructor({ spec, back, operation, labels }) {
    Object.assign(this, { spec, operation: back.operations[operation.id], labels });
    this.root = el("div", { class: "arithmetic" });
  }

  update({ state, step, forward, unit }) {
    if (state.step === 0) return this.root.replaceChildren(el("p", {}, this.labels.backEnd));
    const value = (name) => (name.startsWith("∂") ? step[name.slice(1)] : (forward[name] ?? step[name]))[unit];
    const { lines, sum, share } = this.operation;
    return this.root.replaceChildren(
      ...lines.flatMap(([equation, to, terms]) => [
        el("p", { class: "line" }, formula(equation)),
        terms ? el("p", { class: "line" }, this.numbers(terms, value), " = ", el("b", {}, tiny(step[to][unit], 3))) : null,
      ]).filter(Boolean),
      ...(sum ? [this.sum(sum, state, step, value, unit)] : []),
      ...(share ? this.share(share, state, step, forward, unit) : []));
  }

  // 0.50 × 0.81 + 0.20
  numbers(terms, value) {
    return terms.flatMap((factors, n) => {
      const minus = factors[0] === "−";
      const named = minus ? factors.slice(1) : factors;
      return [
        minus ? " − " : n > 0 ? " + " : "",
        ...named.flatMap((name, m) => [m > 0 ? " × " : "", this.number(name, value(name))]),
      ];
    });
  }

  number(name, value) {
    const q = name.replace(/^∂|^slope_|_(own|next)$/g, "");
    const color = this.spec.quantities[q]?.[1];
    const text = tiny(value, 3);
    return el("span", { class: color ? `q-${color}` : false }, value < 0 ? `(${text})` : text);
  }

  // The column of weight_hh that belongs to the unit, times the gradients of the sums.
  sum({ blocks, beside }, state, step, value, unit) {
    const size = state.h0.length;
    const terms = blocks.flatMap((name, b) => step[name].map((d, k) => {
      const weight = state.weights.weight_hh[b * size + k][unit];
      return [`∂${name}[${k}]`, weight, d];
    }));
    for (const [first, second] of beside) {
      terms.push([`${this.spec.quantities[first][0]} × ${second}[${unit}]`, value(first), value(second)]);
    }
    const widest = Math.max(...terms.map(([, weight, d]) => Math.abs(weight * d)));
    const { labels } = this;
    const rows = terms.map(([head, weight, d]) => {
      const mini = el("span", { class: "mini" }, el("i"));
      showBar(mini, weight * d, widest);
      return el("tr", {}, el("th", { scope: "row" }, formula(head)), el("td", {}, tiny(weight, 3)),
        el("td", {}, `× ${tiny(d, 3)}`), el("td", { class: "product" }, el("span", {}, tiny(weight * d, 3)), mini));
    });
    return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.arithmetic }, el("table", { class: "terms" },
      el("thead", {}, el("tr", {}, [labels.term, labels.weight, labels.value, labels.product].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows),
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: 3 }, labels.sum, " ", formula(`∂h_t−1[${unit}]`)),
        el("td", { class: "result" }, tiny(step.h_prev[unit], 3))))));
  }

  // A row of weights gets its gradient from every step; this is what this one adds.
  share(block, state, step, forward, unit) {
    const row = this.spec.blocks.indexOf(block) * state.h0.length + unit;
    const name = block === "a" ? "a" : `a_${block}`;
    const d = step[name][unit];
    const list = (values) => values.map((v) => tiny(d * v, 3)).join(",  ");
    const resetAfter = block === "n" && state.reset_after;
    const old = block === "n" && !resetAfter ? forward.shown : forward.h_prev;
    const dOld = resetAfter ? step.h_n[unit] : d;
    return [
      el("p", { class: "hint" }, this.labels.share({ row })),
      el("p", { class: "line small" }, "weight_ih: ", list(forward.x)),
      el("p", { class: "line small" }, "weight_hh: ", old.map((v) => tiny(dOld * v, 3)).join(",  ")),
    ];
  }
}

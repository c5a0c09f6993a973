import { el, numberInput, set, showValue } from "./dom.js";
import { short } from "./numbers.js";
import { formula } from "./formula.js";
import { sigmoid } from "./cells.js";
import { heldAt } from "./sequence.js";

// The arithmetic of one unit in one operation, term by term, with the numbers that can be
// changed as fields. Rows are made once for a kind of operation and then kept up to date.

export class Inspector {
  // edit.weight(name, row, column, value), edit.input(t, j, value), edit.initial(name, k, value),
  // edit.hold(q, t, k, value or null)
  constructor({ spec, state, operation, labels, edit }) {
    Object.assign(this, { spec, operation, labels, edit });
    this.updates = [];
    this.body = el("div", { class: "arithmetic" });
    this.root = this.body;
    if (operation.sum) this.drawSum(state);
    else if (operation.terms) this.drawTerms();
    else if (operation.function) this.drawFunction();
    else this.drawReads(state);
    if (spec.gates.includes(operation.q)) this.drawHold();
  }

  update(view) {
    this.largest = 0; // the longest bar among the terms
    if (this.operation.sum && view.state.step > 0) {
      for (const { weight: [matrix, rowOf, j], factor } of this.terms) {
        const row = view.state.weights[matrix][rowOf(view.unit)];
        this.largest = Math.max(this.largest, Math.abs((j === null ? row : row[j]) * factor(view)));
      }
    }
    for (const update of this.updates) update(view);
  }

  // ------------------------------------------------ a gate or the candidate: a weighted sum
  drawSum(state) {
    const { labels, spec, operation } = this;
    const block = spec.blocks.indexOf(operation.sum);
    const H = state.h0.length;
    const rowOf = (k) => block * H + k;
    const product = (name, q, j) => ({
      head: [`${q}[${j}]`, q],
      weight: [name, (k) => rowOf(k), j],
      factor: (view) => view.step[q]?.[j],
    });
    const bias = (name) => ({ head: [name, null], weight: [name, (k) => rowOf(k), null], factor: () => 1 });
    this.terms = [
      ...state.inputs[0].map((_, j) => product("weight_ih", "x", j)), bias("bias_ih"),
      ...state.h0.map((_, j) => product("weight_hh", "h_prev", j)), bias("bias_hh"),
    ];
    const rows = this.terms.map((term) => this.sumRow(term));
    const total = el("td");
    const squashed = el("td", { class: "result" });
    this.updates.push(({ step, unit, hidden }) => {
      const a = step[`a_${operation.sum}`]?.[unit];
      total.textContent = hidden || a === undefined ? "?" : short(a, 3);
      const free = a === undefined ? undefined : operation.squash === "σ" ? sigmoid(a) : Math.tanh(a);
      squashed.textContent = hidden || free === undefined ? "?" : short(free, 3);
    });
    const symbol = spec.quantities[operation.q][0].split("_")[0];
    this.body.append(el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.arithmetic }, el("table", { class: "terms" },
      el("thead", {}, el("tr", {}, [labels.term, labels.weight, labels.value, labels.product].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows),
      el("tfoot", {},
        el("tr", {}, el("th", { scope: "row", colspan: 3 }, labels.sum, " ", formula(`a_${symbol}`)), total),
        el("tr", {}, el("th", { scope: "row", colspan: 3 }, formula(`${operation.squash}(a_${symbol})`)), squashed)))));
  }

  sumRow({ head: [name, q], weight: [matrix, rowOf, j], factor }) {
    let at = 0;
    const field = numberInput("", (value) => this.edit.weight(matrix, rowOf(at), j, value));
    const value = el("td");
    const bar = el("i");
    const product = el("td", { class: "product" }, el("span"), el("span", { class: "mini" }, bar));
    this.updates.push((view) => {
      at = view.unit;
      const row = view.state.weights[matrix][rowOf(at)];
      const w = j === null ? row : row[j];
      const v = factor(view);
      const term = v === undefined ? undefined : w * v;
      field.setAttribute("aria-label", `${matrix}[${rowOf(at)}]${j === null ? "" : `[${j}]`}`);
      showValue(field, w);
      value.textContent = q === null ? "" : v === undefined ? "" : `× ${short(v, 3)}`;
      product.firstChild.textContent = term === undefined ? "" : short(term, 3);
      const length = term === undefined ? 0 : Math.min(Math.abs(term) / (this.largest || 1), 1) * 50;
      bar.style.width = `${length}%`;
      bar.style.left = `${term < 0 ? 50 - length : 50}%`;
      set(bar.parentElement, "data-minus", term < 0);
    });
    const color = q ? this.spec.quantities[q][1] : "a";
    return el("tr", {},
      el("th", { scope: "row", class: `q-${color}` }, q === null ? name : formula(this.indexed(q, name))),
      el("td", {}, field), value, product);
  }

  // "x[2]" in the notation of the formulas
  indexed(q, name) {
    return `${this.spec.quantities[q][0]}${name.slice(q.length)}`;
  }

  // -------------------------------------------------------- element-wise products and sums
  drawTerms() {
    const { spec, operation } = this;
    const line = el("p", { class: "line" });
    const symbols = el("p", { class: "line" });
    this.updates.push(({ state, step, unit, hidden }) => {
      if (state.step === 0) return line.replaceChildren(this.labels.noStep);
      const known = !hidden;
      return line.replaceChildren(...operation.terms.flatMap((factors, n) => [
        n > 0 ? " + " : "",
        ...factors.flatMap((q, m) => [m > 0 ? " × " : "", this.numberOf(step, q, unit, hidden)]),
      ]), " = ", known ? el("b", {}, short(step[operation.q][unit], 3)) : "?");
    });
    symbols.append(...operation.terms.flatMap((factors, n) => [
      n > 0 ? " + " : "", ...factors.flatMap((q, m) => [m > 0 ? " × " : "", formula(spec.quantities[q][0])]),
    ]));
    this.body.append(symbols, line);
    this.drawInitial();
  }

  drawFunction() {
    const [name, q] = this.operation.function;
    const line = el("p", { class: "line" });
    this.updates.push(({ step, unit, hidden }) => {
      const known = step[this.operation.q] !== undefined && !hidden;
      line.replaceChildren(`${name}(`, this.numberOf(step, q, unit, hidden), ") = ",
        known ? el("b", {}, short(step[this.operation.q][unit], 3)) : "?");
    });
    this.body.append(el("p", { class: "line" }, formula(`${name}(${this.spec.quantities[q][0]})`)), line);
  }

  numberOf(step, q, unit, hidden) {
    const value = step[q]?.[unit];
    const text = value === undefined || (hidden && !q.endsWith("_prev")) ? "?" : short(value, 3);
    return el("span", { class: `q-${this.spec.quantities[q][1]}` }, value < 0 ? `(${text})` : text);
  }

  // c_0 (or h_0) can be changed where the first step uses it.
  drawInitial() {
    const { road } = this.spec;
    if (!this.operation.terms.flat().includes(`${road}_prev`)) return;
    let at = 0;
    const field = numberInput(`${road}0`, (value) => this.edit.initial(`${road}0`, at, value));
    const row = el("label", { class: "initial" }, formula(`${road}_0`), " ", field);
    this.updates.push(({ state, unit }) => {
      at = unit;
      row.hidden = state.step > 1;
      field.setAttribute("aria-label", `${road}0[${unit}]`);
      showValue(field, state[`${road}0`][unit]);
    });
    this.body.append(row);
  }

  // -------------------------------------------------- what is read, and the sums it leads to
  drawReads(state) {
    const { spec, labels } = this;
    const inputs = state.inputs[0].map((_, j) => {
      let t = 1;
      const field = numberInput("", (value) => this.edit.input(t, j, value));
      this.updates.push((view) => {
        t = view.state.step;
        field.setAttribute("aria-label", `x[${j}]`);
        field.disabled = t === 0;
        showValue(field, t === 0 ? 0 : view.state.inputs[t - 1][j]);
      });
      return el("label", {}, formula(this.indexed("x", `x[${j}]`)), " ", field);
    });
    const sums = el("p", { class: "line" });
    this.updates.push(({ step, unit, hidden }) => {
      sums.replaceChildren(...spec.blocks.flatMap((q, n) => [
        n > 0 ? ",  " : "", formula(`a_${q}`), " = ",
        hidden || step[`a_${q}`] === undefined ? "?" : short(step[`a_${q}`][unit], 3),
      ]));
    });
    this.body.append(el("p", {}, labels.changeInput), el("div", { class: "fields" }, inputs), el("p", {}, labels.sums), sums);
  }

  // ------------------------------------------------------------------- holding a gate by hand
  drawHold() {
    const { labels, operation: { q }, edit } = this;
    let spot = { t: 1, k: 0 };
    const everywhere = el("input", { type: "checkbox", checked: true });
    const put = (value) => edit.hold(q, everywhere.checked ? null : spot.t, spot.k, value);
    const button = (text, value) => el("button", { type: "button", onclick: () => put(value) }, text);
    const slider = el("input", {
      type: "range", min: 0, max: 1, step: 0.01, "aria-label": labels.holdAt, oninput: (event) => put(event.target.valueAsNumber),
    });
    const release = el("button", { type: "button", class: "release", onclick: () => edit.hold(q, null, spot.k, null) }, labels.giveBack);
    const says = el("p", { class: "holding" });
    this.updates.push(({ state, step, unit, hidden }) => {
      spot = { t: Math.max(state.step, 1), k: unit };
      const held = heldAt(state.overrides, q, spot.t, unit);
      says.textContent = !held ? labels.free
        : held.t ? labels.heldOnce({ value: short(held.value), t: held.t }) : labels.held({ value: short(held.value) });
      release.disabled = !state.overrides.some((other) => other.q === q && (other.k ?? unit) === unit);
      if (slider !== document.activeElement) slider.value = held?.value ?? (hidden ? undefined : step[q]?.[unit]) ?? 0.5;
    });
    this.body.append(el("fieldset", { class: "hold" },
      el("legend", {}, labels.holdTitle), says,
      el("div", { class: "fields" }, button(labels.shut, 0), button(labels.open, 1), slider, release),
      el("label", { class: "check" }, everywhere, " ", labels.everyStep)));
  }
}

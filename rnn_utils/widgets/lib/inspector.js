import { showBar } from "./bars.js";
import { el, numberInput, showValue } from "./dom.js";
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
    if (operation.inputs) this.drawInputs(state);
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
        this.largest = Math.max(this.largest, Math.abs((j === null ? row : row[j]) * (factor(view) ?? 0)));
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
      factor: (view) => (view.hidden && q === "shown" ? undefined : view.step[q]?.[j]),
    });
    const bias = (name) => ({ head: [name, null], weight: [name, (k) => rowOf(k), null], factor: () => 1 });
    this.terms = [
      ...state.inputs[0].map((_, j) => product("weight_ih", "x", j)), bias("bias_ih"),
      ...state.h0.map((_, j) => product("weight_hh", operation.reset === "state" ? "shown" : "h_prev", j)), bias("bias_hh"),
    ];
    const rows = this.terms.map((term) => this.sumRow(term));
    const total = operation.total ?? `a_${operation.sum}`;
    const symbol = operation.total ? spec.quantities[total][0] : total;
    const read = ({ step, unit }) => step[total]?.[unit];
    const squash = operation.squash === "σ" ? sigmoid : Math.tanh;
    const results = operation.reset === "sum" ? this.resetRows() : [];
    results.push(this.resultRow([labels.sum, " ", formula(symbol)], read));
    if (operation.squash) {
      results.push(this.resultRow([formula(`${operation.squash}(${symbol})`)], (view) => {
        const a = read(view);
        return a === undefined ? undefined : squash(a);
      }, "result"));
    }
    this.body.append(el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.arithmetic }, el("table", { class: "terms" },
      el("thead", {}, el("tr", {}, [labels.term, labels.weight, labels.value, labels.product].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows),
      el("tfoot", {}, results))));
    if (operation.inputs) this.drawInitial();
  }

  resultRow(head, read, look = false) {
    const cell = el("td", { class: look });
    this.updates.push((view) => {
      const value = view.hidden ? undefined : read(view);
      cell.textContent = value === undefined ? "?" : short(value, 3);
    });
    return el("tr", {}, el("th", { scope: "row", colspan: 3 }, head), cell);
  }

  // Where the reset gate acts on the sum over the old state: the two sums, and what is let through.
  resetRows() {
    const at = (q) => ({ step, unit }) => step[q]?.[unit];
    return [
      this.resultRow([this.labels.sum, " ", formula("x_n")], at("x_n")),
      this.resultRow([this.labels.sum, " ", formula("h_n")], at("h_n")),
      this.resultRow([formula("r_t ⊙ h_n")], at("shown")),
    ];
  }

  sumRow({ head: [name, q], weight: [matrix, rowOf, j], factor }) {
    let at = 0;
    const field = numberInput("", (value) => this.edit.weight(matrix, rowOf(at), j, value));
    const value = el("td");
    const product = el("td", { class: "product" }, el("span"), el("span", { class: "mini" }, el("i")));
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
      showBar(product.lastChild, term ?? 0, this.largest);
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
      n > 0 ? " + " : "", ...factors.flatMap((q, m) => [m > 0 ? " × " : "", formula(asFactor(spec.quantities[q][0]))]),
    ]));
    this.body.append(symbols, line);
    this.drawInitial();
  }

  drawFunction() {
    const [name, q] = this.operation.function;
    const line = el("p", { class: "line" });
    this.updates.push(({ step, unit, hidden }) => {
      const known = step[this.operation.q] !== undefined && !hidden;
      line.replaceChildren(`${name}(`, this.numberOf(step, q, unit, hidden, false), ") = ",
        known ? el("b", {}, short(step[this.operation.q][unit], 3)) : "?");
    });
    this.body.append(el("p", { class: "line" }, formula(`${name}(${this.spec.quantities[q][0]})`)), line);
  }

  numberOf(step, q, unit, hidden, bracketed = true) {
    const value = step[q]?.[unit];
    const text = value === undefined || (hidden && !q.endsWith("_prev")) ? "?" : short(value, 3);
    return el("span", { class: `q-${this.spec.quantities[q][1]}` }, value < 0 && bracketed ? `(${text})` : text);
  }

  // c_0 (or h_0) can be changed where the first step uses it.
  drawInitial() {
    const { operation, spec: { road } } = this;
    if (!operation.inputs && !operation.terms.flat().includes(`${road}_prev`)) return;
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
    const { labels, operation, spec } = this;
    this.drawInputs(state);
    const sums = el("p", { class: "line" });
    this.updates.push(({ step, unit, hidden }) => {
      sums.replaceChildren(...operation.sums.flatMap((q, n) => [
        n > 0 ? ",  " : "", formula(q), " = ", hidden || step[q] === undefined ? "?" : short(step[q][unit], 3),
      ]));
    });
    this.body.append(el("p", {}, labels.sums[spec.cell]), sums);
  }

  drawInputs(state) {
    const { labels } = this;
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
    this.body.append(el("p", {}, labels.changeInput), el("div", { class: "fields" }, inputs));
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

const asFactor = (symbol) => (symbol.includes(" − ") ? `(${symbol})` : symbol);

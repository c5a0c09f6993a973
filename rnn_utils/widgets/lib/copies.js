import { set, svg } from "./dom.js";
import { subscript } from "./numbers.js";

// A plain RNN folded, as one box with a loop, and beside it the copies that have left the loop.
// Parts of a picture: columns of equal width, each a box with its state as bars.

const [FOLDED, EQUALS, COLUMN] = [180, 56, 124]; // widths
const HEIGHTS = { output: 62, cell: 92, input: 96 }; // above, in and below the box
const BOX = 74; // width of a box
const TOP = 58; // room for the loop
const CHIPS = { weight_ih: [38, 20, 5], weight_hh: [42, 20, 0], bias: [24, 20, 10] }; // width, height, corner
const LETTERS = 11; // of a token that is shown

// One picture: view = {steps, tokens, unfolded, step, lit, output, unit, label}
export class Copies {
  constructor({ labels, onStep, onLight, onHover }) {
    Object.assign(this, { labels, onStep, onLight, onHover, before: 0 });
    this.root = svg("svg", { class: "copies", role: "img" });
  }

  update(view) {
    const { unfolded, tokens } = view;
    const rest = tokens.length - unfolded;
    this.view = view;
    this.top = view.output ? Math.max(TOP, HEIGHTS.output + 22) : TOP;
    const height = this.top + HEIGHTS.cell + HEIGHTS.input;
    const width = FOLDED + (unfolded ? EQUALS + unfolded * COLUMN + 44 + (rest ? 138 : 0) : 0);
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": view.label })) set(this.root, name, value);
    this.root.replaceChildren(
      this.folded(),
      ...(unfolded ? [svg("text", { class: "equals", x: FOLDED + 2, y: this.middle() + 7, "text-anchor": "middle" }, this.labels.equals), this.firstState()] : []),
      ...Array.from({ length: unfolded }, (_, n) => this.copy(n + 1, n + 1 > this.before)),
      ...(unfolded && rest ? [svg("text", { class: "rest", x: width - 136, y: this.middle() + 4 }, this.labels.rest({ n: rest }))] : []));
    this.before = unfolded;
  }

  middle() {
    return this.top + HEIGHTS.cell / 2;
  }

  center(t) {
    return FOLDED + EQUALS + 22 + (t - 0.5) * COLUMN;
  }

  // ------------------------------------------------------------------------------------- parts
  folded() {
    const { step, tokens, steps, unfolded, output } = this.view;
    const x = 82; // room for a sign at the left
    const y = this.middle();
    const t = step === 0 ? "t" : step;
    const right = x + BOX / 2;
    const [lift, out] = [this.top - 20, right + 22];
    const loop = svg("g", { class: "loop" },
      svg("path", { class: "shaft h", d: `M${right} ${y}H${out - 8}Q${out} ${y} ${out} ${y - 8}V${lift + 8}Q${out} ${lift} ${out - 8} ${lift}H${x - BOX / 2 - 14}Q${x - BOX / 2 - 22} ${lift} ${x - BOX / 2 - 22} ${lift + 8}V${y - 8}Q${x - BOX / 2 - 22} ${y} ${x - BOX / 2 - 14} ${y}H${x - BOX / 2 - 6}` }),
      this.tip(x - BOX / 2, y, "right", "h"),
      svg("text", { class: "later", x, y: output ? 14 : lift - 8, "text-anchor": "middle" }, this.labels.later),
      svg("text", { class: "name h", x: out + 5, y: y - 12 }, this.sub("h", t)));
    return svg("g", { class: "column folded", "data-phase": unfolded === 0 ? "now" : "past" },
      loop,
      this.box(x, steps[step].h, step), output ? this.outputOf(x, t) : null,
      this.inputOf(x, t, step ? tokens[step - 1] : "·"),
      this.chip("weight_hh", x - BOX / 2 - 22, lift + 26), this.chip("weight_ih", x, this.top + HEIGHTS.cell + 22), this.chip("bias", x + BOX / 2, this.top + HEIGHTS.cell));
  }

  firstState() {
    return svg("text", { class: "name h", x: this.center(1) - COLUMN / 2 - 2, y: this.middle() - 16, "text-anchor": "middle" }, "h₀=0");
  }

  copy(t, isNew) {
    const { tokens, steps, step, output } = this.view;
    const x = this.center(t);
    const y = this.middle();
    const from = x - COLUMN + BOX / 2;
    return svg("g", { class: `column${isNew ? " fresh" : ""}`, "data-step": t, "data-phase": t === step ? "now" : t < step ? "past" : "future", onclick: () => this.onStep(t) },
      svg("rect", { class: "ground", x: x - COLUMN / 2 + 11, y: 2, width: COLUMN - 22, height: this.top + HEIGHTS.cell + HEIGHTS.input - 4, rx: 8 }),
      svg("path", { class: "shaft h", d: `M${t === 1 ? from + 10 : from} ${y}H${x - BOX / 2 - 6}` }), this.tip(x - BOX / 2, y, "right", "h"),
      svg("path", { class: "shaft h", d: `M${x + BOX / 2} ${y}H${x + COLUMN / 2}` }),
      t === this.view.unfolded ? this.tip(x + COLUMN / 2 + 6, y, "right", "h") : null,
      svg("text", { class: "name h", x: x + COLUMN / 2, y: y - 16, "text-anchor": "middle" }, this.sub("h", t)),
      this.box(x, steps[t].h, t), output ? this.outputOf(x, t) : null, this.inputOf(x, t, tokens[t - 1]),
      this.chip("weight_hh", from + (x - BOX / 2 - from) / 2 - 3, y + 20), this.chip("weight_ih", x, this.top + HEIGHTS.cell + 22), this.chip("bias", x + BOX / 2, this.top + HEIGHTS.cell));
  }

  // A box holds its state: a bar for each unit, up from the middle for what is above 0.
  box(x, h, t) {
    const y = this.middle();
    const pitch = (BOX - 12) / h.length;
    const wide = Math.min(pitch - 3, 16);
    const bars = h.map((value, k) => {
      const length = Math.max(Math.abs(value) * (HEIGHTS.cell / 2 - 8), 1);
      return svg("rect", { class: `bar${k === this.view.unit ? " unit" : ""}`, x: (x - BOX / 2 + 6 + (k + 0.5) * pitch - wide / 2).toFixed(1), y: (value > 0 ? y - length : y).toFixed(1), width: wide.toFixed(1), height: length.toFixed(1) });
    });
    return svg("g", { class: "box", "data-box": t },
      svg("rect", { class: "frame", x: x - BOX / 2, y: this.top, width: BOX, height: HEIGHTS.cell, rx: 12 }),
      svg("path", { class: "zero", d: `M${x - BOX / 2 + 4} ${y}H${x + BOX / 2 - 4}` }), bars);
  }

  inputOf(x, t, token) {
    const low = this.top + HEIGHTS.cell;
    const shown = token.length > LETTERS ? `${token.slice(0, LETTERS - 1)}…` : token;
    return svg("g", { class: "input" },
      svg("path", { class: "shaft x", d: `M${x} ${low + 50}V${low + 6}` }), this.tip(x, low, "up", "x"),
      svg("rect", { class: "frame", x: x - 45, y: low + 50, width: 90, height: 40, rx: 7 }),
      svg("text", { class: "token", x, y: low + 67, "text-anchor": "middle" }, shown),
      svg("text", { class: "name x", x, y: low + 83, "text-anchor": "middle" }, this.sub("x", t)));
  }

  outputOf(x, t) {
    return svg("g", { class: "output" },
      svg("path", { class: "shaft y", d: `M${x} ${this.top}V${this.top - 36}` }), this.tip(x, this.top - 42, "up", "y"),
      svg("text", { class: "name y", x, y: this.top - 48, "text-anchor": "middle" }, this.sub("ŷ", t)));
  }

  sub(name, t) {
    return t === "t" ? `${name}ₜ` : `${name}${subscript(t)}`;
  }

  tip(x, y, way, kind) {
    return svg("path", { class: `tip ${kind}`, d: way === "right" ? `M${x} ${y}l-7-4.5v9z` : `M${x} ${y}l-4.5 7h9z` });
  }

  // The same sign in every copy: shape, color and name.
  chip(name, x, y) {
    const [width, height, corner] = CHIPS[name];
    const [symbol, below] = { weight_ih: ["W", "ih"], weight_hh: ["W", "hh"], bias: [this.labels.biasShort, ""] }[name];
    const light = (event) => { event.stopPropagation(); this.onLight(name); };
    return svg("g", { class: `chip ${name}`, "data-parameter": name, "data-lit": this.view.lit === name, onclick: light, onpointerenter: () => this.onHover(name), onpointerleave: () => this.onHover(null) },
      svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: corner }),
      svg("text", { x, y: y + 4.5, "text-anchor": "middle" }, symbol, svg("tspan", { class: "below", dy: 3 }, below)));
  }
}

import { el, set, svg } from "./dom.js";

// A sequence network unrolled: a box for what each step reads, keeps and writes. Time runs to the
// right, or down where there is no room. Geometry is in (u, v): u along time, v from x over h to ŷ.

const GAP = { wide: 30, narrow: 26 }; // px between two lanes
const LETTER = 7.1; // px of a letter in a box, about
const LEAD = 64; // px of the first state, before the first step
const HEAD = 5; // px of an arrow's head

const STATES = 9; // px between the middle and each of two states

export class Unrolled {
  constructor({ labels, onStep }) {
    Object.assign(this, { labels, onStep });
    this.drawing = svg("svg", { class: "unrolled", role: "img", "aria-label": labels.picture });
    this.root = el("div", { class: "slot-picture" }, this.drawing);
  }

  update(view, width) {
    this.layout(view, width);
    const { steps } = view;
    set(this.drawing, "viewBox", `0 0 ${this.width} ${this.height}`);
    set(this.drawing, "width", this.width);
    set(this.drawing, "height", this.height);
    const all = (part) => steps.flatMap((step, n) => part.call(this, view, step, n));
    this.drawing.replaceChildren(...all(this.ground), ...this.frame(view), ...all(this.arrows), ...all(this.boxes));
  }

  // ----------------------------------------------------------------------------------- places
  layout({ steps, shape, twoStates }, width) {
    const later = shape === "encoder-decoder";
    const lead = shape === "one-to-one" ? 0 : LEAD;
    const count = steps.length + (later ? 0.4 : 0);
    const longest = Math.max(...steps.flatMap(({ reads, writes }) => [reads.length, (writes ?? "").length]));
    const needed = Math.min(Math.max(44, longest * LETTER + 18), 92);
    this.down = (width - lead) / count < needed;
    const kept = twoStates ? 50 : 42;
    if (this.down) {
      this.pitch = 62;
      this.along = 46;
      const side = Math.min(120, Math.floor((width - 56 - 2 * GAP.narrow - 4) / 2));
      this.lanes([side, 56, side], GAP.narrow, 2);
      this.width = this.top + 2;
    } else {
      this.pitch = Math.min(120, (width - lead) / count);
      this.along = Math.min(this.pitch - 11, Math.max(0.74 * this.pitch, longest * LETTER + 10));
      this.lanes([48, kept, 48], GAP.wide, 2);
      this.height = this.top + (later ? 34 : 4);
    }
    const start = this.down && lead ? 32 : lead;
    const gap = later ? (this.down ? 30 : 0.4 * this.pitch) : 0;
    this.u = steps.map(({ part }, n) => start + (n + 0.5) * this.pitch + (part === "decoder" ? gap : 0));
    const end = this.u.at(-1) + this.pitch / 2;
    if (this.down) this.height = end;
    else this.width = end;
  }

  // Centers of the three lanes, from their sizes across time.
  lanes(sizes, gap, first) {
    let v = first;
    this.across = sizes;
    this.v = sizes.map((size) => {
      const center = v + size / 2;
      v += size + gap;
      return center;
    });
    this.top = v - gap;
  }

  at(u, v) {
    return this.down ? [v, u] : [u, this.height - v];
  }

  rect(u, v, along, across, attributes) {
    const [x, y] = this.at(u, v);
    const [w, h] = this.down ? [across, along] : [along, across];
    return svg("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, ...attributes });
  }

  // ------------------------------------------------------------------------------------ parts
  phase(view, n) {
    if (view.step === 0) return "whole";
    return n + 1 === view.step ? "now" : n + 1 < view.step ? "past" : "future";
  }

  // The names of the parts, and the state that the network starts from.
  frame({ steps, shape, twoStates }) {
    const { labels } = this;
    const nodes = [];
    steps.forEach(({ part, t }, n) => {
      if (!part || t !== 1) return;
      const count = steps.filter((step) => step.part === part).length;
      if (this.down) nodes.push(svg("text", { class: "part", x: 2, y: this.u[n] - this.pitch / 2 - 6 }, labels[part]));
      else {
        const from = this.u[n] - this.along / 2;
        const to = this.u[n + count - 1] + this.along / 2;
        nodes.push(svg("text", { class: "part", x: from, y: 12 }, labels[part]),
          svg("line", { class: "brace", x1: from, x2: to, y1: 20, y2: 20 }));
      }
    });
    if (shape !== "one-to-one") nodes.push(...this.firstState(twoStates));
    return nodes;
  }

  firstState(two) {
    const edge = this.u[0] - this.pitch / 2;
    const [x, y] = this.at(edge - (this.down ? 18 : 9), this.v[1]);
    const write = (text, y) => svg("text", { class: this.down ? "zero" : "zero before", x, y: y + 4 }, text);
    if (!two) return [write("h₀ = 0", y)];
    return this.down ? [write("h₀ = c₀ = 0", y)] : [write("h₀ = 0", y - STATES), write("c₀ = 0", y + STATES)];
  }

  // The ground of a column is what the mouse finds: it goes to that step.
  ground(view, step, n) {
    const reach = this.top + 2;
    return this.rect(this.u[n], reach / 2, this.pitch - 2, reach, {
      class: "ground", rx: 8, "data-phase": this.phase(view, n), onclick: () => this.onStep(n + 1),
    });
  }

  boxes(view, step, n) {
    const { reads, states, writes } = view.symbolsOf(step);
    const again = step.part === "decoder" || step.fed;
    return svg("g", { class: "column", "data-phase": this.phase(view, n) },
      this.box(n, 0, again ? "fed" : "x", [step.reads, reads]),
      this.box(n, 1, "h", states),
      step.writes === null ? null : this.box(n, 2, "y", [step.writes, writes]));
  }

  box(n, lane, kind, texts) {
    const [x, y] = this.at(this.u[n], this.v[lane]);
    const lines = texts.filter((text) => text !== "");
    const room = Math.floor(((this.down ? this.across[lane] : this.along) - 6) / LETTER);
    const shown = lines.map((text, k) => {
      const cut = text.length > room ? `${text.slice(0, room - 1)}…` : text;
      const name = kind === "h" || k === lines.length - 1;
      return svg("text", { x, y: y + 5 + (k - (lines.length - 1) / 2) * 18, class: name ? "symbol" : "word", "data-state": kind === "h" && k === 1 ? "c" : null }, cut);
    });
    return svg("g", { class: `box ${kind}` },
      this.rect(this.u[n], this.v[lane], this.along, this.across[lane], { rx: lane === 1 ? 14 : 7 }), ...shown);
  }

  // ----------------------------------------------------------------------------------- arrows
  arrows(view, step, n) {
    const { shape, twoStates } = view;
    const phase = this.phase(view, n);
    const [x, h, y] = this.v;
    const half = (lane) => this.across[lane] / 2;
    const u = this.u[n];
    const nodes = [this.arrow([[u, x + half(0)], [u, h - half(1)]], "x", phase)];
    if (step.writes !== null) nodes.push(this.arrow([[u, h + half(1)], [u, y - half(2)]], "y", phase));
    if (shape === "one-to-one") return nodes;
    const from = n === 0 ? u - this.pitch / 2 - 5 : this.u[n - 1] + this.along / 2;
    const to = u - this.along / 2;
    const lines = twoStates ? [["h", STATES], ["c", -STATES]] : [["h", 0]];
    for (const [kind, off] of lines) nodes.push(this.arrow([[from, h + off], [to, h + off]], kind, phase));
    if (step.fed) nodes.push(this.back(n, phase));
    return nodes;
  }

  // What was written goes down between the columns and is read.
  back(n, phase) {
    const [x, , y] = this.v;
    const from = this.u[n - 1] + this.along / 2;
    const to = this.u[n] - this.along / 2;
    const middle = (from + to) / 2;
    return this.arrow([[from, y], [middle, y], [middle, x], [to, x]], "fed", phase);
  }

  arrow(places, kind, phase) {
    const points = places.map(([u, v]) => this.at(u, v));
    const [[x0, y0], [x1, y1]] = points.slice(-2);
    const length = Math.hypot(x1 - x0, y1 - y0);
    const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
    points[points.length - 1] = [x1 - dx * HEAD, y1 - dy * HEAD];
    const wing = (side) => `${x1 - dx * (HEAD + 1) - side * dy * (HEAD - 1)} ${y1 - dy * (HEAD + 1) + side * dx * (HEAD - 1)}`;
    return svg("g", { class: `arrow ${kind}`, "data-phase": phase },
      svg("path", { class: "shaft", d: `M${points.map((point) => point.join(" ")).join("L")}` }),
      svg("path", { class: "tip", d: `M${x1} ${y1}L${wing(1)}L${wing(-1)}Z` }));
  }
}

import { set, svg, uniqueId } from "./dom.js";
import { short } from "./numbers.js";
import { tiny } from "./tiny.js";

// The road of each unit: tiles hold numbers, valves are gates that open as far as their value,
// and what flows between them is as thick as it is large. Everything is laid out from the
// cell's `picture`, so a new cell needs no new drawing code.

const ROW = 46;
const TILE = { width: 58, height: 24 };
const VALVE = { reach: 13, width: 9 };
const PIPE = 17; // the widest flow
const WEAVE = 9; // the widest of many flows
const RETURN = 5; // the widest that runs back to the left edge
const BOX = 46; // a function's name fits
const SHOWN = 4; // units drawn at once
const HEAD = 18; // room for the unit's name

export function unitsShown(unit, size) {
  const first = Math.floor(unit / SHOWN) * SHOWN;
  return Array.from({ length: Math.min(SHOWN, size - first) }, (_, n) => first + n);
}

export class Picture {
  // labels: {unit(k), title, reads}; onPick(q, k) is called when a part is clicked.
  // back: the spec of the way back, if gradients are shown; then tiles hold ∂L/∂ of their quantity
  // and valves stay as open as they were, since they let the gradient through just so far.
  constructor(spec, { back, narrow, units, inputSize, hiddenSize, labels, onPick }) {
    Object.assign(this, { spec, back, units, labels, onPick });
    this.write = back ? tiny : short;
    this.layout = narrow ? "narrow" : "wide";
    this.grid = spec.picture[this.layout];
    this.tile = narrow ? { ...TILE, width: 52 } : TILE;
    this.groupHeight = this.grid.rows * ROW + HEAD + 6;
    this.updates = [];
    this.parts = new Map(); // quantity -> nodes to light up
    this.reads = this.layOutReads(inputSize, hiddenSize);
    const height = units.length * this.groupHeight + this.reads.height;
    this.root = svg("svg", {
      class: "picture", viewBox: `0 0 ${this.grid.end + 4} ${height}`, role: "img", "aria-label": labels.title,
    });
    this.plots = svg("g");
    this.risers = svg("g");
    this.hatch = uniqueId("minus");
    this.root.append(hatching(this.hatch), this.plots, this.risers); // from the ground up
    units.forEach((k, n) => this.root.append(this.drawUnit(k, n * this.groupHeight)));
    this.root.append(this.drawReads(units.length * this.groupHeight));
  }

  at([column, row]) {
    return { x: this.grid.columns[column], y: HEAD + row * ROW + 29 };
  }

  // ------------------------------------------------------------------------------- one unit
  drawUnit(k, top) {
    const plot = svg("rect", { class: "plot", x: 1, y: top + 3, width: this.grid.end + 2, height: this.groupHeight - 6, rx: 8 });
    this.plots.append(plot);
    this.updates.push(({ unit }) => set(plot, "data-chosen", unit === k));
    const group = svg("g", { transform: `translate(0 ${top})` },
      svg("text", { class: "unit-name", x: 10, y: 16 }, this.labels.unit({ k })));
    const place = Object.fromEntries(
      this.spec.picture.parts.map((part) => [part.kind === "join" ? "join" : part.q, { ...this.at(part[this.layout]), kind: part.kind }]),
    );
    place.end = { x: this.grid.end, y: place[this.spec.road].y, kind: "end" };
    const room = place.end.x - place[this.spec.road].x > 160; // beside the label of the road's last tile
    const onward = { class: "unit-name end", x: this.grid.end - 4, y: room ? place.end.y - 14 : 16 };
    if (this.layout === "wide") group.append(svg("text", onward, this.labels.onward));
    this.spec.picture.pipes.forEach(([from, to, q, matrix], n) => {
      const flow = this.back?.pipes[n] ?? q;
      group.append(this[matrix ? "drawWeave" : "drawPipe"](place[from], place[to], q, k, flow, matrix));
    });
    for (const part of this.spec.picture.parts) {
      const spot = place[part.kind === "join" ? "join" : part.q];
      const node = { tile: this.drawTile, valve: this.drawValve, join: this.drawJoin, box: this.drawBox }[part.kind].call(this, spot, part, k);
      node.addEventListener("click", () => this.onPick(part.q, k));
      group.append(node);
    }
    return group;
  }

  // flow: the quantity whose value sets the width
  drawPipe(from, to, q, k, flowing) {
    const half = { tile: this.tile.width / 2, valve: VALVE.width / 2, join: 9, box: BOX / 2, end: 0 };
    let d;
    const returning = to.x < from.x; // only on narrow screens: the line runs back to the left edge
    if (from.y === to.y) {
      d = `M${from.x + half[from.kind]} ${from.y}H${to.x - half[to.kind]}`;
    } else if (returning) {
      d = this.wayBack(from, to);
    } else if (to.kind === "join") {
      const start = from.x + half[from.kind];
      d = `M${start} ${from.y}C${to.x - 4} ${from.y} ${to.x} ${from.y - 8} ${to.x} ${to.y + 8}`;
    } else {
      const start = from.x + half[from.kind];
      const end = to.x - half[to.kind];
      d = `M${start} ${from.y + 4}C${start + 22} ${from.y + 4} ${end - 26} ${to.y} ${end} ${to.y}`;
    }
    const color = `var(--q-${this.spec.quantities[q][1]})`;
    const bed = svg("path", { class: "bed", d, style: returning ? `stroke-width:${RETURN}` : false });
    const flow = svg("path", { class: "flow", d, style: `stroke:${color}` });
    const dashes = svg("path", { class: "flow", d, style: `stroke:url(#${this.hatch})` });
    const node = svg("g", { class: "pipe" }, bed, flow, dashes);
    this.updates.push(({ step, scale, hidden }) => {
      const value = step[flowing]?.[k];
      const width = value === undefined || (hidden && !q.endsWith("_prev")) ? 0 : Math.min(Math.abs(value) / (scale[flowing] ?? 1), 1) * (returning ? RETURN : PIPE);
      flow.style.strokeWidth = width;
      dashes.style.strokeWidth = value < 0 ? width : 0;
    });
    this.remember(q, node);
    return node;
  }

  drawTile({ x, y }, { q }, k) {
    const { width, height } = this.tile;
    const color = `var(--q-${this.spec.quantities[q][1]})`;
    const bar = svg("rect", { class: "bar", y: y + height / 2 - 5.5, height: 4, style: `fill:${color}` });
    const number = svg("text", { class: "number", x, y: y + 2.5 });
    const node = svg("g", { class: "part tile" },
      svg("text", { class: "label", x, y: y - height / 2 - 4, style: `fill:${color}` }, ...this.symbol(q)),
      svg("rect", { class: "box", x: x - width / 2, y: y - height / 2, width, height, rx: 5, style: `stroke:${color}` }),
      svg("line", { class: "zero", x1: x, x2: x, y1: y + height / 2 - 7, y2: y + height / 2 - 0.5 }),
      bar, number);
    this.updates.push(({ step, scale, hidden }) => {
      const value = step[q]?.[k];
      const secret = hidden && !q.endsWith("_prev"); // what came before is known
      this.showNumber(number, value, secret);
      const length = secret || value === undefined ? 0 : Math.min(Math.abs(value) / (scale[q] ?? 1), 1) * (width / 2 - 5);
      set(bar, "x", value < 0 ? x - length : x);
      set(bar, "width", length);
    });
    this.remember(q, node);
    return node;
  }

  drawValve({ x, y }, { q, gate = q }, k) {
    const color = `var(--q-${this.spec.quantities[q][1]})`;
    const jaw = () => svg("rect", { class: "jaw", x: x - VALVE.width / 2, width: VALVE.width, rx: 2, style: `fill:${color}` });
    const [upper, lower] = [jaw(), jaw()];
    const number = svg("tspan", { class: "number" });
    const held = svg("tspan", { class: "held" });
    const node = svg("g", { class: "part valve" },
      svg("rect", { class: "hit", x: x - 22, y: y - 30, width: 44, height: 45 }),
      svg("text", { class: "label", x, y: y - 17, style: `fill:${color}` }, ...symbolSpans(this.spec.quantities[q][0]), " ", number, held),
      upper, lower);
    this.updates.push(({ step, hidden, isHeld }) => {
      const value = step[q]?.[k];
      const gap = hidden || value === undefined ? 0 : Math.min(Math.max(value, 0), 1) * PIPE;
      set(upper, "y", y - VALVE.reach);
      set(upper, "height", VALVE.reach - gap / 2);
      set(lower, "y", y + gap / 2);
      set(lower, "height", VALVE.reach - gap / 2);
      this.showNumber(number, value, hidden, short);
      held.textContent = isHeld(gate, k) ? ` ${this.labels.held}` : "";
    });
    this.remember(q, node);
    return node;
  }

  drawJoin({ x, y }, { q }) {
    const node = svg("g", { class: "part join" },
      svg("circle", { cx: x, cy: y, r: 9 }), svg("path", { d: `M${x - 5} ${y}h10M${x} ${y - 5}v10` }));
    this.remember(q, node);
    return node;
  }

  // The function that a number passes through, by its name.
  drawBox({ x, y }, { q, text }) {
    const node = svg("g", { class: "part function" },
      svg("rect", { class: "box", x: x - BOX / 2, y: y - 12, width: BOX, height: 24, rx: 12 }),
      svg("text", { class: "name", x, y: y + 4 }, text));
    this.remember(q, node);
    return node;
  }

  // A weighted sum over all units: a thread from each unit that is drawn, as thick as its term.
  // Where it runs back, on narrow screens, there is room for the unit's own only.
  drawWeave(from, to, q, k, flowing, matrix) {
    const node = svg("g", { class: "pipe weave" });
    const start = from.x + this.tile.width / 2;
    const end = to.x - this.tile.width / 2;
    const returning = end < start;
    const color = `var(--q-${this.spec.quantities[q][1]})`;
    const threads = (returning ? [k] : this.units).map((j) => {
      const y = from.y + (this.units.indexOf(j) - this.units.indexOf(k)) * this.groupHeight;
      const middle = (start + end) / 2;
      const d = returning ? this.wayBack(from, to) : `M${start} ${y}C${middle} ${y} ${middle} ${to.y} ${end} ${to.y}`;
      const flow = svg("path", { class: "flow", d, style: `stroke:${color}` });
      const dashes = svg("path", { class: "flow", d, style: `stroke:url(#${this.hatch})` });
      node.append(svg("path", { class: "thread", d }), flow, dashes);
      return { j, flow, dashes };
    });
    this.updates.push(({ state, step, hidden }) => {
      const rows = state.weights[matrix].slice(-state.h0.length); // the candidate's, or all there are
      const term = (i, j) => rows[i][j] * (step[flowing]?.[this.back ? i : j] ?? 0);
      const largest = Math.max(...this.units.flatMap((i) => this.units.map((j) => Math.abs(term(i, j)))));
      for (const { j, flow, dashes } of threads) {
        const value = hidden && !q.endsWith("_prev") ? 0 : term(k, j);
        const width = (Math.abs(value) / (largest || 1)) * (returning ? RETURN : WEAVE);
        flow.style.strokeWidth = width;
        dashes.style.strokeWidth = value < 0 ? width : 0;
      }
    });
    this.remember(q, node);
    return node;
  }

  // Down, back to the left edge, and on in the row below.
  wayBack(from, to) {
    const lane = to.y - 30;
    return `M${from.x} ${from.y + this.tile.height / 2}V${lane - 8}q0 8 -8 8H${to.x + 8}q-8 0 -8 8V${to.y - this.tile.height / 2}`;
  }

  symbol(q) {
    const text = this.spec.quantities[q][0];
    if (!this.back) return symbolSpans(text);
    if (!text.includes(" ")) return symbolSpans(`∂${text}`);
    const room = this.layout === "wide" ? text : text.replace(/_t(−1)?/g, ""); // a narrow one has none for indices
    return symbolSpans(`∂(${room})`);
  }

  showNumber(node, value, hidden, write = this.write) {
    const text = hidden ? "?" : value === undefined ? "" : write(value);
    node.textContent = text;
    set(node, "data-long", text.length > 6); // a power of ten
  }

  remember(q, node) {
    set(node, "data-part", q);
    this.parts.set(q, [...(this.parts.get(q) ?? []), node]);
  }

  // --------------------------------------------------- what every gate reads, under the roads
  layOutReads(inputSize, hiddenSize) {
    const perRow = this.layout === "narrow" ? 4 : 9;
    const groups = [["x", inputSize], ["h_prev", hiddenSize]];
    const tiles = [];
    let row = 0;
    for (const [q, size] of groups) {
      for (let j = 0; j < size; j += 1) {
        tiles.push({ q, j, column: j % perRow, row: row + Math.floor(j / perRow) });
      }
      row += Math.ceil(size / perRow);
    }
    return { tiles, top: 34, height: row * 34 + 26 };
  }

  drawReads(top) {
    const group = svg("g", { class: "reads", transform: `translate(0 ${top})` });
    group.append(svg("text", { class: "unit-name", x: 10, y: 18 }, this.labels.reads));
    const { width } = this.tile;
    const left = 52;
    for (const { q, j, column, row } of this.reads.tiles) {
      const x = left + width / 2 + column * (width + 6);
      const y = this.reads.top + row * 34 + 8;
      const color = `var(--q-${this.spec.quantities[q][1]})`;
      if (j === 0) group.append(svg("text", { class: "label start", x: 10, y: y + 4, style: `fill:${color}` }, ...this.symbol(q)));
      const number = svg("text", { class: "number", x, y: y + 4.5 });
      const node = svg("g", { class: "part tile" },
        svg("rect", { class: "box", x: x - width / 2, y: y - 12, width, height: 24, rx: 5, style: `stroke:${color}` }), number);
      this.updates.push(({ step }) => this.showNumber(number, step[q]?.[j], false));
      node.addEventListener("click", () => this.onPick("combine", this.units[0]));
      this.remember("combine", node);
      group.append(node);
    }
    this.readsTop = top;
    return group;
  }

  // Lines from what is read up to each unit of the gate that reads it.
  drawRisers(quantities) {
    this.risers.replaceChildren();
    for (const q of quantities) {
      const part = this.spec.picture.parts.find((candidate) => candidate.q === q);
      const { x, y } = this.at(part[this.layout]);
      const lane = x - (part.kind === "valve" ? 26 : this.tile.width / 2 + 5);
      const color = `var(--q-${this.spec.quantities[q][1]})`;
      this.units.forEach((_k, n) => {
        const level = n * this.groupHeight + y + (part.kind === "valve" ? -9 : 0);
        const reach = part.kind === "valve" ? x - VALVE.width / 2 - 3 : x - this.tile.width / 2 - 1;
        this.risers.append(
          svg("path", { class: "riser", d: `M${lane} ${this.readsTop + 8}V${level}H${reach}`, style: `stroke:${color}` }),
          svg("path", { class: "tip", d: `M${reach} ${level}l-5 -3.5v7z`, style: `fill:${color}` }),
        );
      });
    }
  }

  // ------------------------------------------------------------------------------- a new step
  // view: {step, scale, unit, hidden, isHeld(q, k), current: quantities at work now,
  //        done: quantities that are computed already, readers: quantities whose inputs to show}
  update(view) {
    for (const update of this.updates) update(view);
    for (const [q, nodes] of this.parts) {
      const state = view.current.includes(q) ? "now" : view.done.includes(q) ? "done" : "later";
      for (const node of nodes) set(node, "data-state", state);
    }
    this.drawRisers(view.readers);
  }
}

// "c_t−1" as text with a subscript, for SVG.
function symbolSpans(text) {
  return text.split(/([A-Za-z]+_[a-z]+(?:−1)?)/).flatMap((part) => {
    const [name, subscript] = part.split("_");
    if (subscript === undefined) return part === "" ? [] : [svg("tspan", {}, part)];
    return [
      svg("tspan", { class: "var" }, name),
      svg("tspan", { class: "sub", dy: 3 }, subscript),
      svg("tspan", { dy: -3 }, "\u200b"),
    ];
  });
}

// The pattern that marks negative flow, so that the sign does not hang on color.
function hatching(id) {
  return svg("defs", {},
    svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { width: 3, height: 6, class: "hatch" })));
}

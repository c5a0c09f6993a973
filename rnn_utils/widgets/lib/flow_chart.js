import { set, svg } from "./dom.js";
import { powerOfTen } from "./numbers.js";

// Norms of gradients over time on a logarithmic axis. Time runs to the right, as the cells read;
// the gradient starts at the right end and walks to the left, where each line has its name.

const HEIGHT = 320;
const [TOP, BOTTOM, LEFT, RIGHT] = [34, 44, 64, 46];
const LOWEST = [-4, -8, -12, -16, -24, -32]; // few ranges, so that the axis stands still for long
const HIGHEST = [1, 4, 8, 16, 32, 64, 96];
const MOST_TICKS = 7;
const NAME_GAP = 15; // between two names
// A shape for each line, around the point where it is put.
const MARKS = {
  rnn: "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", lstm: "m-3.6-3.6h7.2v7.2h-7.2z",
  lstm_c: "m0-4.8l4.8 4.8l-4.8 4.8l-4.8-4.8z", gru: "m0-4.8l4.4 8h-8.8z",
};
export const markAt = (name, place) => `M${place}${MARKS[name]}`;

// The decades that hold all values, out of few.
export function decades(values) {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const [least, most] = [Math.min(0, ...logs), Math.max(0, ...logs)];
  const low = LOWEST.find((end) => end <= least) ?? LOWEST.at(-1);
  const high = HIGHEST.find((end) => end >= most) ?? HIGHEST.at(-1);
  const spacing = [1, 2, 4, 8, 16, 32].find((gap) => (high - low) / gap < MOST_TICKS);
  const first = Math.ceil(low / spacing);
  const ticks = Array.from({ length: Math.floor(high / spacing) - first + 1 }, (_, n) => (first + n) * spacing);
  return { low, high, ticks };
}

// Where a value stands between 0 (lowest decade) and 1; what is off the axis stands at its end.
export function share(value, { low, high }) {
  const log = value > 0 ? Math.log10(value) : low;
  return (Math.min(Math.max(log, low), high) - low) / (high - low);
}

export class FlowChart {
  constructor({ labels, onPick }) {
    Object.assign(this, { labels, onPick });
    this.grid = svg("g", { class: "grid" });
    this.cursor = svg("path", { class: "cursor" });
    this.cursorText = svg("text", { class: "cursor-text", y: TOP - 6, "text-anchor": "middle" });
    this.lines = Object.fromEntries(Object.keys(MARKS).map((name) => [name, {
      path: svg("path", { class: `line ${name}` }), marks: svg("path", { class: `marks ${name}` }),
      here: svg("path", { class: `here ${name}`, d: markAt(name, "0 0") }),
      text: svg("text", { class: `name ${name}`, "text-anchor": "end" }, labels.short[name]),
    }]));
    this.start = svg("text", { class: "start", y: 13, "text-anchor": "end" }, labels.start);
    this.root = svg("svg", { class: "flow-chart", role: "img", onpointerdown: (event) => this.pick(event), onpointermove: (event) => { if (event.buttons) this.pick(event); } },
      this.grid, svg("text", { x: 2, y: 13 }, labels.norm), this.cursor, this.cursorText, this.start,
      Object.values(this.lines).flatMap(({ path, marks, here, text }) => [path, marks, here, text]));
  }

  pick(event) {
    const { left, width } = this.root.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * this.width;
    const t = 1 + Math.round(((x - LEFT) / (this.width - LEFT - RIGHT)) * (this.T - 1));
    event.preventDefault();
    this.onPick(this.T - Math.min(Math.max(t, 1), this.T));
  }

  // series: for each line its values at t = 1 to T; back: how many steps back the cursor is
  update({ series, back, width, label }) {
    Object.assign(this, { width, T: series.rnn.length });
    const { T } = this;
    const axis = decades(Object.values(series).flat());
    const x = (t) => LEFT + ((width - LEFT - RIGHT) * (t - 1)) / (T - 1);
    const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(value, axis);
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-label": label })) set(this.root, name, value);
    set(this.start, "x", width - 2);
    this.drawGrid(axis, x, y);
    const at = T - back;
    set(this.cursor, "d", `M${x(at).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}`);
    set(this.cursorText, "x", Math.min(Math.max(x(at), LEFT + 30), width - RIGHT - 30).toFixed(1));
    this.cursorText.textContent = this.labels.at({ t: at });
    const every = Math.max(1, Math.round(T / 9));
    for (const [name, values] of Object.entries(series)) {
      const points = values.map((value, n) => `${x(n + 1).toFixed(1)} ${y(value).toFixed(1)}`);
      const line = this.lines[name];
      set(line.path, "d", `M${points.join("L")}`);
      set(line.marks, "d", points.filter((_, n) => n % every === 0).map((point) => markAt(name, point)).join(""));
      set(line.here, "transform", `translate(${points[at - 1]})`);
    }
    this.placeNames(series, y);
  }

  drawGrid(axis, x, y) {
    const { width, T } = this;
    const spacing = [1, 2, 5, 10, 20].find((gap) => T / gap <= (width < 420 ? 5 : 10)) ?? 25;
    const times = [1, ...Array.from({ length: Math.floor(T / spacing) }, (_, n) => (n + 1) * spacing).filter((t) => t > 1)];
    this.grid.replaceChildren(
      ...axis.ticks.flatMap((exponent) => [
        svg("path", { class: exponent === 0 ? "whole" : "", d: `M${LEFT} ${y(10 ** exponent).toFixed(1)}H${width - RIGHT}` }),
        svg("text", { x: width - RIGHT + 8, y: (y(10 ** exponent) + 4).toFixed(1) }, exponent === 0 ? "1" : powerOfTen(exponent))]),
      ...times.map((t) => svg("text", { x: x(t).toFixed(1), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(t))),
      svg("text", { x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, this.labels.axis));
  }

  // Names stand beside the left ends, pushed apart where they would touch.
  placeNames(series, y) {
    const names = Object.keys(series).map((name) => [name, y(series[name][0])]).sort((a, b) => a[1] - b[1]);
    let above = -Infinity;
    for (const place of names) above = place[1] = Math.max(place[1], above + NAME_GAP);
    let below = HEIGHT - BOTTOM + NAME_GAP;
    for (const place of names.reverse()) below = place[1] = Math.min(place[1], below - NAME_GAP);
    for (const [name, at] of names) {
      set(this.lines[name].text, "x", LEFT - 10);
      set(this.lines[name].text, "y", (at + 4).toFixed(1));
    }
  }
}

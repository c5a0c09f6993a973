import { set, svg } from "./dom.js";
import { nextState } from "./dynamics.js";

// Two planes of a plain RNN of two units: the state's, with the flow, the path and the points that
// stand still; and the one in which the columns of W_hh are arrows that can be dragged.

const SIZE = 420; // of the state's square, with SPACE around it for the axes
const SPACE = 34;
const PLACES = 15; // arrows of the flow along each axis
const LONGEST = 0.055; // of an arrow, in units of the state
const NUMBERED = [0, 1, 2, 3, 5, 10, 20, 50, 100, 150, 200]; // steps with their number beside the dot
const NEAR = 13; // px; a number so near to another one is left out

const MARKS = {
  stable: [["circle", { r: 6.5, class: "full" }]],
  unstable: [["circle", { r: 6.5, class: "hollow" }]],
  saddle: [["circle", { r: 6.5, class: "hollow" }], ["path", { d: "M-4.6-4.6L4.6 4.6M-4.6 4.6L4.6-4.6", class: "cross" }]],
  neutral: [["path", { d: "M0-8L8 0L0 8L-8 0Z", class: "hollow" }]],
};
const markOf = (kind, place = {}) => svg("g", { class: `mark ${kind}`, ...place }, MARKS[kind].map(([tag, attributes]) => svg(tag, attributes)));
export const pointMark = (kind) => svg("svg", { viewBox: "-10 -10 20 20", width: 20, height: 20, "aria-hidden": "true" }, markOf(kind));

const round = (value) => Math.round(value * 100) / 100;
const clamp = (value, most) => Math.min(Math.max(value, -most), most);

// Where the pointer is in a drawing, in the drawing's own units.
function placeOf(event, drawing) {
  const { left, top, width, height } = drawing.getBoundingClientRect();
  const { width: w, height: h } = drawing.viewBox.baseVal;
  return [((event.clientX - left) / width) * w, ((event.clientY - top) / height) * h];
}

// An arrow as a path from one point to the other, its head open.
function arrow([x0, y0], [x1, y1], head) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.5) return "";
  const [dx, dy] = [((x1 - x0) / length) * head, ((y1 - y0) / length) * head];
  const wing = (side) => `${(x1 - dx - side * dy * 0.6).toFixed(1)} ${(y1 - dy + side * dx * 0.6).toFixed(1)}`;
  return `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}M${wing(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}L${wing(-1)}`;
}

export class StatePlane {
  constructor({ onStart }) {
    const all = SIZE + SPACE + 12;
    this.onStart = onStart;
    this.flow = svg("path", { class: "flow" });
    this.ahead = svg("path", { class: "path ahead" });
    this.done = svg("path", { class: "path" });
    this.dots = svg("g", { class: "dots" });
    this.marks = svg("g");
    const [near, far, middle] = [-1, 1, 0].map((v) => this.at([v, -v]));
    const ticks = [-1, -0.5, 0, 0.5, 1].flatMap((v) => [
      svg("text", { x: this.at([v, 0])[0], y: SIZE + 30, "text-anchor": "middle" }, String(v).replace("-", "−")),
      svg("text", { x: SPACE - 6, y: this.at([0, v])[1] + 4, "text-anchor": "end" }, String(v).replace("-", "−"))]);
    this.root = svg("svg", { class: "state-plane", role: "img", viewBox: `0 0 ${all} ${all + 16}`,
      onpointerdown: (event) => this.press(event), onpointermove: (event) => { if (event.buttons & 1 && this.pressed) this.pick(event); },
      onpointerup: () => { this.pressed = false; }, onpointercancel: () => { this.pressed = false; } },
    svg("rect", { class: "ground", x: near[0], y: 12, width: SIZE, height: SIZE }),
    svg("path", { class: "axes", d: `M${near[0]} ${middle[1]}H${far[0]}M${middle[0]} ${this.at([0, 1])[1]}V${this.at([0, -1])[1]}` }),
    this.flow, ticks,
    svg("text", { class: "axis", x: middle[0] + SIZE / 4, y: SIZE + 46, "text-anchor": "middle" }, "h[0] →"),
    svg("text", { class: "axis", x: 12, y: this.at([0, 0.25])[1], "text-anchor": "middle", transform: `rotate(-90 12 ${this.at([0, 0.25])[1]})` }, "h[1] →"),
    svg("svg", { x: near[0], y: 12, width: SIZE, height: SIZE, viewBox: `${near[0]} 12 ${SIZE} ${SIZE}`, overflow: "hidden" }, this.ahead, this.done, this.dots),
    this.marks);
  }

  // From the state to the drawing
  at([u, v]) {
    return [SPACE + ((u + 1) / 2) * SIZE, 12 + ((1 - v) / 2) * SIZE];
  }

  press(event) {
    if (event.button !== 0) return;
    const [x, y] = placeOf(event, this.root);
    if (x < SPACE || y > SIZE + 12) return;
    this.pressed = true;
    this.root.setPointerCapture(event.pointerId);
    this.pick(event);
  }

  pick(event) {
    const [x, y] = placeOf(event, this.root);
    this.onStart([round(clamp(((x - SPACE) / SIZE) * 2 - 1, 1)), round(clamp(1 - ((y - 12) / SIZE) * 2, 1))]);
  }

  update({ system, path, step, points, label }) {
    set(this.root, "aria-label", label);
    const key = JSON.stringify([system.weight_hh, system.bias, system.nonlinearity]);
    if (key !== this.drawn) set(this.flow, "d", this.field(system));
    this.drawn = key;
    const places = path.map((h) => this.at(h.map((value) => clamp(value, 50)))); // far outside is far enough
    const line = (part) => `M${part.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
    set(this.ahead, "d", line(places.slice(step)));
    set(this.done, "d", line(places.slice(0, step + 1)));
    this.dots.replaceChildren(...this.dotsOf(places, step));
    this.marks.replaceChildren(...points.filter(({ h }) => h.every((value) => Math.abs(value) <= 1)).map(({ h, kind }) => {
      const [x, y] = this.at(h);
      return markOf(kind, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
    }));
  }

  // Every arrow shows where the state goes; long ways are drawn short, so that none hides another.
  field(system) {
    const parts = [];
    for (let n = 0; n < PLACES; n += 1) for (let m = 0; m < PLACES; m += 1) {
      const h = [n, m].map((place) => ((place + 0.5) / PLACES) * 2 - 1);
      const next = nextState(system, h);
      const way = next.map((value, k) => value - h[k]);
      const length = Math.hypot(...way);
      const drawn = LONGEST * Math.tanh(length / (2 * LONGEST)) * 2; // near 0 as long as the way itself
      const half = length === 0 ? [0, 0] : way.map((value) => ((value / length) * drawn) / 2);
      parts.push(arrow(this.at(h.map((value, k) => value - half[k])), this.at(h.map((value, k) => value + half[k])), 4));
    }
    return parts.join("");
  }

  dotsOf(places, step) {
    const dots = places.slice(1, step).map(([x, y]) => svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.6 }));
    const [x0, y0] = places[0];
    const [x, y] = places[step];
    const texts = [];
    const taken = [];
    for (const t of new Set([step, ...NUMBERED.filter((t) => t < step)])) {
      const [u, v] = places[t];
      if (taken.some(([p, q]) => Math.hypot(p - u, q - v) < NEAR)) continue;
      taken.push([u, v]);
      const left = u > SPACE + SIZE - 24;
      texts.push(svg("text", { class: t === step ? "now" : "", x: (u + (left ? -8 : 8)).toFixed(1), y: Math.max(v - 6, 22).toFixed(1), "text-anchor": left ? "end" : "start" }, String(t)));
    }
    return [...dots, svg("rect", { class: "start", x: x0 - 4.5, y: y0 - 4.5, width: 9, height: 9 }),
      svg("circle", { class: "now", cx: x.toFixed(1), cy: y.toFixed(1), r: 4.6 }), ...texts];
  }
}

const SPAN = 200; // px of the columns' square

export class ColumnsPlane {
  constructor({ most, onColumn }) {
    Object.assign(this, { most, onColumn });
    const scale = SPAN / 2 / (most * 1.12);
    this.scale = scale;
    this.arrows = [0, 1].map((j) => svg("path", { class: `column c${j}` }));
    this.tips = [0, 1].map((j) => svg("circle", { class: `tip c${j}`, r: 12 }));
    this.names = [0, 1].map((j) => svg("text", { class: `name c${j}`, "text-anchor": "middle" }, String(j)));
    const half = SPAN / 2;
    this.root = svg("svg", { class: "columns-plane", role: "img", viewBox: `0 0 ${SPAN} ${SPAN}`, width: SPAN, height: SPAN,
      onpointerdown: (event) => this.press(event), onpointermove: (event) => { if (event.buttons & 1) this.drag(event); },
      onpointerup: () => { this.held = undefined; }, onpointercancel: () => { this.held = undefined; } },
    svg("rect", { class: "ground", x: 0.5, y: 0.5, width: SPAN - 1, height: SPAN - 1, rx: 6 }),
    svg("path", { class: "axes", d: `M0 ${half}H${SPAN}M${half} 0V${SPAN}` }),
    svg("circle", { class: "unit", cx: half, cy: half, r: scale }),
    this.arrows, this.tips, this.names);
  }

  at([u, v]) {
    return [SPAN / 2 + u * this.scale, SPAN / 2 - v * this.scale];
  }

  press(event) {
    if (event.button !== 0) return;
    const [x, y] = placeOf(event, this.root);
    const away = this.places.map(([u, v]) => Math.hypot(u - x, v - y));
    const nearest = away[0] <= away[1] ? 0 : 1;
    if (away[nearest] > 22) return;
    this.held = nearest;
    this.root.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  drag(event) {
    if (this.held === undefined) return;
    const [x, y] = placeOf(event, this.root);
    this.onColumn(this.held, [(x - SPAN / 2) / this.scale, (SPAN / 2 - y) / this.scale].map((value) => round(clamp(value, this.most))));
  }

  update({ W, label }) {
    set(this.root, "aria-label", label);
    this.places = [0, 1].map((j) => this.at([W[0][j], W[1][j]]));
    this.places.forEach(([x, y], j) => {
      set(this.arrows[j], "d", `M${SPAN / 2} ${SPAN / 2}L${x.toFixed(1)} ${y.toFixed(1)}`);
      set(this.tips[j], "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      set(this.names[j], "transform", `translate(${x.toFixed(1)} ${(y + 4.5).toFixed(1)})`);
    });
  }
}

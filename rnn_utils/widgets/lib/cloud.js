import { svg, set } from "./dom.js";
import { seen } from "./vectors.js";

// A cloud of words as a picture: marks, labels where there is room, lines between words. It is
// drawn from a scene (see update); turning, flattening and laying along an axis move the marks.

const MARKS = {
  dot: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
  circle: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  square: "M-4.5-4.5h9v9h-9z",
  triangle: "M0-6L5.6 4H-5.6z",
  diamond: "M0-6.3L6.3 0 0 6.3-6.3 0z",
  down: "M0 6L5.6-4H-5.6z",
  plus: "M-1.9-5.7h3.8v3.8h3.8v3.8h-3.8v3.8h-3.8v-3.8h-3.8v-3.8h3.8z",
  cross: "M-5.4-2.7L-2.7-5.4 0-2.7 2.7-5.4 5.4-2.7 2.7 0 5.4 2.7 2.7 5.4 0 2.7-2.7 5.4-5.4 2.7-2.7 0z",
  ring: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M-2.6 0a2.6 2.6 0 1 1 5.2 0a2.6 2.6 0 1 1-5.2 0",
};
const SHAPES = ["circle", "square", "triangle", "diamond", "down", "plus", "cross", "ring"];
const COLORS = ["o", "f", "i", "g", "c", "h", "r", "n"];

const FONT = "12px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
const LINE = 14; // px, the height of a label
const EYE = 3.2; // how far the eye is from the middle, in radii of the cloud
const ARM = 0.86; // of the radius: how far the axes reach
const MOVE_MS = 450;
const REACH = 26; // px around a mark that belong to it

export const markOf = (group) => (group < 0 ? { shape: "dot", color: "x" } : { shape: SHAPES[group], color: COLORS[group] });

export function drawMark({ shape, color }) {
  return svg("path", { d: MARKS[shape], fill: `var(--q-${color})`, "fill-rule": "evenodd" });
}

export class Cloud {
  // words; groups: the number of each word's group, or -1; onPick(k), onTurn(degrees right,
  // degrees up), onTurned()
  constructor({ words, groups, onPick, onTurn, onTurned }) {
    Object.assign(this, { words, onPick, onTurn, onTurned, width: 640, height: 440, hovered: -1 });
    this.marks = groups.map((group) => drawMark(markOf(group)));
    this.names = words.map((word) => svg("text", {}, word));
    this.widths = measured(words);
    this.lines = svg("path", { class: "lines" });
    this.sides = svg("path", { class: "sides" });
    this.miss = svg("path", { class: "miss" });
    this.corner = svg("path", { class: "corner", d: MARKS.diamond });
    this.frame = svg("g", { class: "frame" });
    this.root = svg("svg", { class: "cloud", role: "img" }, this.frame, this.lines,
      svg("g", {}, this.marks), this.miss, this.sides, this.corner, svg("g", {}, this.names));
    this.listen();
  }

  // scene: mode; points [x, y, z] of the words; axes, the names of the drawn axes; yaw, pitch;
  // chosen, words by importance; selected; lines, pairs of words; question [a, b, c], its corner
  // and answer; ends, the two words of the axis
  update(scene, moves) {
    this.scene = scene;
    set(this.root, "data-mode", scene.mode);
    this.radius = Math.max(...scene.points.map((p) => Math.hypot(...p)), 1e-12);
    this.marks.forEach((mark, k) => {
      set(mark, "data-role", scene.selected === k ? "selected" : scene.chosen.includes(k) ? "chosen" : false);
    });
    const target = this.places();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (moves && !still && this.shown?.length === target.length) this.moveTo(target);
    else this.jumpTo(target);
  }

  fit(width) {
    if (!width || width === this.width && this.fitted) return;
    this.fitted = true;
    this.width = width;
    this.height = Math.round(Math.min(Math.max(width * 0.74, 300), 470));
    set(this.root, "viewBox", `0 0 ${this.width} ${this.height}`);
    set(this.root, "height", this.height);
    if (this.scene) this.jumpTo(this.places());
  }

  destroy() {
    cancelAnimationFrame(this.moving);
  }

  // ---------------------------------------------------------------------------------- places
  // [x, y, size] on the picture of every word, then of the middle, the tips of the axes and the
  // corner of the parallelogram.
  places() {
    const { points, corner } = this.scene;
    const tip = (n) => [0, 1, 2].map((k) => (k === n ? ARM * this.radius : 0));
    const place = this.placer();
    return [...points, [0, 0, 0], tip(0), tip(1), tip(2), corner ?? [0, 0, 0]].map(place);
  }

  placer() {
    const { width, height, radius } = this;
    const { mode, points, yaw, pitch } = this.scene;
    if (mode === "3d") {
      const room = (Math.min(width, height) / 2 - 14) * Math.sqrt(1 - EYE ** -2); // whatever the turn
      return (point) => {
        const [x, y, z] = seen(point, yaw, pitch).map((value) => value / radius);
        const nearer = EYE / (EYE - z);
        return [width / 2 + room * x * nearer, height / 2 - room * y * nearer, nearer];
      };
    }
    const [left, bottom] = mode === "axis" ? [54, 56] : [54, 30];
    const span = (k) => [Math.min(...points.map((p) => p[k])), Math.max(...points.map((p) => p[k]))];
    const [[x0, x1], [y0, y1]] = [span(0), span(1)];
    let [fx, fy] = [(width - 2 * left) / (x1 - x0 || 1), (height - 24 - bottom) / (y1 - y0 || 1)];
    if (mode === "2d") fx = fy = Math.min(fx, fy);
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    this.toX = (x) => width / 2 + (x - mx) * fx;
    return ([x, y]) => [this.toX(x), (24 + height - bottom) / 2 - (y - my) * fy, 1];
  }

  jumpTo(places) {
    cancelAnimationFrame(this.moving);
    set(this.root, "data-moving", false);
    this.draw(places);
  }

  moveTo(target) {
    cancelAnimationFrame(this.moving);
    set(this.root, "data-moving", true);
    const from = this.shown;
    let start = null;
    const step = (now) => {
      start ??= now;
      const t = Math.min((now - start) / MOVE_MS, 1);
      const part = t * t * (3 - 2 * t);
      if (t === 1) return this.jumpTo(target);
      this.draw(target.map((place, n) => place.map((value, k) => from[n][k] + part * (value - from[n][k]))));
      this.moving = requestAnimationFrame(step);
    };
    this.moving = requestAnimationFrame(step);
  }

  // --------------------------------------------------------------------------------- drawing
  draw(places) {
    this.shown = places;
    const { scene } = this;
    const deep = scene.mode === "3d";
    this.marks.forEach((mark, k) => {
      const [x, y, size] = places[k];
      const chosen = mark.dataset.role;
      const scale = (chosen ? 1.25 : 0.85) * (deep ? size : 1);
      set(mark, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(2)})`);
      set(mark, "opacity", chosen ? 1 : (deep ? Math.min(Math.max(size - 0.42, 0.3), 0.9) : 0.75).toFixed(2));
    });
    const at = (k) => `${places[k][0].toFixed(1)} ${places[k][1].toFixed(1)}`;
    set(this.lines, "d", scene.lines.map(([a, b]) => `M${at(a)}L${at(b)}`).join(""));
    this.drawQuestion(places, at);
    this.drawFrame(places, at);
    this.drawNames(places);
  }

  drawQuestion(places, at) {
    const { question, answer } = this.scene;
    const corner = this.words.length + 4;
    set(this.corner, "display", question ? null : "none");
    set(this.sides, "d", "");
    set(this.miss, "d", "");
    if (!question) return;
    const [a, b, c] = question;
    set(this.sides, "d", arrow(places[a], places[b]) + arrow(places[c], places[corner]));
    set(this.miss, "d", `M${at(a)}L${at(c)}M${at(b)}L${at(corner)}${answer === undefined ? "" : `M${at(corner)}L${at(answer)}`}`);
    set(this.corner, "transform", `translate(${at(corner)})`);
  }

  drawFrame(places, at) {
    const { mode, axes } = this.scene;
    const V = this.words.length;
    this.axisNames = []; // where they stand: no word is written over them
    if (mode === "axis") return this.frame.replaceChildren(...this.ruler());
    const tips = axes.slice(0, mode === "3d" ? 3 : 2);
    this.frame.replaceChildren(...tips.flatMap((name, n) => {
      if (mode === "2d") return this.edge(name, n, places[V]);
      const [x, y] = places[V + 1 + n];
      const half = name.length * 3.2;
      this.axisNames.push([x - half, y - 7, x + half, y + 7]);
      return [svg("path", { d: `M${at(V)}L${at(V + 1 + n)}` }), svg("text", { x: x.toFixed(1), y: (y + 4).toFixed(1) }, name)];
    }));
  }

  // In the flat picture: lines through the middle, named at the edges.
  edge(name, n, [x, y]) {
    const { width, height } = this;
    const wide = name.length * 6.4 + 8;
    this.axisNames.push(n === 0 ? [width - 8 - wide, y - 20, width, y - 2] : [x, 6, x + wide, 22]);
    return n === 0
      ? [svg("path", { d: `M8 ${y}H${width - 8}` }), svg("text", { class: "end", x: width - 8, y: y - 6 }, name)]
      : [svg("path", { d: `M${x} 8V${height - 8}` }), svg("text", { class: "begin", x: x + 6, y: 18 }, name)];
  }

  // The axis between two words: a ruler with its zero, and the words at its ends.
  ruler() {
    const { width, height } = this;
    const y = height - 44;
    const x = this.scene.points.map((p) => p[0]);
    const [low, high] = [Math.min(...x), Math.max(...x)];
    const ticks = round(low, high, width < 480 ? 4 : 7);
    const [left, right] = this.scene.ends;
    return [
      svg("path", { d: `M12 ${y}H${width - 12}${ticks.map((tick) => `M${this.toX(tick)} ${y}v5`).join("")}` }),
      svg("path", { class: "zero", d: `M${this.toX(0)} 10V${y}` }),
      ...ticks.map((tick) => svg("text", { x: this.toX(tick), y: y + 18 }, String(tick).replace("-", "−"))),
      svg("text", { class: "pole begin", x: 12, y: height - 8 }, `← ${this.words[left]}`),
      svg("text", { class: "pole end", x: width - 12, y: height - 8 }, `${this.words[right]} →`),
    ];
  }

  // The important ones first; a label that finds no place next to its mark stays away.
  drawNames(places) {
    const { chosen, selected, mode } = this.scene;
    const rest = this.words.map((_, k) => k);
    if (mode === "3d") rest.sort((i, j) => places[j][2] - places[i][2]);
    const order = [...new Set([this.hovered, selected, ...chosen, ...rest].filter((k) => k >= 0))];
    const marks = places.slice(0, this.words.length).map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
    const important = new Set([this.hovered, selected, ...chosen]);
    const taken = [...this.axisNames, ...order.filter((k) => important.has(k)).map((k) => marks[k])];
    for (const k of order) {
      const strong = important.has(k);
      const box = this.roomFor(k, places[k], strong ? 10 : 7, strong ? taken : [...taken, ...marks], marks[k]);
      const name = this.names[k];
      set(name, "display", box ? null : "none");
      if (!box) continue;
      taken.push(box);
      set(name, "x", box[0].toFixed(1));
      set(name, "y", (box[3] - 3.5).toFixed(1));
      set(name, "class", strong ? "strong" : mode === "3d" && places[k][2] < 1 ? "distant" : false);
    }
  }

  // A free rectangle right of, left of, above or below a mark that touches none of those taken.
  roomFor(k, [x, y], gap, taken, own) {
    const wide = this.widths[k] * 1.06 + 2;
    const beside = [[x + gap, y - LINE / 2], [x - gap - wide, y - LINE / 2], [x - wide / 2, y - gap - LINE], [x - wide / 2, y + gap]];
    for (const [left, top] of beside) {
      const box = [left, top, left + wide, top + LINE];
      const inside = left >= 0 && top >= 0 && box[2] <= this.width && box[3] <= this.height;
      if (inside && !taken.some((other) => other !== own && overlap(box, other))) return box;
    }
    return null;
  }

  // -------------------------------------------------------------------------------- pointing
  nearest(event) {
    const { left, top } = this.root.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    let [best, least] = [-1, REACH];
    this.words.forEach((_, k) => {
      const far = Math.hypot(this.shown[k][0] - x, this.shown[k][1] - y);
      if (far < least) [best, least] = [k, far];
    });
    return best;
  }

  hover(k) {
    if (k === this.hovered) return;
    this.hovered = k;
    this.drawNames(this.shown);
    set(this.root, "data-over", k >= 0);
  }

  listen() {
    let held = null;
    const on = (name, listener) => this.root.addEventListener(name, listener);
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = { x: event.clientX, y: event.clientY, moved: false };
      this.root.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => {
      if (!held) return this.hover(event.pointerType === "mouse" ? this.nearest(event) : -1);
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      if (!held.moved && Math.hypot(dx, dy) < 5) return;
      held = { x: event.clientX, y: event.clientY, moved: true };
      this.hover(-1);
      if (this.scene.mode === "3d") this.onTurn(dx * 0.5, dy * 0.5);
    });
    const drop = (picks) => (event) => {
      const was = held;
      held = null;
      if (was?.moved) return this.onTurned();
      const k = was && picks ? this.nearest(event) : -1;
      if (k >= 0) this.onPick(k);
    };
    on("pointerup", drop(true));
    on("pointercancel", drop(false));
    on("pointerleave", () => this.hover(-1));
  }
}

function measured(words) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = FONT;
  return words.map((word) => context.measureText(word).width);
}

const overlap = ([a, b, c, d], [e, f, g, h]) => a < g && e < c && b < h && f < d;

// A line that ends in an arrowhead, a little before the mark.
function arrow([x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 16) return `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}`;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [x, y] = [x1 - 9 * ux, y1 - 9 * uy];
  const wing = (side) => `${(x - 8 * ux + side * 4 * uy).toFixed(1)} ${(y - 8 * uy - side * 4 * ux).toFixed(1)}`;
  return `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}M${wing(1)}L${x.toFixed(1)} ${y.toFixed(1)}L${wing(-1)}`;
}

// Round numbers between two others, about so many.
function round(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((n) => n * power >= rough) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(6)));
}

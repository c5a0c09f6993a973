import { set, svg } from "./dom.js";
import { short } from "./numbers.js";

// A loss over steps as a line, under the line of what guessing costs.

const HEIGHT = 110;
const [LEFT, RIGHT, TOP, BOTTOM] = [8, 12, 20, 18];
const POINTS = 160;

export class LossCurve {
  constructor({ guessing }) {
    this.guessing = guessing;
    this.line = svg("path", { class: "line" });
    this.dot = svg("circle", { class: "here", r: 4 });
    this.rule = svg("path", { class: "rule" });
    this.ground = svg("path", { class: "ground" });
    this.texts = ["start", "end"].map((anchor) => svg("text", { y: HEIGHT - 4, "text-anchor": anchor }));
    this.top = svg("text", { "text-anchor": "end", y: TOP - 6 });
    this.root = svg("svg", { class: "loss-curve", role: "img" }, this.ground, this.rule, this.line, this.dot, this.texts, this.top);
  }

  // lossAt(step) for steps from 1; length: how many steps the axis has; start: what guessing costs
  update({ lossAt, step, length, start, width, label }) {
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-label": label })) set(this.root, name, value);
    const count = Math.min(step, POINTS);
    const steps = Array.from({ length: count }, (_, n) => Math.round(((n + 1) * step) / count));
    const losses = steps.map(lossAt);
    const highest = Math.max(start, ...losses);
    const x = (n) => LEFT + ((width - LEFT - RIGHT) * n) / length;
    const y = (loss) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * loss) / highest;
    const points = steps.map((n, k) => `${x(n).toFixed(1)} ${y(losses[k]).toFixed(1)}`);
    set(this.line, "d", points.length > 1 ? `M${points.join("L")}` : "");
    set(this.ground, "d", `M${LEFT} ${y(0)}H${width - RIGHT}`);
    set(this.rule, "d", `M${LEFT} ${y(start).toFixed(1)}H${width - RIGHT}`);
    set(this.dot, "cx", x(step).toFixed(1));
    set(this.dot, "cy", y(losses.at(-1) ?? start).toFixed(1));
    this.texts[0].textContent = "0";
    set(this.texts[0], "x", LEFT);
    this.texts[1].textContent = length.toLocaleString("en");
    set(this.texts[1], "x", width - RIGHT);
    this.top.textContent = this.guessing({ value: short(start) });
    set(this.top, "x", width - RIGHT);
    set(this.top, "y", (y(start) - 5).toFixed(1));
  }
}

import { set, svg } from "./dom.js";
import { decades, share } from "./flow_chart.js";
import { powerOfTen } from "./numbers.js";

// What clipping does, on one logarithmic axis: for each cell the norm of the gradient of all
// weights (circle) and of what the early steps add to it (diamond), before (hollow) and after.

const CLIP = { row: 34, top: 22, bottom: 24, left: 54, right: 16 };
const CLIP_SHAPES = {
  whole: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z", early: "M0-6L6 0L0 6L-6 0z",
};

export class ClipChart {
  constructor({ labels, names }) {
    Object.assign(this, { labels, names });
    this.root = svg("svg", { class: "clip-chart", role: "img" });
  }

  // flows: for each cell before, after, early, earlyAfter
  update({ flows, clip, width, label }) {
    const axis = decades([clip, ...this.names.flatMap((name) => [flows[name].before, flows[name].earlyAfter])]);
    const height = CLIP.top + CLIP.bottom + CLIP.row * this.names.length;
    const x = (value) => (CLIP.left + (width - CLIP.left - CLIP.right) * share(value, axis)).toFixed(1);
    const ground = height - CLIP.bottom;
    const mark = (kind, when, value, y) => svg("path", { class: `${kind} ${when}`, d: CLIP_SHAPES[kind], transform: `translate(${x(value)} ${y})` });
    const ticks = axis.ticks.filter((_, n) => width > 400 || n % 2 === 0);
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": label })) set(this.root, name, value);
    this.root.replaceChildren(
      svg("g", { class: "grid" }, ticks.flatMap((exponent) => [
        svg("path", { d: `M${x(10 ** exponent)} ${CLIP.top}V${ground}` }),
        svg("text", { x: x(10 ** exponent), y: ground + 16, "text-anchor": "middle" }, exponent === 0 ? "1" : powerOfTen(exponent))])),
      svg("path", { class: "threshold", d: `M${x(clip)} ${CLIP.top - 4}V${ground}` }),
      svg("text", { class: "threshold-text", x: x(clip), y: 13, "text-anchor": "middle" }, this.labels.threshold),
      ...this.names.map((name, n) => {
        const [y, { before, after, early, earlyAfter }] = [CLIP.top + CLIP.row * (n + 0.5), flows[name]];
        return svg("g", { class: name },
          svg("text", { class: "name", x: 2, y: y + 4 }, this.labels.cells[name]),
          svg("path", { class: "move", d: `M${x(before)} ${y - 6}H${x(after)}M${x(early)} ${y + 6}H${x(earlyAfter)}` }),
          mark("early", "before", early, y + 6), mark("early", "after", earlyAfter, y + 6),
          mark("whole", "before", before, y - 6), mark("whole", "after", after, y - 6));
      }));
  }
}

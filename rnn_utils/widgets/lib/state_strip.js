import { el, set, svg } from "./dom.js";
import { exact, short } from "./numbers.js";

// A hidden state as a strip of cells, one for each unit: filled in the upper half for what is
// above 0, in the lower half for what is below, the stronger the farther from 0.

const CELL = { width: 11, height: 20 }; // px
const GAP = 4; // px between two rows

export class StateStrip {
  constructor({ kind, onUnit }) {
    this.onUnit = onUnit;
    this.name = el("p", { class: "name" });
    this.drawing = svg("svg", { class: `state ${kind}`, role: "img", onclick: (event) => this.press(event) });
    this.mark = svg("rect", { class: "chosen", width: CELL.width, height: CELL.height });
    this.root = el("div", { class: "strip" }, this.name, this.drawing);
    this.cells = [];
  }

  // title: how the state is called; says: a function of its strongest unit, for the picture's name
  update({ values, unit, title, says, width }) {
    this.root.hidden = !values;
    if (!values) return;
    this.name.textContent = title;
    this.perRow = Math.max(1, Math.min(values.length, Math.floor(width / CELL.width)));
    if (this.cells.length !== values.length || this.drawn !== this.perRow) this.draw(values.length);
    values.forEach((value, k) => {
      const { ground, fill } = this.cells[k];
      set(fill, "y", Number(ground.getAttribute("y")) + (value < 0 ? CELL.height / 2 : 0));
      set(fill, "class", value < 0 ? "below" : "above");
      set(fill, "fill-opacity", Math.min(Math.abs(value), 1).toFixed(3));
      set(fill, "data-value", exact(value));
    });
    const [x, y] = this.corner(unit);
    set(this.mark, "x", x);
    set(this.mark, "y", y);
    set(this.mark, "visibility", unit < 0 ? "hidden" : null);
    const k = values.reduce((best, value, n) => (Math.abs(value) > Math.abs(values[best]) ? n : best), 0);
    set(this.drawing, "aria-label", says({ title, H: values.length, k, value: short(values[k], 3) }));
  }

  corner(k) {
    return [(k % this.perRow) * CELL.width, Math.floor(k / this.perRow) * (CELL.height + GAP)];
  }

  draw(H) {
    this.drawn = this.perRow;
    this.cells = Array.from({ length: H }, (_, k) => {
      const [x, y] = this.corner(k);
      return {
        ground: svg("rect", { class: "ground", x, y, width: CELL.width, height: CELL.height }),
        fill: svg("rect", { x: x + 0.5, y, width: CELL.width - 1, height: CELL.height / 2 }),
      };
    });
    set(this.drawing, "width", this.perRow * CELL.width + 2);
    set(this.drawing, "height", this.corner(H - 1)[1] + CELL.height + 2);
    this.drawing.replaceChildren(...this.cells.flatMap(({ ground, fill }) => [ground, fill]), this.mark);
  }

  press({ offsetX, offsetY }) {
    const k = Math.floor(offsetY / (CELL.height + GAP)) * this.perRow + Math.floor(offsetX / CELL.width);
    if (offsetX < this.perRow * CELL.width && k < this.cells.length) this.onUnit(k);
  }
}

import { el, set } from "./dom.js";
import { short } from "./numbers.js";

// All units of a state, a small button each, with a bar from its middle: up for what is above 0,
// down for what is below. c has no bounds, so its bars grow ever more slowly.

export const bounded = (value, q) => (q === "c" ? value / (1 + Math.abs(value)) : value);

export class UnitGrid {
  constructor({ labels, onUnit }) {
    Object.assign(this, { labels, onUnit });
    this.root = el("div", { class: "unit-grid", role: "group", "aria-label": labels.units });
  }

  update({ values, q, unit }) {
    if (this.root.children.length !== values.length) {
      this.root.replaceChildren(...values.map((_, k) => el("button", { type: "button", onclick: () => this.onUnit(k) }, el("i"))));
    }
    set(this.root, "data-show", q);
    values.forEach((value, k) => {
      const button = this.root.children[k];
      const height = Math.abs(bounded(value, q)) * 50;
      const bar = button.firstChild.style;
      bar.height = `${height}%`;
      bar.bottom = `${value < 0 ? 50 - height : 50}%`;
      const name = this.labels.unitButton({ k, value: short(value) });
      set(button, "aria-label", name);
      set(button, "title", name);
      set(button, "aria-pressed", String(k === unit));
      set(button, "data-minus", value < 0);
    });
  }
}

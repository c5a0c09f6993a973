import { el } from "./dom.js";
import { exact, scientific } from "./numbers.js";

// Every number of the gradient flow as tables: the twin of its pictures.

export class FlowData {
  constructor({ labels, onOpen }) {
    this.labels = labels;
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.root = el("details", { class: "data", ontoggle: onOpen }, el("summary", {}, labels.table), this.body);
  }

  update(flows) {
    if (this.root.open) this.body.replaceChildren(this.ofSteps(flows), this.ofWeights(flows));
  }

  table(caption, head, rows) {
    return el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
  }

  ofSteps(flows) {
    const { labels } = this;
    const cells = Object.entries(flows);
    const head = [labels.t, ...cells.flatMap(([name, { c }]) => [labels.gradientOf.h, ...(c ? [labels.gradientOf.c] : []), labels.stretch].map((text) => `${labels.cells[name]} ${text}`))];
    const T = flows.rnn.h.length;
    const rows = Array.from({ length: T }, (_, n) => T - n).map((t) => el("tr", {}, el("th", { scope: "row" }, String(t)),
      cells.flatMap(([, { h, c, stretch }], k) => [
        number("grad", t, k, h[t - 1]), ...(c ? [number("grad_c", t, k, c[t - 1])] : []), number("jacobian", t, k, stretch(t))])));
    return this.table(labels.stepsCaption, head, rows);
  }

  ofWeights(flows) {
    const { labels } = this;
    const columns = { before: "clip_before", after: "clip_after", early: "early_before", earlyAfter: "early_after" };
    const rows = Object.entries(flows).map(([name, flow], k) => el("tr", {}, el("th", { scope: "row" }, labels.cells[name]),
      Object.entries(columns).map(([key, q]) => number(q, flow.h.length, k, flow[key]))));
    return this.table(labels.weightsCaption, ["cell", "before", "after", "earlyBefore", "earlyAfter"].map((key) => labels[key]), rows);
  }
}

function number(q, t, k, value) {
  return el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, scientific(value));
}

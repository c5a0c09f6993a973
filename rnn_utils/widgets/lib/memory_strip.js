import { el, set } from "./dom.js";
import { forgetsAt, leftOfFirst } from "./memory.js";
import { exact, short } from "./numbers.js";

// The head of a stepper that stands beside others: which cell it is, how many parameters it has,
// and how long it remembers the first token.

export class MemoryStrip {
  constructor({ labels, state, spec }) {
    this.labels = labels;
    const n = Object.values(state.weights).flat(2).length;
    this.bars = state.tokens.map(() => el("span", {}, el("i")));
    this.left = el("p", { class: "left-text" });
    this.verdict = el("p", { class: "verdict" });
    this.root = el("div", { class: "memory", style: `--road:var(--q-${spec.quantities[spec.road][1]})` },
      el("p", { class: "head" }, labels.cells[state.cell], " ", el("span", { class: "count", "data-count": n }, labels.parameters({ n }))),
      this.left, el("div", { class: "left-bars", "aria-hidden": "true" }, this.bars), this.verdict);
  }

  update({ state, steps, version, secretFrom }) {
    const { labels } = this;
    const secret = secretFrom < Infinity;
    if (this.version !== version) {
      this.version = version;
      this.shares = leftOfFirst(state, steps);
      this.forgets = forgetsAt(this.shares);
    }
    const token = state.tokens[0];
    const { shares, forgets } = this;
    const t = Math.max(state.step, 1);
    const share = shares[t - 1];
    this.left.replaceChildren(shares.length === 0 || secret ? labels.leftOf({ token })
      : el("span", { "data-share": exact(share) }, labels.leftAt({ token, t, percent: short(100 * share, 0) })));
    this.bars.forEach((bar, n) => {
      bar.firstChild.style.height = `${secret ? 0 : 100 * Math.min(shares[n] ?? 0, 1)}%`;
      set(bar, "data-now", n + 1 === state.step);
    });
    set(this.verdict, "data-forgets", secret ? false : forgets ?? "never");
    this.verdict.textContent = secret ? "" : this.says(token);
  }

  says(token) {
    const { labels, shares, forgets } = this;
    if (shares.length === 0) return labels.firstIsNothing({ token });
    return forgets === null ? labels.keeps : labels.forgetsAt({ t: forgets });
  }
}

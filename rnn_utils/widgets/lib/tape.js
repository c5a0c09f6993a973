import { showBar } from "./bars.js";
import { el, set } from "./dom.js";
import { short } from "./numbers.js";
import { formula } from "./formula.js";

// The sequence from left to right: a button for each token, and under it the state that is
// carried on from there, a small bar for each unit. The first column is the state at the start.

const UNITS = 8; // more bars than this would be too thin to tell apart

export class Tape {
  constructor({ spec, state, labels, onStep }) {
    const sign = state.direction === "backward" ? "∂" : "";
    this.road = spec.road;
    this.columns = [null, ...state.tokens].map((token, t) => {
      const bars = state.h0.slice(0, UNITS).map(() => el("span", { class: "mini" }, el("i")));
      const button = el("button", { type: "button", class: "token", onclick: () => onStep(t) },
        el("span", { class: "word" }, token === null ? labels.start : token),
        el("span", { class: "bars", "aria-hidden": "true" }, bars));
      if (state.readout) button.append(el("span", { class: "says" }));
      return { button, bars, says: button.querySelector(".says") };
    });
    this.root = el("div", { class: "tape", style: `--road:var(--q-${spec.quantities[this.road][1]})` },
      el("div", { class: "tape-legend" }, formula(sign + spec.quantities[this.road][0])),
      el("div", { class: "tape-columns", role: "group", "aria-label": labels.sequence },
        this.columns.map(({ button }) => button)));
  }

  // tape: {values[t][road][k], scale, reached(t)}: states, or gradients on the way back
  update({ state, steps, tape, secretFrom }) {
    this.columns.forEach(({ button, bars, says }, t) => {
      const secret = t >= secretFrom;
      set(button, "aria-current", t === state.step ? "step" : false);
      set(button, "data-read", tape.reached(t));
      bars.forEach((bar, k) => {
        showBar(bar, secret ? 0 : tape.values[t][this.road][k], tape.scale);
      });
      if (says) says.textContent = secret || t === 0 ? "" : this.verdict(state.readout, steps[t].p);
    });
    this.current = this.columns[state.step].button;
    // With the next frame, when places are known: asking for them now would lay the page out twice.
    requestAnimationFrame(() => this.showCurrent());
  }

  showCurrent() {
    const strip = this.current.parentElement; // scrolls inside itself, never the page
    strip.scrollLeft = this.current.offsetLeft - (strip.clientWidth - this.current.offsetWidth) / 2;
  }

  verdict({ labels }, p) {
    const best = p.indexOf(Math.max(...p));
    return `${labels[best]} ${short(100 * p[best], 0)} %`;
  }
}

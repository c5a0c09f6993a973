import PRESETS from "./phase_portrait.presets.json";
import STRINGS from "./phase_portrait.strings.json";
import { el, numberInput, pressKey, set, showValue } from "./lib/dom.js";
import { eigenvalues, fixedPoints, spectralRadius, trajectory } from "./lib/dynamics.js";
import { exact, short } from "./lib/numbers.js";
import { PlayingWidget } from "./lib/playing_widget.js";
import { ColumnsPlane, StatePlane, pointMark } from "./lib/planes.js";

// The phase portrait: where a plain RNN of two units goes when nothing more is read.

const LARGEST = { weight_hh: 3, bias: 2, start: 1 };
const MOST_STEPS = 200;
const NONLINEARITIES = ["tanh", "linear", "relu"];
const isNumber = (most) => (value) => typeof value === "number" && Math.abs(value) <= most;
const isPair = (fits) => (value) => Array.isArray(value) && value.length === 2 && value.every(fits);
const CHECKS = {
  weight_hh: isPair(isPair(isNumber(LARGEST.weight_hh))), bias: isPair(isNumber(LARGEST.bias)),
  nonlinearity: (value) => NONLINEARITIES.includes(value), start: isPair(isNumber(LARGEST.start)),
  steps: (value) => Number.isInteger(value) && value >= 1 && value <= MOST_STEPS,
  step: (value) => Number.isInteger(value) && value >= 0 && value <= MOST_STEPS,
};
const TRAITS = Object.keys(CHECKS);
const PLAY_MS = 220; // from step to step
const CALM_MS = 800; // where motion is to be reduced

class PhasePortrait extends PlayingWidget {
  constructor(model, host) {
    super(model, STRINGS);
    this.begin(host, TRAITS, CHECKS);
    this.followWidth();
  }

  // ------------------------------------------------------------------------------------ state
  read() {
    const state = super.read();
    return { ...state, step: Math.min(state.step, state.steps) };
  }

  go(step) {
    this.commit({ step: Math.min(Math.max(step, 0), this.read().steps) });
  }

  walk(step) {
    this.pause();
    this.go(step);
  }

  // One number of a trait; place is its index, or row and column.
  put(trait, place, value) {
    const values = structuredClone(this.model.get(trait));
    const last = place.at(-1);
    place.slice(0, -1).reduce((inner, n) => inner[n], values)[last] = value;
    this.commit({ [trait]: values });
  }

  play() {
    const { step, steps } = this.read();
    if (!this.timer && step === steps) this.go(0);
    this.playOrPause(() => {
      const { step, steps } = this.read();
      if (step >= steps - 1) this.pause();
      this.go(step + 1);
    }, PLAY_MS, CALM_MS);
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    this.fields = [];
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.plane = new StatePlane({ onStart: (h) => this.commit({ start: h }) });
    this.columns = new ColumnsPlane({ most: LARGEST.weight_hh, onColumn: (j, [top, bottom]) => {
      const W = structuredClone(this.model.get("weight_hh"));
      [W[0][j], W[1][j]] = [top, bottom];
      this.commit({ weight_hh: W });
    } });
    this.presets = Object.keys(PRESETS).map((name) => el("button", { type: "button", onclick: () => this.take(name) }, labels.presets[name]));
    const icon = (glyph, name, onclick) => el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick }, el("span", { "aria-hidden": "true" }, glyph));
    this.resetButton = icon("|◀", labels.reset, () => this.walk(0));
    this.previous = icon("◀", labels.previous, () => this.walk(this.read().step - 1));
    this.playButton = icon("▶", labels.play, () => this.play());
    this.next = icon("▶|", labels.next, () => this.walk(this.read().step + 1));
    this.stepSlider = el("input", { type: "range", min: 0, step: 1, "aria-label": labels.now, oninput: () => this.walk(this.stepSlider.valueAsNumber) });
    this.where = el("output", { class: "where" });
    this.pointRows = el("tbody");
    this.dataBody = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.data = el("details", { class: "data", ontoggle: () => this.refresh() }, el("summary", {}, labels.table), this.dataBody);
    this.pointTable = el("div", { class: "scroll points", tabindex: "0", role: "group", "aria-label": labels.points }, el("table", {},
      el("caption", {}, labels.points),
      el("thead", {}, el("tr", {}, Object.values(labels.pointsHead).map((text) => el("th", { scope: "col" }, text)))), this.pointRows));
    this.phi = el("select", { "aria-label": labels.activation, onchange: () => this.commit({ nonlinearity: this.phi.value }) }, NONLINEARITIES.map((value) => el("option", { value }, labels[value])));
    const stepsTaken = (value) => { if (CHECKS.steps(value)) this.commit({ steps: value, step: value }); };
    this.stepsInput = numberInput(labels.steps, stepsTaken, { min: 1, max: MOST_STEPS, step: 1, onblur: () => queueMicrotask(() => this.refresh()) });
    this.root = el("div", { class: "phase-portrait", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      el("p", { class: "question" }, labels.question),
      el("div", { class: "buttons", role: "group", "aria-label": labels.try }, el("span", { class: "muted" }, labels.try), this.presets),
      this.hint = el("p", { class: "hint" }),
      el("div", { class: "parts" },
        el("div", { class: "left" },
          this.plane.root, el("p", { class: "muted" }, labels.plane),
          el("div", { class: "steps" }, this.resetButton, this.previous, this.playButton, this.next, this.stepSlider, this.where),
          this.live, this.ofWeights = el("p", { class: "muted" }), this.noPoints = el("p", {}, labels.none)),
        el("div", { class: "right" },
          el("fieldset", {}, el("legend", {}, labels.weights),
            this.columns.root, el("p", { class: "muted" }, labels.columns),
            [[0, 0], [0, 1], [1, 0], [1, 1]].map((place) => this.slider("weight_hh", place, labels.weight({ k: place[0], j: place[1] })))),
          el("fieldset", {}, el("legend", {}, labels.biases),
            [0, 1].map((k) => this.slider("bias", [k], labels.biasName({ k }))),
            el("label", { class: "choice" }, el("span", {}, labels.nonlinearity), this.phi)),
          el("fieldset", {}, el("legend", {}, labels.path),
            [0, 1].map((k) => this.slider("start", [k], labels.startName({ k }))),
            el("label", { class: "choice" }, el("span", {}, labels.steps), this.stepsInput)))),
      this.pointTable, this.legend = el("ul", { class: "legend muted" }),
      this.data, el("p", { class: "muted" }, labels.keys));
  }

  // A slider and a field for the same number.
  slider(trait, place, name) {
    const most = LARGEST[trait];
    const take = (value) => { if (Math.abs(value) <= most) this.put(trait, place, value); };
    const range = el("input", { type: "range", min: -most, max: most, step: 0.01, "aria-label": name, oninput: () => take(range.valueAsNumber) });
    const field = numberInput(this.labels.typed({ name }), take, { min: -most, max: most, step: 0.01, onblur: () => queueMicrotask(() => this.refresh()) });
    this.fields.push((state) => {
      const value = place.reduce((inner, n) => inner[n], state[trait]);
      range.value = value;
      showValue(field, value);
    });
    return el("div", { class: "slider" }, el("span", { "aria-hidden": "true" }, name), range, field);
  }

  take(name) {
    this.pause();
    this.commit({ ...structuredClone(PRESETS[name]), step: PRESETS[name].steps });
  }

  refresh() {
    const { labels } = this;
    const state = this.read();
    this.width = this.root.clientWidth;
    const { step, steps } = state;
    const path = trajectory(state, state.start, steps);
    const key = JSON.stringify([state.weight_hh, state.bias, state.nonlinearity]);
    if (key !== this.solved) this.points = fixedPoints(state);
    this.solved = key;
    const { points } = this;

    for (const show of this.fields) show(state);
    this.phi.value = state.nonlinearity;
    showValue(this.stepsInput, steps);
    const active = Object.keys(PRESETS).find((name) => ["weight_hh", "bias", "nonlinearity"].every((trait) => JSON.stringify(PRESETS[name][trait]) === JSON.stringify(state[trait])));
    Object.keys(PRESETS).forEach((name, n) => set(this.presets[n], "aria-pressed", String(name === active)));
    this.hint.textContent = labels.hints[active ?? "own"];
    this.previous.disabled = this.resetButton.disabled = step === 0;
    this.next.disabled = step === steps;
    set(this.stepSlider, "max", steps);
    this.stepSlider.value = step;
    this.where.textContent = labels.of({ t: step, steps });
    const [h0, h1] = path[step];
    const outside = Math.max(Math.abs(h0), Math.abs(h1)) > 1;
    const says = (outside ? labels.saysOutside : labels.says)({ t: step, steps, h0: short(h0, 3), h1: short(h1, 3) });
    const inWords = this.countInWords(points);
    const sentence = `${says} ${inWords}`;
    if (this.live.textContent !== sentence) this.live.textContent = sentence;
    this.plane.update({ system: state, path, step, points, label: labels.planeSays({ says, points: inWords }) });
    const [[a, b], [c, d]] = state.weight_hh.map((row) => row.map((w) => short(w)));
    this.columns.update({ W: state.weight_hh, label: labels.columnsSays({ a, b, c, d }) });
    this.showPoints(state, points);
    this.showData(path, points);
  }

  countInWords(points) {
    const { count, kinds } = this.labels;
    if (points.length === 0) return count.none;
    const counted = Object.entries(kinds).flatMap(([kind, name]) => {
      const n = points.filter((point) => point.kind === kind).length;
      return n ? [`${n} ${name}`] : [];
    });
    return count[points.length === 1 ? "one" : "many"]({ n: points.length, list: points.length === 1 ? kinds[points[0].kind] : counted.join(", ") });
  }

  spell(values) {
    const [one, other] = values;
    if (one.im === 0) return `${short(one.re, 3)}, ${short(other.re, 3)}`;
    const degrees = Math.round((Math.atan2(one.im, one.re) * 180) / Math.PI);
    return `${short(one.re, 3)} ± ${short(one.im, 3)} i${this.labels.turns({ degrees })}`;
  }

  showPoints(state, points) {
    const { labels } = this;
    this.noPoints.hidden = points.length > 0;
    this.pointTable.hidden = points.length === 0;
    this.pointRows.replaceChildren(...points.map(({ h, eigenvalues: values, radius, kind }) => el("tr", {},
      el("td", {}, pointMark(kind)),
      el("td", {}, `(${short(h[0], 3)}, ${short(h[1], 3)})`),
      el("td", {}, this.spell(values)),
      el("td", {}, short(radius, 3)),
      el("td", {}, labels.kinds[kind]))));
    const kinds = Object.keys(labels.means).filter((kind) => points.some((point) => point.kind === kind));
    this.legend.replaceChildren(...kinds.map((kind) => el("li", {}, pointMark(kind), labels.means[kind])));
    this.ofWeights.textContent = labels.radius({ values: this.spell(eigenvalues(state.weight_hh)), radius: short(spectralRadius(state.weight_hh), 3) });
  }

  showData(path, points) {
    if (!this.data.open) return;
    const { labels } = this;
    const table = (caption, head, rows) => el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
    const number = (q, t, k, value) => el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, short(value, 4));
    const line = (name, cells) => el("tr", {}, el("th", { scope: "row" }, String(name)), cells);
    const steps = path.map((h, t) => line(t, h.map((value, k) => number("h", t, k, value))));
    const still = points.map(({ h, eigenvalues: values, kind }, n) => line(labels.kinds[kind], [
      ...h.map((value, k) => number("fixed", n + 1, k, value)),
      ...values.flatMap(({ re, im }, k) => [number("eigenvalue_re", n + 1, k, re), number("eigenvalue_im", n + 1, k, im)])]));
    const parts = [0, 1].flatMap((k) => [labels.re({ k: k + 1 }), labels.im({ k: k + 1 })]);
    this.dataBody.replaceChildren(
      table(labels.pointsCaption, [labels.pointsHead.kind, "h[0]", "h[1]", ...parts], still),
      table(labels.tableCaption, [labels.t, "h[0]", "h[1]"], steps));
  }

  // ---------------------------------------------------------------------------------- actions
  onKey(event) {
    const { step, steps } = this.read();
    pressKey(event, {
      ArrowLeft: () => this.walk(step - 1), ArrowRight: () => this.walk(step + 1),
      Home: () => this.walk(0), End: () => this.walk(steps),
    });
  }
}

export default {
  render({ model, el: host }) {
    const portrait = new PhasePortrait(model, host);
    return () => portrait.destroy();
  },
};

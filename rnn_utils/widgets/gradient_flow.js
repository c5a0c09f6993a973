import STRINGS from "./gradient_flow.strings.json";
import { ClipChart } from "./lib/clip_chart.js";
import { el, numberInput, pressKey, set, showValue, svg } from "./lib/dom.js";
import { FlowChart, markAt } from "./lib/flow_chart.js";
import { FlowData } from "./lib/flow_data.js";
import { gradientFlow } from "./lib/gradients.js";
import { scientific, short } from "./lib/numbers.js";
import { PageWidget } from "./lib/page_widget.js";

// The gradient flow: how much of the gradient is left, step by step back through time.

const CHOICES = { recurrent: ["orthogonal", "random", "identity"], nonlinearity: ["tanh", "relu", "linear"] };
const RANGES = { // least, most, step of the slider
  scale: [0.1, 4, 0.05], forget_bias: [-4, 8, 0.5], keep_bias: [-4, 8, 0.5], input_scale: [0, 3, 0.1],
  length: [5, 100, 1],
};
const PRESETS = {
  vanish: { scale: 0.9, recurrent: "orthogonal", nonlinearity: "tanh", forget_bias: 4, keep_bias: 4, input_scale: 1 },
  explode: { scale: 1.3, recurrent: "orthogonal", nonlinearity: "linear", forget_bias: 4, keep_bias: 4, input_scale: 1 },
  keep: { scale: 1, recurrent: "orthogonal", nonlinearity: "linear", forget_bias: 8, keep_bias: 8, input_scale: 1 },
  forget: { scale: 0.9, recurrent: "orthogonal", nonlinearity: "tanh", forget_bias: 0, keep_bias: 0, input_scale: 1 },
  stretched: { scale: 3, recurrent: "orthogonal", nonlinearity: "tanh", forget_bias: 4, keep_bias: 0, input_scale: 0 },
};
const between = (least, most) => (value) => typeof value === "number" && value >= least && value <= most;
const whole = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;
const CHECKS = {
  ...Object.fromEntries(Object.entries(RANGES).map(([trait, [least, most]]) => [trait, between(least, most)])),
  ...Object.fromEntries(Object.entries(CHOICES).map(([trait, values]) => [trait, (value) => values.includes(value)])),
  length: whole(5, 100), clip: between(0.01, 100), seed: whole(0, 2 ** 32 - 1), back: whole(0, 99),
};
const TRAITS = Object.keys(CHECKS);
const CELLS = ["rnn", "lstm", "gru"];

class GradientFlow extends PageWidget {
  constructor(model, host) {
    super(model, STRINGS);
    this.begin(host, TRAITS, CHECKS);
    this.followWidth();
  }

  // ------------------------------------------------------------------------------------ state
  go(back) {
    this.commit({ back: Math.min(Math.max(back, 0), this.view.T - 1) });
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    this.fields = {};
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.chart = new FlowChart({ labels, onPick: (back) => this.go(back) });
    this.clipChart = new ClipChart({ labels, names: CELLS });
    this.data = new FlowData({ labels, onOpen: () => this.refresh() });
    this.readout = el("tbody");
    this.readoutCaption = el("caption");
    this.readoutHead = el("tr");
    this.clipRows = el("tbody");
    this.clipHead = el("tr");
    this.clipHint = el("p", { class: "muted" });
    this.clipSays = el("p", {});
    const step = (glyph, name, change) => el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick: () => this.go(this.view.back + change) }, el("span", { "aria-hidden": "true" }, glyph));
    this.further = step("◀", labels.further, 1);
    this.nearer = step("▶", labels.nearer, -1);
    this.presets = Object.keys(PRESETS).map((name) => el("button", { type: "button", onclick: () => this.commit(PRESETS[name]) }, labels.presets[name]));
    this.root = el("div", { class: "gradient-flow", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      el("p", { class: "question" }, labels.question),
      el("div", { class: "buttons", role: "group", "aria-label": labels.try }, el("span", { class: "muted" }, labels.try), this.presets),
      this.hint = el("p", { class: "hint" }),
      el("div", { class: "settings main" }, this.slider("scale"), this.slider("forget_bias"), this.slider("keep_bias")),
      this.chart.root,
      el("div", { class: "where" }, this.further, this.nearer, this.live),
      el("div", { class: "scroll" }, el("table", { class: "readout" }, this.readoutCaption, el("thead", {}, this.readoutHead), this.readout)),
      el("p", { class: "muted" }, labels.whyNot),
      el("fieldset", { class: "settings" }, el("legend", {}, labels.settings),
        this.choice("recurrent"), this.choice("nonlinearity"), this.slider("length"), this.slider("input_scale"), this.number("seed")),
      el("div", { class: "clipping" },
        el("div", { class: "clip-head" }, el("b", {}, labels.clipping), this.number("clip")), this.clipHint,
        el("div", { class: "clip-parts" }, this.clipBox = el("div", { class: "clip-box" }, this.clipChart.root),
          el("div", { class: "scroll" }, el("table", {}, el("thead", {}, this.clipHead), this.clipRows))),
        this.clipSays),
      this.data.root, el("p", { class: "muted" }, labels.keys));
  }

  slider(trait) {
    const [min, max, step] = RANGES[trait];
    const output = el("output", { class: "value" });
    const input = el("input", { type: "range", min, max, step, "aria-label": this.labels[trait], oninput: () => this.commit({ [trait]: input.valueAsNumber }) });
    this.fields[trait] = (value) => {
      input.value = value;
      output.textContent = short(value, trait === "length" ? 0 : trait.endsWith("bias") ? 1 : 2);
    };
    return el("label", { class: "slider" }, el("span", {}, this.labels[trait]), input, output);
  }

  choice(trait) {
    const select = el("select", { onchange: () => this.commit({ [trait]: select.value }) }, CHOICES[trait].map((value) => el("option", { value }, this.labels[value])));
    this.fields[trait] = (value) => { select.value = value; };
    return el("label", {}, el("span", {}, this.labels[trait]), select);
  }

  // A number that is typed; what does not fit is not taken.
  number(trait) {
    const take = (value) => { if (CHECKS[trait](value)) this.commit({ [trait]: value }); };
    const input = numberInput(this.labels[trait], take, { min: 0, onblur: () => queueMicrotask(() => this.refresh()) });
    this.fields[trait] = (value) => showValue(input, value);
    return el("label", {}, el("span", {}, this.labels[trait]), input);
  }

  refresh() {
    const { labels } = this;
    const state = this.read();
    // Widths are read before anything is written, so that the page is laid out once.
    this.width = this.root.clientWidth;
    const style = getComputedStyle(this.root);
    const width = Math.max(this.width - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight), 200);
    const clipWidth = Math.max(Math.min(this.clipBox.clientWidth, width), 200);
    this.compute(state);
    const T = state.length;
    const back = Math.min(state.back, T - 1);
    const { rnn, lstm, gru } = this.flows;
    const series = { rnn: rnn.h, lstm: lstm.h, lstm_c: lstm.c, gru: gru.h };
    this.view = { state, T, back, series };
    for (const [trait, show] of Object.entries(this.fields)) show(state[trait]);
    const active = Object.keys(PRESETS).find((name) => Object.entries(PRESETS[name]).every(([trait, value]) => state[trait] === value));
    Object.keys(PRESETS).forEach((name, n) => set(this.presets[n], "aria-pressed", String(name === active)));
    this.hint.textContent = labels.hints[active ?? "own"];
    this.further.disabled = back === T - 1;
    this.nearer.disabled = back === 0;
    const says = this.says();
    if (this.live.textContent !== says) this.live.textContent = says;
    this.chart.update({ series, back, width, label: labels.chart({ T, says }) });
    this.showReadout();
    this.showClipping(clipWidth);
    if (this.dataOf !== this.flows || !this.data.body.firstChild) this.data.update(this.flows);
    this.dataOf = this.data.root.open ? this.flows : null;
  }

  // Moving along the steps needs no new numbers.
  compute({ back, ...problem }) {
    const key = JSON.stringify(problem);
    if (key === this.computed) return;
    this.computed = key;
    this.flows = gradientFlow(problem);
  }

  says() {
    const { labels } = this;
    const { series, back, T } = this.view;
    if (back === 0) return labels.saysStart;
    const verdicts = Object.fromEntries(Object.entries(series).map(([name, values]) => {
      const value = values[T - back - 1];
      const kind = value === 0 ? "gone" : value < 1e-3 ? "vanishes" : value < 0.5 ? "shrinks" : value <= 2 ? "stays" : value <= 1e3 ? "grows" : "explodes";
      const text = labels.verdict[kind];
      return [name, typeof text === "string" ? text : text({ value: scientific(value) })];
    }));
    return labels.says({ ...verdicts, back, lstm_c: scientific(series.lstm_c[T - back - 1]) });
  }

  showReadout() {
    const { labels } = this;
    const { series, back, T } = this.view;
    const t = T - back;
    this.readoutCaption.textContent = labels.readout({ t, back });
    this.readoutHead.replaceChildren(...[labels.line, labels.left, labels.mean, labels.largest({ t })].map((text) => el("th", { scope: "col" }, text)));
    this.readout.replaceChildren(...Object.entries(series).map(([name, values]) => {
      const value = values[t - 1];
      const flow = this.flows[name];
      return el("tr", {},
        el("th", { scope: "row", class: name }, swatch(name), labels.names[name]),
        el("td", { class: "strong" }, scientific(value)),
        el("td", {}, back === 0 ? "–" : factor((value / values[T - 1]) ** (1 / back))),
        el("td", {}, flow ? factor(flow.stretch(t)) : ""));
    }));
  }

  showClipping(width) {
    const { labels, flows } = this;
    const { state: { clip }, T } = this.view;
    const half = Math.floor(T / 2);
    this.clipHint.textContent = labels.clipHint({ half });
    this.clipChart.update({ flows, clip, width, label: labels.clipChart({ clip: scientific(clip) }) });
    this.clipHead.replaceChildren(...[labels.cell, labels.before, labels.factor, labels.after, labels.shareEarly({ half })].map((text) => el("th", { scope: "col" }, text)));
    this.clipRows.replaceChildren(...CELLS.map((name) => {
      const { before, after, early } = flows[name];
      return el("tr", {}, el("th", { scope: "row", class: name }, labels.cells[name]),
        [before, before > 0 ? after / before : 1, after, before > 0 ? early / before : 0].map((value) => el("td", {}, scientific(value))));
    }));
    const shortened = CELLS.filter((name) => flows[name].before > clip).map((name) => labels.cells[name]);
    this.clipSays.textContent = shortened.length ? labels.clipSays({ names: [shortened.slice(0, -1).join(", "), shortened.at(-1)].filter(Boolean).join(labels.and) }) : labels.clipSaysNone;
  }

  // ---------------------------------------------------------------------------------- actions
  onKey(event) {
    const { back, T } = this.view;
    pressKey(event, {
      ArrowLeft: () => this.go(back + 1), ArrowRight: () => this.go(back - 1),
      Home: () => this.go(T - 1), End: () => this.go(0),
    });
  }
}

// A factor to three decimals, unless that would be 0 or too long.
const factor = (value) => (value >= 0.001 && value < 1000 ? short(value, 3) : scientific(value));

// A piece of a line as it is drawn in the picture.
function swatch(name) {
  return svg("svg", { class: "swatch", viewBox: "0 0 34 12", width: 34, height: 12, "aria-hidden": "true" },
    svg("path", { class: `line ${name}`, d: "M1 6H33" }), svg("path", { class: `marks ${name}`, d: markAt(name, "17 6") }));
}

export default {
  render({ model, el: host }) {
    const flow = new GradientFlow(model, host);
    return () => flow.destroy();
  },
};

import STRINGS from "./char_sampler.strings.json";
import { CharModel } from "./lib/char_model.js";
import { distribution, draw, ranked } from "./lib/decoding.js";
import { el, pressKey, set, showValue } from "./lib/dom.js";
import { NetworkWidget } from "./lib/network_widget.js";
import { exact, short } from "./lib/numbers.js";
import { uniform } from "./lib/random_stream.js";
import { UnitGrid, bounded } from "./lib/unit_grid.js";

// The character sampler: a trained LSTM that reads what the reader types and writes on, one
// character at a time. The weights come when it is seen.

const LONGEST = 400; // characters
const ROWS = 9; // of the bars
const BITS = 12; // the longest bar of surprise
const PLAY_MS = 140;
const CALM_MS = 900; // where motion is to be reduced
const isText = (value) => typeof value === "string" && value.length <= LONGEST;
const isWhole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;
const isNumber = (low, high) => (value) => typeof value === "number" && value >= low && value <= high;
const settings = (models) => ({
  model: (value) => models.includes(value), beginning: isText, written: isText,
  temperature: isNumber(0, 2), k: isWhole(0, 1000), p: isNumber(0.01, 1), seed: isWhole(0, 2 ** 32 - 1),
  step: isWhole(0, LONGEST + 1), unit: isWhole(-1, 4095), show: (value) => value === "c" || value === "h",
});

class CharSampler extends NetworkWidget {
  constructor(model, host) {
    super(model, STRINGS);
    const checks = settings(model.get("models").map(({ name }) => name));
    this.begin(host, Object.keys(checks).filter((trait) => trait !== "model"), checks);
  }

  take(file) {
    this.lm = new CharModel(file);
  }

  // ------------------------------------------------------------------------------------ state
  // Everything that is shown, from the traits and the network.
  view() {
    const state = super.read();
    const signs = Array.from(state.beginning + state.written);
    const steps = this.lm.read(state.beginning + state.written);
    const step = Math.min(state.step || steps.length, steps.length); // from 1: the start is read
    const now = steps[step - 1];
    return { ...state, signs, steps, step, now, unit: state.unit < this.lm.H ? state.unit : -1, q: distribution(now.logits, state), last: step === steps.length };
  }

  go(step) {
    const { steps } = this.view();
    this.commit({ step: step >= steps.length ? 0 : Math.max(step, 1) });
  }

  walk(direction) {
    this.pause();
    const { step, last } = this.view();
    if (direction > 0 && last) this.write();
    else this.go(step + direction);
  }

  // One more character: the one that is given, or one that is drawn from the distribution.
  write(token) {
    const { written, steps, signs, seed, temperature, k, p } = this.view();
    if (signs.length >= LONGEST) return false;
    const q = distribution(steps.at(-1).logits, { temperature, k, p });
    const sign = this.lm.tokens[token ?? draw(q, uniform(seed, signs.length))];
    this.commit({ written: written + sign, step: 0 });
    return sign !== this.lm.tokens[0];
  }

  // A character in place of all that came after the step that is shown.
  replace(token) {
    this.pause();
    const { step, signs, beginning } = this.view();
    const typed = Array.from(beginning).length;
    if (step - 1 < typed) this.commit({ beginning: signs.slice(0, step - 1).join(""), written: "", step: 0 });
    else this.commit({ written: signs.slice(typed, step - 1).join(""), step: 0 });
    this.write(token);
  }

  begins(text) {
    this.pause();
    this.commit({ beginning: text.slice(0, LONGEST), written: "", step: 0 });
  }

  // The address is written when it pauses, not for every character.
  play() {
    this.running = !this.timer;
    this.playOrPause(() => { if (!this.write()) this.pause(); }, PLAY_MS, CALM_MS);
  }

  pause() {
    if (!this.timer) return;
    super.pause();
    this.running = false;
    this.writeSoon();
  }

  onKey(event) {
    if (!this.lm) return;
    pressKey(event, {
      ArrowRight: () => this.walk(1), ArrowLeft: () => this.walk(-1),
      Home: () => { this.pause(); this.go(1); }, End: () => { this.pause(); this.go(Infinity); },
    });
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const models = this.model.get("models");
    const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);
    const icon = (glyph, name, onclick) => button(el("span", { "aria-hidden": "true" }, glyph), onclick, { class: "icon", "aria-label": name, title: name });
    const slider = (name, attributes, trait, value) => {
      const input = el("input", { type: "range", ...attributes, "aria-label": labels[name], oninput: () => this.commit({ [trait]: value(input.valueAsNumber) }) });
      const says = el("output");
      return { input, says, root: el("label", { class: "slider" }, el("span", {}, labels[name]), input, says) };
    };
    this.select = el("select", { onchange: () => { this.pause(); this.commit({ model: this.select.value, beginning: "", written: "", step: 0, unit: -1 }); } },
      models.map(({ name, title }) => el("option", { value: name }, title || labels.own)));
    this.input = el("input", { type: "text", maxlength: LONGEST, placeholder: labels.placeholder, autocomplete: "off", spellcheck: "false", oninput: () => this.begins(this.input.value) });
    this.examples = el("span", { class: "examples", role: "group", "aria-label": labels.examples });
    this.about = el("p", { class: "muted" });
    this.strip = el("p", { class: "strip", onclick: (event) => this.press(event) });
    this.stripPart = el("div", { class: "scroll page", tabindex: "0", role: "group", "aria-label": labels.text }, this.strip);
    this.barsSay = el("p", { class: "muted" });
    this.resetButton = icon("|◀", labels.reset, () => { this.pause(); this.commit({ written: "", step: 0 }); });
    this.previous = icon("◀", labels.previous, () => this.walk(-1));
    this.playButton = icon("▶", labels.play, () => this.play());
    this.next = icon("▶|", labels.next, () => this.walk(1));
    this.again = button(labels.again, () => this.anew());
    this.deleteButton = button(labels.delete, () => { this.pause(); this.commit({ written: Array.from(this.view().written).slice(0, -1).join(""), step: 0 }); });
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.sliders = {
      temperature: slider("temperature", { min: 0, max: 2, step: 0.05 }, "temperature", (value) => value),
      k: slider("k", { min: 0, max: 40, step: 1 }, "k", (value) => value),
      p: slider("p", { min: 0.05, max: 1, step: 0.05 }, "p", (value) => value),
    };
    this.nextOf = el("p", { class: "title" });
    this.bars = Array.from({ length: ROWS }, () => el("button", { type: "button", class: "bar", onclick: (event) => this.replace(Number(event.currentTarget.dataset.k)) },
      el("span", { class: "sign" }), el("span", { class: "track" }, el("i", { class: "model" }), el("i", { class: "drawn" })), el("span", { class: "value" })));
    this.others = el("p", { class: "muted" });
    this.surpriseButton = button(labels.surprise, () => this.commit({ unit: -1 }));
    this.shows = ["c", "h"].map((show) => button(labels[show === "c" ? "showC" : "showH"], () => this.commit({ show }), { "data-show": show }));
    this.grid = new UnitGrid({ labels, onUnit: (unit) => this.commit({ unit }) });
    this.unitSays = el("p", { class: "muted" });
    this.dataBody = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.data = el("details", { class: "data", ontoggle: () => this.refresh() }, el("summary", {}, labels.table), this.dataBody);
    this.parts = el("div", {},
      this.stripPart, el("div", { class: "bars-say" }, this.barsSay, this.surpriseButton),
      el("div", { class: "buttons" }, this.resetButton, this.previous, this.playButton, this.next, this.deleteButton, this.again),
      this.live,
      el("div", { class: "parts" },
        el("div", {}, Object.values(this.sliders).map(({ root }) => root), this.nextOf, el("div", { class: "bars" }, this.bars), this.others, el("p", { class: "muted" }, labels.legend)),
        el("div", {}, el("p", { class: "title" }, labels.units), el("div", { class: "buttons" }, this.shows), this.grid.root, this.unitSays)),
      this.data);
    this.waits = el("p", { class: "live", role: "status" }, labels.loading);
    this.root = el("div", { class: "char-sampler", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      el("p", { class: "question" }, labels.question),
      el("div", { class: "asks" }, el("label", {}, el("span", {}, labels.model), this.select), el("label", {}, el("span", {}, labels.beginning), this.input), this.examples),
      this.about, this.waits, this.parts, el("p", { class: "muted" }, labels.keys));
  }

  // The same beginning, other random numbers: what was written is drawn anew, as long as before.
  anew() {
    this.pause();
    const { written, seed } = this.view();
    const n = Array.from(written).length || 1;
    this.commit({ seed: (seed + 1) % 2 ** 32, written: "", step: 0 });
    for (let t = 0; t < n && this.write(); t++);
  }

  press(event) {
    const t = event.target.closest("[data-at]")?.dataset.at;
    if (t === undefined) return;
    this.pause();
    this.go(Number(t));
  }

  refresh() {
    this.load();
    const name = this.model.get("model");
    const ready = this.lm?.about.name === name;
    this.waits.hidden = ready;
    this.parts.hidden = !ready;
    this.waits.textContent = this.failed ? this.labels.failed : this.labels.loading;
    this.select.value = name;
    showValue(this.input, this.model.get("beginning"));
    if (!ready) return;
    const view = this.view();
    this.showAbout();
    this.showStrip(view);
    this.showControls(view);
    this.showBars(view);
    this.grid.update({ values: view.now[view.show], q: view.show, unit: view.unit });
    const value = view.unit < 0 ? "" : short(view.now[view.show][view.unit], 3);
    this.unitSays.textContent = view.unit < 0 ? this.labels.noUnit : this.labels.followUnit({ k: view.unit, q: view.show, value });
    const sentence = this.sentence(view);
    if (this.live.textContent !== sentence) this.live.textContent = sentence;
    this.showData(view);
  }

  showAbout() {
    if (this.described === this.lm) return;
    this.described = this.lm;
    const { labels, lm } = this;
    const { of, bits, examples = [] } = lm.about;
    const n = lm.embedding.length * lm.embedding[0].length + lm.H * lm.readout[0].length
      + Object.values(lm.weights).flat(2).length + lm.readout[1].length;
    const facts = { of: of ? of[0].toUpperCase() + of.slice(1) : "", H: lm.H, n: n.toLocaleString("en"), bits: bits?.toFixed(2) };
    this.about.textContent = of ? labels.about(facts) : labels.aboutOwn(facts);
    this.examples.replaceChildren(...examples.map((text) => el("button", { type: "button", onclick: () => this.begins(text) }, `“${text.trim()}”`)));
  }

  // A character as it is shown, and as it is said.
  glyph(sign) {
    return { "\n": "⏎", " ": "␣" }[sign] ?? sign;
  }

  named(sign) {
    return { "\n": this.labels.end, " ": this.labels.space }[sign] ?? sign;
  }

  showStrip(view) {
    const { signs, steps, step, unit, show, beginning } = view;
    const typed = Array.from(beginning).length;
    const cells = [null, ...signs];
    while (this.strip.children.length > cells.length) this.strip.lastChild.remove();
    while (this.strip.children.length < cells.length) {
      this.strip.append(el("span", { class: "cell", "data-at": this.strip.children.length + 1 }, el("b"), el("span", { class: "up" }, el("i")), el("span", { class: "down" }, el("i"))));
    }
    cells.forEach((sign, t) => {
      const cell = this.strip.children[t];
      const value = this.height(view, t, unit, show);
      const flags = {
        "data-now": t === step - 1, "data-typed": sign !== null && t <= typed,
        "data-unknown": sign !== null && steps[t].k < 0,
      };
      const look = JSON.stringify([sign, value, unit < 0, flags]);
      if (cell.look === look) return; // most are as they were
      cell.look = look;
      const [glyph, up, down] = cell.children;
      glyph.textContent = sign === null ? "▷" : sign === "\n" ? "⏎" : sign;
      up.firstChild.style.height = `${Math.max(value, 0) * 100}%`;
      down.firstChild.style.height = `${Math.max(-value, 0) * 100}%`;
      down.hidden = unit < 0;
      for (const [name, flag] of Object.entries(flags)) set(cell, name, flag);
    });
    set(this.strip, "data-show", unit < 0 ? "surprise" : show);
    this.barsSay.textContent = unit < 0 ? this.labels.barsSurprise({ most: BITS }) : this.labels.barsUnit({ q: show, k: unit });
    const at = this.strip.children[step - 1];
    const page = this.stripPart;
    if (at.offsetTop < page.scrollTop || at.offsetTop + at.offsetHeight > page.scrollTop + page.clientHeight) page.scrollTop = at.offsetTop - page.clientHeight / 2;
  }

  // The bar under a character, from -1 to 1.
  height(view, t, unit, show) {
    if (unit >= 0) return bounded(view.steps[t][show][unit], show);
    const bits = this.bits(view, t);
    return bits === null ? 0 : Math.min(bits / BITS, 1);
  }

  // The surprise of the character that was read at step t + 1.
  bits({ steps }, t) {
    return t === 0 || steps[t].k < 0 ? null : -Math.log2(steps[t - 1].p[steps[t].k]);
  }

  showControls({ signs, step, written, temperature, k, p, last, show, unit }) {
    const { labels } = this;
    this.previous.disabled = step === 1;
    this.next.disabled = last && signs.length >= LONGEST;
    this.playButton.disabled = signs.length >= LONGEST;
    this.resetButton.disabled = this.deleteButton.disabled = written === "";
    const { sliders } = this;
    set(sliders.k.input, "max", this.lm.tokens.length);
    sliders.temperature.input.value = temperature;
    sliders.k.input.value = k;
    sliders.p.input.value = p;
    sliders.temperature.says.textContent = temperature === 0 ? labels.greedy : short(temperature);
    sliders.k.says.textContent = k === 0 ? labels.all : String(k);
    sliders.p.says.textContent = p === 1 ? labels.all : short(p);
    for (const button of this.shows) set(button, "aria-pressed", String(button.dataset.show === show));
    this.surpriseButton.hidden = unit < 0;
  }

  showBars({ now, q, signs, step }) {
    const { labels, lm } = this;
    const order = ranked(now.p).slice(0, ROWS);
    this.nextOf.textContent = labels.next_of({ text: signs.slice(0, step - 1).slice(-16).join("").replaceAll("\n", "⏎") });
    this.bars.forEach((bar, n) => {
      const k = order[n];
      bar.hidden = k === undefined;
      if (bar.hidden) return;
      const sign = lm.tokens[k];
      bar.dataset.k = k;
      const [glyph, track, value] = bar.children;
      glyph.textContent = this.glyph(sign);
      track.children[0].style.width = `${now.p[k] * 100}%`;
      track.children[1].style.width = `${q[k] * 100}%`;
      value.textContent = q[k].toFixed(3);
      set(bar, "data-cut", q[k] === 0);
      set(bar, "aria-label", (q[k] === 0 ? labels.chooseCut : labels.choose)({ sign: this.named(sign), p: q[k].toFixed(3) }));
    });
    const rest = q.reduce((sum, value) => sum + value, 0) - order.reduce((sum, k) => sum + q[k], 0);
    this.others.textContent = labels.others({ n: lm.tokens.length - order.length, p: Math.max(rest, 0).toFixed(3) });
  }

  sentence(view) {
    const { labels, lm } = this;
    const { signs, step, now, q, steps, last } = view;
    if (last && signs.length >= LONGEST) return labels.full;
    if (step > 1 && steps[step - 1].k < 0) return labels.saysUnknown({ sign: signs[step - 2] });
    const best = ranked(q)[0];
    const facts = { sign: `“${this.named(lm.tokens[best])}”`, p: q[best].toFixed(2), n: lm.tokens.length, kept: q.filter((value) => value > 0).length };
    const read = step === 1 ? labels.saysStart(facts) : labels.says({ ...facts, text: signs.slice(0, step - 1).slice(-16).join("").replaceAll("\n", "⏎") });
    if (last) {
      const all = signs.map((_, t) => this.bits(view, t + 1)).filter((bits) => bits !== null);
      return all.length ? `${read} ${labels.mean({ bits: short(all.reduce((sum, bits) => sum + bits, 0) / all.length) })}` : read;
    }
    const k = steps[step].k;
    return k < 0 ? read : `${read} ${labels.saysWas({ was: this.named(lm.tokens[k]), p: now.p[k].toFixed(3), bits: short(this.bits(view, step)) })}`;
  }

  showData(view) {
    if (!this.data.open) return;
    const { labels, lm } = this;
    const { signs, steps, step, now, q, unit } = view;
    const number = (name, t, k, value) => el("td", { "data-q": name, "data-t": t, "data-k": k, "data-value": exact(value) }, short(value, 4));
    const table = (caption, head, rows) => el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
    const line = (name, cells) => el("tr", {}, el("th", { scope: "row" }, String(name)), cells);
    const followed = unit < 0 ? [] : [`c[${unit}]`, `h[${unit}]`];
    const characters = [labels.start, ...signs].map((sign, t) => {
      const bits = this.bits(view, t);
      const k = steps[t].k;
      return line(t + 1, [el("td", {}, this.named(sign)),
        ...(bits === null ? [el("td"), el("td")] : [number("p_read", t + 1, k, steps[t - 1].p[k]), number("bits", t + 1, 0, bits)]),
        // At the step that is shown, these two stand in the table of all units.
        ...["c", "h"].slice(0, followed.length).map((name) => (t + 1 === step ? el("td", {}, short(now[name][unit], 4)) : number(name, t + 1, unit, steps[t][name][unit])))]);
    });
    const order = ranked(now.p);
    this.dataBody.replaceChildren(
      table(labels.charTable, [labels.step, labels.character, labels.probability, labels.bits, ...followed], characters),
      table(labels.distributionTable, [labels.character, labels.logit, labels.probability, labels.drawn],
        order.map((k) => line(this.named(lm.tokens[k]), [number("logit", step, k, now.logits[k]), number("p", step, k, now.p[k]), number("q", step, k, q[k])]))),
      table(labels.stateTable, [labels.unit, "c", "h"], now.c.map((_, k) => line(k, [number("c", step, k, now.c[k]), number("h", step, k, now.h[k])]))));
  }
}

export default {
  render({ model, el: host }) {
    const sampler = new CharSampler(model, host);
    return () => sampler.destroy();
  },
};

import STRINGS from "./skip_gram_trainer.strings.json";
import { el, numberInput, pressKey, set, showValue } from "./lib/dom.js";
import { LossCurve } from "./lib/loss_curve.js";
import { short } from "./lib/numbers.js";
import { PageWidget } from "./lib/page_widget.js";
import { PairTable } from "./lib/pair_table.js";
import { Trainer, countWords } from "./lib/skip_gram.js";
import { TrainerData } from "./lib/trainer_data.js";
import { TwoTables } from "./lib/two_tables.js";
import { dot, mean, minus, neighbors, principalComponents } from "./lib/vectors.js";
import { WordMap } from "./lib/word_map.js";

// The skip-gram trainer: word vectors learned from one pair of words after another.

const SETTINGS = ["learning_rate", "negative", "window", "seed"];
const TRAITS = ["sentences", "vector_size", "step", "word", ...SETTINGS];
const MOST_WORDS = 200;
const MOST_STEPS = 50000;
const RUN_MS = 9000; // how long a whole run takes
const CALM_MS = 1000; // from picture to picture where motion is to be reduced
const MOST_AT_ONCE = 500; // pairs in a frame, so that a slow computer stays at hand
const SPAN = 200; // pairs that the loss is the mean of
const NEAREST = 5;

const whole = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;
const CHECKS = {
  sentences: fitting,
  vector_size: whole(1, 32),
  window: whole(1, 10),
  negative: whole(1, 20),
  learning_rate: (value) => typeof value === "number" && value > 0 && value <= 1,
  seed: whole(0, 2 ** 32 - 1),
  step: whole(0, MOST_STEPS),
  word: (value) => typeof value === "string",
};

// Sentences that can be trained on: lists of words, enough of them and not too many.
function fitting(sentences) {
  if (!Array.isArray(sentences) || !sentences.every((s) => Array.isArray(s) && s.every((w) => typeof w === "string" && /^\S+$/.test(w)))) return false;
  return whole(2, MOST_WORDS)(countWords(sentences).length) && sentences.some(({ length }) => length > 1);
}

class SkipGramTrainer extends PageWidget {
  constructor(model, host) {
    super(model, STRINGS);
    this.running = null;
    this.given = structuredClone(model.get("sentences"));
    this.begin(host, TRAITS, CHECKS);
    this.followWidth();
  }

  // ------------------------------------------------------------------------------------ state
  go(step) {
    this.pause();
    this.commit({ step: Math.min(Math.max(step, 0), MOST_STEPS) });
  }

  // ---------------------------------------------------------------------------------- running
  run() {
    const { runLength } = this.trainer;
    const step = this.read().step;
    const end = Math.min((Math.floor(step / runLength) + 1) * runLength, MOST_STEPS);
    if (step >= end) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.running = { end, calm, rate: runLength / RUN_MS, before: performance.now() };
    this.nextFrame();
    this.refresh();
  }

  nextFrame() {
    const advance = () => this.advance(performance.now());
    this.running.cancel = this.running.calm
      ? clearTimeout.bind(null, setTimeout(advance, CALM_MS)) : cancelAnimationFrame.bind(null, requestAnimationFrame(advance));
  }

  advance(now) {
    const { end, calm, rate, before } = this.running;
    const pairs = Math.max(1, Math.round(rate * (now - before)));
    this.running.before = now;
    const step = Math.min(this.read().step + (calm ? pairs : Math.min(pairs, MOST_AT_ONCE)), end);
    if (step === end) this.go(step);
    else {
      this.commit({ step });
      this.nextFrame();
    }
  }

  pause() {
    this.running?.cancel();
    this.running = null;
  }

  toggleRun() {
    if (this.running) this.go(this.read().step);
    else this.run();
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);
    const icon = (glyph, name, onclick) => button(el("span", { "aria-hidden": "true" }, glyph), onclick, { class: "icon", "aria-label": name, title: name });
    const on = (text, sign) => [text, el("span", { "aria-hidden": "true" }, sign)];
    this.parts = {
      first: icon("|◀", labels.first, () => this.go(0)),
      back: icon("◀", labels.back, () => this.go(this.read().step - 1)),
      next: button(on(labels.next, " ▶"), () => this.go(this.read().step + 1), { class: "main", "aria-label": labels.next }),
      run: button(labels.run, () => this.toggleRun()),
      step: this.field("step", { min: 0, max: MOST_STEPS, class: "step" }, labels.stepField),
    };
    const { parts } = this;
    this.where = el("span", { class: "where" });
    this.strip = el("div", { class: "strip" });
    this.sentenceOf = el("p", { class: "muted" });
    this.hint = el("p", { class: "hint" });
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.pairTable = new PairTable({ labels });
    this.result = el("div", { class: "result" });
    this.tables = new TwoTables({
      labels, onPick: (word) => this.pick(word), onHover: (...at) => this.showCell(...at),
    });
    this.numbers = el("p", { class: "numbers" });
    this.map = new WordMap({ label: labels.mapPicture, onPick: (word) => this.pick(word) });
    this.word = el("select", { onchange: () => this.commit({ word: this.word.value }) });
    this.near = el("p", { class: "near" });
    this.curve = new LossCurve({ guessing: labels.guessing });
    this.lossText = el("p", { class: "muted" });
    this.data = new TrainerData({ labels, onOpen: () => this.refresh() });
    const settings = el("fieldset", { class: "settings" }, el("legend", {}, labels.settings),
      SETTINGS.map((trait) => el("label", {}, labels[trait], this.parts[trait] = this.field(trait, { min: 0 }))),
      el("p", { class: "muted" }, labels.settingsHint));
    this.mapBox = el("div", { class: "side" },
      el("p", { class: "muted" }, labels.map), this.map.root,
      el("label", { class: "choose" }, labels.chooseWord, this.word), this.near, this.lossText, this.curve.root);
    this.root = el("div", { class: "skip-gram-trainer", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      this.sentenceOf, this.strip,
      el("div", { class: "buttons" }, parts.first, parts.back, parts.next, parts.run,
        el("label", { class: "where" }, labels.stepField, parts.step), this.where),
      this.hint, this.live, this.pairTable.root, this.result,
      el("div", { class: "below" }, this.mapBox,
        el("div", { class: "side" }, el("p", { class: "muted" }, labels.tables), el("div", { class: "tables" }, this.tables.root), this.numbers)),
      settings, this.ownSentences(), this.data.root, el("p", { class: "muted" }, labels.hint));
  }

  // A number of the state; what does not fit is not taken.
  field(trait, attributes, label = this.labels[trait]) {
    const take = (value) => {
      if (!CHECKS[trait](value)) return;
      if (trait === "step") this.go(value);
      else this.commit({ [trait]: value });
    };
    return numberInput(label, take, { ...attributes, onblur: () => queueMicrotask(() => this.refresh()) });
  }

  ownSentences() {
    const { labels } = this;
    const field = el("textarea", { rows: 6, "aria-label": labels.ownField, spellcheck: "false" });
    field.value = this.given.map((words) => words.join(" ")).join("\n");
    const status = el("p", { role: "status", class: "muted" });
    const train = (sentences) => {
      const fits = fitting(sentences);
      if (fits) {
        this.pause();
        this.commit({ sentences, step: 0 });
      }
      status.textContent = fits ? labels.ownGood({ n: this.trainer.words.length, pairs: this.trainer.pairs.length }) : labels.ownBad({ n: MOST_WORDS });
    };
    const use = () => train(field.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => line.split(/\s+/)));
    const back = () => {
      field.value = this.given.map((words) => words.join(" ")).join("\n");
      train(structuredClone(this.given));
    };
    return el("details", { class: "own" }, el("summary", {}, labels.own),
      el("p", { class: "muted" }, labels.ownField), field,
      el("div", { class: "buttons" }, el("button", { type: "button", onclick: use }, labels.ownUse), el("button", { type: "button", onclick: back }, labels.ownBack)), status);
  }

  // The training of this state, and which way its vectors differ most in the end.
  prepare(state) {
    const key = JSON.stringify(["sentences", "vector_size", ...SETTINGS].map((trait) => state[trait]));
    if (key !== this.prepared) {
      this.prepared = key;
      this.trainer = new Trainer(state);
      this.trainer.goTo(this.trainer.runLength);
      this.axes = principalComponents(this.trainer.vectors(this.trainer.now.input), 2).directions;
      while (this.axes.length < 2) this.axes.push(this.axes[0].map(() => 0)); // vectors of one number
      this.word.replaceChildren(...[...this.trainer.words].sort().map((word) => el("option", { value: word }, word)));
    }
    this.trainer.goTo(state.step);
  }

  refresh() {
    const state = this.read();
    this.prepare(state);
    const { trainer, labels } = this;
    // Widths are read before anything is written, so that the page is laid out once.
    this.width = this.root.clientWidth;
    this.half = Math.max(this.mapBox.clientWidth, 240);
    const pair = trainer.next();
    const after = trainer.after(pair);
    const rows = trainer.vectors(trainer.now.input);
    const middle = mean(rows);
    const points = rows.map((row) => this.axes.map((axis) => dot(minus(row, middle), axis)));
    const selected = trainer.row.get(state.word) ?? trainer.row.get("king") ?? 0;
    this.view = { state, trainer, pair, after, rows, points, selected };
    this.showSentence();
    this.pairTable.update({ pair, words: trainer.words, labelsOf: trainer.labels, tags: this.tags() });
    this.showResult();
    this.showTables();
    this.showMap();
    this.showLoss();
    this.showControls();
    if (!this.running) this.data.update(this.view);
    const names = pair.rows.map((row) => trainer.words[row]);
    const [before, then] = [pair.before, after].map(({ probabilities }) => short(probabilities[0], 3));
    const says = this.running ? labels.saysRunning : labels.says({
      n: state.step + 1, center: trainer.words[pair.center], context: names[0], before, after: then, drawn: names.slice(1).join(", "),
    });
    if (this.live.textContent !== says) this.live.textContent = says;
    const phase = state.step === 0 ? "start" : state.step < trainer.pairs.length ? "early" : state.step < trainer.runLength ? "middle" : "end";
    this.hint.textContent = labels.hints[phase];
  }

  showSentence() {
    const { labels } = this;
    const { trainer, pair, state } = this.view;
    const { sentence, i, j } = pair;
    this.sentenceOf.textContent = labels.sentenceOf({ n: sentence + 1, N: trainer.sentences.length });
    const role = (place) => (place === i ? "center" : place === j ? "context" : Math.abs(place - i) <= state.window ? "inWindow" : "");
    this.strip.replaceChildren(...trainer.sentences[sentence].map((word, place) =>
      el("span", { class: "chip", "data-role": role(place) || null }, el("b", {}, word), el("small", {}, labels[role(place)] ?? ""))));
  }

  // What is to be said about a drawn word, if anything.
  tags() {
    const { labels } = this;
    const { pair, trainer, state } = this.view ?? {};
    const words = trainer.sentences[pair.sentence];
    const inWindow = words.filter((_, place) => place !== pair.i && Math.abs(place - pair.i) <= state.window);
    return pair.rows.map((row, n) => {
      if (n === 0) return "";
      if (inWindow.includes(trainer.words[row])) return labels.alsoNeighbor;
      if (row === pair.center) return labels.isCenter;
      return pair.rows.indexOf(row) < n ? labels.drawnTwice : "";
    });
  }

  showResult() {
    const { labels } = this;
    const { trainer, pair, after } = this.view;
    const [before, then] = [pair.before, after].map(({ probabilities, loss }) => [short(probabilities[0], 4), short(loss, 4)]);
    const names = { center: trainer.words[pair.center], context: trainer.words[pair.rows[0]] };
    this.result.replaceChildren(
      el("span", {}, labels.beforeAfter(names), " ", el("b", {}, before[0]), ` ${labels.to} `, el("b", {}, then[0])),
      el("span", { class: "muted" }, labels.lossTo({ before: before[1], after: then[1] })));
  }

  showTables() {
    const { trainer, pair, selected } = this.view;
    const { input, output } = trainer.now;
    this.tables.layout(trainer.words, trainer.d, this.half);
    const largest = Math.max(input.reduce((most, v) => Math.max(most, Math.abs(v)), 0), output.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
    this.largest = largest;
    this.tables.update({ input, output, largest, center: pair.center, context: pair.rows[0], negatives: pair.rows.slice(1), selected });
    this.showCell(null);
  }

  // The number under the mouse, or both vectors of the chosen word.
  showCell(table, word, k) {
    const { labels } = this;
    const { trainer, selected } = this.view;
    const { words, now } = trainer;
    if (table) {
      const value = trainer.vector(now[table], word)[k];
      this.numbers.replaceChildren(labels.cell({ table: table === "input" ? "E" : "U", word: words[word], k, value: short(value, 4) }));
      return;
    }
    const vectors = [["e", now.input], ["u", now.output]].map(([name, values]) => labels.numbersOf({
      name, word: words[selected], values: trainer.vector(values, selected).map((value) => short(value)).join("  "),
    }));
    this.numbers.replaceChildren(...[...vectors, labels.largest({ value: short(this.largest) })].map((text) => el("span", {}, text)));
  }

  showMap() {
    const { trainer, pair, points, rows, selected } = this.view;
    const { words } = trainer;
    this.map.layout(words, this.half, 320);
    const roles = new Map([...pair.rows.slice(1).map((row) => [row, "negative"]), [pair.rows[0], "context"], [pair.center, "center"]]);
    const nearest = neighbors(rows, selected).slice(0, NEAREST);
    this.map.update({ points, roles, selected, near: nearest.map(([word]) => word) });
    this.word.value = words[selected];
    this.near.replaceChildren(...nearest.map(([word, cosine]) =>
      el("span", { class: "neighbor" }, words[word], " ", el("span", { class: "muted" }, short(cosine)))));
  }

  showLoss() {
    const { labels } = this;
    const { trainer, state } = this.view;
    const { step } = state;
    const start = trainer.labels.length * Math.log(2);
    const lossAt = (n) => trainer.meanLoss(n, SPAN);
    const value = step > 0 ? short(lossAt(step)) : short(start);
    this.lossText.replaceChildren(...(step > 0 ? [`${labels.loss({ n: Math.min(step, SPAN) })}: `, el("b", {}, value)] : [labels.lossNone]));
    const length = Math.max(trainer.runLength, step);
    this.curve.update({
      lossAt, step, length, start, width: this.half,
      label: labels.lossPicture({ value, step, start: short(start) }),
    });
  }

  showControls() {
    const { labels, parts } = this;
    const { state, trainer } = this.view;
    parts.first.disabled = parts.back.disabled = state.step === 0;
    parts.next.disabled = state.step === MOST_STEPS;
    parts.run.textContent = this.running ? labels.pause : labels.run;
    for (const trait of ["step", ...SETTINGS]) showValue(parts[trait], state[trait]);
    this.where.textContent = `${labels.of({ n: trainer.runLength.toLocaleString("en") })} · ${labels.epochs({ n: (state.step / trainer.pairs.length).toFixed(1) })}`;
  }

  // ---------------------------------------------------------------------------------- actions
  pick(word) {
    this.commit({ word: this.view.trainer.words[word] });
  }

  onKey(event) {
    if (event.key === " " && event.target !== this.root) return; // presses the button that has the focus
    const { step } = this.read();
    pressKey(event, {
      ArrowRight: () => this.go(step + 1), ArrowLeft: () => this.go(step - 1), Home: () => this.go(0),
      End: () => this.go(this.trainer.runLength), " ": () => this.toggleRun(),
    });
  }
}

export default {
  render({ model, el: host }) {
    const trainer = new SkipGramTrainer(model, host);
    return () => trainer.destroy();
  },
};

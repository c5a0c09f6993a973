import STRINGS from "./sequence_shapes.strings.json";
import GIVEN from "./sequence_shapes.examples.json";
import { Address } from "./lib/address.js";
import { el, pressKey, set, showValue, svg } from "./lib/dom.js";
import { makeLabels } from "./lib/labels.js";
import { exact, subscript } from "./lib/numbers.js";
import { BLOCKS, SHAPES, lossMask, measure, parameterAxes, product, stepAxes, tensorAxes, unroll } from "./lib/shapes.js";
import { soon } from "./lib/soon.js";
import { Unrolled } from "./lib/unrolled.js";

// The five shapes of sequence networks: what each step reads, keeps and writes, and all shapes.
//
// State lives in the model's traits; everything shown is computed here from them. One method
// changes state (commit), one shows it (refresh).

const TRAITS = ["shape", "example", "step", "sizes", "cell", "batch_first", "padded"];
const EXAMPLES = GIVEN.examples;
const BY_BATCH = ["B", "T", "T_y"]; // what a padded batch sets

// Columns of the small pictures on the buttons: [reads, writes].
const ICONS = {
  "one-to-one": [[1, 1]],
  "one-to-many": [[1, 1], [0, 1], [0, 1]],
  "many-to-one": [[1, 0], [1, 0], [1, 1]],
  aligned: [[1, 1], [1, 1], [1, 1]],
  "encoder-decoder": [[1, 0], [1, 0], [0, 1], [0, 1]],
};

const isSize = (name, value) => Number.isInteger(value) && value >= 1 && value <= GIVEN.largest[name];
const isSizes = (value) => value !== null && typeof value === "object" && !Array.isArray(value)
  && Object.entries(value).every(([name, size]) => Object.hasOwn(GIVEN.largest, name) && isSize(name, size));
const examplesOf = (shape) => Object.keys(EXAMPLES).filter((name) => EXAMPLES[name].shape === shape);
const axesText = (axes) => `(${axes.join(", ")}${axes.length === 1 ? "," : ""})`;
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

class SequenceShapes {
  constructor(model, host) {
    Object.assign(this, { model, host });
    this.labels = makeLabels(STRINGS);
    this.address = new Address(model, {
      shape: (value) => SHAPES.includes(value),
      example: (value) => Object.hasOwn(EXAMPLES, value),
      step: (value) => Number.isInteger(value) && value >= 0,
      sizes: isSizes,
      cell: (value) => Object.hasOwn(BLOCKS, value),
      batch_first: (value) => typeof value === "boolean",
      padded: (value) => typeof value === "boolean",
    });
    this.draw();
    host.append(this.root);
    this.onChange = soon(() => this.refresh());
    for (const trait of TRAITS) model.on(`change:${trait}`, this.onChange);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.root);
    this.width = this.room();
    this.address.follow(() => this.refresh());
    this.refresh();
  }

  destroy() {
    this.observer.disconnect();
    for (const trait of TRAITS) this.model.off(`change:${trait}`, this.onChange);
    this.root.remove();
  }

  room() {
    return this.picture.root.clientWidth || 640;
  }

  // The picture has a layout for narrow places.
  fit() {
    if (this.width === this.room()) return;
    this.width = this.room();
    this.refresh();
  }

  // ------------------------------------------------------------------------------------ state
  commit(patch) {
    for (const [trait, value] of Object.entries(patch)) this.model.set(trait, value);
    const { step, T } = this.view();
    if (this.model.get("step") > T) this.model.set("step", step);
    this.model.save_changes();
    this.refresh();
    this.address.write();
  }

  // What every part is shown from; T here counts all steps, those of a decoder too.
  view() {
    const state = Object.fromEntries(TRAITS.map((trait) => [trait, this.model.get(trait)]));
    const { shape } = state;
    const known = examplesOf(shape);
    const example = known.includes(state.example) ? state.example : known[0];
    const padded = state.padded && shape !== "one-to-one";
    const { batch } = EXAMPLES[example];
    const sizes = sizesOf(EXAMPLES[example], { ...state, padded });
    const steps = unroll(shape, batch[0].inputs, batch[0].outputs, sizes);
    const view = {
      ...state, example, padded, batch, sizes, steps, T: steps.length, step: Math.min(state.step, steps.length),
      axes: tensorAxes({ ...state, padded }), later: shape === "encoder-decoder", timeless: shape === "one-to-one",
      twoStates: state.cell === "lstm" && shape !== "one-to-one",
    };
    view.symbolsOf = (step) => symbolsOf(view, step);
    view.now = steps[view.step - 1];
    return { ...view, ...lossOf(view) };
  }

  // ---------------------------------------------------------------------------------- actions
  go(step) {
    const { T } = this.view();
    this.commit({ step: Math.min(Math.max(step, 0), T) });
  }

  // Another example has its own sizes, except for the batch and the units.
  choose(shape, example) {
    const { B, H } = this.model.get("sizes");
    const sizes = { ...(B && { B }), ...(H && { H }) };
    this.commit({ shape, example, step: 0, sizes });
  }

  resize(name, value) {
    if (isSize(name, value)) this.commit({ sizes: { ...this.model.get("sizes"), [name]: value } });
  }

  onKey(event) {
    const { step, T } = this.view();
    pressKey(event, {
      ArrowRight: () => this.go(step + 1), ArrowLeft: () => this.go(step - 1),
      Home: () => this.go(0), End: () => this.go(T),
    });
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const icon = (glyph, name, onclick) =>
      el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick }, el("span", { "aria-hidden": "true" }, glyph));
    const check = (trait, text) => {
      const input = el("input", { type: "checkbox", onchange: (event) => this.commit({ [trait]: event.target.checked }) });
      return { input, label: el("label", { class: "check" }, input, text) };
    };
    this.shapeButtons = SHAPES.map((shape) => el("button", {
      type: "button", "data-shape": shape, onclick: () => this.choose(shape, examplesOf(shape)[0]),
    }, iconOf(shape), el("span", {}, labels.shapes[shape])));
    this.exampleChoice = el("select", { onchange: (event) => this.choose(this.model.get("shape"), event.target.value) });
    this.cellChoice = el("select", { onchange: (event) => this.commit({ cell: event.target.value }) },
      Object.keys(BLOCKS).map((cell) => el("option", { value: cell }, labels.cells[cell])));
    this.cellPart = el("label", {}, labels.chooseCell, " ", this.cellChoice);
    this.padded = check("padded", labels.padded);
    this.batchFirst = check("batch_first", el("code", {}, labels.batchFirst));
    this.note = el("p", { class: "note" });
    this.picture = new Unrolled({ labels, onStep: (step) => this.go(step) });
    this.parts = {
      first: icon("|◀", labels.first, () => this.go(0)),
      previous: icon("◀", labels.previous, () => this.go(this.view().step - 1)),
      next: icon("▶", labels.next, () => this.go(this.view().step + 1)),
      last: icon("▶|", labels.last, () => this.go(this.view().T)),
    };
    this.where = el("span", { class: "where" });
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.cards = el("div", { class: "cards" });
    this.grids = el("div", { class: "grids" });
    this.sizeInputs = Object.fromEntries(Object.entries(GIVEN.largest).map(([name, max]) => [name, el("input", {
      type: "number", min: 1, max, step: 1, required: true, oninput: (event) => this.resize(name, event.target.valueAsNumber),
      onblur: () => this.refresh(),
    })]));
    this.sizeParts = Object.fromEntries(Object.entries(this.sizeInputs).map(([name, input]) => [name,
      el("label", {}, el("span", {}, el("b", {}, name), ` ${labels.size[name]}`), input)]));
    this.tensorTable = el("div", { class: "tensors" });
    this.loss = el("p", { class: "loss" });
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.root = el("div", { class: "sequence-shapes", role: "group", tabindex: "0", "aria-label": `${labels.widget}. ${labels.hint}`, onkeydown: (event) => this.onKey(event) },
      el("div", { class: "shapes", role: "group", "aria-label": labels.chooseShape }, this.shapeButtons),
      el("div", { class: "choices" }, el("label", {}, labels.chooseExample, " ", this.exampleChoice), this.cellPart, this.padded.label),
      this.picture.root,
      el("div", { class: "buttons" }, Object.values(this.parts), this.where),
      this.live, this.cards, this.note, this.grids,
      el("p", { class: "head" }, labels.shapesTitle),
      el("div", { class: "sizes", role: "group", "aria-label": labels.sizes }, Object.values(this.sizeParts), this.batchFirst.label),
      this.tensorTable, this.loss,
      el("details", { class: "data" }, el("summary", {}, labels.table), this.body));
  }

  refresh() {
    const { labels } = this;
    const view = this.view();
    const focused = document.activeElement;
    this.showChoices(view);
    this.picture.update(view, this.width);
    this.showControls(view);
    const sentence = this.sentence(view);
    if (this.live.textContent !== sentence) this.live.textContent = sentence;
    this.showCards(view);
    this.note.textContent = labels.notes[view.example];
    this.showGrids(view);
    this.showSizes(view);
    this.showTensors(view);
    this.showLoss(view);
    this.body.replaceChildren(this.parameterTable(view), this.stepTable(view));
    // The keyboard stays in the widget when the button that it was on has nothing to do any more.
    if (this.root.contains(focused) && focused.disabled) this.root.focus({ preventScroll: true });
  }

  showChoices({ shape, example, cell, padded, timeless, batch_first }) {
    const { labels } = this;
    for (const button of this.shapeButtons) set(button, "aria-pressed", String(button.dataset.shape === shape));
    if (this.listed !== shape) {
      this.listed = shape;
      this.exampleChoice.replaceChildren(...examplesOf(shape).map((name) => el("option", { value: name }, labels.examples[name])));
    }
    this.exampleChoice.value = example;
    this.cellChoice.value = cell;
    for (const part of [this.cellPart, this.padded.label, this.batchFirst.label]) part.hidden = timeless;
    this.padded.input.checked = padded;
    this.batchFirst.input.checked = batch_first;
  }

  showControls({ step, T }) {
    const { labels, parts } = this;
    for (const name of ["first", "previous"]) set(parts[name], "disabled", step === 0);
    for (const name of ["next", "last"]) set(parts[name], "disabled", step === T);
    this.where.textContent = step === 0 ? labels.atStart : labels.stepOf({ t: step, N: T });
  }

  sentence(view) {
    const { labels } = this;
    const { step, T, now, shape } = view;
    if (step === 0) return `${labels.intro[shape]} ${labels.go}`;
    const says = this.says(view, now);
    return now.part ? labels.saysPart({ t: step, N: T, part: labels[now.part], ...says }) : labels.says({ t: step, N: T, ...says });
  }

  // What a step reads, keeps and writes, in words.
  says(view, step) {
    const { labels } = this;
    const { reads, states, writes } = view.symbolsOf(step);
    const named = (symbol, text) => (text === "" ? symbol : labels.quoted({ symbol, text }));
    return {
      reads: named(reads, step.reads),
      keeps: states.length > 1 ? labels.bothStates({ h: states[0], c: states[1] }) : states[0],
      writes: step.writes === null ? labels.nothing : named(writes, step.writes),
    };
  }

  showCards(view) {
    const { labels } = this;
    const { now, timeless, sizes } = view;
    const card = (kind, title, what, more, axes) => el("div", { class: `deed ${kind}`, "data-empty": axes === null },
      el("p", { class: "title" }, title), el("p", { class: "what" }, what),
      axes ? el("p", { class: "shape" }, `${axesText(axes)} = ${axesText(measure(axes, sizes))}`) : null,
      more ? el("p", { class: "more" }, more) : null);
    const start = view.twoStates ? labels.bothStates({ h: "h₀", c: "c₀" }) : "h₀";
    if (!now) {
      return this.cards.replaceChildren(
        card("x", labels.reads, labels.nothingYet, "", null),
        timeless ? card("h", labels.keeps, labels.nothingYet, "", null) : card("h", labels.keeps, labels.zeros({ state: start }), "", ["B", "H"]),
        card("y", labels.writes, labels.nothingYet, "", null));
    }
    const says = this.says(view, now);
    this.cards.replaceChildren(
      card("x", labels.reads, says.reads, this.moreRead(view), ["B", "D"]),
      card("h", labels.keeps, says.keeps, this.moreKept(view), ["B", "H"]),
      card("y", labels.writes, says.writes, now.writes === null ? "" : labels.answer, now.writes === null ? null : ["B", "V"]));
  }

  moreRead({ now, timeless, steps, step, twoStates, symbolsOf: symbols }) {
    const { labels } = this;
    if (timeless) return "";
    const before = step === 1 ? (twoStates ? ["h₀", "c₀"] : ["h₀"]) : symbols(steps[step - 2]).states;
    const state = labels.andState({ state: before.length > 1 ? labels.bothStates({ h: before[0], c: before[1] }) : before[0] });
    const what = now.fed ? labels.wroteBefore : now.part === "decoder" ? labels.startToken : "";
    return what ? `${what}, ${state}` : state;
  }

  moreKept({ now, step, T, timeless, sizes }) {
    const { labels } = this;
    if (timeless || step === T) return labels.discarded;
    return now.part === "encoder" && now.t === sizes.T ? labels.handed : labels.goesOn;
  }

  // ---------------------------------------------------------------------------- a padded batch
  showGrids(view) {
    const { labels } = this;
    this.grids.hidden = !view.padded;
    if (!view.padded) return this.grids.replaceChildren();
    const { shape, later, batch, sizes, step } = view;
    const answers = later || shape === "one-to-many";
    const reads = { title: labels.gridRead, texts: batch.map(({ inputs }) => inputs), T: sizes.T, now: step };
    const writes = {
      title: answers ? labels.gridWritten : labels.gridRead, texts: batch.map(({ inputs, outputs }) => (answers ? outputs : inputs)),
      mask: view.mask, T: view.mask[0].length, now: later ? step - sizes.T : step,
    };
    this.grids.replaceChildren(...(later ? [this.grid(reads, view), this.grid(writes, view)] : [this.grid(writes, view)]),
      el("p", { class: "more" }, labels.paddingNote));
  }

  // Time runs as in the picture: to the right, or down where there is no room.
  grid({ title, texts, mask, T, now }, view) {
    const { labels } = this;
    const down = this.picture.down;
    const cell = (k, t) => {
      const padding = t > texts[k].length;
      const counts = mask?.[k][t - 1] === 1;
      const marks = mask ? { "data-q": "counts", "data-t": t, "data-k": k, "data-value": exact(mask[k][t - 1]) } : {};
      return el("td", { ...marks, "data-padding": padding, "data-counts": counts, "data-now": t === now },
        el("span", { class: "token" }, padding ? "" : texts[k][t - 1]),
        padding ? el("span", { class: "spoken" }, labels.padding) : null,
        counts ? el("span", { class: "tick" }, el("span", { "aria-hidden": "true" }, "✓"), el("span", { class: "spoken" }, ` ${labels.counts}`)) : null);
    };
    const [rows, columns] = down ? [T, texts.length] : [texts.length, T];
    const timeHead = (t) => el("th", { scope: down ? "row" : "col", "data-now": t === now }, String(t));
    const sampleHead = (k) => el("th", { scope: down ? "col" : "row", class: "sample" }, labels.sample({ k: k + 1 }));
    const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
    return el("div", { class: down ? "grid down" : "grid" },
      el("p", { class: "head" }, title), el("p", { class: "more" }, mask ? labels.gridHint : labels.gridHintRead),
      el("table", {},
        el("thead", {}, el("tr", {}, el("td"), times(columns, (i) => (down ? sampleHead(i) : timeHead(i + 1))))),
        el("tbody", {}, times(rows, (r) => el("tr", {}, down ? timeHead(r + 1) : sampleHead(r),
          times(columns, (c) => (down ? cell(c, r + 1) : cell(r, c + 1))))))));
  }

  showLoss({ shape, padded, sizes, terms, mask, axes }) {
    const { labels } = this;
    const all = mask.length * mask[0].length;
    const target = axes.target.join(" × ");
    const numbers = measure(axes.target, sizes).join(" × ");
    const text = !padded ? labels.lossAll({ n: grouped(terms), product: `${target} = ${numbers}` })
      : shape === "many-to-one" ? labels.lossOne({ n: terms }) : labels.lossPadded({ n: terms, all, rest: all - terms });
    this.loss.replaceChildren(el("span", { "data-q": "loss_terms", "data-t": 0, "data-k": 0, "data-value": exact(terms) }, text));
  }

  // ------------------------------------------------------------------------------------ shapes
  showSizes({ sizes, padded, shape }) {
    const { labels } = this;
    for (const [name, input] of Object.entries(this.sizeInputs)) {
      showValue(input, sizes[name]);
      const fixed = padded && BY_BATCH.includes(name);
      set(input, "disabled", fixed);
      set(input, "title", fixed ? labels.byBatch : null);
      this.sizeParts[name].hidden = (name === "T" && shape === "one-to-one") || (name === "T_y" && shape !== "encoder-decoder");
    }
  }

  showTensors(view) {
    const { labels } = this;
    const { axes, sizes, step, timeless, batch_first, shape } = view;
    const shapeCell = (name, list, t) => el("td", { class: "axes" },
      el("span", { class: "symbols" }, axesText(list)), " ",
      el("span", { class: "dims" }, "(", measure(list, sizes).flatMap((size, k) => [k ? ", " : "",
        el("span", { "data-q": name, "data-t": t, "data-k": k, "data-value": exact(size) }, String(size))]), list.length === 1 ? ",)" : ")"));
    const rows = Object.entries(axes).map(([name, list]) => {
      const here = isThere(view, name);
      return el("tr", { "data-here": step > 0 && here },
        el("th", { scope: "row" }, el("code", {}, labels.names[name] ?? name), el("span", { class: "meaning" }, labels.tensors[name === "x" && shape === "one-to-many" ? "x_fed" : name])),
        timeless ? null : step > 0 && here ? shapeCell(name, stepAxes(list), step) : el("td", { class: "axes none" }, step === 0 && name !== "lengths" ? axesText(stepAxes(list)) : "–"),
        shapeCell(name, list, 0));
    });
    const heads = [labels.tensor, ...(timeless ? [] : [step ? labels.atStep({ t: step }) : labels.anyStep]), labels.wholeBatch];
    this.tensorTable.replaceChildren(
      el("table", {}, el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)),
      batch_first && !timeless ? el("p", { class: "more" }, labels.unmoved) : "");
  }

  parameterTable(view) {
    const { labels } = this;
    const axes = Object.entries(parameterAxes(view));
    let total = 0;
    const rows = axes.map(([name, list]) => {
      const dims = measure(list, view.sizes);
      total += product(dims);
      return el("tr", {}, el("th", { scope: "row" }, el("code", {}, name)), el("td", {}, axesText(list)),
        el("td", {}, "(", dims.flatMap((size, k) => [k ? ", " : "", el("span", { "data-q": name, "data-t": 0, "data-k": k, "data-value": exact(size) }, String(size))]), dims.length === 1 ? ",)" : ")"),
        el("td", { class: "number" }, grouped(product(dims))));
    });
    const sum = el("tr", { class: "sum" }, el("th", { scope: "row", colspan: 3 }, labels.total),
      el("td", { class: "number", "data-q": "parameters", "data-t": 0, "data-k": 0, "data-value": exact(total) }, grouped(total)));
    return table(labels.parameters, [labels.parameter, labels.shape, labels.sizes, labels.numbers], [...rows, sum]);
  }

  stepTable(view) {
    const { labels } = this;
    const rows = view.steps.map((step, n) => {
      const { reads, keeps, writes } = this.says(view, step);
      return el("tr", { "data-step": n + 1, "data-now": n + 1 === view.step },
        el("th", { scope: "row" }, String(n + 1)), [reads, keeps, writes].map((text) => el("td", {}, text)));
    });
    return table(labels.allSteps, [labels.step, labels.reads, labels.keeps, labels.writes], rows);
  }
}

// The example's sizes, those that were given in their place, and those of a padded batch.
function sizesOf({ D, V, batch }, { shape, sizes, padded }) {
  const longest = (side) => Math.max(...batch.map((sample) => sample[side].length));
  const times = { T: longest(shape === "one-to-many" ? "outputs" : "inputs"), T_y: longest("outputs") };
  const all = { ...GIVEN.start, D, V, ...times, ...sizes };
  if (shape === "one-to-one") return { ...all, T: 1, T_y: 1 };
  return padded ? { ...all, B: batch.length, ...times } : all;
}

// Which answers count, sample by sample.
function lossOf({ shape, later, padded, batch, sizes }) {
  const T = later ? sizes.T_y : sizes.T;
  const side = later || shape === "one-to-many" ? "outputs" : "inputs";
  const lengths = padded ? batch.map((sample) => sample[side].length) : Array(sizes.B).fill(T);
  const mask = lossMask(shape, lengths, T);
  return { mask, terms: mask.flat().reduce((sum, one) => sum + one, 0) };
}

function symbolsOf({ timeless, twoStates }, { part, t, fed }) {
  if (timeless) return { reads: "x", states: ["h"], writes: "ŷ" };
  const [n, before] = [subscript(t), subscript(t - 1)];
  const mark = part === "decoder" ? "′" : "";
  return {
    reads: fed || mark ? `w${before}` : `x${n}`,
    states: (twoStates ? ["h", "c"] : ["h"]).map((name) => `${name}${mark}${n}`),
    writes: `ŷ${n}`,
  };
}

// Whether a tensor has a part at the step that is lit.
function isThere({ now, later }, name) {
  if (!now || name === "lengths") return false;
  if (["logits", "target", "mask"].includes(name)) return now.writes !== null;
  return !later || name.endsWith("_decoder") === (now.part === "decoder");
}

function iconOf(shape) {
  const dot = (x, y, name) => svg("rect", { class: name, x, y, width: 7, height: 6, rx: 1.5 });
  const columns = ICONS[shape];
  const width = columns.length * 11 - 4;
  return svg("svg", { class: "icon", viewBox: `0 0 ${width} 28`, width, height: 28, "aria-hidden": "true" },
    columns.flatMap(([reads, writes], n) => [
      writes ? dot(n * 11, 0, "y") : null, dot(n * 11, 11, "h"), reads ? dot(n * 11, 22, "x") : null,
    ]));
}

function table(caption, head, rows) {
  return el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
}

export default {
  render({ model, el: host }) {
    const shapes = new SequenceShapes(model, host);
    return () => shapes.destroy();
  },
};

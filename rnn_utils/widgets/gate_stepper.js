import STRINGS from "./gate_stepper.strings.json";
import PRESETS from "./gate_stepper.presets.json";
import { BackInspector } from "./lib/back_inspector.js";
import { runBackward } from "./lib/backward.js";
import { backwardSpecOf } from "./lib/backward_specs.js";
import { specOf } from "./lib/cell_specs.js";
import { asNumPy, asPyTorch } from "./lib/code_text.js";
import { DataTable } from "./lib/data_table.js";
import { el, pressKey, set } from "./lib/dom.js";
import { Editor } from "./lib/editor.js";
import { Inspector } from "./lib/inspector.js";
import { makeLabels } from "./lib/labels.js";
import { MemoryStrip } from "./lib/memory_strip.js";
import { exact, short } from "./lib/numbers.js";
import { Picture, unitsShown } from "./lib/picture.js";
import { Predict } from "./lib/predict.js";
import { Program } from "./lib/program.js";
import { heldAt, runSequence, zeros } from "./lib/sequence.js";
import { fromEntries, toEntries, withEdits } from "./lib/share.js";
import { WRITE_MS, soon } from "./lib/soon.js";
import { Tape } from "./lib/tape.js";
import { tiny } from "./lib/tiny.js";

// The gate stepper: a recurrent cell, step by step, with every number.
//
// State lives in the model's traits; everything shown is computed here from them. One method
// changes state (commit), one shows it (refresh).

const DATA = ["cell", "weights", "tokens", "inputs", "h0", "c0", "overrides", "readout", "nonlinearity", "reset_after", "targets"];
const TRAITS = [...DATA, "vocabulary", "step", "operation", "unit", "preset", "direction"];
const NARROW = 600; // px of the widget's own width
const PLAY_MS = 1200;

class GateStepper {
  constructor(model, host) {
    Object.assign(this, { model, host, predicting: false, revealed: 0, version: 0 });
    this.compact = Boolean(model.get("compact"));
    this.labels = makeLabels(STRINGS);
    this.given = this.read();
    this.base = this.baseOf(this.given.preset);
    this.root = el("div", { class: "gate-stepper", role: "group", tabindex: "0", onkeydown: (event) => this.onKey(event) });
    host.append(this.root);
    this.draw();
    const followSoon = soon(() => this.follow());
    this.onChange = () => { if (!this.committing) followSoon(); };
    for (const trait of TRAITS) model.on(`change:${trait}`, this.onChange);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.root);
    this.narrow = this.root.clientWidth < NARROW;
    model.page?.onAddress((entries) => this.fromAddress(entries));
    this.refresh();
  }

  // The picture has a layout for narrow places.
  fit() {
    const narrow = this.root.clientWidth < NARROW;
    if (narrow === this.narrow) return;
    this.narrow = narrow;
    this.refresh();
  }

  // What another widget has changed through a link is shown here, and stands in the address too.
  follow() {
    this.refresh();
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.writeAddress(), WRITE_MS);
  }

  destroy() {
    this.pause();
    clearTimeout(this.writing);
    this.observer.disconnect();
    for (const trait of TRAITS) this.model.off(`change:${trait}`, this.onChange);
    this.root.remove();
  }

  // ------------------------------------------------------------------------------------ state
  read() {
    const state = Object.fromEntries(TRAITS.map((trait) => [trait, this.model.get(trait)]));
    state.step = Math.min(Math.max(state.step, 0), state.tokens.length);
    state.unit = Math.min(Math.max(state.unit, 0), state.h0.length - 1);
    return state;
  }

  // What a preset, or the notebook, started from; changes are told from it.
  baseOf(preset) {
    const known = preset && Object.hasOwn(PRESETS, preset) && PRESETS[preset].cell === this.given.cell;
    const start = known ? { ...this.given, ...presetState(preset) } : this.given;
    return structuredClone({ ...start, predicting: false });
  }

  commit(patch) {
    this.put(patch);
    this.writeAddress();
  }

  put(patch) {
    this.committing = true;
    for (const [trait, value] of Object.entries(patch)) this.model.set(trait, value);
    this.committing = false;
    this.model.save_changes();
    this.refresh();
  }

  writeAddress() {
    this.model.page?.write(toEntries({ ...this.read(), predicting: this.predicting }, this.base));
  }

  fromAddress(entries) {
    this.base = this.baseOf(entries.preset);
    const { predicting = false, ...state } = { ...this.base, ...fromEntries(entries, this.base) };
    this.predicting = predicting;
    this.revealed = predicting ? Math.max(state.step - 1, 0) : 0;
    this.put(Object.fromEntries(TRAITS.map((trait) => [trait, state[trait]])));
  }

  go(step) {
    this.commit({ step: Math.min(Math.max(step, 0), this.read().tokens.length), operation: "" });
  }

  // One operation on or back, across time steps. Forwards they go from the initial states to the
  // last step, backwards the other way.
  goOperation(direction) {
    const { step, operation, tokens } = this.read();
    const names = this.order.map(({ id }) => id);
    const on = this.back ? -1 : 1;
    const index = (operation === "" ? names.length : names.indexOf(operation)) + direction;
    const leaves = index < 0 || (step === 0 && direction < 0 && this.back) ? -on : index > names.length ? on : 0;
    const to = step + leaves;
    if (to < 0 || to > tokens.length || (step === 0 && leaves === 0)) return;
    if (leaves === 0) this.commit({ operation: names[index] ?? "" });
    else this.commit({ step: to, operation: leaves === on && to > 0 ? names[0] : "" });
  }

  // Forwards or backwards; the way back begins at the last step, where the loss is.
  turn() {
    this.pause();
    this.predicting = false;
    const last = this.read().tokens.length;
    this.commit(this.back ? { direction: "forward" } : { direction: "backward", step: last, operation: this.order.at(-1).id });
  }

  pick(q, k) {
    const chosen = this.spec.operations.find((operation) => operation.q === q || operation.also?.includes(q));
    const { step, operation } = this.read();
    this.commit({ unit: k, operation: chosen?.id ?? operation, step: Math.max(step, 1) });
  }

  choosePreset(preset) {
    this.base = this.baseOf(preset);
    this.revealed = 0;
    const start = preset ? { ...this.base, step: 1, operation: "", unit: 0, preset } : this.base;
    this.commit(Object.fromEntries(TRAITS.map((trait) => [trait, structuredClone(start[trait])])));
  }

  edits() {
    const change = (trait, recipe) => {
      const value = structuredClone(this.model.get(trait));
      recipe(value);
      this.commit({ [trait]: value });
    };
    return {
      weight: (name, row, column, value) =>
        this.commit({ weights: withEdits(this.model.get("weights"), [[name, row, column, value]]) }),
      input: (t, j, value) => change("inputs", (inputs) => { inputs[t - 1][j] = value; }),
      initial: (trait, k, value) => change(trait, (state) => { state[k] = value; }),
      hold: (q, t, k, value) => this.hold(q, t, k, value),
      token: (t, text) => this.changeToken(t, text),
      addToken: () => {
        const { tokens, inputs } = this.read();
        const { targets } = this.read();
        this.commit({ tokens: [...tokens, "…"], inputs: [...inputs, zeros(inputs[0].length)], targets: targets && [...targets, null] });
      },
      removeToken: () => {
        const { tokens, inputs, step, overrides, targets } = this.read();
        const left = tokens.length - 1;
        this.commit({
          tokens: tokens.slice(0, left), inputs: inputs.slice(0, left), step: Math.min(step, left),
          overrides: overrides.filter(({ t }) => (t ?? 1) <= left), targets: targets && targets.slice(0, left),
        });
      },
    };
  }

  // Held at one step (t) or at every step (t = null); value = null gives the gate back.
  hold(q, t, k, value) {
    const overrides = this.read().overrides.filter((held) =>
      !(held.q === q && (value === null ? held.k ?? k : held.k) === k && (value === null || t === null || held.t === t)));
    this.commit({ overrides: value === null ? overrides : [...overrides, { q, k, t, value }] });
  }

  changeToken(t, text) {
    const { tokens, inputs, vocabulary } = this.read();
    const known = vocabulary && Object.hasOwn(vocabulary, text);
    const patch = { tokens: tokens.with(t - 1, text) };
    if (known) patch.inputs = inputs.with(t - 1, [...vocabulary[text]]);
    this.commit(patch);
    if (vocabulary) this.editor.say(this.labels[known ? "wordSet" : "unknownWord"]({ token: text }));
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);
    const icon = (glyph, name, onclick) =>
      el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick }, el("span", { "aria-hidden": "true" }, glyph));
    this.parts = {
      first: icon("|◀", labels.first, () => this.go(0)),
      previous: icon("◀", labels.previous, () => this.go(this.read().step - 1)),
      play: button(labels.play, () => (this.timer ? this.pause() : this.play())),
      next: icon("▶", labels.next, () => this.go(this.read().step + 1)),
      operationBack: icon("‹", labels.previousOperation, () => this.goOperation(-1)),
      operationOn: icon("›", labels.nextOperation, () => this.goOperation(1)),
    };
    this.where = el("span", { class: "where" });
    this.inside = el("span", { class: "where" });
    this.turnButton = button(labels.turnBack, () => this.turn(), { "aria-pressed": "false" });
    this.loss = el("div", { class: "loss fields" });
    const { parts } = this;
    this.controls = el("div", { class: "buttons" },
      el("div", { class: "cluster", role: "group", "aria-label": labels.overTime }, parts.first, parts.previous, parts.next, parts.play, this.where),
      el("div", { class: "cluster", role: "group", "aria-label": labels.insideStep }, parts.operationBack, parts.operationOn, this.inside),
      this.turnButton);
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.unitChoice = el("select", { onchange: (event) => this.commit({ unit: Number(event.target.value) }) });
    this.presetChoice = el("select", { onchange: (event) => this.choosePreset(event.target.value) });
    this.form = el("label");
    this.presetHint = el("p", { class: "hint" });
    this.predictButton = button(labels.predict, () => this.togglePredict(), { "aria-pressed": "false" });
    this.copied = el("div", { class: "copied" });
    this.toolbar = el("div", { class: "toolbar" },
      el("label", {}, labels.presetChoice, " ", this.presetChoice), this.form, this.predictButton,
      button(labels.copyNumPy, () => this.copy(asNumPy(this.read()))),
      button(labels.copyPyTorch, () => this.copy(asPyTorch(this.read()))),
      this.model.page ? button(labels.copyLink, () => { this.writeAddress(); this.copy(this.model.page.address()); }) : null,
      button(labels.restore, () => this.choosePreset(this.base.preset), { title: labels.restoreHint }));
    this.slots = Object.fromEntries(["memory", "tape", "picture", "readout", "program", "inspector"].map((name) => [name, el("div", { class: `slot-${name}` })]));
    this.inspectorTitle = el("p", { class: "head" }); // no heading: the page around it has its own order of those
    this.inspectorSays = el("p", { class: "hint" });
    this.shape = "";
  }

  // The parts that depend on the cell and on sizes are made again only when those change.
  build(state, narrow) {
    const { labels, slots } = this;
    const { spec } = this;
    const units = unitsShown(state.unit, state.h0.length);
    const remake = (part, key, make) => {
      if (this.keys?.[part] === key) return false;
      this.keys = { ...this.keys, [part]: key };
      this[part] = make();
      slots[part]?.replaceChildren(this[part].root);
      return true;
    };
    const sizes = `${state.cell} ${spec.option?.value} ${state.inputs[0].length} ${state.h0.length}`;
    if (remake("frame", sizes, () => this.makeFrame(state))) this.keys = { frame: sizes };
    const { direction } = state;
    remake("tape", `${direction} ${state.tokens.length} ${JSON.stringify([state.tokens, state.readout?.labels])}`,
      () => new Tape({ spec, state, labels, onStep: (t) => this.go(t) }));
    if (this.compact) remake("memory", String(state.tokens.length), () => new MemoryStrip({ labels, state, spec }));
    const { back, order } = this;
    remake("picture", `${direction} ${narrow} ${units}`, () => new Picture(spec, {
      back, narrow, units, inputSize: state.inputs[0].length, hiddenSize: state.h0.length, onPick: (q, k) => this.pick(q, k),
      labels: {
        unit: labels.unit, title: back ? labels.pictureBack : labels.picture[state.cell],
        reads: back ? labels.readsBack : labels.reads[state.cell], onward: back ? labels.fromLater : labels.onward, held: labels.heldMark,
      },
    }));
    remake("program", `${direction} ${sizes}`, () => new Program({ spec, back, order, labels, onOperation: (id) => this.commit({ operation: id, step: Math.max(this.read().step, 1) }) }));
    const operation = this.inspected(state);
    remake("inspector", `${direction} ${operation.id}`, () => (back
      ? new BackInspector({ spec, back, operation, labels })
      : new Inspector({ spec, state, operation, labels, edit: this.edits() })));
  }

  // Everything around the parts: made once for a cell and its sizes.
  makeFrame(state) {
    const { labels, slots, spec } = this;
    this.predict = new Predict({ spec, labels, onReveal: (step) => { this.revealed = step; this.refresh(); } });
    // With a kernel a link carries tokens and inputs one after the other, and Python refuses the first.
    const fixed = this.compact && !this.model.page;
    this.editor = new Editor({ spec, labels, edit: this.edits(), fixed });
    this.data = new DataTable({ spec, labels });
    const presets = Object.keys(PRESETS).filter((name) => PRESETS[name].cell === state.cell);
    this.presetChoice.replaceChildren(el("option", { value: "" }, labels.asGiven),
      ...presets.map((name) => el("option", { value: name }, labels.presets[name])));
    this.showForms();
    this.unitChoice.replaceChildren(...state.h0.map((_, k) => el("option", { value: k }, String(k))));
    const inside = [
      el("div", { class: "below" }, slots.program,
        el("div", { class: "inspect" },
          el("div", { class: "inspect-head" }, this.inspectorTitle, el("label", {}, labels.chooseUnit, " ", this.unitChoice)),
          this.inspectorSays, slots.inspector)),
      this.toolbar, this.presetHint, this.copied, this.editor.root];
    const { compact } = this;
    this.root.replaceChildren(
      ...(compact ? [slots.memory] : []), slots.tape, this.controls, this.live, this.loss, this.predict.root, slots.picture, slots.readout,
      ...(compact ? [el("details", { class: "more" }, el("summary", {}, labels.more), inside)] : inside),
      this.data.root);
    return { root: this.root };
  }

  // The choice between the forms of a cell, such as the activation of an RNN.
  showForms() {
    const { option, cell } = this.spec;
    if (this.formsOf !== cell) {
      this.formsOf = cell;
      this.form.replaceChildren();
      this.form.hidden = !option;
      if (!option) return;
      const { name, ...texts } = this.labels.forms[option.trait];
      this.formChoice = el("select", { onchange: (event) => this.commit({ [option.trait]: option.values[event.target.selectedIndex] }) },
        option.values.map((value) => el("option", {}, texts[value])));
      this.form.append(name, " ", this.formChoice);
    }
    if (option) this.formChoice.selectedIndex = option.values.indexOf(option.value);
  }

  // The operation whose arithmetic is shown; for a whole step, the one that makes the new state.
  inspected(state) {
    const { operations, road } = this.spec;
    return operations.find(({ id }) => id === state.operation) ?? operations.find(({ q }) => q === road);
  }

  refresh() {
    const state = this.read();
    const view = this.view(state);
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.build(state, this.narrow);
    const { labels, spec } = this;
    set(this.root, "aria-label", `${labels.widget[state.cell]}. ${labels.hint}`);
    for (const part of [this.memory, this.tape, this.picture, this.program, this.predict, this.inspector, this.editor, this.data]) part?.update(view);
    this.showReadout(view);
    this.showLoss(view);
    this.showControls(view);
    const operation = this.inspected(state);
    const words = labels.operations[spec.cell][operation.id];
    this.inspectorTitle.textContent = words.title;
    this.inspectorTitle.style.color = operation.q ? `var(--q-${spec.quantities[operation.q][1]})` : "";
    this.inspectorSays.textContent = this.back ? labels.operationsBack[spec.cell][operation.id] : words.sentence;
    this.unitChoice.value = String(state.unit);
    const sentence = this.sentence(view);
    if (this.live.textContent !== sentence) this.live.textContent = sentence;
    if (focused) this.keepFocus(focused);
  }

  // The keyboard stays in the widget, also when the part it was in is gone or has nothing to do.
  keepFocus(focused) {
    const there = this.root.contains(focused) && !focused.disabled;
    if (!there) this.root.focus({ preventScroll: true });
    else if (focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  // What every part is shown from.
  view(state) {
    const spec = (this.spec = specOf(state));
    const data = DATA.map((trait) => state[trait]);
    if (!this.data0 || data.some((value, n) => value !== this.data0[n])) {
      this.data0 = data;
      this.version += 1;
      this.steps = runSequence(state);
    }
    const { steps } = this;
    this.back = state.direction === "backward" ? backwardSpecOf(state) : null;
    this.order = this.back ? spec.operations.toReversed() : spec.operations;
    return {
      state, steps, spec, unit: state.unit, version: this.version, forward: steps[state.step],
      operationIndex: this.order.findIndex(({ id }) => id === state.operation),
      isHeld: (q, k) => heldAt(state.overrides, q, state.step, k) !== undefined,
      ...(this.back ? this.viewBack(state) : this.viewForward(state)),
    };
  }

  viewForward(state) {
    const { spec, steps, predicting } = this;
    const scale = Object.fromEntries(spec.scales.flatMap((group) => {
      const widest = steps.reduce((most, step) => Math.max(most, ...group.flatMap((q) => step[q] ?? []).map(Math.abs)), 1);
      return group.map((q) => [q, widest]);
    }));
    const secretFrom = predicting ? this.revealed + 1 : Infinity;
    const index = spec.operations.findIndex(({ id }) => id === state.operation);
    const at = spec.operations[index];
    const computed = (operations) => operations.flatMap(({ q, also = [] }) => [q, ...also]);
    const everything = [...Object.keys(spec.quantities), ...computed(spec.operations)];
    return {
      secretFrom, predicting, step: steps[state.step], hidden: state.step >= secretFrom, scale,
      current: at ? [at.q ?? "combine", ...(at.also ?? []), ...(at.uses ?? []), ...(at.terms ?? []).flat(), at.function?.[1]] : [],
      done: at ? [...computed(spec.operations.slice(0, index)), `${spec.road}_prev`, "combine"] : [...everything, "combine"],
      readers: state.step === 0 || !at ? [] : at.readers ?? (at.sum ? [at.q] : []),
      tape: { values: steps, scale: scale[spec.road], reached: (t) => t <= state.step },
    };
  }

  // On the way back tiles and flows show gradients, drawn to the largest of their step; the tape
  // keeps one scale, so that one sees what is left.
  viewBack(state) {
    const { spec, steps, back, order } = this;
    if (this.backwardOf !== this.version) {
      this.backwardOf = this.version;
      this.backward = { ...runBackward(state, steps), spec: back };
    }
    const { gradients } = this.backward;
    const gradient = gradients[state.step];
    const largest = (lists) => lists.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const names = [...new Set([...Object.keys(spec.quantities), ...back.pipes])];
    const widest = largest(names.flatMap((q) => gradient[q] ?? []));
    const index = order.findIndex(({ id }) => id === state.operation);
    const valves = spec.picture.parts.filter(({ kind }) => kind === "valve").map(({ q }) => q);
    return {
      secretFrom: Infinity, predicting: false, hidden: false, backward: this.backward, gradient,
      step: { ...gradient, ...Object.fromEntries(valves.map((q) => [q, steps[state.step][q]])) },
      scale: Object.fromEntries(names.map((q) => [q, widest])),
      current: back.operations[state.operation]?.makes ?? [],
      done: [...valves, ...(index < 0 ? order : order.slice(0, index)).flatMap(({ id }) => back.operations[id].makes)],
      readers: [],
      tape: { values: gradients, scale: largest(gradients.map((one) => one[spec.road])), reached: (t) => t >= state.step },
    };
  }

  showControls({ state, hidden }) {
    const { labels, parts } = this;
    const T = state.tokens.length;
    set(parts.first, "disabled", state.step === 0);
    set(parts.previous, "disabled", state.step === 0);
    set(parts.next, "disabled", state.step === T);
    const first = state.step === T && state.operation === this.order[0].id;
    set(parts.operationBack, "disabled", this.back ? first : state.step === 0);
    set(parts.operationOn, "disabled", this.back ? state.step === 0 : state.step === T && state.operation === "");
    set(this.turnButton, "aria-pressed", String(Boolean(this.back)));
    set(this.predictButton, "disabled", Boolean(this.back));
    this.where.textContent = state.step === 0 ? labels.atStart : labels.stepOf({ t: state.step, T });
    const inside = state.operation ? labels.operations[state.cell][state.operation].title : labels.wholeStep;
    this.inside.textContent = state.step === 0 ? "" : inside;
    this.presetChoice.value = state.preset;
    this.presetHint.textContent = state.preset ? labels.presetHints[state.preset] : "";
    set(this.predictButton, "aria-pressed", String(this.predicting));
    if (hidden || state.step === (this.back ? 0 : T)) this.pause();
  }

  // What the loss is, and at this step the right answer, which the reader may choose.
  showLoss({ state, backward }) {
    const { labels, loss } = this;
    loss.hidden = !backward;
    if (!backward) return;
    const { targets, readout, step, tokens } = state;
    const kind = targets === null ? labels.lossSum({ T: tokens.length }) : readout ? labels.lossCrossEntropy : labels.lossDistance;
    const says = el("span", {}, labels.loss, " ", kind, " = ", el("b", { "data-q": "L", "data-t": 0, "data-k": 0, "data-value": exact(backward.loss) }, tiny(backward.loss, 3)));
    const key = `${step} ${JSON.stringify([targets, readout?.labels])}`;
    if (!readout || step === 0) {
      this.lossKey = key;
      return loss.replaceChildren(says);
    }
    if (this.lossKey === key && loss.childElementCount === 2) return loss.firstChild.replaceWith(says);
    this.lossKey = key;
    const choice = el("select", { onchange: (event) => this.setTarget(step, event.target.selectedIndex - 1) },
      el("option", {}, labels.noTarget), readout.labels.map((label) => el("option", {}, label)));
    choice.selectedIndex = (targets?.[step - 1] ?? -1) + 1;
    loss.replaceChildren(says, el("label", {}, labels.rightAnswer({ t: step }), " ", choice));
  }

  setTarget(t, answer) {
    const { targets, tokens } = this.read();
    const changed = (targets ?? tokens.map(() => null)).with(t - 1, answer < 0 ? null : answer);
    this.commit({ targets: changed.every((target) => target === null) ? null : changed });
  }

  showReadout({ state, forward: step, hidden }) {
    const { labels, slots } = this;
    if (!state.readout) return slots.readout.replaceChildren();
    const rows = state.readout.labels.map((label, n) => el("div", { class: "says-row" },
      el("span", { class: "word" }, label),
      el("span", { class: "probability" }, el("i", { style: `width:${hidden ? 0 : 100 * step.p[n]}%` })),
      el("span", { class: "percent" }, hidden ? "?" : `${short(100 * step.p[n], 1)} %`)));
    slots.readout.replaceChildren(el("div", { class: "readout" }, el("span", {}, labels.modelSays), el("div", { class: "says-rows" }, rows)));
  }

  sentence({ state, step, unit, hidden, spec, gradient }) {
    const { labels } = this;
    if (this.back) return this.sentenceBack(state, gradient, unit);
    if (state.step === 0) return labels.saysStart;
    const token = state.tokens[state.step - 1];
    if (hidden) return labels.hiddenStep({ t: state.step, token });
    const operation = spec.operations.find(({ id }) => id === state.operation);
    const numbers = Object.fromEntries(Object.entries(step).map(([q, values]) => [q, short(values[unit] ?? NaN)]));
    const detail = operation
      ? labels.saysOperation({ ...labels.operations[spec.cell][operation.id], value: operation.q ? numbers[operation.q] : operation.sums.map((q) => numbers[q]).join(", ") })
      : labels.saysWhole[state.cell](numbers);
    return labels.says({ t: state.step, T: state.tokens.length, token, k: unit, detail });
  }

  sentenceBack(state, gradient, unit) {
    const { labels, spec } = this;
    const names = spec.states.map((q) => `∂${q}`);
    if (state.step === 0) return labels.saysBackStart({ k: unit, values: names.map((name, n) => `${name}₀ = ${tiny(gradient[spec.states[n]][unit])}`).join(", ") });
    const numbers = Object.fromEntries(Object.entries(gradient).map(([q, values]) => [q, tiny(values[unit] ?? NaN)]));
    return labels.saysBack[spec.cell]({ ...numbers, t: state.step, T: state.tokens.length, token: state.tokens[state.step - 1], k: unit });
  }

  // ---------------------------------------------------------------------------------- actions
  onKey(event) {
    const { step, tokens } = this.read();
    pressKey(event, {
      ArrowRight: () => this.go(step + 1), ArrowLeft: () => this.go(step - 1),
      Home: () => this.go(0), End: () => this.go(tokens.length),
      ArrowDown: () => this.goOperation(1), ArrowUp: () => this.goOperation(-1),
    });
  }

  play() {
    const { step, tokens } = this.read();
    const [start, end, on] = this.back ? [tokens.length, 0, -1] : [0, tokens.length, 1];
    if (step === end) this.go(start);
    this.timer = setInterval(() => this.go(this.read().step + on), PLAY_MS);
    this.namePlay();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.namePlay();
  }

  namePlay() {
    const name = this.timer ? this.labels.pause : this.labels.play;
    const { play } = this.parts;
    play.textContent = name;
  }

  togglePredict() {
    this.predicting = !this.predicting;
    this.revealed = this.read().step;
    this.refresh();
    this.writeAddress();
  }

  async copy(text) {
    const { labels } = this;
    const shown = el("textarea", { readonly: true, rows: 6, "aria-label": labels.copiedText, spellcheck: "false" });
    shown.value = text;
    const status = el("p", { class: "note", role: "status" }, labels.copyByHand);
    this.copied.replaceChildren(status, shown);
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = labels.copied;
    } catch {
      shown.select(); // no permission, or no clipboard here: the text stands ready to be copied
    }
  }
}

function presetState(name) {
  const { tokens, vocabulary } = PRESETS[name];
  return {
    ...PRESETS[name], inputs: tokens.map((token) => vocabulary[token]),
    overrides: [], readout: null, targets: null, preset: name,
  };
}

export default {
  render({ model, el: host }) {
    const stepper = new GateStepper(model, host);
    return () => stepper.destroy();
  },
};

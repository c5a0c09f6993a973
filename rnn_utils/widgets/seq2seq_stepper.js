import STRINGS from "./seq2seq_stepper.strings.json";
import { AttentionBoard } from "./lib/attention_board.js";
import { beamSearch, pathOf } from "./lib/beam.js";
import { el, pressKey, set, showValue } from "./lib/dom.js";
import { formula } from "./lib/formula.js";
import { NetworkWidget } from "./lib/network_widget.js";
import { exact, scientific, short, subscript } from "./lib/numbers.js";
import { END, START, cut, decoderStep, encode, forcedSteps, joined, memoryOf, partsOf } from "./lib/seq2seq.js";
import { Seq2SeqTable } from "./lib/seq2seq_table.js";
import { StateStrip } from "./lib/state_strip.js";
import { TokenBars } from "./lib/token_bars.js";
import { tiny } from "./lib/tiny.js";
import { visible } from "./lib/visible.js";

// The stepper of an encoder and a decoder: what is read, character by character, what is written,
// token by token, and where the decoder looks.
//
// Steps count on: 0 is the start, 1 to T the encoder, T + 1 to T + N the decoder.

const LONGEST = 80; // characters of a text
const ANSWER = 40; // and of an answer
const MOST_BEAM = 5;
const MOST_PENALTY = 2;
const PLAY_MS = 700; // from step to step
const CALM_MS = 1400; // where motion is to be reduced

const whole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;
const UNKNOWN = 1; // the index of <unk> in every source vocabulary

class Seq2SeqStepper extends NetworkWidget {
  constructor(model, host) {
    super(model, STRINGS);
    this.begin(host, ["text", "answer", "step", "forcing", "beam", "length_penalty", "place", "token", "unit", "hypothesis"], {
      model: (name) => this.model.get("models").some((one) => one.name === name),
      text: (value) => value.length <= LONGEST, answer: (value) => value.length <= ANSWER,
      step: whole(0, 999), forcing: (value) => typeof value === "boolean",
      beam: whole(1, MOST_BEAM), length_penalty: (value) => typeof value === "number" && value >= 0 && value <= MOST_PENALTY,
      place: whole(-1, LONGEST - 1), token: whole(-1, 99999), unit: whole(-1, 99999), hypothesis: whole(0, 2 * MOST_BEAM - 1),
    });
    this.followWidth();
  }

  // --------------------------------------------------------------------------------- the network
  take({ about, parameters }) {
    const { source, target, longest = LONGEST, examples = [] } = about;
    const words = target.map(visible);
    const index = new Map(source.map((word, k) => [word, k]));
    this.net = { parts: partsOf(parameters), source, target, words, index, longest, start: target.indexOf(START), end: target.indexOf(END),
      examples: examples.map((example) => [example].flat()) }; // a text, and its right answer if that is known
  }

  // ------------------------------------------------------------------------------------ computing
  // What was read, found as long as nothing new is given.
  encoded(text) {
    if (this.lastReading?.net !== this.net || this.lastReading.text !== text) {
      const { net } = this;
      const raw = cut(text, net.source);
      const indices = raw.map((token) => net.index.get(token) ?? UNKNOWN);
      const states = encode(net.parts, indices);
      this.lastReading = {
        net, text, states, indices, T: raw.length, tokens: raw.map(visible),
        known: indices.map((index) => index > UNKNOWN), memory: memoryOf(net.parts, states),
      };
    }
    return this.lastReading;
  }

  // What the decoder does with it: {rounds} of the beam, or the {forced} steps.
  decoded(reading, { forcing, answer, beam, length_penalty: lengthPenalty }) {
    const key = forcing ? `answer ${answer}` : `${beam} ${beam > 1 ? lengthPenalty : ""}`;
    if (this.lastWriting?.reading !== reading || this.lastWriting.key !== key) {
      const { net } = this;
      const { parts, start, end, longest } = net;
      this.lastWriting = { reading, key };
      if (forcing) {
        const typed = cut(answer, net.target);
        const right = typed.map((token) => net.target.indexOf(token)).filter((k) => k >= 0);
        this.lastWriting.strange = [...new Set(typed.filter((token) => !net.target.includes(token)))];
        this.lastWriting.forced = reading.T ? forcedSteps(parts, reading.memory, start, [...right, end]) : [];
      } else {
        const last = reading.states.at(-1).h;
        const expand = ({ step, token }) => decoderStep(parts, reading.memory, token ?? start, step ? step.h : last);
        this.lastWriting.rounds = reading.T ? beamSearch(expand, { beam, lengthPenalty, end, most: longest }) : [];
      }
    }
    return this.lastWriting;
  }

  textOf(hypothesis) {
    const { target } = this.net;
    const text = joined(pathOf(hypothesis).map(({ token }) => target[token]), target);
    return hypothesis.done ? this.labels.ended({ text }) : text;
  }

  // Everything that is shown, from the state.
  view() {
    const state = this.read();
    const { net } = this;
    const reading = this.encoded(state.text);
    const { T } = reading;
    const { rounds = [], forced, strange = [] } = this.decoded(reading, state);
    const N = forced ? forced.length : rounds.length;
    const step = Math.min(state.step, T + N);
    const t = Math.max(step - T, 0);
    const found = t > 0 ? rounds[t - 1]?.found : undefined;
    const hypothesis = found ? Math.min(state.hypothesis, found.length - 1) : 0;
    const nodes = t === 0 ? [] : forced ? forced.slice(0, t) : pathOf(found[hypothesis]);
    const path = nodes.map((node) => ({ ...node, word: net.words[node.token] }));
    const now = path.at(-1)?.step;
    const sum = (steps) => steps.reduce((total, { loss }) => total + loss, 0);
    return {
      ...state, ...reading, step, t, N, path, now, rounds: rounds.slice(0, t), forced, strange, found, hypothesis,
      j: Math.min(step, T), // tokens that were read
      attention: Boolean(net.parts.score), place: t > 0 && state.place < T ? state.place : -1,
      unit: Math.min(state.unit, reading.states[0].h.length - 1),
      token: state.token < net.target.length ? state.token : -1,
      loss: forced && { soFar: sum(nodes), total: sum(forced), own: nodes.at(-1)?.loss },
    };
  }

  // ------------------------------------------------------------------------------------- changing
  go(step) {
    this.pause();
    this.commit({ step: Math.min(Math.max(step, 0), this.last()) });
  }

  last() {
    if (!this.net) return 0;
    const { T, N } = this.view();
    return T + N;
  }

  type(text) {
    this.pause();
    const atEnd = this.net && this.view().step === this.last() && this.last() > 0;
    this.commit({ text, answer: this.answerOf(text), step: 0, place: -1, hypothesis: 0 });
    if (atEnd) this.commit({ step: this.last() }); // who has seen the whole answer sees the next one whole
  }

  answerOf(text) {
    return this.net?.examples.find(([own]) => own === text)?.[1] ?? "";
  }

  pressSource(j) {
    const { t, place } = this.view();
    if (t === 0) this.go(j + 1);
    else this.commit({ place: place === j ? -1 : j });
  }

  pressWeight(t, j) {
    const view = this.view();
    this.pause();
    this.commit({ step: view.T + t, place: view.t === t && view.place === j ? -1 : j });
  }

  play() {
    if (!this.timer && this.view().step === this.last()) this.commit({ step: 0 });
    this.playOrPause(() => {
      const step = Math.min(this.view().step + 1, this.last());
      if (step === this.last()) this.pause();
      this.commit({ step });
    }, PLAY_MS, CALM_MS);
  }

  // -------------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const icon = (glyph, name, onclick) => el("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick }, el("span", { "aria-hidden": "true" }, glyph));
    const range = (name, attributes, oninput) => el("input", { type: "range", "aria-label": name, ...attributes, oninput: (event) => oninput(event.target.valueAsNumber) });
    const typed = (name, most, oninput) => el("input", { type: "text", "aria-label": name, maxlength: most, autocomplete: "off", autocapitalize: "off", spellcheck: "false", oninput });
    const note = (name) => el("p", { class: name });
    this.status = el("p", { class: "status", role: "status" });
    this.field = typed(null, LONGEST, () => this.type(this.field.value));
    this.exampleRow = el("div", { class: "examples", role: "group", "aria-label": labels.examples });
    this.networkRow = el("div", { class: "networks", role: "group", "aria-label": labels.network });
    this.unknown = note("unknown");
    this.resetButton = icon("|◀", labels.reset, () => this.go(0));
    this.previous = icon("◀", labels.previous, () => this.go(this.view().step - 1));
    this.playButton = icon("▶", labels.play, () => this.play());
    this.next = icon("▶|", labels.next, () => this.go(this.view().step + 1));
    this.slider = range(labels.slider, { min: 0, step: 1 }, (step) => this.go(step));
    this.where = el("output", { class: "where" });
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.board = new AttentionBoard({ labels, onSource: (j) => this.pressSource(j), onWeight: (t, j) => this.pressWeight(t, j) });
    this.weightSays = el("div", { class: "says" });
    this.chips = el("div", { class: "chips", role: "group", "aria-label": labels.output });
    const strip = (kind) => new StateStrip({ kind, onUnit: (unit) => this.commit({ unit }) });
    this.strips = { encoder: strip("encoder"), decoder: strip("decoder") };
    this.unitSlider = range(labels.unit, { min: 0, step: 1, value: 0 }, (unit) => this.commit({ unit }));
    this.unitSays = el("div", { class: "says" });
    this.barsTitle = note("name");
    this.bars = new TokenBars({ labels, onToken: (token) => this.commit({ token: token === this.model.get("token") ? -1 : token }) });
    this.tokenSays = el("div", { class: "says" });
    this.forcingBox = el("input", { type: "checkbox", onchange: () => { this.pause(); this.commit({ forcing: this.forcingBox.checked }); } });
    this.answerField = typed(labels.answer, ANSWER, () => this.commit({ answer: this.answerField.value }));
    this.answerNote = note("muted");
    this.lossSays = note("loss");
    this.beamSlider = range(labels.beam, { min: 1, max: MOST_BEAM, step: 1 }, (beam) => { this.pause(); this.commit({ beam, hypothesis: 0 }); });
    this.beamSays = el("output");
    this.penaltySlider = range(labels.lengthPenalty, { min: 0, max: MOST_PENALTY, step: 0.1 }, (penalty) => { this.pause(); this.commit({ length_penalty: penalty, hypothesis: 0 }); });
    this.penaltySays = el("output");
    this.hypotheses = el("tbody");
    this.hypothesesTitle = el("caption");
    this.beamTable = el("div", { class: "hypotheses" },
      el("table", {}, this.hypothesesTitle, el("thead", {}, el("tr", {}, labels.beamHead.split("|").map((head) => el("th", { scope: "col" }, head)))), this.hypotheses),
      el("p", { class: "muted" }, labels.beamKey));
    this.data = new Seq2SeqTable(labels);
    const setting = (name, slider, says) => el("div", { class: "setting" }, el("span", { "aria-hidden": "true" }, name), slider, says);
    this.inside = el("div", {},
      el("div", { class: "steps" }, this.resetButton, this.previous, this.playButton, this.next, this.slider, this.where),
      this.live, this.board.root,
      el("div", { class: "written" }, el("span", { class: "head", "aria-hidden": "true" }, labels.output), this.chips),
      this.weightSays,
      el("div", { class: "parts" },
        el("div", { class: "pane", role: "group", "aria-label": labels.distribution }, this.barsTitle, this.bars.root, this.tokenSays),
        el("div", { class: "column" },
          this.stateCard = el("div", { class: "pane", role: "group", "aria-label": labels.states }, this.strips.encoder.root, this.strips.decoder.root,
            el("p", { class: "muted" }, labels.stateKey), this.unitSlider, this.unitSays),
          el("fieldset", { class: "pane" }, el("legend", {}, labels.decoding),
            el("label", { class: "check" }, this.forcingBox, labels.forcing),
            this.answerRow = el("div", {}, el("div", { class: "setting" }, el("span", { "aria-hidden": "true" }, labels.answer), this.answerField), this.answerNote, this.lossSays),
            this.beamRow = el("div", {}, setting(labels.beam, this.beamSlider, this.beamSays), this.penaltyRow = setting(labels.lengthPenalty, this.penaltySlider, this.penaltySays), this.beamTable)))),
      this.data.root, el("p", { class: "muted" }, labels.keys));
    this.root = el("div", { class: "seq2seq-stepper", role: "group", tabindex: "0", "aria-label": labels.widget, onkeydown: (event) => this.onKey(event) },
      el("p", { class: "question" }, labels.question),
      el("div", { class: "asks" }, el("label", { class: "sentence" }, this.prompt = el("span"), this.field), this.networkRow),
      this.exampleRow, this.unknown, this.status, this.inside);
  }

  refresh() {
    this.load();
    const { labels, net } = this;
    this.width = this.root.clientWidth;
    const { model, models, text } = this.read();
    this.prompt.textContent = labels.prompts[model] ?? labels.text;
    showValue(this.field, text);
    this.showChoices(model, models, net?.examples ?? [], text);
    this.status.textContent = net ? "" : this.failed ? labels.notLoaded : labels.loading;
    this.inside.hidden = !net;
    if (!net) return;
    const view = this.view();
    const { T, N, t, j, step } = view;
    const strange = [...new Set(view.tokens.filter((_, n) => !view.known[n]))];
    this.unknown.textContent = strange.length ? labels.unknown({ tokens: strange.map((token) => `“${token}”`).join(", ") }) : "";
    this.resetButton.disabled = this.previous.disabled = step === 0;
    this.next.disabled = step === T + N;
    this.playButton.disabled = T === 0;
    set(this.slider, "max", T + N);
    this.slider.value = step;
    this.where.textContent = t > 0 ? labels.whereDecoder({ t, N }) : j > 0 ? labels.whereEncoder({ t: j, T }) : labels.whereStart;
    const says = this.says(view);
    if (this.live.textContent !== says) this.live.textContent = says;
    const { path, now } = view;
    this.board.update({
      ...view, reading: j, column: view.place, width: this.width - 34, says,
      reads: now && net.words[now.previous], writes: path.at(-1)?.word,
    });
    this.showOutput(view);
    this.showWeight(view);
    this.showStates(view);
    this.showBars(view);
    this.showDecoding(view);
    this.data.update({
      tokens: view.tokens, words: net.words, reading: j, states: view.states, path, loss: view.loss,
      rounds: view.beam > 1 ? view.rounds.map(({ found }) => ({ found: found.map((one) => ({ ...one, text: this.textOf(one) })) })) : [],
    });
  }

  showChoices(model, models, examples, text) {
    const { networkRow, exampleRow } = this;
    const button = (value, says, onclick) => el("button", { type: "button", value, onclick }, says);
    const key = JSON.stringify([models, examples]);
    if (this.choices !== key) {
      this.choices = key;
      networkRow.replaceChildren(...models.map(({ name, title }) => button(name, title || name, () => { this.pause(); this.commit({ model: name, hypothesis: 0 }); })));
      exampleRow.replaceChildren(...examples.map(([own]) => button(own, own, () => this.type(own))));
    }
    networkRow.hidden = models.length < 2;
    exampleRow.hidden = examples.length === 0;
    for (const [row, chosen] of [[networkRow, model], [exampleRow, text]]) {
      for (const one of row.children) set(one, "aria-pressed", String(one.value === chosen));
    }
  }

  // ------------------------------------------------------------------------- what is said and shown
  says(view) {
    const { labels, net } = this;
    const { T, N, t, j, now, path, tokens, known, forced, answer } = view;
    if (T === 0) return labels.empty;
    if (t === 0 && j === 0) return labels.saysStart;
    if (t === 0) {
      const told = (known[j - 1] ? labels.saysEncoder : labels.saysEncoderUnknown)({
        t: j, T, token: tokens[j - 1], before: subscript(j - 1), now: subscript(j) });
      return j === T ? `${told} ${labels.saysHandOver({ now: subscript(T) })}` : told;
    }
    const { token, word: writes } = path.at(-1);
    const best = now.p.indexOf(Math.max(...now.p));
    const look = now.alpha ? now.alpha.indexOf(Math.max(...now.alpha)) : -1;
    const about = {
      t: path.length, T: subscript(T), reads: net.words[now.previous], writes, p: chance(now.p[token]),
      j: look + 1, token: tokens[look], a: now.alpha && short(now.alpha[look], 2), right: writes, best: net.words[best],
    };
    if (forced) {
      const answer = (best === token ? labels.saysForcedRight : labels.saysForced)(about);
      return `${labels.saysReads(about)}${now.alpha ? labels.saysLookOnly(about) : "."} ${answer}`;
    }
    const told = (now.alpha ? labels.saysLook : labels.saysPlain)(about);
    if (t === N) return `${told} ${this.verdict(path, answer)}`;
    return path.length < t ? `${labels.saysDone} ${told}` : told;
  }

  // What was written in the end, and whether that is right, if that is known.
  verdict(path, answer) {
    const { labels, net } = this;
    const text = joined(path.map(({ token }) => net.target[token]), net.target);
    if (answer === "") return labels.wrote({ text });
    return text === answer ? labels.wroteRight({ text }) : labels.wroteWrong({ text, answer });
  }

  showOutput({ path, forced }) {
    const { labels } = this;
    const { children } = this.chips;
    if (path.length === 0) { this.chips.replaceChildren(el("span", { class: "muted" }, labels.nothing)); return; }
    if (children[0]?.localName !== "button") this.chips.replaceChildren();
    while (children.length > path.length) this.chips.lastChild.remove();
    while (children.length < path.length) {
      const t = children.length + 1;
      this.chips.append(el("button", { type: "button", class: "chip", onclick: () => this.go(this.view().T + t) }));
    }
    path.forEach(({ word, token, step: { p } }, n) => {
      const best = p.indexOf(Math.max(...p));
      const missed = forced !== undefined && best !== token;
      children[n].textContent = word;
      set(children[n], "data-missed", missed);
      set(children[n], "aria-label", (missed ? labels.outputMissed : labels.outputToken)({ t: n + 1, token: word, best: this.net.words[best] }));
      set(children[n], "aria-current", n === path.length - 1 ? "step" : null);
    });
  }

  // Lines of a calculation: [symbol, numbers, value]; a symbol is a formula.
  lines(title, lines) {
    return el("table", {}, el("caption", {}, title),
      el("tbody", {}, lines.map(([symbol, numbers, value]) => el("tr", {}, el("th", { scope: "row" }, formula(symbol)), el("td", {}, numbers), el("td", { "data-value": value === undefined ? null : exact(value) }, value === undefined ? "" : scientificSigned(value))))));
  }

  // Where one weight of attention comes from
  showWeight({ now, t, T, place: j, tokens, attention, path, states }) {
    const { labels } = this;
    this.weightSays.hidden = t === 0;
    if (t === 0) return;
    if (!attention || j < 0) {
      this.weightSays.replaceChildren(el("p", { class: "muted" }, attention ? labels.pressWeight : labels.noAttention({ H: states[0].h.length })));
      return;
    }
    const all = now.e.reduce((sum, e) => sum + Math.exp(e), 0);
    const e = now.e[j];
    this.weightSays.replaceChildren(this.lines(labels.weightHead({ t: path.length, token: tokens[j] }), [
      ["e = h_t · (W_a s_j)", labels.weightScore, e],
      ["exp(e)", labels.weightExp, Math.exp(e)],
      ["Σ exp(e)", labels.weightSum({ T }), all],
      ["α = exp(e) / Σ exp(e)", labels.weightShare, now.alpha[j]]]));
  }

  showStates({ states, now, path, t, j, T, place, unit }) {
    const { labels } = this;
    const read = place >= 0 ? place + 1 : j;
    const decoding = t > 0 || (j === T && T > 0);
    const decoder = now?.h ?? (decoding ? states[T].h : null);
    const width = this.stateCard.clientWidth - 28;
    const show = (strip, values, title) => strip.update({ values, unit, title, width, says: labels.stateSays });
    const after = path.length;
    show(this.strips.encoder, states[read].h, labels.encoderState({ t: subscript(read) }));
    show(this.strips.decoder, decoder, `${labels.decoderState({ t: subscript(after) })}${decoder && !now ? ` = s${subscript(T)}` : ""}`);
    set(this.unitSlider, "max", states[0].h.length - 1);
    this.unitSlider.value = Math.max(unit, 0);
    const line = (state, n, step, old) => {
      const name = `${state}${subscript(n)}`;
      if (!step.z) return labels.unitZero({ state: name, k: unit, h: short(step.h[unit], 3) });
      return labels.unitSays({ state: name, before: `${state}${subscript(n - 1)}`, k: unit, z: short(step.z[unit]), n: factor(step.n[unit]), old: factor(old), h: short(step.h[unit], 3) });
    };
    this.unitSays.replaceChildren(...(unit < 0 ? [] : [
      el("p", {}, line("s", read, states[read], states[read - 1]?.h[unit])),
      now ? el("p", {}, line("h", after, now, now.h_prev[unit])) : null].filter(Boolean)));
  }

  showBars({ now, path, token, forced }) {
    const { labels, net } = this;
    this.bars.root.hidden = !now;
    this.tokenSays.hidden = !now;
    this.barsTitle.textContent = now ? labels.distributionAt({ t: path.length }) : labels.notYet;
    set(this.barsTitle, "class", now ? "name" : "muted");
    if (!now) return;
    const fed = path.at(-1).token;
    const best = now.p.indexOf(Math.max(...now.p));
    const notes = { [fed]: forced ? labels.right : labels.written };
    if (best !== fed) notes[best] = labels.likeliest;
    this.bars.update({ p: now.p, words: net.words, notes, token });
    if (token < 0) { this.tokenSays.replaceChildren(el("p", { class: "muted" }, labels.pressToken)); return; }
    const l = now.logits[token];
    this.tokenSays.replaceChildren(this.lines(labels.tokenHead({ token: net.words[token] }), [
      ["ℓ", labels.tokenLogit, l],
      ["exp(ℓ)", labels.weightExp, Math.exp(l)],
      ["Σ exp(ℓ)", labels.tokenSum({ V: now.p.length }), now.logits.reduce((sum, logit) => sum + Math.exp(logit), 0)],
      ["p = exp(ℓ) / Σ exp(ℓ)", labels.tokenP, now.p[token]],
      ["−log p", labels.tokenLoss, -now.logP[token]]]));
  }

  showDecoding(view) {
    const { labels } = this;
    const { forcing, answer, strange, loss, beam, length_penalty: penalty, found, t, N, hypothesis, rounds } = view;
    this.forcingBox.checked = forcing;
    this.answerRow.hidden = !forcing;
    this.beamRow.hidden = forcing;
    showValue(this.answerField, answer);
    this.answerNote.textContent = strange.length ? labels.answerUnknown({ tokens: strange.map((token) => `“${visible(token)}”`).join(", ") }) : answer === "" ? labels.answerEmpty : "";
    if (loss) {
      const [own, soFar, total] = [loss.own ?? 0, loss.soFar, loss.total].map((value) => short(value, 3));
      this.lossSays.textContent = view.T === 0 ? "" : t > 0 ? labels.loss({ own, soFar, total }) : labels.lossAll({ total });
      set(this.lossSays, "data-value", exact(loss.total));
    }
    this.beamSlider.value = beam;
    this.beamSays.textContent = beam === 1 ? labels.greedy : labels.beamSays({ beam });
    this.penaltyRow.hidden = beam === 1;
    this.penaltySlider.value = penalty;
    this.penaltySays.textContent = short(penalty, 1);
    this.beamTable.hidden = beam === 1 || !found;
    if (this.beamTable.hidden) return;
    this.hypothesesTitle.textContent = t === N ? labels.beamTableDone({ t }) : labels.beamTable({ t, n: rounds[t - 1].candidates, beam });
    const rows = this.hypotheses.children;
    while (rows.length > found.length) this.hypotheses.lastChild.remove();
    while (rows.length < found.length) {
      const n = rows.length;
      this.hypotheses.append(el("tr", {}, el("td", {}, el("button", { type: "button", class: "hypothesis", onclick: () => this.commit({ hypothesis: n, token: -1 }) })), el("td"), el("td"), el("td")));
    }
    found.forEach((one, n) => {
      const [{ firstChild: button }, logP, length, score] = rows[n].children;
      button.textContent = this.textOf(one) || "∅";
      set(button, "aria-label", labels.hypothesis({ rank: n + 1, text: button.textContent }));
      set(button, "aria-pressed", String(n === hypothesis));
      logP.textContent = tiny(one.logP, 3);
      length.textContent = String(one.length);
      score.textContent = tiny(one.score, 3);
      set(logP, "data-value", exact(one.logP));
      set(score, "data-value", exact(one.score));
    });
  }

  // ---------------------------------------------------------------------------------------- keys
  onKey(event) {
    if (!this.net) return;
    const { step } = this.view();
    pressKey(event, {
      ArrowLeft: () => this.go(step - 1), ArrowRight: () => this.go(step + 1),
      Home: () => this.go(0), End: () => this.go(this.last()),
    });
  }
}

// A number behind a sign of multiplication
const factor = (value) => (value < 0 ? `(${short(value)})` : short(value));
const chance = (p) => (p < 0.0005 ? scientific(p) : short(p, 3));
const scientificSigned = (value) => (value < 0 ? `−${scientific3(-value)}` : scientific3(value));
// Three digits, or a power of ten where they would be hard to read.
const scientific3 = (value) => (value === 0 || (value >= 0.001 && value < 10000) ? short(value, value < 10 ? 3 : 1) : scientific(value));

export default {
  render({ model, el: host }) {
    const stepper = new Seq2SeqStepper(model, host);
    return () => stepper.destroy();
  },
};

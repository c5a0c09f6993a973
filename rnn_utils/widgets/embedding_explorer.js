import STRINGS from "./embedding_explorer.strings.json";
import { Address } from "./lib/address.js";
import { Cloud, drawMark, markOf } from "./lib/cloud.js";
import { el, pressKey, set, showValue, svg, uniqueId } from "./lib/dom.js";
import { makeLabels } from "./lib/labels.js";
import { exact, short } from "./lib/numbers.js";
import { soon } from "./lib/soon.js";
import { alongAxis, analogy, cosine, distance, minus, neighbors, plus, principalComponents, ranked, turned, variances } from "./lib/vectors.js";
import { choice, csvText, Ranking, wordField } from "./lib/word_controls.js";

// The embedding explorer: word vectors as a cloud, their neighbors, analogies and axes.
//
// State lives in the model's traits; everything shown is computed here from them. One method
// changes state (commit), one shows it (refresh).

const TRAITS = [
  "words", "vectors", "groups", "projection", "mode", "yaw", "pitch", "selected", "topn", "metric",
  "analogy", "exclude", "axis", "panel", "turn",
];
const TURN = 10; // degrees for a press of an arrow key
const ANSWERS = 5;
const BARS = 12; // principal components with a bar of their own

const isNumber = (low, high) => (value) => Number.isFinite(value) && value >= low && value <= high;
const among = (...values) => (value) => values.includes(value);

class EmbeddingExplorer {
  constructor(model, host) {
    Object.assign(this, { model, host, kept: {}, keys: {}, labels: makeLabels(STRINGS), flat: "3d" });
    this.address = new Address(model, this.checks());
    this.start = { yaw: model.get("yaw"), pitch: model.get("pitch") };
    this.root = el("div", { class: "embedding-explorer", role: "group", tabindex: "0", onkeydown: (event) => this.onKey(event) });
    host.append(this.root);
    this.draw();
    this.refreshSoon = soon(() => this.refresh());
    this.listeners = TRAITS.map((trait) => [`change:${trait}`, () => this.changed(trait)]);
    for (const [event, listener] of this.listeners) model.on(event, listener);
    this.observer = new ResizeObserver(() => this.cloud.fit(this.stage.clientWidth));
    this.observer.observe(this.stage);
    this.cloud.fit(this.stage.clientWidth);
    this.refresh();
    this.address.follow(() => this.refresh());
  }

  destroy() {
    this.observer.disconnect();
    this.cloud.destroy();
    for (const [event, listener] of this.listeners) this.model.off(event, listener);
    this.root.remove();
  }

  // ------------------------------------------------------------------------------------ state
  read() {
    return Object.fromEntries(TRAITS.map((trait) => [trait, this.model.get(trait)]));
  }

  // What a hand-written address must satisfy to be taken.
  checks() {
    const { words, vectors } = this.read();
    const known = (word) => word === "" || words.includes(word);
    const several = (count) => (value) => Array.isArray(value) && value.length === count && value.every(known);
    return {
      selected: known, mode: among("3d", "2d", "axis"), panel: among("", "neighbors", "analogy"),
      analogy: several(3), exclude: (value) => typeof value === "boolean", axis: several(2),
      metric: among("cosine", "distance"), topn: (value) => Number.isInteger(value) && value >= 1,
      projection: among("pca", ...([2, 3].includes(vectors[0].length) ? ["raw"] : [])),
      turn: isNumber(0, 360), yaw: isNumber(-Infinity, Infinity), pitch: isNumber(-90, 90),
    };
  }

  // about: what the spoken sentence tells; without it, the answer to the question that is asked.
  commit(patch, about = null) {
    for (const [trait, value] of Object.entries(patch)) this.model.set(trait, value);
    this.about = about;
    this.model.save_changes();
    this.refresh();
    this.address.write();
  }

  // A trait that came from elsewhere.
  changed(trait) {
    if (!["yaw", "pitch", "turn"].includes(trait)) this.about = null;
    this.refreshSoon();
  }

  // A word is chosen to see its neighbors, or to see it among the others on the axis.
  choose(word) {
    this.commit({ selected: word, ...(this.tabOf(this.read()) === "analogy" ? { panel: "neighbors" } : {}) });
  }

  // A click in the cloud; it puts a word into an analogy where one is missing, or as the third.
  pick(word) {
    const state = this.read();
    if (this.tabOf(state) !== "analogy") return this.choose(word);
    const empty = state.analogy.indexOf("");
    this.commit({ analogy: state.analogy.with(empty < 0 ? 2 : empty, word) });
  }

  turnView(right, up) {
    const { yaw, pitch } = this.read();
    this.model.set("yaw", Math.round((((yaw + right + 180) % 360) + 360) % 360) - 180);
    this.model.set("pitch", Math.round(Math.min(Math.max(pitch + up, -90), 90)));
    this.about = "view";
    this.refresh();
  }

  openTab(tab) {
    if (tab === "axis") return this.commit({ mode: "axis" });
    this.commit({ panel: tab, mode: this.read().mode === "axis" ? this.flat : this.read().mode });
  }

  // --------------------------------------------------------------------------------- computing
  // The value that `make` gave for the same parts the last time, or a new one.
  once(name, parts, make) {
    const kept = this.kept[name];
    if (kept && parts.every((part, n) => part === kept.parts[n])) return kept.value;
    this.kept[name] = { parts, value: make() };
    return this.kept[name].value;
  }

  // Everything that is shown, in numbers.
  view(state) {
    const { words, vectors, groups, projection, turn, mode, metric } = state;
    const index = this.once("index", [words], () => new Map(words.map((word, k) => [word, k])));
    const place = (word) => index.get(word) ?? -1;
    const D = vectors[0].length;
    const data = this.once("data", [vectors, turn, projection], () =>
      (projection === "raw" && D === 3 && turn ? turned(vectors, turn) : vectors));
    const pca = this.once("pca", [data], () => principalComponents(data));
    const question = state.analogy.map(place);
    const ends = state.axis.map(place);
    const along = ends.includes(-1) || ends[0] === ends[1] ? null
      : this.once("along", [vectors, ...ends], () => alongAxis(vectors, ...ends));
    const view = { state, D, data, pca, place, ends, along, selected: place(state.selected), tab: this.tabOf(state) };
    view.near = view.selected < 0 ? [] : this.once("near", [vectors, view.selected, metric], () => neighbors(vectors, view.selected, metric));
    view.question = question.includes(-1) ? null : question;
    view.answers = view.question ? this.once("answers", [vectors, ...question, state.exclude], () => analogy(vectors, question, state.exclude)) : [];
    view.points = this.once("points", [data, pca, projection, mode === "axis" ? along : null], () => this.points(view));
    view.shown = Math.min(mode === "3d" ? 3 : mode === "2d" ? 2 : 1, D);
    return view;
  }

  tabOf({ mode, panel, analogy: question }) {
    if (mode === "axis") return "axis";
    return panel || (question.some(Boolean) ? "analogy" : "neighbors");
  }

  points({ state, data, pca, along }) {
    const three = (row) => [0, 1, 2].map((k) => row[k] ?? 0);
    if (state.mode === "axis" && along) return along.along.map((x, k) => [x, along.across[k], 0]);
    return (state.projection === "raw" ? data : pca.scores).map(three);
  }

  // The share of the variance along what the picture shows.
  shareShown({ state, data, pca, along, shown }) {
    const total = variances(data).reduce((sum, value) => sum + value, 0);
    if (total === 0) return 0;
    if (state.mode === "axis") return along ? variances(along.along.map((x) => [x]))[0] / total : 0;
    const parts = state.projection === "raw" ? variances(data).map((value) => value / total) : pca.shares;
    return parts.slice(0, shown).reduce((sum, value) => sum + value, 0);
  }

  scene(view) {
    const { state, tab, selected, question, answers, ends, points } = view;
    const scene = { mode: state.mode, yaw: state.yaw, pitch: state.pitch, points, selected, ends, chosen: [], lines: [], axes: this.axisNames(state) };
    if (tab === "axis" && !view.along) scene.mode = this.flat;
    else if (tab === "axis") scene.chosen = ends;
    else if (tab === "neighbors") {
      scene.chosen = view.near.slice(0, state.topn).map(([k]) => k);
      scene.lines = scene.chosen.map((k) => [selected, k]);
    } else if (question) {
      const [a, b, c] = question;
      scene.answer = answers[0]?.[0];
      Object.assign(scene, { question, chosen: [...question, ...(answers.length ? [scene.answer] : [])], selected: -1 });
      scene.corner = plus(minus(points[b], points[a]), points[c]);
    }
    return scene;
  }

  axisNames({ projection, vectors }) {
    const name = (k) => (projection === "raw" ? this.labels.own[k] : this.labels.component({ n: k + 1 }));
    return [0, 1, 2].slice(0, vectors[0].length).map(name);
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const { words } = this.read();
    const id = uniqueId("words");
    this.datalist = el("datalist", { id }, words.map((word) => el("option", { value: word })));
    const field = (name, onWord, empty = false) => wordField({ name, list: id, words: () => this.read().words, hint: labels.findHint, onWord, empty, say: (text) => this.say(text), unknown: labels.unknown });
    this.find = field(labels.find, (word) => this.choose(word));
    this.modes = choice(labels.view, ["3d", "2d"].map((mode) => [mode, labels.modes[mode]]), (mode) => this.commit({ mode }, mode === "3d" ? "view" : null));
    this.resetButton = el("button", {
      type: "button", class: "icon", "aria-label": labels.reset, title: labels.reset, onclick: () => this.commit({ ...this.start }, "view"),
    }, el("span", { "aria-hidden": "true" }, "↺"));
    this.stage = el("div", { class: "stage" });
    this.legend = el("ul", { class: "legend", "aria-label": labels.legend });
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.tip = el("p", { class: "tip" });
    this.tabs = choice(labels.ask, Object.entries(labels.tabs), (tab) => this.openTab(tab));
    const edit = (trait, n) => (word) => this.commit({ [trait]: this.read()[trait].with(n, word) });
    this.panels = {
      neighbors: new Neighbors(this),
      analogy: new Analogy(this, ["a", "b", "c"].map((name, n) => field(labels.fields[name], edit("analogy", n), true))),
      axis: new Axis(this, ["left", "right"].map((name, n) => field(labels.fields[name], edit("axis", n), true))),
    };
    this.directions = new Directions(this);
    this.table = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.details = el("details", { class: "data", ontoggle: () => this.refresh() }, el("summary", {}, labels.table), this.table);
    this.root.append(
      this.datalist,
      el("div", { class: "bar" }, el("label", {}, el("span", {}, labels.find), this.find), this.modes.root, this.resetButton),
      el("div", { class: "main" },
        el("div", { class: "left" }, this.stage, this.tip, this.legend),
        el("div", { class: "side" }, this.tabs.root, Object.values(this.panels).map(({ root }) => root))),
      this.live, this.directions.root, this.details);
    this.makeCloud();
  }

  // Made again only when the words or their groups are others.
  makeCloud() {
    const { words, groups } = this.read();
    const { labels } = this;
    const grouped = (word) => Object.hasOwn(groups, word);
    const names = [...new Set(words.filter(grouped).map((word) => groups[word]))];
    const number = (word) => (names.length === 0 ? 0 : grouped(word) ? names.indexOf(groups[word]) : -1);
    this.cloud?.destroy();
    this.cloud = new Cloud({
      words, groups: words.map(number), onPick: (k) => this.pick(words[k]),
      onTurn: (right, up) => this.turnView(right, up), onTurned: () => this.commit({}, "view"),
    });
    this.stage.replaceChildren(this.cloud.root);
    this.cloud.fit(this.stage.clientWidth);
    const entry = (name, group) => el("li", {}, svg("svg", { viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" }, drawMark(markOf(group))), name);
    const others = words.some((word) => !grouped(word)) ? [entry(labels.noGroup, -1)] : [];
    this.legend.replaceChildren(...(names.length ? [...names.map(entry), ...others] : []));
    set(this.legend, "hidden", names.length === 0);
    this.datalist.replaceChildren(...words.map((word) => el("option", { value: word })));
  }

  refresh() {
    const state = this.read();
    const { labels } = this;
    this.once("made", [state.words, state.groups], () => this.keys.made && this.makeCloud());
    this.keys.made = true;
    if (state.mode !== "axis") this.flat = state.mode;
    const view = this.view(state);
    const scene = this.scene(view);
    const moves = this.about !== "view" || this.keys.mode !== scene.mode;
    this.keys.mode = scene.mode;
    this.cloud.update(scene, moves && this.keys.drawn);
    this.keys.drawn = true;
    set(this.root, "aria-label", `${labels.widget({ V: state.words.length, D: view.D })}. ${labels.hint}`);
    const [left, right] = state.axis;
    set(this.cloud.root, "aria-label", labels.picture[scene.mode]({ V: state.words.length, yaw: state.yaw, pitch: state.pitch, left, right }));
    showValue(this.find, state.selected);
    this.modes.show(state.mode);
    this.tabs.show(view.tab);
    set(this.resetButton, "disabled", state.mode !== "3d" || (state.yaw === this.start.yaw && state.pitch === this.start.pitch));
    this.tip.textContent = labels.tips[view.tab === "analogy" ? `${scene.mode}Analogy` : scene.mode];
    for (const [tab, panel] of Object.entries(this.panels)) {
      set(panel.root, "hidden", tab !== view.tab);
      if (tab === view.tab) panel.update(view);
    }
    this.directions.update(view);
    if (this.details.open) this.showTable(view);
    this.say(this.sentence(view));
  }

  say(text) {
    if (this.live.textContent !== text) this.live.textContent = text;
  }

  sentence(view) {
    const { state, tab, near, question, answers, along, ends, selected } = view;
    const { says, chooseThree, chooseTwo } = this.labels;
    if (this.about === "view" && state.mode === "3d") return says.view({ yaw: short(state.yaw, 0), pitch: short(state.pitch, 0) });
    if (this.about === "turn") {
      const list = (values, digits) => values.map((value) => short(value, digits)).join(", ");
      return says.turn({ turn: short(state.turn, 0), variances: list(variances(view.data), 3), singular: list(view.pca.singular, 2) });
    }
    if (tab === "analogy") {
      if (!question) return chooseThree;
      if (!answers.length) return says.none;
      const [[k, value]] = answers;
      const [a, b, c] = state.analogy;
      return says[question.includes(k) ? "own" : "analogy"]({ a, b, c, answer: state.words[k], value: short(value, 3) });
    }
    if (tab === "axis") {
      if (!along) return chooseTwo;
      const [left, right] = state.axis;
      const values = { left, right, low: short(along.along[ends[0]], 3), high: short(along.along[ends[1]], 3) };
      return selected < 0 || ends.includes(selected) ? says.ends(values) : says.axis({ ...values, word: state.selected, value: short(along.along[selected], 3) });
    }
    if (!near.length) return says.none;
    return says[state.metric]({ word: state.selected, first: state.words[near[0][0]], value: short(near[0][1], 3) });
  }

  // Every word with its place in the picture and its nearness to the selected one.
  showTable(view) {
    const { state, points, selected, along, tab } = view;
    const parts = [state.words, points, selected, along, tab];
    this.once("table", parts, () => {
      const { labels } = this;
      const axes = tab === "axis" && along ? [] : this.axisNames(state);
      const names = [...axes, ...(along ? [labels.tabs.axis] : []), labels.metrics.cosine, labels.metrics.distance];
      const cell = (q, t, k, value) => el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, short(value, 4));
      const rows = state.words.map((word, n) => el("tr", {}, el("th", { scope: "row" }, word),
        axes.map((_, k) => cell("point", n + 1, k, points[n][k])),
        along ? cell("along", n + 1, 0, along.along[n]) : null,
        selected < 0 ? [el("td"), el("td")] : [
          cell("cosine", n + 1, selected, cosine(state.vectors[selected], state.vectors[n])),
          cell("distance", n + 1, selected, distance(state.vectors[selected], state.vectors[n]))]));
      this.table.replaceChildren(el("table", {},
        el("thead", {}, el("tr", {}, [labels.word, ...names].map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, rows)));
    });
  }

  // ---------------------------------------------------------------------------------- actions
  onKey(event) {
    pressKey(event, this.read().mode === "3d" ? this.turningKeys() : this.walkingKeys());
  }

  turningKeys() {
    const turn = (right, up) => () => {
      this.turnView(right, up);
      this.commit({}, "view");
    };
    return {
      ArrowLeft: turn(-TURN, 0), ArrowRight: turn(TURN, 0), ArrowUp: turn(0, -TURN), ArrowDown: turn(0, TURN),
      Home: () => this.commit({ ...this.start }, "view"), End: () => this.commit({ yaw: 90, pitch: 0 }, "view"),
    };
  }

  // On a flat picture: from word to word as they stand from left to right.
  walkingKeys() {
    const view = this.view(this.read());
    const order = ranked(view.points.map(([x]) => x), { smallest: true }).map(([k]) => k);
    const at = order.indexOf(view.selected);
    const go = (n) => () => this.pick(view.state.words[order[Math.min(Math.max(n, 0), order.length - 1)]]);
    return { ArrowLeft: go(at - 1), ArrowRight: go(at + 1), Home: go(0), End: go(order.length - 1) };
  }
}

// ------------------------------------------------------------------------------------- panels

// The words nearest to the selected one.
class Neighbors {
  constructor(explorer) {
    const { labels } = explorer;
    this.explorer = explorer;
    this.metric = choice(labels.near, Object.entries(labels.metrics), (metric) => explorer.commit({ metric }));
    this.head = el("b");
    this.columns = [el("span"), el("span")];
    this.list = new Ranking((word) => explorer.choose(word));
    this.note = el("p", { class: "note" });
    this.prompt = el("p", { class: "prompt" }, labels.chooseWord);
    this.copied = el("div", { class: "copied" });
    const button = (text, onclick) => el("button", { type: "button", onclick }, text);
    this.body = el("div", {}, el("div", { class: "head" }, el("span", {}, labels.neighborsOf, " ", this.head), this.metric.root),
      el("p", { class: "columns", "aria-hidden": "true" }, this.columns), this.list.root, this.note,
      el("div", { class: "export" }, button(labels.copy, () => this.copy()), button(labels.download, () => this.download())), this.copied);
    this.root = el("div", { class: "panel" }, this.prompt, this.body);
  }

  update(view) {
    const { state, near, D, selected, shown } = view;
    const { labels } = this.explorer;
    set(this.prompt, "hidden", selected >= 0);
    set(this.body, "hidden", selected < 0);
    if (selected < 0) return;
    const { words, metric, topn } = state;
    this.metric.show(metric);
    this.head.textContent = state.selected;
    this.columns[0].textContent = labels.metrics[metric];
    this.columns[1].textContent = labels.otherRank[metric];
    const top = near.slice(0, topn);
    const other = this.explorer.once("other", [state.vectors, selected, metric], () =>
      neighbors(state.vectors, selected, metric === "cosine" ? "distance" : "cosine").map(([k]) => k));
    const longest = metric === "cosine" ? 1 : Math.max(...top.map(([, value]) => value)) || 1;
    this.list.update(top.map(([k, value], n) => ({
      k, word: words[k], value, t: n + 1, q: metric, length: value / longest, rankOf: labels.otherRank[metric],
      rank: other.indexOf(k) + 1,
    })));
    this.note.textContent = labels.inAll[metric]({ D, shown, share: short(100 * this.explorer.shareShown(view), 0) });
    this.csv = csvText(top.map(([k], n) => [n + 1, words[k], cosine(state.vectors[selected], state.vectors[k]), distance(state.vectors[selected], state.vectors[k])]));
    if (this.key !== `${selected} ${metric} ${topn}`) this.copied.replaceChildren();
    this.key = `${selected} ${metric} ${topn}`;
  }

  async copy() {
    const { labels } = this.explorer;
    const shown = el("textarea", { readonly: true, rows: 5, "aria-label": labels.copiedText, spellcheck: "false" });
    shown.value = this.csv;
    const status = el("p", { class: "note", role: "status" }, labels.copyByHand);
    this.copied.replaceChildren(status, shown);
    try {
      await navigator.clipboard.writeText(this.csv);
      status.textContent = labels.copied;
    } catch {
      shown.select(); // no permission, or no clipboard here: the text stands ready to be copied
    }
  }

  download() {
    const url = URL.createObjectURL(new Blob([this.csv], { type: "text/csv" }));
    el("a", { href: url, download: `neighbors-${this.head.textContent.replace(/[^\p{L}\p{N}_-]/gu, "_")}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

// a is to b as c is to ?
class Analogy {
  constructor(explorer, fields) {
    const { labels } = explorer;
    Object.assign(this, { explorer, fields });
    const [a, b, c] = fields;
    this.exclude = el("input", { type: "checkbox", onchange: (event) => explorer.commit({ exclude: event.target.checked }) });
    this.prompt = el("p", { class: "prompt" }, labels.chooseThree);
    this.list = new Ranking((word) => explorer.choose(word));
    this.note = el("p", { class: "note" });
    this.root = el("div", { class: "panel" },
      el("div", { class: "question" }, a, el("span", {}, labels.isTo), b, el("span", {}, labels.as), c, el("span", {}, labels.isTo, " ", el("b", {}, labels.what))),
      this.prompt, this.list.root, el("label", { class: "check" }, this.exclude, el("span", {}, labels.leaveOut)), this.note);
  }

  update({ state, question, answers, D }) {
    const { labels } = this.explorer;
    this.fields.forEach((field, n) => showValue(field, state.analogy[n]));
    this.exclude.checked = state.exclude;
    set(this.prompt, "hidden", Boolean(question));
    this.list.update(answers.slice(0, ANSWERS).map(([k, value], n) => ({
      k, word: state.words[k], value, t: n + 1, q: "cosine", length: value,
      note: question.includes(k) ? labels.inQuestion : "",
    })));
    const [a, b, c] = state.analogy;
    this.note.textContent = question ? labels.sum({ a, b, c, D }) : "";
  }
}

// The words at either end of an axis between two words.
class Axis {
  constructor(explorer, fields) {
    const { labels } = explorer;
    Object.assign(this, { explorer, fields });
    this.prompt = el("p", { class: "prompt" }, labels.chooseTwo);
    this.heads = [el("p", { class: "head" }), el("p", { class: "head" })];
    this.lists = [0, 1].map(() => new Ranking((word) => explorer.choose(word)));
    this.note = el("p", { class: "note" });
    this.body = el("div", {}, this.heads.flatMap((head, n) => [head, this.lists[n].root]), this.note);
    this.root = el("div", { class: "panel" },
      el("div", { class: "question" }, fields[0], el("span", {}, labels.to), fields[1]), this.prompt, this.body);
  }

  update({ state, along }) {
    const { labels } = this.explorer;
    this.fields.forEach((field, n) => showValue(field, state.axis[n]));
    set(this.prompt, "hidden", Boolean(along));
    set(this.body, "hidden", !along);
    if (!along) return;
    const longest = Math.max(...along.along.map(Math.abs)) || 1;
    const count = Math.min(ANSWERS, Math.floor(state.words.length / 2));
    [true, false].forEach((smallest, side) => {
      this.heads[side].textContent = labels.toward({ word: state.axis[side] });
      this.lists[side].update(ranked(along.along, { smallest }).slice(0, count).map(([k, value], n) =>
        ({ k, word: state.words[k], value, t: n + 1, q: "along", length: value / longest })));
    });
    const [left, right] = state.axis;
    this.note.textContent = labels.alongAxis({ left, right });
  }
}

// How the variance is shared out among directions; for data on its own axes, among those too.
class Directions {
  constructor(explorer) {
    const { labels } = explorer;
    this.explorer = explorer;
    this.bars = el("div", { class: "bars", role: "group", "aria-label": labels.share });
    this.says = el("p", { class: "note" });
    this.projection = choice(labels.drawn, ["raw", "pca"].map((name) => [name, labels.projections[name]]), (projection) => explorer.commit({ projection }));
    this.slider = el("input", { type: "range", min: 0, max: 360, step: 1, "aria-label": labels.turnData, oninput: (event) => explorer.commit({ turn: event.target.valueAsNumber }, "turn") });
    this.degrees = el("output");
    this.turner = el("label", { class: "turner" }, labels.turnData, " ", this.slider, " ", this.degrees);
    this.facts = el("div", { class: "facts" });
    this.own = el("div", { class: "own" }, el("div", { class: "bar" }, this.projection.root, this.turner), this.facts);
    this.root = el("div", { class: "directions" }, el("p", { class: "head" }, labels.directions), el("div", { class: "spectrum" }, this.bars, this.says), this.own);
  }

  update(view) {
    const { state, data, pca, D } = view;
    const few = D === 2 || D === 3;
    set(this.own, "hidden", !few);
    set(this.turner, "hidden", state.projection !== "raw" || D !== 3);
    this.projection.show(state.projection);
    if (this.slider !== document.activeElement) this.slider.value = state.turn;
    this.degrees.textContent = this.explorer.labels.degrees({ n: short(state.turn, 0) });
    this.explorer.once("spectrum", [data, view.shown], () => {
      this.showShares(view);
      if (few) this.facts.replaceChildren(this.fact("variance", variances(data), 3), this.fact("singular", pca.singular, 2));
    });
  }

  showShares({ pca, shown, state }) {
    const { labels } = this.explorer;
    const bars = pca.shares.slice(0, BARS);
    const tallest = Math.max(...bars, 1e-12);
    const rest = pca.shares.slice(BARS);
    this.bars.replaceChildren(...bars.map((share, k) => el("span", {
      class: "share", "data-q": "share", "data-t": 1, "data-k": k, "data-value": exact(share),
      "data-shown": state.projection === "pca" && state.mode !== "axis" && k < shown, title: labels.shareOf({ n: k + 1, share: short(100 * share, 1) }),
    }, el("i", { style: `height:${(44 * share) / tallest}px` }), el("span", {}, short(100 * share, 0)))));
    let [n, sum] = [0, 0];
    while (n < pca.shares.length && sum < 0.9 - 1e-12) sum += pca.shares[n++];
    const more = labels.more({ n: rest.length, share: short(100 * rest.reduce((a, b) => a + b, 0), 0) });
    const filled = state.projection === "pca" && state.mode !== "axis";
    this.says.textContent = [labels.share, rest.length && more, labels.uses({ n, all: pca.shares.length }), filled && labels.filled].filter(Boolean).join(" ");
  }

  fact(q, values, digits) {
    const { labels } = this.explorer;
    const name = { variance: labels.axisVariance, singular: labels.singular }[q];
    const rows = values.map((value, k) => el("span", {}, el("span", { class: "key" }, q === "variance" ? labels.own[k] : String(k + 1)), " ",
      el("b", { "data-q": q, "data-t": 1, "data-k": k, "data-value": exact(value) }, short(value, digits))));
    return el("p", {}, el("span", { class: "name" }, name), rows);
  }
}

export default {
  render({ model, el: host }) {
    const explorer = new EmbeddingExplorer(model, host);
    return () => explorer.destroy();
  },
};

import STRINGS from "./text_encoder.strings.json";
import { Address } from "./lib/address.js";
import { el, set, showValue } from "./lib/dom.js";
import { makeLabels } from "./lib/labels.js";
import { exact, short } from "./lib/numbers.js";
import { OneHotPicture, columnName } from "./lib/onehot_picture.js";
import { soon } from "./lib/soon.js";
import { SwapReport } from "./lib/swap_report.js";
import { UNKNOWN, bagOfWords, encode, learnBytePairs, tokenize, tokensAt, vocabularyAt } from "./lib/text.js";
import { visible } from "./lib/visible.js";

// The text encoder: a sentence as tokens, indices, one-hot rows and a bag of words.
//
// State lives in the model's traits; everything shown is computed here from them. One method
// changes state (commit), one shows it (refresh).

const TRAITS = ["text", "level", "corpus", "vocabulary", "merges", "n_merges", "order", "selected"];
const LEVELS = ["word", "character", "byte pair"];
const SHOWN = 24; // tokens that are drawn; all of them are counted
const COLUMNS = 40; // a larger vocabulary shows the columns that the text uses
const CELL = { least: 20, most: 34 }; // px
const LEARNED = 100; // merges that the slider offers at least, if the corpus has as many
const EAGER = 60; // rows of the tables; longer ones are made when they are opened

const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
const isOrder = (value) => Array.isArray(value) && [...value].sort((a, b) => a - b).every((from, t) => from === t);

class TextEncoder {
  constructor(model, host) {
    Object.assign(this, { model, host, swapping: false, first: -1, about: "order" });
    this.labels = makeLabels(STRINGS);
    this.address = new Address(model, {
      text: (value) => value.length <= 2000,
      level: (value) => LEVELS.includes(value) && (model.get("vocabulary") === null || value === model.get("level")),
      n_merges: (value) => whole(value, 0, 1000),
      order: isOrder,
      selected: (value) => whole(value, -1, SHOWN - 1),
    });
    this.draw();
    host.append(this.root);
    this.onChange = soon(() => this.refresh());
    for (const trait of TRAITS) model.on(`change:${trait}`, this.onChange);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.root);
    this.width = this.root.clientWidth;
    this.address.follow(() => this.refresh());
    this.refresh();
  }

  destroy() {
    this.observer.disconnect();
    for (const trait of TRAITS) this.model.off(`change:${trait}`, this.onChange);
    this.root.remove();
  }

  // The matrix has wider cells where there is room for them.
  fit() {
    if (this.width === this.root.clientWidth) return;
    this.width = this.root.clientWidth;
    this.refresh();
  }

  // ------------------------------------------------------------------------------------ state
  commit(patch) {
    this.about = this.subject(patch);
    for (const [trait, value] of Object.entries(patch)) this.model.set(trait, value);
    this.model.save_changes();
    this.refresh();
    this.address.write();
  }

  // What the sentence under the tokens is about: new places, old places again, or a token.
  subject({ text, level, n_merges, order }) {
    const recut = [text, level, n_merges].some((value) => value !== undefined);
    return recut || order === undefined ? "token" : order.length > 0 ? "order" : "back";
  }

  // Another way to cut the text: the places of its tokens mean nothing any more.
  recut(patch) {
    this.stopSwapping();
    this.commit({ ...patch, order: [], selected: -1 });
  }

  // The merges that can be made and the vocabulary; kept as long as nothing new is given.
  encoding({ level, corpus, vocabulary, merges: fixed, n_merges }) {
    const given = [level, corpus, vocabulary, fixed, n_merges];
    if (!this.known || given.some((value, n) => value !== this.known.given[n])) {
      const all = level !== "byte pair" ? [] : fixed ?? this.learned(corpus, Math.max(n_merges, LEARNED));
      const merges = all.slice(0, n_merges);
      const words = vocabulary ?? vocabularyAt(level, corpus, merges);
      this.known = { given, all, merges, words, has: new Set(words) };
    }
    return this.known;
  }

  // Fewer merges are the first of more, so a slider that moves has nothing to learn anew.
  learned(corpus, most) {
    if (this.lessons?.corpus !== corpus || this.lessons.most !== most) {
      const words = corpus.flatMap((text) => tokenize(text));
      this.lessons = { corpus, most, merges: learnBytePairs(words, most) };
    }
    return this.lessons.merges;
  }

  // What every part is shown from.
  view() {
    const state = Object.fromEntries(TRAITS.map((trait) => [trait, this.model.get(trait)]));
    const { all, merges, words, has } = this.encoding(state);
    const typed = tokensAt(state.level, state.text, merges);
    const fits = state.order.length === typed.length;
    const order = fits ? state.order : typed.map((_, t) => t);
    const tokens = order.map((t) => typed[t]);
    const typedIndices = encode(typed, words);
    const indices = order.map((t) => typedIndices[t]);
    const rows = tokens.slice(0, SHOWN).map((token, t) => ({ token: visible(token), index: indices[t], unknown: !has.has(token) }));
    const columns = columnsOf(words, indices, rows);
    return {
      ...state, all, merges, words, typed, order, tokens, indices, rows, columns, seen: visible, T: tokens.length,
      moved: order.some((from, t) => from !== t), unknown: tokens.filter((token) => !has.has(token)).length,
      typedIndices, counts: bagOfWords(indices, words.length),
      selected: Math.min(state.selected, rows.length - 1), cell: this.cellFor(columns.length, rows),
    };
  }

  // As wide as the room beside the names of the rows allows.
  cellFor(n, rows) {
    const names = Math.min(135, 9 * Math.max(4, ...rows.map(({ token }) => token.length)));
    return Math.min(CELL.most, Math.max(CELL.least, Math.floor((this.width - names - 72) / n)));
  }

  // ---------------------------------------------------------------------------------- actions
  choose(t) {
    this.commit({ selected: t });
  }

  swap(a, b) {
    const order = [...this.view().order];
    [order[a], order[b]] = [order[b], order[a]];
    this.stopSwapping();
    this.commit({ order: order.every((from, t) => from === t) ? [] : order, selected: b });
  }

  move(direction) {
    const { selected, rows } = this.view();
    const to = selected + direction;
    if (selected >= 0 && to >= 0 && to < rows.length) this.swap(selected, to);
  }

  press(t) {
    const { selected } = this.view();
    if (!this.swapping) this.choose(t === selected ? -1 : t);
    else if (this.first < 0) this.startSwapping(t);
    else if (t !== this.first) this.swap(this.first, t);
    else this.startSwapping(-1);
  }

  startSwapping(first) {
    Object.assign(this, { swapping: true, first });
    this.refresh();
  }

  stopSwapping() {
    Object.assign(this, { swapping: false, first: -1 });
  }

  toggleSwapping() {
    if (!this.swapping) return this.startSwapping(this.view().selected);
    this.stopSwapping();
    this.refresh();
  }

  onKey(event) {
    if (event.target.closest("input, summary, .scroll[tabindex]") || event.altKey || event.ctrlKey || event.metaKey) return;
    const { selected, rows } = this.view();
    const last = rows.length - 1;
    const by = (direction) => () => (event.shiftKey ? this.move(direction) : this.choose(Math.min(Math.max(selected + direction, 0), last)));
    const action = {
      ArrowLeft: by(-1), ArrowRight: by(1), Home: () => this.choose(0), End: () => this.choose(last),
      Escape: () => { this.stopSwapping(); this.choose(-1); },
    }[event.key];
    if (!action || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const onChip = document.activeElement?.matches(".chip");
    action();
    if (onChip) this.chips.children[Math.max(this.view().selected, 0)]?.focus(); // the focus goes along
  }

  // ---------------------------------------------------------------------------------- drawing
  draw() {
    const { labels } = this;
    const button = (text, onclick, attributes = {}) => el("button", { type: "button", onclick, ...attributes }, text);
    this.input = el("input", {
      type: "text", class: "sentence", placeholder: labels.placeholder, maxlength: 2000, autocomplete: "off", spellcheck: "false",
      oninput: (event) => this.recut({ text: event.target.value }),
    });
    this.levels = LEVELS.map((level) => button(labels.levels[level], () => this.recut({ level }), { "data-level": level }));
    this.levelPart = el("div", { class: "levels", role: "group", "aria-label": labels.cutInto }, this.levels);
    this.mergesInput = el("input", { type: "range", min: 0, oninput: (event) => this.recut({ n_merges: event.target.valueAsNumber }) });
    this.mergesSay = el("span", { class: "merges-say" });
    this.mergesPart = el("div", { class: "merges" }, el("label", {}, labels.merges, " ", this.mergesInput), this.mergesSay);
    this.chips = el("div", { class: "chips", role: "group", "aria-label": labels.tokens });
    this.more = el("p", { class: "more" });
    this.buttons = {
      swap: button(labels.swap, () => this.toggleSwapping()),
      left: button("←", () => this.move(-1), { "aria-label": labels.left, title: labels.left }),
      right: button("→", () => this.move(1), { "aria-label": labels.right, title: labels.right }),
      back: button(labels.back, () => this.commit({ order: [] })),
    };
    this.actions = el("div", { class: "actions" }, Object.values(this.buttons));
    this.live = el("p", { class: "live", "aria-live": "polite" });
    this.picture = new OneHotPicture({ labels, onRow: (t) => this.press(t) });
    this.rest = el("p", { class: "more" });
    this.facts = el("p", { class: "facts" });
    this.report = new SwapReport(labels);
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.data = el("details", { class: "data", ontoggle: () => this.showTables(this.view()) }, el("summary", {}, labels.table), this.body);
    this.root = el("div", { class: "text-encoder", role: "group", tabindex: "0", "aria-label": `${labels.widget}. ${labels.hint}`, onkeydown: (event) => this.onKey(event) },
      el("div", { class: "asks" }, el("label", {}, el("span", {}, labels.sentence), this.input), this.levelPart),
      this.mergesPart, this.chips, this.more, this.actions, this.live,
      this.picture.root, this.rest, this.facts, this.report.root, this.data);
  }

  refresh() {
    const view = this.view();
    const empty = view.T === 0;
    if (this.first >= view.rows.length) this.stopSwapping(); // another text has come from the kernel
    showValue(this.input, view.text);
    this.showLevels(view);
    this.showChips(view);
    this.showActions(view);
    const sentence = this.sentence(view);
    if (this.live.textContent !== sentence) this.live.textContent = sentence;
    for (const part of [this.picture.root, this.facts]) part.hidden = empty;
    if (!empty) this.picture.update(view);
    this.rest.textContent = this.leftOut(view);
    this.facts.textContent = empty ? "" : this.factsOf(view);
    this.report.update(view);
    this.showTables(view);
  }

  showLevels({ level, vocabulary, all, merges, n_merges }) {
    const { labels } = this;
    this.levelPart.hidden = vocabulary !== null; // a fixed vocabulary is made for one level
    for (const button of this.levels) set(button, "aria-pressed", String(button.dataset.level === level));
    this.mergesPart.hidden = level !== "byte pair";
    set(this.mergesInput, "max", all.length);
    showValue(this.mergesInput, Math.min(n_merges, all.length));
    const [first, second] = merges.at(-1) ?? [];
    const made = labels.mergesMade({ n: merges.length, most: all.length });
    this.mergesSay.textContent = merges.length ? `${made}; ${labels.lastMerge({ first, second, whole: first + second })}` : made;
  }

  // Chips are kept and only named anew, so that the focus stays where it is.
  showChips({ rows, T, selected, words }) {
    const { labels } = this;
    while (this.chips.children.length > rows.length) this.chips.lastChild.remove();
    while (this.chips.children.length < rows.length) {
      const t = this.chips.children.length;
      this.chips.append(el("button", { type: "button", class: "chip", onclick: () => this.press(t) },
        el("span", { class: "token" }), el("span", { class: "index" })));
    }
    rows.forEach(({ token, index, unknown }, t) => {
      const chip = this.chips.children[t];
      const name = index === null ? labels.chipNone : unknown ? labels.chipUnknown : labels.chip;
      set(chip, "aria-label", name({ token, t: t + 1, k: index }));
      set(chip, "aria-pressed", String(t === (this.swapping ? this.first : selected)));
      set(chip, "data-unknown", unknown);
      chip.firstChild.textContent = token;
      chip.lastChild.textContent = index === null ? "–" : unknown ? `${words[index]} ${index}` : String(index);
    });
    this.more.textContent = T > SHOWN ? labels.moreTokens({ n: T - SHOWN }) : "";
  }

  showActions({ rows, moved, selected }) {
    const { swap, left, right, back } = this.buttons;
    const focused = this.actions.contains(document.activeElement);
    this.actions.hidden = rows.length < 2;
    set(swap, "aria-pressed", String(this.swapping));
    set(left, "disabled", selected < 1);
    set(right, "disabled", selected < 0 || selected === rows.length - 1);
    set(back, "disabled", !moved);
    // The keyboard stays in the widget when the button that it was on has nothing to do any more.
    if (focused && document.activeElement.disabled) this.root.focus({ preventScroll: true });
  }

  sentence(view) {
    const { labels } = this;
    const { rows, selected, moved, typed, tokens, words, T } = view;
    if (T === 0) return labels.empty;
    if (this.swapping) return this.first < 0 ? labels.chooseFirst : labels.chooseSecond({ token: rows[this.first].token });
    const [before, after] = [typed, tokens].map((list) => this.quoted(list, view.level));
    if (this.about === "order" && moved) return typed.every((token, t) => token === tokens[t]) ? labels.sameAll({ before }) : labels.sameBag({ before, after });
    if (this.about === "back") return labels.putBack({ before });
    if (selected < 0) return labels.start;
    const { token, index, unknown } = rows[selected];
    const says = index === null ? labels.saysNone : unknown ? labels.saysUnknown : labels.says;
    return says({ t: selected + 1, token, k: index, zeros: words.length - 1, unknown: UNKNOWN });
  }

  // A text made of tokens, not too long to be said.
  quoted(tokens, level) {
    const some = tokens.slice(0, SHOWN);
    return `${some.join(level === "character" ? "" : " ")}${tokens.length > SHOWN ? " …" : ""}`;
  }

  // What the picture leaves out.
  leftOut({ columns, words, counts, T, rows }) {
    const { labels } = this;
    const drawn = new Set(columns.map(({ k }) => k));
    const n = words.length - [...drawn].filter((k) => k !== undefined).length;
    const zero = words.every((_, k) => drawn.has(k) || counts[k] === 0);
    const notes = [];
    if (T > 0 && n > 0) notes.push((zero ? labels.moreZeros : labels.moreColumns)({ n: grouped(n) }));
    if (T > rows.length) notes.push(labels.moreRows({ n: T - rows.length }));
    return notes.join(" ");
  }

  factsOf({ T, tokens, words, unknown, indices }) {
    const { labels } = this;
    const [V, size] = [words.length, T * words.length].map(grouped);
    return labels.facts({
      T, V, size, unknown, tokens: T === 1 ? labels.oneToken : labels.manyTokens({ n: T }),
      different: new Set(tokens).size, share: short((100 * unknown) / T, 0), ones: indices.filter((k) => k !== null).length,
    });
  }

  // Every number as a table. The place t = 0 stands for the text as a whole.
  showTables(view) {
    const { labels } = this;
    const { tokens, indices, words, counts } = view;
    const every = words.length <= EAGER;
    const listed = words.map((_, k) => k).filter((k) => every || counts[k] > 0);
    const key = JSON.stringify([tokens, indices, words.length, view.level, view.n_merges, view.corpus, view.vocabulary]);
    if (this.listed === key || (tokens.length + listed.length > EAGER && !this.data.open)) return;
    this.listed = key;
    const cell = (q, t, k, value, text = String(value)) =>
      el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, text);
    const row = (head, ...cells) => el("tr", {}, el("th", { scope: "row" }, head), cells);
    this.body.replaceChildren(
      table(labels.tokenTable, [labels.place, labels.token, labels.index, labels.wordThere, labels.onehot],
        tokens.map((token, t) => {
          const k = indices[t];
          const known = k === null ? [el("td", {}, "–"), el("td", {}, "–"), el("td", {}, labels.noColumn)]
            : [cell("index", t + 1, 0, k), el("td", {}, visible(words[k])), cell("onehot", t + 1, k, 1, `1, ${labels.column({ k })}`)];
          return row(String(t + 1), el("td", {}, visible(token)), ...known);
        })),
      table(every ? labels.countTable : labels.countTableShort, [labels.index, labels.token, labels.count],
        listed.map((k) => row(String(k), el("td", {}, visible(words[k])), cell("count", 0, k, counts[k])))));
  }
}

function table(caption, head, rows) {
  return el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
}

// The columns that are drawn: all, or those that the text uses with a gap where others are left out.
function columnsOf(words, indices, rows) {
  if (words.length <= COLUMNS) return words.map((word, k) => ({ k, name: columnName(visible(word)) }));
  let used = new Set(indices);
  if (used.size > COLUMNS) used = new Set(rows.map(({ index }) => index));
  const shown = [...used].filter((k) => k !== null).sort((a, b) => a - b);
  const columns = shown.flatMap((k, n) => [...(k > (shown[n - 1] ?? -1) + 1 ? [{}] : []), { k, name: columnName(visible(words[k])) }]);
  return shown.at(-1) === words.length - 1 ? columns : [...columns, {}];
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

export default {
  render({ model, el: host }) {
    const encoder = new TextEncoder(model, host);
    return () => encoder.destroy();
  },
};

import { el } from "./dom.js";
import { thumbnail } from "./onehot_picture.js";
import { ngrams, without } from "./text.js";

// What two tokens that changed places do to each representation of a text.

const ITEMS = 24; // of a representation that are written out

export class SwapReport {
  constructor(labels) {
    this.labels = labels;
    this.list = el("ul", { class: "kinds" });
    this.root = el("div", { role: "region", class: "report", "aria-label": labels.noticed }, el("p", { class: "head" }, labels.noticed), this.list);
  }

  update({ moved, typed, tokens, typedIndices, indices, words, counts, columns, seen }) {
    this.root.hidden = !moved;
    if (!moved) return;
    const { labels } = this;
    const column = (k) => (k === null ? "–" : String(k));
    const bag = words.flatMap((word, k) => (counts[k] ? [`${seen(word)} ${counts[k]}`] : []));
    const pair = (bigram) => bigram.map(seen).join(" ");
    const [bigrams, newBigrams] = [ngrams(typed, 2), ngrams(tokens, 2)];
    const lost = without(bigrams, newBigrams);
    const gained = without(newBigrams, bigrams);
    const newOrder = indices.some((k, t) => k !== typedIndices[t]);
    const listed = (items) => (items.length ? cut(items).join(" · ") : labels.none);
    this.list.replaceChildren(
      this.kind("indices", newOrder, labels.changed,
        [labels.before, cut(typedIndices.map(column)).join("  ")], [labels.after, cut(indices.map(column)).join("  ")]),
      this.kind("onehot", newOrder, labels.otherOrder,
        [labels.before, thumbnail(typedIndices.slice(0, ITEMS), columns)], [labels.after, thumbnail(indices.slice(0, ITEMS), columns)]),
      this.kind("bigrams", lost.length > 0, labels.lostNew({ lost: lost.length, gained: gained.length }),
        [labels.lost, listed(lost.map(pair)), "del"], [labels.gained, listed(gained.map(pair)), "ins"]),
      // Counting does not look at the order, so the bag is that of before.
      this.kind("bag", false, "", [labels.before, listed(bag)], [labels.after, listed(bag)]));
  }

  kind(name, differs, difference, ...lines) {
    const { labels } = this;
    return el("li", { class: "kind", "data-kind": name, "data-differs": differs },
      el("span", { class: "title" }, labels.kinds[name]),
      el("span", { class: "verdict" }, el("span", { "aria-hidden": "true" }, differs ? "≠ " : "= "), differs ? difference : labels.same),
      lines.map(([when, what, tag = "span"]) => el("span", { class: "line" }, el("span", { class: "when" }, when), " ", el(tag, { class: "what" }, what))));
  }
}

function cut(items) {
  return items.length > ITEMS ? [...items.slice(0, ITEMS), "…"] : items;
}

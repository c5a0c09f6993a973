import { el, set } from "./dom.js";
import { short } from "./numbers.js";

// The words of one pair: score, σ as a bar, target, error, and what the update does to each.

const AT_REST = 0.05; // an error smaller than this hardly moves a word

export class PairTable {
  constructor({ labels }) {
    this.labels = labels;
    this.open = null; // the row whose sum is shown
    this.caption = el("caption");
    this.body = el("tbody");
    this.terms = el("div", { class: "terms scroll", role: "group", tabindex: "0", hidden: true });
    const head = ["word", "score", "sigma", "target", "error"].map((key) =>
      el("th", { scope: "col", class: `col-${key}` }, labels[key]));
    this.root = el("div", { class: "pair" }, el("table", {}, this.caption, el("thead", {}, el("tr", {}, head)), this.body), this.terms);
  }

  // pair: from Trainer.next(); tags: for each row a remark or ""
  update({ pair, words, labelsOf, tags }) {
    const { labels } = this;
    Object.assign(this, { pair, words });
    this.caption.textContent = labels.pairCaption({ center: words[pair.center], K: pair.rows.length - 1 });
    if (this.rows?.length !== pair.rows.length) {
      this.rows = pair.rows.map((_, n) => this.row(n));
      this.body.replaceChildren(...this.rows.map(({ root }) => root));
      if (this.open >= this.rows.length) this.open = null;
    }
    const { scores, probabilities, errors } = pair.before;
    this.rows.forEach((row, n) => {
      const target = labelsOf[n];
      const effect = Math.abs(errors[n]) < AT_REST ? "rest" : target ? "pull" : "push";
      set(row.root, "class", target ? "context" : "negative");
      row.sign.textContent = target ? "+" : "−";
      row.word.textContent = words[pair.rows[n]];
      row.effect.textContent = labels[effect];
      row.tag.textContent = tags[n];
      row.score.textContent = short(scores[n], 3);
      set(row.score, "aria-label", labels.showTerms({ word: words[pair.rows[n]], value: short(scores[n], 3) }));
      row.bar.style.width = `${100 * probabilities[n]}%`;
      row.sigma.textContent = short(probabilities[n], 3);
      row.target.textContent = String(target);
      row.error.textContent = (errors[n] > 0 ? "+" : "") + short(errors[n], 3);
    });
    this.showTerms();
  }

  row(n) {
    const cell = (tag, ...children) => el("td", { class: `col-${tag}` }, children);
    const row = {
      sign: el("span", { class: "sign", "aria-hidden": "true" }), word: el("b"), effect: el("span", { class: "effect" }),
      tag: el("span", { class: "tag" }), bar: el("i"), sigma: el("span"), target: el("span"), error: el("span"),
      score: el("button", { type: "button", "aria-expanded": "false", onclick: () => this.toggle(n) }),
    };
    row.root = el("tr", {},
      el("th", { scope: "row", class: "col-word" },
        el("span", { class: "line" }, row.sign, el("span", { class: "stack" }, row.word, row.effect, row.tag))),
      cell("score", row.score),
      cell("sigma", el("span", { class: "bar", "aria-hidden": "true" }, row.bar), row.sigma),
      cell("target", row.target), cell("error", row.error));
    return row;
  }

  toggle(n) {
    this.open = this.open === n ? null : n;
    this.showTerms();
  }

  showTerms() {
    const { labels, pair, words, open, terms } = this;
    this.rows.forEach(({ score }, n) => set(score, "aria-expanded", String(n === open)));
    terms.hidden = open === null;
    if (open === null) return;
    const names = { word: words[pair.rows[open]], center: words[pair.center] };
    const [u, e] = [pair.u[open], pair.e];
    const line = (name, values, q) => el("tr", { class: q }, el("th", { scope: "row" }, name), values.map((value) => el("td", {}, short(value, 3))));
    set(terms, "aria-label", labels.termsCaption(names));
    terms.replaceChildren(el("table", {},
      el("caption", {}, labels.termsCaption(names)),
      el("tbody", {}, line(`u(${names.word})`, u, "u"), line(`e(${names.center})`, e, "e"), line(labels.product, u.map((value, k) => value * e[k]), "product"))),
    el("p", { class: "sum" }, labels.sum({ value: short(pair.before.scores[open], 3) })));
  }
}

import { el } from "./dom.js";
import { exact, short } from "./numbers.js";

// Every number of the skip-gram trainer as tables: the twin of its pictures.

export class TrainerData {
  constructor({ labels, onOpen }) {
    this.labels = labels;
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.root = el("details", { class: "data", ontoggle: onOpen }, el("summary", {}, labels.table), this.body);
  }

  // view: trainer, pair, after, points
  update(view) {
    if (this.root.open) this.body.replaceChildren(this.ofPair(view), this.ofWords(view));
  }

  cell(q, t, k, value) {
    return el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, short(value, Number.isInteger(value) ? 0 : 4));
  }

  table(caption, head, rows) {
    return el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
  }

  row(name, ...cells) {
    return el("tr", {}, el("th", { scope: "row" }, name), cells.flat());
  }

  ofPair({ trainer, pair, after }) {
    const { labels } = this;
    const t = trainer.now.step + 1;
    const columns = {
      row: pair.rows, target: trainer.labels, score: pair.before.scores, p: pair.before.probabilities,
      error: pair.before.errors, p_after: after.probabilities,
    };
    const rows = pair.rows.map((word, n) =>
      this.row(trainer.words[word], Object.entries(columns).map(([q, values]) => this.cell(q, t, n, values[n]))));
    const caption = labels.tableCaption({ n: t, center: trainer.words[pair.center], row: pair.center });
    return this.table(caption, ["word", "row", "target", "score", "sigma", "error", "afterwards"].map((key) => labels[key]),
      [...rows, this.row(labels.lossRow, this.cell("loss", t, 0, pair.before.loss)),
        this.row(labels.lossAfterRow, this.cell("loss_after", t, 0, after.loss)),
        this.row(labels.center, this.cell("center", t, 0, pair.center))]);
  }

  ofWords({ trainer, points }) {
    const { labels } = this;
    const { input, output } = trainer.now;
    const names = (name, size) => Array.from({ length: size }, (_, k) => `${name}[${k}]`);
    const rows = trainer.words.map((word, n) => this.row(word,
      trainer.vector(input, n).map((value, k) => this.cell("e", n + 1, k, value)),
      trainer.vector(output, n).map((value, k) => this.cell("u", n + 1, k, value)),
      points[n].map((value, k) => this.cell("map", n + 1, k, value))));
    return this.table(labels.vectorsCaption, [labels.word, ...names("e", trainer.d), ...names("u", trainer.d), ...names(labels.place, 2)], rows);
  }
}

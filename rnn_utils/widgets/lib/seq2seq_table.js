import { el } from "./dom.js";
import { exact, short } from "./numbers.js";

// Every number so far as tables: the states of the encoder, the steps of the decoder, and with a
// beam the hypotheses of each round.

export class Seq2SeqTable {
  constructor(labels) {
    this.labels = labels;
    this.body = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": labels.table });
    this.root = el("details", { class: "data", ontoggle: () => this.draw() }, el("summary", {}, labels.table), this.body);
  }

  update(view) {
    this.view = view;
    this.draw();
  }

  draw() {
    if (!this.root.open || this.drawn === this.view) return;
    this.drawn = this.view;
    const { labels } = this;
    const { tokens, words, reading, states, path, rounds, loss } = this.view;
    const from = path[0]?.step.h_prev;
    const columns = (names) => [labels.step, labels.token, ...names];
    const units = states[0].h.map((_, k) => String(k));
    const parts = [this.table(labels.tableOf.s, columns(units),
      tokens.slice(0, reading).map((token, j) => this.row("s", j + 1, token, states[j + 1].h)))];
    if (path.length > 0) {
      const each = (q, read = (step) => step[q]) => path.map(({ step, word }, n) => this.row(q, n + 1, word, read(step)));
      parts.push(this.table(labels.tableOf.h, columns(units), [this.row("h", 0, labels.start, from), ...each("h")]));
      if (path[0].step.e) {
        const heads = columns(tokens.map((token, j) => `${j + 1} ${token}`));
        parts.push(this.table(labels.tableOf.e, heads, each("e")), this.table(labels.tableOf.alpha, heads, each("alpha")),
          this.table(labels.tableOf.v, columns(units), each("v")), this.table(labels.tableOf.u, columns(units), each("u")));
      }
      parts.push(this.table(labels.tableOf.logits, columns(words), each("logit", (step) => step.logits)),
        this.table(labels.tableOf.p, columns(words), each("p")));
    }
    if (loss) parts.push(this.table(labels.tableOf.loss, columns([labels.lossHead]),
      [...path.map(({ loss: own, word }, n) => this.row("loss", n + 1, word, [own])), this.row("loss", 0, labels.total, [loss.soFar])]));
    if (rounds.length > 0) parts.push(this.table(labels.tableOf.beam, [labels.round, ...labels.beamHead.split("|")],
      rounds.flatMap(({ found }, n) => found.map((hypothesis, k) => el("tr", {}, el("td", {}, String(n + 1)),
        el("td", {}, hypothesis.text), this.cell("log_p", n + 1, k, hypothesis.logP), el("td", {}, String(hypothesis.length)),
        this.cell("score", n + 1, k, hypothesis.score))))));
    this.body.replaceChildren(...parts);
  }

  table(caption, heads, rows) {
    return el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows));
  }

  row(q, t, token, values) {
    return el("tr", {}, el("th", { scope: "row" }, String(t)), el("td", {}, token), values.map((value, k) => this.cell(q, t, k, value)));
  }

  cell(q, t, k, value) {
    return el("td", { "data-q": q, "data-t": t, "data-k": k, "data-value": exact(value) }, short(value, 4));
  }
}

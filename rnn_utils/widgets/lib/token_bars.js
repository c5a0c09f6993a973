import { el, set } from "./dom.js";
import { exact, short } from "./numbers.js";

// A distribution over the output tokens as bars: all of them, or the likeliest of many.

const ALL = 16; // tokens that are all listed, in their order
const BEST = 12; // of more, the likeliest

export class TokenBars {
  constructor({ labels, onToken }) {
    Object.assign(this, { labels, onToken, rows: [] });
    this.root = el("ol", { class: "bars", "aria-label": labels.distribution });
  }

  // words: how each token is shown; notes: {token: what is said of it}
  update({ p, words, notes, token }) {
    const listed = this.listed(p, token);
    while (this.rows.length > listed.length) this.rows.pop().root.remove();
    while (this.rows.length < listed.length) this.rows.push(this.row());
    listed.forEach((k, n) => {
      const row = this.rows[n];
      row.k = k;
      row.button.textContent = words[k];
      row.bar.style.width = `${(100 * p[k]).toFixed(2)}%`;
      row.number.textContent = short(p[k], 3);
      row.note.textContent = notes[k] ?? "";
      set(row.root, "data-chosen", notes[k] !== undefined);
      set(row.number, "data-value", exact(p[k]));
      set(row.button, "aria-pressed", String(k === token));
      set(row.button, "aria-label", this.labels.probabilityOf({ token: words[k], p: short(p[k], 3) }));
    });
  }

  listed(p, token) {
    const all = p.map((_, k) => k);
    if (p.length <= ALL) return all;
    const best = all.sort((a, b) => p[b] - p[a]).slice(0, BEST);
    return token < 0 || token >= p.length || best.includes(token) ? best : [...best, token];
  }

  row() {
    const row = { bar: el("i"), number: el("span", { class: "number" }), note: el("span", { class: "note" }) };
    row.button = el("button", { type: "button", class: "token", onclick: () => this.onToken(row.k) });
    row.root = el("li", {}, row.button, el("span", { class: "track", "aria-hidden": "true" }, row.bar), row.number, row.note);
    this.root.append(row.root);
    return row;
  }
}

import { el, set } from "./dom.js";
import { exact, short } from "./numbers.js";

// Controls for words: a ranking with bars, a field that knows the words, a choice of one.

// Words with a number and a bar each. Rows are kept, and with them the keyboard's place.
export class Ranking {
  constructor(onPick) {
    this.onPick = onPick;
    this.rows = [];
    this.root = el("ol", { class: "ranking" });
  }

  update(rows) {
    while (this.rows.length > rows.length) this.rows.pop().root.remove();
    while (this.rows.length < rows.length) this.rows.push(this.row());
    rows.forEach(({ k, word, value, t, q, length, rank, rankOf, note = "" }, n) => {
      const row = this.rows[n];
      row.button.textContent = word;
      row.bar.style.width = `${Math.min(Math.abs(length), 1) * 100}%`;
      set(row.bar, "data-minus", length < 0);
      row.number.textContent = short(value, 3);
      for (const [name, mark] of Object.entries({ q, t, k, value: exact(value) })) set(row.number, `data-${name}`, mark);
      row.rank.textContent = rank ?? "";
      set(row.rank, "data-differs", rank !== undefined && rank !== t);
      set(row.rank, "title", rankOf);
      row.note.textContent = note;
    });
  }

  row() {
    const row = { bar: el("i"), number: el("span", { class: "number" }), rank: el("span", { class: "rank" }), note: el("span", { class: "aside" }) };
    row.button = el("button", { type: "button", class: "word", onclick: () => this.onPick(row.button.textContent) });
    row.root = el("li", {}, row.button, el("span", { class: "track", "aria-hidden": "true" }, row.bar), row.number, row.rank, row.note);
    this.root.append(row.root);
    return row;
  }
}

// A few buttons of which one is pressed.
export function choice(name, options, onChoose) {
  const buttons = options.map(([value, text]) => [value, el("button", { type: "button", onclick: () => onChoose(value) }, text)]);
  return {
    root: el("div", { class: "choice", role: "group", "aria-label": name }, buttons.map(([, button]) => button)),
    show: (value) => buttons.forEach(([own, button]) => set(button, "aria-pressed", String(own === value))),
  };
}

// A field for one of the words; the browser offers them as the reader types.
export function wordField({ name, list, words, hint, onWord, empty, say, unknown }) {
  const take = (event, isDone) => {
    const word = event.target.value.trim();
    if (words().includes(word) || (isDone && empty && word === "")) onWord(word);
    else if (isDone && word !== "") say(unknown({ word, V: words().length }));
  };
  return el("input", {
    type: "text", list, "aria-label": name, placeholder: hint, autocomplete: "off", autocapitalize: "off", spellcheck: "false", size: 10,
    oninput: (event) => take(event, false), onchange: (event) => take(event, true), onfocus: (event) => event.target.select(),
  });
}

// Rows of a ranking as a table for a spreadsheet.
export function csvText(rows) {
  const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return [["rank", "word", "cosine", "distance"], ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

import { set, svg } from "./dom.js";

// Two tables with the same rows as squares: the first to the left of the words, the second to the
// right. The area of a square is the size of a number, a hollow one is negative (Hinton's diagram).

const ROW = 16; // px
const HEAD = 24;
const LETTER_WIDE = 7.2; // px, about

export class TwoTables {
  // onPick(word) when a row is chosen; onHover(table or null, word, k) when the mouse is on a number
  constructor({ labels, onPick, onHover }) {
    this.labels = labels;
    this.marks = svg("g");
    this.names = svg("g");
    this.squares = ["plus", "minus"].map((kind) => svg("path", { class: kind }));
    this.root = svg("svg", {
      class: "two-tables", role: "img", "aria-label": labels.tablesPicture,
      onclick: (event) => { const at = this.at(event); if (at) onPick(at.word); },
      onpointermove: (event) => { const at = this.at(event); onHover(at?.table ?? null, at?.word, at?.k); },
      onpointerleave: () => onHover(null),
    }, this.marks, this.squares, this.names);
  }

  // Where things are at this width, and the names of the words.
  layout(words, d, width) {
    const key = JSON.stringify([words, d, width]);
    if (key === this.drawn) return;
    Object.assign(this, { drawn: key, words, d });
    const longest = Math.min(Math.max(...words.map((word) => word.length), 6), 14);
    const middle = longest * LETTER_WIDE + 40;
    this.cell = Math.min((width - middle - 8) / (2 * d), ROW + 4);
    this.left = (width - middle) / 2 - d * this.cell;
    this.right = (width + middle) / 2;
    this.middle = width / 2;
    const height = HEAD + words.length * ROW + 4;
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) set(this.root, name, value);
    const head = [[this.left, "inputTable", "e"], [this.right, "outputTable", "u"]].map(([x, name, q]) =>
      svg("text", { class: `head-${q}`, x: x + (d * this.cell) / 2, y: 14, "text-anchor": "middle" }, this.labels[name]));
    this.texts = words.map((word, k) => svg("text", { x: this.middle, y: this.y(k) + 12, "text-anchor": "middle" },
      word.length > 14 ? `${word.slice(0, 13)}…` : word));
    this.names.replaceChildren(...head, ...this.texts);
  }

  y(word) {
    return HEAD + word * ROW;
  }

  at(event) {
    const box = this.root.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const word = Math.floor((y - HEAD) / ROW);
    if (word < 0 || word >= this.words.length) return null;
    const found = [["input", this.left], ["output", this.right]].map(([table, from]) => [table, Math.floor((x - from) / this.cell)])
      .find(([, k]) => k >= 0 && k < this.d);
    return { word, table: found?.[0], k: found?.[1] };
  }

  // center: a row of the first table; context, negatives: rows of the second; largest: of all numbers
  update({ input, output, largest, center, context, negatives, selected }) {
    const paths = ["", ""];
    for (const [table, from] of [[input, this.left], [output, this.right]]) {
      table.forEach((value, n) => {
        const hollow = Number(value < 0);
        const side = (this.cell > ROW ? ROW - 2 : this.cell - 1) * Math.sqrt(Math.abs(value) / largest) - hollow;
        if (!(side > 0.3)) return;
        const x = from + ((n % this.d) + 0.5) * this.cell - side / 2;
        const y = this.y(Math.floor(n / this.d)) + (ROW - side) / 2;
        paths[hollow] += `M${x.toFixed(1)} ${y.toFixed(1)}h${side.toFixed(1)}v${side.toFixed(1)}h${(-side).toFixed(1)}z`;
      });
    }
    this.squares.forEach((path, n) => set(path, "d", paths[n]));
    const width = this.d * this.cell + 6;
    const band = (role, sign, row, first) => {
      const y = this.y(row);
      const inner = first ? this.left + width - 3 + 9 : this.right - 12;
      return [svg("rect", { class: `row ${role}`, x: (first ? this.left : this.right) - 3, y, width, height: ROW, rx: 4 }),
        svg("text", { class: `sign ${role}`, x: inner, y: y + 12, "text-anchor": "middle" }, sign)];
    };
    this.marks.replaceChildren(...band("center", "●", center, true), ...band("context", "+", context, false),
      ...[...new Set(negatives)].flatMap((row) => band("negative", "−", row, false)));
    this.texts.forEach((text, k) => { if (text.hasAttribute("class") !== (k === selected)) set(text, "class", k === selected && "selected"); });
  }
}

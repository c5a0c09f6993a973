import { el, set, svg, uniqueId } from "./dom.js";

// The one-hot matrix: a row for each token, a column for each word, and under the columns their
// sums, the bag of words. The column of row names stands still while the rest may scroll.

const ROW = 26; // px, as in the style sheet
const SUMS = 10; // px between the last row and the sums
const NAME = 12; // characters of a word that stand above its column
const SLANT = 58; // degrees

export class OneHotPicture {
  constructor({ labels, onRow }) {
    Object.assign(this, { labels, onRow, id: uniqueId("zeros") });
    this.names = el("div", { class: "names", "aria-hidden": "true" });
    this.box = el("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": labels.matrix,
      onscroll: () => this.point(null) });
    this.note = el("p", { class: "reads" });
    this.root = el("div", { class: "matrix-part" }, el("div", { class: "matrix" }, this.names, this.box), this.note);
  }

  update(view) {
    const { rows, tokens, columns, cell, words } = view;
    const key = JSON.stringify([rows, tokens, columns, cell, words.length]);
    this.view = view;
    if (this.key !== key) this.draw();
    this.key = key;
    this.point(null);
    this.showColumn();
  }

  draw() {
    const { labels, view } = this;
    const { rows, columns, cell, words, T } = view;
    const longest = Math.max(0, ...columns.map(({ name = "" }) => widthOf(name)));
    const slant = (SLANT * Math.PI) / 180;
    const head = (this.head = Math.ceil(longest * Math.sin(slant)) + 30);
    const [wide, high] = [columns.length * cell, head + rows.length * ROW + SUMS + ROW];
    this.height = high;
    this.names.style.paddingTop = `${head}px`;
    this.names.replaceChildren(
      ...rows.map(({ token, unknown }) => el("div", { class: "name", "data-unknown": unknown }, token)),
      el("div", { class: "name sums", style: `margin-top:${SUMS}px` }, labels.bag));
    this.rowBand = svg("rect", { class: "band", width: wide, height: ROW, rx: 4 });
    this.columnBand = svg("rect", { class: "band", y: head - 20, width: cell, height: high - head + 20, rx: 4 });
    this.box.replaceChildren(svg("svg", {
      class: "picture", width: wide + Math.ceil(longest * Math.cos(slant)), height: high,
      role: "img", "aria-label": labels.matrixSays({ T, V: words.length }),
      onpointermove: (event) => this.point(this.placeOf(event)), onpointerleave: () => this.point(null),
      onclick: (event) => this.press(this.placeOf(event)),
    }, this.rowBand, this.columnBand, this.heads(), this.zeros(), this.ones(), this.sums(wide)));
  }

  middle(n) {
    return (n + 0.5) * this.view.cell;
  }

  // Where the text of row t stands.
  line(t) {
    return this.head + (t + 0.5) * ROW + 4.5;
  }

  heads() {
    return this.view.columns.flatMap(({ k, name }, n) => [
      svg("text", { class: "word", transform: `translate(${this.middle(n) + 4} ${this.head - 24}) rotate(${-SLANT})` }, name ?? "⋯"),
      k === undefined ? null : svg("text", { class: "k", x: this.middle(n), y: this.head - 7 }, String(k)),
    ]);
  }

  // All zeros are one pattern, which the ones then cover: drawing a thousand texts would take long.
  zeros() {
    const { rows, columns, cell } = this.view;
    const zero = svg("text", { class: "zero", x: this.middle(0), y: ROW / 2 + 4.5 }, "0");
    const pattern = svg("pattern", { id: this.id, patternUnits: "userSpaceOnUse", y: this.head, width: cell, height: ROW }, zero);
    const area = { y: this.head, width: cell, height: rows.length * ROW, fill: `url(#${this.id})` };
    return [pattern, ...columns.map(({ k }, n) => (k === undefined ? null : svg("rect", { x: n * cell, ...area })))];
  }

  ones() {
    const { rows, columns, cell } = this.view;
    const side = Math.min(cell, ROW) - 4;
    return rows.flatMap(({ index, unknown }, t) => {
      const n = columns.findIndex(({ k }) => k === index);
      if (n < 0) return [];
      const corner = { x: this.middle(n) - side / 2, y: this.head + (t + 0.5) * ROW - side / 2 };
      return [
        svg("rect", { class: "lit", "data-unknown": unknown, ...corner, width: side, height: side, rx: 4 }),
        svg("text", { class: "one", "data-unknown": unknown, x: this.middle(n), y: this.line(t) }, "1"),
      ];
    });
  }

  sums(wide) {
    const { rows, columns, counts } = this.view;
    const y = this.head + rows.length * ROW + SUMS / 2;
    return [svg("line", { class: "rule", x2: wide, y1: y, y2: y }), ...columns.map(({ k }, n) => (k === undefined ? null
      : svg("text", { class: counts[k] ? "count" : "zero", x: this.middle(n), y: this.line(rows.length) + SUMS }, String(counts[k]))))];
  }

  placeOf({ offsetX, offsetY }) {
    const { rows, columns, cell } = this.view;
    const n = Math.floor(offsetX / cell);
    const t = Math.floor((offsetY - this.head) / ROW);
    const sums = offsetY >= this.height - ROW;
    return n < columns.length && (sums || (t >= 0 && t < rows.length)) ? { n, t: sums ? null : t } : null;
  }

  press(place) {
    if (place && place.t !== null) this.onRow(place.t);
  }

  // Lights up the row and the column of a place; without one, those of the chosen token.
  point(place) {
    const { rows, columns, cell, words, counts, selected } = this.view;
    const { labels } = this;
    const own = selected < 0 ? null : { t: selected, n: columns.findIndex(({ k }) => k === rows[selected].index) };
    const { t = null, n = -1 } = place ?? own ?? {};
    set(this.rowBand, "y", this.head + (t ?? 0) * ROW);
    set(this.columnBand, "x", n * cell);
    set(this.rowBand, "visibility", t === null ? "hidden" : null);
    set(this.columnBand, "visibility", n < 0 ? "hidden" : null);
    const k = place ? columns[n].k : undefined;
    const about = k === undefined ? null : { k, word: words[k] };
    this.note.textContent = !about ? labels.readMatrix
      : t === null ? labels.sum({ ...about, value: counts[k] })
      : labels.cell({ ...about, t: t + 1, token: rows[t].token, value: rows[t].index === k ? 1 : 0 });
  }

  // The column of the chosen token is brought into view inside the box.
  showColumn() {
    const { rows, columns, cell, selected } = this.view;
    if (selected < 0 || this.shown === `${this.key} ${selected}`) return;
    this.shown = `${this.key} ${selected}`;
    const n = columns.findIndex(({ k }) => k === rows[selected].index);
    const { scrollLeft, clientWidth } = this.box;
    if (n * cell < scrollLeft || (n + 1) * cell > scrollLeft + clientWidth) this.box.scrollLeft = (n + 0.5) * cell - clientWidth / 2;
  }
}

// The same matrix without words and numbers: only where its ones are, in the columns given.
export function thumbnail(indices, columns) {
  const side = indices.length > 12 ? 5 : 8;
  const [width, height] = [columns.length * side, indices.length * side];
  const ones = indices.map((index, t) => [t, columns.findIndex(({ k }) => k === index)]);
  return svg("svg", { class: "thumbnail", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    svg("rect", { class: "ground", width, height }),
    ones.filter(([, n]) => n >= 0).map(([t, n]) => svg("rect", { class: "lit", x: n * side, y: t * side, width: side, height: side })));
}

// About how wide a word is above its column; Chinese signs are wider than letters.
function widthOf(name) {
  return [...name].reduce((width, sign) => width + (sign > "\u2e7f" ? 14 : 9), 0);
}

// What stands above a column, and how: a long word is cut.
export function columnName(word) {
  const signs = [...word];
  return signs.length > NAME ? `${signs.slice(0, NAME - 1).join("")}…` : word;
}

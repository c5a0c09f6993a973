import { el, set, svg } from "./dom.js";
import { exact, short, subscript } from "./numbers.js";

// The source as a row of buttons, what the decoder looks at as arrows to them, and below the map of
// attention: a row for each output token so far, a square for each weight, its area the weight.
//
// All buttons are one grid with one place in the order of Tab; arrow keys move inside it.

const COLUMN = { least: 24, most: 40 }; // px
const HEAD = { narrow: 66, wide: 74 }; // px of what stands before a row
const ARROWS = { height: 112, line: 14, node: 82 }; // px
const FAINT = 0.02; // weights below this have no arrow
const NAME = 8; // characters of a token in the decoder's box
const BOX = 64; // px of half that box, at least

const clipped = (token) => ([...token].length > NAME ? `${[...token].slice(0, NAME - 1).join("")}…` : token);

const strongest = (weights) => weights.indexOf(Math.max(...weights));

export class AttentionBoard {
  constructor({ labels, onSource, onWeight }) {
    Object.assign(this, { labels, onSource, onWeight, rows: [], place: { row: 0, j: 0 } });
    this.sources = [];
    this.sourceLine = el("div", { class: "line sources" });
    this.drawing = svg("svg", { class: "arrows", role: "img", height: ARROWS.height });
    this.arrowLine = el("div", { class: "line" }, el("span", { class: "head" }), this.drawing);
    this.map = el("div", { class: "map", role: "group", "aria-label": labels.map });
    this.box = el("div", { class: "board", role: "group", "aria-label": labels.board, onkeydown: (event) => this.onKey(event) },
      this.sourceLine, this.arrowLine, this.map);
    this.root = el("div", {}, this.box);
  }

  update(view) {
    const { tokens, width } = view;
    this.view = view;
    this.head = HEAD[width < 480 ? "narrow" : "wide"];
    this.column = Math.min(COLUMN.most, Math.max(COLUMN.least, Math.floor((width - this.head) / Math.max(tokens.length, 1))));
    this.box.style.setProperty("--head", `${this.head}px`);
    this.box.style.setProperty("--column", `${this.column}px`);
    this.showSources();
    this.showArrows();
    this.showMap();
    this.tabStop();
    this.reveal();
  }

  // ---------------------------------------------------------------------------------- the source
  showSources() {
    const { labels, view } = this;
    const { tokens, known, reading, t, column } = view;
    while (this.sources.length > tokens.length) this.sources.pop().remove();
    while (this.sources.length < tokens.length) {
      const j = this.sources.length;
      this.sources.push(el("button", { type: "button", class: "source", tabindex: "-1", onclick: () => this.press(0, j) }));
    }
    if (this.sourceLine.childElementCount !== tokens.length + 1) this.sourceLine.replaceChildren(el("span", { class: "head" }, labels.source), ...this.sources);
    tokens.forEach((token, j) => {
      const button = this.sources[j];
      if (button.textContent !== token) button.textContent = token;
      set(button, "aria-label", (known[j] ? labels.sourceToken : labels.sourceUnknown)({ j: j + 1, token }));
      set(button, "title", known[j] ? null : labels.unknownMark);
      set(button, "data-unknown", !known[j]);
      set(button, "data-later", j >= reading);
      set(button, "aria-current", t === 0 && j === reading - 1 ? "step" : null);
      set(button, "aria-pressed", t > 0 ? String(j === column) : null);
    });
  }

  middle(j) {
    return (j + 0.5) * this.column;
  }

  // ---------------------------------------------------------------------------------- the arrows
  showArrows() {
    const { labels, view } = this;
    const { tokens, reading, t, now, reads, writes, says } = view;
    const { line, node } = ARROWS;
    const { alpha } = now ?? {};
    const last = tokens.length - 1;
    const wide = Math.max(tokens.length * this.column, 190) + (now && !alpha ? BOX + 14 : 0);
    set(this.drawing, "width", wide);
    set(this.drawing, "aria-label", says);
    const read = tokens.map((_, j) => svg("circle", { class: j < reading ? "read" : "unread", cx: this.middle(j), cy: line, r: j === reading - 1 && t === 0 ? 6 : 4 }));
    const road = reading > 0 ? svg("path", { class: "road", d: `M${this.middle(0)} ${line}H${this.middle(reading - 1)}` }) : null;
    const parts = [road, ...read];
    if (t === 0 && reading > 0) {
      const x = Math.min(Math.max(this.middle(reading - 1), 12), wide - 12);
      parts.push(svg("text", { class: "label state", x, y: line + 24 }, `s${subscript(reading)}`));
    }
    if (now) {
      const weights = alpha ?? tokens.map((_, j) => (j === last ? 1 : 0)); // without attention: the last state
      const text = [`${clipped(reads)} → `, `h${subscript(t)}`, ` → ${clipped(writes)}`];
      const half = Math.max(BOX, text.join("").length * 4.6 + 10);
      const x = Math.min(Math.max(this.middle(strongest(weights)), half + 2), wide - half - 2);
      weights.forEach((a, j) => { if (a >= FAINT) parts.push(this.arrow(x, node - 2, this.middle(j), line + 7, a)); });
      parts.push(svg("rect", { class: "node", x: x - half, y: node, width: 2 * half, height: 27, rx: 7 }),
        svg("text", { class: "label", x, y: node + 18 }, svg("tspan", {}, text[0]), svg("tspan", { class: "state" }, text[1]), svg("tspan", {}, text[2])));
      if (!alpha) parts.push(svg("text", { class: "label state", x: this.middle(last) + 42, y: line + 36 }, `s${subscript(tokens.length)} = h₀`));
    }
    set(this.drawing, "data-plain", Boolean(now && !alpha));
    this.drawing.replaceChildren(...parts.filter(Boolean));
  }

  arrow(x, y, x1, y1, a) {
    const [tip, bend] = [y1 + 8, (y - y1) * 0.55];
    return svg("g", { class: "arrow", opacity: (0.4 + 0.6 * a).toFixed(2), "data-weight": exact(a) },
      svg("path", { d: `M${x} ${y}C${x} ${y - bend} ${x1} ${tip + bend} ${x1} ${tip}`, "stroke-width": (1 + 5 * a).toFixed(1) }),
      svg("path", { class: "tip", d: `M${x1} ${y1}l${-5} 9h10z` }));
  }

  // ------------------------------------------------------------------------------------- the map
  showMap() {
    const { labels, view } = this;
    const { path, tokens, column, attention } = view;
    const rows = attention ? path : [];
    this.map.hidden = rows.length === 0;
    while (this.rows.length > rows.length) this.rows.pop().root.remove();
    while (this.rows.length < rows.length) this.rows.push(this.row(this.rows.length + 1));
    rows.forEach(({ step, word }, n) => {
      const row = this.rows[n];
      const current = n === rows.length - 1;
      while (row.cells.length > tokens.length) row.cells.pop().remove();
      while (row.cells.length < tokens.length) this.addCell(row, n + 1);
      if (row.step !== step || row.tokens !== tokens || row.column !== this.column) {
        Object.assign(row, { step, tokens, column: this.column });
        row.cells.forEach((cell, j) => {
          const side = Math.sqrt(step.alpha[j]) * (this.column - 4);
          cell.firstChild.style.cssText = `width:${side.toFixed(1)}px;height:${side.toFixed(1)}px`;
          const name = labels.weight({ t: n + 1, word, j: j + 1, token: tokens[j], a: short(step.alpha[j], 3) });
          for (const [attribute, value] of Object.entries({ "data-value": exact(step.alpha[j]), title: name, "aria-label": name })) set(cell, attribute, value);
        });
      }
      row.head.textContent = `${n + 1} ${clipped(word)}`;
      set(row.root, "data-now", current);
      row.cells.forEach((cell, j) => set(cell, "aria-pressed", String(current && j === column)));
    });
  }

  row(t) {
    const head = el("span", { class: "head" });
    const row = { head, cells: [], root: el("div", { class: "line map-row" }, head) };
    this.map.append(row.root);
    return row;
  }

  addCell(row, t) {
    const j = row.cells.length;
    const cell = el("button", { type: "button", class: "weight", tabindex: "-1", onclick: () => this.press(t, j) }, el("i"));
    row.cells.push(cell);
    row.root.append(cell);
  }

  // ---------------------------------------------------------------------------------- the places
  buttonAt({ row, j }) {
    return (row === 0 ? this.sources : this.rows[row - 1]?.cells)?.[j];
  }

  tabStop() {
    const row = Math.min(this.place.row, this.rows.length);
    this.place = { row, j: Math.min(this.place.j, Math.max(this.sources.length - 1, 0)) };
    const stop = this.buttonAt(this.place);
    if (this.stop === stop) return;
    if (this.stop) set(this.stop, "tabindex", "-1");
    if (stop) set(stop, "tabindex", "0");
    this.stop = stop;
  }

  press(row, j) {
    this.place = { row, j };
    if (row === 0) this.onSource(j);
    else this.onWeight(row, j);
  }

  onKey(event) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || !event.target.closest("button")) return;
    event.preventDefault();
    event.stopPropagation();
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    this.place = { row: within(this.place.row + move[0], this.rows.length), j: within(this.place.j + move[1], this.sources.length - 1) };
    this.tabStop();
    this.buttonAt(this.place)?.focus();
  }

  // What this step is about is brought into view inside the box.
  reveal() {
    const { reading, now, t } = this.view;
    const j = t === 0 ? reading - 1 : now?.alpha ? strongest(now.alpha) : this.sources.length - 1;
    const room = t === 0 ? 0 : BOX; // on both sides, for the decoder's box
    const key = `${t} ${j} ${this.column}`;
    if (j < 0 || this.shown === key) return;
    this.shown = key;
    const { scrollLeft, clientWidth } = this.box;
    const [from, to] = [j * this.column - room, (j + 1) * this.column + this.head + room];
    if (from < scrollLeft || to > scrollLeft + clientWidth) this.box.scrollLeft = this.middle(j) - (clientWidth - this.head) / 2;
  }
}
